package cell

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ParseNumber reads text as Excel in English (United States) does where a number is needed: "12", " 1,234.5 ", "(3)" for -3,
// "12%", "$5", "1E3", "1 1/2", and what [ParseDateTime] reads. It reports false for everything else, also for
// dates without a year: those would have another value each year.
func ParseNumber(s string, dates Dates) (float64, bool) { return ParseNumberIn(s, dates, 0) }

// ParseNumberIn is [ParseNumber], but dates without a year are of the given one, unless it is 0.
func ParseNumberIn(s string, dates Dates, year int) (float64, bool) {
	if number := TrimSpace(s); number == "" || !mayBeNumber(number) {
		return 0, false
	}
	return readNumber(s, dates, year)
}

// readNumber is [ParseNumberIn] of a text that may be a number.
func readNumber(s string, dates Dates, year int) (float64, bool) {
	number := TrimSpace(s)
	if f, ok := plainNumber(number); ok {
		return f, true
	}
	if f, ok := dressedNumber(number); ok {
		return f, true
	}
	d, ok := ParseDateTime(s, dates, year)
	return d.Day + d.Clock, ok
}

// mayBeNumber reports false for most texts that are neither number nor date: those without a digit, and those whose first letters are
// none that stand in one. It is much quicker than trying to read them.
func mayBeNumber(s string) bool {
	digit, from, to := false, -1, -1 // the first letters
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			return true
		case c >= '0' && c <= '9':
			digit = true
			if from >= 0 && to < 0 {
				to = i
			}
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			if from < 0 {
				from = i
			}
		case from >= 0 && to < 0:
			to = i
		}
	}
	if !digit || from < 0 {
		return digit
	}
	if to < 0 {
		to = len(s)
	}
	switch word := s[from:to]; len(word) {
	case 1:
		return strings.Contains("eEaApP", word)
	case 2:
		return strings.EqualFold(word, "AM") || strings.EqualFold(word, "PM")
	}
	switch string([]byte{s[from] | 0x20, s[from+1] | 0x20, s[from+2] | 0x20}) {
	case "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec":
		return true
	}
	return false
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

// dressedNumber reads a number with a sign or parentheses and a currency or percent sign, in the orders that people
// write them in: "-$5", "$-5", "($5)", "$(5)", "5%", "%5", "(5%)", "(5)%".
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
		case s[0] == '$' && !money && !percent:
			money = true
			s = s[1:]
		case s[0] == '%' && !percent && !money:
			percent = true
			s = s[1:]
		case s[last] == '%' && !percent && !money:
			percent = true
			s = s[:last]
		default:
			f, ok := digits(s)
			if !ok && !money && !percent {
				f, ok = mixed(s)
			}
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

// digits reads a number without a sign: digits with thousands separators, a decimal point, an exponent.
func digits(s string) (float64, bool) {
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

// ungroup takes the thousands separators out of the digits before the point. Excel is a little lenient about them: after
// each there must be three digits or more.
func ungroup(s string) (string, bool) {
	first, rest, more := strings.Cut(s, ",")
	if !more {
		return s, true
	}
	if first == "" {
		return "", false
	}
	for _, group := range strings.Split(rest, ",") {
		if len(group) < 3 {
			return "", false
		}
	}
	return strings.ReplaceAll(s, ",", ""), true
}

// mixed reads a whole number, one space and a fraction, as "1 1/2". Above and below the bar are at most five digits and
// 32767.
func mixed(s string) (float64, bool) {
	whole, fraction, ok := strings.Cut(s, " ")
	above, below, barred := strings.Cut(fraction, "/")
	whole, grouped := ungroup(whole)
	if !ok || !barred || !grouped || !onlyDigits(whole) || !onlyDigits(above) || !onlyDigits(below) || len(above) > 5 || len(below) > 5 {
		return 0, false
	}
	n, err := strconv.ParseFloat(whole, 64)
	p, _ := strconv.Atoi(above)
	q, _ := strconv.Atoi(below)
	if err != nil || q == 0 || p > math.MaxInt16 || q > math.MaxInt16 {
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
