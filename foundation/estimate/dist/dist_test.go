package dist_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/napkin-infra/napkin/foundation/estimate/dist"
)

func between(t testing.TB, low, high float64) dist.Dist {
	t.Helper()
	d, err := dist.Between(low, high)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// invert finds the quantile of a distribution function by bisection.
func invert(cdf func(float64) float64, p, low, high float64) float64 {
	for range 200 {
		if m := low/2 + high/2; cdf(m) < p {
			low = m
		} else {
			high = m
		}
	}
	return low
}

// irwinHall is the distribution function of the sum of n uniform variables on [0, 1] (Irwin 1927, Hall 1927).
func irwinHall(n int) func(float64) float64 {
	return func(x float64) float64 {
		sum, sign, choose, factorial := 0.0, 1.0, 1.0, 1.0
		for k := 0; float64(k) <= x && k <= n; k++ {
			sum += sign * choose * math.Pow(x-float64(k), float64(n))
			sign, choose = -sign, choose*float64(n-k)/float64(k+1)
		}
		for k := 2; k <= n; k++ {
			factorial *= float64(k)
		}
		return sum / factorial
	}
}

// erlang is the distribution function of the sum of n exponential variables with mean 1.
func erlang(n int) func(float64) float64 {
	return func(x float64) float64 {
		term, sum := 1.0, 0.0
		for k := range n {
			if k > 0 {
				term *= x / float64(k)
			}
			sum += term
		}
		return 1 - math.Exp(-x)*sum
	}
}

func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// TestAgainstClosedForms draws, also where this package knows the closed form, and compares quantiles
// with those of textbooks: within 0.5 % at q05, q50 and q95.
func TestAgainstClosedForms(t *testing.T) {
	lognormal := func(mu, sigma float64) func(float64) float64 {
		return func(p float64) float64 { return math.Exp(mu + sigma*math.Sqrt2*math.Erfinv(2*p-1)) }
	}
	normal := func(mu, sigma float64) func(float64) float64 {
		return func(p float64) float64 { return mu + sigma*math.Sqrt2*math.Erfinv(2*p-1) }
	}
	of := func(cdf func(float64) float64, low, high float64) func(float64) float64 {
		return func(p float64) float64 { return invert(cdf, p, low, high) }
	}
	ln := func(g *dist.Graph, mu, sigma float64) dist.Ref {
		return g.Input("x", dist.Lognormal{Mu: mu, Sigma: sigma})
	}
	repeat := func(g *dist.Graph, n int, d dist.Dist) dist.Ref {
		ref := g.Input("x0", d)
		for i := 1; i < n; i++ {
			ref = g.Apply(dist.Add, ref, g.Input(fmt.Sprint("x", i), d))
		}
		return ref
	}
	for _, c := range []struct {
		name  string
		build func(g *dist.Graph) dist.Ref
		want  func(p float64) float64
	}{
		{"product of two lognormals", func(g *dist.Graph) dist.Ref { return g.Apply(dist.Mul, ln(g, 1, 0.5), ln(g, 2, 0.7)) }, lognormal(3, math.Hypot(0.5, 0.7))},
		{"quotient of two lognormals", func(g *dist.Graph) dist.Ref { return g.Apply(dist.Div, ln(g, 1, 0.5), ln(g, 2, 0.7)) }, lognormal(-1, math.Hypot(0.5, 0.7))},
		{"cube of a lognormal", func(g *dist.Graph) dist.Ref { return g.Apply(dist.Pow, ln(g, 1, 0.5), g.Const(3)) }, lognormal(3, 1.5)},
		{"root of a lognormal", func(g *dist.Graph) dist.Ref { return g.Apply(dist.Sqrt, ln(g, 1, 0.5)) }, lognormal(0.5, 0.25)},
		{"product of five lognormals", func(g *dist.Graph) dist.Ref {
			ref := ln(g, 0.1, 0.3)
			for range 4 {
				ref = g.Apply(dist.Mul, ref, ln(g, 0.1, 0.3))
			}
			return ref
		}, lognormal(0.5, 0.3*math.Sqrt(5))},
		{"scaled and shifted lognormal", func(g *dist.Graph) dist.Ref {
			return g.Apply(dist.Add, g.Apply(dist.Mul, ln(g, 1, 0.5), g.Const(4)), g.Const(10))
		}, func(p float64) float64 { return 10 + 4*lognormal(1, 0.5)(p) }},
		{"sum of three normals", func(g *dist.Graph) dist.Ref { return repeat(g, 3, dist.Normal{Mu: 10, Sigma: 2}) }, normal(30, 2*math.Sqrt(3))},
		{"difference of normals", func(g *dist.Graph) dist.Ref {
			return g.Apply(dist.Sub, g.Input("a", dist.Normal{Mu: 10, Sigma: 2}), g.Input("b", dist.Normal{Mu: 3, Sigma: 1}))
		}, normal(7, math.Sqrt(5))},
		{"sum of two uniforms", func(g *dist.Graph) dist.Ref { return repeat(g, 2, dist.Uniform{Low: 0, High: 1}) }, of(irwinHall(2), 0, 2)},
		{"sum of three uniforms", func(g *dist.Graph) dist.Ref { return repeat(g, 3, dist.Uniform{Low: 0, High: 1}) }, of(irwinHall(3), 0, 3)},
		{"sum of six uniforms", func(g *dist.Graph) dist.Ref { return repeat(g, 6, dist.Uniform{Low: 0, High: 1}) }, of(irwinHall(6), 0, 6)},
		{"sum of two exponentials", func(g *dist.Graph) dist.Ref { return repeat(g, 2, dist.Exponential{M: 1}) }, of(erlang(2), 0, 60)},
		{"sum of five exponentials", func(g *dist.Graph) dist.Ref { return repeat(g, 5, dist.Exponential{M: 1}) }, of(erlang(5), 0, 60)},
		{"least of two exponentials", func(g *dist.Graph) dist.Ref {
			return g.Apply(dist.Min, g.Input("a", dist.Exponential{M: 2}), g.Input("b", dist.Exponential{M: 2}))
		}, func(p float64) float64 { return -math.Log1p(-p) }},
		{"greatest of two normals", func(g *dist.Graph) dist.Ref {
			return g.Apply(dist.Max, g.Input("a", dist.Normal{Mu: 10, Sigma: 1}), g.Input("b", dist.Normal{Mu: 10, Sigma: 1}))
		}, func(p float64) float64 { return normal(10, 1)(math.Sqrt(p)) }},
		{"product of two uniforms", func(g *dist.Graph) dist.Ref {
			return g.Apply(dist.Mul, g.Input("a", dist.Uniform{Low: 0, High: 1}), g.Input("b", dist.Uniform{Low: 0, High: 1}))
		}, of(func(x float64) float64 { return x - x*math.Log(x) }, 1e-12, 1)},
		{"exponential of a normal", func(g *dist.Graph) dist.Ref { return g.Apply(dist.Exp, g.Input("a", dist.Normal{Mu: 1, Sigma: 0.4})) }, lognormal(1, 0.4)},
		{"beta 2, 1", func(g *dist.Graph) dist.Ref { return g.Input("a", dist.Beta{A: 2, B: 1}) }, math.Sqrt},
		{"beta 1, 3", func(g *dist.Graph) dist.Ref { return g.Input("a", dist.Beta{A: 1, B: 3}) }, func(p float64) float64 { return 1 - math.Cbrt(1-p) }},
		{"logit-normal", func(g *dist.Graph) dist.Ref { return g.Input("a", dist.LogitNormal{Mu: 2, Sigma: 0.5}) },
			func(p float64) float64 { return 1 / (1 + math.Exp(-normal(2, 0.5)(p))) }},
		{"wait at one server", func(g *dist.Graph) dist.Ref {
			return g.Apply(dist.QueueMM1, g.Input("a", dist.Uniform{Low: 0, High: 0.9}), g.Const(1))
		}, func(p float64) float64 { return 1 / (1 - 0.9*p) }},
	} {
		g := &dist.Graph{}
		ref := c.build(g)
		draws, err := g.Run(t.Context(), dist.RunOptions{Samples: 1 << 17, Seed: 1}, ref)
		if err != nil {
			t.Fatal(err)
		}
		sampled := dist.NewSampled(draws[0])
		exact, known := g.Exact(ref)
		for _, p := range []float64{0.05, 0.5, 0.95} {
			want := c.want(p)
			if got := sampled.Quantile(p); math.Abs(got/want-1) > 0.005 {
				t.Errorf("%s: drawn q%02.0f = %v, want %v", c.name, 100*p, got, want)
			}
			if known && math.Abs(exact.Quantile(p)/want-1) > 1e-9 {
				t.Errorf("%s: exact q%02.0f = %v, want %v", c.name, 100*p, exact.Quantile(p), want)
			}
			if known && math.Abs(exact.CDF(want)-p) > 1e-9 {
				t.Errorf("%s: exact CDF(%v) = %v, want %v", c.name, want, exact.CDF(want), p)
			}
		}
	}
}

// TestDesignModel is the model of the design: requests times bytes times a month, compressed, at a price.
func TestDesignModel(t *testing.T) {
	g := &dist.Graph{}
	ref := g.Apply(dist.Mul, g.Input("rps", between(t, 1e3, 1e4)), g.Input("size", between(t, 200, 2000)))
	ref = g.Apply(dist.Div, g.Apply(dist.Mul, ref, g.Const(30*86400)), g.Input("ratio", between(t, 3, 8)))
	ref = g.Apply(dist.Mul, ref, g.Const(0.02/1e9))
	exact, ok := g.Exact(ref)
	if !ok {
		t.Fatal("a product of lognormals has no closed form")
	}
	draws, err := g.Run(t.Context(), dist.RunOptions{}, ref)
	if err != nil {
		t.Fatal(err)
	}
	sampled := dist.NewSampled(draws[0])
	for _, c := range []struct {
		name           string
		exact, sampled float64
		want           float64
	}{
		{"q05", exact.Quantile(0.05), sampled.Quantile(0.05), 3.865}, {"median", exact.Quantile(0.5), sampled.Quantile(0.5), 21.164},
		{"mean", exact.Mean(), sampled.Mean(), 36.113}, {"q95", exact.Quantile(0.95), sampled.Quantile(0.95), 115.90},
	} {
		if math.Abs(c.exact/c.want-1) > 2e-4 || math.Abs(c.sampled/c.want-1) > 0.005 {
			t.Errorf("%s: %v exact, %v drawn, want %v", c.name, c.exact, c.sampled, c.want)
		}
	}
}

func TestSameInputIsSameDraw(t *testing.T) {
	for name, d := range map[string]dist.Dist{"lognormal": between(t, 1, 10), "normal": between(t, -1, 10), "uniform": dist.Uniform{Low: 1, High: 2}, "exponential": dist.Exponential{M: 3}} {
		g := &dist.Graph{}
		x := g.Input("x", d)
		y := g.Input("y", d)
		sum := g.Apply(dist.Exp, g.Apply(dist.Add, x, y)) // has no closed form
		difference, quotient := g.Apply(dist.Sub, x, x), g.Apply(dist.Div, x, x)
		for _, c := range []struct {
			ref  dist.Ref
			want float64
		}{{difference, 0}, {quotient, 1}} {
			if e, ok := g.Exact(c.ref); !ok || e != dist.Dist(dist.Point(c.want)) {
				t.Errorf("%s: exact %v, want %v", name, e, c.want)
			}
		}
		refs := []dist.Ref{difference, quotient, g.Apply(dist.Sub, sum, sum), g.Apply(dist.Div, sum, sum)}
		draws, err := g.Run(t.Context(), dist.RunOptions{Samples: 1000}, refs...)
		if err != nil {
			t.Fatal(err)
		}
		for i := range draws[0] {
			if draws[0][i] != 0 || draws[1][i] != 1 || draws[2][i] != 0 || draws[3][i] != 1 {
				t.Fatalf("%s: draw %d: %v %v %v %v", name, i, draws[0][i], draws[1][i], draws[2][i], draws[3][i])
			}
		}
	}
}

func TestInfluencesOfProduct(t *testing.T) {
	g := &dist.Graph{}
	sigma := []float64{0.2, 0.5, 0.9, 0.4}
	exponent := []float64{1, 2, -1, 0.5}
	ref, total := g.Const(7), 0.0
	for i := range sigma {
		x := g.Input(fmt.Sprint(i), dist.Lognormal{Sigma: sigma[i]})
		ref = g.Apply(dist.Mul, ref, g.Apply(dist.Pow, x, g.Const(exponent[i])))
		total += sigma[i] * exponent[i] * sigma[i] * exponent[i]
	}
	list, err := g.Influences(t.Context(), dist.RunOptions{}, ref)
	if err != nil || len(list) != 4 {
		t.Fatal(list, err)
	}
	order := []int{1, 2, 0, 3} // by |sigma*exponent|: 1.0, 0.9, then 0.2 twice
	for i, in := range list {
		k := order[i]
		want := sigma[k] * exponent[k] * sigma[k] * exponent[k] / total
		if in.Input.Label != fmt.Sprint(k) || math.Abs(in.Share/want-1) > 0.01 || !in.Exact {
			t.Errorf("%d: input %s has the share %v, want %d with %v", i, in.Input.Label, in.Share, k, want)
		}
		if math.Signbit(in.Correlation) != (exponent[k] < 0) || (in.Low < in.High) == (exponent[k] < 0) {
			t.Errorf("input %d: correlation %v, from %v to %v", k, in.Correlation, in.Low, in.High)
		}
		rest := math.Sqrt(total - sigma[k]*exponent[k]*sigma[k]*exponent[k])
		if width := math.Log(in.KnownHigh/in.KnownLow) / (2 * 1.6448536269514722); math.Abs(width/rest-1) > 0.01 {
			t.Errorf("input %d: knowing it leaves %v, want %v", k, width, rest)
		}
	}
}

func TestInfluencesByRank(t *testing.T) {
	g := &dist.Graph{}
	big, small := g.Input("big", dist.Uniform{Low: 0, High: 10}), g.Input("small", dist.Uniform{Low: 0, High: 1})
	g.Input("unused", dist.Uniform{Low: 0, High: 1})
	list, err := g.Influences(t.Context(), dist.RunOptions{}, g.Apply(dist.Sub, big, small))
	if err != nil || len(list) != 2 || list[0].Input.Label != "big" || list[0].Exact || list[0].Share < 0.97 || list[1].Correlation > -0.05 {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestInfluencesOfMergedInputs holds the shares of inputs that a run would draw as one.
func TestInfluencesOfMergedInputs(t *testing.T) {
	g := &dist.Graph{}
	a, b, c := g.Input("a", between(t, 1, 10)), g.Input("b", between(t, 1, 10)), g.Input("c", between(t, 0.1, 0.2))
	list, err := g.Influences(t.Context(), dist.RunOptions{}, g.Apply(dist.Add, g.Apply(dist.Mul, a, b), c))
	if err != nil || len(list) != 3 {
		t.Fatal(list, err)
	}
	// The variance of a product of two equal lognormals is in equal parts of each and of both together.
	sigma := math.Log(10) / (2 * 1.6448536269514722)
	want := 1 / (math.Exp(sigma*sigma) + 1)
	if math.Abs(list[0].Share-want) > 0.05 || math.Abs(list[1].Share-want) > 0.05 || list[2].Share > 0.02 || list[2].Input.Label != "c" {
		t.Errorf("%+v, want %v", list, want)
	}
}

func TestBreakEven(t *testing.T) {
	g := &dist.Graph{}
	users := g.Input("users", between(t, 100, 10000))
	fixed, per := g.Const(500), g.Apply(dist.Mul, users, g.Const(0.4))
	b, err := g.BreakEven(t.Context(), dist.RunOptions{Samples: 2000}, per, fixed, users, 0, 0)
	if err != nil || !b.Found || math.Abs(b.At/1250-1) > 1e-6 || !b.FirstBelow {
		t.Errorf("fixed rates: %+v, %v; want 1250", b, err)
	}
	// With an uncertain price the crossing is where the medians are: 500 / 0.4, open by the interval of the price.
	uncertain := g.Apply(dist.Mul, users, g.Input("price", between(t, 0.2, 0.8)))
	b, err = g.BreakEven(t.Context(), dist.RunOptions{Samples: 4000}, fixed, uncertain, users, 0, 0)
	if err != nil || !b.Found || b.FirstBelow || math.Abs(b.At/1250-1) > 0.01 || math.Abs(b.Low/625-1) > 0.01 || math.Abs(b.High/2500-1) > 0.01 {
		t.Errorf("uncertain price: %+v, %v; want 1250 (625 to 2500)", b, err)
	}
	if b, err = g.BreakEven(t.Context(), dist.RunOptions{Samples: 100}, fixed, g.Const(3), users, 0, 0); err != nil || b.Found {
		t.Errorf("options that do not cross: %+v, %v", b, err)
	}
}

// TestBreakEvenFindsAllCrossings over inputs of all signs, ties among them.
func TestBreakEvenFindsAllCrossings(t *testing.T) {
	type crossing struct {
		at         float64
		firstBelow bool
	}
	for _, c := range []struct {
		name  string
		input dist.Dist
		// first and second as functions of the input
		first, second func(g *dist.Graph, x dist.Ref) dist.Ref
		want          []crossing
	}{
		{"a parabola and a constant", between(t, 1, 10),
			func(g *dist.Graph, x dist.Ref) dist.Ref {
				d := g.Apply(dist.Sub, x, g.Const(5))
				return g.Apply(dist.Mul, d, d)
			},
			func(g *dist.Graph, _ dist.Ref) dist.Ref { return g.Const(4) },
			[]crossing{{3, false}, {7, true}}},
		{"three", dist.Uniform{Low: -2, High: 2},
			func(g *dist.Graph, x dist.Ref) dist.Ref {
				return g.Apply(dist.Mul, x, g.Apply(dist.Sub, g.Apply(dist.Mul, x, x), g.Const(1)))
			},
			func(g *dist.Graph, _ dist.Ref) dist.Ref { return g.Const(0.001) },
			[]crossing{{-0.999498, true}, {-0.001000001, false}, {1.0004996, true}}},
		{"a line over zero", dist.Uniform{Low: -1, High: 1},
			func(_ *dist.Graph, x dist.Ref) dist.Ref { return x },
			func(g *dist.Graph, _ dist.Ref) dist.Ref { return g.Const(0.3) },
			[]crossing{{0.3, true}}},
		{"below zero", dist.Point(-4),
			func(_ *dist.Graph, x dist.Ref) dist.Ref { return x },
			func(g *dist.Graph, _ dist.Ref) dist.Ref { return g.Const(-70) },
			[]crossing{{-70, true}}},
		{"without a value on one side", dist.Uniform{Low: -1, High: 1},
			func(g *dist.Graph, x dist.Ref) dist.Ref { return g.Apply(dist.Sqrt, x) },
			func(g *dist.Graph, x dist.Ref) dist.Ref { return g.Apply(dist.Div, g.Const(0.5), x) },
			[]crossing{{0.6299605, true}}},
		{"equal for a while", between(t, 1, 10),
			func(g *dist.Graph, x dist.Ref) dist.Ref { return g.Apply(dist.Floor, x) },
			func(g *dist.Graph, _ dist.Ref) dist.Ref { return g.Const(4) },
			[]crossing{{4, true}}},
		{"equal from somewhere on", between(t, 1, 10),
			func(g *dist.Graph, x dist.Ref) dist.Ref { return g.Apply(dist.Min, x, g.Const(4)) },
			func(g *dist.Graph, _ dist.Ref) dist.Ref { return g.Const(4) }, nil},
		{"nothing to search", dist.Point(0),
			func(_ *dist.Graph, x dist.Ref) dist.Ref { return x },
			func(g *dist.Graph, _ dist.Ref) dist.Ref { return g.Const(4) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := &dist.Graph{}
			x := g.Input("x", c.input)
			b, err := g.BreakEven(t.Context(), dist.RunOptions{Samples: 1000}, c.first(g, x), c.second(g, x), x, 0, 0)
			if err != nil || len(b.Crossings) != len(c.want) || b.Found != (len(c.want) > 0) {
				t.Fatalf("%+v, %v; want %v", b, err, c.want)
			}
			for i, want := range c.want {
				if got := b.Crossings[i]; math.Abs(got.At/want.at-1) > 1e-5 || got.FirstBelow != want.firstBelow {
					t.Errorf("%+v, want %+v", got, want)
				}
			}
		})
	}
}

func TestQueues(t *testing.T) {
	at := func(op dist.Op, args ...float64) float64 {
		g := &dist.Graph{}
		var refs []dist.Ref
		for _, a := range args {
			refs = append(refs, g.Const(a))
		}
		v, _ := g.Fixed(g.Apply(op, refs...))
		return v
	}
	for name, c := range map[string]struct{ got, want float64 }{
		"M/M/1 at half load":         {at(dist.QueueMM1, 50, 0.01), 0.02},
		"M/M/1 overloaded":           {at(dist.QueueMM1, 100, 0.01), math.Inf(1)},
		"M/M/1 p99":                  {at(dist.QueueMM1P99, 50, 0.01), 0.02 * math.Log(100)},
		"M/M/c with one server":      {at(dist.QueueMMC, 50, 0.01, 1), 0.02},
		"M/M/2: 1/(mu(1-rho^2))":     {at(dist.QueueMMC, 1, 1, 2), 1 / (1 - 0.25)},
		"M/M/c of an idle system":    {at(dist.QueueMMC, 0, 0.01, 4), 0.01},
		"usl without contention":     {at(dist.USL, 8, 100, 0, 0), 800},
		"usl, Amdahl's law":          {at(dist.USL, 4, 100, 0.1, 0), 400 / 1.3},
		"usl with coherency":         {at(dist.USL, 3, 10, 0.1, 0.01), 30 / 1.26},
		"fan-out to one":             {at(dist.P99Fanout, 10, 100, 1), 100},
		"rounding up a near integer": {at(dist.Ceil, 0.3/0.1), 3},
	} {
		if c.got != c.want && !(math.Abs(c.got/c.want-1) < 1e-9) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	// The slowest of 100 calls is above its own p99 in 63 % of the cases, so its p99 is far above.
	sigma := math.Log(10) / dist.InverseNormal(0.99)
	got := at(dist.P99Fanout, 10, 100, 100)
	if p := normalCDF(math.Log(got/10) / sigma); math.Abs(math.Pow(p, 100)-0.99) > 1e-9 {
		t.Errorf("fan-out to 100: %v is not the 99th percentile", got)
	}
}

func TestSobolIsEven(t *testing.T) {
	// Every input, also one beyond the table of dimensions, has one draw in each of 4,096 equal parts.
	g := &dist.Graph{}
	var refs []dist.Ref
	for i := range 40 {
		refs = append(refs, g.Input(fmt.Sprint(i), dist.Uniform{Low: 0, High: 1}))
	}
	draws, err := g.Run(t.Context(), dist.RunOptions{Samples: 4096, Seed: 9}, refs...)
	if err != nil {
		t.Fatal(err)
	}
	for i, column := range draws {
		seen := map[int]bool{}
		for _, u := range column {
			seen[int(u*4096)] = true
		}
		if len(seen) != 4096 {
			t.Errorf("input %d: %d of 4096 parts have a draw", i, len(seen))
		}
	}
	for i := range draws {
		for j := range i {
			c, n := 0.0, float64(len(draws[i]))
			for k := range draws[i] {
				c += (draws[i][k] - 0.5) * (draws[j][k] - 0.5) * 12 / n
			}
			if math.Abs(c) > 0.1 {
				t.Errorf("inputs %d and %d are correlated by %.2f", i, j, c)
			}
		}
	}
}

func TestSampledOrdersEverything(t *testing.T) {
	var draws []float64
	for i := range 5000 {
		draws = append(draws, math.Sin(float64(i))*math.Pow(10, float64(i%7-3)))
	}
	draws = append(draws, math.NaN(), math.Inf(1), 0, math.Copysign(0, -1))
	s := dist.NewSampled(draws)
	last := math.Inf(-1)
	for p := 0.0005; p < 1; p += 0.0005 {
		if q := s.Quantile(p); q < last {
			t.Fatalf("q%v = %v after %v", p, q, last)
		} else {
			last = q
		}
	}
	if s.Draws() != 5003 || s.Invalid() == 0 || s.Unbounded() == 0 {
		t.Errorf("%d draws, %v invalid, %v unbounded", s.Draws(), s.Invalid(), s.Unbounded())
	}
}

func TestRunRefusesTooMuch(t *testing.T) {
	g := &dist.Graph{}
	x := g.Input("x", dist.Uniform{High: 1})
	if _, err := g.Run(t.Context(), dist.RunOptions{Samples: dist.MaxSamples + 1}, x); err == nil {
		t.Error("too many draws are taken")
	}
}

func BenchmarkRun(b *testing.B) {
	g := &dist.Graph{}
	ref := g.Input("x", dist.Lognormal{Sigma: 1})
	for range 4 {
		ref = g.Apply(dist.Add, ref, g.Input("x", dist.Lognormal{Sigma: 1}))
	}
	for b.Loop() {
		draws, err := g.Run(b.Context(), dist.RunOptions{Samples: 100_000}, ref)
		if err != nil {
			b.Fatal(err)
		}
		dist.NewSampled(draws[0])
	}
}

func BenchmarkInfluences(b *testing.B) {
	for b.Loop() {
		g := &dist.Graph{}
		ref := g.Input("x", dist.Lognormal{Sigma: 1})
		for range 4 {
			ref = g.Apply(dist.Add, ref, g.Input("x", dist.Lognormal{Sigma: 1}))
		}
		if _, err := g.Influences(b.Context(), dist.RunOptions{}, ref); err != nil {
			b.Fatal(err)
		}
	}
}
