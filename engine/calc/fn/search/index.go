package search

import (
	"math"
	"slices"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Index tells where each key of a list stands. Keys are numbered in the order in which they first appear: a group is all
// positions of one key. It is never changed once made.
type Index struct {
	keys  []uint64 // of the groups
	table []int32  // open addressing: 1 + a group, 0 where free; its length is a power of two
	start []int32  // where each group begins in pos, and the end
	pos   []int32  // positions, group by group, each in rising order
	group []int32  // of each position
}

// NewIndex returns the index of a list.
func NewIndex(list []uint64) *Index {
	x := &Index{table: make([]int32, 256), group: make([]int32, len(list)), keys: make([]uint64, 0, 128)}
	count := make([]int32, 0, 128)
	table, keys := x.table, x.keys // kept at hand: this loop is what an index costs
	for i, key := range list {
		mask := uint64(len(table) - 1)
		h := hash(key) & mask
		for table[h] != 0 && keys[table[h]-1] != key {
			h = (h + 1) & mask
		}
		g := table[h] - 1
		if g < 0 {
			g = int32(len(keys))
			keys, count = append(keys, key), append(count, 0)
			table[h] = g + 1
			if 2*len(keys) > len(table) {
				x.keys = keys
				x.grow()
				table = x.table
			}
		}
		x.group[i] = g
		count[g]++
	}
	x.keys = keys
	x.start = make([]int32, len(count)+1)
	for g, n := range count {
		x.start[g+1] = x.start[g] + n
		count[g] = x.start[g]
	}
	x.pos = make([]int32, len(list))
	for i, g := range x.group {
		x.pos[count[g]] = int32(i)
		count[g]++
	}
	return x
}

// keyLists keeps lists of keys that are needed no more: memory that was used before is much cheaper than new.
var keyLists sync.Pool

// Keys returns a list of n keys of any value, for [NewIndex]. [Free] takes it back.
func Keys(n int) []uint64 {
	if p, ok := keyLists.Get().(*[]uint64); ok && cap(*p) >= n {
		return (*p)[:n]
	}
	return make([]uint64, n)
}

// Free takes back a list of [Keys], which must not be used any more.
func Free(keys []uint64) { keyLists.Put(&keys) }

// slot returns where key stands in the table, or the free place where it belongs.
func (x *Index) slot(key uint64) uint64 {
	mask := uint64(len(x.table) - 1)
	h := hash(key)
	for h &= mask; x.table[h] != 0 && x.keys[x.table[h]-1] != key; h = (h + 1) & mask {
	}
	return h
}

func hash(key uint64) uint64 {
	h := key ^ key>>33
	h *= 0xff51afd7ed558ccd
	return h ^ h>>33
}

func (x *Index) grow() {
	x.table = make([]int32, 2*len(x.table)) // so that it takes as much memory for each key at any size
	for g, key := range x.keys {
		x.table[x.slot(key)] = int32(g + 1)
	}
}

// Group returns the group of a key, and -1 where it is nowhere.
func (x *Index) Group(key uint64) int32 { return x.table[x.slot(key)] - 1 }

// Groups returns the number of groups.
func (x *Index) Groups() int { return len(x.keys) }

// Key returns the key of a group.
func (x *Index) Key(g int32) uint64 { return x.keys[g] }

// At returns the group of a position.
func (x *Index) At(i int) int32 { return x.group[i] }

// Len returns the length of the list.
func (x *Index) Len() int { return len(x.group) }

// Positions returns the positions of a group from lo to below hi, in rising order, and where the first of them stands in
// [Index.All]. The result must not be changed.
func (x *Index) Positions(g int32, lo, hi int) (list []int32, at int) {
	from, to := x.start[g], x.start[g+1]
	all := x.pos[from:to]
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
func (x *Index) All() []int32 { return x.pos }

// Start returns where a group begins in [Index.All].
func (x *Index) Start(g int32) int { return int(x.start[g]) }

// Key makes the key under which the value of a box is found: equal for values that Excel takes for equal.
func Key(strings *cell.Strings, b cell.Box) uint64 {
	if b == b {
		return math.Float64bits(b + 0)
	}
	if cell.BoxKind(b) == cell.Text {
		return math.Float64bits(cell.BoxText(strings.FoldID(cell.BoxedText(b))))
	}
	return math.Float64bits(b)
}

// KeyOf is [Key] of a single value, and false where no cell can hold it.
func KeyOf(strings *cell.Strings, v cell.Value) (uint64, bool) {
	switch v.Kind() {
	case cell.Number:
		return math.Float64bits(v.Float() + 0), true
	case cell.Text:
		id, ok := strings.FindFold(v.Text())
		return math.Float64bits(cell.BoxText(id)), ok
	case cell.Bool:
		return math.Float64bits(cell.BoxBool(v.True())), true
	case cell.Error:
		return math.Float64bits(cell.BoxError(v.Code())), true
	case cell.Empty, cell.Missing:
		return math.Float64bits(cell.BoxEmpty()), true
	}
	return 0, false
}
