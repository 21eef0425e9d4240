package unit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxInput bounds what a parser looks at: nobody writes a longer quantity, and an error message must
// stay readable.
const maxInput = 64

// splitNumber cuts s into a number and the rest behind it, without the space between them. Digits may
// be grouped by underscores or by commas in groups of three.
func splitNumber(s string) (value float64, rest string, err error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, "", fmt.Errorf("a number is missing")
	}
	if len(s) > maxInput {
		return 0, "", fmt.Errorf("%q... is too long for a quantity", s[:maxInput/2])
	}
	end := numberEnd(s)
	if end == 0 {
		return 0, "", fmt.Errorf("%q does not begin with a number", s)
	}
	digits, err := ungroup(s[:end])
	if err != nil {
		return 0, "", err
	}
	value, err = strconv.ParseFloat(digits, 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		return 0, "", fmt.Errorf("%q is not a number that fits", s[:end])
	}
	return value, strings.TrimSpace(s[end:]), nil
}

// numberEnd returns the length of the longest prefix of s that is written like a decimal number. An "e"
// belongs to the number only when an exponent follows it, so that "5 EB" and "5e3" are both read well.
func numberEnd(s string) int {
	i, digits := 0, 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	for i < len(s) && (isDigit(s[i]) || s[i] == '.' || s[i] == '_' || s[i] == ',') {
		if isDigit(s[i]) {
			digits++
		}
		i++
	}
	if digits == 0 {
		return 0
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		start := j
		for j < len(s) && isDigit(s[j]) {
			j++
		}
		if j > start {
			i = j
		}
	}
	return i
}

// ungroup drops separators between digits and refuses commas that do not group by three: "1,5" is
// more likely a decimal comma than fifteen.
func ungroup(s string) (string, error) {
	whole, _, _ := strings.Cut(s, ".")
	if strings.Contains(s, ",") {
		mantissa := strings.TrimLeft(whole, "+-")
		if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
			mantissa = mantissa[:i]
		}
		groups := strings.Split(mantissa, ",")
		ok := len(groups[0]) >= 1 && len(groups[0]) <= 3 && !strings.Contains(s[len(whole):], ",")
		for _, group := range groups[1:] {
			ok = ok && len(group) == 3
		}
		if !ok {
			return "", fmt.Errorf("%q: commas group digits by three; write a decimal point for fractions", s)
		}
	}
	for i := range len(s) {
		if s[i] == '_' && (i == 0 || i == len(s)-1 || !isDigit(s[i-1]) || !isDigit(s[i+1])) {
			return "", fmt.Errorf("%q: an underscore stands between digits", s)
		}
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, ",", ""), "_", ""), nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// decimalPrefixes in falling order, for printing.
var decimalPrefixes = []struct {
	symbol string
	factor float64
}{{"E", 1e18}, {"P", 1e15}, {"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"k", 1e3}}

var binaryPrefixes = []struct {
	symbol string
	factor float64
}{{"Ei", 1 << 60}, {"Pi", 1 << 50}, {"Ti", 1 << 40}, {"Gi", 1 << 30}, {"Mi", 1 << 20}, {"Ki", 1 << 10}}

// prefixFactor returns the factor of a prefix as written in a size or rate. "K" is taken for "k": it
// has no other meaning there. A lower-case "m" is milli, which no size has, and is refused.
func prefixFactor(prefix string) (float64, bool) {
	if prefix == "" {
		return 1, true
	}
	if prefix == "K" {
		return 1e3, true
	}
	for _, p := range decimalPrefixes {
		if p.symbol == prefix {
			return p.factor, true
		}
	}
	for _, p := range binaryPrefixes {
		if p.symbol == prefix {
			return p.factor, true
		}
	}
	return 0, false
}

// Digits prints v with three significant digits and no exponent in the range that people read
// without one, dropping zeros that say nothing: 1.28, 45.2, 350, 0.0005.
func Digits(v float64) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	abs := math.Abs(v)
	if abs >= 1e6 || abs < 1e-6 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	decimals := 2 - int(math.Floor(math.Log10(abs)))
	if decimals <= 0 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// scaled prints v with the decimal prefix that leaves one to three digits before the point.
func scaled(v float64) (digits, prefix string) {
	for _, p := range decimalPrefixes {
		// 999.6 would print as 1000: the next prefix up takes it.
		if math.Abs(v) >= p.factor*0.9995 {
			return Digits(v / p.factor), p.symbol
		}
	}
	return Digits(v), ""
}
