package fn

import (
	"math"
	"strconv"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// mathRound are the functions that round.
var mathRound = []*Func{
	{Name: "CEILING", Category: "Math", Takes: "n n", Doc: "a number rounded away from zero to a multiple; a negative number towards zero where the multiple is positive", Body: mathCeiling},
	{Name: "CEILING.MATH", Category: "Math", Takes: "n n? n?", Doc: "a number rounded up to a multiple; with a mode other than 0, negative numbers away from zero", Body: func(c *Call) cell.Value {
		return toMultiple(c, c.Num(2) != 0 && c.Num(0) < 0, math.Ceil, math.Floor)
	}},
	{Name: "CEILING.PRECISE", Category: "Math", Takes: "n n?", Doc: "a number rounded up to a multiple, whatever its sign", Body: func(c *Call) cell.Value { return toMultiple(c, false, math.Ceil, nil) }},
	real1("EVEN", "a number rounded away from zero to an even integer", func(x float64) float64 { return awayFromZero(x/2) * 2 }),
	{Name: "FLOOR", Category: "Math", Takes: "n n", Doc: "a number rounded towards zero to a multiple; a negative number away from zero where the multiple is positive", Body: mathFloor},
	{Name: "FLOOR.MATH", Category: "Math", Takes: "n n? n?", Doc: "a number rounded down to a multiple; with a mode other than 0, negative numbers towards zero", Body: func(c *Call) cell.Value {
		return toMultiple(c, c.Num(2) != 0 && c.Num(0) < 0, math.Floor, math.Ceil)
	}},
	{Name: "FLOOR.PRECISE", Category: "Math", Takes: "n n?", Doc: "a number rounded down to a multiple, whatever its sign", Body: func(c *Call) cell.Value { return toMultiple(c, false, math.Floor, nil) }},
	real1("INT", "a number rounded down to an integer", Int),
	{Name: "ISO.CEILING", Category: "Math", Takes: "n n?", Doc: "a number rounded up to a multiple, whatever its sign", Body: func(c *Call) cell.Value { return toMultiple(c, false, math.Ceil, nil) }},
	{Name: "MOD", Category: "Math", Takes: "n n", Doc: "the remainder of a division, with the sign of the divisor", Body: mathMod},
	{Name: "MROUND", Category: "Math", Takes: "v v", Doc: "a number rounded to the nearest multiple; #NUM! where the signs differ", Body: strict(2, mathMround)},
	real1("ODD", "a number rounded away from zero to an odd integer", mathOdd),
	{Name: "QUOTIENT", Category: "Math", Takes: "v v", Doc: "the integer part of a division", Body: strict(2, mathQuotient)},
	{Name: "ROUND", Category: "Math", Takes: "n n", Doc: "a number rounded to so many decimals, half away from zero", Body: func(c *Call) cell.Value { return cell.Num(Round(c.Num(0), c.Int(1))) }},
	{Name: "ROUNDDOWN", Category: "Math", Takes: "n n", Doc: "a number rounded towards zero to so many decimals", Body: func(c *Call) cell.Value { return cell.Num(RoundDown(c.Num(0), c.Int(1))) }},
	{Name: "ROUNDUP", Category: "Math", Takes: "n n", Doc: "a number rounded away from zero to so many decimals", Body: func(c *Call) cell.Value { return cell.Num(RoundUp(c.Num(0), c.Int(1))) }},
	{Name: "TRUNC", Category: "Math", Takes: "n n?", Doc: "a number without what follows so many decimals, 0 where they are left out", Body: func(c *Call) cell.Value { return cell.Num(RoundDown(c.Num(0), c.Int(1))) }},
}

// Round rounds x to so many decimals, negative ones to tens and hundreds, half away from zero. As in Excel what counts is the number
// as it reads with 15 significant digits: 2.675 becomes 2.68 although its float64 is a little less.
func Round(x float64, decimals int) float64 { return roundDecimal(x, decimals, roundHalf) }

// RoundDown is [Round] towards zero.
func RoundDown(x float64, decimals int) float64 { return roundDecimal(x, decimals, roundTowards) }

// RoundUp is [Round] away from zero.
func RoundUp(x float64, decimals int) float64 { return roundDecimal(x, decimals, roundAway) }

// Int rounds down to an integer. A number that reads as an integer with 15 significant digits is one, as in Excel:
// INT(123456789-0.0000004) is 123456789.
func Int(x float64) float64 {
	n := math.Round(x)
	if n == x || math.Abs(x-n) > math.Abs(x)*5e-15 {
		return math.Floor(x)
	}
	if read, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'e', significant-1, 64), 64); read == n {
		return n
	}
	return math.Floor(x)
}

type roundMode uint8

const (
	roundHalf roundMode = iota
	roundTowards
	roundAway
)

// up reports whether a number with these digits behind the last one kept goes to the next one. The digits have no zeros
// at the end.
func (m roundMode) up(rest string) bool {
	switch m {
	case roundHalf:
		return rest != "" && rest[0] >= '5'
	case roundAway:
		return rest != ""
	}
	return false
}

// significant is the number of decimal digits that Excel takes a number to have.
const significant = 15

func roundDecimal(x float64, decimals int, mode roundMode) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) || decimals >= 0 && x == math.Trunc(x) {
		return x
	}
	if y, ok := roundScaled(x, decimals, mode); ok {
		return y
	}
	return roundText(x, decimals, mode)
}

// roundText rounds by the decimal digits of x.
func roundText(x float64, decimals int, mode roundMode) float64 {
	text := strconv.FormatFloat(math.Abs(x), 'e', significant-1, 64)
	exponent, _ := strconv.Atoi(text[significant+2:])
	digits := text[:1] + text[2:significant+1]
	for digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	// keep is how many of the digits stay.
	keep := exponent + 1 + decimals
	if keep > significant {
		return x // All that could be dropped are digits that Excel does not see.
	}
	var y float64
	switch {
	case keep < 0:
		if mode == roundAway {
			y = scale10(1, -decimals)
		}
	case keep >= len(digits):
		y = scale10(digitsOf(digits), exponent+1-len(digits))
	default:
		n := digitsOf(digits[:keep])
		if mode.up(digits[keep:]) {
			n++
		}
		y = scale10(n, -decimals)
	}
	return math.Copysign(y, x)
}

// digitsOf reads up to 15 digits; "" is 0.
func digitsOf(s string) float64 {
	n := 0.0
	for i := range len(s) {
		n = n*10 + float64(s[i]-'0')
	}
	return n
}

// scale10 is n times 10^exponent, rounded once.
func scale10(n float64, exponent int) float64 {
	if n == 0 {
		return 0
	}
	if -22 <= exponent && exponent <= 22 {
		if exponent < 0 {
			return n / pow10(-exponent)
		}
		return n * pow10(exponent)
	}
	y, _ := strconv.ParseFloat(strconv.FormatFloat(n, 'f', 0, 64)+"e"+strconv.Itoa(exponent), 64)
	return y
}

// pow10 is 10^n for n from 0 to 22, which a float64 holds exactly.
func pow10(n int) float64 { return tens[n] }

var tens = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// roundScaled rounds without the way over text, where the product with a power of ten is so far from where the direction changes
// that neither its own error nor that of reading 15 digits matters. It gives the same bits as the way over text.
func roundScaled(x float64, decimals int, mode roundMode) (float64, bool) {
	if decimals < -22 || decimals > 22 {
		return 0, false
	}
	y := math.Abs(x)
	if decimals < 0 {
		y /= pow10(-decimals)
	} else {
		y *= pow10(decimals)
	}
	if y > 1e13 {
		return 0, false
	}
	whole := math.Floor(y)
	rest, doubt := y-whole, y*2e-14
	switch mode {
	case roundHalf:
		if math.Abs(rest-0.5) <= doubt {
			return 0, false
		}
		if rest > 0.5 {
			whole++
		}
	default:
		if rest <= doubt || 1-rest <= doubt {
			return 0, false
		}
		if mode == roundAway {
			whole++
		}
	}
	return math.Copysign(scale10(whole, -decimals), x), true
}

func awayFromZero(x float64) float64 {
	if x < 0 {
		return math.Floor(x)
	}
	return math.Ceil(x)
}

func mathOdd(x float64) float64 {
	n := awayFromZero(x)
	if math.Mod(n, 2) != 0 {
		return n
	}
	if x < 0 {
		return n - 1
	}
	return n + 1
}

// multiples divides x by step and rounds the quotient by f. A quotient that is whole but for the errors of the division
// is taken as whole: 4.2 is a multiple of 0.1.
func multiples(x, step float64, f func(float64) float64) cell.Value {
	q := x / step
	if n := math.Round(q); math.Abs(q-n) <= math.Abs(q)*1e-15 {
		return cell.Num(x)
	}
	return cell.Num(f(q) * step)
}

func mathCeiling(c *Call) cell.Value {
	x, step := c.Num(0), c.Num(1)
	switch {
	case x == 0 || step == 0:
		return cell.Num(0)
	case x > 0 && step < 0:
		return cell.Err(cell.ErrNum)
	}
	// With both negative the quotient is positive, and its ceiling lies further from zero.
	return multiples(x, step, math.Ceil)
}

func mathFloor(c *Call) cell.Value {
	x, step := c.Num(0), c.Num(1)
	switch {
	case x == 0:
		return cell.Num(0)
	case step == 0:
		return cell.Err(cell.ErrDiv)
	case x > 0 && step < 0:
		return cell.Err(cell.ErrNum)
	}
	return multiples(x, step, math.Floor)
}

// toMultiple rounds to a multiple of the second argument without its sign, by f or, where turned, by other.
func toMultiple(c *Call, turned bool, f, other func(float64) float64) cell.Value {
	x, step := c.Num(0), math.Abs(c.NumOr(1, 1))
	if x == 0 || step == 0 {
		return cell.Num(0)
	}
	if turned {
		f = other
	}
	return multiples(x, step, f)
}

// maxQuotient is where MOD gives up.
const maxQuotient = 1.1259e12

func mathMod(c *Call) cell.Value {
	x, d := c.Num(0), c.Num(1)
	if d == 0 {
		return cell.Err(cell.ErrDiv)
	}
	if math.Abs(x/d) >= maxQuotient {
		return cell.Err(cell.ErrNum)
	}
	if x == math.Trunc(x) && d == math.Trunc(d) {
		r := math.Mod(x, d)
		if r != 0 && (r < 0) != (d < 0) {
			r += d
		}
		return cell.Num(r)
	}
	return cell.Num(x - float64(d*math.Floor(x/d)))
}

func mathMround(c *Call) cell.Value {
	x, step := c.Num(0), c.Num(1)
	if x == 0 || step == 0 {
		return cell.Num(0)
	}
	if (x < 0) != (step < 0) {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(math.Floor(x/step+0.5) * step)
}

func mathQuotient(c *Call) cell.Value {
	if c.Num(1) == 0 {
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(math.Trunc(c.Num(0) / c.Num(1)))
}
