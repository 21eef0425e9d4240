package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// engSpecial are the Bessel functions, the error function and the tests of numbers.
var engSpecial = []*Func{
	bessel("BESSELI", "the modified Bessel function of the first kind: x, order", false, besselI),
	bessel("BESSELJ", "the Bessel function of the first kind: x, order", false, func(x float64, n int) float64 { return math.Jn(n, x) }),
	bessel("BESSELK", "the modified Bessel function of the second kind: x, order", true, besselK),
	bessel("BESSELY", "the Bessel function of the second kind: x, order", true, func(x float64, n int) float64 { return math.Yn(n, x) }),
	{Name: "DELTA", Category: "Engineering", Takes: "v v?", Doc: "1 where two numbers are equal, else 0", Body: strict(1, func(c *Call) cell.Value { return oneIf(c.Num(0) == c.Num(1)) })},
	{Name: "ERF", Category: "Engineering", Takes: "v v?", Doc: "the integral of the error function from 0 to a number, or between two", Body: strict(1, engErf)},
	{Name: "ERF.PRECISE", Category: "Engineering", Takes: "v", Doc: "the integral of the error function from 0 to a number", Body: strict(1, engErf)},
	{Name: "ERFC", Category: "Engineering", Takes: "v", Doc: "the integral of the error function from a number to infinity", Body: strict(1, engErfc)},
	{Name: "ERFC.PRECISE", Category: "Engineering", Takes: "v", Doc: "the integral of the error function from a number to infinity", Body: strict(1, engErfc)},
	{Name: "GESTEP", Category: "Engineering", Takes: "v v?", Doc: "1 where a number is at least a step, else 0", Body: strict(1, func(c *Call) cell.Value { return oneIf(c.Num(0) >= c.Num(1)) })},
}

func oneIf(b bool) cell.Value {
	if b {
		return cell.Num(1)
	}
	return cell.Num(0)
}

func engErf(c *Call) cell.Value {
	y := math.Erf(c.Num(0))
	if c.Has(1) {
		y = math.Erf(c.Num(1)) - y
	}
	return cell.Num(y)
}

func engErfc(c *Call) cell.Value { return cell.Num(math.Erfc(c.Num(0))) }

// bessel is a function of a number and an order, which is cut to an integer and must not be negative. Those of the second kind need
// a number above 0.
func bessel(name, doc string, second bool, f func(x float64, n int) float64) *Func {
	return &Func{Name: name, Category: "Engineering", Takes: "v v", Doc: doc, Body: strict(2, func(c *Call) cell.Value {
		x, n := c.Num(0), c.Int(1)
		if n < 0 || second && x <= 0 {
			return cell.Err(cell.ErrNum)
		}
		return cell.Num(f(x, n))
	})}
}

// besselI adds up the power series (Abramowitz and Stegun 9.6.10), whose terms all have one sign, so that nothing cancels.
func besselI(x float64, n int) float64 {
	half := math.Abs(x) / 2
	if half == 0 {
		if n == 0 {
			return 1
		}
		return 0
	}
	if half > 400 {
		return math.Inf(1)
	}
	// The terms are scaled by the first one, (x/2)^n/n!, which alone may be too small to hold.
	gamma, _ := math.Lgamma(float64(n) + 1)
	first := float64(float64(n)*math.Log(half)) - gamma
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-17; k++ {
		term *= half / k * (half / (k + float64(n)))
		sum += term
	}
	y := sum * math.Exp(first)
	if n <= 20 {
		// The power itself is more exact than its logarithm.
		y = sum
		for i := 1; i <= n; i++ {
			y *= half / float64(i)
		}
	}
	if x < 0 && n%2 != 0 {
		return -y
	}
	return y
}

// besselK integrates exp(-x cosh t) cosh(n t) over t from 0 (Abramowitz and Stegun 9.6.24) by the trapezoidal rule, which for such a function
// converges faster than any power of the step.
func besselK(x float64, n int) float64 {
	order := float64(n)
	// The integrand is widest about its greatest value, and falls to nothing on both sides of it.
	step := min(0.125, 0.3/math.Sqrt(math.Hypot(x, order)))
	at := func(t float64) float64 {
		down, slope := float64(x*math.Cosh(t)), float64(order*t)
		return (math.Exp(slope-down) + math.Exp(-slope-down)) / 2
	}
	peak := math.Asinh(order / x)
	sum := at(0) / 2
	for i := 1.0; ; i++ {
		t := i * step
		y := at(t)
		sum += y
		if t > peak && y <= sum*1e-18 || math.IsInf(sum, 0) {
			return sum * step
		}
	}
}
