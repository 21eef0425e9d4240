package fn

import (
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/search"
	"github.com/napkin-infra/napkin/engine/calc/fn/wildcard"
)

// lookups are the functions that search. How they find what they search for is in package search.
var lookups = []*Func{
	{Name: "MATCH", Category: "Lookup", Takes: "v a n?", Doc: "the position of a value in a row or column", Body: lookupMatch},
	{Name: "XMATCH", Category: "Lookup", Takes: "v A n? n?", Doc: "the position of a value in a row or column, with a choice of how to match and from which end", Body: lookupXmatch},
	{Name: "VLOOKUP", Category: "Lookup", Takes: "v a n b?", Doc: "the value in a column of a table, of the row whose first value matches", Body: func(c *Call) cell.Value { return lookupTable(c, false) }},
	{Name: "HLOOKUP", Category: "Lookup", Takes: "v a n b?", Doc: "the value in a row of a table, of the column whose first value matches", Body: func(c *Call) cell.Value { return lookupTable(c, true) }},
	{Name: "LOOKUP", Category: "Lookup", Takes: "v A A?", Doc: "the value that belongs to the last one that is at most the value sought, in sorted data", Body: lookupLookup},
	{Name: "XLOOKUP", Category: "Lookup", Takes: "v A A a? n? n?", Doc: "what belongs to a value in a row or column, with a choice of how to match and from which end", Body: lookupXlookup},
}

// maxSought is the greatest length of a text that MATCH and its like search for.
const maxSought = 255

// table is a reference to one area, or an array, by its shape.
type table struct {
	area       cell.Area
	grid       *cell.Grid // nil of a reference
	rows, cols int
}

// tableOf returns the table that v is, or an error. One value is an array of one.
func tableOf(v cell.Value) (table, cell.ErrorCode) {
	switch v.Kind() {
	case cell.Ref:
		if areas := v.Areas(); len(areas) == 1 {
			return table{area: areas[0], rows: areas[0].Rows(), cols: areas[0].Cols()}, 0
		}
		return table{}, cell.ErrValue
	case cell.Array:
		return table{grid: v.Grid(), rows: v.Grid().Rows, cols: v.Grid().Cols}, 0
	case cell.Error:
		return table{}, v.Code()
	case cell.Lambda, cell.Missing:
		return table{}, cell.ErrValue
	}
	return table{grid: &cell.Grid{Rows: 1, Cols: 1, Cells: []cell.Value{v}}, rows: 1, cols: 1}, 0
}

// column returns one column to be searched.
func (t table) column(c *Call, i int) *search.Line {
	if t.grid != nil {
		return search.OfGrid(c, t.grid, i, t.cols, t.rows, &c.kept)
	}
	a := t.area
	a.C0 += int32(i)
	a.C1 = a.C0
	return search.OfArea(c, a)
}

// row returns one row to be searched.
func (t table) row(c *Call, i int) *search.Line {
	if t.grid != nil {
		return search.OfGrid(c, t.grid, i*t.cols, 1, t.cols, &c.kept)
	}
	a := t.area
	a.R0 += int32(i)
	a.R1 = a.R0
	return search.OfArea(c, a)
}

// line returns the only row or column of a table, and false where it has several of both.
func (t table) line(c *Call) (*search.Line, bool) {
	switch {
	case t.cols == 1:
		return t.column(c, 0), true
	case t.rows == 1:
		return t.row(c, 0), true
	}
	return nil, false
}

func (t table) at(c *Call, row, col int) cell.Value {
	if t.grid != nil {
		return t.grid.Cells[row*t.cols+col]
	}
	return c.Cell(t.area.Sheet, t.area.R0+int32(row), t.area.C0+int32(col))
}

// part returns rows and columns of a table from one place on: a reference of a reference, and values of an array.
func (t table) part(row, col, rows, cols int) cell.Value {
	if t.grid == nil {
		a := t.area
		a.R0 += int32(row)
		a.C0 += int32(col)
		a.R1, a.C1 = a.R0+int32(rows)-1, a.C0+int32(cols)-1
		return cell.RefTo(a)
	}
	if rows == 1 && cols == 1 {
		return t.grid.Cells[row*t.cols+col]
	}
	g := cell.NewGrid(rows, cols)
	for r := range rows {
		copy(g.Cells[r*cols:(r+1)*cols], t.grid.Cells[(row+r)*t.cols+col:])
	}
	return cell.Arr(g)
}

// sought returns the value to search for: nothing is 0, and long text is #VALUE!.
func sought(v cell.Value) (cell.Value, cell.ErrorCode) {
	switch {
	case v.IsBlank():
		return cell.Num(0), 0
	case v.Kind() == cell.Text && len(v.Text()) > maxSought && utf8.RuneCountInString(v.Text()) > maxSought:
		return v, cell.ErrValue
	}
	return v, 0
}

// equalOrLike searches for an equal value, or for text by a pattern.
func equalOrLike(l *search.Line, v cell.Value, last bool) int {
	if v.Kind() != cell.Text || !wildcard.Special(v.Text()) {
		return l.Equal(v, last)
	}
	p := wildcard.Compile(v.Text())
	if text, ok := p.Literal(); ok {
		return l.Equal(cell.Str(text), last)
	}
	return l.Like(v.Text(), p, last)
}

func lookupMatch(c *Call) cell.Value {
	t, code := tableOf(c.Args[1])
	if code != 0 {
		return cell.Err(code)
	}
	v, code := sought(c.Args[0])
	if code != 0 {
		return cell.Err(code)
	}
	l, ok := t.line(c)
	if !ok {
		return cell.Err(cell.ErrNA)
	}
	mode := 1.0
	if len(c.Args) > 2 {
		mode = c.Num(2)
	}
	var i int
	if mode == 0 {
		i = equalOrLike(l, v, false)
	} else {
		i = l.Approximate(v, mode < 0)
	}
	if i < 0 {
		return cell.Err(cell.ErrNA)
	}
	return cell.Num(float64(i + 1))
}

// lookupTable is VLOOKUP, and HLOOKUP where the table lies on its side.
func lookupTable(c *Call, across bool) cell.Value {
	t, code := tableOf(c.Args[1])
	if code != 0 {
		return cell.Err(code)
	}
	v, code := sought(c.Args[0])
	if code != 0 {
		return cell.Err(code)
	}
	if c.Args[1].Kind() == cell.Text { // no rows and columns
		return cell.Err(cell.ErrValue)
	}
	n, most := c.Int(2), t.cols
	if across {
		most = t.rows
	}
	if n > most {
		return cell.Err(cell.ErrRef)
	}
	l := t.column
	if across {
		l = t.row
	}
	var i int
	if len(c.Args) > 3 && !c.Bool(3, false) {
		i = equalOrLike(l(c, 0), v, false)
	} else {
		i = l(c, 0).Approximate(v, false)
	}
	switch {
	case i < 0:
		return cell.Err(cell.ErrNA)
	case n < 1:
		return cell.Err(cell.ErrValue)
	case across:
		return t.at(c, n-1, i)
	}
	return t.at(c, i, n-1)
}

func lookupLookup(c *Call) cell.Value {
	t, code := tableOf(c.Args[1])
	if code != 0 {
		return cell.Err(code)
	}
	v, code := sought(c.Args[0])
	if code != 0 {
		return cell.Err(code)
	}
	across := t.cols > t.rows
	var l *search.Line
	if across {
		l = t.row(c, 0)
	} else {
		l = t.column(c, 0)
	}
	if !c.Has(2) {
		i := l.Approximate(v, false)
		switch {
		case i < 0:
			return cell.Err(cell.ErrNA)
		case across:
			return t.at(c, t.rows-1, i)
		}
		return t.at(c, i, t.cols-1)
	}
	out, code := tableOf(c.Args[2])
	if code != 0 {
		return cell.Err(code)
	}
	if out.rows > 1 && out.cols > 1 || t.rows > 1 && t.cols > 1 {
		return cell.Err(cell.ErrNA)
	}
	i := l.Approximate(v, false)
	if i < 0 || i >= max(out.rows, out.cols) {
		return cell.Err(cell.ErrNA)
	}
	if out.rows > 1 {
		return out.at(c, i, 0)
	}
	return out.at(c, 0, i)
}

// lookupFind is the search of XMATCH and XLOOKUP: argument i says how to match and the next one in which order to search.
// It returns -1 where nothing is found.
func lookupFind(c *Call, l *search.Line, v cell.Value, i int) (int, cell.ErrorCode) {
	match, order := c.IntOr(i, 0), c.IntOr(i+1, 1)
	if match < -1 || match > 3 || order < -2 || order > 2 || order == 0 || match > 1 && (order == 2 || order == -2) {
		return -1, cell.ErrValue
	}
	if order == 2 || order == -2 {
		if v.IsBlank() {
			if at := l.Equal(v, order == -2); at >= 0 {
				return at, 0
			}
			v = cell.Num(0)
		}
		at, below := l.Bounds(v, order == -2)
		switch {
		case at >= 0 && cell.Compare(l.At(at), v) == 0, match == 1:
			return at, 0
		case match == -1:
			return below, 0
		}
		return -1, 0
	}
	last := order == -1
	switch match {
	case 2:
		return equalOrLike(l, v, last), 0
	case 3:
		re := c.expression(cell.ToText(v).Text(), false)
		if re == nil {
			return -1, cell.ErrValue
		}
		return l.Matching(re.MatchString, last), 0
	}
	at := l.Equal(v, last)
	if at < 0 && match != 0 {
		if v.IsBlank() {
			v = cell.Num(0)
		}
		at = l.Nearest(v, match == 1, last)
	}
	return at, 0
}

func lookupXmatch(c *Call) cell.Value {
	t, code := tableOf(c.Args[1])
	if code != 0 {
		return cell.Err(code)
	}
	l, ok := t.line(c)
	if !ok {
		return cell.Err(cell.ErrValue)
	}
	i, code := lookupFind(c, l, c.Args[0], 2)
	switch {
	case code != 0:
		return cell.Err(code)
	case i < 0:
		return cell.Err(cell.ErrNA)
	}
	return cell.Num(float64(i + 1))
}

func lookupXlookup(c *Call) cell.Value {
	t, code := tableOf(c.Args[1])
	if code != 0 {
		return cell.Err(code)
	}
	out, code := tableOf(c.Args[2])
	if code != 0 {
		return cell.Err(code)
	}
	l, ok := t.line(c)
	if t.grid != nil && out.grid == nil {
		// What is computed from whole columns ends where the workbook does, and so must what stands beside it.
		a := Level(c, out.area)
		if t.cols == 1 && a.Rows() == t.rows {
			out.rows = t.rows
		} else if t.rows == 1 && a.Cols() == t.cols {
			out.cols = t.cols
		}
	}
	across := t.rows == 1 && (t.cols > 1 || out.rows > 1)
	if !ok || !across && out.rows != t.rows || across && out.cols != t.cols {
		return cell.Err(cell.ErrValue)
	}
	i, code := lookupFind(c, l, c.Args[0], 4)
	switch {
	case code != 0:
		return cell.Err(code)
	case i >= 0 && across:
		return out.part(0, i, out.rows, 1)
	case i >= 0:
		return out.part(i, 0, 1, out.cols)
	case c.Has(3):
		return c.Args[3]
	}
	return cell.Err(cell.ErrNA)
}
