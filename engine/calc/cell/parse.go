package cell

import (
	"strconv"
	"strings"
)

// ParseNumber reads text as Excel in English does where a number is needed: "12", " 1,234.5 ", "(3)" for -3, "12%",
// "$5", "1E3", "1 1/2", dates and times. It reports false for everything else.
func ParseNumber(s string, dates Dates) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, false
	}
	if f, ok := plainNumber(s); ok {
		return f, true
	}
	return 0, false
}

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
	return f, err == nil
}
