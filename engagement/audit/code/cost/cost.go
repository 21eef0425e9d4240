// Package cost turns a finding's counts into time, memory and money, and keeps the origin of every
// input.
//
// No formula holds a constant rate: rates come from a profile (measured here, published, or given by
// the user), cardinalities from flags, from the audited files (a page size, a limit) or from a stated
// assumption that names the flag which replaces it. Formulas are printed with the names of their
// inputs, and the printed inputs are the ones that were computed with.
package cost

import (
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Model prices findings. It is read-only after it was made and safe for concurrent use.
type Model struct {
	Profile *rate.Profile      // nil: the published rates
	Rows    map[string]float64 // rows per table given by the user, lower-case names
	RPS     float64            // requests per second to an entry point, given by the user; 0 when not given
	// Guess returns the likely rows of a table and half a sentence with the reason. What it says is an
	// assumption. May be nil.
	Guess func(table string) (rows float64, why string)
}

// Assumed figures. Each is printed as an assumption together with the flag that replaces it; none is
// a rate of hardware or software.
const (
	assumedTableRows = 1e6 // a table of an application that has a problem
	assumedPage      = 50  // rows on a page whose size the code does not tell
	assumedBatch     = 1000
	assumedList      = 1000 // rows of a query without any bound
	assumedRPS       = 10   // requests per second to one entry point
	assumedChildren  = 10   // rows of a relation of one row
	assumedParts     = 5    // the same where they are parts: lines, recipients, addresses
	assumedElements  = 20   // elements of a list that is not known to be rows
)

func (m *Model) profile() *rate.Profile {
	if m == nil || m.Profile == nil {
		return rate.Embedded()
	}
	return m.Profile
}

// Rate returns a base rate as an input: latencies in ms, sizes in bytes, throughputs per second.
func (m *Model) Rate(symbol, name string) report.Input {
	r, ok := m.profile().Get(name)
	if !ok {
		return report.Input{Name: symbol, Unit: "", Origin: report.Assumed, Detail: "no rate named " + name}
	}
	in := report.Input{Name: symbol, Value: r.Value, Detail: r.What + "; " + strings.TrimPrefix(r.Provenance(), "published, ")}
	switch r.Kind {
	case rate.Latency:
		in.Value, in.Unit = r.Value*1000, "ms"
	case rate.Size:
		in.Unit = "B"
	case rate.Price:
		in.Unit = "$/" + r.Of
	default:
		in.Unit = r.Of + "/s"
	}
	switch r.Origin {
	case rate.Measured:
		in.Origin = report.Measured
	case rate.Given:
		in.Origin = report.Flag
	default:
		in.Origin = report.Published
	}
	return in
}

// RTT is the round trip to the database in ms.
func (m *Model) RTT() report.Input { return m.Rate("T", rate.TCPRoundTrip) }

// Statement is what one small statement costs besides the round trip, in ms.
func (m *Model) Statement() report.Input { return m.Rate("q", rate.PostgresStatement) }

// TableRows returns the rows of a table: given by the user, or assumed.
func (m *Model) TableRows(table string) report.Input {
	in := report.Input{Name: "N", Unit: "rows"}
	key := strings.ToLower(table)
	if m != nil {
		if v, ok := m.Rows[key]; ok {
			in.Value, in.Origin, in.Detail = v, report.Flag, "--rows "+table+"="+fmt.Sprintf("%g", v)
			return in
		}
	}
	in.Value, in.Origin = assumedTableRows, report.Assumed
	in.Detail = "rows of " + table
	if m != nil && m.Guess != nil {
		v, why := m.Guess(table)
		in.Value, in.Detail = v, in.Detail+": "+why
	}
	in.Detail += "; give the real number with --rows " + table + "=N"
	return in
}

// Page returns the rows that one page or loop handles: limit when the code tells it (detail says
// where), else an assumption.
func (m *Model) Page(limit int, detail string) report.Input {
	if limit > 0 {
		return report.Input{Name: "R", Value: float64(limit), Unit: "rows", Origin: report.Read, Detail: detail}
	}
	return report.Input{Name: "R", Value: assumedPage, Unit: "rows", Origin: report.Assumed, Detail: "rows of one page or loop; the code does not tell. With --rows " + "TABLE=N the table's size bounds it"}
}

// Loop returns the rows that a loop over a table handles: a limit that the code tells, else the page
// assumption, never more than the table has when the user gave that.
func (m *Model) Loop(limit int, detail, table string, paged bool) report.Input {
	in := m.Page(limit, detail)
	if limit > 0 {
		return in
	}
	if m != nil && table != "" {
		if v, ok := m.Rows[strings.ToLower(table)]; ok && (!paged || v < in.Value) {
			in.Value, in.Origin, in.Detail = v, report.Flag, "the loop is not bounded by the code: all rows of "+table+" (--rows)"
			return in
		}
	}
	if table != "" {
		in.Detail = "rows of " + table + " in one page or loop; the code does not tell, give --rows " + table + "=N"
	}
	return in
}

// Frequency returns events per second of one entry point.
func (m *Model) Frequency() report.Input {
	if m != nil && m.RPS > 0 {
		return report.Input{Name: "f", Value: m.RPS, Unit: "1/s", Origin: report.Flag, Detail: "--rps"}
	}
	return report.Input{Name: "f", Value: assumedRPS, Unit: "1/s", Origin: report.Assumed, Detail: "requests per second to this path; give --rps"}
}

// Traffic returns events per second of an entry point whose kind says that it is not an ordinary read
// of users: often is the usual rate where a read has assumedRPS, why is half a sentence.
func (m *Model) Traffic(often float64, why string) report.Input {
	f := m.Frequency()
	if often == assumedRPS {
		return f
	}
	f.Detail = fmt.Sprintf("%s: taken as %g of the rate of a read; give --rps", why, often/assumedRPS)
	f.Value, f.Origin = f.Value*often/assumedRPS, report.Assumed
	return f
}

// AtRate sets how often the event of a cost happens.
func (m *Model) AtRate(c *report.Cost, f report.Input) *report.Cost {
	for i, in := range c.Inputs {
		if in.Name == f.Name {
			c.Inputs = append(c.Inputs[:i:i], c.Inputs[i+1:]...)
			break
		}
	}
	c.Inputs = append(c.Inputs, f)
	c.PerDay = (c.Now - c.Fixed) * f.Value * 86400
	if m != nil && m.RPS > 0 {
		c.Dollars *= f.Value / m.RPS
	}
	return c
}

// hoursPerMonth is a year's hours over twelve, as clouds bill.
const hoursPerMonth = 730

// priced adds what the processor time that a fix saves costs in a month, at the rate that the user gave
// and the price of a virtual CPU in a cloud. Waiting for the network or a disk keeps no processor busy,
// so cpu, in ms per event, is without round trips and commits. Without a given rate there is no price.
func (m *Model) priced(c *report.Cost, cpu float64) *report.Cost {
	if m == nil || m.RPS <= 0 || c.Event != "request" || cpu <= 0 {
		return c
	}
	p := m.Rate("p", rate.CloudVCPU)
	if p.Value <= 0 {
		return c
	}
	c.Dollars = cpu / 1000 * m.RPS * hoursPerMonth * p.Value
	if !slices.ContainsFunc(c.Inputs, func(in report.Input) bool { return in.Name == p.Name }) {
		c.Inputs = append(c.Inputs, p)
	}
	return c
}

// Statements is the cost of sending a number of small statements against fixed ones, in ms, where no
// single number of rows explains it: parts says how it adds up.
func (m *Model) Statements(now, fixed float64, origin report.Origin, parts, event string) *report.Cost {
	t, q := m.RTT(), m.Statement()
	c := &report.Cost{
		Now: now * (t.Value + q.Value), Fixed: fixed * (t.Value + q.Value), Unit: "ms", Event: event, Formula: "n x (T + q) -> s x (T + q)",
		Inputs: []report.Input{{Name: "n", Value: now, Unit: "statements", Origin: origin, Detail: parts}, t, q, Count("s", fixed, "statements", "statements after the fix")},
	}
	return m.priced(m.perDay(c), (now-fixed)*q.Value)
}

// Children is the number of rows that one row owns through a relation: no page bounds it and the table
// does not tell it. few says that they are parts of one thing, such as the lines of an order.
func (m *Model) Children(few bool, detail string) report.Input {
	n := float64(assumedChildren)
	if few {
		n = assumedParts
	}
	return Assume("R", n, "rows", detail)
}

// Run is the number of rows that one run of a task walks, where nothing bounds it.
func (m *Model) Run(detail string) report.Input {
	return Assume("R", assumedList, "rows", detail)
}

// Elements is the length of a list of which the code shows only the name.
func (m *Model) Elements(detail string) report.Input {
	return Assume("R", assumedElements, "elements", detail)
}

// Count makes an input that was read from the code.
func Count(symbol string, v float64, unit, detail string) report.Input {
	return report.Input{Name: symbol, Value: v, Unit: unit, Origin: report.Read, Detail: detail}
}

// Assume makes an input that is assumed; detail says how to replace it.
func Assume(symbol string, v float64, unit, detail string) report.Input {
	return report.Input{Name: symbol, Value: v, Unit: unit, Origin: report.Assumed, Detail: detail}
}

// PerRow is the cost of n statements per row of a loop against fixed statements in all: the price of
// an N+1. The unit is ms per event.
func (m *Model) PerRow(rows report.Input, n float64, fixed float64, event string) *report.Cost {
	t, q := m.RTT(), m.Statement()
	c := &report.Cost{
		Now: rows.Value * n * (t.Value + q.Value), Fixed: fixed * (t.Value + q.Value), Unit: "ms", Event: event,
		Formula: formula("R x k x (T + q) -> s x (T + q)", n),
		Inputs:  []report.Input{rows, t, q, Count("s", fixed, "statements", "statements after the fix")},
	}
	if n != 1 {
		c.Inputs = append(c.Inputs, Count("k", n, "statements", "statements per row"))
	}
	return m.priced(m.perDay(c), (rows.Value*n-fixed)*q.Value)
}

func formula(s string, n float64) string {
	if n == 1 {
		return strings.Replace(s, "R x k x", "R x", 1)
	}
	return s
}

// Scan is the cost of finding few rows of a table without an index against an index descent, in ms.
func (m *Model) Scan(table, event string) *report.Cost {
	n, b, s := m.TableRows(table), m.Rate("B", rate.PostgresRowBytes), m.Rate("S", rate.PostgresSeqScan)
	d, t, q := m.Rate("d", rate.IndexDescent), m.RTT(), m.Statement()
	c := &report.Cost{
		Now: n.Value*b.Value/s.Value*1000 + t.Value + q.Value, Fixed: d.Value + t.Value + q.Value, Unit: "ms", Event: event,
		Formula: "N x B / S + T + q -> d + T + q", Inputs: []report.Input{n, b, s, d, t, q},
	}
	return m.priced(m.perDay(c), c.Now-c.Fixed)
}

// ScanDocuments is Scan with a JSON document, an array or the like unpacked and tested in each row.
func (m *Model) ScanDocuments(table, event string) *report.Cost {
	return m.scanWith(table, "U", rate.PostgresDocuments, event)
}

// ScanFunction is Scan with a function called for each row.
func (m *Model) ScanFunction(table, event string) *report.Cost {
	return m.scanWith(table, "U", rate.PostgresFunction, event)
}

// scanWith adds work for each row of a scan at a rate of rows a second.
func (m *Model) scanWith(table, symbol, name, event string) *report.Cost {
	c := m.Scan(table, event)
	u := m.Rate(symbol, name)
	c.Now += c.Inputs[0].Value / u.Value * 1000
	c.Formula = "N x B / S + N / " + symbol + " + T + q -> d + T + q"
	c.Inputs = append(c.Inputs, u)
	return m.priced(m.perDay(c), c.Now-c.Fixed)
}

// ScanAndSort is Scan with a sort of the matching rows.
func (m *Model) ScanAndSort(table string, rows report.Input, event string) *report.Cost {
	c := m.Scan(table, event)
	k := m.Rate("K", rate.PostgresSortRows)
	rows.Name = "M"
	c.Now += rows.Value / k.Value * 1000
	c.Formula = "N x B / S + M / K + T + q -> d + T + q"
	c.Inputs = append(c.Inputs, rows, k)
	return m.priced(m.perDay(c), c.Now-c.Fixed)
}

// SortOnly is the cost of a page of one owner's rows that an index finds, but not in the order of the
// page, in ms: all of them are read and sorted.
func (m *Model) SortOnly(rows report.Input, event string) *report.Cost {
	n, b, s := rows, m.Rate("B", rate.PostgresRowBytes), m.Rate("S", rate.PostgresSeqScan)
	n.Name = "M"
	d, t, q, k := m.Rate("d", rate.IndexDescent), m.RTT(), m.Statement(), m.Rate("K", rate.PostgresSortRows)
	fixed := d.Value + t.Value + q.Value
	c := &report.Cost{
		Now: fixed + n.Value*b.Value/s.Value*1000 + n.Value/k.Value*1000, Fixed: fixed, Unit: "ms", Event: event,
		Formula: "d + M x B / S + M / K + T + q -> d + T + q", Inputs: []report.Input{n, b, s, k, d, t, q},
	}
	return m.priced(m.perDay(c), c.Now-c.Fixed)
}

// Commits says how often a loop of writes commits, now and after the fix.
type Commits struct {
	Now   bool // each statement commits by itself: no transaction is around the loop
	Fixed bool // the rows are written in bulk; else only a transaction is put around the loop
}

// Writes is the cost of n statements that write for each row of a loop, in ms, against one bulk
// statement or, where each row must be written by itself, against one transaction.
func (m *Model) Writes(rows report.Input, n float64, c Commits, event string) *report.Cost {
	t, q, f := m.RTT(), m.Statement(), m.Rate("F", rate.Fsync)
	each, all := rows.Value*n*(t.Value+q.Value), rows.Value*n
	out := &report.Cost{Unit: "ms", Event: event, Inputs: []report.Input{rows, t, q, f}}
	if c.Now {
		out.Now, out.Formula = each+all*f.Value, "R x k x (T + q + F)"
	} else {
		out.Now, out.Formula = each+f.Value, "R x k x (T + q) + F"
	}
	if c.Fixed {
		w := m.Rate("W", rate.PostgresInsertRows)
		out.Fixed, out.Formula = n*(t.Value+q.Value)+f.Value+all/w.Value*1000, out.Formula+" -> k x (T + q) + F + R x k / W"
		out.Inputs = append(out.Inputs, w)
	} else {
		out.Fixed, out.Formula = each+f.Value, out.Formula+" -> R x k x (T + q) + F"
	}
	if n != 1 {
		out.Inputs = append(out.Inputs, Count("k", n, "statements", "statements per row"))
	} else {
		out.Formula = strings.ReplaceAll(out.Formula, " x k", "")
		out.Formula = strings.ReplaceAll(out.Formula, "k x ", "")
	}
	return m.perDay(out)
}

// Memory is the memory of loading rows as objects against a bounded number of them, in MB.
func (m *Model) Memory(rows report.Input, keep float64, object, event string) *report.Cost {
	b := m.Rate("B", object)
	c := &report.Cost{
		Now: rows.Value * b.Value / 1e6, Fixed: keep * b.Value / 1e6, Unit: "MB", Event: event,
		Formula: "R x B -> k x B", Inputs: []report.Input{rows, b, Count("k", keep, "rows", "rows held at a time after the fix")},
	}
	return c
}

// Calls is the cost of n remote calls of a named rate against fixed of them, in ms.
func (m *Model) Calls(rateName string, rows report.Input, fixed float64, event string) *report.Cost {
	t := m.Rate("T", rateName)
	c := &report.Cost{
		Now: rows.Value * t.Value, Fixed: fixed * t.Value, Unit: "ms", Event: event,
		Formula: "R x T -> s x T", Inputs: []report.Input{rows, t, Count("s", fixed, "calls", "calls after the fix")},
	}
	return m.perDay(c)
}

// Hold is how long a resource (connection, lock, worker) is held: now and after the fix, in ms. The
// symbols name the inputs that add up to each.
func (m *Model) Hold(now, fixed []report.Input, event string) *report.Cost {
	c := &report.Cost{Unit: "ms", Event: event}
	sum := func(in []report.Input) (float64, string) {
		v, names := 0.0, []string{}
		for _, i := range in {
			v += i.Value
			names = append(names, i.Name)
		}
		if len(names) == 0 {
			return 0, "0"
		}
		return v, strings.Join(names, " + ")
	}
	var a, b string
	c.Now, a = sum(now)
	c.Fixed, b = sum(fixed)
	c.Formula = a + " -> " + b
	seen := map[string]bool{}
	for _, i := range append(append([]report.Input{}, now...), fixed...) {
		if !seen[i.Name] {
			seen[i.Name] = true
			c.Inputs = append(c.Inputs, i)
		}
	}
	return c
}

// perDay adds the saving per day at the entry point's frequency, in the cost's own unit, when the user
// gave that frequency: the product of two assumptions says nothing.
func (m *Model) perDay(c *report.Cost) *report.Cost {
	if c.Event != "request" || m == nil || m.RPS <= 0 {
		return c
	}
	f := m.Frequency()
	for _, in := range c.Inputs {
		if in.Name == f.Name {
			c.PerDay = (c.Now - c.Fixed) * f.Value * 86400
			return c
		}
	}
	c.Inputs = append(c.Inputs, f)
	c.PerDay = (c.Now - c.Fixed) * f.Value * 86400
	return c
}
