package calc

import (
	"context"
	"fmt"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/formula"
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
	b.own, b.links = len(names), len(w.Externals)
	for i, s := range w.Sheets {
		b.sheets[i].bare = s.Kind != xlsx.Worksheet && s.Kind != xlsx.MacroSheet
	}
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
	b.formats, b.fresh = w.Formats, !w.Calc.FullOnLoad
	l := &loader{b: b, notes: &notes, sheets: make([]*sheetLoader, len(names)), tables: w.Tables}
	if err := f.Read(ctx, func(sheet int) xlsx.Sink { return l.sheet(int32(sheet)) }, progress); err != nil {
		b.Close()
		return nil, notes, err
	}
	l.join()
	b.fillExternals(w.Externals)
	b.graph.Load(l.nodes)
	b.graph.All(func(id graph.ID, _ *graph.Node) bool {
		b.added(id)
		return true
	})
	b.edited, b.saved, b.filled = map[at]bool{}, map[at]cell.Area{}, make(filled, b.own)
	for i := range l.nodes {
		n := &l.nodes[i]
		b.filled.add(n.Extent())
		if b.templates[n.Formula].kind == spilling {
			b.saved[at{n.Area.Sheet, n.Area.R0, n.Area.C0}] = b.inFile(n)
		}
	}
	b.disentangle(&notes)
	return b, notes, b.arena.Err()
}

// inFile returns the cells of a dynamic array that the file surely has: all of them if all hold something, or the first one.
func (b *Workbook) inFile(n *graph.Node) cell.Area {
	a := n.Extent()
	for col := a.C0; col <= a.C1; col++ {
		for row := a.R0; row <= a.R1; row++ {
			if cell.BoxKind(b.box(a.Sheet, row, col)) == cell.Empty {
				return n.Area
			}
		}
	}
	return a
}

// disentangle leaves each cell to one formula, in files that have several for one. A dynamic array is computed anew, and finds whether it has
// room; one of fixed size is not read.
func (b *Workbook) disentangle(notes *Notes) {
	var whole []graph.ID
	b.graph.All(func(id graph.ID, n *graph.Node) bool {
		if n.Whole {
			whole = append(whole, id)
		}
		return true
	})
	for _, id := range whole {
		n := *b.graph.Node(id)
		others := b.graph.In(n.Extent())
		if len(others) < 2 {
			continue
		}
		if b.templates[n.Formula].kind == spilling && len(b.graph.In(n.Area)) == 1 {
			b.graph.Spread(id, n.Area)
			continue
		}
		for _, other := range others {
			if o := b.graph.Node(other); other != id {
				where, _ := o.Extent().Intersect(n.Extent())
				notes.add(Unread{b.sheets[n.Area.Sheet].name, cell.Address(n.Area.R0, n.Area.C0), formula.Text(b.templates[n.Formula].tree, n.Area.R0, n.Area.C0),
					fmt.Errorf("it fills %s, and %s has another formula", n.Extent(), cell.Address(where.R0, where.C0))})
				break
			}
		}
		b.graph.Remove(id)
	}
}

func (n *Notes) add(u Unread) {
	if len(n.Unread) < mostUnread {
		n.Unread = append(n.Unread, u)
	} else {
		n.More++
	}
}
