// Package kernel holds the loops over columns of numbers: arithmetic, comparisons, the reading and writing of boxes,
// sums, roll-ups and the decoding of integers. Everything above it works on tiles of [Tile] elements so that operands
// stay in the first-level cache.
//
// There are two implementations: plain Go, and vectors of eight or four float64 (package simd/archsimd, in builds with
// GOEXPERIMENT=simd on amd64, chosen by what the processor has). Both give the same bits: the same order of lanes in every
// reduction and no fused multiply-add, for which each product is rounded by a conversion to float64. Only which NaN comes out
// of arithmetic on NaNs may differ, and a NaN is never a result here: see [NotFinite].
//
// Arguments of one call have the same length, and that of dst counts. dst may be the very slice of an
// operand; other overlaps are not allowed. All functions may be called by several goroutines.
//
// The exponential and the natural logarithm are this package's own, see [ExpOf] and [LogOf]. Powers, other logarithms and
// trigonometric functions stay calls of package math, one by one (see [Map]).
package kernel

//go:generate go run _gen/main.go

// Tile is the number of elements that belong together: 4 KiB of float64. Sums depend on it, see [Summer].
const Tile = 512

// Mask has one bit for each element of a tile, element i in bit i%64 of word i/64.
type Mask [Tile / 64]uint64

// Has reports whether bit i is set.
func (m *Mask) Has(i int) bool { return m[i>>6]>>(i&63)&1 != 0 }

// Set sets bit i.
func (m *Mask) Set(i int) { m[i>>6] |= 1 << (i & 63) }

// SetFirst sets the first n bits.
func (m *Mask) SetFirst(n int) {
	for w := range m {
		switch k := n - w<<6; {
		case k >= 64:
			m[w] = ^uint64(0)
		case k > 0:
			m[w] |= 1<<k - 1
		}
	}
}
