//go:build goexperiment.simd && amd64

package kernel

import "testing"

// eachLevel runs f with every implementation that this machine has.
func eachLevel(t *testing.T, f func(t *testing.T)) {
	best := level
	defer func() { level = best }()
	for level = plain; level <= best; level++ {
		t.Run(Implementation(), f)
	}
}
