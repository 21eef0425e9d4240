package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Column is what is remembered of one column, or of one row, as long as none of its cells changes. Its parts are made
// when they are first needed. Two goroutines that need one at the same time both make it, and one of the two is kept:
// they are equal. No lock is held while cells are read, because reading may compute them.
type Column struct {
	area    cell.Area
	uses    atomic.Int32
	boxes   atomic.Pointer[[]cell.Box]
	index   atomic.Pointer[Index]
	kinds   atomic.Pointer[kinds]
	numbers atomic.Pointer[Order]
	texts   atomic.Pointer[texts]
	numeric atomic.Pointer[map[uint64][]int32]
	digits  atomic.Pointer[[]int32]
	like    patterns
}

type columnKey struct{ area cell.Area }

// ColumnOf returns the column around an area of one column, and the place of the area's first cell in it. Of a row it
// is the area itself: the cells beside it may be those that are being computed.
func ColumnOf(src Source, a cell.Area) (c *Column, at int) {
	r := a
	if a.C0 == a.C1 {
		if wide := src.Reach(a); wide.Covers(a) {
			r = wide
		}
	}
	c = src.Cached(columnKey{r}, []cell.Area{r}, func() any { return &Column{area: r} }).(*Column)
	return c, int(a.R0-r.R0) + int(a.C0-r.C0)
}

// Expect says that the column will be used many times, so that an index pays from the first use on.
func (c *Column) Expect() {
	if c.uses.Load() <= patient {
		c.uses.Store(patient + 1)
	}
}

// patient is how often a column is read before an index of it is made, which costs as much as reading it some twenty
// times. Where a column changes between two formulas, as the one that is being computed does, it is never made.
const patient = 4

// Warm counts one use of the column and reports whether an index pays.
func (c *Column) Warm() bool { return c.uses.Load() > patient || c.uses.Add(1) > patient }

// Area returns the cells of the column.
func (c *Column) Area() cell.Area { return c.area }

// Recycle implements [Recycler].
func (c *Column) Recycle() {
	if p := c.boxes.Swap(nil); p != nil {
		Boxes.Give(*p)
	}
	if x := c.index.Swap(nil); x != nil {
		x.Recycle()
	}
}

// Boxes returns what the cells hold, in order. It must not be changed.
func (c *Column) Boxes(src Source) []cell.Box {
	if p := c.boxes.Load(); p != nil {
		return *p
	}
	boxes := Boxes.Take(int(c.area.Cells()))
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
	var keys [512]uint64 // as many as a run has at most
	x := IndexOf(int(c.area.Cells()), func(f func(at int, keys []uint64)) {
		src.Boxes(c.area, func(row, col int32, run []cell.Box) bool {
			at, keys, texts := int(row-c.area.R0)+int(col-c.area.C0), keys[:len(run)], false
			for i, b := range run {
				if b == b {
					b += 0 // -0 is 0
				} else {
					texts = true
				}
				keys[i] = math.Float64bits(b)
			}
			if texts {
				s.FoldKeys(keys, 0, nil)
			}
			f(at, keys)
			return true
		})
	})
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

// texts are the different texts of a column, folded and in their order, and their groups in the index. Folded texts in
// the order of their bytes are in the order of [cell.CompareText].
type texts struct {
	list   []string
	groups []int32
}

func (c *Column) sortedTexts(src Source) *texts {
	if t := c.texts.Load(); t != nil {
		return t
	}
	x, s := c.Index(src), src.Strings()
	t := &texts{}
	for g := range int32(x.Groups()) {
		if b := math.Float64frombits(x.Key(g)); cell.BoxKind(b) == cell.Text {
			t.groups = append(t.groups, g)
		}
	}
	text := func(g int32) string { return s.Text(cell.BoxedText(math.Float64frombits(x.Key(g)))) }
	slices.SortFunc(t.groups, func(a, b int32) int { return strings.Compare(text(a), text(b)) })
	for _, g := range t.groups {
		t.list = append(t.list, text(g))
	}
	c.texts.Store(t)
	return t
}

// Unrounded returns the groups of the index whose keys are numbers equal to f in 15 digits, but for the one that has no more of them.
func (c *Column) Unrounded(src Source, f float64) []int32 {
	x := c.Index(src)
	number := func(g int32) float64 { return math.Float64frombits(x.Key(g)) }
	groups := c.digits.Load()
	if groups == nil {
		made := []int32{}
		for g := range int32(x.Groups()) {
			if n := number(g); n == n && cell.Rounded(n) != n {
				made = append(made, g)
			}
		}
		slices.SortFunc(made, func(a, b int32) int { return cmp.Compare(number(a), number(b)) })
		groups = &made
		c.digits.Store(groups)
	}
	from, _ := slices.BinarySearchFunc(*groups, f, func(g int32, f float64) int { return cell.CompareNumbers(number(g), f) })
	to := from
	for to < len(*groups) && cell.CompareNumbers(number((*groups)[to]), f) == 0 {
		to++
	}
	return (*groups)[from:to]
}

// NumericTexts returns the groups of the index whose keys are texts that read as a number equal to f in 15 digits.
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
				f = cell.Rounded(f)
				made[math.Float64bits(f)] = append(made[math.Float64bits(f)], g)
			}
		}
		m = &made
		c.numeric.Store(m)
	}
	return (*m)[math.Float64bits(cell.Rounded(f))]
}
