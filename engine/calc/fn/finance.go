package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// The formulas of annuities are those that Excel's page on PV states: with interest r and n periods,
// pv·(1+r)^n + pmt·(1+r·type)·((1+r)^n-1)/r + fv = 0. Money received is positive, money paid negative.
var annuities = []*Func{
	{Name: "PV", Category: "Financial", Takes: "n n n n? n?", Doc: "The present value of equal payments and a final one.", Body: pv},
	{Name: "FV", Category: "Financial", Takes: "n n n n? n?", Doc: "The future value of equal payments and a first one.", Body: fv},
	{Name: "PMT", Category: "Financial", Takes: "n n n n? n?", Doc: "The payment of each period that pays off a loan.", Body: pmt},
	{Name: "NPER", Category: "Financial", Takes: "n n n n? n?", Doc: "The number of periods that pay off a loan.", Body: nper},
	{Name: "RATE", Category: "Financial", Takes: "n n n n? n? n?", Doc: "The interest of a period of an annuity.", Body: rate},
	{Name: "IPMT", Category: "Financial", Takes: "n n n n n? n?", Doc: "The interest in the payment of a period.", Body: ipmt},
	{Name: "PPMT", Category: "Financial", Takes: "n n n n n? n?", Doc: "The repayment in the payment of a period.", Body: ppmt},
	{Name: "CUMIPMT", Category: "Financial", Takes: "v v v v v v", Doc: "The interest paid on a loan between two periods.", Body: strict(6, cumipmt)},
	{Name: "CUMPRINC", Category: "Financial", Takes: "v v v v v v", Doc: "The repayment of a loan between two periods.", Body: strict(6, cumprinc)},
	{Name: "ISPMT", Category: "Financial", Takes: "n n n n", Doc: "The interest in a period of a loan with equal repayments.", Body: ispmt},
	{Name: "EFFECT", Category: "Financial", Takes: "v v", Doc: "The effective annual interest of a nominal one.", Body: strict(2, effect)},
	{Name: "NOMINAL", Category: "Financial", Takes: "v v", Doc: "The nominal annual interest of an effective one.", Body: strict(2, nominal)},
	{Name: "RRI", Category: "Financial", Takes: "n n n", Doc: "The interest at which a value grows to another.", Body: rri},
	{Name: "PDURATION", Category: "Financial", Takes: "n n n", Doc: "The number of periods in which a value grows to another.", Body: pduration},
	{Name: "FVSCHEDULE", Category: "Financial", Takes: "v a", Doc: "The value of a principal after interest that changes.", Body: fvschedule},
	{Name: "DOLLARDE", Category: "Financial", Takes: "v v", Doc: "A price with a fraction behind the point as a decimal number.", Body: strict(2, dollarde)},
	{Name: "DOLLARFR", Category: "Financial", Takes: "v v", Doc: "A decimal price with a fraction behind the point.", Body: strict(2, dollarfr)},
}

// financeDue is the argument "type": 1 for payments at the start of periods.
func financeDue(c *Call, i int) float64 {
	if c.Num(i) != 0 {
		return 1
	}
	return 0
}

// financeOr is the number of argument i, or other where there are fewer. An argument left empty between commas is 0, as Excel has it
// for these functions.
func financeOr(c *Call, i int, other float64) float64 {
	if i < len(c.Args) {
		return c.Num(i)
	}
	return other
}

// strictOne is the number of argument i of a function of the ToolPak (see [strict]), or an error.
func strictOne(c *Call, i int) cell.Value {
	if i >= len(c.Args) || c.Args[i].Kind() == cell.Missing {
		return cell.Err(cell.ErrNA)
	}
	return strictNumber(c, c.Args[i])
}

// compound returns (1+r)^n, and ((1+r)^n-1)/r, which is n where r is 0. Usual rates go by logarithms, as 1+r has lost
// their last digits.
func compound(r, n float64) (growth, annuity float64) {
	if r == 0 {
		return 1, n
	}
	if math.Abs(r) < 0.5 {
		e := math.Expm1(n * math.Log1p(r))
		return e + 1, e / r
	}
	growth = math.Pow(1+r, n)
	return growth, (growth - 1) / r
}

func pvOf(r, n, pmt, fv, due float64) float64 {
	growth, annuity := compound(r, n)
	return -(fv + pmt*(1+r*due)*annuity) / growth
}

func fvOf(r, n, pmt, pv, due float64) float64 {
	growth, annuity := compound(r, n)
	return -(pv*growth + pmt*(1+r*due)*annuity)
}

func pmtOf(r, n, pv, fv, due float64) float64 {
	growth, annuity := compound(r, n)
	return -(fv + pv*growth) / ((1 + r*due) * annuity)
}

func pv(c *Call) cell.Value {
	if c.Num(0) == -1 && c.Num(1) > 0 { // 1/0^n
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(pvOf(c.Num(0), c.Num(1), c.Num(2), c.Num(3), financeDue(c, 4)))
}

func fv(c *Call) cell.Value {
	if c.Num(0) == -1 && c.Num(1) < 0 { // 0^-n
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(fvOf(c.Num(0), c.Num(1), c.Num(2), c.Num(3), financeDue(c, 4)))
}

func pmt(c *Call) cell.Value {
	if c.Num(0) <= -1 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(pmtOf(c.Num(0), c.Num(1), c.Num(2), c.Num(3), financeDue(c, 4)))
}

func nper(c *Call) cell.Value {
	r, pmt, pv, fv, due := c.Num(0), c.Num(1), c.Num(2), c.Num(3), financeDue(c, 4)
	if r == 0 {
		return cell.Num(-(pv + fv) / pmt)
	}
	if r <= -1 {
		return cell.Err(cell.ErrNum)
	}
	paid := pmt * (1 + r*due)
	return cell.Num(math.Log((paid-fv*r)/(paid+pv*r)) / math.Log1p(r))
}

func rate(c *Call) cell.Value {
	n, pmt, pv, fv, due := c.Num(0), c.Num(1), c.Num(2), c.Num(3), financeDue(c, 4)
	guess := financeOr(c, 5, 0.1)
	if n <= 0 || guess <= -1 {
		return cell.Err(cell.ErrNum)
	}
	// Where there are several rates, Newton's method for the future value finds the one that Excel finds.
	future := func(r float64) (value, slope float64) {
		growth, annuity := compound(r, n)
		d := n * (n - 1) / 2 // of the annuity by r at 0
		if math.Abs(r) > 1e-8 {
			d = (n*growth/(1+r) - annuity) / r
		}
		return pv*growth + pmt*(1+r*due)*annuity + fv, n*pv*growth/(1+r) + pmt*(due*annuity+(1+r*due)*d)
	}
	if r, ok := financeNewton(future, guess, -1); ok {
		return cell.Num(r)
	}
	// Both the value and its slope are divided by (1+r)^n, which would overflow for long loans.
	f := func(r float64) (value, slope float64) {
		growth, annuity := compound(r, n)
		d := n * (n - 1) / 2 // of the annuity by r at 0
		if math.Abs(r) > 1e-8 {
			d = (n*growth/(1+r) - annuity) / r
		}
		value = pv + (pmt*(1+r*due)*annuity+fv)/growth
		if math.IsInf(growth, 0) {
			return math.NaN(), math.NaN()
		}
		slope = pmt*(due*annuity+(1+r*due)*d)/growth - n/(1+r)*(pmt*(1+r*due)*annuity+fv)/growth
		return value, slope
	}
	return financeSolve(f, guess, -1)
}

// ipmtOf is the interest in the payment of a period, from what is owed before it.
func ipmtOf(r, per, n, pv, fv, due float64) float64 {
	pmt := pmtOf(r, n, pv, fv, due)
	switch {
	case due == 0:
		return r * fvOf(r, per-1, pmt, pv, 0)
	case per == 1:
		return 0
	}
	return r * (fvOf(r, per-2, pmt, pv, 1) - pmt)
}

func ipmt(c *Call) cell.Value {
	per, n := c.Num(1), c.Num(2)
	if per < 1 || per >= n+1 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(ipmtOf(c.Num(0), per, n, c.Num(3), c.Num(4), financeDue(c, 5)))
}

func ppmt(c *Call) cell.Value {
	r, per, n, pv, fv, due := c.Num(0), c.Num(1), c.Num(2), c.Num(3), c.Num(4), financeDue(c, 5)
	if per < 1 || per >= n+1 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(pmtOf(r, n, pv, fv, due) - ipmtOf(r, per, n, pv, fv, due))
}

// repaid returns the repayment from one period to another, and the interest.
func repaid(c *Call) (principal, interest float64, ok bool) {
	r, n, pv := c.Num(0), c.Num(1), c.Num(2)
	first, last := math.Ceil(c.Num(3)), math.Trunc(c.Num(4))
	due := c.Num(5)
	if r <= 0 || n <= 0 || pv <= 0 || first < 1 || last < first || last > n || due != 0 && due != 1 {
		return 0, 0, false
	}
	// Repayments grow by the interest from one period to the next. With payments at the start the first one has no interest in it, and
	// the second is where the row begins.
	pmt := pmtOf(r, n, pv, 0, due)
	count := last - first + 1
	repayment := pv*r + pmt*(1+r*due)
	if due == 1 && first == 1 {
		_, annuity := compound(r, count-1)
		principal = pmt + repayment*annuity
	} else {
		growth, _ := compound(r, first-1-due)
		_, annuity := compound(r, count)
		principal = repayment * growth * annuity
	}
	return principal, pmt*count - principal, true
}

func cumipmt(c *Call) cell.Value {
	_, interest, ok := repaid(c)
	if !ok {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(interest)
}

func cumprinc(c *Call) cell.Value {
	principal, _, ok := repaid(c)
	if !ok {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(principal)
}

func ispmt(c *Call) cell.Value {
	if c.Num(2) == 0 {
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(c.Num(3) * c.Num(0) * (c.Num(1)/c.Num(2) - 1))
}

func effect(c *Call) cell.Value {
	r, n := c.Num(0), math.Trunc(c.Num(1))
	if r <= 0 || n < 1 {
		return cell.Err(cell.ErrNum)
	}
	growth, _ := compound(r/n, n)
	return cell.Num(growth - 1)
}

func nominal(c *Call) cell.Value {
	r, n := c.Num(0), math.Trunc(c.Num(1))
	if r <= 0 || n < 1 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num((math.Pow(1+r, 1/n) - 1) * n)
}

func rri(c *Call) cell.Value {
	n, pv, fv := c.Num(0), c.Num(1), c.Num(2)
	if n <= 0 || pv == 0 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(math.Pow(fv/pv, 1/n) - 1)
}

func pduration(c *Call) cell.Value {
	r, pv, fv := c.Num(0), c.Num(1), c.Num(2)
	if r <= 0 || pv <= 0 || fv <= 0 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(math.Log(fv/pv) / math.Log1p(r))
}

// fvschedule takes empty cells for no interest; text and booleans are #VALUE!.
func fvschedule(c *Call) cell.Value {
	principal := strictOne(c, 0)
	if principal.IsError() {
		return principal
	}
	out := principal.Float()
	bad := cell.Value{}
	c.ValuesOf(1, func(v cell.Value, _ bool) bool {
		switch v.Kind() {
		case cell.Number:
			out *= 1 + v.Float()
		case cell.Empty:
		case cell.Missing:
			bad = cell.Err(cell.ErrNA)
		case cell.Error:
			bad = v
		default:
			bad = cell.Err(cell.ErrValue)
		}
		return !bad.IsError()
	})
	if bad.IsError() {
		return bad
	}
	return cell.Num(out)
}

// fractionOf reads the denominator of DOLLARDE and DOLLARFR, and the power of ten that its numerators need.
func fractionOf(c *Call) (denominator, power float64, code cell.ErrorCode) {
	f := c.Num(1)
	switch {
	case f < 0:
		return 0, 0, cell.ErrNum
	case f < 1:
		return 0, 0, cell.ErrDiv
	}
	f = math.Trunc(f)
	power = 1
	for power < f {
		power *= 10
	}
	return f, power, 0
}

func dollarde(c *Call) cell.Value {
	denominator, power, code := fractionOf(c)
	if code != 0 {
		return cell.Err(code)
	}
	whole, part := math.Modf(c.Num(0))
	return cell.Num(whole + part*power/denominator)
}

func dollarfr(c *Call) cell.Value {
	denominator, power, code := fractionOf(c)
	if code != 0 {
		return cell.Err(code)
	}
	whole, part := math.Modf(c.Num(0))
	return cell.Num(whole + part*denominator/power)
}
