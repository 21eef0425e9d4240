package calc

import (
	"math"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/fn/search"
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/store"
)

// lookupInput is VLOOKUP or MATCH of a cell that goes along with the row, exactly, in rows that stay or grow with the row.
type lookupInput struct {
	key    eval.Ref // one cell
	table  eval.Ref
	column int32 // of the table, from 0; -1 for the position
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
	if in.table, ok = l.area(e.Args[1]); !ok || !in.table.R0.Fixed {
		return tileInput{}, false
	}
	return tileInput{ref: in.key, lookup: &in}, true
}

func isZero(e formula.Expr) bool {
	c, ok := e.(*formula.Const)
	return ok && (c.Value.Kind() == cell.Number && c.Value.Float() == 0 || c.Value.Kind() == cell.Bool && !c.Value.True())
}

// lookupColumn is a lookup bound to the column of a job.
type lookupColumn struct {
	once    sync.Once
	index   *search.Index // nil where the tree walk must search
	at      int           // place of the table's first row in the index
	n       int           // rows of the table, at most
	growing bool          // the table ends with a row that goes along
	values  *column       // of the results, nil for positions
	row     int           // of the table's first cell
}

// bind finds the index of a lookup. It is made when the first tile needs it.
func (j *columnJob) bind(e *env, i int) *lookupColumn {
	l := &j.lookups[i]
	l.once.Do(func() {
		in := j.tiles.inputs[i].lookup
		a, ok := j.reads(e, in.table)
		if !ok || in.column < 0 && a.Cols() > 1 {
			return
		}
		keys := a
		keys.C1 = keys.C0
		keys, ok = e.Clip(keys)
		if !ok || search.Small(keys) || in.column >= int32(a.Cols()) {
			return
		}
		if in.column >= 0 {
			columns := e.b.sheets[a.Sheet].columns
			if int(a.C0+in.column) >= len(columns) {
				return
			}
			l.values = &columns[a.C0+in.column]
		}
		l.n, l.row, l.growing = int(keys.Cells()), int(keys.R0), !in.table.R1.Fixed
		var c *search.Column
		c, l.at = search.ColumnOf(e, keys)
		l.index = c.Index(e)
	})
	return l
}

// reads returns the cells that a reference from a fixed row on names in any row of the job's node, and false where there are none or not all rows name
// some.
func (j *columnJob) reads(e *env, r eval.Ref) (cell.Area, bool) {
	sheet := r.First
	if sheet < 0 {
		sheet = j.sheet
	}
	a, ok := r.At(sheet, j.n.Area.R1, j.col)
	return a, ok && int(sheet) < len(e.b.sheets) && a.R0 == r.R0.N
}

// lookupBuffer is where the keys of a tile are looked up.
type lookupBuffer struct {
	keys [store.TileRows]uint64
	at   [store.TileRows]int32
	tree [store.TileRows]bool
}

// find replaces keys by the results. Of a growing table the last row is that of the first key.
func (l *lookupColumn) find(e *env, dst []cell.Box, last int) {
	if e.lookup == nil {
		e.lookup = &lookupBuffer{}
	}
	keys, at, tree := e.lookup.keys[:len(dst)], e.lookup.at[:len(dst)], e.lookup.tree[:len(dst)]
	texts := false
	for i, b := range dst {
		tree[i] = false
		if b == b {
			b += 0 // -0 is 0
		} else {
			// Empty cells, booleans and errors are rare; texts may be patterns.
			texts = true
			tree[i] = cell.BoxKind(b) != cell.Text
		}
		keys[i] = math.Float64bits(b)
	}
	if texts {
		e.b.strings.FoldKeys(keys, cell.Literal, func(i int) { tree[i] = true })
	}
	l.index.GroupsOf(at, keys)
	l.index.FirstsOf(at, l.at, l.at+l.n)
	for i := range at {
		at[i] -= int32(l.at)
		if tree[i] || at[i] < 0 || l.growing && (last+i < l.row || int(at[i]) > last+i-l.row) {
			tree[i] = true
			at[i] = 0
		}
	}
	if l.values == nil {
		for i := range dst {
			dst[i] = float64(at[i] + 1)
		}
	} else {
		for i := range at {
			at[i] += int32(l.row)
		}
		l.values.Gather(at, dst)
	}
	for i, b := range dst {
		if tree[i] || b != b && cell.BoxKind(b) == cell.Empty {
			dst[i] = cell.BoxError(cell.ErrRef)
		}
	}
}
