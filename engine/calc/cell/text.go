package cell

import (
	"math"
	"strconv"
	"strings"
)

// FormatGeneral writes a number as a formula sees it as text: at most 15 significant digits, an exponent from 1E+21
// on and below 1E-9 where the plain form needs more than 20 characters.
func FormatGeneral(f float64) string {
	if f == 0 {
		return "0"
	}
	digits := strconv.FormatFloat(math.Abs(f), 'e', 14, 64)
	mantissa, exponent, _ := strings.Cut(digits, "e")
	exp, _ := strconv.Atoi(exponent)
	mantissa = strings.TrimRight(strings.Replace(mantissa, ".", "", 1), "0")
	sign := ""
	if f < 0 {
		sign = "-"
	}
	n := len(mantissa)
	switch {
	case exp >= 21, exp < 0 && n-exp > 20:
		s := mantissa[:1]
		if n > 1 {
			s += "." + mantissa[1:]
		}
		e := strconv.Itoa(max(exp, -exp))
		if len(e) < 2 {
			e = "0" + e
		}
		if exp < 0 {
			return sign + s + "E-" + e
		}
		return sign + s + "E+" + e
	case exp < 0:
		return sign + "0." + strings.Repeat("0", -exp-1) + mantissa
	case n <= exp+1:
		return sign + mantissa + strings.Repeat("0", exp+1-n)
	}
	return sign + mantissa[:exp+1] + "." + mantissa[exp+1:]
}
