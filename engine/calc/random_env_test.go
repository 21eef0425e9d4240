package calc_test

import (
	"os"
	"strconv"
	"testing"
)

// books returns how many random workbooks a test takes: some, or those that CALC_RANDOM asks for.
func books(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("CALC_RANDOM")); err == nil {
		return n
	}
	if testing.Short() {
		return 1 + usual/10
	}
	return usual
}

// first returns the seed of the first random workbook.
func first() uint64 {
	n, _ := strconv.ParseUint(os.Getenv("CALC_SEED"), 10, 64)
	return n
}
