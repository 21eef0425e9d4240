package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// About is what a table's part of a summary needs beside the result of its run.
type About struct {
	A, B string // names of the tables
	// Sample is the share that was compared, 0 for all; Confidence that of the bound for the rest.
	Sample, Confidence float64
	// Recheck says whether rows that differed were read again.
	Recheck bool
	Schema  []Change
}

// TableName is the name of a pair of tables.
func TableName(a, b string) string {
	if a == b {
		return a
	}
	return a + ":" + b
}

// NewTable builds the part of one table. err is the error of its run, and res may be nil with one; what
// the collector kept is shown where it is not nil.
func NewTable(about About, res *datadiff.Result, c *Collector, err error) Table {
	t := Table{Name: TableName(about.A, about.B), A: about.A, B: about.B, Verdict: datadiff.Unknown, Schema: about.Schema}
	if err != nil {
		t.Error = err.Error()
	}
	if res == nil {
		return t
	}
	if err == nil {
		t.Verdict = res.Verdict
	}
	t.Rows, t.CellBytes, t.LinkBytes = pair(res.Rows), pair(res.CellBytes), pair(res.LinkBytes)
	t.Differences = Counts{OnlyA: res.OnlyA, OnlyB: res.OnlyB, Changed: res.Changed, Confirmed: res.Confirmed, Moving: res.Moving, Transient: res.Transient}
	t.Differences.SeenOnce = t.Differences.All() - res.Confirmed - res.Moving
	t.Plan, t.Ranges, t.Spilled, t.Limited, t.Journal = string(res.Plan.Kind), res.Ranges, res.Spilled, res.Limited, res.Journal
	if err == nil {
		t.Collision = res.CollisionProbability()
	}
	t.Seconds = res.Outcome.Took.Seconds()
	if res.EarlierRows != [2]int64{} {
		t.Earlier, t.earlierBytes = &Pair{res.EarlierRows[0], res.EarlierRows[1]}, res.EarlierBytes[0]+res.EarlierBytes[1]
	}
	// A limit for a number of rows that was assumed, or of which a part was compared before, is none to
	// hold this run against.
	if res.Plan.Known && t.Earlier == nil {
		t.Least, t.Bound = res.Outcome.Bound.Seconds, res.Outcome.Bound.By
	}
	if res.Position != [2]string{} {
		t.Snapshot = &Position{res.Position[0], res.Position[1]}
	}
	t.pairing(res.Pairing)
	for i := range t.Columns {
		f := &t.Columns[i]
		f.Differs = res.Columns[i].Changed
		if res.Changed > 0 {
			f.Share = float64(f.Differs) / float64(res.Changed)
		}
		f.Common = c.facts(i)
	}
	t.Examples = c.shown()
	if about.Sample > 0 && about.Sample < 1 {
		t.Sample = &Sample{Share: about.Sample, Confidence: about.Confidence}
		if t.Differences.All() == 0 {
			t.Sample.Bound = res.SampleBound(about.Confidence)
		}
	}
	if t.Verdict == datadiff.Equal && t.oneSided() > 0 {
		t.Verdict = datadiff.Different // what a side keeps and the other has no place for
	}
	t.Caveats = caveats(&t, res, about)
	return t
}

func (t *Table) pairing(p *datadiff.Pairing) {
	t.Key = Key{Columns: []string{}, From: p.KeyFrom, Unique: p.Unique}
	for i, c := range p.Columns {
		if i < p.Key {
			t.Key.Columns = append(t.Key.Columns, c.Name())
		}
		t.Columns = append(t.Columns, newField(c))
	}
	t.OnlyA, t.OnlyB = p.OnlyA, p.OnlyB
	for i, names := range [][]string{p.OnlyA, p.OnlyB} {
		table := []*dialect.Table{p.A.Table, p.B.Table}[i]
		for _, name := range names {
			if c := table.Column(name); c != nil && c.Generated {
				t.Computed = append(t.Computed, name)
			}
		}
	}
}

// oneSided is the number of columns that stand on one side only and are a difference: all but those that
// their side computes from others.
func (t *Table) oneSided() int { return len(t.OnlyA) + len(t.OnlyB) - len(t.Computed) }

// standsWhere says which columns stand on which side only: "column gone stands only in A".
func (t *Table) standsWhere() string {
	var parts []string
	for i, names := range [][]string{t.OnlyA, t.OnlyB} {
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(t.Computed, n) })
		if len(names) == 0 {
			continue
		}
		word := isWas(int64(len(names)), "column ", "columns ")
		verb := isWas(int64(len(names)), " stands", " stand")
		if rest := len(names) - namedColumns; rest > 0 {
			names = append(names[:namedColumns:namedColumns], fmt.Sprintf("%d more", rest))
		}
		parts = append(parts, word+strings.Join(names, ", ")+verb+" only in "+[]string{"A", "B"}[i])
	}
	return strings.Join(parts, " and ")
}

// namedColumns bounds the columns of one side that a sentence names.
const namedColumns = 4

func newField(c datadiff.PairedColumn) Field {
	f := Field{Name: c.Name(), TypeA: c.A.Type, TypeB: c.B.Type, Form: c.Form.String(), Inexact: c.Inexact(), Tolerance: c.Tolerance, Notes: c.Notes}
	if c.B.Name != c.A.Name {
		f.NameB = c.B.Name
	}
	return f
}

func pair(v [2]int64) Pair { return Pair{v[0], v[1]} }
