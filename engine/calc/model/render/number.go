package render

import (
	"math"
	"strconv"
	"strings"
)

// Digits is how many significant digits numbers have where the caller does not say.
const Digits = 5

// style is how the numbers of one figure are written: all with as many decimals, so that they can be compared along a
// column.
type style struct {
	digits   int
	decimals int // below 0: with an exponent
	full     bool
}

// exponentFrom is the magnitude from which a number is written with an exponent; up to it a float64 tells whole numbers
// apart.
const exponentFrom = 1e15

// newStyle finds the style of figures: the greatest has so many significant digits, and the least at least two, of which
// zeros at the end that all have are left out. With full, every number is written with all the digits it has.
func newStyle(values [][]float64, digits int, full bool) style {
	if digits <= 0 {
		digits = Digits
	}
	s := style{digits: digits, full: full}
	low, high := math.Inf(1), 0.0
	for _, list := range values {
		for _, v := range list {
			if a := math.Abs(v); a > 0 && !math.IsInf(a, 0) {
				low, high = min(low, a), max(high, a)
			}
		}
	}
	if high == 0 || full {
		return s
	}
	if high >= exponentFrom || high < 1e-6 {
		s.decimals = -1
		return s
	}
	s.decimals = max(digits-places(high), min(2-places(low), 4, digits), 0)
	for ; s.decimals > 0; s.decimals-- {
		for _, list := range values {
			for _, v := range list {
				if t := fixed(v, s.decimals); strings.Contains(t, ".") && !strings.HasSuffix(t, "0") {
					return s
				}
			}
		}
	}
	return s
}

// places is how many digits stand before the decimal point; 0 for 0.5, and -1 for 0.05.
func places(v float64) int { return int(math.Floor(math.Log10(v))) + 1 }

// text writes a number: "1,234.5", "-" where there is no value, "inf" where it is infinite.
func (s style) text(v float64) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	case s.full && (math.Abs(v) >= exponentFrom || v != 0 && math.Abs(v) < 1e-6):
		return strconv.FormatFloat(v, 'g', -1, 64)
	case s.full:
		return grouped(strconv.FormatFloat(v, 'f', -1, 64))
	case s.decimals < 0:
		return strconv.FormatFloat(v, 'g', s.digits, 64)
	}
	t := fixed(v, s.decimals)
	if v < 0 && strings.Trim(t, "-0.") == "" {
		t = t[1:] // what is rounded to zero has no sign
	}
	return grouped(t)
}

// fixed writes a number with so many decimals. Halves are rounded away from zero, as in spreadsheets and the language.
func fixed(v float64, decimals int) string {
	scale := math.Pow10(decimals)
	if math.Abs(v*scale) < exponentFrom {
		v = math.Round(v*scale) / scale
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// grouped puts commas between the thousands of the whole part.
func grouped(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, rest, dot := strings.Cut(s, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if dot {
		b.WriteString("." + rest)
	}
	return b.String()
}
