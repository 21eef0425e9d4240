package dist

import "math"

const (
	expSteps = 64
	// ln 2 / 64 in two parts, the first with trailing zeros so that its product with a whole number is exact.
	expHigh = 0x1.62e42fefap-1 / expSteps
	expLow  = (math.Ln2 - 0x1.62e42fefap-1) / expSteps
)

// expTable is 2^(j/64).
var expTable = func() (t [expSteps]uint64) {
	for j := range t {
		t[j] = math.Float64bits(math.Exp2(float64(j) / expSteps))
	}
	return t
}()

// exp is e^x to within 2e-16 relative: a table of powers of two and a polynomial for the rest, after Tang,
// ACM TOMS 15(2), 1989. It takes a third of the time of math.Exp, which is half of the time of a draw.
func exp(x float64) float64 {
	if !(x > -700 && x < 700) {
		return math.Exp(x)
	}
	n := int(x*(expSteps/math.Ln2) + math.Copysign(0.5, x))
	r := x - float64(n)*expHigh - float64(n)*expLow
	p := 1 + r*(1+r*(0.5+r*(1.0/6+r*(1.0/24+r*(1.0/120)))))
	return math.Float64frombits(expTable[n&(expSteps-1)]+uint64(n>>6)<<52) * p
}
