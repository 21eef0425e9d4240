package fn

import (
	"math"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// mathInteger are the functions of whole numbers: factorials, combinations, divisors, and numerals.
var mathInteger = []*Func{
	{Name: "ARABIC", Category: "Math", Takes: "t", Doc: "the number that a Roman numeral stands for", Body: mathArabic},
	{Name: "BASE", Category: "Math", Takes: "n n n?", Doc: "a number as text in a base from 2 to 36, with zeros in front up to a length", Body: mathBase},
	{Name: "COMBIN", Category: "Math", Takes: "n n", Doc: "the number of ways to choose so many of a number of items", Body: func(c *Call) cell.Value {
		return mathCombin(math.Trunc(c.Num(0)), math.Trunc(c.Num(1)))
	}},
	{Name: "COMBINA", Category: "Math", Takes: "n n", Doc: "the number of ways to choose so many of a number of items, each as often as one likes", Body: mathCombina},
	{Name: "DECIMAL", Category: "Math", Takes: "t n", Doc: "the number that a text in a base from 2 to 36 stands for", Body: mathDecimal},
	{Name: "FACT", Category: "Math", Takes: "n", Doc: "the factorial of a number without its fraction", Body: func(c *Call) cell.Value { return factorial(c.Num(0), 1) }},
	{Name: "FACTDOUBLE", Category: "Math", Takes: "v", Doc: "the product of a number and every second one below it", Body: strict(1, func(c *Call) cell.Value { return factorial(c.Num(0), 2) })},
	{Name: "GCD", Category: "Math", Takes: "a ...", Doc: "the greatest common divisor", Body: mathGCD},
	{Name: "LCM", Category: "Math", Takes: "a ...", Doc: "the least common multiple", Body: mathLCM},
	{Name: "MULTINOMIAL", Category: "Math", Takes: "a ...", Doc: "the factorial of a sum divided by the factorials of its terms", Body: mathMultinomial},
	{Name: "ROMAN", Category: "Math", Takes: "n v?", Doc: "a number up to 3999 as a Roman numeral, in form 0 (classic) to 4 (shortest)", Body: mathRoman},
}

// maxInteger is the first whole number that Excel's functions of whole numbers do not take, 2^53.
const maxInteger = 1 << 53

// factorial multiplies x without its fraction by every step-th number below it. It is #NUM! below 0 and where it is too great.
func factorial(x float64, step int) cell.Value {
	if x = math.Trunc(x); x < 0 || x > 301 {
		return cell.Err(cell.ErrNum)
	}
	p := 1.0
	for n := int(x); n > 1; n -= step {
		p *= float64(n)
	}
	return cell.Num(p)
}

func mathCombin(n, k float64) cell.Value {
	if n < 0 || k < 0 || n < k {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(binomial(n, k))
}

// binomial is exact while the result times k is below 2^53. It ends at the latest when it overflows, because each factor is at least 2.
func binomial(n, k float64) float64 {
	k = min(k, n-k)
	p := 1.0
	for i := 1.0; i <= k && !math.IsInf(p, 0); i++ {
		f := n - k + i
		if p*f < maxInteger {
			p = p * f / i
		} else {
			p *= f / i
		}
	}
	if p < maxInteger {
		return math.Round(p)
	}
	return p
}

func mathCombina(c *Call) cell.Value {
	n, k := math.Trunc(c.Num(0)), math.Trunc(c.Num(1))
	if n == 0 && k == 0 {
		return cell.Num(1)
	}
	if n < 0 || k < 0 {
		return cell.Err(cell.ErrNum)
	}
	return mathCombin(n+k-1, k)
}

// wholes calls f with the arguments as numbers without their fractions. Empty cells are passed over where the argument is one cell, and
// 0 in ranges; where nothing else is given it is #VALUE!. What is no number is #VALUE!, in cells too; negative and too great numbers
// are #NUM!.
func (c *Call) wholes(f func(float64)) cell.ErrorCode {
	var code cell.ErrorCode
	found := false
	for i := range c.Args {
		if c.Args[i].Kind() == cell.Missing {
			return cell.ErrNA
		}
		a := c.Args[i].Areas()
		alone := len(a) == 1 && a[0].Single()
		seen := int64(0)
		c.ValuesOf(i, func(v cell.Value, single bool) bool {
			seen++
			if v.Kind() == cell.Empty && !single {
				if alone {
					return true
				}
				v = cell.Num(0)
			}
			if v = strictNumber(c, v); v.IsError() {
				code = v.Code()
				return false
			}
			n := math.Trunc(v.Float())
			if v.Float() < 0 || n >= maxInteger {
				code = cell.ErrNum
				return false
			}
			found = true
			f(n)
			return true
		})
		if code != 0 {
			return code
		}
		if len(a) == 1 && !alone && seen < a[0].Cells() { // empty cells behind the end of the sheet
			found = true
			f(0)
		}
	}
	if !found {
		return cell.ErrValue
	}
	return 0
}

func gcd(a, b float64) float64 {
	for b != 0 {
		a, b = b, math.Mod(a, b)
	}
	return a
}

func mathGCD(c *Call) cell.Value {
	g := 0.0
	if code := c.wholes(func(n float64) { g = gcd(g, n) }); code != 0 {
		return cell.Err(code)
	}
	return cell.Num(g)
}

func mathLCM(c *Call) cell.Value {
	l := 1.0
	code := c.wholes(func(n float64) {
		if l != 0 {
			if n == 0 {
				l = 0
			} else {
				l *= n / gcd(l, n)
			}
		}
	})
	switch {
	case code != 0:
		return cell.Err(code)
	case l >= maxInteger:
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(l)
}

func mathMultinomial(c *Call) cell.Value {
	// It is the product of the ways to choose each term of the sum so far.
	sum, p := 0.0, 1.0
	code := c.wholes(func(n float64) {
		sum += n
		p *= binomial(sum, n)
	})
	if code != 0 {
		return cell.Err(code)
	}
	return cell.Num(p)
}

const digits36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

func mathBase(c *Call) cell.Value {
	n, radix, length := math.Trunc(c.Num(0)), math.Trunc(c.Num(1)), math.Trunc(c.Num(2))
	if n < 0 || n >= maxInteger || radix < 2 || radix > 36 || length < 0 || length > 255 {
		return cell.Err(cell.ErrNum)
	}
	return cell.Str(inBase(uint64(n), uint64(radix), int(length)))
}

// inBase writes n in a base up to 36, with zeros in front up to a length of at most 255.
func inBase(n, radix uint64, length int) string {
	var b [255]byte
	i := len(b)
	for n > 0 || i == len(b) || len(b)-i < length {
		i--
		b[i] = digits36[n%radix]
		n /= radix
	}
	return string(b[i:])
}

func mathDecimal(c *Call) cell.Value {
	s, radix := strings.TrimSpace(c.Str(0)), math.Trunc(c.Num(1))
	if len(s) > 255 {
		return cell.Err(cell.ErrValue)
	}
	if radix < 2 || radix > 36 {
		return cell.Err(cell.ErrNum)
	}
	n := 0.0
	for _, r := range strings.ToUpper(s) {
		d := strings.IndexRune(digits36, r)
		if d < 0 || d >= int(radix) {
			return cell.Err(cell.ErrNum)
		}
		n = float64(n*radix) + float64(d)
	}
	return cell.Num(n)
}

// numeral is a Roman numeral of one or two letters, and the least form of ROMAN that uses it.
type numeral struct {
	value float64
	text  string
	form  int
}

// Each form allows subtraction over a greater distance than the one before.
var numerals = []numeral{
	{1000, "M", 0}, {999, "IM", 4}, {995, "VM", 3}, {990, "XM", 2}, {950, "LM", 1}, {900, "CM", 0},
	{500, "D", 0}, {499, "ID", 4}, {495, "VD", 3}, {490, "XD", 2}, {450, "LD", 1}, {400, "CD", 0},
	{100, "C", 0}, {99, "IC", 2}, {95, "VC", 1}, {90, "XC", 0}, {50, "L", 0}, {49, "IL", 2}, {45, "VL", 1}, {40, "XL", 0},
	{10, "X", 0}, {9, "IX", 0}, {5, "V", 0}, {4, "IV", 0}, {1, "I", 0},
}

func mathRoman(c *Call) cell.Value {
	n, form := math.Trunc(c.Num(0)), 0
	if c.Has(1) {
		switch v := c.Args[1]; v.Kind() {
		case cell.Bool: // TRUE is the classic form, FALSE the shortest
			if !v.True() {
				form = 4
			}
		default:
			if v = cell.ToNumber(v, c.Dates()); v.IsError() {
				return v
			}
			form = Trunc(v.Float())
		}
	}
	if n < 0 || n > 3999 || form < 0 || form > 4 {
		return cell.Err(cell.ErrValue)
	}
	var b strings.Builder
	for _, r := range numerals {
		for r.form <= form && n >= r.value {
			b.WriteString(r.text)
			n -= r.value
		}
	}
	return cell.Str(b.String())
}

func mathArabic(c *Call) cell.Value {
	s := strings.ToUpper(strings.TrimSpace(c.Str(0)))
	if len(s) > 255 {
		return cell.Err(cell.ErrValue)
	}
	s, negative := strings.CutPrefix(s, "-")
	sum, last := 0.0, 0.0
	// From the right, a letter that is worth less than the one behind it is taken away.
	for i := len(s) - 1; i >= 0; i-- {
		v := 0.0
		for _, r := range numerals {
			if len(r.text) == 1 && r.text[0] == s[i] {
				v = r.value
			}
		}
		switch {
		case v == 0:
			return cell.Err(cell.ErrValue)
		case v < last:
			sum -= v
		default:
			sum, last = sum+v, v
		}
	}
	if negative {
		sum = -sum
	}
	return cell.Num(sum)
}
