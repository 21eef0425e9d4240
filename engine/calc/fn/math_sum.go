package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// mathSum are the sums and products over cells.
var mathSum = []*Func{
	{Name: "PERCENTOF", Category: "Math", Takes: "a a", Doc: "the sum of a part divided by the sum of all", Body: mathPercentOf},
	{Name: "PRODUCT", Category: "Math", Takes: "a ...", Doc: "the product of the numbers, 0 where there are none", Body: mathProduct},
	{Name: "SERIESSUM", Category: "Math", Takes: "v v v a", Doc: "the sum of a power series: x, first power, step, coefficients", Body: mathSeriesSum},
	{Name: "SUM", Category: "Math", Takes: "a ...", Doc: "the sum of the numbers", Body: mathSumOf},
	{Name: "SUMPRODUCT", Category: "Math", Takes: "A ...", Doc: "the sum of the products of elements at the same places; what is no number counts as 0", Body: mathSumProduct},
	{Name: "SUMSQ", Category: "Math", Takes: "a ...", Doc: "the sum of the squares of the numbers", Body: mathSumSquares},
	pairs("SUMX2MY2", "the sum of x^2-y^2 over pairs of numbers", func(x, y float64) float64 { return float64(x*x) - float64(y*y) }),
	pairs("SUMX2PY2", "the sum of x^2+y^2 over pairs of numbers", func(x, y float64) float64 { return float64(x*x) + float64(y*y) }),
	pairs("SUMXMY2", "the sum of (x-y)^2 over pairs of numbers", func(x, y float64) float64 { return float64((x - y) * (x - y)) }),
}

// Sum adds up the numbers of the arguments from i to before end by the rule of [Call.Numbers]. What is known of whole areas is
// not added up again.
func (c *Call) Sum(i, end int) (float64, cell.ErrorCode) {
	sum := 0.0
	for ; i < min(end, len(c.Args)); i++ {
		v := c.Args[i]
		if v.Kind() == cell.Ref {
			for _, a := range v.Areas() {
				s := c.Summary(a)
				if s.Error != 0 {
					return 0, s.Error
				}
				sum += s.Sum
			}
			continue
		}
		if code := c.NumbersOf(i, func(f float64) bool { sum += f; return true }); code != 0 {
			return 0, code
		}
	}
	return sum, 0
}

func mathSumOf(c *Call) cell.Value {
	sum, code := c.Sum(0, len(c.Args))
	if code != 0 {
		return cell.Err(code)
	}
	return cell.Num(sum)
}

func mathPercentOf(c *Call) cell.Value {
	part, code := c.Sum(0, 1)
	if code != 0 {
		return cell.Err(code)
	}
	all, code := c.Sum(1, 2)
	switch {
	case code != 0:
		return cell.Err(code)
	case all == 0:
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(part / all)
}

func mathProduct(c *Call) cell.Value {
	p, any := 1.0, false
	if code := c.Numbers(0, func(f float64) bool { p, any = p*f, true; return true }); code != 0 {
		return cell.Err(code)
	}
	if !any {
		return cell.Num(0)
	}
	return cell.Num(p)
}

func mathSumSquares(c *Call) cell.Value {
	sum := 0.0
	if code := c.Numbers(0, func(f float64) bool { sum += float64(f * f); return true }); code != 0 {
		return cell.Err(code)
	}
	return cell.Num(sum)
}

func mathSeriesSum(c *Call) cell.Value {
	var x [3]float64
	for i := range x {
		v := strictNumber(c, c.Args[i])
		if v.IsError() {
			return v
		}
		x[i] = v.Float()
	}
	sum, power := 0.0, x[1]
	var code cell.ErrorCode
	c.ValuesOf(3, func(v cell.Value, single bool) bool {
		if v.Kind() == cell.Empty && !single {
			v = cell.Num(0)
		}
		if v = strictNumber(c, v); v.IsError() {
			code = v.Code()
			return false
		}
		if x[0] == 0 && power == 0 { // 0^0, as POWER has it
			code = cell.ErrNum
			return false
		}
		sum += float64(v.Float() * math.Pow(x[0], power))
		power += x[2]
		return true
	})
	if code != 0 {
		return cell.Err(code)
	}
	return cell.Num(sum)
}

// shape returns the rows and columns of a value as it was written, whole columns included. It reports false for
// references of several areas.
func shape(v cell.Value) (rows, cols int, ok bool) {
	if g := v.Grid(); g != nil {
		return g.Rows, g.Cols, true
	}
	if areas := v.Areas(); areas != nil {
		return areas[0].Rows(), areas[0].Cols(), len(areas) == 1
	}
	return 1, 1, true
}

// numbersAt calls f with every value that is a number, and its place counted from the first cell. It returns the first error. A
// reference is read column by column, as far as the sheet goes.
func (c *Call) numbersAt(v cell.Value, f func(row, col int, x float64)) cell.ErrorCode {
	switch v.Kind() {
	case cell.Error:
		return v.Code()
	case cell.Number:
		f(0, 0, v.Float())
	case cell.Array:
		g := v.Grid()
		for i, e := range g.Cells {
			switch e.Kind() {
			case cell.Number:
				f(i/g.Cols, i%g.Cols, e.Float())
			case cell.Error:
				return e.Code()
			}
		}
	case cell.Ref:
		a, ok := c.Clip(v.Areas()[0])
		if !ok {
			return 0
		}
		var code cell.ErrorCode
		c.Boxes(a, func(row, col int32, run []cell.Box) bool {
			for i, b := range run {
				if b == b {
					f(int(row-a.R0)+i, int(col-a.C0), b)
				} else if cell.BoxKind(b) == cell.Error {
					code = cell.BoxedError(b)
					return false
				}
			}
			return true
		})
		return code
	}
	return 0
}

// used returns how many rows and columns of v can hold anything.
func (c *Call) used(v cell.Value) (rows, cols int) {
	if v.Kind() == cell.Ref {
		a, ok := c.Clip(v.Areas()[0])
		if !ok {
			return 0, 0
		}
		return a.Rows(), a.Cols()
	}
	rows, cols, _ = shape(v)
	return rows, cols
}

// level ends arguments that are whole columns or rows where arrays that were made of such end, if there are arrays among the arguments.
func (c *Call) level() {
	for _, v := range c.Args {
		if v.Kind() != cell.Array {
			continue
		}
		for i, v := range c.Args {
			if areas := v.Areas(); len(areas) == 1 {
				c.Args[i] = cell.RefTo(Level(c, areas[0]))
			}
		}
		return
	}
}

func mathSumProduct(c *Call) cell.Value {
	c.level()
	rows, cols, ok := shape(c.Args[0])
	usedRows, usedCols := rows, cols
	for _, v := range c.Args {
		if v.IsError() {
			return v
		}
		r, k, one := shape(v)
		if ok = ok && one && r == rows && k == cols; !ok {
			return cell.Err(cell.ErrValue)
		}
		if one := v; r == 1 && k == 1 { // a text alone is no number, unlike one among others
			if areas := v.Areas(); areas != nil {
				one = c.Cell(areas[0].Sheet, areas[0].R0, areas[0].C0)
			}
			if one.Kind() == cell.Text {
				return cell.Err(cell.ErrValue)
			}
		}
		r, k = c.used(v)
		usedRows, usedCols = min(usedRows, r), min(usedCols, k)
	}
	if usedRows*usedCols > MaxGrid {
		return cell.Err(cell.ErrNum)
	}
	if len(c.Args) == 1 {
		sum := 0.0
		if code := c.numbersAt(c.Args[0], func(_, _ int, x float64) { sum += x }); code != 0 {
			return cell.Err(code)
		}
		return cell.Num(sum)
	}
	// The products so far, column by column. A place where some argument has no number stays 0: factor counts how many have had one.
	products := make([]float64, usedRows*usedCols)
	seen := make([]uint8, usedRows*usedCols)
	for i, v := range c.Args {
		code := c.numbersAt(v, func(row, col int, x float64) {
			if row >= usedRows || col >= usedCols {
				return
			}
			at := col*usedRows + row
			switch {
			case i == 0:
				products[at], seen[at] = x, 1
			case int(seen[at]) == i:
				products[at] *= x
				seen[at]++
			}
		})
		if code != 0 {
			return cell.Err(code)
		}
	}
	sum := 0.0
	for at, p := range products {
		if int(seen[at]) == len(c.Args) {
			sum += p
		}
	}
	return cell.Num(sum)
}

// pairs is a sum over pairs of numbers at the same places; a pair of which one is no number is left out.
func pairs(name, doc string, f func(x, y float64) float64) *Func {
	return &Func{Name: name, Category: "Math", Takes: "A A", Doc: doc, Body: func(c *Call) cell.Value {
		c.level()
		rows, cols, ok := shape(c.Args[0])
		r, k, one := shape(c.Args[1])
		if !ok || !one {
			return cell.Err(cell.ErrValue)
		}
		if rows*cols != r*k {
			return cell.Err(cell.ErrNA)
		}
		x, code := c.Grid(0)
		if code != 0 {
			return cell.Err(code)
		}
		y, code := c.Grid(1)
		if code != 0 {
			return cell.Err(code)
		}
		sum, found := 0.0, false
		for i, a := range x.Cells {
			if a.IsError() {
				return a
			}
			// The places are counted row by row of what was written, as the shapes may differ.
			at := i/x.Cols*cols + i%x.Cols
			if at/k >= y.Rows || at%k >= y.Cols {
				continue
			}
			if b := y.Cells[at/k*y.Cols+at%k]; a.Kind() == cell.Number && b.Kind() == cell.Number {
				sum += f(a.Float(), b.Float())
				found = true
			}
		}
		for _, b := range y.Cells {
			if b.IsError() {
				return b
			}
		}
		if !found {
			return cell.Err(cell.ErrDiv)
		}
		return cell.Num(sum)
	}}
}
