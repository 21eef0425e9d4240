package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// bigExp is e^x to 300 bits: the series of x/1024, squared ten times.
func bigExp(x float64) *big.Float {
	y := new(big.Float).SetPrec(400).SetFloat64(x / 1024)
	sum, term := big.NewFloat(1).SetPrec(400), big.NewFloat(1).SetPrec(400)
	for n := 1; n < 60; n++ {
		term.Mul(term, y)
		term.Quo(term, big.NewFloat(float64(n)))
		sum.Add(sum, term)
	}
	for range 10 {
		sum.Mul(sum, sum)
	}
	return sum
}

// apart returns by how many units in the last place got is from the true value of a function: that of e^x, or that of the
// logarithm of x, which is got + log(x/e^got), or nearly got + x/e^got - 1.
func apart(x, got float64, log bool) float64 {
	ulp := math.Nextafter(math.Abs(got), math.Inf(1)) - math.Abs(got)
	e := bigExp(choose(oneIf(log), got, x))
	if log {
		e.Quo(new(big.Float).SetPrec(400).SetFloat64(x), e)
		e.Sub(e, big.NewFloat(1))
	} else {
		e.Sub(e, big.NewFloat(got))
	}
	e.Quo(e, big.NewFloat(ulp))
	d, _ := e.Float64()
	return math.Abs(d)
}

func TestExpLog(t *testing.T) {
	type values map[float64]float64
	inf, nan, zero := math.Inf(1), math.NaN(), math.Copysign(0, -1)
	cases := []struct {
		name  string
		of    func(float64) float64
		into  func(dst, a []float64)
		log   bool
		exact values
		pick  func(r *rand.Rand) float64
	}{
		{"Exp", ExpOf, Exp, false, values{0: 1, zero: 1, inf: inf, -inf: 0, 710: inf, -746: 0, 1: math.E, -745: 5e-324, nan: nan}, func(r *rand.Rand) float64 {
			if r.IntN(2) == 0 {
				return r.NormFloat64()
			}
			return r.Float64()*(745+709.78) - 745
		}},
		{"Log", LogOf, Log, true, values{1: 0, 0: -inf, zero: -inf, -1: nan, inf: inf, -inf: nan, nan: nan, 2: math.Ln2, 0.5: -math.Ln2,
			10: math.Ln10, 5e-324: -744.4400719213812, math.MaxFloat64: 709.782712893384}, func(r *rand.Rand) float64 {
			if r.IntN(2) == 0 {
				return 0.5 + 1.5*r.Float64()
			}
			return math.Float64frombits(r.Uint64() % 0x7FF0000000000000)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for x, want := range c.exact {
				if got := c.of(x); !same(got, want) {
					t.Errorf("of %v %v, want %v", x, got, want)
				}
			}
			r := rand.New(rand.NewPCG(23, 24))
			worst, at := 0.0, 0.0
			for range 4000 {
				x := c.pick(r)
				if got := c.of(x); x != 1 && got > 1e-307 || got < 0 {
					if d := apart(x, got, c.log); d > worst {
						worst, at = d, x
					}
				}
			}
			t.Logf("at most %.3f units in the last place, at %v", worst, at)
			if worst > 1 {
				t.Errorf("%v units in the last place from the true value, at %v", worst, at)
			}
			eachLevel(t, func(t *testing.T) {
				for round := range 400 {
					a := numbers(r, lengths[round%len(lengths)])
					for i := range a {
						if r.IntN(2) == 0 {
							a[i] = c.pick(r)
						}
					}
					dst := make([]float64, len(a))
					c.into(dst, a)
					for i, x := range a {
						if !same(dst[i], c.of(x)) {
							t.Fatalf("element %d of %d: of %v %v, alone %v", i, len(a), x, dst[i], c.of(x))
						}
					}
				}
			})
		})
	}
}
