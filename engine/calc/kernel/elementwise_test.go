package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// special are the numbers at which implementations differ if they differ.
var special = []float64{0, math.Copysign(0, -1), 1, -1, 0.5, -0.5, 0.49999999999999994, -0.49999999999999994, 1.5, 2.5, -2.5,
	4503599627370495.5, -4503599627370495.5, 9007199254740993, 1e308, -1e308, math.MaxFloat64, 5e-324, -5e-324, 2.2e-308,
	math.Inf(1), math.Inf(-1), math.NaN(), 1 + 0x1p-27, 1 - 0x1p-27, 3, 0.1, 1e15, -1e-15}

// lengths have tails of every kind.
var lengths = []int{0, 1, 3, 4, 7, 8, 9, 15, 16, 31, 32, 33, 63, 64, 65, 100, 127, 200, 511, 512}

func numbers(r *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		switch r.IntN(4) {
		case 0:
			out[i] = special[r.IntN(len(special))]
		case 1:
			out[i] = float64(r.IntN(7) - 3)
		case 2:
			out[i] = math.Float64frombits(r.Uint64())
		default:
			out[i] = r.NormFloat64() * 1000
		}
	}
	return out
}

// same is equality of bits, but for which NaN it is.
func same(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b }

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// twice rounds x*y and the sum with z, by arithmetic of any precision where the numbers are finite.
func twice(x, y, z float64) float64 {
	p := x * y
	if f := new(big.Float).SetPrec(53); x-x == 0 && y-y == 0 && p-p == 0 && math.Abs(p) > 1e-290 {
		p, _ = f.Mul(big.NewFloat(x), big.NewFloat(y)).Float64()
	}
	if s := p + z; p-p == 0 && z-z == 0 && s-s == 0 && s != 0 {
		s, _ = new(big.Float).SetPrec(53).Add(big.NewFloat(p), big.NewFloat(z)).Float64()
		return s
	}
	return p + z
}

func TestElementwise(t *testing.T) {
	type slices = [4][]float64
	cases := []struct {
		name string
		run  func(dst []float64, in slices, k, l float64)
		want func(x, y, z, w, k, l float64) float64
	}{
		{"Add", func(d []float64, s slices, k, l float64) { Add(d, s[0], s[1]) }, func(x, y, z, w, k, l float64) float64 { return x + y }},
		{"AddC", func(d []float64, s slices, k, l float64) { AddC(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return x + k }},
		{"Sub", func(d []float64, s slices, k, l float64) { Sub(d, s[0], s[1]) }, func(x, y, z, w, k, l float64) float64 { return x - y }},
		{"SubC", func(d []float64, s slices, k, l float64) { SubC(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return x - k }},
		{"CSub", func(d []float64, s slices, k, l float64) { CSub(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return k - x }},
		{"Mul", func(d []float64, s slices, k, l float64) { Mul(d, s[0], s[1]) }, func(x, y, z, w, k, l float64) float64 { return x * y }},
		{"MulC", func(d []float64, s slices, k, l float64) { MulC(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return x * k }},
		{"Div", func(d []float64, s slices, k, l float64) { Div(d, s[0], s[1]) }, func(x, y, z, w, k, l float64) float64 { return x / y }},
		{"DivC", func(d []float64, s slices, k, l float64) { DivC(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return x / k }},
		{"CDiv", func(d []float64, s slices, k, l float64) { CDiv(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return k / x }},
		{"Min", func(d []float64, s slices, k, l float64) { Min(d, s[0], s[1]) }, func(x, y, z, w, k, l float64) float64 { return choose(oneIf(x < y), x, y) }},
		{"MinC", func(d []float64, s slices, k, l float64) { MinC(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return choose(oneIf(x < k), x, k) }},
		{"Max", func(d []float64, s slices, k, l float64) { Max(d, s[0], s[1]) }, func(x, y, z, w, k, l float64) float64 { return choose(oneIf(x > y), x, y) }},
		{"MaxC", func(d []float64, s slices, k, l float64) { MaxC(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return choose(oneIf(x > k), x, k) }},
		{"Equal", func(d []float64, s slices, k, l float64) { Equal(d, s[0], s[1]) }, func(x, y, z, w, k, l float64) float64 { return oneIf(x == y) }},
		{"EqualC", func(d []float64, s slices, k, l float64) { EqualC(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return oneIf(x == k) }},
		{"NotEqual", func(d []float64, s slices, k, l float64) { NotEqual(d, s[0], s[1]) }, func(x, y, z, w, k, l float64) float64 { return oneIf(x != y) }},
		{"NotEqualC", func(d []float64, s slices, k, l float64) { NotEqualC(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return oneIf(x != k) }},
		{"Less", func(d []float64, s slices, k, l float64) { Less(d, s[0], s[1]) }, func(x, y, z, w, k, l float64) float64 { return oneIf(x < y) }},
		{"LessC", func(d []float64, s slices, k, l float64) { LessC(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return oneIf(x < k) }},
		{"LessEqual", func(d []float64, s slices, k, l float64) { LessEqual(d, s[0], s[1]) }, func(x, y, z, w, k, l float64) float64 { return oneIf(x <= y) }},
		{"LessEqualC", func(d []float64, s slices, k, l float64) { LessEqualC(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return oneIf(x <= k) }},
		{"Greater", func(d []float64, s slices, k, l float64) { Greater(d, s[0], s[1]) }, func(x, y, z, w, k, l float64) float64 { return oneIf(x > y) }},
		{"GreaterC", func(d []float64, s slices, k, l float64) { GreaterC(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return oneIf(x > k) }},
		{"GreaterEqual", func(d []float64, s slices, k, l float64) { GreaterEqual(d, s[0], s[1]) }, func(x, y, z, w, k, l float64) float64 { return oneIf(x >= y) }},
		{"GreaterEqualC", func(d []float64, s slices, k, l float64) { GreaterEqualC(d, s[0], k) }, func(x, y, z, w, k, l float64) float64 { return oneIf(x >= k) }},
		{"Neg", func(d []float64, s slices, k, l float64) { Neg(d, s[0]) }, func(x, y, z, w, k, l float64) float64 { return -x + 0 }},
		{"Abs", func(d []float64, s slices, k, l float64) { Abs(d, s[0]) }, func(x, y, z, w, k, l float64) float64 { return math.Abs(x) }},
		{"Sqrt", func(d []float64, s slices, k, l float64) { Sqrt(d, s[0]) }, func(x, y, z, w, k, l float64) float64 { return math.Sqrt(x) }},
		{"Floor", func(d []float64, s slices, k, l float64) { Floor(d, s[0]) }, func(x, y, z, w, k, l float64) float64 { return math.Floor(x) }},
		{"Ceil", func(d []float64, s slices, k, l float64) { Ceil(d, s[0]) }, func(x, y, z, w, k, l float64) float64 { return math.Ceil(x) }},
		{"Trunc", func(d []float64, s slices, k, l float64) { Trunc(d, s[0]) }, func(x, y, z, w, k, l float64) float64 { return math.Trunc(x) }},
		{"Round", func(d []float64, s slices, k, l float64) { Round(d, s[0]) }, func(x, y, z, w, k, l float64) float64 { return math.Round(x) }},
		{"Select", func(d []float64, s slices, k, l float64) { Select(d, s[0], s[1], s[2]) }, func(x, y, z, w, k, l float64) float64 {
			if x == 0 {
				return z
			}
			return y
		}},
		{"MulAdd", func(d []float64, s slices, k, l float64) { MulAdd(d, s[0], s[1], s[2]) }, func(x, y, z, w, k, l float64) float64 { return twice(x, y, z) }},
		{"MulAddC", func(d []float64, s slices, k, l float64) { MulAddC(d, s[0], s[1], k) }, func(x, y, z, w, k, l float64) float64 { return twice(x, y, k) }},
		{"MulCAdd", func(d []float64, s slices, k, l float64) { MulCAdd(d, s[0], s[1], k) }, func(x, y, z, w, k, l float64) float64 { return twice(x, k, y) }},
		{"MulCAddC", func(d []float64, s slices, k, l float64) { MulCAddC(d, s[0], k, l) }, func(x, y, z, w, k, l float64) float64 { return twice(x, k, l) }},
		{"MulSub", func(d []float64, s slices, k, l float64) { MulSub(d, s[0], s[1], s[2]) }, func(x, y, z, w, k, l float64) float64 { return twice(x, y, -z) }},
		{"SubMul", func(d []float64, s slices, k, l float64) { SubMul(d, s[0], s[1], s[2]) }, func(x, y, z, w, k, l float64) float64 { return twice(-y, z, x) }},
		{"MulMulAdd", func(d []float64, s slices, k, l float64) { MulMulAdd(d, s[0], s[1], s[2], s[3]) }, func(x, y, z, w, k, l float64) float64 { return twice(x, y, float64(z*w)) }},
		{"MulMulSub", func(d []float64, s slices, k, l float64) { MulMulSub(d, s[0], s[1], s[2], s[3]) }, func(x, y, z, w, k, l float64) float64 { return twice(x, y, -float64(z*w)) }},
		{"Fill", func(d []float64, s slices, k, l float64) { Fill(d, k) }, func(x, y, z, w, k, l float64) float64 { return k }},
	}
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				for _, n := range lengths {
					in := slices{numbers(r, n), numbers(r, n), numbers(r, n), numbers(r, n)}
					k, l := numbers(r, 1)[0], numbers(r, 1)[0]
					dst := make([]float64, n+1)
					dst[n] = 42
					c.run(dst[:n], in, k, l)
					for i := range n {
						x, y, z, w := in[0][i], in[1][i], in[2][i], in[3][i]
						if want := c.want(x, y, z, w, k, l); !same(dst[i], want) {
							t.Fatalf("%d of %d: %s(%v, %v, %v, %v; %v, %v) = %v, want %v", i, n, c.name, x, y, z, w, k, l, dst[i], want)
						}
					}
					if dst[n] != 42 {
						t.Fatalf("wrote behind %d elements", n)
					}
					copied := append([]float64(nil), dst[:n]...)
					c.run(in[0], in, k, l)
					for i := range n {
						if !same(copied[i], in[0][i]) {
							t.Fatalf("in place: element %d of %d is %v, want %v", i, n, in[0][i], copied[i])
						}
					}
				}
			})
		}
	})
}

func TestTruth(t *testing.T) {
	a, b := make([]float64, 20), make([]float64, 20)
	for i := range a {
		a[i], b[i] = float64(i&1), float64(i>>1&1)
	}
	eachLevel(t, func(t *testing.T) {
		and, or, not := make([]float64, 20), make([]float64, 20), make([]float64, 20)
		And(and, a, b)
		Or(or, a, b)
		Not(not, a)
		for i := range a {
			x, y := i&1 != 0, i>>1&1 != 0
			if !same(and[i], oneIf(x && y)) || !same(or[i], oneIf(x || y)) || !same(not[i], oneIf(!x)) {
				t.Errorf("of %v and %v: and %v, or %v, not %v", x, y, and[i], or[i], not[i])
			}
		}
	})
}

// A product that a fused multiply-add would not round: (1+2^-27)(1-2^-27) - 1 is -2^-54 fused, and 0 if the product is
// rounded first.
func TestNoFusing(t *testing.T) {
	a, b, c := make([]float64, 9), make([]float64, 9), make([]float64, 9)
	Fill(a, 1+0x1p-27)
	Fill(b, 1-0x1p-27)
	Fill(c, 1)
	eachLevel(t, func(t *testing.T) {
		dst := make([]float64, 9)
		MulSub(dst, a, b, c)
		for i, x := range dst {
			if x != 0 {
				t.Errorf("element %d is %g", i, x)
			}
		}
	})
}

func TestMapMarks(t *testing.T) {
	a := []float64{0, 1000, -1e6, math.Inf(-1), math.NaN(), 1}
	dst := make([]float64, len(a))
	var bad Mask
	Map(dst, a, math.Exp, &bad)
	if want := (Mask{1<<1 | 1<<3 | 1<<4}); bad != want {
		t.Errorf("marked %b, want %b", bad[0], want[0])
	}
	if dst[0] != 1 || dst[5] != math.E {
		t.Errorf("exp: %v", dst)
	}
}
