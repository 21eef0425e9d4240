package dist

import (
	"bufio"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

var functions = map[string]func(a []float64) float64{
	"gamma.lower":          func(a []float64) float64 { return lower(Gamma(a[0], a[1])) },
	"gamma.upper":          func(a []float64) float64 { return upper(Gamma(a[0], a[1])) },
	"gamma.density":        func(a []float64) float64 { return GammaDensity(a[0], a[1]) },
	"gamma.inverse":        func(a []float64) float64 { return GammaInverse(a[0], 1-a[0], a[1]) },
	"beta.lower":           func(a []float64) float64 { return lower(Beta(a[0], 1-a[0], a[1], a[2])) },
	"beta.upper":           func(a []float64) float64 { return upper(Beta(a[0], 1-a[0], a[1], a[2])) },
	"beta.density":         func(a []float64) float64 { return BetaDensity(a[0], 1-a[0], a[1], a[2]) },
	"normal":               func(a []float64) float64 { return Normal(a[0]) },
	"normal.density":       func(a []float64) float64 { return NormalDensity(a[0]) },
	"normal.inverse":       func(a []float64) float64 { return NormalInverse(a[0]) },
	"student.lower":        func(a []float64) float64 { return lower(Student(a[0], a[1])) },
	"student.density":      func(a []float64) float64 { return StudentDensity(a[0], a[1]) },
	"student.inverse":      func(a []float64) float64 { return StudentInverse(a[0], a[1]) },
	"fisher.lower":         func(a []float64) float64 { return lower(Fisher(a[0], a[1], a[2])) },
	"fisher.upper":         func(a []float64) float64 { return upper(Fisher(a[0], a[1], a[2])) },
	"fisher.density":       func(a []float64) float64 { return FisherDensity(a[0], a[1], a[2]) },
	"hypergeometric":       func(a []float64) float64 { return Hypergeometric(a[0], a[1], a[2], a[3]) },
	"hypergeometric.point": func(a []float64) float64 { return HypergeometricPoint(a[0], a[1], a[2], a[3]) },
	"binomial.range":       func(a []float64) float64 { return BinomialRange(a[0], a[1], a[2], a[3]) },
}

func lower(l, _ float64) float64 { return l }
func upper(_, u float64) float64 { return u }

func TestReference(t *testing.T) {
	f, err := os.Open("testdata/reference.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	seen := map[string]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), " ")
		if name == "#" {
			continue
		}
		var a []float64
		for _, w := range strings.Fields(rest) {
			x, err := strconv.ParseFloat(w, 64)
			if err != nil {
				t.Fatal(err)
			}
			a = append(a, x)
		}
		seen[name] = true
		want := a[len(a)-1]
		got := functions[name](a[:len(a)-1])
		bar := 1e-12
		if math.Abs(math.Log10(math.Abs(want))) < 20 {
			bar = 1e-13
		}
		if !(math.Abs(got-want) <= bar*math.Abs(want)) {
			t.Errorf("%s is %v, relative error %.2g", lines.Text(), got, math.Abs(got-want)/math.Abs(want))
		}
	}
	for name := range functions {
		if !seen[name] {
			t.Errorf("no reference for %s", name)
		}
	}
}

// Each inverse gives what its distribution made of a number, from both tails.
func TestInverses(t *testing.T) {
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-12*math.Abs(want)) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	for _, a := range []float64{0.3, 1, 2.5, 40, 3000} {
		for _, r := range []float64{0.5, 0.9, 1, 1.2, 2} {
			x := a * r
			if p, q := Gamma(x, a); p > 1e-300 && q > 1e-300 {
				near("gamma", GammaInverse(p, q, a), x)
			}
			for _, b := range []float64{0.4, 1, 7, 900} {
				x := r * a / (2 * (a + b))
				if p, q := Beta(x, 1-x, a, b); p > 1e-300 && q > 1e-300 {
					got, rest := BetaInverse(p, q, a, b)
					near("beta", got, x)
					near("beta, the rest", rest, 1-x)
				}
			}
			if p, q := Fisher(r, a, 5); p > 1e-300 && q > 1e-300 {
				near("fisher", FisherInverse(p, q, a, 5), r)
			}
			_, q := Student(r, a)
			near("student", StudentInverse(q, a), r)
		}
	}
	for n := 1.0; n < 40; n += 7 {
		for k := 0.0; k < n; k++ {
			if p, q := Binomial(k, n, 0.3); q > 1e-14 {
				near("binomial", BinomialInverse(p, n, 0.3), k)
			}
		}
	}
}

func TestEnds(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"gamma at 0", lower(Gamma(0, 2)), 0},
		{"gamma at the end", upper(Gamma(inf, 2)), 0},
		{"gamma of no shape", lower(Gamma(1, 0)), nan},
		{"gamma of too great a shape", lower(Gamma(1e18, 1e18)), nan},
		{"gamma density at 0, shape 1", GammaDensity(0, 1), 1},
		{"gamma density at 0, shape 1/2", GammaDensity(0, 0.5), inf},
		{"gamma inverse of 0", GammaInverse(0, 1, 2), 0},
		{"gamma inverse of 1", GammaInverse(1, 0, 2), inf},
		{"gamma inverse below the smallest number", GammaInverse(1e-300, 1, 1e-3), 0},
		{"beta density at 0", BetaDensity(0, 1, 1, 3), 3},
		{"beta density at 1", BetaDensity(1, 0, 2, 1), 2},
		{"normal inverse of 0", NormalInverse(0), -inf},
		{"normal inverse of 1/2", NormalInverse(0.5), 0},
		{"normal inverse of 2", NormalInverse(2), nan},
		{"student far out", lower(Student(1e200, 1)), 1},
		{"fisher far out", upper(Fisher(1e308, 1e5, 3)), 0},
		{"beta in the middle", lower(Beta(0.5, 0.5, 0.5, 0.5)), 0.5},
		{"binomial of two coins", BinomialPoint(1, 2, 0.5), 0.5},
		{"binomial of many coins", BinomialPoint(25, 50, 0.5), 126410606437752 * 0x1p-50},
		{"binomial, never", BinomialPoint(0, 5, 0), 1},
		{"binomial, always", BinomialPoint(4, 5, 1), 0},
		{"binomial range, always", BinomialRange(2, 5, 5, 1), 1},
		{"binomial inverse of 1", BinomialInverse(1, 10, 0.5), 10},
		{"binomial inverse of an exact half", BinomialInverse(0.5, 5, 0.5), 2},
		{"poisson of nothing", Poisson(0, 0), 1},
		{"hypergeometric, all", Hypergeometric(4, 4, 8, 20), 1},
		{"hypergeometric, impossible", HypergeometricPoint(0, 15, 8, 20), nan},
	} {
		same := c.got == c.want || math.IsNaN(c.got) && math.IsNaN(c.want)
		if !same && !(c.want == 0 && c.got < 1e-320) {
			t.Errorf("%s is %v, want %v", c.what, c.got, c.want)
		}
	}
}

// Whatever the arguments, every function ends, with a probability, a density or NaN.
func TestExtremes(t *testing.T) {
	values := []float64{math.NaN(), math.Inf(-1), -1, 0, 5e-324, 1e-200, 1e-9, 0.3, 0.5, 1, 2.5, 30, 1e5, 1e15, 1e200, math.MaxFloat64, math.Inf(1)}
	tail := func(what string, f float64, args ...float64) {
		if f < 0 || f > 1 {
			t.Errorf("%s of %v is %v", what, args, f)
		}
	}
	density := func(what string, f float64, args ...float64) {
		if f < 0 {
			t.Errorf("%s of %v is %v", what, args, f)
		}
	}
	for _, x := range values {
		tail("normal", Normal(x), x)
		density("normal density", NormalDensity(x), x)
		NormalInverse(x)
		for _, a := range values {
			l, u := Gamma(x, a)
			tail("gamma", l, x, a)
			tail("gamma above", u, x, a)
			density("gamma density", GammaDensity(x, a), x, a)
			l, u = Student(x, a)
			tail("student", l, x, a)
			tail("student above", u, x, a)
			density("student density", StudentDensity(x, a), x, a)
			tail("poisson", Poisson(math.Floor(x), a), x, a)
			if a < 1e15 {
				density("gamma inverse", GammaInverse(x, 1-x, a), x, a)
				density("student inverse", StudentInverse(x, a), x, a)
			}
			for _, b := range values {
				l, u = Beta(x, 1-x, a, b)
				tail("beta", l, x, a, b)
				tail("beta above", u, x, a, b)
				density("beta density", BetaDensity(x, 1-x, a, b), x, a, b)
				tail("fisher", upper(Fisher(x, a, b)), x, a, b)
				density("fisher density", FisherDensity(x, a, b), x, a, b)
				k, n := math.Floor(x), math.Floor(a)
				tail("binomial", lower(Binomial(k, n, b)), k, n, b)
				tail("binomial range", BinomialRange(k, n, n, b), k, n, b)
				BinomialInverse(b, n, x)
				tail("negative binomial", NegativeBinomial(k, n, b), k, n, b)
				tail("hypergeometric", Hypergeometric(k, n, math.Floor(b), 1e6), k, n, b)
				tail("hypergeometric of many", Hypergeometric(k, n, math.Floor(b), 1e300), k, n, b)
			}
		}
	}
}
