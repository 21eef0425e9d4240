package dist

import (
	"fmt"
	"math"
	"testing"
)

// TestErrorOfScrambling draws a product of five lognormals input by input, with many seeds, and compares
// quantiles with the closed form: the error is below half of that of independent draws, and none is left in the mean of
// all seeds, where a scrambling with a bias would show.
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
	const seeds = 128
	sigma := exact.(Lognormal).Sigma
	for _, p := range []float64{0.05, 0.5, 0.95} {
		sum, squares := 0.0, 0.0
		for seed := range uint64(seeds) {
			draws, err := g.Run(t.Context(), RunOptions{Seed: seed, apart: true}, ref)
			if err != nil {
				t.Fatal(err)
			}
			e := math.Log(NewSampled(draws[0]).Quantile(p) / exact.Quantile(p))
			sum += e
			squares += e * e
		}
		// The standard error of a quantile of independent draws.
		z := InverseNormal(p)
		independent := sigma * math.Sqrt(p*(1-p)/DefaultSamples) * math.Sqrt(2*math.Pi) * math.Exp(z*z/2)
		spread, bias := math.Sqrt(squares/seeds), math.Abs(sum/seeds)
		if spread > 0.5*independent || bias > 4*spread/math.Sqrt(seeds) {
			t.Errorf("q%02.0f: off by %.3f %%, independent draws by %.3f %%; the mean of all seeds by %.4f %%", 100*p, 100*spread, 100*independent, 100*bias)
		}
	}
}
