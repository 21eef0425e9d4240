package fn

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The way over scaled floats must give the same bits as the way over text.
func TestRoundScaledAgreesWithText(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	quick := 0
	for range 200000 {
		x := math.Pow(10, r.Float64()*24-8)
		if r.IntN(2) == 0 {
			x = math.Round(x*1000) / 1000 // few decimals, as prices have
		}
		if r.IntN(2) == 0 {
			x = -x
		}
		decimals := r.IntN(24) - 8
		for _, mode := range []roundMode{roundHalf, roundTowards, roundAway} {
			got, ok := roundScaled(x, decimals, mode)
			if !ok || x == 0 {
				continue
			}
			quick++
			if want := roundText(x, decimals, mode); got != want {
				t.Fatalf("%v to %d decimals, mode %d: %v, by text %v", x, decimals, mode, got, want)
			}
		}
	}
	if quick < 100000 {
		t.Errorf("only %d roundings took the quick way", quick)
	}
}

func BenchmarkRound(b *testing.B) {
	x := 0.0
	for b.Loop() {
		x += Round(1234.5678, 2)
	}
	if x == 0 {
		b.Fatal(x)
	}
}
