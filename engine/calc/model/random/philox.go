package random

// Uniform returns a number strictly between 0 and 1 with 52 random bits. It is Philox 4x32-10 (Salmon, Moraes, Dror and
// Shaw, Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011) with key and counter made of the arguments.
func Uniform(seed, key, cell, sample uint64) float64 {
	k := seed*0x9e3779b97f4a7c15 ^ key
	x := philox([4]uint32{uint32(cell), uint32(cell >> 32), uint32(sample), uint32(sample >> 32)}, [2]uint32{uint32(k), uint32(k >> 32)})
	n := uint64(x[0])<<32 | uint64(x[1])
	// The middle of one of 2^52 equal intervals: neither 0 nor 1.
	return (float64(n>>12) + 0.5) / (1 << 52)
}

// philox is ten rounds on a counter under a key.
func philox(c [4]uint32, k [2]uint32) [4]uint32 {
	// In words of their own: the compiler keeps those in registers, and arrays in memory.
	c0, c1, c2, c3, k0, k1 := c[0], c[1], c[2], c[3], k[0], k[1]
	for range 10 {
		even, odd := 0xd2511f53*uint64(c0), 0xcd9e8d57*uint64(c2)
		c0, c1, c2, c3 = uint32(odd>>32)^c1^k0, uint32(odd), uint32(even>>32)^c3^k1, uint32(even)
		k0 += 0x9e3779b9
		k1 += 0xbb67ae85
	}
	return [4]uint32{c0, c1, c2, c3}
}
