package syntax

import "hash/maphash"

// seed differs from process to process; no answer depends on it.
var seed = maphash.MakeSeed()

// Holds reports whether one of the tree's strings is s: a name that does not stand in a file is not used
// there. Most trees say no without a look at their strings, by a Bloom filter (Bloom, CACM 13/7, 1970) of
// eight bits for each string and two probes, which is wrong for one name in twenty.
func (t *Tree) Holds(s string) bool {
	filter := t.filter.Load()
	if filter == nil {
		n := 64
		for n < 8*len(t.Strings) {
			n *= 2
		}
		bits := make([]uint64, n/64)
		for _, x := range t.Strings {
			a, b := probes(x, bits)
			bits[a/64] |= 1 << (a % 64)
			bits[b/64] |= 1 << (b % 64)
		}
		filter = &bits
		t.filter.Store(filter)
	}
	bits := *filter
	if a, b := probes(s, bits); bits[a/64]>>(a%64)&1 == 0 || bits[b/64]>>(b%64)&1 == 0 {
		return false
	}
	for _, x := range t.Strings {
		if x == s {
			return true
		}
	}
	return false
}

func probes(s string, bits []uint64) (a, b uint64) {
	h := maphash.String(seed, s)
	mask := uint64(len(bits))*64 - 1
	return h & mask, h >> 32 & mask
}
