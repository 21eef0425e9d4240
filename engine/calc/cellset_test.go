package calc

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCellSet holds that a set tells which rows it lacks.
func TestCellSet(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 9))
	s := cellSet{}
	in := map[at]bool{}
	for range 400 {
		c := at{random.Int32N(2), random.Int32N(500), random.Int32N(2)}
		s.add(c)
		in[c] = true
		if !s.has(c) || s.has(at{c.sheet, c.row + 1000, c.col}) {
			t.Fatalf("%v is not in the set, or a row beyond is", c)
		}
		first := random.Int32N(500)
		last := first + random.Int32N(300)
		var got, want []int32
		all := s.missing(c.sheet, c.col, first, last, func(row int32) bool { got = append(got, row); return len(got) < 50 })
		for row := first; row <= last && len(want) < 50; row++ {
			if !in[at{c.sheet, row, c.col}] {
				want = append(want, row)
			}
		}
		if !slices.Equal(got, want) || all != (len(want) < 50) {
			t.Fatalf("rows %d to %d lack %v, want %v", first, last, got, want)
		}
	}
}
