package fn

import (
	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// shapes are the functions that arrange the values of arrays anew.
var shapes = []*Func{
	{Name: "CHOOSECOLS", Category: "Lookup", Takes: "A A ...", Doc: "some columns of an array", Body: func(c *Call) cell.Value { return shapeChoose(c, true) }},
	{Name: "CHOOSEROWS", Category: "Lookup", Takes: "A A ...", Doc: "some rows of an array", Body: func(c *Call) cell.Value { return shapeChoose(c, false) }},
	{Name: "DROP", Category: "Lookup", Takes: "A n? n?", Doc: "an array without its first or last rows and columns", Body: func(c *Call) cell.Value { return shapeTake(c, true) }},
	{Name: "EXPAND", Category: "Lookup", Takes: "A n? n? a?", Doc: "an array made larger", Body: shapeExpand},
	{Name: "HSTACK", Category: "Lookup", Takes: "A ...", Doc: "arrays side by side", Body: func(c *Call) cell.Value { return shapeStack(c, true) }},
	{Name: "TAKE", Category: "Lookup", Takes: "A n? n?", Doc: "the first or last rows and columns of an array", Body: func(c *Call) cell.Value { return shapeTake(c, false) }},
	{Name: "TOCOL", Category: "Lookup", Takes: "A n? b?", Doc: "the values of an array in one column", Body: func(c *Call) cell.Value { return shapeLine(c, true) }},
	{Name: "TOROW", Category: "Lookup", Takes: "A n? b?", Doc: "the values of an array in one row", Body: func(c *Call) cell.Value { return shapeLine(c, false) }},
	{Name: "TRANSPOSE", Category: "Lookup", Takes: "A", Doc: "an array with rows and columns exchanged", Body: shapeTranspose},
	{Name: "VSTACK", Category: "Lookup", Takes: "A ...", Doc: "arrays one below the other", Body: func(c *Call) cell.Value { return shapeStack(c, false) }},
	{Name: "WRAPCOLS", Category: "Lookup", Takes: "A n a?", Doc: "a row or column broken into columns", Body: func(c *Call) cell.Value { return shapeWrap(c, true) }},
	{Name: "WRAPROWS", Category: "Lookup", Takes: "A n a?", Doc: "a row or column broken into rows", Body: func(c *Call) cell.Value { return shapeWrap(c, false) }},
}

// wholeGrid returns the values of v in the shape that it has: of a reference also the empty cells behind the end of the
// sheet, except that whole columns and rows end where the sheet does.
func wholeGrid(c *Call, v cell.Value) (*cell.Grid, cell.ErrorCode) {
	t, code := tableOf(v)
	if code != 0 {
		return nil, code
	}
	if t.grid != nil {
		return t.grid, 0
	}
	g, code := GridOf(c, v)
	if code != 0 {
		return nil, code
	}
	rows, cols := t.rows, t.cols
	if t.area.R1 == cell.MaxRows-1 {
		rows = g.Rows
	}
	if t.area.C1 == cell.MaxCols-1 {
		cols = g.Cols
	}
	if rows == g.Rows && cols == g.Cols {
		return g, 0
	}
	if rows > MaxGrid/cols {
		return nil, cell.ErrNum
	}
	return resized(c, g, rows, cols, cell.Value{}), 0
}

// resized returns a grid of at least the size of g, with pad where g has nothing.
func resized(c *Call, g *cell.Grid, rows, cols int, pad cell.Value) *cell.Grid {
	out := cell.NewGrid(rows, cols)
	for r := range rows {
		c.Poll()
		line := out.Cells[r*cols : (r+1)*cols]
		n := 0
		if r < g.Rows {
			n = copy(line, g.Cells[r*g.Cols:(r+1)*g.Cols])
		}
		for i := n; i < cols; i++ {
			line[i] = pad
		}
	}
	return out
}

func transposed(c *Call, g *cell.Grid) *cell.Grid {
	out := cell.NewGrid(g.Cols, g.Rows)
	for r := range g.Rows {
		c.Poll()
		for col := range g.Cols {
			out.Cells[col*g.Rows+r] = g.Cells[r*g.Cols+col]
		}
	}
	return out
}

// rowsOf returns some rows of a grid.
func rowsOf(c *Call, g *cell.Grid, rows []int) *cell.Grid {
	out := cell.NewGrid(len(rows), g.Cols)
	for i, r := range rows {
		c.Poll()
		copy(out.Cells[i*g.Cols:(i+1)*g.Cols], g.Cells[r*g.Cols:])
	}
	return out
}

func shapeTranspose(c *Call) cell.Value {
	g, code := wholeGrid(c, c.Args[0])
	if code != 0 {
		return cell.Err(code)
	}
	return cell.Arr(transposed(c, g))
}

func shapeChoose(c *Call, columns bool) cell.Value {
	g, code := wholeGrid(c, c.Args[0])
	if code != 0 {
		return cell.Err(code)
	}
	if columns {
		g = transposed(c, g)
	}
	var rows []int
	c.Values(1, func(v cell.Value, _ bool) bool {
		v = cell.ToNumber(v, c.Dates())
		if v.IsError() {
			code = v.Code()
			return false
		}
		i := Trunc(v.Float())
		if i < 0 {
			i += g.Rows + 1
		}
		if i < 1 || i > g.Rows {
			code = cell.ErrValue
			return false
		}
		rows = append(rows, i-1)
		return true
	})
	if code != 0 {
		return cell.Err(code)
	}
	if len(rows) == 0 || len(rows) > MaxGrid/g.Cols {
		return cell.Err(cell.ErrValue)
	}
	g = rowsOf(c, g, rows)
	if columns {
		g = transposed(c, g)
	}
	return cell.Arr(g)
}

// shapeTake is TAKE and DROP. What they return of a reference is one.
func shapeTake(c *Call, drop bool) cell.Value {
	t, code := tableOf(c.Args[0])
	if code != 0 {
		return cell.Err(code)
	}
	cut := func(i, n int) (first, count int) {
		if !c.Has(i) {
			return 0, n
		}
		k := c.Int(i)
		switch {
		case drop && k >= 0:
			k = min(k, n)
			return k, n - k
		case drop:
			return 0, n + max(k, -n)
		case k >= 0:
			return 0, min(k, n)
		}
		k = min(-k, n)
		return n - k, k
	}
	row, rows := cut(1, t.rows)
	col, cols := cut(2, t.cols)
	if rows == 0 || cols == 0 {
		return cell.Err(cell.ErrCalc)
	}
	return t.part(row, col, rows, cols)
}

// padding is the value of argument i, which fills what an array does not have: #N/A where it is left out.
func padding(c *Call, i int) cell.Value {
	if !c.Has(i) {
		return cell.Err(cell.ErrNA)
	}
	return oneValue(c, c.Args[i])
}

// oneValue reads a reference to one cell and an array of one. A larger one is #VALUE!.
func oneValue(c *Call, v cell.Value) cell.Value {
	switch v.Kind() {
	case cell.Ref:
		if a := v.Areas(); len(a) == 1 && a[0].Single() {
			return c.Cell(a[0].Sheet, a[0].R0, a[0].C0)
		}
		return cell.Err(cell.ErrValue)
	case cell.Array:
		if g := v.Grid(); len(g.Cells) == 1 {
			return g.Cells[0]
		}
		return cell.Err(cell.ErrValue)
	case cell.Missing:
		return cell.Value{}
	case cell.Lambda:
		return cell.Err(cell.ErrCalc)
	}
	return v
}

func shapeExpand(c *Call) cell.Value {
	g, code := wholeGrid(c, c.Args[0])
	if code != 0 {
		return cell.Err(code)
	}
	rows, cols := c.IntOr(1, g.Rows), c.IntOr(2, g.Cols)
	switch {
	case rows < g.Rows || cols < g.Cols:
		return cell.Err(cell.ErrValue)
	case rows > MaxGrid/cols:
		return cell.Err(cell.ErrNum)
	}
	return cell.Arr(resized(c, g, rows, cols, padding(c, 3)))
}

func shapeStack(c *Call, across bool) cell.Value {
	grids := make([]*cell.Grid, len(c.Args))
	rows, cols := 0, 0
	for i, v := range c.Args {
		var g *cell.Grid
		switch v.Kind() {
		case cell.Error:
			g = &cell.Grid{Rows: 1, Cols: 1, Cells: []cell.Value{v}}
		case cell.Missing:
			g = cell.NewGrid(1, 1)
		default:
			var code cell.ErrorCode
			if g, code = wholeGrid(c, v); code != 0 {
				return cell.Err(code)
			}
		}
		if across {
			g = transposed(c, g)
		}
		grids[i] = g
		rows, cols = rows+g.Rows, max(cols, g.Cols)
	}
	if rows > MaxGrid/cols {
		return cell.Err(cell.ErrNum)
	}
	out := &cell.Grid{Rows: rows, Cols: cols}
	for _, g := range grids {
		out.Cells = append(out.Cells, resized(c, g, g.Rows, cols, cell.Err(cell.ErrNA)).Cells...)
	}
	if across {
		out = transposed(c, out)
	}
	return cell.Arr(out)
}

// What TOCOL and TOROW pass over.
const (
	ignoreBlanks = 1
	ignoreErrors = 2
)

func shapeLine(c *Call, column bool) cell.Value {
	if c.Args[0].IsError() {
		return c.Args[0]
	}
	g, code := wholeGrid(c, c.Args[0])
	ignore := c.IntOr(1, 0)
	switch {
	case code != 0:
		return cell.Err(code)
	case ignore < 0 || ignore > ignoreBlanks|ignoreErrors:
		return cell.Err(cell.ErrValue)
	case c.Bool(2, false):
		g = transposed(c, g)
	}
	var out []cell.Value
	for _, v := range g.Cells {
		if ignore&ignoreBlanks != 0 && v.IsBlank() || ignore&ignoreErrors != 0 && v.IsError() {
			continue
		}
		out = append(out, v)
	}
	switch {
	case len(out) == 0:
		return cell.Err(cell.ErrCalc)
	case column:
		return cell.Arr(&cell.Grid{Rows: len(out), Cols: 1, Cells: out})
	}
	return cell.Arr(&cell.Grid{Rows: 1, Cols: len(out), Cells: out})
}

func shapeWrap(c *Call, columns bool) cell.Value {
	g, code := wholeGrid(c, c.Args[0])
	n := c.Int(1)
	switch {
	case code != 0:
		return cell.Err(code)
	case g.Rows > 1 && g.Cols > 1:
		return cell.Err(cell.ErrValue)
	case n < 1:
		return cell.Err(cell.ErrNum)
	}
	values := g.Cells
	n = min(n, len(values))
	lines := (len(values) + n - 1) / n
	out := resized(c, &cell.Grid{Rows: 1, Cols: len(values), Cells: values}, 1, lines*n, padding(c, 2))
	out.Rows, out.Cols = lines, n
	if columns {
		out = transposed(c, out)
	}
	return cell.Arr(out)
}
