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

// stream gives the coordinates of one input: one dimension of a Sobol sequence, scrambled so that estimates
// have no bias and two inputs share no structure. The scrambling is a random linear one with a random
// shift (Matousek, On the L2-discrepancy for anchored boxes, J. Complexity 14, 1998), whose variance is that of
// nested uniform scrambling (Owen, ACM TOMACS 13(4), 2003). It goes into the columns, so that a point
// costs no more than one of the plain sequence.
type stream struct {
	v       [32]uint32 // columns
	shift   uint32     // the point of index 0
	shuffle uint32     // of the order, 0 for none
}

func newStream(input int, seed uint64) *stream {
	state := mix(seed ^ uint64(input+1)*0x9e3779b97f4a7c15)
	random := func() uint32 {
		state += 0x9e3779b97f4a7c15
		return uint32(mix(state) >> 32)
	}
	s := &stream{shift: random()}
	// Each bit of a coordinate flips random ones of those below it.
	var matrix [32]uint32
	for bit := range matrix {
		matrix[bit] = random()&(1<<bit-1) | 1<<bit
	}
	for i, v := range directions(input % sobolDimensions) {
		for ; v != 0; v &= v - 1 {
			s.v[i] ^= matrix[bits.TrailingZeros32(v)]
		}
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
			coordinates[i] = s.at(permute(uint32(from+i), s.shuffle))
		}
		return
	}
	x := s.at(uint32(from) ^ uint32(from)>>1)
	for i := range coordinates {
		coordinates[i] = x
		// The next point in the order of the Gray code differs by one column.
		x ^= s.v[bits.TrailingZeros32(uint32(from+i)+1)&31]
	}
}

// at is the coordinate of the point whose index has the given bits.
func (s *stream) at(index uint32) uint32 {
	x := s.shift
	for ; index != 0; index &= index - 1 {
		x ^= s.v[bits.TrailingZeros32(index)]
	}
	return x
}

// permute shuffles indexes so that each bit is flipped by what the bits above it say, and points stay
// even: nested uniform scrambling by a hash, with the constants of Burley, Practical Hash-based Owen
// Scrambling, JCGT 9(4), 2020, after Laine and Karras.
func permute(x, seed uint32) uint32 {
	x = bits.Reverse32(x)
	x += seed
	x ^= x * 0x6c50b47c
	x ^= x * 0xb82f1e52
	x ^= x * 0xc7afe638
	x ^= x * 0x8d22f6e6
	return bits.Reverse32(x)
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
