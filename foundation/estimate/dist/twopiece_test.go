package dist_test

import (
	"math"
	"testing"

	"github.com/napkin-infra/napkin/foundation/estimate/dist"
)

func TestThroughHasItsThreePercentiles(t *testing.T) {
	for _, c := range [][3]float64{{1, 2, 100}, {0.02, 0.09, 0.12}, {5, 5, 50}, {5, 50, 50}, {1, 10, 100}, {3, 3, 3}} {
		d, err := dist.Through(c[0], c[1], c[2])
		if err != nil {
			t.Fatal(err)
		}
		g := &dist.Graph{}
		x := g.Input("x", d)
		draws, err := g.Run(t.Context(), dist.RunOptions{}, x)
		if err != nil {
			t.Fatal(err)
		}
		drawn := dist.NewSampled(draws[0])
		for i, p := range []float64{0.05, 0.5, 0.95} {
			if got := d.Quantile(p); math.Abs(got/c[i]-1) > 1e-12 {
				t.Errorf("%v: q%v = %v", c, p, got)
			}
			if got := drawn.Quantile(p); math.Abs(got/c[i]-1) > 0.005 {
				t.Errorf("%v: drawn q%v = %v", c, p, got)
			}
		}
		if math.Abs(drawn.Mean()/d.Mean()-1) > 0.03 {
			t.Errorf("%v: mean %v, drawn %v", c, d.Mean(), drawn.Mean())
		}
		for _, x := range []float64{c[0] * 1.01, c[1] * 1.3} {
			if math.Abs(d.CDF(x)-drawn.CDF(x)) > 0.001 {
				t.Errorf("%v: CDF(%v) = %v, drawn %v", c, x, d.CDF(x), drawn.CDF(x))
			}
		}
	}
	for _, bad := range [][3]float64{{0, 1, 2}, {2, 1, 3}, {1, 4, 3}, {1, 2, math.Inf(1)}} {
		if d, err := dist.Through(bad[0], bad[1], bad[2]); err == nil {
			t.Errorf("%v gives %v", bad, d)
		}
	}
}

// TestPowerOfTwoPieceIsExact compares the closed form of 100/x and of -3x with draws.
func TestPowerOfTwoPieceIsExact(t *testing.T) {
	g := &dist.Graph{}
	d, _ := dist.Through(1, 2, 100)
	x := g.Input("x", d)
	for _, ref := range []dist.Ref{g.Apply(dist.Div, g.Const(100), x), g.Apply(dist.Mul, g.Const(-3), x), g.Apply(dist.Sqrt, x), g.Apply(dist.Add, g.Const(7), g.Apply(dist.Div, g.Const(1), x))} {
		exact, ok := g.Exact(ref)
		if !ok {
			t.Fatal("no closed form")
		}
		draws, err := g.Run(t.Context(), dist.RunOptions{}, ref)
		if err != nil {
			t.Fatal(err)
		}
		drawn := dist.NewSampled(draws[0])
		for _, p := range []float64{0.05, 0.3, 0.5, 0.95} {
			if math.Abs(exact.Quantile(p)/drawn.Quantile(p)-1) > 0.005 {
				t.Errorf("q%v: %v exact, %v drawn", p, exact.Quantile(p), drawn.Quantile(p))
			}
		}
	}
}
