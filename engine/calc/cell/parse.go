package cell

import (
	"strconv"
	"strings"
)

// ParseNumber reads text as Excel in English (United States) does where a number is needed: "12", " 1,234.5 ", "(3)" for -3,
// "12%", "$5", "1E3", "1 1/2", and what [ParseDateTime] reads. It reports false for everything else, also for
// dates without a year: those would have another value each year.
func ParseNumber(s string, dates Dates) (float64, bool) { return ParseNumberIn(s, dates, 0) }

// ParseNumberIn is [ParseNumber], but dates without a year are of the given one, unless it is 0.
func ParseNumberIn(s string, dates Dates, year int) (float64, bool) {
	s = TrimSpace(s)
	if s == "" {
		return 0, false
	}
	if f, ok := plainNumber(s); ok {
		return f, true
	}
	if f, ok := dressedNumber(s); ok {
		return f, true
	}
	d, ok := ParseDateTime(s, dates, year)
	return d.Day + d.Clock, ok
}

// TrimSpace cuts off the white space around a number. A no-break space is none for Excel, which is a well-known trap.
func TrimSpace(s string) string { return strings.Trim(s, " \t\r\n") }

// plainNumber reads digits with a point and an exponent. It does not read what only Go takes for a number: inf, nan,
// hexadecimals, underscores.
func plainNumber(s string) (float64, bool) {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '.', c == '+', c == '-', c == 'e', c == 'E':
		default:
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f + 0, err == nil
}

// dressedNumber reads a number with at most one of each: a sign or parentheses, a currency sign, a percent sign, in the orders
// that people write them in. The first of them decides: "-$5", "$-5", "($5)", "$(5)", "5%", "%5", "(5%)".
func dressedNumber(s string) (float64, bool) {
	var negative, signed, money, percent bool
	for {
		s = TrimSpace(s)
		if s == "" {
			return 0, false
		}
		switch last := len(s) - 1; {
		case (s[0] == '-' || s[0] == '+') && !signed:
			signed, negative = true, s[0] == '-'
			s = s[1:]
		case s[0] == '(' && s[last] == ')' && !signed && last > 0:
			signed, negative = true, true
			s = s[1:last]
		case s[0] == '$' && !money:
			money = true
			s = s[1:]
		case s[0] == '%' && !percent:
			percent = true
			s = s[1:]
		case s[last] == '%' && !percent:
			percent = true
			s = s[:last]
		default:
			f, ok := digits(s)
			if percent {
				f /= 100
			}
			if negative {
				f = -f
			}
			return f + 0, ok
		}
	}
}

// digits reads a number without a sign: digits with thousands separators, a decimal point, an exponent, a fraction.
func digits(s string) (float64, bool) {
	if whole, fraction, ok := strings.Cut(s, " "); ok {
		return mixed(whole, strings.TrimLeft(fraction, " "))
	}
	if s[0] == '+' || s[0] == '-' {
		return 0, false
	}
	end := strings.IndexAny(s, ".eE")
	if end < 0 {
		end = len(s)
	}
	whole, ok := ungroup(s[:end])
	if !ok {
		return 0, false
	}
	return plainNumber(whole + s[end:])
}

// ungroup takes the thousands separators out of the digits before the point. Excel is lenient about them: a digit must
// stand before the first one, and three or more after the last; between them it does not count, so that the
// groups of India, as in 12,34,567, can be read too.
func ungroup(s string) (string, bool) {
	last := strings.LastIndexByte(s, ',')
	if last < 0 {
		return s, true
	}
	if s[0] == ',' || len(s)-last-1 < 3 || strings.Contains(s, ",,") {
		return "", false
	}
	return strings.ReplaceAll(s, ",", ""), true
}

// mixed reads a whole number and a fraction, as "1" and "1/2".
func mixed(whole, fraction string) (float64, bool) {
	above, below, ok := strings.Cut(fraction, "/")
	whole, grouped := ungroup(whole)
	if !ok || !grouped || !onlyDigits(whole) || !onlyDigits(above) || !onlyDigits(below) || len(above) > 5 || len(below) > 5 {
		return 0, false
	}
	n, err := strconv.ParseFloat(whole, 64)
	p, _ := strconv.Atoi(above)
	q, _ := strconv.Atoi(below)
	if err != nil || q == 0 {
		return 0, false
	}
	return n + float64(p)/float64(q), true
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
