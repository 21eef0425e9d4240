package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// engSpecial are the Bessel functions, the error function and the tests of numbers.
var engSpecial = []*Func{
	bessel("BESSELI", "the modified Bessel function of the first kind: x, order", false, besselI),
	bessel("BESSELJ", "the Bessel function of the first kind: x, order", false, besselJ),
	bessel("BESSELK", "the modified Bessel function of the second kind: x, order", true, besselK),
	bessel("BESSELY", "the Bessel function of the second kind: x, order", true, besselY),
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
func bessel(name, doc string, second bool, f func(c *Call, x float64, n int) float64) *Func {
	return &Func{Name: name, Category: "Engineering", Takes: "v v", Doc: doc, Body: strict(2, func(c *Call) cell.Value {
		x, n := c.Num(0), c.Int(1)
		if n < 0 || second && x <= 0 || math.Abs(x) >= besselMost {
			return cell.Err(cell.ErrNum)
		}
		return cell.Num(f(c, x, n))
	})}
}
