package dist

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// awkward are sets of draws that are hard to divide evenly.
func awkward() map[string][]float64 {
	r := rand.New(rand.NewPCG(1, 2))
	make1 := func(n int, of func(i int) float64) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = of(i)
		}
		return v
	}
	return map[string][]float64{
		"one":            {3},
		"two":            {3, -1},
		"equal":          make1(5000, func(int) float64 { return 0.1 }),
		"ties":           make1(5000, func(i int) float64 { return float64(i % 7) }),
		"zeros":          make1(100, func(i int) float64 { return math.Copysign(0, float64(i%2)-0.5) }),
		"normal":         make1(20000, func(int) float64 { return r.NormFloat64() }),
		"lognormal":      make1(20000, func(int) float64 { return math.Exp(2 * r.NormFloat64()) }),
		"outliers":       make1(20000, func(i int) float64 { return []float64{r.Float64(), 1e300 * r.Float64()}[i%2] }),
		"infinite":       make1(3000, func(i int) float64 { return []float64{math.Inf(1), r.NormFloat64(), math.Inf(-1)}[i%3] }),
		"without values": make1(3000, func(i int) float64 { return []float64{math.NaN(), r.NormFloat64(), -math.NaN()}[i%3] }),
	}
}

// TestSampledAgainstSort asks for quantiles and probabilities in a random order, from several goroutines,
// and compares them with those of a sorted slice.
func TestSampledAgainstSort(t *testing.T) {
	for name, draws := range awkward() {
		sorted := slices.DeleteFunc(slices.Clone(draws), math.IsNaN)
		slices.Sort(sorted)
		n := len(sorted)
		s := NewSampled(draws)
		if s.Draws() != n {
			t.Errorf("%s: %d draws, want %d", name, s.Draws(), n)
		}
		var wait sync.WaitGroup
		for g := range uint64(3) {
			wait.Go(func() {
				r := rand.New(rand.NewPCG(g, 0))
				for range 300 {
					i := r.IntN(n)
					// In the middle of its step a draw is its own quantile.
					p := (float64(i) + 0.5) / float64(n)
					if got := s.Quantile(p); math.Abs(got-sorted[i]) > 1e-9*math.Abs(sorted[i]) && got != sorted[i] {
						t.Errorf("%s: q%v = %v, want %v", name, p, got, sorted[i])
					}
					x := sorted[i]
					below := 0
					for below < n && sorted[below] <= x {
						below++
					}
					if got, want := s.CDF(x), float64(below)/float64(n); got != want {
						t.Errorf("%s: CDF(%v) = %v, want %v", name, x, got, want)
					}
				}
			})
		}
		wait.Wait()
		if low, high := s.CDF(math.Nextafter(sorted[0], math.Inf(-1))), s.CDF(math.Inf(1)); high != 1 || low != 0 && !math.IsInf(sorted[0], -1) {
			t.Errorf("%s: the probability is %v below the least draw and %v up to the greatest", name, low, high)
		}
	}
}

func TestSortedOrder(t *testing.T) {
	for name, v := range awkward() {
		order := sortedOrder(v)
		seen := make([]bool, len(v))
		for i, at := range order {
			seen[at] = true
			if i > 0 && (v[order[i-1]] > v[at] || math.IsNaN(v[order[i-1]]) && !math.IsNaN(v[at])) {
				t.Fatalf("%s: %v comes before %v", name, v[order[i-1]], v[at])
			}
		}
		if slices.Contains(seen, false) {
			t.Errorf("%s: a place is missing", name)
		}
	}
}

func TestMeanOfEqualDraws(t *testing.T) {
	for _, v := range []float64{0.1, 1.0 / 3, 7e200, -2.3} {
		if got := NewSampled(slices.Repeat([]float64{v}, 1001)).Mean(); got != v {
			t.Errorf("the mean of many %v is %v", v, got)
		}
	}
	if got := NewSampled([]float64{1, 2, 3, 4, 5, 6, 7.5}).Mean(); math.Abs(got-28.5/7) > 1e-15 {
		t.Errorf("the mean is %v", got)
	}
}
