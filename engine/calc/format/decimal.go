package format

import (
	"math"
	"strconv"
	"strings"
)

// decimal is a number that is not negative as Excel sees it: 0.d1d2d3... times ten to the exponent, at most 15 digits.
type decimal struct {
	digits   string // without trailing zeros; "" for 0
	exponent int
}

func newDecimal(x float64) decimal {
	s := strconv.FormatFloat(math.Abs(x), 'e', 14, 64)
	mantissa, exp, _ := strings.Cut(s, "e")
	e, _ := strconv.Atoi(exp)
	digits := strings.TrimRight(mantissa[:1]+mantissa[2:], "0")
	if digits == "" {
		return decimal{}
	}
	return decimal{digits, e + 1}
}

// round cuts d off after so many decimals, half away from zero.
func (d decimal) round(decimals int) decimal {
	keep := d.exponent + decimals
	if keep >= len(d.digits) {
		return d
	}
	if keep < 0 || d.digits[max(keep, 0)] < '5' {
		d.digits = strings.TrimRight(d.digits[:max(keep, 0)], "0")
		if d.digits == "" {
			return decimal{}
		}
		return d
	}
	b := []byte(d.digits[:keep])
	i := keep - 1
	for ; i >= 0 && b[i] == '9'; i-- {
	}
	if i < 0 {
		return decimal{"1", d.exponent + 1}
	}
	b[i]++
	return decimal{string(b[:i+1]), d.exponent}
}

// parts returns the digits before the point, without leading zeros, and those after it, without trailing ones.
func (d decimal) parts() (whole, fraction string) {
	switch {
	case d.digits == "":
		return "", ""
	case d.exponent <= 0:
		return "", strings.Repeat("0", -d.exponent) + d.digits
	case d.exponent >= len(d.digits):
		return d.digits + strings.Repeat("0", d.exponent-len(d.digits)), ""
	}
	return d.digits[:d.exponent], d.digits[d.exponent:]
}

// generalText writes a number as a cell of format General shows it: in at most 11 characters and a sign, but for exponents
// of three digits.
func generalText(x float64) string {
	d := newDecimal(x)
	if d.digits == "" {
		return "0"
	}
	sign := ""
	if x < 0 {
		sign = "-"
	}
	// A plain form has 9 decimals below 1, and from 1 on as many as there is room for; above 11 digits there is none.
	if d.exponent <= 11 {
		decimals := 9
		if d.exponent > 1 {
			decimals = 10 - d.exponent
		}
		short := d.round(max(decimals, 0))
		whole, fraction := short.parts()
		if whole == "" {
			whole = "0"
		}
		// Below 0.0001 the plain form is for what it writes exactly.
		if len(whole) <= 11 && (d.exponent > -4 || short == d) {
			if fraction != "" {
				fraction = "." + fraction
			}
			return sign + whole + fraction
		}
	}
	d = d.round(6 - d.exponent)
	out := d.digits[:1]
	if len(d.digits) > 1 {
		out += "." + d.digits[1:]
	}
	e := d.exponent - 1
	if e < 0 {
		return sign + out + "E-" + pad(-e, 2)
	}
	return sign + out + "E+" + pad(e, 2)
}
