package fn

import "github.com/napkin-infra/napkin/engine/calc/cell"

// lambdaHelpers are the functions that apply a function to arrays. Of a reference they give it references, as Excel does.
var lambdaHelpers = []*Func{
	{Name: "BYCOL", Category: "Logical", Takes: "A A", Doc: "the results of a function of each column of an array", Body: func(c *Call) cell.Value { return lambdaBy(c, true) }},
	{Name: "BYROW", Category: "Logical", Takes: "A A", Doc: "the results of a function of each row of an array", Body: func(c *Call) cell.Value { return lambdaBy(c, false) }},
	{Name: "MAKEARRAY", Category: "Logical", Takes: "n n A", Doc: "an array of the results of a function of row and column", Body: lambdaMake},
	{Name: "MAP", Category: "Logical", Takes: "A A ...", Doc: "the results of a function of the values of arrays", Body: lambdaMap},
	{Name: "REDUCE", Category: "Logical", Takes: "a A A", Doc: "the last result of a function of its result before and the next value", Body: func(c *Call) cell.Value { return lambdaFold(c, false) }},
	{Name: "SCAN", Category: "Logical", Takes: "a A A", Doc: "all results of a function of its result before and the next value", Body: func(c *Call) cell.Value { return lambdaFold(c, true) }},
}

// lambdaOf returns the error that keeps v from being called.
func lambdaOf(v cell.Value) cell.ErrorCode {
	switch v.Kind() {
	case cell.Lambda:
		return 0
	case cell.Error:
		return v.Code()
	}
	return cell.ErrValue
}

// lambdaTable returns an argument that is an array, without the rows and columns behind the end of the sheet if they
// are whole ones.
func lambdaTable(c *Call, v cell.Value) (table, cell.ErrorCode) {
	t, code := tableOf(v)
	if code == 0 && t.grid == nil {
		t.area = Level(c, t.area)
		t.rows, t.cols = t.area.Rows(), t.area.Cols()
	}
	if code == 0 && t.rows > MaxGrid/t.cols {
		code = cell.ErrNum
	}
	return t, code
}

// lambdaResult makes one value of what a function has returned for one element. An array of several is #CALC!, as
// Excel has no arrays of arrays.
func lambdaResult(c *Call, v cell.Value) cell.Value {
	switch v.Kind() {
	case cell.Ref, cell.Array:
		if v = oneValue(c, v); v.Kind() == cell.Error && v.Code() == cell.ErrValue {
			return cell.Err(cell.ErrCalc)
		}
	case cell.Lambda:
		return cell.Err(cell.ErrCalc)
	case cell.Missing:
		return cell.Value{}
	}
	return v
}

func lambdaBy(c *Call, columns bool) cell.Value {
	t, code := lambdaTable(c, c.Args[0])
	if code == 0 {
		code = lambdaOf(c.Args[1])
	}
	if code != 0 {
		return cell.Err(code)
	}
	if columns {
		out := cell.NewGrid(1, t.cols)
		for i := range t.cols {
			out.Cells[i] = lambdaResult(c, c.Apply(c.Args[1], t.line1(0, i, t.rows, 1)))
		}
		return cell.Arr(out)
	}
	out := cell.NewGrid(t.rows, 1)
	for i := range t.rows {
		out.Cells[i] = lambdaResult(c, c.Apply(c.Args[1], t.line1(i, 0, 1, t.cols)))
	}
	return cell.Arr(out)
}

// line1 is [table.part] which is an array even where it has one value.
func (t table) line1(row, col, rows, cols int) cell.Value {
	v := t.part(row, col, rows, cols)
	if t.grid != nil && v.Kind() != cell.Array {
		return cell.Arr(&cell.Grid{Rows: 1, Cols: 1, Cells: []cell.Value{v}})
	}
	return v
}

func lambdaMake(c *Call) cell.Value {
	rows, cols := c.Int(0), c.Int(1)
	if code := lambdaOf(c.Args[2]); code != 0 {
		return cell.Err(code)
	}
	switch {
	case rows < 1 || cols < 1:
		return cell.Err(cell.ErrValue)
	case rows > MaxGrid/cols:
		return cell.Err(cell.ErrNum)
	}
	out := cell.NewGrid(rows, cols)
	for r := range rows {
		for col := range cols {
			out.Cells[r*cols+col] = lambdaResult(c, c.Apply(c.Args[2], cell.Num(float64(r+1)), cell.Num(float64(col+1))))
		}
	}
	return cell.Arr(out)
}

func lambdaMap(c *Call) cell.Value {
	n := len(c.Args) - 1
	tables := make([]table, n)
	rows, cols := 1, 1
	for i := range tables {
		var code cell.ErrorCode
		if tables[i], code = lambdaTable(c, c.Args[i]); code != 0 {
			return cell.Err(code)
		}
		rows, cols = max(rows, tables[i].rows), max(cols, tables[i].cols)
	}
	f := c.Args[n]
	if code := lambdaOf(f); code != 0 {
		return cell.Err(code)
	}
	if rows > MaxGrid/cols {
		return cell.Err(cell.ErrNum)
	}
	out := cell.NewGrid(rows, cols)
	args := make([]cell.Value, n)
	for r := range rows {
		for col := range cols {
			inside := true
			for i, t := range tables {
				if inside = inside && r < t.rows && col < t.cols; inside {
					args[i] = t.part(r, col, 1, 1)
				}
			}
			if !inside {
				out.Cells[r*cols+col] = cell.Err(cell.ErrNA)
				continue
			}
			out.Cells[r*cols+col] = lambdaResult(c, c.Apply(f, args...))
		}
	}
	return cell.Arr(out)
}

// lambdaFold is REDUCE and SCAN. Without an initial value the first value of the array is it, and the function is
// called from the second on.
func lambdaFold(c *Call, all bool) cell.Value {
	t, code := lambdaTable(c, c.Args[1])
	if code == 0 {
		code = lambdaOf(c.Args[2])
	}
	if code != 0 {
		return cell.Err(code)
	}
	acc := c.Args[0]
	if acc.IsError() {
		return acc
	}
	var out *cell.Grid
	if all {
		out = cell.NewGrid(t.rows, t.cols)
	}
	for i := range t.rows * t.cols {
		v := t.part(i/t.cols, i%t.cols, 1, 1)
		switch {
		case i == 0 && acc.Kind() == cell.Missing:
			acc = v
		default:
			acc = c.Apply(c.Args[2], acc, v)
		}
		if all {
			out.Cells[i] = lambdaResult(c, acc)
			acc = out.Cells[i]
		}
	}
	if all {
		return cell.Arr(out)
	}
	return acc
}
