package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

var cashFlows = []*Func{
	{Name: "NPV", Category: "Financial", Takes: "n a ...", Doc: "The present value of payments at the ends of periods.", Body: npv},
	{Name: "IRR", Category: "Financial", Takes: "a n?", Doc: "The interest at which payments are worth nothing.", Body: irr},
	{Name: "MIRR", Category: "Financial", Takes: "a n n", Doc: "The return of payments that are financed and reinvested at different rates.", Body: mirr},
	{Name: "XNPV", Category: "Financial", Takes: "v a a", Doc: "The present value of payments on given dates.", Body: xnpv},
	{Name: "XIRR", Category: "Financial", Takes: "a a v?", Doc: "The interest at which payments on given dates are worth nothing.", Body: xirr},
}

// financeSolve finds where f is 0, near guess and above low, by Newton's method. f returns the value and the slope. Where that does not
// settle, the nearest change of sign is sought, outward from the guess. Without one it is #NUM!.
func financeSolve(f func(x float64) (value, slope float64), guess, low float64) cell.Value {
	x, ok := financeNewton(f, guess, low)
	if !ok {
		x, ok = financeBracket(f, guess, low)
	}
	if !ok {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(x)
}

func financeNewton(f func(x float64) (value, slope float64), x, low float64) (float64, bool) {
	const (
		tries = 100
		far   = 1e8
	)
	last := math.Inf(1)
	for range tries {
		value, slope := f(x)
		if value == 0 {
			return x, true
		}
		next := x - value/slope
		if !(math.Abs(next) < far) {
			return 0, false
		}
		if next <= low {
			next = (x + low) / 2
		}
		if next-low < 1e-12 { // it runs into the end, where all may look like 0
			return 0, false
		}
		step := math.Abs(next - x)
		// At the end the steps are rounding errors, which do not shrink any more.
		if step <= 1e-15*math.Abs(next) || step < 1e-10*(1+math.Abs(x)) && step >= last {
			return next, true
		}
		x, last = next, step
	}
	return x, last < 1e-8*(1+math.Abs(x))
}

func financeBracket(f func(x float64) (value, slope float64), guess, low float64) (float64, bool) {
	const (
		growth = 1.1
		steps  = 150
	)
	value := func(x float64) float64 { v, _ := f(x); return v }
	down, up := guess, guess
	atDown, atUp := value(guess), value(guess)
	for range steps {
		next := low + (up-low)*growth
		if v := value(next); v*atUp < 0 {
			return financeBisect(value, up, next), true
		} else if !math.IsNaN(v) {
			up, atUp = next, v
		}
		next = low + (down-low)/growth
		if v := value(next); v*atDown < 0 {
			return financeBisect(value, next, down), true
		} else if !math.IsNaN(v) {
			down, atDown = next, v
		}
	}
	return 0, false
}

// financeBisect narrows an interval whose ends have values of different sign down to neighbouring numbers.
func financeBisect(value func(float64) float64, a, b float64) float64 {
	atA := value(a)
	for {
		mid := a + (b-a)/2
		if mid <= a || mid >= b {
			return mid
		}
		if v := value(mid); v == 0 {
			return mid
		} else if v*atA > 0 {
			a, atA = mid, v
		} else {
			b = mid
		}
	}
}

func npv(c *Call) cell.Value {
	r := c.Num(0)
	if r == -1 {
		return cell.Err(cell.ErrDiv)
	}
	sum, n := 0.0, 0.0
	code := flowNumbers(c, 1, len(c.Args), func(v float64) {
		n++
		sum += v / math.Pow(1+r, n)
	})
	if code != 0 {
		return cell.Err(code)
	}
	return cell.Num(sum)
}

// flowNumbers calls f with the numbers of the arguments from first to before last, by the rule of [Call.Numbers] but row by row, as the
// order of payments is that of reading.
func flowNumbers(c *Call, first, last int, f func(float64)) (code cell.ErrorCode) {
	for i := first; i < last; i++ {
		c.ValuesOf(i, func(v cell.Value, single bool) bool {
			if single {
				v = cell.ToNumber(v, c.Dates())
			}
			switch v.Kind() {
			case cell.Number:
				f(v.Float())
			case cell.Error:
				code = v.Code()
			}
			return code == 0
		})
		if code != 0 {
			break
		}
	}
	return code
}

// flowsOf collects the numbers of an argument, and whether money goes both ways.
func flowsOf(c *Call, i int) (flows []float64, both bool, code cell.ErrorCode) {
	in, out := false, false
	code = flowNumbers(c, i, i+1, func(v float64) {
		flows = append(flows, v)
		in, out = in || v > 0, out || v < 0
	})
	return flows, in && out, code
}

func irr(c *Call) cell.Value {
	flows, both, code := flowsOf(c, 0)
	if code != 0 {
		return cell.Err(code)
	}
	guess := financeOr(c, 1, 0.1)
	switch {
	case guess <= -1:
		return cell.Err(cell.ErrValue)
	case !both:
		return cell.Err(cell.ErrNum)
	}
	return financeSolve(func(r float64) (value, slope float64) {
		c.Poll()
		// Horner's rule in 1/(1+r), from the last payment.
		d := 1 / (1 + r)
		for i := len(flows) - 1; i >= 0; i-- {
			slope = slope*d + value
			value = value*d + flows[i]
		}
		return value, -slope * d * d
	}, guess, -1)
}

func mirr(c *Call) cell.Value {
	flows, _, code := flowsOf(c, 0)
	if code != 0 {
		return cell.Err(code)
	}
	finance, reinvest := c.Num(1), c.Num(2)
	n := float64(len(flows))
	in, out := 0.0, 0.0
	for i, v := range flows {
		if v > 0 {
			in += v * math.Pow(1+reinvest, n-1-float64(i))
		} else {
			out += v / math.Pow(1+finance, float64(i))
		}
	}
	if out == 0 || math.IsInf(out, 0) || n < 2 {
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(math.Pow(-in/out, 1/(n-1)) - 1)
}

// datedFlows are payments with the time since the first one in years of 365 days.
type datedFlows struct {
	amounts, years []float64
}

// datedFlowsOf reads payments and their dates. No date may come before the first. Among the payments empty cells are 0 and text and
// booleans are #VALUE!, unless only numbers count.
func datedFlowsOf(c *Call, amounts, dates int, numbersOnly bool) (datedFlows, cell.ErrorCode) {
	var f datedFlows
	var code cell.ErrorCode
	numbers := func(i int) (out []float64) {
		c.ValuesOf(i, func(v cell.Value, single bool) bool {
			if single && v.Kind() != cell.Missing {
				v = strictNumber(c, v)
			}
			switch v.Kind() {
			case cell.Number:
				out = append(out, v.Float())
			case cell.Error:
				code = v.Code()
			case cell.Empty:
				if i == amounts && !numbersOnly {
					out = append(out, 0)
				}
			case cell.Missing:
				code = cell.ErrNA
			default:
				if i != amounts || !numbersOnly {
					code = cell.ErrValue
				}
			}
			return code == 0
		})
		return out
	}
	f.amounts = numbers(amounts)
	if code != 0 {
		return f, code
	}
	f.years = numbers(dates)
	switch {
	case code != 0:
		return f, code
	case len(f.amounts) != len(f.years) || len(f.amounts) == 0:
		return f, cell.ErrNum
	}
	first := math.Trunc(f.years[0])
	for i, d := range f.years {
		d = math.Trunc(d)
		if d < first || d < 0 || d >= c.Dates().End() {
			return f, cell.ErrNum
		}
		f.years[i] = (d - first) / 365
	}
	return f, 0
}

func (f *datedFlows) value(r float64) (value, slope float64) {
	for i, v := range f.amounts {
		v /= math.Pow(1+r, f.years[i])
		value += v
		slope -= v * f.years[i] / (1 + r)
	}
	return value, slope
}

func xnpv(c *Call) cell.Value {
	f, code := datedFlowsOf(c, 1, 2, true)
	if code != 0 {
		return cell.Err(code)
	}
	rate := strictOne(c, 0)
	switch {
	case rate.IsError():
		return rate
	case rate.Float() <= 0: // Excel's page does not say so, but it is known for it
		return cell.Err(cell.ErrNum)
	}
	value, _ := f.value(rate.Float())
	return cell.Num(value)
}

func xirr(c *Call) cell.Value {
	f, code := datedFlowsOf(c, 0, 1, false)
	if code != 0 {
		return cell.Err(code)
	}
	in, out := false, false
	for _, v := range f.amounts {
		in, out = in || v > 0, out || v < 0
	}
	guess := 0.1
	if c.Has(2) {
		v := strictOne(c, 2)
		if v.IsError() {
			return v
		}
		guess = v.Float()
	}
	if !in || !out || guess <= -1 {
		return cell.Err(cell.ErrNum)
	}
	return financeSolve(func(r float64) (value, slope float64) {
		c.Poll()
		return f.value(r)
	}, guess, -1)
}
