//go:build !(goexperiment.simd && amd64)

package kernel

// level is a constant here, and the branches on it vanish.
const level = plain
