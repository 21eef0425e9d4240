package model

// HashOf is the value of a [Hash] at places of items (in the order of its Dims, keyed by their names) and at a day: the
// first of the period, or anything where time does not take part. It mixes each by the finaliser of SplitMix64 (Steele,
// Lea and Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014), and takes the upper 53 bits.
func HashOf(seed uint64, keys []uint64, items []int32, overTime bool, day int) float64 {
	h := mix(seed + golden)
	for i, item := range items {
		h = HashStep(h, keys[i], uint64(uint32(item)))
	}
	if overTime {
		h = HashStep(h, dayKey, uint64(int64(day)))
	}
	return HashUnit(h)
}

// HashStep mixes one place into a hash. It does not matter to other places, so that an executor may keep the state of
// the outer ones.
func HashStep(h, key, place uint64) uint64 { return mix(h ^ mix(key+place*golden)) }

// HashUnit makes a hash a number in [0, 1).
func HashUnit(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// HashStart is the state of a hash before any place.
func HashStart(seed uint64) uint64 { return mix(seed + golden) }

// NameKey is FNV-1a of a name (64 bits): what keys a dimension in a [Hash] and a variable in a [Random].
func NameKey(name string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return h
}

const golden = 0x9e3779b97f4a7c15

// dayKey keys the day in a hash; no name has this key by intent.
const dayKey = 0x5bf03635ebb3c6a9

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// HashDay mixes a day into a hash, after all places of items.
func HashDay(h, day uint64) uint64 { return HashStep(h, dayKey, day) }
