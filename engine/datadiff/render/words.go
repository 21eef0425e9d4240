package render

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// count prints a whole number in groups of three digits.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// plural prints a number of things whose plural takes an s.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}

func isWas(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// percent prints a share with three digits; one that is not whole never prints as 100 %.
func percent(share float64) string {
	s := unit.Digits(share * 100)
	if s == "100" && share < 1 {
		s = "> 99.9"
	}
	return s + " %"
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func sentenceCase(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// Clean makes a text of a stranger's database fit for a terminal.
func Clean(s string) string { return clean(s) }

// clean removes control characters and the marks that turn the direction of writing from a text of a
// stranger's database: it may neither steer a terminal nor hide what stands beside it.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
}
