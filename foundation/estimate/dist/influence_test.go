package dist_test

import (
	"math"
	"testing"

	"github.com/napkin-infra/napkin/foundation/estimate/dist"
)

// TestSharesAreOfTheVariance compares shares with first-order Sobol indices that have a closed form.
func TestSharesAreOfTheVariance(t *testing.T) {
	lognormalVariance := func(low, high float64) float64 {
		s := math.Log(high/low) / (2 * 1.6448536269514722)
		return math.Exp(math.Log(low*high)+s*s) * math.Expm1(s*s)
	}
	vx, vy := lognormalVariance(1, 100), 100*lognormalVariance(1, 10)
	normal := func(low, high float64) float64 { sd := (high - low) / (2 * 1.6448536269514722); return sd * sd }
	square := 200 * math.Pow(normal(-5, 5), 2) // of 10 x², x normal around zero
	small := lognormalVariance(1, 2)
	for _, c := range []struct {
		name  string
		build func(g *dist.Graph) dist.Ref
		want  map[string]float64
	}{
		{"a square around zero", func(g *dist.Graph) dist.Ref {
			x := g.Input("x", between(t, -5, 5))
			return g.Apply(dist.Add, g.Apply(dist.Mul, g.Apply(dist.Mul, x, x), g.Const(10)), g.Input("y", between(t, 1, 2)))
		}, map[string]float64{"x": square / (square + small), "y": small / (square + small)}},
		{"a sum of skewed inputs", func(g *dist.Graph) dist.Ref {
			return g.Apply(dist.Add, g.Input("x", between(t, 1, 100)), g.Apply(dist.Mul, g.Const(10), g.Input("y", between(t, 1, 10))))
		}, map[string]float64{"x": vx / (vx + vy), "y": vy / (vx + vy)}},
		{"a product of two that are zero on average", func(g *dist.Graph) dist.Ref {
			return g.Apply(dist.Mul, g.Input("x", dist.Normal{Sigma: 1}), g.Input("y", dist.Normal{Sigma: 3}))
		}, map[string]float64{"x": 0, "y": 0}},
		{"a product of uniforms", func(g *dist.Graph) dist.Ref { // Var(xy) = 7/144, Var(E[xy|x]) = 1/48
			return g.Apply(dist.Mul, g.Input("x", dist.Uniform{High: 1}), g.Input("y", dist.Uniform{High: 1}))
		}, map[string]float64{"x": 3.0 / 7, "y": 3.0 / 7}},
		{"a ratio without a variance", func(g *dist.Graph) dist.Ref {
			return g.Apply(dist.Div, g.Input("x", dist.Uniform{Low: -1, High: 1}), g.Input("y", dist.Uniform{Low: -1, High: 1}))
		}, map[string]float64{"x": 0, "y": 0}},
	} {
		g := &dist.Graph{}
		ref := c.build(g)
		list, err := g.Influences(t.Context(), dist.RunOptions{}, ref)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range list {
			if want := c.want[i.Input.Label]; math.Abs(i.Share-want) > 0.015 {
				t.Errorf("%s: the share of %s is %.4f, want %.4f", c.name, i.Input.Label, i.Share, want)
			}
		}
	}
}

// TestSharesOfAProductAreClosed holds a product of lognormals, one of them in two pieces, to the variances of the
// logarithms, and to what draws of the logarithm give.
func TestSharesOfAProductAreClosed(t *testing.T) {
	g := &dist.Graph{}
	d, err := dist.Through(1, 2, 50)
	if err != nil {
		t.Fatal(err)
	}
	x, y := g.Input("x", d), g.Input("y", dist.Lognormal{Sigma: 0.7})
	product := g.Apply(dist.Div, y, x)
	closed, err := g.Influences(t.Context(), dist.RunOptions{}, product)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := g.Influences(t.Context(), dist.RunOptions{}, g.Apply(dist.Log, product))
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range closed {
		if !c.Exact || drawn[i].Exact || math.Abs(c.Share-drawn[i].Share) > 0.01 {
			t.Errorf("%s: %v closed, %v drawn", c.Input.Label, c.Share, drawn[i].Share)
		}
	}
}

// TestRangeOfAResultThatTurns holds the ends of what a result passes through to its turning point.
func TestRangeOfAResultThatTurns(t *testing.T) {
	g := &dist.Graph{}
	x := g.Input("x", between(t, -5, 5))
	list, err := g.Influences(t.Context(), dist.RunOptions{}, g.Apply(dist.Mul, x, x))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if i := list[0]; math.Abs(i.AtLow-25) > 1e-9 || math.Abs(i.AtHigh-25) > 1e-9 || math.Abs(i.Low) > 1e-9 || math.Abs(i.High-25) > 1e-9 {
		t.Errorf("x² of -5 to 5 is %v and %v at the ends and passes through %v to %v", i.AtLow, i.AtHigh, i.Low, i.High)
	}
	list, err = g.Influences(t.Context(), dist.RunOptions{}, g.Apply(dist.Sqrt, x))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if i := list[0]; math.IsNaN(i.Low) || math.Abs(i.High-math.Sqrt(5)) > 1e-9 {
		t.Errorf("the root of -5 to 5 passes through %v to %v", i.Low, i.High)
	}
}
