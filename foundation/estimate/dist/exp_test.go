package dist

import (
	"math"
	"testing"
)

func TestExp(t *testing.T) {
	worst := 0.0
	for x := -699.9; x < 699.9; x += 0.00731 {
		worst = max(worst, math.Abs(exp(x)/math.Exp(x)-1))
	}
	if worst > 5e-16 {
		t.Errorf("differs from math.Exp by %v", worst)
	}
	for _, x := range []float64{0, -0.001, math.Inf(1), math.Inf(-1), 800, -800, 710} {
		if got, want := exp(x), math.Exp(x); got != want && math.Abs(got/want-1) > 5e-16 {
			t.Errorf("exp(%v) = %v, want %v", x, got, want)
		}
	}
	if !math.IsNaN(exp(math.NaN())) {
		t.Error("exp(NaN) is a number")
	}
}
