package datadiff

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// PlanKind names a plan.
type PlanKind string

// Plans. See the package comment.
const (
	Join     PlanKind = "join"
	Native   PlanKind = "native"
	Portable PlanKind = "portable"
	Stream   PlanKind = "stream"
)

// Plans lists the kinds of plans.
var Plans = []PlanKind{Stream, Native, Portable, Join}

// Plan is how a comparison is done, and why so.
type Plan struct {
	Kind PlanKind
	// Why is one sentence.
	Why string
	// Rows is the estimate of the rows of the larger side; Known is false where no statistics give one.
	Rows  int64
	Known bool
	// RangeRows is the number of rows of a range.
	RangeRows int64
	// Workers is the number of connections to each side.
	Workers int
	// Estimates are those of all plans, the chosen one included.
	Estimates []Estimate
	// Rates are what was measured of each side.
	Rates [2]SideRates
	// ProbeBytes is what the measuring received from each side, where connections are metered.
	ProbeBytes [2]int64
}

// Estimate is what a plan would take.
type Estimate struct {
	Kind PlanKind
	// Possible is false where the plan cannot be used; Why says the reason.
	Possible bool
	Why      string
	// Least is the physical limit: no implementation of the plan is faster on this link and these servers.
	Least limit.Item
	// Predicted is what it will take, in seconds.
	Predicted float64
	// Bytes is what will go over the links of both sides.
	Bytes int64
}

// Chosen returns the estimate of the plan that was chosen.
func (p *Plan) Chosen() Estimate {
	for _, e := range p.Estimates {
		if e.Kind == p.Kind && e.Least != nil {
			return e
		}
	}
	return Estimate{Kind: p.Kind, Least: limit.Series{}}
}

// SideRates are what was measured of one side, over its real link, without reading a row of the table.
type SideRates struct {
	RoundTrip time.Duration
	// Bandwidth is in bytes per second; 0 for a server on this machine that answers as one.
	Bandwidth float64
	// Row is the time per row of one session that streams rows, Client what of it are seconds of our
	// processor, Bytes what goes over the link for one.
	Row, Client float64
	Bytes       float64
	// Native and Portable are the time per row of one session that hashes; 0 where it cannot.
	Native, Portable float64
	// Local: the server shares our processors.
	Local bool
}

// near says whether nothing but the loopback lies between us and a server.
func (r SideRates) near() bool { return r.Local && r.Bandwidth == 0 }

const (
	// fingerprintBytes is what the fingerprint of a range costs on the link, both sides.
	fingerprintBytes = 2 * 48
	streamRangeBytes = 4 << 20
	hashRangeBytes   = 256 << 10
	unknownRows      = 1_000_000
	// rowOverhead is what PostgreSQL keeps of a row beside its columns.
	rowOverhead = 28
)

func (j *Job) choose(ctx context.Context) (Plan, error) {
	var p Plan
	p.Rows, p.Known = j.estimateRows()
	j.plan.Rows = p.Rows
	native, nativeWhy, err := j.nativeHash(ctx)
	if err != nil {
		return p, err
	}
	portable, portableWhy := j.portableHash()
	// MD5 costs a server several times what sending the row costs it, so that it never pays without a link
	// between; it is not worth the time of measuring it then.
	if portable && j.opts.Plan != Portable && j.loopback(ctx) {
		portable, portableWhy = false, "between servers on this machine sending the rows is always cheaper; --plan portable forces it"
	}
	var before [2]int64
	for side := range 2 {
		before[side] = j.received(side)
	}
	var g errgroup.Group
	// Servers that share our processors are measured one after the other.
	if j.side[0].Database.Local() && j.side[1].Database.Local() {
		g.SetLimit(1)
	}
	for side := range 2 {
		g.Go(func() (err error) {
			p.Rates[side], err = j.measure(ctx, side, native, portable)
			if err != nil {
				return fmt.Errorf("measure %s: %w", j.side[side].Name, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return p, err
	}
	for side := range 2 {
		p.ProbeBytes[side] = j.received(side) - before[side]
	}
	if j.workers == 0 {
		j.workers = remoteWorkers
		if p.Rates[0].near() && p.Rates[1].near() {
			// One pair of sessions leaves the faster side waiting for the slower one.
			j.workers = min(max(2, runtime.NumCPU()), mostLocalWorkers)
		}
	}
	p.Workers = j.workers
	join, joinWhy := j.canJoin()
	c := costs{p: &p, date: time.Now().Format(time.DateOnly), cores: runtime.NumCPU(), share: 1}
	if j.opts.Sample > 0 {
		c.share = j.opts.Sample
	}
	width := float64(max(j.pairing.A.Width(), j.pairing.B.Width()))
	p.Estimates = []Estimate{
		c.stream(),
		c.hash(Native, native, nativeWhy, width),
		c.hash(Portable, portable, portableWhy, width),
		c.join(j.side[0].Database.Kind(), join, joinWhy, width),
	}
	if err := p.pick(j.opts.Plan); err != nil {
		return p, err
	}
	p.RangeRows = j.opts.RangeRows
	if p.RangeRows == 0 {
		p.RangeRows = rangeRows(p.Kind, width, j.opts.Sample)
	}
	return p, nil
}

// rangeRows sizes the ranges: streams want few statements, hashes want little to read again.
func rangeRows(kind PlanKind, width, sample float64) int64 {
	bytes := float64(streamRangeBytes)
	most := 50_000.0
	if kind != Stream {
		bytes, most = hashRangeBytes, 4_000
	}
	if sample > 0 && sample < 1 {
		most = 1_000
	}
	return int64(max(64, min(bytes/max(width, 1), most)))
}

func (j *Job) estimateRows() (int64, bool) {
	n := max(j.pairing.A.Table.Rows, j.pairing.B.Table.Rows)
	if n >= 0 && (n > 0 || min(j.pairing.A.Table.Rows, j.pairing.B.Table.Rows) >= 0) {
		return n, true
	}
	// Never analyzed: the size of the table says about how many rows it can hold.
	for side := range 2 {
		rel := j.relation(side)
		if rel.Table.Bytes < 0 {
			return unknownRows, false
		}
		n = max(n, rel.Table.Bytes/int64(rel.Width()+rowOverhead))
	}
	return n, false
}

// pick chooses the fastest plan that is possible, or the one that was asked for.
func (p *Plan) pick(forced PlanKind) error {
	best := p.Estimates[0]
	for _, e := range p.Estimates {
		if forced == e.Kind && !e.Possible {
			return fmt.Errorf("the plan %s cannot be used: %s", forced, e.Why)
		}
		if e.Possible && (forced == e.Kind || forced == "" && e.Predicted < best.Predicted) {
			best = e
		}
	}
	if forced != "" && best.Kind != forced {
		return fmt.Errorf("there is no plan %q; plans are stream, native, portable, join", forced)
	}
	p.Kind = best.Kind
	switch {
	case forced != "":
		p.Why = "asked for"
	case best.Kind == Stream:
		p.Why = "sending the rows is at least as fast as hashing them on the servers"
	case best.Kind == Join:
		p.Why = "one server holds both tables and finds the rows that differ"
	default:
		p.Why = "hashing on the servers is faster than sending the rows"
	}
	return nil
}

// loopback says whether both servers answer as servers on this machine do.
func (j *Job) loopback(ctx context.Context) bool {
	for side := range 2 {
		if !j.side[side].Database.Local() {
			return false
		}
		s, err := j.side[side].Database.Open(ctx)
		if err != nil {
			return false // the measuring will tell
		}
		trip, err := s.RoundTrip(ctx)
		if err == nil {
			trip, err = s.RoundTrip(ctx) // the first one warms up
		}
		_ = s.Close() // nothing is written on it
		if err != nil || trip > farRoundTrip {
			return false
		}
	}
	return true
}

// noRanges says why the key cannot be cut into ranges that hold the same rows on both sides.
func (j *Job) noRanges() string {
	switch {
	case j.pairing.Key == 0:
		return "the tables have no key to cut ranges by"
	case !j.pairing.ordered && !j.pairing.ranked:
		return "the two sides may sort the key differently"
	}
	return ""
}

func (j *Job) nativeHash(ctx context.Context) (ok bool, why string, err error) {
	if why := j.noRanges(); why != "" {
		return false, why, nil
	}
	for _, c := range j.pairing.Columns {
		if c.Tolerance > 0 {
			return false, "hashes know no tolerance", nil
		}
	}
	var identity [2]string
	for side := range 2 {
		id, ok, err := j.side[side].Database.NativeHash(ctx, j.relation(side))
		if err != nil {
			return false, "", fmt.Errorf("%s: %w", j.side[side].Name, err)
		}
		if !ok {
			return false, j.side[side].Database.Product() + " cannot hash these columns exactly", nil
		}
		identity[side] = id
	}
	if identity[0] != identity[1] {
		return false, "products, versions or types of the two sides differ", nil
	}
	return true, "", nil
}

func (j *Job) portableHash() (ok bool, why string) {
	if why := j.noRanges(); why != "" {
		return false, why
	}
	for _, c := range j.pairing.Columns {
		if c.Tolerance > 0 {
			return false, "hashes know no tolerance"
		}
		if !c.Form.Portable() {
			return false, fmt.Sprintf("column %s is compared as %s, which the products do not print alike", c.Name(), c.Form)
		}
	}
	for side := range 2 {
		if !j.side[side].Database.HashesPortably(j.relation(side)) {
			return false, j.side[side].Database.Product() + " cannot hash these columns"
		}
	}
	return true, ""
}

// joinColumns bounds the columns of a join, which returns those of both sides: PostgreSQL allows 1,664
// expressions in a list, SQLite 2,000, MariaDB 4,096.
const joinColumns = 800

func (j *Job) canJoin() (ok bool, why string) {
	switch {
	case !j.one:
		return false, "the tables are on two servers"
	case j.pairing.Key == 0 || !j.pairing.Unique:
		return false, "it needs a key that is unique on both sides"
	case j.opts.Sample > 0 && j.opts.Sample < 1:
		return false, "a sample is made of ranges"
	case j.opts.Snapshot && j.pairing.A.Table.Source != j.pairing.B.Table.Source:
		return false, "two files have no snapshot in common"
	case len(j.pairing.Columns) > joinColumns:
		return false, fmt.Sprintf("it returns the columns of both sides, and %d each are too many for one statement", len(j.pairing.Columns))
	}
	for _, c := range j.pairing.Columns {
		if c.Tolerance > 0 {
			return false, "the server's comparison knows no tolerance"
		}
		if c.A.Type != c.B.Type || c.A.Collation != c.B.Collation {
			return false, fmt.Sprintf("column %s has two types", c.Name())
		}
	}
	if err := j.side[0].Database.CanJoin(&j.pairing.A, &j.pairing.B); err != nil {
		return false, err.Error()
	}
	return true, ""
}

// costs turns rates into times.
type costs struct {
	p     *Plan
	date  string
	cores int
	share float64 // of the rows that are compared
}

// fixed is the time of connecting, cutting ranges and asking once.
func (c *costs) fixed() float64 {
	trip := max(c.p.Rates[0].RoundTrip, c.p.Rates[1].RoundTrip).Seconds()
	return 0.02 + 12*trip
}

func (c *costs) rate(of string, perSecond float64) rate.Rate {
	return rate.Rate{Name: of, Kind: rate.Throughput, Value: perSecond, Low: perSecond, High: perSecond, Of: of, Origin: rate.Measured, Date: c.date}
}

func (c *costs) work(name, of string, amount, perOne float64, lanes int) limit.Item {
	if perOne <= 0 {
		return limit.Series{}
	}
	return limit.Work{Name: name, Amount: amount, Of: of + "s", Rate: c.rate(of, 1/perOne), Lanes: lanes}
}

// parts combines what one row costs each server and us. Servers that share the processors of this machine
// share their time; of others it is known what a session takes, and that sessions work side by side.
func (c *costs) parts(rows float64, server [2]float64, client float64, what string, shares func(SideRates) bool) limit.Overlapped {
	var all limit.Overlapped
	shared := client
	for side, s := range server {
		if shares(c.p.Rates[side]) {
			shared += s
		} else {
			all = append(all, c.work([]string{"server A", "server B"}[side]+" "+what, "row", rows, s, c.p.Workers))
		}
	}
	return append(all, c.work("processors of this machine "+what, "row", rows, shared, c.cores))
}

func (c *costs) stream() Estimate {
	rows := float64(c.p.Rows) * c.share
	var server [2]float64
	client, bytes := 0.0, 0.0
	var links limit.Overlapped
	for side, r := range c.p.Rates {
		server[side] = r.Row
		client += r.Client
		bytes += r.Bytes * rows
		if r.Bandwidth > 0 {
			links = append(links, limit.Work{Name: []string{"link to A", "link to B"}[side], Amount: r.Bytes * rows, Rate: c.rate("B", r.Bandwidth)})
		}
	}
	// Behind a link, the time of a row is that of the link as well, and not one of a processor alone.
	least := append(c.parts(rows, server, client, "reading rows", SideRates.near), links)
	return Estimate{Kind: Stream, Possible: true, Least: least, Predicted: least.Least().Seconds + c.fixed(), Bytes: int64(bytes)}
}

func (c *costs) hash(kind PlanKind, possible bool, why string, width float64) Estimate {
	e := Estimate{Kind: kind, Possible: possible, Why: why}
	if !possible {
		return e
	}
	rows := float64(c.p.Rows) * c.share
	var server [2]float64
	for side, r := range c.p.Rates {
		server[side] = r.Portable
		if kind == Native {
			server[side] = r.Native
		}
	}
	e.Bytes = int64(rows / float64(rangeRows(kind, width, c.share)) * fingerprintBytes)
	least := c.parts(rows, server, 0, "hashing rows", func(r SideRates) bool { return r.Local })
	for side, r := range c.p.Rates {
		if r.Bandwidth > 0 {
			least = append(least, limit.Work{Name: []string{"link to A", "link to B"}[side], Amount: float64(e.Bytes) / 2, Rate: c.rate("B", r.Bandwidth)})
		}
	}
	// Ranges that differ are read after the hashes: three exchanges more.
	trip := max(c.p.Rates[0].RoundTrip, c.p.Rates[1].RoundTrip).Seconds()
	e.Least, e.Predicted = least, least.Least().Seconds+c.fixed()+3*trip
	return e
}

// joinRow is the time in seconds that a server needs to join one row of each side and compare their
// columns, both scans included. It cannot be probed without rows; it was measured on 2 M narrow rows
// (docs/benchmarks/datadiff.md) of joinWidth bytes, and grows with the width of a row.
var joinRow = map[dialect.Kind]float64{dialect.Postgres: 0.82e-6, dialect.MySQL: 2.4e-6, dialect.SQLite: 3.6e-6}

const (
	joinWidth = 44
	joinDate  = "2026-11-27"
)

func (c *costs) join(server dialect.Kind, possible bool, why string, width float64) Estimate {
	e := Estimate{Kind: Join, Possible: possible, Why: why}
	if !possible {
		return e
	}
	rows := float64(c.p.Rows)
	r := c.rate("row", 1/(joinRow[server]*max(1, width/joinWidth)))
	r.Origin, r.Date = rate.Published, joinDate
	least := limit.Overlapped{limit.Work{Name: "the server joining rows", Amount: rows, Of: "rows", Rate: r, Lanes: 1}}
	e.Least, e.Predicted = least, least.Least().Seconds+c.fixed()
	return e
}

// Describe prints an estimate in one line, for --explain.
func (e Estimate) Describe() string {
	if !e.Possible {
		return fmt.Sprintf("%-9s not possible: %s", e.Kind, e.Why)
	}
	return fmt.Sprintf("%-9s %8s  %9s  %s", e.Kind, unit.Seconds(e.Predicted), unit.Bytes(e.Bytes), e.Least.Least().By)
}
