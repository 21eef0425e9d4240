package dist

import "math/bits"

//go:generate go run gen_sobol.go

// sobolInitial is the primitive polynomial of a dimension, with all its bits, and its first direction
// numbers. The table was found by gen_sobol.go.
type sobolInitial struct {
	polynomial uint32
	m          []uint32
}

// sobolDimensions is how many dimensions the table has. Inputs beyond them use the same dimensions
// again with the order of the points shuffled.
const sobolDimensions = len(sobolTable) + 1

// directions returns the columns of a dimension's generating matrix (Bratley and Fox, Algorithm 659,
// ACM TOMS 14, 1988).
func directions(dimension int) [32]uint32 {
	var v [32]uint32
	if dimension == 0 {
		for i := range v {
			v[i] = 1 << (31 - i)
		}
		return v
	}
	c := sobolTable[dimension-1]
	s := len(c.m)
	for i := range v {
		if i < s {
			v[i] = c.m[i] << (31 - i)
			continue
		}
		v[i] = v[i-s] ^ v[i-s]>>s
		for k := 1; k < s; k++ {
			if c.polynomial>>(s-k)&1 == 1 {
				v[i] ^= v[i-k]
			}
		}
	}
	return v
}

// stream gives the coordinates of one input: one dimension of a Sobol sequence with nested uniform
// (Owen) scrambling, so that estimates have no bias and two inputs share no structure.
type stream struct {
	v       [32]uint32 // columns with their bits reversed, as scramble takes them
	seed    uint32     // of the scrambling
	shuffle uint32     // of the order, 0 for none
}

func newStream(input int, seed uint64) *stream {
	s := &stream{v: directions(input % sobolDimensions), seed: uint32(mix(seed ^ uint64(input+1)*0x9e3779b97f4a7c15))}
	for i, v := range s.v {
		s.v[i] = bits.Reverse32(v)
	}
	if group := input / sobolDimensions; group > 0 {
		s.shuffle = uint32(mix(seed+uint64(group))) | 1
	}
	return s
}

// fill sets coordinates to those of the points from the given one on, in units of 2^-32: x stands for the
// probability of [probability].
func (s *stream) fill(from int, coordinates []uint32) {
	if s.shuffle != 0 {
		for i := range coordinates {
			index := bits.Reverse32(scramble(bits.Reverse32(uint32(from+i)), s.shuffle))
			coordinates[i] = bits.Reverse32(scramble(s.at(index), s.seed))
		}
		return
	}
	x := s.at(uint32(from) ^ uint32(from)>>1)
	for i := range coordinates {
		coordinates[i] = bits.Reverse32(scramble(x, s.seed))
		// The next point in the order of the Gray code differs by one column.
		x ^= s.v[bits.TrailingZeros32(uint32(from+i)+1)&31]
	}
}

// at is the coordinate, its bits reversed, of the point whose index has the given bits.
func (s *stream) at(index uint32) uint32 {
	var x uint32
	for ; index != 0; index &= index - 1 {
		x ^= s.v[bits.TrailingZeros32(index)]
	}
	return x
}

// scramble permutes 32-bit numbers, the bits of both reversed, so that each bit is flipped by what the
// bits above it say: nested uniform scrambling by a hash, with the constants of Burley, Practical
// Hash-based Owen Scrambling, JCGT 9(4), 2020, after Laine and Karras.
func scramble(x, seed uint32) uint32 {
	x += seed
	x ^= x * 0x6c50b47c
	x ^= x * 0xb82f1e52
	x ^= x * 0xc7afe638
	x ^= x * 0x8d22f6e6
	return x
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
