package calc

import (
	"strings"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/fn/search"
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/store"
)

// Computed inputs of tiles are made a tile at a time, for much less than a tree walk per cell: sums of ranges that grow with the row, and exact
// lookups in a range that is the same for all. What they leave to the tree walk is an error in the tile: errors mark their cells anyway.

// lookupInput is VLOOKUP or MATCH of a cell that goes along with the row, exactly, in rows that stay.
type lookupInput struct {
	key    eval.Ref // one cell
	table  eval.Ref
	column int32 // of the table, from 0; -1 for the position
}

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

// lookup is VLOOKUP(cell, table, column, FALSE) or MATCH(cell, column, 0).
func (l *lowering) lookup(e *formula.Call) (tileInput, bool) {
	in := lookupInput{column: -1}
	switch {
	case e.Name == "VLOOKUP" && len(e.Args) == 4 && isZero(e.Args[3]):
		c, ok := e.Args[2].(*formula.Const)
		if !ok || c.Value.Kind() != cell.Number || c.Value.Float() < 1 || c.Value.Float() > cell.MaxCols {
			return tileInput{}, false
		}
		in.column = int32(c.Value.Float()) - 1
	case e.Name == "MATCH" && len(e.Args) == 3 && isZero(e.Args[2]):
	default:
		return tileInput{}, false
	}
	key, ok := e.Args[0].(*formula.Ref)
	if !ok || !key.Cell {
		return tileInput{}, false
	}
	if in.key, ok = l.area(key); !ok || in.key.R0.Fixed {
		return tileInput{}, false
	}
	if in.table, ok = l.area(e.Args[1]); !ok || !in.table.R0.Fixed || !in.table.R1.Fixed {
		return tileInput{}, false
	}
	return tileInput{ref: in.key, lookup: &in}, true
}

func isZero(e formula.Expr) bool {
	c, ok := e.(*formula.Const)
	return ok && (c.Value.Kind() == cell.Number && c.Value.Float() == 0 || c.Value.Kind() == cell.Bool && !c.Value.True())
}

// area returns the one area on one sheet that an expression means.
func (l *lowering) area(e formula.Expr) (eval.Ref, bool) {
	if _, ok := e.(*formula.Ref); !ok {
		return eval.Ref{}, false
	}
	f := eval.Compile(e, resolver{l.b}, eval.Options{})
	if len(f.Refs) != 1 || f.Volatile || f.Dynamic || f.Refs[0].First != f.Refs[0].Last {
		return eval.Ref{}, false
	}
	return f.Refs[0], true
}

// lookupColumn is a lookup bound to the column of a job.
type lookupColumn struct {
	once   sync.Once
	search *search.Column // nil where the tree walk must search
	index  *search.Index
	at, n  int     // place of the table's first row in the index, and its rows
	values *column // of the results, nil for positions
	row    int     // of the table's first cell
}

// bind finds the index of a lookup. It is made when the first tile needs it.
func (j *columnJob) bind(e *env, i int) *lookupColumn {
	l := &j.lookups[i]
	l.once.Do(func() {
		in := j.tiles.inputs[i].lookup
		sheet := in.table.First
		if sheet < 0 {
			sheet = j.sheet
		}
		a, ok := in.table.At(sheet, 0, j.col)
		if !ok || int(sheet) >= len(e.b.sheets) || in.column < 0 && a.Cols() > 1 {
			return
		}
		keys := a
		keys.C1 = keys.C0
		keys, ok = e.Clip(keys)
		if !ok || search.Small(keys) || in.column >= int32(a.Cols()) {
			return
		}
		if in.column >= 0 {
			columns := e.b.sheets[sheet].columns
			if int(a.C0+in.column) >= len(columns) {
				return
			}
			l.values = &columns[a.C0+in.column]
		}
		l.n, l.row = int(keys.Cells()), int(keys.R0)
		l.search, l.at = search.ColumnOf(e, keys)
		l.index = l.search.Index(e)
	})
	return l
}

// find sets boxes to the results for keys.
func (l *lookupColumn) find(e *env, dst, keys []cell.Box) {
	for i, key := range keys {
		dst[i] = cell.BoxError(cell.ErrRef)
		if key != key {
			// Empty cells, booleans and errors are rare; texts may be patterns.
			if cell.BoxKind(key) != cell.Text || !plainText(e.b.strings.Text(cell.BoxedText(key))) {
				continue
			}
		}
		g := l.index.Group(search.Key(e.b.strings, key))
		if g < 0 {
			continue
		}
		list, _ := l.index.Positions(g, l.at, l.at+l.n)
		switch {
		case len(list) == 0:
		case l.values == nil:
			dst[i] = float64(int(list[0]) - l.at + 1)
		default:
			if v := l.values.Get(l.row + int(list[0]) - l.at); v == v || cell.BoxKind(v) != cell.Empty {
				dst[i] = v
			}
		}
	}
}

// plainText reports whether a text is searched for as it is.
func plainText(s string) bool { return len(s) <= 255 && !strings.ContainsAny(s, "*?~") }

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
			if len(e.keys) < store.TileRows {
				e.keys = make([]cell.Box, store.TileRows)
			}
			columns[col].Read(at, e.keys[:n])
			l.find(e, dst, e.keys[:n])
			return dst
		}
	}
	for k := range dst {
		dst[k] = cell.BoxError(cell.ErrRef)
	}
	return dst
}
