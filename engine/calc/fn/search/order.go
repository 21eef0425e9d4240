package search

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Order is the numbers of a column by size. It counts how many of any part of the column are below a bound, in the time
// of a few dozen steps, by a wavelet matrix (Claude, Navarro and Ordóñez, 2015) over the ranks of the numbers.
type Order struct {
	places []int32   // positions of the numbers, in rising order of position
	values []float64 // sorted
	at     []int32   // position of each of values; equal values by position
	levels []level   // from the highest bit of the ranks down
}

// level is one bit of every rank, in the order that the levels before have made.
type level struct {
	bits  []uint64
	ones  []int32 // before each word
	zeros int32   // in all
}

func newOrder(boxes []cell.Box, places []int32) *Order {
	o := &Order{places: places, values: make([]float64, len(places)), at: make([]int32, len(places))}
	type entry struct {
		value float64
		nth   int32
	}
	entries := make([]entry, len(places))
	for i, p := range places {
		entries[i] = entry{boxes[p], int32(i)}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.nth, b.nth)) })
	rank := make([]uint32, len(places))
	for r, e := range entries {
		o.values[r], o.at[r] = e.value, places[e.nth]
		rank[e.nth] = uint32(r)
	}
	spare := make([]uint32, len(rank))
	for bit := bits.Len(uint(len(rank))) - 1; bit >= 0; bit-- {
		l := level{bits: make([]uint64, len(rank)/64+1), ones: make([]int32, len(rank)/64+2)}
		for i, r := range rank {
			if r>>bit&1 != 0 {
				l.bits[i/64] |= 1 << (i % 64)
			} else {
				spare[l.zeros] = r
				l.zeros++
			}
		}
		up := l.zeros
		for _, r := range rank {
			if r>>bit&1 != 0 {
				spare[up] = r
				up++
			}
		}
		for w, word := range l.bits {
			l.ones[w+1] = l.ones[w] + int32(bits.OnesCount64(word))
		}
		rank, spare = spare, rank
		o.levels = append(o.levels, l)
	}
	return o
}

func (l *level) before(i int32) int32 {
	return l.ones[i/64] + int32(bits.OnesCount64(l.bits[i/64]&(1<<(i%64)-1)))
}

// Len returns the number of numbers.
func (o *Order) Len() int { return len(o.values) }

// Positions returns the positions of the numbers from rank lo to below hi, by size and then by position. It must not be
// changed.
func (o *Order) Positions(lo, hi int) []int32 { return o.at[lo:hi] }

// Ranked returns how many numbers from position lo to below hi are among the r least of the column.
func (o *Order) Ranked(lo, hi, r int) int {
	i, _ := slices.BinarySearch(o.places, int32(lo))
	j, _ := slices.BinarySearch(o.places, int32(hi))
	switch {
	case i == 0 && j == len(o.places):
		return r
	case r == len(o.values):
		return j - i
	}
	below := 0
	a, b := int32(i), int32(j)
	for n := range o.levels {
		l := &o.levels[n]
		u, v := l.before(a), l.before(b)
		if r>>(len(o.levels)-1-n)&1 != 0 {
			below += int(b - v - (a - u))
			a, b = l.zeros+u, l.zeros+v
		} else {
			a, b = a-u, b-v
		}
	}
	return below
}

// Nth returns the rank of the number that is the k-th by size, from 0, of those from position lo to below hi. There
// must be that many.
func (o *Order) Nth(lo, hi, k int) int {
	i, _ := slices.BinarySearch(o.places, int32(lo))
	j, _ := slices.BinarySearch(o.places, int32(hi))
	a, b, rank := int32(i), int32(j), 0
	for n := range o.levels {
		l := &o.levels[n]
		u, v := l.before(a), l.before(b)
		if zeros := int(b - v - (a - u)); k < zeros {
			a, b = a-u, b-v
		} else {
			k -= zeros
			rank |= 1 << (len(o.levels) - 1 - n)
			a, b = l.zeros+u, l.zeros+v
		}
	}
	return rank
}

// Rank returns how many of all numbers are less than x, or at most x if orEqual is set.
func (o *Order) Rank(x float64, orEqual bool) int {
	return sort.Search(len(o.values), func(i int) bool { return o.values[i] > x || !orEqual && o.values[i] == x })
}

// RankDigits is [Order.Rank] for numbers compared as [cell.CompareNumbers] does.
func (o *Order) RankDigits(x float64, orEqual bool) int {
	return sort.Search(len(o.values), func(i int) bool {
		d := cell.CompareNumbers(o.values[i], x)
		return d > 0 || !orEqual && d == 0
	})
}
