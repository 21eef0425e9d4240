package dist

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// radixWidth is how many bits a pass of a radix sort orders by.
const radixWidth = 11

// keyed is a number by its order, with its place.
type keyed struct {
	order uint64
	at    int
}

// sortFloats sorts numbers, many of them by a radix sort on their order, which takes a third of the time
// of a sort by comparison.
func sortFloats(v []float64) {
	if len(v) < 4096 {
		slices.Sort(v)
		return
	}
	keys := make([]uint64, len(v))
	for i, x := range v {
		keys[i] = orderOf(x)
	}
	for i, k := range radixSort(keys, func(k uint64) uint64 { return k }) {
		v[i] = math.Float64frombits(k ^ (^uint64(int64(k)>>63) | 1<<63))
	}
}

// sortedOrder returns the places of the numbers by rising number, those that are no number at the end.
func sortedOrder(v []float64) []int {
	keys := make([]keyed, len(v))
	for i, x := range v {
		keys[i] = keyed{orderOf(x + 0), i} // 0 for -0
		if math.IsNaN(x) {
			keys[i].order = math.MaxUint64
		}
	}
	if len(v) < 1024 {
		slices.SortFunc(keys, func(a, b keyed) int { return cmp.Compare(a.order, b.order) })
	} else {
		keys = radixSort(keys, func(k keyed) uint64 { return k.order })
	}
	order := make([]int, len(v))
	for i, k := range keys {
		order[i] = k.at
	}
	return order
}

// radixSort returns keys by rising order, in their slice or another.
func radixSort[K any](keys []K, order func(K) uint64) []K {
	spare := make([]K, len(keys))
	var all, any uint64 = math.MaxUint64, 0
	for _, k := range keys {
		all &= order(k)
		any |= order(k)
	}
	varying := all ^ any
	for shift := 0; shift < bits.Len64(varying); shift += radixWidth {
		if varying>>shift&(1<<radixWidth-1) == 0 {
			continue
		}
		var counts [1 << radixWidth]int
		for _, k := range keys {
			counts[order(k)>>shift&(1<<radixWidth-1)]++
		}
		at := 0
		for i, c := range counts {
			counts[i] = at
			at += c
		}
		for _, k := range keys {
			d := order(k) >> shift & (1<<radixWidth - 1)
			spare[counts[d]] = k
			counts[d]++
		}
		keys, spare = spare, keys
	}
	return keys
}
