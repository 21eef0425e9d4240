package fn

import (
	"math"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// engBase are the conversions between numerals of base 2, 8, 10 and 16, and the operations on bits. A numeral has at most ten digits,
// and its first bit is its sign (two's complement).
var engBase = []*Func{
	{Name: "BIN2DEC", Category: "Engineering", Takes: "v", Doc: "a binary numeral as a number", Body: toDecimal(baseBin)},
	{Name: "BIN2HEX", Category: "Engineering", Takes: "v v?", Doc: "a binary numeral as a hexadecimal one, of so many digits", Body: toNumeral(baseBin, baseHex)},
	{Name: "BIN2OCT", Category: "Engineering", Takes: "v v?", Doc: "a binary numeral as an octal one, of so many digits", Body: toNumeral(baseBin, baseOct)},
	{Name: "BITAND", Category: "Engineering", Takes: "n n", Doc: "the bits that are set in both numbers", Body: bitwise(func(a, b uint64) uint64 { return a & b })},
	{Name: "BITLSHIFT", Category: "Engineering", Takes: "n n", Doc: "a number with its bits shifted to the left", Body: func(c *Call) cell.Value { return bitShift(c.Num(0), math.Trunc(c.Num(1))) }},
	{Name: "BITOR", Category: "Engineering", Takes: "n n", Doc: "the bits that are set in one of two numbers or both", Body: bitwise(func(a, b uint64) uint64 { return a | b })},
	{Name: "BITRSHIFT", Category: "Engineering", Takes: "n n", Doc: "a number with its bits shifted to the right", Body: func(c *Call) cell.Value { return bitShift(c.Num(0), -math.Trunc(c.Num(1))) }},
	{Name: "BITXOR", Category: "Engineering", Takes: "n n", Doc: "the bits that are set in just one of two numbers", Body: bitwise(func(a, b uint64) uint64 { return a ^ b })},
	{Name: "DEC2BIN", Category: "Engineering", Takes: "v v?", Doc: "a number from -512 to 511 as a binary numeral, of so many digits", Body: toNumeral(baseDec, baseBin)},
	{Name: "DEC2HEX", Category: "Engineering", Takes: "v v?", Doc: "a number as a hexadecimal numeral, of so many digits", Body: toNumeral(baseDec, baseHex)},
	{Name: "DEC2OCT", Category: "Engineering", Takes: "v v?", Doc: "a number as an octal numeral, of so many digits", Body: toNumeral(baseDec, baseOct)},
	{Name: "HEX2BIN", Category: "Engineering", Takes: "v v?", Doc: "a hexadecimal numeral as a binary one, of so many digits", Body: toNumeral(baseHex, baseBin)},
	{Name: "HEX2DEC", Category: "Engineering", Takes: "v", Doc: "a hexadecimal numeral as a number", Body: toDecimal(baseHex)},
	{Name: "HEX2OCT", Category: "Engineering", Takes: "v v?", Doc: "a hexadecimal numeral as an octal one, of so many digits", Body: toNumeral(baseHex, baseOct)},
	{Name: "OCT2BIN", Category: "Engineering", Takes: "v v?", Doc: "an octal numeral as a binary one, of so many digits", Body: toNumeral(baseOct, baseBin)},
	{Name: "OCT2DEC", Category: "Engineering", Takes: "v", Doc: "an octal numeral as a number", Body: toDecimal(baseOct)},
	{Name: "OCT2HEX", Category: "Engineering", Takes: "v v?", Doc: "an octal numeral as a hexadecimal one, of so many digits", Body: toNumeral(baseOct, baseHex)},
}

// base is one of the bases, and how many values ten digits of it can have.
type base struct {
	radix  uint64
	values int64
}

var (
	baseDec = base{10, 0}
	baseBin = base{2, 1 << 10}
	baseOct = base{8, 1 << 30}
	baseHex = base{16, 1 << 40}
)

// read returns the number that argument 0 stands for in a base.
func (b base) read(c *Call) (int64, cell.ErrorCode) {
	v := c.Args[0]
	if v.Kind() == cell.Bool {
		return 0, cell.ErrValue
	}
	if b == baseDec {
		f := cell.ToNumber(v, c.Dates())
		if f.IsError() {
			return 0, f.Code()
		}
		if math.Abs(f.Float()) > float64(baseHex.values) {
			return 0, cell.ErrNum
		}
		return int64(f.Float()), 0
	}
	if v = cell.ToText(v); v.IsError() {
		return 0, v.Code()
	}
	s := strings.ToUpper(v.Text())
	if len(s) > 10 {
		return 0, cell.ErrNum
	}
	n := int64(0)
	for i := range len(s) {
		d := strings.IndexByte(digits36[:b.radix], s[i])
		if d < 0 {
			return 0, cell.ErrNum
		}
		n = n*int64(b.radix) + int64(d)
	}
	if n >= b.values/2 {
		n -= b.values
	}
	return n, 0
}

func toDecimal(from base) func(*Call) cell.Value {
	return func(c *Call) cell.Value {
		n, code := from.read(c)
		if code != 0 {
			return cell.Err(code)
		}
		return cell.Num(float64(n))
	}
}

func toNumeral(from, to base) func(*Call) cell.Value {
	return func(c *Call) cell.Value {
		n, code := from.read(c)
		if code != 0 {
			return cell.Err(code)
		}
		places := 0
		if c.Has(1) {
			v := strictNumber(c, c.Args[1])
			if v.IsError() {
				return v
			}
			if places = Trunc(v.Float()); places < 1 || places > 10 {
				return cell.Err(cell.ErrNum)
			}
		}
		if n < -to.values/2 || n >= to.values/2 {
			return cell.Err(cell.ErrNum)
		}
		if n < 0 {
			n, places = n+to.values, 0 // all ten digits
		}
		s := inBase(uint64(n), to.radix, places)
		if places > 0 && len(s) > places {
			return cell.Err(cell.ErrNum)
		}
		return cell.Str(s)
	}
}

// maxBits is the first number that the operations on bits do not take.
const maxBits = 1 << 48

func isBits(f float64) bool { return f >= 0 && f < maxBits && f == math.Trunc(f) }

func bitwise(f func(a, b uint64) uint64) func(*Call) cell.Value {
	return func(c *Call) cell.Value {
		a, b := c.Num(0), c.Num(1)
		if !isBits(a) || !isBits(b) {
			return cell.Err(cell.ErrNum)
		}
		return cell.Num(float64(f(uint64(a), uint64(b))))
	}
}

// bitShift shifts to the left, or to the right where by is negative.
func bitShift(n, by float64) cell.Value {
	if !isBits(n) || math.Abs(by) > 53 {
		return cell.Err(cell.ErrNum)
	}
	n = math.Floor(math.Ldexp(n, int(by)))
	if n >= maxBits {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(n)
}
