package random

import (
	"math"
	"slices"
	"testing"
)

// TestPhilox has the known answers of the authors' library (Random123, kat_vectors, philox4x32 10).
func TestPhilox(t *testing.T) {
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, [2]uint32{0xffffffff, 0xffffffff}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0}, [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philox(c.counter, c.key); got != c.want {
			t.Errorf("%x under %x is %x, want %x", c.counter, c.key, got, c.want)
		}
	}
}

func TestUniform(t *testing.T) {
	const n = 100_000
	sum, squares := 0.0, 0.0
	for i := range uint64(n) {
		u := Uniform(1, 2, i%100, i/100)
		if u <= 0 || u >= 1 {
			t.Fatalf("%v", u)
		}
		sum += u
		squares += u * u
	}
	// Mean 1/2 and second moment 1/3, within four standard errors.
	if m := sum / n; math.Abs(m-0.5) > 4*math.Sqrt(1.0/12/n) {
		t.Errorf("the mean is %v", m)
	}
	if m := squares / n; math.Abs(m-1.0/3) > 4*math.Sqrt(4.0/45/n) {
		t.Errorf("the second moment is %v", m)
	}
	if Uniform(1, 2, 3, 4) == Uniform(2, 2, 3, 4) || Uniform(1, 2, 3, 4) == Uniform(1, 3, 3, 4) || Uniform(1, 2, 3, 4) == Uniform(1, 2, 4, 3) {
		t.Error("different arguments give the same number")
	}
}

// TestQuantiles has quantiles from tables and by hand.
func TestQuantiles(t *testing.T) {
	for _, c := range []struct {
		name string
		law  Law
		args []float64
		u    float64
		want float64
	}{
		{"the middle of a normal", Normal, []float64{10, 2}, 0.5, 10},
		{"one and two standard deviations", Normal, []float64{0, 1}, 0.977249868051821, 2},
		{"the 95th percentile", Normal, []float64{0, 1}, 0.95, 1.6448536269514722},
		{"a normal by percentiles, low", NormalFrom, []float64{80, 120}, 0.05, 80},
		{"a normal by percentiles, high", NormalFrom, []float64{80, 120}, 0.95, 120},
		{"a lognormal by percentiles", LognormalFrom, []float64{1, 100}, 0.5, 10},
		{"the median of a lognormal", Lognormal, []float64{10, 0}, 0.3, 10},
		{"mean e^1/2 and variance (e-1)e", Lognormal, []float64{math.Exp(0.5), math.Sqrt((math.E - 1) * math.E)}, 0.5, 1},
		{"a uniform", UniformLaw, []float64{10, 20}, 0.25, 12.5},
		{"a triangular, to its mode", Triangular, []float64{0, 1, 4}, 0.25, 1},
		{"a triangular, below", Triangular, []float64{0, 1, 4}, 0.0625, 0.5},
		{"a triangular, above", Triangular, []float64{0, 1, 4}, 0.75, 4 - math.Sqrt(3)},
		{"a triangular of no width", Triangular, []float64{3, 3, 3}, 0.9, 3},
		{"Poisson, e^-2 = 0.1353", Poisson, []float64{2}, 0.1353, 0},
		{"Poisson, 3 e^-2 = 0.4060", Poisson, []float64{2}, 0.4060, 1},
		{"Poisson, just above", Poisson, []float64{2}, 0.4061, 2},
		{"Poisson of nothing", Poisson, []float64{0}, 0.9, 0},
		{"Bernoulli, no", Bernoulli, []float64{0.3}, 0.7, 0},
		{"Bernoulli, yes", Bernoulli, []float64{0.3}, 0.70001, 1},
	} {
		if got := c.law.Quantile(c.u, c.args); math.Abs(got-c.want) > 1e-12*math.Max(1, math.Abs(c.want)) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestMeans holds the means to those of draws.
func TestMeans(t *testing.T) {
	const n = 20_000
	for _, c := range []struct {
		law  Law
		args []float64
		mean float64
	}{
		{Normal, []float64{5, 2}, 5}, {NormalFrom, []float64{2, 4}, 3}, {Triangular, []float64{1, 2, 6}, 3}, {UniformLaw, []float64{1, 2}, 1.5},
		{Lognormal, []float64{5, 2}, 5}, {LognormalFrom, []float64{1, 4}, 2 * math.Exp((math.Ln2/1.6448536269514722)*(math.Ln2/1.6448536269514722)/2)}, {Poisson, []float64{3.5}, 3.5}, {Poisson, []float64{2000}, 2000}, {Bernoulli, []float64{0.2}, 0.2},
	} {
		if got := c.law.Mean(c.args); math.Abs(got-c.mean) > 1e-12*c.mean {
			t.Errorf("law %d%v: the mean is %v, want %v", c.law, c.args, got, c.mean)
		}
		sum, squares := 0.0, 0.0
		for i := range n {
			x := c.law.Quantile((float64(i)+0.5)/n, c.args)
			sum += x
			squares += x * x
		}
		mean := sum / n
		sd := math.Sqrt(squares/n - mean*mean)
		if math.Abs(mean-c.mean) > 0.01*sd {
			t.Errorf("law %d%v: the mean of quantiles is %v, want %v", c.law, c.args, mean, c.mean)
		}
	}
}

// TestPoissonMeets holds the expansion for great means to the sum of probabilities, in logarithms.
func TestPoissonMeets(t *testing.T) {
	for _, mean := range []float64{701, 5000, 1e6} {
		for _, u := range []float64{0.001, 0.05, 0.5, 0.95, 0.999} {
			got := poisson(u, mean)
			// The distribution function at k, by terms below the largest that still count.
			below := func(k float64) float64 {
				total := 0.0
				for i := k; i >= 0 && i > k-60*math.Sqrt(mean); i-- {
					lg, _ := math.Lgamma(i + 1)
					total += math.Exp(i*math.Log(mean) - mean - lg)
				}
				return total
			}
			if below(got+1) < u || below(got-2) > u {
				t.Errorf("mean %v, u %v: %v", mean, u, got)
			}
		}
	}
}

func TestRefusedArguments(t *testing.T) {
	for law, args := range map[Law][]float64{
		Normal: {1, -1}, NormalFrom: {2, 1}, Triangular: {1, 3, 2}, UniformLaw: {2, 1}, Lognormal: {0, 1}, LognormalFrom: {-1, 1}, Poisson: {-1}, Bernoulli: {1.5},
	} {
		if law.Check(args) == "" || !math.IsNaN(law.Mean(args)) || !math.IsNaN(law.Quantile(0.5, args)) {
			t.Errorf("law %d takes %v", law, args)
		}
	}
	if slices.ContainsFunc([]float64{math.NaN(), math.Inf(1)}, func(x float64) bool { return Poisson.Check([]float64{x}) == "" }) {
		t.Error("a mean that is no number is taken")
	}
}
