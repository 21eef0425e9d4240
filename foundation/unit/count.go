package unit

import (
	"fmt"
	"strings"
)

// Count is a number of things: rows, users, requests. It may be fractional, for a mean.
type Count float64

// ParseCount reads a number such as "1e7", "10M", "2.5 million", "1,000,000" or "300k".
func ParseCount(s string) (Count, error) {
	value, rest, err := splitNumber(s)
	if err != nil {
		return 0, fmt.Errorf("read count: %w", err)
	}
	factor, ok := countFactor(rest)
	if !ok {
		return 0, fmt.Errorf("read count %q: %q is not a multiplier; write k, M, G or T, or 1e7", strings.TrimSpace(s), rest)
	}
	if value < 0 {
		return 0, fmt.Errorf("read count %q: a count is not negative", strings.TrimSpace(s))
	}
	return Count(value * factor), nil
}

func countFactor(word string) (float64, bool) {
	switch strings.ToLower(word) {
	case "thousand":
		return 1e3, true
	case "million", "mio":
		return 1e6, true
	case "billion", "bn":
		return 1e9, true
	case "trillion":
		return 1e12, true
	}
	switch word {
	case "m":
		// In a size "m" would be ambiguous; of rows nobody means a thousandth.
		return 1e6, true
	case "B", "b", "g":
		return 1e9, true
	}
	return prefixFactor(word)
}

// String prints c with a decimal prefix and three digits: "10M", "1.25k", "350".
func (c Count) String() string {
	digits, prefix := scaled(float64(c))
	return digits + prefix
}
