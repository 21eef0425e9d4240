package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/search"
)

// Call is one call of a function: its arguments, evaluated and coerced by the kinds of the parameters.
//
// Of the kinds n, t, b and v the argument is a Number, Text, Bool or any single value, and never an error unless the
// function asks for errors; or it is [cell.Missing]. Of a and A it is whatever was given: a single value (uncoerced,
// errors too), an Array or a Ref. Of r it is a Ref.
type Call struct {
	Env
	Args []cell.Value
	// Memo is for the body. It is nil at first, and stays while a function is lifted over arrays: what was made of the
	// arguments that are not lifted is made once.
	Memo any

	kept search.Kept // of the array searched last
}

// Has reports whether argument i was given, and not left empty between commas.
func (c *Call) Has(i int) bool { return i < len(c.Args) && c.Args[i].Kind() != cell.Missing }

// Num returns the number of argument i, 0 where it is left out.
func (c *Call) Num(i int) float64 {
	if i < len(c.Args) {
		return c.Args[i].Float()
	}
	return 0
}

// NumOr returns the number of argument i, or other where it is left out.
func (c *Call) NumOr(i int, other float64) float64 {
	if c.Has(i) {
		return c.Args[i].Float()
	}
	return other
}

// Int returns the number of argument i without its fraction, limited to what an int32 can hold.
func (c *Call) Int(i int) int { return Trunc(c.Num(i)) }

// IntOr is [Call.Int], or other where the argument is left out.
func (c *Call) IntOr(i, other int) int {
	if c.Has(i) {
		return c.Int(i)
	}
	return other
}

// Trunc drops the fraction, and limits f to what an int32 can hold.
func Trunc(f float64) int {
	return int(math.Trunc(min(max(f, math.MinInt32), math.MaxInt32)))
}

// Str returns the text of argument i, "" where it is left out.
func (c *Call) Str(i int) string {
	if i < len(c.Args) {
		return c.Args[i].Text()
	}
	return ""
}

// Bool returns the condition of argument i, or other where it is left out.
func (c *Call) Bool(i int, other bool) bool {
	if c.Has(i) {
		return c.Args[i].True()
	}
	return other
}

// pollCells is after how many elements of an array [Env.Poll] is called.
const pollCells = 1024

// Numbers calls f with the numbers of the arguments from i on, by the rule of SUM: in references and arrays numbers count and
// everything else is passed over, single values are coerced (TRUE is 1, "3" is 3). It returns the first error that
// it meets, else 0. f returns false to stop.
func (c *Call) Numbers(i int, f func(float64) bool) cell.ErrorCode {
	for ; i < len(c.Args); i++ {
		if code, more := c.numbers(c.Args[i], f); code != 0 || !more {
			return code
		}
	}
	return 0
}

// NumbersOf is [Call.Numbers] of one argument.
func (c *Call) NumbersOf(i int, f func(float64) bool) cell.ErrorCode {
	if i >= len(c.Args) {
		return 0
	}
	code, _ := c.numbers(c.Args[i], f)
	return code
}

func (c *Call) numbers(v cell.Value, f func(float64) bool) (code cell.ErrorCode, more bool) {
	more = true
	switch v.Kind() {
	case cell.Ref:
		for _, a := range v.Areas() {
			a, ok := c.Clip(a)
			if !ok {
				continue
			}
			c.Boxes(a, func(_, _ int32, run []cell.Box) bool {
				c.Poll()
				for _, b := range run {
					if b == b {
						if more = f(b); !more {
							return false
						}
					} else if cell.BoxKind(b) == cell.Error {
						code = cell.BoxedError(b)
						return false
					}
				}
				return true
			})
			if code != 0 || !more {
				return code, more
			}
		}
	case cell.Array:
		for i, e := range v.Grid().Cells {
			if i%pollCells == 0 {
				c.Poll()
			}
			switch e.Kind() {
			case cell.Number:
				if more = f(e.Float()); !more {
					return 0, false
				}
			case cell.Error:
				return e.Code(), true
			}
		}
	case cell.Missing:
		return 0, f(0)
	default:
		n := cell.ToNumber(v, c.Dates())
		if n.IsError() {
			return n.Code(), true
		}
		return 0, f(n.Float())
	}
	return 0, true
}

// Values calls f with each value of the arguments from i on: the cells of references and arrays, row by row, and single values.
// Whole rows and columns end where the sheet does (see [Cells.Clip]). The second argument of f tells whether the value
// was written as a single one. f returns false to stop.
func (c *Call) Values(i int, f func(v cell.Value, single bool) bool) {
	for ; i < len(c.Args); i++ {
		if !c.values(c.Args[i], f) {
			return
		}
	}
}

// ValuesOf is [Call.Values] of one argument.
func (c *Call) ValuesOf(i int, f func(v cell.Value, single bool) bool) {
	if i < len(c.Args) {
		c.values(c.Args[i], f)
	}
}

func (c *Call) values(v cell.Value, f func(v cell.Value, single bool) bool) bool {
	switch v.Kind() {
	case cell.Ref:
		for _, a := range v.Areas() {
			a, ok := c.Clip(a)
			if !ok {
				continue
			}
			if a.C0 == a.C1 {
				more := true
				strings := c.Strings()
				c.Boxes(a, func(_, _ int32, run []cell.Box) bool {
					c.Poll()
					for _, b := range run {
						if more = f(strings.Value(b), false); !more {
							return false
						}
					}
					return true
				})
				if !more {
					return false
				}
				continue
			}
			for r := a.R0; r <= a.R1; r++ {
				for col := a.C0; col <= a.C1; col++ {
					if !f(c.Cell(a.Sheet, r, col), false) {
						return false
					}
				}
			}
		}
		return true
	case cell.Array:
		for i, e := range v.Grid().Cells {
			if i%pollCells == 0 {
				c.Poll()
			}
			if !f(e, false) {
				return false
			}
		}
		return true
	}
	return f(v, true)
}

// Grid returns the values of argument i as an array. A reference to whole columns or rows is the cells as far as anything in the sheet goes; a
// reference of several areas is #VALUE!. One value is an array of one.
func (c *Call) Grid(i int) (*cell.Grid, cell.ErrorCode) {
	if i >= len(c.Args) {
		return nil, cell.ErrValue
	}
	return GridOf(c, c.Args[i])
}

// GridOf is [Call.Grid] of any value.
func GridOf(cells Cells, v cell.Value) (*cell.Grid, cell.ErrorCode) {
	switch v.Kind() {
	case cell.Array:
		return v.Grid(), 0
	case cell.Ref:
		areas := v.Areas()
		if len(areas) != 1 {
			return nil, cell.ErrValue
		}
		a := Level(cells, areas[0])
		if a.Cells() > MaxGrid {
			var ok bool
			if a, ok = cells.Clip(a); !ok {
				return cell.NewGrid(1, 1), 0
			}
		}
		if a.Cells() > MaxGrid {
			return nil, cell.ErrNum
		}
		g := cell.NewGrid(a.Rows(), a.Cols())
		strings := cells.Strings()
		env, _ := cells.(Env)
		cells.Boxes(a, func(row, col int32, run []cell.Box) bool {
			if env != nil {
				env.Poll()
			}
			at := int(row-a.R0)*g.Cols + int(col-a.C0)
			for _, b := range run {
				g.Cells[at] = strings.Value(b)
				at += g.Cols
			}
			return true
		})
		return g, 0
	case cell.Missing:
		return cell.NewGrid(1, 1), 0
	}
	return &cell.Grid{Rows: 1, Cols: 1, Cells: []cell.Value{v}}, 0
}

// Level ends whole columns and rows where anything in the workbook does: all at the same place, so that arrays made of several are of one size.
func Level(cells Cells, a cell.Area) cell.Area {
	if a.R1 < cell.MaxRows-1 && a.C1 < cell.MaxCols-1 {
		return a
	}
	rows, cols := cells.Used()
	if a.R1 == cell.MaxRows-1 {
		a.R1 = max(a.R0, rows-1)
	}
	if a.C1 == cell.MaxCols-1 {
		a.C1 = max(a.C0, cols-1)
	}
	return a
}

// MaxGrid is the greatest number of cells of an array in memory, some 700 MB; beyond it is #NUM!.
const MaxGrid = 1 << 24
