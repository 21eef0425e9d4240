package explain

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// number is mant * 10^exp. mant has no zeros at its end, and 0 has the exponent 0, so that equal values
// are equal structs. Floats are taken as the shortest decimal that reads back as them: as printed.
type number struct {
	mant int64
	exp  int32
}

// ratio is num / den in lowest terms, den > 0.
type ratio struct{ num, den int64 }

func numeric(t canon.Tag) bool {
	switch t {
	case canon.NegativeInt, canon.PositiveInt, canon.Decimal, canon.Float64, canon.Float32:
		return true
	}
	return false
}

var powers = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// numberOf reads a numeric cell. Not ok are NaN, infinities, and values of more than 18 digits, of which
// no rule is tried.
func (c *Column) numberOf(cell []byte) (number, bool) {
	switch canon.Tag(cell[0]) {
	case canon.NegativeInt:
		v := canon.Int(cell)
		return normal(v, 0), v > -powers[18]
	case canon.PositiveInt:
		v := canon.Uint(cell)
		return normal(int64(v), 0), v < uint64(powers[18])
	case canon.Decimal:
		return decimalNumber(cell)
	case canon.Float64:
		return c.floatNumber(canon.Double(cell), 64)
	case canon.Float32:
		return c.floatNumber(float64(canon.Single(cell)), 32)
	}
	return number{}, false
}

func normal(mant int64, exp int32) number {
	if mant == 0 {
		return number{}
	}
	for mant%10 == 0 {
		mant /= 10
		exp++
	}
	return number{mant, exp}
}

// decimalNumber reads the digits of a Decimal cell: sign, exponent of the first digit, count, digits.
func decimalNumber(cell []byte) (number, bool) {
	const negative, zero, positive = 2, 3, 4 // the signs of package canon
	switch cell[1] {
	case zero:
		return number{}, true
	case negative, positive:
	default:
		return number{}, false
	}
	first, k := binary.Varint(cell[2:])
	_, l := binary.Uvarint(cell[2+k:])
	digits := cell[2+k+l:]
	if len(digits) > 18 || first > 1<<20 || first < -1<<20 {
		return number{}, false
	}
	mant := int64(0)
	for _, d := range digits {
		mant = mant*10 + int64(d-'0')
	}
	if cell[1] == negative {
		mant = -mant
	}
	return normal(mant, int32(first)-int32(len(digits))+1), true
}

func (c *Column) floatNumber(v float64, size int) (number, bool) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return number{}, false
	}
	c.bufA = strconv.AppendFloat(c.bufA[:0], v, 'e', -1, size) // -1.2345e-07
	mant, exp, fraction := int64(0), int32(0), int32(0)
	point, digits := false, c.bufA
	for i, d := range digits {
		switch {
		case d == '.':
			point = true
		case d == 'e':
			e, err := strconv.Atoi(string(digits[i+1:]))
			if err != nil {
				return number{}, false
			}
			exp = int32(e)
		case d >= '0' && d <= '9':
			mant = mant*10 + int64(d-'0')
			if point {
				fraction++
			}
		}
		if d == 'e' {
			break
		}
	}
	if v < 0 {
		mant = -mant
	}
	return normal(mant, exp-fraction), true
}

// align writes two numbers as integers of the same unit 10^exp.
func align(a, b number) (ma, mb int64, exp int32, ok bool) {
	switch {
	case a.mant == 0:
		return 0, b.mant, b.exp, true
	case b.mant == 0:
		return a.mant, 0, a.exp, true
	}
	exp = min(a.exp, b.exp)
	if ma, ok = scale(a.mant, a.exp-exp); !ok {
		return 0, 0, 0, false
	}
	mb, ok = scale(b.mant, b.exp-exp)
	return ma, mb, exp, ok
}

// scale multiplies by a power of ten, as long as the result has no more than 18 digits or so.
func scale(v int64, power int32) (int64, bool) {
	if power < 0 || power >= int32(len(powers)) {
		return 0, false
	}
	hi, lo := bits.Mul64(uint64(abs(v)), uint64(powers[power]))
	if hi != 0 || lo > math.MaxInt64/4 {
		return 0, false
	}
	if v < 0 {
		return -int64(lo), true
	}
	return int64(lo), true
}

func abs(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}

func (c *Column) addNumbers(a, b []byte) {
	x, ok := c.numberOf(a)
	if !ok {
		return
	}
	y, ok := c.numberOf(b)
	if !ok {
		return
	}
	c.numbers++
	switch {
	case x.mant == 0 && y == number{1, 0}:
		c.hit(falseTrue, a, b)
	case y.mant == 0 && x == number{1, 0}:
		c.hit(trueFalse, a, b)
	case x.mant == -y.mant && x.exp == y.exp:
		c.hit(signFlipped, a, b)
	}
	if f, ok := quotient(x, y); ok {
		c.factor.add(f)
		c.keep(constantFactor, a, b)
	}
	c.addSingle(a, b)
	mx, my, exp, ok := align(x, y)
	if !ok {
		return
	}
	c.delta.add(normal(my-mx, exp))
	c.keep(constantDelta, a, b)
	if exp < 0 {
		c.rounded.decimals(mx, my, -exp)
	}
	if isFloat(a) || isFloat(b) {
		c.rounded.significant(mx, my)
	}
	c.keepRounded(a, b, mx, my, exp)
}

func isFloat(cell []byte) bool {
	return canon.Tag(cell[0]) == canon.Float64 || canon.Tag(cell[0]) == canon.Float32
}

// keepRounded keeps a pair as an example of rounding: one of a distance of at most 1.
func (c *Column) keepRounded(a, b []byte, x, y int64, exp int32) {
	if len(c.kept[roundedNumber]) < keptPairs && exp < 0 && abs(y-x) <= powers[min(-int(exp), len(powers)-1)] {
		c.keep(roundedNumber, a, b)
	}
}

// addSingle counts doubles that are one float of four bytes: a value that went through FLOAT or real.
func (c *Column) addSingle(a, b []byte) {
	if canon.Tag(a[0]) != canon.Float64 || canon.Tag(b[0]) != canon.Float64 {
		return
	}
	if x, y := canon.Double(a), canon.Double(b); float32(x) == float32(y) && !math.IsInf(float64(float32(x)), 0) && float32(x) != 0 {
		c.hit(singlePrecision, a, b)
	}
}

// quotient is y / x in lowest terms.
func quotient(x, y number) (ratio, bool) {
	if x.mant == 0 || y.mant == 0 {
		return ratio{}, false
	}
	num, den := y.mant, x.mant
	if den < 0 {
		num, den = -num, -den
	}
	g := gcd(uint64(abs(num)), uint64(den))
	num, den = num/int64(g), den/int64(g)
	var ok bool
	if e := y.exp - x.exp; e >= 0 {
		num, ok = scale(num, e)
	} else {
		den, ok = scale(den, -e)
	}
	if !ok {
		return ratio{}, false
	}
	g = gcd(uint64(abs(num)), uint64(den))
	return ratio{num / int64(g), den / int64(g)}, true
}

// gcd is the binary algorithm: no division, at most some sixty steps.
func gcd(a, b uint64) uint64 {
	if a == 0 || b == 0 {
		return max(a+b, 1)
	}
	shift := bits.TrailingZeros64(a | b)
	a >>= bits.TrailingZeros64(a)
	for b != 0 {
		b >>= bits.TrailingZeros64(b)
		if a > b {
			a, b = b, a
		}
		b -= a
	}
	return a << shift
}
