//go:build goexperiment.simd && amd64

package kernel

import "simd/archsimd"

// level is a variable so that tests can compare the implementations in one process.
var level = func() int {
	switch {
	case archsimd.X86.AVX512():
		return avx512
	case archsimd.X86.AVX2():
		return avx2
	}
	return plain
}()
