package dist

import (
	"fmt"
	"math"
	"testing"
)

// TestErrorOfScrambling draws a product of five lognormals input by input and holds each of many seeds to
// 0.5 % of the closed form at q05, q50 and q95, and the mean of all seeds to a tenth of that: a
// scrambling with a bias would show there.
func TestErrorOfScrambling(t *testing.T) {
	g := &Graph{}
	ref := g.Input("0", Lognormal{Sigma: 0.6})
	for i := range 4 {
		ref = g.Apply(Mul, ref, g.Input(fmt.Sprint(i+1), Lognormal{Sigma: 0.3}))
	}
	exact, ok := g.Exact(ref)
	if !ok {
		t.Fatal("a product of lognormals has no closed form")
	}
	const seeds = 64
	for _, p := range []float64{0.05, 0.5, 0.95} {
		sum, worst := 0.0, 0.0
		for seed := range uint64(seeds) {
			draws, err := g.Run(t.Context(), RunOptions{Seed: seed, apart: true}, ref)
			if err != nil {
				t.Fatal(err)
			}
			e := NewSampled(draws[0]).Quantile(p)/exact.Quantile(p) - 1
			sum += e / seeds
			worst = max(worst, math.Abs(e))
		}
		if worst > 0.005 || math.Abs(sum) > 0.0005 {
			t.Errorf("q%02.0f: the worst seed is off by %.3f %%, the mean of all by %.4f %%", 100*p, 100*worst, 100*sum)
		}
		t.Logf("q%02.0f: the worst seed is off by %.3f %%, the mean of all by %.4f %%", 100*p, 100*worst, 100*sum)
	}
}
