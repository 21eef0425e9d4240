package fn

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// mathElementary are the functions of one real number, and those close to them.
var mathElementary = []*Func{
	real1("ABS", "the absolute value of a number", math.Abs),
	real1("ACOS", "the arccosine, in radians from 0 to pi; #NUM! beyond -1 to 1", math.Acos),
	real1("ACOSH", "the inverse hyperbolic cosine; #NUM! below 1", math.Acosh),
	real1("ACOT", "the arccotangent, in radians from 0 to pi", func(x float64) float64 { return math.Pi/2 - math.Atan(x) }),
	real1("ACOTH", "the inverse hyperbolic cotangent; #NUM! from -1 to 1", func(x float64) float64 {
		if math.Abs(x) <= 1 {
			return math.NaN()
		}
		return math.Atanh(1 / x)
	}),
	real1("ASIN", "the arcsine, in radians from -pi/2 to pi/2; #NUM! beyond -1 to 1", math.Asin),
	real1("ASINH", "the inverse hyperbolic sine", math.Asinh),
	real1("ATAN", "the arctangent, in radians from -pi/2 to pi/2", math.Atan),
	{Name: "ATAN2", Category: "Math", Takes: "n n", Doc: "the angle, in radians from -pi to pi, of the point (x, y); #DIV/0! at the origin", Body: mathAtan2},
	real1("ATANH", "the inverse hyperbolic tangent; #NUM! but between -1 and 1", math.Atanh),
	angle("COS", "the cosine of an angle in radians", math.Cos),
	real1("COSH", "the hyperbolic cosine", math.Cosh),
	reciprocal("COT", "the cotangent of an angle in radians; #DIV/0! at 0", math.Tan, true),
	reciprocal("COTH", "the hyperbolic cotangent; #DIV/0! at 0", math.Tanh, false),
	reciprocal("CSC", "the cosecant of an angle in radians; #DIV/0! at 0", math.Sin, true),
	reciprocal("CSCH", "the hyperbolic cosecant; #DIV/0! at 0", math.Sinh, false),
	real1("DEGREES", "an angle in degrees, given in radians", func(x float64) float64 { return x / math.Pi * 180 }),
	real1("EXP", "e raised to a power", math.Exp),
	real1("LN", "the natural logarithm; #NUM! unless above 0", mathLn),
	{Name: "LOG", Category: "Math", Takes: "n n?", Doc: "the logarithm to a base, 10 where it is left out", Body: mathLog},
	real1("LOG10", "the logarithm to base 10; #NUM! unless above 0", mathLog10),
	{Name: "PI", Category: "Math", Takes: "", Doc: "the number pi", Body: func(*Call) cell.Value { return cell.Num(math.Pi) }},
	{Name: "POWER", Category: "Math", Takes: "n n", Doc: "a number raised to a power", Body: func(c *Call) cell.Value { return Power(c.Num(0), c.Num(1)) }},
	real1("RADIANS", "an angle in radians, given in degrees", func(x float64) float64 { return x / 180 * math.Pi }),
	reciprocal("SEC", "the secant of an angle in radians", math.Cos, true),
	reciprocal("SECH", "the hyperbolic secant", math.Cosh, false),
	real1("SIGN", "1, 0 or -1: the sign of a number", mathSign),
	angle("SIN", "the sine of an angle in radians", math.Sin),
	real1("SINH", "the hyperbolic sine", math.Sinh),
	real1("SQRT", "the square root; #NUM! below 0", math.Sqrt),
	{Name: "SQRTPI", Category: "Math", Takes: "v", Doc: "the square root of a number times pi; #NUM! below 0", Body: strict(1, func(c *Call) cell.Value { return cell.Num(math.Sqrt(c.Num(0) * math.Pi)) })},
	angle("TAN", "the tangent of an angle in radians", math.Tan),
	real1("TANH", "the hyperbolic tangent", math.Tanh),
}

// real1 is a function of one number whose result is #NUM! where f has none.
func real1(name, doc string, f func(float64) float64) *Func {
	return &Func{Name: name, Category: "Math", Takes: "n", Doc: doc, Body: func(c *Call) cell.Value { return cell.Num(f(c.Num(0))) }}
}

// maxAngle is the angle from which on Excel does not compute its trigonometric functions.
const maxAngle = 1 << 27

// angle is real1 of an angle, which is #NUM! where it is too great.
func angle(name, doc string, f func(float64) float64) *Func {
	return real1(name, doc, func(x float64) float64 {
		if math.Abs(x) >= maxAngle {
			return math.NaN()
		}
		return f(x)
	})
}

// reciprocal is 1/f. It is #DIV/0! where f is 0.
func reciprocal(name, doc string, f func(float64) float64, bounded bool) *Func {
	return &Func{Name: name, Category: "Math", Takes: "n", Doc: doc, Body: func(c *Call) cell.Value {
		x := c.Num(0)
		if bounded && math.Abs(x) >= maxAngle {
			return cell.Err(cell.ErrNum)
		}
		y := f(x)
		if y == 0 {
			return cell.Err(cell.ErrDiv)
		}
		return cell.Num(1 / y)
	}}
}

func mathAtan2(c *Call) cell.Value {
	x, y := c.Num(0), c.Num(1)
	if x == 0 && y == 0 {
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(math.Atan2(y, x))
}

func mathSign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func mathLn(x float64) float64 {
	if x <= 0 {
		return math.NaN()
	}
	return math.Log(x)
}

// mathLog10 is exact for powers of ten, so that INT(LOG10(1000)) is 3.
func mathLog10(x float64) float64 {
	if x <= 0 {
		return math.NaN()
	}
	return wholePower(10, x, math.Log10(x))
}

// wholePower returns the whole number nearest to y where base to that power is x, and y where it is not.
func wholePower(base, x, y float64) float64 {
	if n := math.Round(y); math.Abs(y-n) < 1e-9 && math.Pow(base, n) == x {
		return n
	}
	return y
}

func mathLog(c *Call) cell.Value {
	x, base := c.Num(0), 10.0
	if len(c.Args) > 1 {
		base = c.Num(1)
	}
	if x <= 0 || base <= 0 {
		return cell.Err(cell.ErrNum)
	}
	if base == 1 {
		return cell.Err(cell.ErrDiv)
	}
	if base == 10 {
		return cell.Num(mathLog10(x))
	}
	return cell.Num(wholePower(base, x, math.Log(x)/math.Log(base)))
}

// strict is the body of a function that Excel took over from its Analysis ToolPak: its parameters are of kind v, and a
// boolean is #VALUE! where a number is needed. An argument left empty is #N/A where it is required. For f they are numbers or
// left out.
func strict(required int, f func(c *Call) cell.Value) func(c *Call) cell.Value {
	return func(c *Call) cell.Value {
		for i, v := range c.Args {
			if v.Kind() == cell.Missing {
				if i < required {
					return cell.Err(cell.ErrNA)
				}
				continue
			}
			if v = strictNumber(c, v); v.IsError() {
				return v
			}
			c.Args[i] = v
		}
		return f(c)
	}
}

// strictNumber is [cell.ToNumber] but for booleans, which are #VALUE!.
func strictNumber(c *Call, v cell.Value) cell.Value {
	if v.Kind() == cell.Bool {
		return cell.Err(cell.ErrValue)
	}
	return cell.ToNumber(v, c.Dates())
}
