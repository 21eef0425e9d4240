package search

import (
	"math"
	"math/bits"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// directory finds the group of a key. Whole numbers that lie close together, and so the numbers of texts, have a place each that is
// computed from the key alone; all other keys are hashed.
type directory struct {
	numbers, texts direct
	slots          []int32 // open addressing: 1 + a group, 0 where free; the length is a power of two
	hashed         int     // keys in slots
	texted         bool    // some keys are texts
}

// direct has a place for each of the whole numbers from low on.
type direct struct {
	low    int64
	groups []int32 // 1 + a group, 0 for none
}

// span is the least and the greatest of some whole numbers.
type span struct {
	low, high int64
	count     int
}

// textTag is what the keys of texts begin with: the rest is the number of the text.
var textTag = math.Float64bits(cell.BoxText(0)) >> 32

// sparsest is how many places there may be for each key of the list: so a direct place takes no more memory than a hashed key.
const sparsest = 4

// firstSlots is how many slots a table has at first.
const firstSlots = 256

// spans is where the whole numbers and the texts of a list lie.
type spans struct{ numbers, texts span }

func newSpans() spans {
	none := span{math.MaxInt64, math.MinInt64, 0}
	return spans{none, none}
}

func (s *spans) add(keys []uint64) {
	numbers, texts, tag := s.numbers, s.texts, textTag
	for _, key := range keys {
		f := math.Float64frombits(key)
		if k := int64(f); float64(k) == f {
			numbers.low, numbers.high = min(numbers.low, k), max(numbers.high, k)
			numbers.count++
		} else if key>>32 == tag {
			id := int64(uint32(key))
			texts.low, texts.high = min(texts.low, id), max(texts.high, id)
			texts.count++
		}
	}
	s.numbers, s.texts = numbers, texts
}

// direct returns places for the numbers of the span, none where they lie too far apart.
func (s span) direct() direct {
	wide := uint64(s.high) - uint64(s.low)
	if s.count == 0 || wide >= uint64(sparsest*s.count+firstSlots) {
		return direct{}
	}
	return direct{s.low, Ints.Zeros(int(wide) + 1)}
}

// newDirectory returns the empty directory for n keys, and whether all of them have a place of their own.
func newDirectory(s spans, n int) (d directory, all bool) {
	d.numbers, d.texts, d.texted = s.numbers.direct(), s.texts.direct(), s.texts.count > 0
	placed := 0
	if d.numbers.groups != nil {
		placed += s.numbers.count
	}
	if d.texts.groups != nil {
		placed += s.texts.count
	}
	if placed < n {
		d.slots = Ints.Zeros(firstSlots)
	}
	return d, placed == n
}

// place returns the place of a key that has one of its own, or nil. A key that is not in the list may have one or not.
func (d *directory) place(key uint64) *int32 {
	f := math.Float64frombits(key)
	if k := int64(f); float64(k) == f {
		if i := uint64(k - d.numbers.low); i < uint64(len(d.numbers.groups)) {
			return &d.numbers.groups[i]
		}
	} else if key>>32 == textTag {
		if i := uint64(int64(uint32(key)) - d.texts.low); i < uint64(len(d.texts.groups)) {
			return &d.texts.groups[i]
		}
	}
	return nil
}

// each sets the keys of the groups that have a place of their own.
func (d *directory) each(keys []uint64) {
	for i, g := range d.numbers.groups {
		if g > 0 {
			keys[g-1] = math.Float64bits(float64(d.numbers.low + int64(i)))
		}
	}
	for i, g := range d.texts.groups {
		if g > 0 {
			keys[g-1] = math.Float64bits(cell.BoxText(uint32(d.texts.low + int64(i))))
		}
	}
}

// find returns 1 + the group of a key, and 0 where there is none. Keys are those of the groups.
func (d *directory) find(keys []uint64, key uint64) int32 {
	if p := d.place(key); p != nil {
		return *p
	}
	if d.hashed == 0 {
		return 0
	}
	return d.slots[d.slot(keys, key)]
}

// slot returns where a key stands among the slots, or the free one where it belongs.
func (d *directory) slot(keys []uint64, key uint64) uint64 {
	mask := uint64(len(d.slots) - 1)
	h := hash(key) & mask
	for d.slots[h] != 0 && keys[d.slots[h]-1] != key {
		h = (h + 1) & mask
	}
	return h
}

// grow makes more slots, enough for the expected keys at least.
func (d *directory) grow(keys []uint64, expected int) {
	n := max(2*len(d.slots), 1<<bits.Len(uint(2*expected-1)))
	Ints.Give(d.slots)
	d.slots = Ints.Zeros(n)
	for g, key := range keys {
		if d.place(key) == nil {
			d.slots[d.slot(keys, key)] = int32(g + 1)
		}
	}
}

func hash(key uint64) uint64 {
	h := key ^ key>>33
	h *= 0xff51afd7ed558ccd
	return h ^ h>>33
}
