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

// besselK goes by the polynomials of Abramowitz and Stegun 9.8.5 to 9.8.8 for the orders 0 and 1, and upward from them. They are good to
// eight digits, and they are what Excel has: BESSELK(1.5,1) is 0.277387804 on its page, where the function itself is 0.277387800.
func besselK(x float64, n int) float64 {
	var k0, k1 float64
	if x <= 2 {
		t, l := x*x/4, math.Log(x/2)
		k0 = -l*besselI(x, 0) + horner(t, -0.57721566, 0.42278420, 0.23069756, 0.03488590, 0.00262698, 0.00010750, 0.00000740)
		k1 = l*besselI(x, 1) + horner(t, 1, 0.15443144, -0.67278579, -0.18156897, -0.01919402, -0.00110404, -0.00004686)/x
	} else {
		t, scale := 2/x, math.Exp(-x)/math.Sqrt(x)
		k0 = scale * horner(t, 1.25331414, -0.07832358, 0.02189568, -0.01062446, 0.00587872, -0.00251540, 0.00053208)
		k1 = scale * horner(t, 1.25331414, 0.23498619, -0.03655620, 0.01504268, -0.00780353, 0.00325614, -0.00068245)
	}
	if n == 0 {
		return k0
	}
	for i := 1; i < n && k1 != 0 && !math.IsInf(k1, 0); i++ {
		k0, k1 = k1, k0+float64(2*float64(i)/x*k1)
	}
	return k1
}

// horner is the polynomial with these coefficients, from the constant one on.
func horner(x float64, coefficients ...float64) float64 {
	y := 0.0
	for i := len(coefficients) - 1; i >= 0; i-- {
		y = float64(y*x) + coefficients[i]
	}
	return y
}
