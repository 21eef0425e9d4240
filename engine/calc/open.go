package calc

import (
	"context"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/graph"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// Notes are what a workbook has that is not calculated.
type Notes struct {
	// Unread are formulas that cannot be read; their cells keep the values of the file.
	Unread []Unread
	// More is how many there are beyond those listed.
	More int
	// DataTables is how many cells of what-if tables keep the values of the file.
	DataTables int64
	Externals  []string // other workbooks that formulas name; of their cells the values count that the file remembers, others are #REF!
	Manual     bool     // the workbook is calculated on demand only
	Displayed  bool     // it wants to be calculated with displayed values, which is not done
}

// Unread is a formula that cannot be read.
type Unread struct {
	Sheet, Cell, Formula string
	Err                  error
}

const mostUnread = 100

// Open reads a workbook from a file. Values are those that the file holds until [Workbook.All] and [Workbook.Recalculate] are called. Progress may be nil; it
// is told how many bytes of XML have been read, by several goroutines.
//
// Of the options the dates and, where they are 0, the iterations are the file's.
func Open(ctx context.Context, f *xlsx.File, o Options, progress func(bytes int64)) (*Workbook, Notes, error) {
	w := f.Workbook()
	o.Dates = w.Dates
	if w.Calc.Iterate && o.Iterations == 0 {
		o.Iterations, o.MaxChange = w.Calc.Count, w.Calc.Delta
	}
	var names []string
	for _, s := range w.Sheets {
		names = append(names, s.Name)
	}
	b, err := New(o, append(names, externalSheets(w.Externals)...)...)
	if err != nil {
		return nil, Notes{}, err
	}
	b.own = len(names)
	b.strings = f.Strings()
	b.defineExternals(w.Externals)
	var externals []string
	for _, x := range w.Externals {
		externals = append(externals, x.Target)
	}
	notes := Notes{Externals: externals, Manual: w.Calc.Mode == "manual", Displayed: w.Calc.Precision}
	for _, t := range w.Tables {
		var columns []string
		for _, c := range t.Columns {
			columns = append(columns, c.Name)
		}
		b.AddTable(t.Name, eval.Table{Area: t.Area, Header: t.HeaderRows > 0, Totals: t.TotalsRows > 0, Columns: columns})
	}
	for _, n := range w.Names {
		if err := b.Define(int32(n.Sheet), n.Name, n.Formula); err != nil {
			notes.add(Unread{Cell: n.Name, Formula: n.Formula, Err: err})
		}
	}
	b.formats = w.Formats
	l := &loader{b: b, notes: &notes, tables: w.Tables}
	if err := f.Read(ctx, func(sheet int) xlsx.Sink { return l.sheet(int32(sheet)) }, progress); err != nil {
		return nil, notes, err
	}
	b.fillExternals(w.Externals)
	b.graph.Load(l.nodes)
	for id := range b.graph.Len() {
		b.added(graph.ID(id))
	}
	b.edited, b.saved = map[at]bool{}, map[at]cell.Area{}
	for i := range l.nodes {
		if n := &l.nodes[i]; b.templates[n.Formula].kind == spilling {
			b.saved[at{n.Area.Sheet, n.Area.R0, n.Area.C0}] = n.Extent()
		}
	}
	return b, notes, nil
}

func (n *Notes) add(u Unread) {
	if len(n.Unread) < mostUnread {
		n.Unread = append(n.Unread, u)
	} else {
		n.More++
	}
}
