package calc

import (
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/fn/criteria"
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/store"
)

// Computed inputs of tiles are made a tile at a time, for much less than a tree walk per cell: sums of ranges that grow with the row, exact
// lookups, and conditional counts and totals. What they leave to the tree walk is [criteria.Unknown].

// growing is SUM over one column from a fixed row to one that goes along.
func (l *lowering) growing(e *formula.Call) (tileInput, bool) {
	if e.Name != "SUM" || len(e.Args) != 1 {
		return tileInput{}, false
	}
	r, ok := l.area(e.Args[0])
	if !ok || !r.R0.Fixed || r.R1.Fixed {
		return tileInput{}, false
	}
	return tileInput{ref: r, growing: true}, true
}

// area returns the one area on one sheet that an expression means.
func (l *lowering) area(e formula.Expr) (eval.Ref, bool) {
	switch e := e.(type) {
	case *formula.Ref, *formula.Structured:
	case *formula.Name:
		// A name is what it stands for, as if that were written in its place.
		tree, ok := (resolver{l.b}).Name(l.place.Sheet, e.Text)
		if _, area := tree.(*formula.Ref); !ok || !area || e.Sheets.Given {
			return eval.Ref{}, false
		}
	default:
		return eval.Ref{}, false
	}
	f := eval.Compile(e, resolver{l.b}, l.place)
	if len(f.Refs) != 1 || f.Volatile || f.Dynamic || f.Refs[0].First != f.Refs[0].Last {
		return eval.Ref{}, false
	}
	return f.Refs[0], true
}

// grown is how far a worker has come with a growing range.
type grown struct {
	running store.Running
	column  *column
	start   int
	next    int // row
}

// sums sets dst to the sums of the rows from the range's first to those from row on.
func (g *grown) sums(c *column, start, row int, dst []cell.Box) {
	if g.column != c || g.start != start || g.next != row {
		g.running.Begin(start)
		g.running.Add(&c.Column, start, row-1)
		g.column, g.start = c, start
	}
	g.running.Prefix(&c.Column, row, dst)
	g.next = row + len(dst)
}

// compute makes n boxes of a computed input for the rows from row on.
func (j *columnJob) compute(e *env, i, row, n int) []cell.Box {
	in := &j.tiles.inputs[i]
	n = min(n, store.TileRows)
	dst := e.buffers[i][:n]
	if in.conditional != nil {
		j.answer(e, i, row, dst)
		return dst
	}
	sheet, col := in.ref.First, in.ref.C0.At(j.col)
	if sheet < 0 {
		sheet = j.sheet
	}
	columns := e.b.sheets[sheet].columns
	known := col >= 0 && int(col) < len(columns)
	if in.growing {
		start, end := int(in.ref.R0.N), int(in.ref.R1.At(int32(row)))
		if known && in.ref.C1.At(j.col) == col && start <= end && end+n <= cell.MaxRows {
			for len(e.grown) <= i {
				e.grown = append(e.grown, grown{})
			}
			e.grown[i].sums(&columns[col], start, end, dst)
			return dst
		}
	} else if at := int(in.ref.R0.At(int32(row))); known && at >= 0 && at+n <= cell.MaxRows {
		if l := j.bind(e, i); l.index != nil {
			columns[col].Read(at, dst)
			l.find(e, dst, int(in.lookup.table.R1.At(int32(row))))
			return dst
		}
	}
	for k := range dst {
		dst[k] = criteria.Unknown
	}
	return dst
}
