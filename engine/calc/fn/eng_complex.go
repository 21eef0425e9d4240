package fn

import (
	"math"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// A complex number is text, "3+4i" or "3+4j"; the suffix is kept.
type complexNumber struct {
	re, im float64
	suffix byte // 'i' or 'j', 0 where no imaginary part was written
}

// parseComplex reads a real number, an imaginary one or a sum of both, and reports whether s is one.
func parseComplex(s string) (complexNumber, bool) {
	var z complexNumber
	if s == "" {
		return z, false
	}
	if last := s[len(s)-1]; last != 'i' && last != 'j' {
		re, ok := decimal(s)
		z.re = re
		return z, ok
	}
	z.suffix = s[len(s)-1]
	s = s[:len(s)-1]
	// The imaginary part begins at the last sign that belongs to no exponent.
	cut := 0
	for i := len(s) - 1; i > 0; i-- {
		if (s[i] == '+' || s[i] == '-') && s[i-1]|0x20 != 'e' {
			cut = i
			break
		}
	}
	ok := true
	if cut > 0 {
		if z.re, ok = decimal(s[:cut]); !ok {
			return z, false
		}
	}
	switch im := s[cut:]; im {
	case "", "+":
		z.im = 1
	case "-":
		z.im = -1
	default:
		z.im, ok = decimal(im)
	}
	return z, ok
}

// decimal reads digits with a sign, a point and an exponent, and no other number that Go knows.
func decimal(s string) (float64, bool) {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '.', c == '+', c == '-', c|0x20 == 'e':
		default:
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// value writes a complex number as text; real and imaginary parts of 0 are left out.
func (z complexNumber) value() cell.Value {
	if math.IsNaN(z.re) || math.IsInf(z.re, 0) || math.IsNaN(z.im) || math.IsInf(z.im, 0) {
		return cell.Err(cell.ErrNum)
	}
	if z.suffix == 0 {
		z.suffix = 'i'
	}
	var b strings.Builder
	if z.re != 0 || z.im == 0 {
		b.WriteString(cell.FormatGeneral(z.re))
	}
	if z.im != 0 {
		switch im := cell.FormatGeneral(z.im); {
		case im == "1" && z.re == 0:
		case im == "1":
			b.WriteByte('+')
		case im == "-1":
			b.WriteByte('-')
		case z.im > 0 && z.re != 0:
			b.WriteString("+" + im)
		default:
			b.WriteString(im)
		}
		b.WriteByte(z.suffix)
	}
	return cell.Str(b.String())
}

// complexOf reads a complex number from a value: text that is none is #NUM!, a boolean #VALUE!, nothing is 0.
func complexOf(v cell.Value) (complexNumber, cell.ErrorCode) {
	switch v.Kind() {
	case cell.Number:
		return complexNumber{re: v.Float()}, 0
	case cell.Empty, cell.Missing:
		return complexNumber{}, 0
	case cell.Error:
		return complexNumber{}, v.Code()
	case cell.Text:
		if z, ok := parseComplex(v.Text()); ok {
			return z, 0
		}
		return complexNumber{}, cell.ErrNum
	}
	return complexNumber{}, cell.ErrValue
}

// engComplex are the functions of complex numbers.
var engComplex = []*Func{
	{Name: "COMPLEX", Category: "Engineering", Takes: "v v v?", Doc: "a complex number of its real and imaginary part, with suffix i or j", Body: engMakeComplex},
	realOf("IMABS", "the absolute value of a complex number", func(z complexNumber) cell.Value { return cell.Num(math.Hypot(z.re, z.im)) }),
	realOf("IMAGINARY", "the imaginary part of a complex number", func(z complexNumber) cell.Value { return cell.Num(z.im) }),
	realOf("IMARGUMENT", "the angle of a complex number in radians; #DIV/0! for 0", func(z complexNumber) cell.Value {
		if z.re == 0 && z.im == 0 {
			return cell.Err(cell.ErrDiv)
		}
		return cell.Num(math.Atan2(z.im, z.re))
	}),
	complex1("IMCONJUGATE", "the complex conjugate", func(z complexNumber) complexNumber { return complexNumber{z.re, -z.im, z.suffix} }),
	complex1("IMCOS", "the cosine of a complex number", complexCos),
	complex1("IMCOSH", "the hyperbolic cosine of a complex number", complexCosh),
	complex1("IMCOT", "the cotangent of a complex number", complexCot),
	complex1("IMCSC", "the cosecant of a complex number", complexCsc),
	complex1("IMCSCH", "the hyperbolic cosecant of a complex number", func(z complexNumber) complexNumber { return complexCsc(z.turned()).turned() }),
	complex2("IMDIV", "the quotient of two complex numbers", func(a, b complexNumber) complexNumber { return a.over(b) }),
	complex1("IMEXP", "e raised to a complex number", func(z complexNumber) complexNumber { return polar(math.Exp(z.re), z.im, z.suffix) }),
	complex1("IMLN", "the natural logarithm of a complex number", func(z complexNumber) complexNumber { return z.log(1) }),
	complex1("IMLOG10", "the logarithm of a complex number to base 10", func(z complexNumber) complexNumber { return z.log(math.Ln10) }),
	complex1("IMLOG2", "the logarithm of a complex number to base 2", func(z complexNumber) complexNumber { return z.log(math.Ln2) }),
	{Name: "IMPOWER", Category: "Engineering", Takes: "v v", Doc: "a complex number raised to a real power", Body: engComplexPower},
	complexFold("IMPRODUCT", "the product of complex numbers", complexNumber{re: 1}, func(a, b complexNumber) complexNumber { return a.times(b) }),
	realOf("IMREAL", "the real part of a complex number", func(z complexNumber) cell.Value { return cell.Num(z.re) }),
	complex1("IMSEC", "the secant of a complex number", complexSec),
	complex1("IMSECH", "the hyperbolic secant of a complex number", func(z complexNumber) complexNumber { return complexSec(z.turned()) }),
	complex1("IMSIN", "the sine of a complex number", complexSin),
	complex1("IMSINH", "the hyperbolic sine of a complex number", complexSinh),
	complex1("IMSQRT", "the square root of a complex number", func(z complexNumber) complexNumber {
		return polar(math.Sqrt(math.Hypot(z.re, z.im)), math.Atan2(z.im, z.re)/2, z.suffix)
	}),
	complex2("IMSUB", "the difference of two complex numbers", func(a, b complexNumber) complexNumber {
		return complexNumber{a.re - b.re, a.im - b.im, a.suffix}
	}),
	complexFold("IMSUM", "the sum of complex numbers", complexNumber{}, func(a, b complexNumber) complexNumber {
		return complexNumber{a.re + b.re, a.im + b.im, a.suffix}
	}),
	complex1("IMTAN", "the tangent of a complex number", complexTan),
}

func engMakeComplex(c *Call) cell.Value {
	z := complexNumber{suffix: 'i'}
	for i, part := range []*float64{&z.re, &z.im} {
		v := strictNumber(c, c.Args[i])
		if v.IsError() {
			return v
		}
		*part = v.Float()
	}
	if c.Has(2) {
		switch s := cell.ToText(c.Args[2]).Text(); s {
		case "i", "":
		case "j":
			z.suffix = 'j'
		default:
			return cell.Err(cell.ErrValue)
		}
	}
	return z.value()
}

func realOf(name, doc string, f func(complexNumber) cell.Value) *Func {
	return &Func{Name: name, Category: "Engineering", Takes: "v", Doc: doc, Body: func(c *Call) cell.Value {
		z, code := complexOf(c.Args[0])
		if code != 0 {
			return cell.Err(code)
		}
		return f(z)
	}}
}

func complex1(name, doc string, f func(complexNumber) complexNumber) *Func {
	return realOf(name, doc, func(z complexNumber) cell.Value { return f(z).value() })
}

// joined returns the suffix of two numbers together, and false where one has i and the other j.
func joined(a, b byte) (byte, bool) {
	if a == 0 {
		a = b
	}
	return a, b == 0 || a == b
}

func complex2(name, doc string, f func(a, b complexNumber) complexNumber) *Func {
	return &Func{Name: name, Category: "Engineering", Takes: "v v", Doc: doc, Body: func(c *Call) cell.Value {
		a, code := complexOf(c.Args[0])
		if code != 0 {
			return cell.Err(code)
		}
		b, code := complexOf(c.Args[1])
		if code != 0 {
			return cell.Err(code)
		}
		var ok bool
		if a.suffix, ok = joined(a.suffix, b.suffix); !ok {
			return cell.Err(cell.ErrValue)
		}
		return f(a, b).value()
	}}
}

func complexFold(name, doc string, start complexNumber, f func(a, b complexNumber) complexNumber) *Func {
	return &Func{Name: name, Category: "Engineering", Takes: "a ...", Doc: doc, Body: func(c *Call) cell.Value {
		z, found := start, false
		var code cell.ErrorCode
		for i := range c.Args {
			// An empty cell is 0 where it is the argument, and passed over in ranges.
			areas := c.Args[i].Areas()
			alone := len(areas) == 1 && areas[0].Single()
			if alone && c.Cell(areas[0].Sheet, areas[0].R0, areas[0].C0).IsBlank() {
				z, found = f(z, complexNumber{}), true
				continue
			}
			c.ValuesOf(i, func(v cell.Value, single bool) bool {
				if v.IsBlank() {
					return true
				}
				var y complexNumber
				if y, code = complexOf(v); code != 0 {
					return false
				}
				suffix, ok := joined(z.suffix, y.suffix)
				if !ok {
					code = cell.ErrValue
					return false
				}
				z.suffix = suffix
				z, found = f(z, y), true
				return true
			})
			if code != 0 {
				break
			}
		}
		switch {
		case code != 0:
			return cell.Err(code)
		case !found:
			return cell.Str("0")
		}
		return z.value()
	}}
}

func polar(r, angle float64, suffix byte) complexNumber {
	sin, cos := math.Sincos(angle)
	return complexNumber{r * cos, r * sin, suffix}
}

func (z complexNumber) times(y complexNumber) complexNumber {
	return complexNumber{float64(z.re*y.re) - float64(z.im*y.im), float64(z.re*y.im) + float64(z.im*y.re), z.suffix}
}

// over divides; by 0 it gives no number.
func (z complexNumber) over(y complexNumber) complexNumber {
	d := float64(y.re*y.re) + float64(y.im*y.im)
	return complexNumber{
		(float64(z.re*y.re) + float64(z.im*y.im)) / d,
		(float64(z.im*y.re) - float64(z.re*y.im)) / d,
		z.suffix,
	}
}

// turned is z times i, which makes the circular functions of the hyperbolic ones.
func (z complexNumber) turned() complexNumber { return complexNumber{-z.im, z.re, z.suffix} }

// log is the logarithm, divided by that of the base. Of 0 it gives no number.
func (z complexNumber) log(of float64) complexNumber {
	return complexNumber{math.Log(math.Hypot(z.re, z.im)) / of, math.Atan2(z.im, z.re) / of, z.suffix}
}

func complexSin(z complexNumber) complexNumber {
	sin, cos := math.Sincos(z.re)
	return complexNumber{sin * math.Cosh(z.im), cos * math.Sinh(z.im), z.suffix}
}

func complexCos(z complexNumber) complexNumber {
	sin, cos := math.Sincos(z.re)
	return complexNumber{cos * math.Cosh(z.im), -sin * math.Sinh(z.im), z.suffix}
}

func complexSinh(z complexNumber) complexNumber {
	sin, cos := math.Sincos(z.im)
	return complexNumber{math.Sinh(z.re) * cos, math.Cosh(z.re) * sin, z.suffix}
}

func complexCosh(z complexNumber) complexNumber {
	sin, cos := math.Sincos(z.im)
	return complexNumber{math.Cosh(z.re) * cos, math.Sinh(z.re) * sin, z.suffix}
}

// parts returns sin x, cos x, sinh y and cosh y of x+iy, of which the functions below are made: |sin z|^2 is sin^2 x + sinh^2 y, and
// |cos z|^2 is cos^2 x + sinh^2 y.
func (z complexNumber) parts() (sin, cos, sinh, cosh float64) {
	sin, cos = math.Sincos(z.re)
	return sin, cos, math.Sinh(z.im), math.Cosh(z.im)
}

func complexTan(z complexNumber) complexNumber {
	sin, cos, sinh, cosh := z.parts()
	d := float64(cos*cos) + float64(sinh*sinh)
	return complexNumber{sin * cos / d, sinh * cosh / d, z.suffix}
}

func complexCot(z complexNumber) complexNumber {
	sin, cos, sinh, cosh := z.parts()
	d := float64(sin*sin) + float64(sinh*sinh)
	return complexNumber{sin * cos / d, -sinh * cosh / d, z.suffix}
}

func complexSec(z complexNumber) complexNumber {
	sin, cos, sinh, cosh := z.parts()
	d := float64(cos*cos) + float64(sinh*sinh)
	return complexNumber{cos * cosh / d, sin * sinh / d, z.suffix}
}

func complexCsc(z complexNumber) complexNumber {
	sin, cos, sinh, cosh := z.parts()
	d := float64(sin*sin) + float64(sinh*sinh)
	return complexNumber{sin * cosh / d, -cos * sinh / d, z.suffix}
}

func engComplexPower(c *Call) cell.Value {
	z, code := complexOf(c.Args[0])
	if code != 0 {
		return cell.Err(code)
	}
	v := strictNumber(c, c.Args[1])
	if v.IsError() {
		return v
	}
	n := v.Float()
	if z.re == 0 && z.im == 0 {
		if n <= 0 {
			return cell.Err(cell.ErrNum)
		}
		return z.value()
	}
	return polar(math.Pow(math.Hypot(z.re, z.im), n), n*math.Atan2(z.im, z.re), z.suffix).value()
}
