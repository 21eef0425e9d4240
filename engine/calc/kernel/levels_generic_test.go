//go:build !(goexperiment.simd && amd64)

package kernel

import "testing"

// eachLevel runs f with every implementation that this machine has.
func eachLevel(t *testing.T, f func(t *testing.T)) { t.Run(Implementation(), f) }
