package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Forecast is what --explain prints: how each table would be compared, and how long that would take.
type Forecast struct {
	SchemaVersion int       `json:"schema_version"`
	A             Database  `json:"a"`
	B             Database  `json:"b"`
	Tables        []Planned `json:"tables"`
	OnlyA         []string  `json:"tables_only_in_a,omitempty"`
	OnlyB         []string  `json:"tables_only_in_b,omitempty"`
}

// Planned is the plan of one pair of tables.
type Planned struct {
	Name  string `json:"name"`
	Error string `json:"error,omitempty"`
	// Rows is the estimate of the larger side; Known is false where statistics gave none.
	Rows      int64      `json:"rows_estimated"`
	Known     bool       `json:"rows_known"`
	Key       Key        `json:"key"`
	Columns   []Field    `json:"columns,omitempty"`
	OnlyA     []string   `json:"columns_only_in_a,omitempty"`
	OnlyB     []string   `json:"columns_only_in_b,omitempty"`
	Plan      string     `json:"plan,omitempty"`
	Why       string     `json:"why,omitempty"`
	Seconds   float64    `json:"predicted_seconds"`
	Least     float64    `json:"limit_seconds"`
	Bound     string     `json:"limit_bound,omitempty"`
	RangeRows int64      `json:"range_rows,omitempty"`
	Workers   int        `json:"workers,omitempty"`
	Plans     []Estimate `json:"plans,omitempty"`
	Rates     []Rates    `json:"rates,omitempty"` // of A, of B
	Schema    []Change   `json:"schema,omitempty"`
}

// Estimate is what a plan would take.
type Estimate struct {
	Plan     string  `json:"plan"`
	Possible bool    `json:"possible"`
	Why      string  `json:"why_not,omitempty"`
	Seconds  float64 `json:"predicted_seconds,omitempty"`
	Least    float64 `json:"limit_seconds,omitempty"`
	Bound    string  `json:"limit_bound,omitempty"`
	Bytes    int64   `json:"link_bytes,omitempty"`
}

// Rates are what was measured of a side with rows that its server made up. Times are per row of one
// session; 0 is not measured.
type Rates struct {
	RoundTrip float64 `json:"round_trip_seconds"`
	Bandwidth float64 `json:"link_bytes_per_second,omitempty"`
	Row       float64 `json:"stream_seconds_per_row"`
	Client    float64 `json:"stream_client_seconds_per_row"`
	Bytes     float64 `json:"bytes_per_row"`
	Native    float64 `json:"native_hash_seconds_per_row,omitempty"`
	Portable  float64 `json:"portable_hash_seconds_per_row,omitempty"`
	Local     bool    `json:"local"`
}

// NewPlanned builds the part of one table. err is why it has no plan; job is nil then.
func NewPlanned(about About, job *datadiff.Job, err error) Planned {
	p := Planned{Name: TableName(about.A, about.B), Schema: about.Schema}
	if err != nil {
		p.Error = err.Error()
		return p
	}
	var t Table
	t.pairing(job.Pairing())
	plan := job.Plan()
	chosen := plan.Chosen()
	p.Key, p.Columns, p.OnlyA, p.OnlyB = t.Key, t.Columns, t.OnlyA, t.OnlyB
	p.Rows, p.Known, p.Plan, p.Why, p.RangeRows, p.Workers = plan.Rows, plan.Known, string(plan.Kind), plan.Why, plan.RangeRows, plan.Workers
	for _, e := range plan.Estimates {
		out := Estimate{Plan: string(e.Kind), Possible: e.Possible, Why: e.Why}
		if e.Possible {
			least := e.Least.Least()
			out.Seconds, out.Least, out.Bound, out.Bytes, out.Why = e.Predicted, least.Seconds, least.By, e.Bytes, ""
		}
		if e.Kind == chosen.Kind {
			p.Seconds, p.Least, p.Bound = out.Seconds, out.Least, out.Bound
		}
		p.Plans = append(p.Plans, out)
	}
	for _, r := range plan.Rates {
		p.Rates = append(p.Rates, Rates{RoundTrip: r.RoundTrip.Seconds(), Bandwidth: r.Bandwidth, Row: r.Row, Client: r.Client, Bytes: r.Bytes, Native: r.Native, Portable: r.Portable, Local: r.Local})
	}
	return p
}

// ForecastText prints a forecast for a terminal.
func ForecastText(w io.Writer, f *Forecast, o TextOptions) error {
	if o.Width == 0 {
		o.Width = 80
	}
	o.Width = min(max(o.Width, 40), 200)
	t := &terminal{w: bufio.NewWriter(w), width: o.Width, color: o.Color, verbose: o.Verbose}
	for i, d := range []Database{f.A, f.B} {
		t.line(t.paint(bold, []string{"A", "B"}[i]) + "  " + clean(d.URL) + "  " + t.paint(dim, clean(d.Product)))
	}
	t.line(t.paint(dim, strings.Repeat("─", t.width)))
	for i := range f.Tables {
		if i > 0 {
			t.blank()
		}
		t.planned(&f.Tables[i])
	}
	for i, names := range [][]string{f.OnlyA, f.OnlyB} {
		if len(names) > 0 {
			t.blank()
			t.hanging(t.paint(bold, "tables only in "+[]string{"A", "B"}[i])+"  ", strings.Join(names, ", "))
		}
	}
	t.blank()
	total, known := 0.0, 0
	for _, p := range f.Tables {
		if p.Error == "" {
			total, known = total+p.Seconds, known+1
		}
	}
	if known > 1 {
		t.paragraph(bold, fmt.Sprintf("Predicted for %d tables: %s.", known, unit.Seconds(total)))
	}
	t.paragraph(plain, "No row of any table was read: the rates were measured with rows that the servers made up.")
	if err := t.w.Flush(); err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	return nil
}

func (t *terminal) planned(p *Planned) {
	if p.Error != "" {
		t.line(t.paint(bold, clean(p.Name)) + "  " + t.paint(yellow, "cannot be compared"))
		t.hanging("  ", p.Error)
		return
	}
	rows := "about " + unit.Count(p.Rows).String() + " rows"
	if !p.Known {
		rows = "an unknown number of rows (" + unit.Count(p.Rows).String() + " assumed)"
	}
	t.hanging(t.paint(bold, clean(p.Name))+"  ", rows)
	key := "none in common: whole rows as a multiset"
	if len(p.Key.Columns) > 0 {
		key = strings.Join(p.Key.Columns, ", ") + " (" + p.Key.From + ")"
		if !p.Key.Unique {
			key += ", not known to be unique on both sides"
		}
	}
	label := func(name, text string) { t.hanging("  "+t.paint(dim, pad(name, 9))+"  ", text) }
	label("key", key)
	label("plan", p.Plan+": "+p.Why+fmt.Sprintf("; %s to each side, ranges of %s rows", plural(int64(p.Workers), "connection"), count(p.RangeRows)))
	label("predicted", unit.Seconds(p.Seconds))
	if p.Bound != "" {
		label("limit", unit.Seconds(p.Least)+"  "+p.Bound)
	}
	t.blank()
	t.line("  " + t.paint(dim, "plan       predicted       link  bound by"))
	for _, e := range p.Plans {
		mark := "  "
		if e.Plan == p.Plan {
			mark = "> "
		}
		lead := mark + pad(e.Plan, 9) + "  "
		if !e.Possible {
			t.hanging(lead+t.paint(dim, "not possible: "), e.Why)
			continue
		}
		t.hanging(lead+fmt.Sprintf("%9s  %9s  ", unit.Seconds(e.Seconds), unit.Bytes(e.Bytes)), e.Bound)
	}
	t.blank()
	for i, r := range p.Rates {
		t.hanging("  "+t.paint(dim, "measured "+[]string{"A", "B"}[i])+"  ", r.sentence())
	}
	t.blank()
	t.compared(p)
	for i, names := range [][]string{p.OnlyA, p.OnlyB} {
		if len(names) > 0 {
			t.hanging("  "+t.paint(dim, "only in "+[]string{"A", "B"}[i])+"  ", strings.Join(names, ", "))
		}
	}
	for _, c := range p.Schema {
		t.hanging("  "+t.paint(dim, "schema")+"  ", c.Text+" ("+c.Severity+")")
	}
}

// sentence prints the rates of a side.
func (r Rates) sentence() string {
	parts := []string{"round trip " + unit.Seconds(r.RoundTrip)}
	if r.Bandwidth > 0 {
		parts = append(parts, "link "+unit.Rate{PerSecond: r.Bandwidth, Of: "B"}.String())
	}
	perRow := func(name string, seconds float64) {
		if seconds > 0 {
			parts = append(parts, name+" "+unit.Seconds(seconds)+" a row")
		}
	}
	perRow("streaming", r.Row)
	perRow("our part of it", r.Client)
	perRow("native hash", r.Native)
	perRow("portable hash", r.Portable)
	parts = append(parts, unit.Bytes(r.Bytes).String()+" a row")
	if r.Local {
		parts = append(parts, "on this machine")
	}
	return strings.Join(parts, ", ")
}

// compared lists the columns with the forms in which they are compared.
func (t *terminal) compared(p *Planned) {
	wide, forms := len("column"), len("compared as")
	for i := range p.Columns {
		wide, forms = max(wide, displayWidth(clean(p.Columns[i].label()))), max(forms, len(p.Columns[i].Form))
	}
	wide = min(wide, t.width/3)
	t.line("  " + t.paint(dim, pad("column", wide)+"  "+pad("compared as", forms)+"  types"))
	for i := range p.Columns {
		f := &p.Columns[i]
		text := f.types()
		if f.Tolerance > 0 {
			text += fmt.Sprintf("; equal within %g", f.Tolerance)
		}
		if len(f.Notes) > 0 {
			text += "; " + strings.Join(f.Notes, "; ")
		}
		t.hanging("  "+pad(cut(clean(f.label()), wide), wide)+"  "+pad(f.Form, forms)+"  ", text)
	}
}
