package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// mathAggregate are SUBTOTAL and AGGREGATE: statistics that pass over some of the cells.
var mathAggregate = []*Func{
	{Name: "AGGREGATE", Category: "Math", Takes: "n n A A? ...", Doc: "a statistic by its number, 1 to 19, which by options 0 to 7 ignores hidden rows, errors and nested subtotals", Body: mathAggregateOf},
	{Name: "SUBTOTAL", Category: "Math", Takes: "n r ...", Doc: "a statistic by its number, 1 to 11, or 101 to 111 to ignore rows hidden by hand, over cells that are no subtotals themselves", Body: mathSubtotal},
}

// aggregateSkip is what is passed over.
type aggregateSkip struct {
	byHand, byFilter bool // rows hidden in one way or the other
	errors           bool
	nested           bool // cells with SUBTOTAL or AGGREGATE in their formulas
}

func mathSubtotal(c *Call) cell.Value {
	n := c.Int(0)
	skip := aggregateSkip{byFilter: true, nested: true}
	if n > 100 {
		n, skip.byHand = n-100, true
	}
	if n < 1 || n > 11 {
		return cell.Err(cell.ErrValue)
	}
	return c.aggregateAreas(n, 1, skip)
}

func mathAggregateOf(c *Call) cell.Value {
	n, option := c.Int(0), c.Int(1)
	if n < 1 || n > 19 || option < 0 || option > 7 {
		return cell.Err(cell.ErrValue)
	}
	skip := aggregateSkip{
		byHand:   option&1 != 0,
		byFilter: option&1 != 0,
		errors:   option&2 != 0,
		nested:   option < 4,
	}
	if n < 14 {
		return c.aggregateAreas(n, 2, skip)
	}
	if len(c.Args) != 4 {
		return cell.Err(cell.ErrValue)
	}
	x, code := c.aggregateNumbers(c.Args[2], skip)
	if code != 0 {
		return cell.Err(code)
	}
	k := c.Args[3]
	if k.Kind() == cell.Ref {
		g, code := c.Grid(3)
		if code != 0 {
			return cell.Err(code)
		}
		k = cell.Arr(g)
		if len(g.Cells) == 1 {
			k = g.Cells[0]
		}
	}
	one := func(k cell.Value) cell.Value {
		if k = cell.ToNumber(k, c.Dates()); k.IsError() {
			return k
		}
		return aggregateRank(n, x, k.Float())
	}
	g := k.Grid()
	if g == nil {
		return one(k)
	}
	out := cell.NewGrid(g.Rows, g.Cols)
	for i, k := range g.Cells {
		out.Cells[i] = one(k)
	}
	return cell.Arr(out)
}

// aggregateCells calls f with the cells of an area that are not passed over and not empty. It returns the first error, of which only the functions
// that count do without.
func (c *Call) aggregateCells(a cell.Area, skip aggregateSkip, f func(b cell.Box)) {
	a, ok := c.Clip(a)
	if !ok {
		return
	}
	a.Without(c.passed(a, skip), func(part cell.Area) {
		c.Boxes(part, func(_, _ int32, run []cell.Box) bool {
			for _, b := range run {
				if kind := cell.BoxKind(b); kind != cell.Empty && (kind != cell.Error || !skip.errors) {
					f(b)
				}
			}
			return true
		})
	})
}

func (c *Call) passed(a cell.Area, skip aggregateSkip) []cell.Area {
	return c.Passed(a, skip.byHand, skip.byFilter, skip.nested)
}

// aggregateAreas is functions 1 to 13 over the references from argument i on.
func (c *Call) aggregateAreas(n, i int, skip aggregateSkip) cell.Value {
	var x []float64
	var t Summary // of the functions that a summary tells
	summed := !skip.errors && (n <= 5 || n == 9)
	var code cell.ErrorCode
	filled := 0
	for ; i < len(c.Args); i++ {
		v := c.Args[i]
		if v.IsError() {
			return v
		}
		areas := v.Areas()
		if areas == nil {
			return cell.Err(cell.ErrValue)
		}
		for _, a := range areas {
			if a.Sheet != areas[0].Sheet {
				return cell.Err(cell.ErrValue) // one over several sheets
			}
			if summed {
				if a, ok := c.Clip(a); ok {
					t.join(c.SummaryBut(a, c.passed(a, skip)))
				}
				continue
			}
			c.aggregateCells(a, skip, func(b cell.Box) {
				filled++
				if b == b {
					x = append(x, b)
				} else if cell.BoxKind(b) == cell.Error && code == 0 {
					code = cell.BoxedError(b)
				}
			})
		}
	}
	switch {
	case summed:
		return t.aggregate(n)
	case n == 2:
		return cell.Num(float64(len(x)))
	case n == 3:
		return cell.Num(float64(filled))
	case code != 0:
		return cell.Err(code)
	}
	return aggregateOf(n, x)
}

// join adds the summary of another area.
func (t *Summary) join(s Summary) {
	if s.Numbers > 0 {
		t.extend(s.Min, s.Max)
	}
	t.Numbers += s.Numbers
	t.Filled += s.Filled
	t.Sum += s.Sum
	if t.Error == 0 {
		t.Error = s.Error
	}
}

// aggregate is the statistic with the number 1 to 5 or 9.
func (t *Summary) aggregate(n int) cell.Value {
	switch {
	case n == 2:
		return cell.Num(float64(t.Numbers))
	case n == 3:
		return cell.Num(float64(t.Filled))
	case t.Error != 0:
		return cell.Err(t.Error)
	case n == 4:
		return cell.Num(t.Max)
	case n == 5:
		return cell.Num(t.Min)
	case n == 9:
		return cell.Num(t.Sum)
	case t.Numbers == 0:
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(t.Sum / float64(t.Numbers))
}

// aggregateNumbers returns the numbers for functions 14 to 19. Only of a reference hidden rows and subtotals can be known.
func (c *Call) aggregateNumbers(v cell.Value, skip aggregateSkip) ([]float64, cell.ErrorCode) {
	var x []float64
	var code cell.ErrorCode
	switch v.Kind() {
	case cell.Ref:
		for _, a := range v.Areas() {
			c.aggregateCells(a, skip, func(b cell.Box) {
				if b == b {
					x = append(x, b)
				} else if cell.BoxKind(b) == cell.Error && code == 0 {
					code = cell.BoxedError(b)
				}
			})
		}
	case cell.Array:
		for _, e := range v.Grid().Cells {
			switch {
			case e.Kind() == cell.Number:
				x = append(x, e.Float())
			case e.IsError() && !skip.errors && code == 0:
				code = e.Code()
			}
		}
	case cell.Error:
		if !skip.errors {
			code = v.Code()
		}
	default:
		f := cell.ToNumber(v, c.Dates())
		if f.IsError() {
			return nil, f.Code()
		}
		x = append(x, f.Float())
	}
	return x, code
}

// aggregateOf is the statistic with a number from 1 to 13 over numbers, which it may put in another order.
func aggregateOf(n int, x []float64) cell.Value {
	count := float64(len(x))
	sum := 0.0
	for _, f := range x {
		sum += f
	}
	switch n {
	case 1:
		if count == 0 {
			return cell.Err(cell.ErrDiv)
		}
		return cell.Num(sum / count)
	case 4, 5, 6:
		if count == 0 {
			return cell.Num(0)
		}
		y := x[0]
		for _, f := range x[1:] {
			switch n {
			case 4:
				y = max(y, f)
			case 5:
				y = min(y, f)
			default:
				y *= f
			}
		}
		return cell.Num(y)
	case 7, 8, 10, 11:
		over := count // of the population
		if n == 7 || n == 10 {
			over-- // of a sample
		}
		if over <= 0 {
			return cell.Err(cell.ErrDiv)
		}
		variance := aggregateSquares(x, sum/count) / over
		if n < 9 {
			return cell.Num(math.Sqrt(variance))
		}
		return cell.Num(variance)
	case 12:
		return aggregateMedian(x)
	case 13:
		return aggregateMode(x)
	}
	return cell.Num(sum)
}

// aggregateSquares is the sum of squared distances from the mean, whose own rounding is taken out again.
func aggregateSquares(x []float64, mean float64) float64 {
	squares, rest := 0.0, 0.0
	for _, f := range x {
		d := f - mean
		squares += float64(d * d)
		rest += d
	}
	return max(squares-float64(rest*rest)/float64(len(x)), 0)
}
