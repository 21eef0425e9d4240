package search

import (
	"math"
	"slices"
	"sync/atomic"
)

// Index tells where each key of a list stands. Keys are numbered in the order in which they first appear: a group is all
// positions of one key. It is never changed once made, but for the positions of groups, which are sorted when they are first needed.
type Index struct {
	directory
	keys   []uint64 // of the groups; nil where the directory has a place for each, which tells it
	first  []int32  // position of each group
	group  []int32  // of each position
	starts atomic.Pointer[[]int32]
	sorted atomic.Pointer[[]int32]
	listed atomic.Pointer[[]uint64] // keys that the directory tells
}

// ahead is how many keys are looked up at once: the processor waits for the memory of all of them together, and not for one after the
// other. It does where the slots outgrow its caches.
const (
	ahead     = 64
	farSlots  = 1 << 15
	fewGroups = 128
)

// NewIndex returns the index of a list.
func NewIndex(list []uint64) *Index {
	return IndexOf(len(list), func(f func(at int, keys []uint64)) { f(0, list) })
}

// IndexOf returns the index of a list of n keys, which each gives to f in parts, in order and with the position of the first key. It is called
// twice: so no list need be kept of what is easily made again.
func IndexOf(n int, each func(f func(at int, keys []uint64))) *Index {
	s := newSpans()
	each(func(_ int, keys []uint64) { s.add(keys) })
	x := &Index{group: Ints.Take(n)}
	var all bool
	if x.directory, all = newDirectory(s, n); all {
		most := min(n, len(x.numbers.groups)+len(x.texts.groups))
		x.first = Ints.Take(most)[:0]
		each(x.direct)
	} else {
		each(x.mixed)
	}
	return x
}

// Recycle implements [Recycler].
func (x *Index) Recycle() {
	Words.Give(x.keys)
	if p := x.listed.Load(); p != nil {
		Words.Give(*p)
	}
	for _, list := range [][]int32{x.first, x.group, x.numbers.groups, x.texts.groups, x.slots} {
		Ints.Give(list)
	}
	for _, p := range []*[]int32{x.starts.Load(), x.sorted.Load()} {
		if p != nil {
			Ints.Give(*p)
		}
	}
}

// reserve makes room for one more group at least, and for expected ones where that is more.
func (x *Index) reserve(expected int) {
	n := max(2*len(x.keys), fewGroups, expected)
	keys, first := append(Words.Take(n)[:0], x.keys...), append(Ints.Take(n)[:0], x.first...)
	Words.Give(x.keys)
	Ints.Give(x.first)
	x.keys, x.first = keys, first
}

// direct numbers keys from position at on that all have a place of their own.
func (x *Index) direct(at int, list []uint64) {
	numbers, texts := x.numbers, x.texts
	first, group := x.first, x.group[at:][:len(list)]
	for i, key := range list {
		var p *int32
		if f := math.Float64frombits(key); f == f {
			p = &numbers.groups[int64(f)-numbers.low]
		} else {
			p = &texts.groups[int64(uint32(key))-texts.low]
		}
		g := *p
		if g == 0 {
			first = append(first, int32(at+i))
			g = int32(len(first))
			*p = g
		}
		group[i] = g - 1
	}
	x.first = first
}

// mixed numbers keys from position at on some of which are hashed.
func (x *Index) mixed(at int, list []uint64) {
	var near [ahead]int32
	for from := 0; from < len(list); from += ahead {
		part := list[from:min(from+ahead, len(list))]
		if len(x.slots) >= farSlots {
			mask := uint64(len(x.slots) - 1)
			for j, key := range part {
				near[j] = x.slots[hash(key)&mask]
			}
		} else {
			clear(near[:])
		}
		for j, key := range part {
			i := at + from + j
			g := near[j]
			if g == 0 || x.keys[g-1] != key {
				g = x.number(key, i, len(x.group))
			}
			x.group[i] = g - 1
		}
	}
}

// number returns 1 + the group of the key at position i of n, a new one where there is none.
func (x *Index) number(key uint64, i, n int) int32 {
	p, slot := x.place(key), uint64(0)
	placed := p != nil
	if !placed {
		slot = x.slot(x.keys, key)
		p = &x.slots[slot]
	}
	if *p != 0 {
		return *p
	}
	if len(x.keys) == cap(x.keys) {
		x.reserve(len(x.keys) + 1 + x.expected(i, n) - x.hashed)
	}
	x.keys, x.first = append(x.keys, key), append(x.first, int32(i))
	g := int32(len(x.keys))
	if placed {
		*p = g
		return g
	}
	x.slots[slot] = g
	if x.hashed++; 2*x.hashed > len(x.slots) {
		x.grow(x.keys, x.expected(i, n))
	}
	return g
}

// expected is how many keys will be hashed, seen from position i of n: where most were new so far, the rest will be, and all gets its last size at
// once.
func (x *Index) expected(i, n int) int {
	if 2*x.hashed > i {
		return int(int64(x.hashed) * int64(n) / int64(i+1))
	}
	return x.hashed
}

// Group returns the group of a key, and -1 where it is nowhere.
func (x *Index) Group(key uint64) int32 { return x.find(x.keys, key) - 1 }

// GroupsOf sets dst to the groups of keys, -1 where they are nowhere.
func (x *Index) GroupsOf(dst []int32, keys []uint64) {
	if len(x.slots) < farSlots {
		for i, key := range keys {
			dst[i] = x.Group(key)
		}
		return
	}
	mask := uint64(len(x.slots) - 1)
	for i, key := range keys {
		dst[i] = x.slots[hash(key)&mask]
	}
	for i, key := range keys {
		g := dst[i]
		if g == 0 || x.keys[g-1] != key {
			g = x.find(x.keys, key)
		}
		dst[i] = g - 1
	}
}

// Groups returns the number of groups.
func (x *Index) Groups() int { return len(x.first) }

// Key returns the key of a group.
func (x *Index) Key(g int32) uint64 {
	if x.keys != nil {
		return x.keys[g]
	}
	if p := x.listed.Load(); p != nil {
		return (*p)[g]
	}
	keys := Words.Take(len(x.first))
	x.each(keys)
	x.listed.Store(&keys)
	return keys[g]
}

// Texts reports whether any key is a text.
func (x *Index) Texts() bool { return x.texted }

// At returns the group of a position.
func (x *Index) At(i int) int32 { return x.group[i] }

// Each returns the group of each position. It must not be changed.
func (x *Index) Each() []int32 { return x.group }

// Len returns the length of the list.
func (x *Index) Len() int { return len(x.group) }

// First returns the first position of a group from lo to below hi, or -1.
func (x *Index) First(g int32, lo, hi int) int {
	i := int(x.first[g])
	if i < lo {
		list, _ := x.Positions(g, lo, hi)
		if len(list) == 0 {
			return -1
		}
		i = int(list[0])
	}
	if i >= hi {
		return -1
	}
	return i
}

// FirstsOf replaces groups by what [Index.First] tells of them; groups of -1 stay.
func (x *Index) FirstsOf(groups []int32, lo, hi int) {
	if len(x.first) == len(x.group) { // each key is there once, and its group is its position
		for i, g := range groups {
			if int(g) < lo || int(g) >= hi {
				groups[i] = -1
			}
		}
		return
	}
	for i, g := range groups {
		if g < 0 {
			continue
		}
		first := x.first[g]
		if int(first) < lo || int(first) >= hi {
			first = int32(x.First(g, lo, hi))
		}
		groups[i] = first
	}
}

// Begins reports whether no position of a group is before lo.
func (x *Index) Begins(g int32, lo int) bool { return int(x.first[g]) >= lo }

// Whole reports whether all positions of a group lie from lo to below hi. It may say no where they do, but for hi at the end of the list.
func (x *Index) Whole(g int32, lo, hi int) bool { return hi >= len(x.group) && int(x.first[g]) >= lo }

// Count returns the number of positions of a group from lo to below hi.
func (x *Index) Count(g int32, lo, hi int) int {
	if x.Whole(g, lo, hi) {
		start := x.begins()
		return int(start[g+1] - start[g])
	}
	list, _ := x.Positions(g, lo, hi)
	return len(list)
}

// Positions returns the positions of a group from lo to below hi, in rising order, and where the first of them stands in
// [Index.All]. The result must not be changed.
func (x *Index) Positions(g int32, lo, hi int) (list []int32, at int) {
	start := x.begins()
	from, to := start[g], start[g+1]
	all := x.All()[from:to]
	i, j := 0, len(all)
	if j > 0 && int(all[0]) < lo {
		i, _ = slices.BinarySearch(all, int32(lo))
	}
	if j > 0 && int(all[j-1]) >= hi {
		j, _ = slices.BinarySearch(all, int32(hi))
	}
	return all[i:max(i, j)], int(from) + i
}

// All returns the positions of all groups, one group after the other. It must not be changed.
func (x *Index) All() []int32 {
	if p := x.sorted.Load(); p != nil {
		return *p
	}
	next, pos := Ints.Take(len(x.first)+1), Ints.Take(len(x.group))
	defer Ints.Give(next)
	copy(next, x.begins())
	for i, g := range x.group {
		pos[next[g]] = int32(i)
		next[g]++
	}
	x.sorted.Store(&pos)
	return pos
}

// Start returns where a group begins in [Index.All].
func (x *Index) Start(g int32) int { return int(x.begins()[g]) }

// begins returns where each group begins in [Index.All], and the end.
func (x *Index) begins() []int32 {
	if p := x.starts.Load(); p != nil {
		return *p
	}
	start := Ints.Zeros(len(x.first) + 1)
	for _, g := range x.group {
		start[g+1]++
	}
	for g := range x.first {
		start[g+1] += start[g]
	}
	x.starts.Store(&start)
	return start
}
