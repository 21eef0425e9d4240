package fn

import "math"

// Excel computes the Bessel functions of orders 0 and 1 by approximations that are right to seven or eight digits, and those of higher
// orders by recurrence: polynomials of Abramowitz and Stegun (9.8.1 to 9.8.8) for the modified functions, quotients of polynomials (Hart and
// others, Computer Approximations, 1968) below 8 and an asymptotic form from there on for the others. The same approximations are used here,
// so that a workbook keeps its values. The one exception is BESSELJ from 8 on, where Excel's values are those of no published form: there it
// is the function itself.

// polynomial is c[0] + c[1] x + c[2] x^2 + ...
func polynomial(x float64, c ...float64) float64 {
	y := 0.0
	for i := len(c) - 1; i >= 0; i-- {
		y = float64(y*x) + c[i]
	}
	return y
}

// besselFar is the order from which on the functions of the first kind are nothing for all numbers of which they are not too great.
const besselFar = 1e4

// besselMost is the number from which on no angle has a meaning to Excel, and besselLong the order from which on a recurrence takes long.
const (
	besselMost = 1 << 27
	besselLong = 1 << 20
)

// upward carries f(j+1) = 2j/x f(j) + sign f(j-1) from orders 0 and 1 to order n, or to where it is nothing or too great.
func upward(c *Call, x float64, n int, f0, f1, sign float64) float64 {
	for j := 1; j < n && f1-f1 == 0 && (f0 != 0 || f1 != 0); j++ {
		if j%besselLong == 0 {
			c.Poll()
		}
		f0, f1 = f1, float64(2*float64(j)/x*f1)+sign*f0
	}
	return f1
}

func besselI0(x float64) float64 {
	if x < 3.75 {
		y := x / 3.75
		return polynomial(y*y, 1, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813)
	}
	return math.Exp(x) / math.Sqrt(x) * polynomial(3.75/x, 0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537, -0.01647633, 0.00392377)
}

func besselI1(x float64) float64 {
	if x < 3.75 {
		y := x / 3.75
		return x * polynomial(y*y, 0.5, 0.87890594, 0.51498869, 0.15084934, 0.02658733, 0.00301532, 0.00032411)
	}
	return math.Exp(x) / math.Sqrt(x) * polynomial(3.75/x, 0.39894228, -0.03988024, -0.00362018, 0.00163801, -0.01031555, 0.02282967, -0.02895312, 0.01787654, -0.00420059)
}

// downward runs f(j-1) = 2j/x f(j) + sign f(j+1) down from an order far above n, where the start does not matter, and returns f(n) and
// f(0) up to a common factor, and f(0) + 2 f(2) + 2 f(4) + ... in the same measure.
func downward(x float64, n int, sign float64) (fn, f0, even float64) {
	const huge = 1e10
	above, here := 0.0, 1.0
	for j := 2 * ((n + int(math.Sqrt(40*float64(n)))) / 2 * 2); j > 0; j-- {
		above, here = here, float64(2*float64(j)/x*here)+sign*above
		if math.Abs(here) > huge {
			above, here, fn, even = above/huge, here/huge, fn/huge, even/huge
		}
		// here is of order j-1, above of order j.
		if j == n {
			fn = above
		}
		if j%2 != 0 && j > 1 {
			even += 2 * here
		}
	}
	return fn, here, even + here
}

// odd puts the sign of a function of odd order to its value for the absolute value of x.
func odd(y, x float64, n int) float64 {
	if x < 0 && n%2 != 0 {
		return -y
	}
	return y
}

func besselI(_ *Call, x float64, n int) float64 {
	ax := math.Abs(x)
	switch {
	case n == 0:
		return besselI0(ax)
	case n == 1:
		return odd(besselI1(ax), x, n)
	case x == 0 || n > besselFar:
		return 0
	}
	fn, f0, _ := downward(ax, n, 1)
	return odd(fn*besselI0(ax)/f0, x, n)
}

// besselJ is the function of the first kind.
func besselJ(c *Call, x float64, n int) float64 {
	ax := math.Abs(x)
	switch {
	case n > besselFar && float64(n) > 2*ax:
		return 0
	case ax >= 8 && n > besselLong && float64(n) <= ax:
		return odd(upward(c, ax, n, math.J0(ax), math.J1(ax), -1), x, n)
	case ax >= 8:
		return math.Jn(n, x)
	case n == 0:
		return besselJ0(ax)
	case n == 1:
		return odd(besselJ1(ax), x, n)
	case x == 0:
		return 0
	case ax > float64(n):
		return odd(upward(c, ax, n, besselJ0(ax), besselJ1(ax), -1), x, n)
	}
	// The sum of the even orders, those above 0 twice, is 1.
	fn, _, even := downward(ax, n, -1)
	return odd(fn/even, x, n)
}

func besselJ0(x float64) float64 {
	y := x * x
	return polynomial(y, 57568490574, -13362590354, 651619640.7, -11214424.18, 77392.33017, -184.9052456) /
		polynomial(y, 57568490411, 1029532985, 9494680.718, 59272.64853, 267.8532712, 1)
}

func besselJ1(x float64) float64 {
	y := x * x
	return x * polynomial(y, 72362614232, -7895059235, 242396853.1, -2972611.439, 15704.4826, -30.16036606) /
		polynomial(y, 144725228442, 2300535178, 18583304.74, 99447.43394, 376.9991397, 1)
}

func besselK(c *Call, x float64, n int) float64 {
	a, b := 0.0, 0.0
	if x <= 2 {
		y := x * x / 4
		a = polynomial(y, -0.57721566, 0.4227842, 0.23069756, 0.0348859, 0.00262698, 0.0001075, 0.0000074) - math.Log(x/2)*besselI0(x)
		b = math.Log(x/2)*besselI1(x) + polynomial(y, 1, 0.15443144, -0.67278579, -0.18156897, -0.01919402, -0.00110404, -0.00004686)/x
	} else {
		y, e := 2/x, math.Exp(-x)/math.Sqrt(x)
		a = e * polynomial(y, 1.25331414, -0.07832358, 0.02189568, -0.01062446, 0.00587872, -0.0025154, 0.00053208)
		b = e * polynomial(y, 1.25331414, 0.23498619, -0.0365562, 0.01504268, -0.00780353, 0.00325614, -0.00068245)
	}
	if n == 0 {
		return a
	}
	return upward(c, x, n, a, b, 1)
}

// besselY is the function of the second kind.
func besselY(c *Call, x float64, n int) float64 {
	const twoOverPi = 0.636619772 // as the approximations have it
	var a, b float64
	if x < 8 {
		y := x * x
		a = polynomial(y, -2957821389, 7062834065, -512359803.6, 10879881.29, -86327.92757, 228.4622733)/
			polynomial(y, 40076544269, 745249964.8, 7189466.438, 47447.2647, 226.1030244, 1) + twoOverPi*besselJ0(x)*math.Log(x)
		b = x*polynomial(y, -4900604943000, 1275274390000, -51534381390, 734926455.1, -4237922.726, 8511.937935)/
			polynomial(y, 24995805700000, 424441966400, 3733650367, 22459040.02, 102042.605, 354.9632885, 1) + twoOverPi*(besselJ1(x)*math.Log(x)-1/x)
	} else {
		z := 8 / x
		y, r := z*z, math.Sqrt(twoOverPi/x)
		sin, cos := math.Sincos(x - 0.785398164)
		a = r * (sin*polynomial(y, 1, -0.001098628627, 0.00002734510407, -0.000002073370639, 0.0000002093887211) +
			z*cos*polynomial(y, -0.01562499995, 0.0001430488765, -0.000006911147651, 0.0000007621095161, -0.0000000934935152))
		sin, cos = math.Sincos(x - 2.356194491)
		b = r * (sin*polynomial(y, 1, 0.00183105, -0.00003516396496, 0.000002457520174, -0.000000240337019) +
			z*cos*polynomial(y, 0.04687499995, -0.0002002690873, 0.000008449199096, -0.00000088228987, 0.000000105787412))
	}
	if n == 0 {
		return a
	}
	return upward(c, x, n, a, b, -1)
}
