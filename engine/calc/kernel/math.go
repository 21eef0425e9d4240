package kernel

import "math"

// The exponential and the natural logarithm are made here, not by package math: the same steps for one number and for
// vectors, so that a formula has the same bits wherever it is computed, and on every machine (package math uses other
// instructions on some processors, and is wrong near the ends of the range). Both are within one unit in the last place of
// the true value.

const (
	invLn2 = 1 / math.Ln2
	// ln2Hi has 42 bits, so that its product with an exponent is exact.
	ln2Hi = 0x1.62e42fefa38p-1
	ln2Lo = math.Ln2 - ln2Hi
	// shift makes an integer of what it is added to, in the low bits of the sum.
	shift = 0x1.8p52

	expLeast, expMost = -746, 710 // beyond, Exp is 0 or infinite
)

// ExpOf returns e to the power x.
//
// With k the integer nearest to x/ln 2 and r = x - k ln 2, it is 2^k times the Taylor series of e^r, of which
// |r| <= 0.35 needs 13 terms. What rounding takes from r and from 1+r is added again. The power of two is applied in two
// halves, for results that are not normal.
func ExpOf(x float64) float64 {
	if x < expLeast {
		x = expLeast
	}
	if x > expMost {
		x = expMost
	}
	k := (float64(x*invLn2) + shift) - shift
	hi, lo := x-float64(k*ln2Hi), float64(k*ln2Lo)
	r := hi - lo
	lost := (hi - r) - lo
	q := inverseFactorials[0]
	for _, c := range inverseFactorials[1:] {
		q = float64(q*r) + c
	}
	t := 1 + r
	p := t + ((r - (t - 1)) + (float64(float64(r*r)*q) + lost))
	half := float64(k*0.5) + shift
	rest := (k - (half - shift)) + shift
	return float64(p*powerOfTwo(half)) * powerOfTwo(rest)
}

// inverseFactorials are 1/13! to 1/2!.
var inverseFactorials = [...]float64{1. / 6227020800, 1. / 479001600, 1. / 39916800, 1. / 3628800, 1. / 362880, 1. / 40320,
	1. / 5040, 1. / 720, 1. / 120, 1. / 24, 1. / 6, 1. / 2}

// powerOfTwo returns 2^k for k + shift.
func powerOfTwo(k float64) float64 {
	return math.Float64frombits((math.Float64bits(k) + 1023) << 52)
}

const (
	rootHalf  = 0x3FE6A09E667F3BCD // the square root of 1/2
	mantissa  = 1<<52 - 1
	exponent0 = 0x4330000000000000 // 2^52, whose last bits take an exponent
	normal    = 0x1p-1022
)

// LogOf returns the natural logarithm of x: NaN for negative numbers, minus infinity for zero.
//
// With x = 2^e (1+f), f from sqrt(1/2)-1 to sqrt(2)-1, and s = f/(2+f), log(1+f) = 2 atanh(s) = 2s + sR where R is
// the series 2/3 s^2 + 2/5 s^4 + ... As 2s = f - sf and sf = f^2/2 - s f^2/2, that is f - (f^2/2 - s(f^2/2 + R)), in
// which the greatest term is exact.
func LogOf(x float64) float64 {
	if !(x > 0) || x > math.MaxFloat64 {
		switch {
		case x == 0:
			return math.Inf(-1)
		case x > 0:
			return x
		}
		return math.NaN()
	}
	less := 0.0
	if x < normal {
		x, less = float64(x*0x1p54), 54
	}
	u := math.Float64bits(x) + (oneBits - rootHalf)
	e := (math.Float64frombits(u>>52|exponent0) - (0x1p52 + 1023)) - less
	f := math.Float64frombits(u&mantissa+rootHalf) - 1
	s := f / (2 + f)
	z := float64(s * s)
	q := atanhTerms[0]
	for _, c := range atanhTerms[1:] {
		q = float64(q*z) + c
	}
	r := float64(z * q)
	half := float64(float64(0.5*f) * f)
	return float64(e*ln2Hi) - ((half - (float64(s*(half+r)) + float64(e*ln2Lo))) - f)
}

// atanhTerms are 2/23 to 2/3.
var atanhTerms = [...]float64{2. / 23, 2. / 21, 2. / 19, 2. / 17, 2. / 15, 2. / 13, 2. / 11, 2. / 9, 2. / 7, 2. / 5, 2. / 3}

// Exp sets dst to [ExpOf] a.
func Exp(dst, a []float64) {
	a = a[:len(dst)]
	for i := vecExp(dst, a); i < len(dst); i++ {
		dst[i] = ExpOf(a[i])
	}
}

// Log sets dst to [LogOf] a.
func Log(dst, a []float64) {
	a = a[:len(dst)]
	for i := vecLog(dst, a); i < len(dst); i++ {
		dst[i] = LogOf(a[i])
	}
}
