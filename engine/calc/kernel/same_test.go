package kernel

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"
)

// All builds and processors make the same bits: the sum below is that of the plain build for GOAMD64=v1, and a build that
// fuses products with sums, or whose vectors add in another order, has another one.
func TestSameBitsInAllBuilds(t *testing.T) {
	const want = 0xbe250a032b86b64a
	eachLevel(t, func(t *testing.T) {
		h := fnv.New64a()
		put := func(a ...float64) {
			for _, x := range a {
				if x != x {
					x = 0 // which NaN it is means nothing
				}
				_ = binary.Write(h, binary.LittleEndian, math.Float64bits(x))
			}
		}
		r := rand.New(rand.NewPCG(1, 2))
		for range 20 {
			n := 480 + r.IntN(32)
			a, b, c, mixed := numbers(r, n), boxes(r, n, 100), boxes(r, n, 100), boxes(r, n, 60)
			codes := make([]int8, n)
			for i := range codes {
				codes[i] = int8(r.Uint32())
			}
			o := make([]float64, n)
			MulAdd(o, a, b, c)
			put(o...)
			MulAddC(o, a, b, 0.3)
			put(o...)
			MulCAdd(o, a, b, 0.3)
			put(o...)
			MulCAddC(o, a, 0.1, 0.3)
			put(o...)
			MulSub(o, a, b, c)
			put(o...)
			SubMul(o, c, b, a)
			put(o...)
			MulMulAdd(o, a, b, c, b)
			put(o...)
			MulMulSub(o, a, b, c, b)
			put(o...)
			Exp(o, a)
			put(o...)
			Log(o, a)
			put(o...)
			DecodeInt8(o, codes, 0.1, 0.3)
			put(o...)
			put(Sum(b), Dot(b, c), MulRoll(o, b, c), MulRollInt8(o, codes, 0.1, 0.3, c))
			put(o...)
			var s Summer
			s.Prefix(o, mixed)
			put(o...)
		}
		if got := h.Sum64(); got != want {
			t.Errorf("%#x, want %#x", got, uint64(want))
		}
	})
}
