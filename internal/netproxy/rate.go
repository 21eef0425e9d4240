package netproxy

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ParseRate reads a bandwidth in bits per second, "50Mbit" or "1Gbit" (decimal multiples), and returns
// it in bytes per second. An empty text is 0: no bound.
func ParseRate(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	for _, unit := range []struct {
		suffix string
		bits   float64
	}{{"kbit", 1e3}, {"Mbit", 1e6}, {"Gbit", 1e9}} {
		number, ok := strings.CutSuffix(s, unit.suffix)
		if !ok {
			continue
		}
		f, err := strconv.ParseFloat(number, 64)
		if bytes := f * unit.bits / 8; err == nil && bytes >= 1 && bytes < math.MaxInt64/2 {
			return int64(bytes), nil
		}
	}
	return 0, fmt.Errorf("%q is not a bandwidth; write it as 500kbit, 50Mbit or 1Gbit", s)
}
