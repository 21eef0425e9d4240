package search

import (
	"cmp"
	"math"
	"slices"
	"sync/atomic"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Column is what is remembered of one column, or of one row, as long as none of its cells changes. Its parts are made when
// they are first needed. Two goroutines that need one at the same time both make it, and one of the two is kept: they
// are equal. No lock is held while cells are read, because reading may compute them.
type Column struct {
	area    cell.Area
	uses    atomic.Int32
	boxes   atomic.Pointer[[]cell.Box]
	index   atomic.Pointer[Index]
	kinds   atomic.Pointer[kinds]
	numbers atomic.Pointer[Order]
	texts   atomic.Pointer[[]int32]
	numeric atomic.Pointer[map[uint64][]int32]
	like    patterns
}

type columnKey struct{ area cell.Area }

// ColumnOf returns the column (or row) around an area of one column (or one row), and the place of the area's first
// cell in it.
func ColumnOf(src Source, a cell.Area) (c *Column, at int) {
	r := src.Reach(a)
	if !r.Covers(a) {
		r = a
	}
	c = src.Cached(columnKey{r}, []cell.Area{r}, func() any { return &Column{area: r} }).(*Column)
	return c, int(a.R0-r.R0) + int(a.C0-r.C0)
}

// Expect says that the column will be used many times, so that an index pays from the first use on.
func (c *Column) Expect() {
	if c.uses.Load() < 2 {
		c.uses.Store(2)
	}
}

// Warm counts one use of the column and reports whether an index pays: from the second use on.
func (c *Column) Warm() bool { return c.uses.Load() > 1 || c.uses.Add(1) > 1 }

// Area returns the cells of the column.
func (c *Column) Area() cell.Area { return c.area }

// Boxes returns what the cells hold, in order. It must not be changed.
func (c *Column) Boxes(src Source) []cell.Box {
	if p := c.boxes.Load(); p != nil {
		return *p
	}
	boxes := make([]cell.Box, c.area.Cells())
	src.Boxes(c.area, func(row, col int32, run []cell.Box) bool {
		copy(boxes[int(row-c.area.R0)+int(col-c.area.C0):], run)
		return true
	})
	c.boxes.Store(&boxes)
	return boxes
}

// Index returns the index of the column by [Key].
func (c *Column) Index(src Source) *Index {
	if x := c.index.Load(); x != nil {
		return x
	}
	s := src.Strings()
	keys := Keys(int(c.area.Cells()))
	defer Free(keys)
	// A column has few different texts, mostly; what is the same in two ways of writing is looked up in a table under a lock.
	var seen [256]struct {
		box cell.Box
		key uint64
	}
	src.Boxes(c.area, func(row, col int32, run []cell.Box) bool {
		at := keys[int(row-c.area.R0)+int(col-c.area.C0):]
		for i, b := range run {
			if b == b {
				at[i] = Key(s, b)
				continue
			}
			bits := math.Float64bits(b)
			known := &seen[(bits^bits>>8)&255]
			if math.Float64bits(known.box) != bits {
				known.box, known.key = b, Key(s, b)
			}
			at[i] = known.key
		}
		return true
	})
	x := NewIndex(keys)
	c.index.Store(x)
	return x
}

// kinds are the positions of the values of each kind, in order.
type kinds struct{ of [cell.Error + 1][]int32 }

func (c *Column) byKind(src Source) *kinds {
	if k := c.kinds.Load(); k != nil {
		return k
	}
	k := &kinds{}
	for i, b := range c.Boxes(src) {
		kind := cell.BoxKind(b)
		k.of[kind] = append(k.of[kind], int32(i))
	}
	c.kinds.Store(k)
	return k
}

// Numbers returns the numbers of the column in their order.
func (c *Column) Numbers(src Source) *Order {
	if o := c.numbers.Load(); o != nil {
		return o
	}
	o := newOrder(c.Boxes(src), c.byKind(src).of[cell.Number])
	c.numbers.Store(o)
	return o
}

// sortedTexts returns the positions of the texts, by text and then by position.
func (c *Column) sortedTexts(src Source) []int32 {
	if t := c.texts.Load(); t != nil {
		return *t
	}
	boxes, s := c.Boxes(src), src.Strings()
	type entry struct {
		text string
		at   int32
	}
	entries := make([]entry, 0, len(c.byKind(src).of[cell.Text]))
	for _, i := range c.byKind(src).of[cell.Text] {
		entries = append(entries, entry{s.Text(s.FoldID(cell.BoxedText(boxes[i]))), i})
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cell.CompareText(a.text, b.text), cmp.Compare(a.at, b.at))
	})
	out := make([]int32, len(entries))
	for i, e := range entries {
		out[i] = e.at
	}
	c.texts.Store(&out)
	return out
}

// NumericTexts returns the groups of the index whose keys are texts that read as the number f.
func (c *Column) NumericTexts(src Source, f float64) []int32 {
	m := c.numeric.Load()
	if m == nil {
		x, s := c.Index(src), src.Strings()
		made := map[uint64][]int32{}
		for g := range int32(x.Groups()) {
			b := math.Float64frombits(x.Key(g))
			if cell.BoxKind(b) != cell.Text {
				continue
			}
			if f, ok := cell.ParseNumber(s.Text(cell.BoxedText(b)), src.Dates()); ok {
				made[math.Float64bits(f+0)] = append(made[math.Float64bits(f+0)], g)
			}
		}
		m = &made
		c.numeric.Store(m)
	}
	return (*m)[math.Float64bits(f+0)]
}
