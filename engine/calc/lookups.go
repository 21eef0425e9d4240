package calc

import (
	"math"
	"slices"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/fn/criteria"
	"github.com/napkin-infra/napkin/engine/calc/fn/search"
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/store"
)

// lookupInput is an exact search for a cell that goes along with the row, in rows that stay or grow with the row.
type lookupInput struct {
	key     eval.Ref // one cell
	table   eval.Ref // its first column is searched
	column  int32    // of the table, from 0, that has the results; -1 for the position
	values  eval.Ref // that has the results, of the same rows, where column is apart
	instead cell.Box // the result in place of those that are replaced
	replace replaced
}

// apart is the column of results that do not stand in the table.
const apart = -2

// replaced is the results that are replaced.
type replaced uint8

const (
	nothing      replaced = iota
	notFound              // the last argument of XLOOKUP
	notAvailable          // IFNA
	anyError              // IFERROR
)

// lookup is VLOOKUP(cell, table, column, FALSE), MATCH(cell, column, 0), XLOOKUP(cell, column, column) or INDEX(column, MATCH(cell, column, 0)), in
// IFERROR or IFNA with a constant or not.
func (l *lowering) lookup(e *formula.Call) (tileInput, bool) {
	in := &lookupInput{column: -1}
	keys, table := formula.Expr(nil), formula.Expr(nil)
	switch n := len(e.Args); {
	case (e.Name == "IFERROR" || e.Name == "IFNA") && n == 2:
		inner, ok := e.Args[0].(*formula.Call)
		if !ok || !complete(inner) {
			return tileInput{}, false
		}
		t, ok := l.lookup(inner)
		if !ok || t.lookup.replace != nothing {
			return tileInput{}, false
		}
		t.lookup.replace = notAvailable
		if e.Name == "IFERROR" {
			t.lookup.replace = anyError
		}
		return t, l.instead(t.lookup, e.Args[1])
	case e.Name == "VLOOKUP" && n == 4 && isZero(e.Args[3]):
		c, ok := e.Args[2].(*formula.Const)
		if !ok || c.Value.Kind() != cell.Number || c.Value.Float() < 1 || c.Value.Float() > cell.MaxCols {
			return tileInput{}, false
		}
		in.column = int32(c.Value.Float()) - 1
		keys, table = e.Args[0], e.Args[1]
	case e.Name == "MATCH" && n == 3 && isZero(e.Args[2]):
		keys, table = e.Args[0], e.Args[1]
	case e.Name == "XLOOKUP" && (n == 3 || n == 4 && l.instead(in, e.Args[3])):
		keys, table = e.Args[0], e.Args[1]
		if in.column = apart; n == 4 {
			in.replace = notFound
		}
	case e.Name == "INDEX" && n == 2:
		inner, ok := e.Args[1].(*formula.Call)
		if !ok || inner.Name != "MATCH" || len(inner.Args) != 3 || !complete(inner) || !isZero(inner.Args[2]) {
			return tileInput{}, false
		}
		keys, table = inner.Args[0], inner.Args[1]
		in.column = apart
	default:
		return tileInput{}, false
	}
	key, ok := keys.(*formula.Ref)
	if structured, is := keys.(*formula.Structured); !ok && is {
		in.key, ok = l.area(structured)
	} else if ok = ok && key.Cell; ok {
		in.key, ok = l.area(key)
	}
	if !ok || in.key.R0 != in.key.R1 || in.key.C0 != in.key.C1 || in.key.R0.Fixed {
		return tileInput{}, false
	}
	if in.table, ok = l.column(table); !ok {
		return tileInput{}, false
	}
	if in.column == apart {
		values := e.Args[0]
		if e.Name == "XLOOKUP" {
			values = e.Args[2]
		}
		if in.values, ok = l.column(values); !ok || in.values.R0 != in.table.R0 || in.values.R1 != in.table.R1 {
			return tileInput{}, false
		}
	}
	return tileInput{ref: in.key, lookup: in}, true
}

// complete reports whether no argument of a call is left empty.
func complete(e *formula.Call) bool { return e.Of == nil && !slices.Contains(e.Args, nil) }

// instead sets the result in place of those that are replaced, which must be a constant.
func (l *lowering) instead(in *lookupInput, e formula.Expr) bool {
	c, ok := e.(*formula.Const)
	if !ok {
		return false
	}
	switch c.Value.Kind() {
	case cell.Number, cell.Text, cell.Bool:
		in.instead = l.b.strings.Box(c.Value)
		return true
	}
	return false
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
	instead cell.Box
	replace replaced
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
		results := a // of VLOOKUP
		results.C0 += in.column
		if in.column == apart {
			if results, ok = j.reads(e, in.values); !ok || results.Cols() > 1 {
				return
			}
		}
		keys := a
		keys.C1 = keys.C0
		keys, ok = e.Clip(keys)
		if !ok || search.Small(keys) || in.column >= int32(a.Cols()) {
			return
		}
		if in.column != -1 {
			columns := e.b.sheets[results.Sheet].columns
			if int(results.C0) >= len(columns) {
				return
			}
			l.values = &columns[results.C0]
		}
		l.instead, l.replace = in.instead, in.replace
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

// find replaces keys by the results, and by [criteria.Unknown] where the tree walk must search. Of a growing table the last row is that of the
// first key.
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
			texts = texts || cell.BoxKind(b) == cell.Text
			tree[i] = cell.BoxKind(b) == cell.Empty
		}
		keys[i] = math.Float64bits(b)
	}
	if texts { // which may be patterns
		e.b.strings.FoldKeys(keys, cell.Literal, func(i int) { tree[i] = true })
	}
	l.index.GroupsOf(at, keys)
	l.index.FirstsOf(at, l.at, l.at+l.n)
	for i := range at {
		switch {
		case l.growing && last+i < l.row: // its ends are the other way round
			tree[i] = true
		case at[i] >= 0 && l.growing && int(at[i])-l.at > last+i-l.row:
			at[i] = -1
		case at[i] >= 0:
			at[i] += int32(l.row - l.at)
		}
	}
	found := e.buffer(len(dst))
	if l.values != nil {
		l.values.Gather(at, found)
	} else {
		for i, row := range at {
			found[i] = float64(int(row) - l.row + 1)
		}
	}
	for i, b := range found {
		key := dst[i]
		switch {
		case tree[i]:
			dst[i] = criteria.Unknown
			continue
		case key != key && cell.BoxKind(key) == cell.Error: // which it stays
		case at[i] < 0:
			if dst[i] = cell.BoxError(cell.ErrNA); l.replace == notFound {
				dst[i] = l.instead
			}
		case b != b && cell.BoxKind(b) == cell.Empty:
			dst[i] = criteria.Unknown
			continue
		default:
			dst[i] = b
		}
		if b := dst[i]; b != b && l.replace >= notAvailable && cell.BoxKind(b) == cell.Error && (l.replace == anyError || cell.BoxedError(b) == cell.ErrNA) {
			dst[i] = l.instead
		}
	}
}
