package render

import (
	"math"
	"testing"
)

// A bound is rounded up, because it is said to be one.
func TestChance(t *testing.T) {
	for p, want := range map[float64]string{math.Exp2(-63): "2e-19", math.Exp2(-60): "9e-19", 9.5e-17: "1e-16", 2e-16: "2e-16", 240 * math.Exp2(-60): "3e-16"} {
		if got := chance(p); got != want {
			t.Errorf("%g is below %s, want %s", p, got, want)
		}
	}
}
