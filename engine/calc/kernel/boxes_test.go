package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

func boxes(r *rand.Rand, n, numbers int) []cell.Box {
	out := make([]cell.Box, n)
	for i := range out {
		switch k := r.IntN(100); {
		case k < numbers:
			out[i] = math.Ldexp(r.Float64()-0.5, r.IntN(60)-30)
		case k%5 == 0:
			out[i] = cell.BoxEmpty()
		case k%5 == 1:
			out[i] = cell.BoxText(r.Uint32())
		case k%5 == 2:
			out[i] = cell.BoxBool(true)
		case k%5 == 3:
			out[i] = cell.BoxBool(false)
		default:
			out[i] = cell.BoxError(cell.ErrorCode(r.IntN(14) + 1))
		}
	}
	return out
}

func TestLoad(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for round := range 60 {
			for _, n := range lengths {
				src := boxes(r, n, []int{50, 99, 0}[round%3])
				dst, strict := make([]float64, n), make([]float64, n)
				var bad, badStrict, want, wantStrict Mask
				LoadNumber(dst, src, &bad)
				LoadStrict(strict, src, &badStrict)
				boolean := make([]float64, n)
				var badBool, wantBool Mask
				LoadBool(boolean, src, &badBool)
				all := true
				for i, b := range src {
					x, y := 0.0, 0.0
					switch cell.BoxKind(b) {
					case cell.Number:
						x, y = b, b
					case cell.Bool:
						x = oneIf(cell.BoxedBool(b))
						wantStrict.Set(i)
					case cell.Empty:
					default:
						want.Set(i)
						wantStrict.Set(i)
					}
					all = all && cell.BoxKind(b) == cell.Number
					if !same(dst[i], x) || !same(strict[i], y) {
						t.Fatalf("%d of %d: box %x: %v and %v, want %v and %v", i, n, math.Float64bits(b), dst[i], strict[i], x, y)
					}
				}
				for i, b := range src {
					if k := cell.BoxKind(b); k != cell.Bool && k != cell.Empty {
						wantBool.Set(i)
					} else if !same(boolean[i], oneIf(k == cell.Bool && cell.BoxedBool(b))) {
						t.Fatalf("%d of %d: box %x as a boolean: %v", i, n, math.Float64bits(b), boolean[i])
					}
				}
				if badBool != wantBool {
					t.Fatalf("%d boxes as booleans: marks %x, want %x", n, badBool, wantBool)
				}
				if bad != want || badStrict != wantStrict {
					t.Fatalf("%d boxes: marks %x and %x, want %x and %x", n, bad, badStrict, want, wantStrict)
				}
				if AllNumbers(src) != all {
					t.Fatalf("%d boxes: AllNumbers %v", n, !all)
				}
			}
		}
	})
}

func TestMarks(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for range 50 {
			for _, n := range lengths {
				a := numbers(r, n)
				var got, want, gotD, wantD, gotB Mask
				NotFinite(a, &got)
				NotDivisor(a, &gotD)
				out := make([]float64, n)
				BoxNumbers(out, a, &gotB)
				for i, x := range a {
					if math.IsNaN(x) || math.IsInf(x, 0) {
						want.Set(i)
						wantD.Set(i)
					} else if math.Float64bits(out[i]) != math.Float64bits(cell.Num(x).Float()) {
						t.Fatalf("box of %v is %v", x, out[i])
					}
					if x == 0 {
						wantD.Set(i)
					}
				}
				if got != want || gotD != wantD || gotB != want {
					t.Fatalf("%d: marks %x, %x, %x; want %x, %x", n, got, gotD, gotB, want, wantD)
				}
				BoxBools(out, a)
				for i, x := range a {
					if math.Float64bits(out[i]) != math.Float64bits(cell.BoxBool(x != 0)) {
						t.Fatalf("boolean of %v is %x", x, math.Float64bits(out[i]))
					}
				}
			}
		}
	})
}

// TestNear holds that what the marks of nearly equal and of small elements leave out needs no second look.
func TestNear(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for range 50 {
			for _, n := range lengths {
				a, b, c := numbers(r, n), numbers(r, n), make([]float64, n)
				for i := range a {
					if r.IntN(2) == 0 { // a few units in the last place apart
						b[i] = math.Float64frombits(math.Float64bits(a[i]) + uint64(r.IntN(40)) - 20)
					}
					c[i] = a[i] - b[i]
				}
				var near, small Mask
				NearlyEqual(a, b, &near)
				Cancelled(c, b, &small)
				for i := range a {
					x, y, d := a[i], b[i], c[i]
					if want := x != y && math.Abs(x-y) <= math.Abs(x)*0x1p-46; near.Has(i) != want {
						t.Fatalf("%v beside %v: marked %v, want %v", x, y, near.Has(i), want)
					}
					if want := d != 0 && math.Abs(d) <= math.Abs(y)*0x1p-48; small.Has(i) != want {
						t.Fatalf("%v of %v: marked %v, want %v", d, y, small.Has(i), want)
					}
					if plain := x < y || x > y; !near.Has(i) && plain != (cell.CompareNumbers(x, y) != 0) && x == x && y == y {
						t.Fatalf("%v and %v compare otherwise, and are not marked", x, y)
					}
					if d-d == 0 && !small.Has(i) && cell.Settle(x, d) != d {
						t.Fatalf("%v-%v is made 0, and is not marked", x, y)
					}
				}
			}
		}
	})
}

func TestSetFirst(t *testing.T) {
	for _, n := range []int{0, 1, 63, 64, 65, 512} {
		var m, want Mask
		m.SetFirst(n)
		for i := range n {
			want.Set(i)
		}
		if m != want {
			t.Errorf("%d: %x", n, m)
		}
		if n > 0 && (!m.Has(n-1) || n < Tile && m.Has(n)) {
			t.Errorf("%d: Has", n)
		}
	}
}

func TestTally(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for round := range 60 {
			for _, n := range lengths {
				src := boxes(r, n, []int{50, 99, 0}[round%3])
				want := NewTally()
				for _, b := range src {
					if cell.BoxKind(b) != cell.Empty {
						want.Filled++
					}
					switch cell.BoxKind(b) {
					case cell.Number:
						want.Numbers++
						want.Min, want.Max = min(want.Min, b), max(want.Max, b)
					case cell.Text:
						want.Texts++
					case cell.Bool:
						want.Bools++
					case cell.Error:
						if want.Errors++; want.Errors == 1 {
							want.Error = cell.BoxedError(b)
						}
					}
				}
				got, rest := NewTally(), NewTally()
				k := r.IntN(n + 1)
				got.Add(src[:k])
				rest.Add(src[k:])
				got.AddTally(&rest)
				if got != want {
					t.Fatalf("%d boxes: %+v, want %+v", n, got, want)
				}
			}
		}
	})
}
