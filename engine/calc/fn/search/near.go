package search

import (
	"cmp"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// patience is how many values of another kind are passed over one by one before a list of those of the right kind is
// made.
const patience = 64

// Approximate returns the number of the last value that is at most v, as Excel's binary search finds it, or -1. The
// values are taken for sorted, in descending order if that is set: then it is the last that is at least v. Only
// values of v's own kind count: a probe that meets another kind goes on to the next one of the right kind. On values
// that are not sorted the result is that of the probes: one that hits an equal value ends the search with the last of
// those that follow it.
func (l *Line) Approximate(v cell.Value, descending bool) int {
	kind, found := v.Kind(), -1
	next := func(i, hi int) (int, int) {
		at, x := l.next(i, hi, kind)
		if at < 0 {
			return -1, 0
		}
		return at, cell.Compare(x, v)
	}
	if kind == cell.Number {
		if c, at, ok := l.column(); ok {
			boxes, f, slow := c.Boxes(l.src)[at:at+l.n], v.Float(), next
			next = func(i, hi int) (int, int) {
				if i < len(boxes) && boxes[i] == boxes[i] {
					return i, cmp.Compare(boxes[i], f)
				}
				return slow(i, hi)
			}
		}
	}
	for lo, hi := 0, l.end(); lo <= hi; {
		mid := int(uint(lo+hi) / 2)
		if mid >= l.n { // behind the end of the sheet all is empty
			hi = mid - 1
			continue
		}
		at, d := next(mid, hi)
		if at < 0 {
			hi = mid - 1
			continue
		}
		if d == 0 && !descending {
			return l.lastOfRun(at, hi, v)
		}
		if descending {
			d = -d
		}
		if d <= 0 {
			found, lo = at, at+1
		} else {
			hi = mid - 1
		}
	}
	return found
}

// lastOfRun returns the last of the equal values that stand together from value i on, up to hi. It leaps ahead and then
// halves the leap.
func (l *Line) lastOfRun(i, hi int, v cell.Value) int {
	equal := func(j int) bool { x := l.At(j); return x.Kind() == v.Kind() && cell.Compare(x, v) == 0 }
	step := 1
	for i+step <= hi && equal(i+step) {
		i += step
		step *= 2
	}
	for ; step > 0; step /= 2 {
		if i+step <= hi && equal(i+step) {
			i += step
		}
	}
	return i
}

// end is the last place that is halved between: that of the reference as it was written, empty cells behind the end of the sheet
// included, as it is for which of the values in no order is found; but whole columns and rows end with the sheet.
func (l *Line) end() int {
	if l.length == cell.MaxRows || l.length == cell.MaxCols {
		return l.n - 1
	}
	return l.length - 1
}

// next returns the first value of a kind from i to hi, or -1.
func (l *Line) next(i, hi int, kind cell.Kind) (int, cell.Value) {
	hi = min(hi, l.n-1)
	for end := min(hi, i+patience); i <= end; i++ {
		if v := l.At(i); v.Kind() == kind {
			return i, v
		}
	}
	if l.grid == nil && i <= hi && kind <= cell.Error {
		c, at := ColumnOf(l.src, l.area)
		list := c.byKind(l.src).of[kind]
		j, _ := slices.BinarySearch(list, int32(at+i))
		if j >= len(list) || int(list[j]) > at+hi {
			return -1, cell.Value{}
		}
		i = int(list[j]) - at
		return i, l.At(i)
	}
	for ; i <= hi; i++ {
		if v := l.At(i); v.Kind() == kind {
			return i, v
		}
	}
	return -1, cell.Value{}
}

// Bounds finds a value in values that are sorted, in descending order if that is set, as XLOOKUP's binary search does:
// by halves, where booleans come behind text and text behind numbers, and empty cells are passed over. NotBelow is the
// number of the value next to v among those that are not below it, seen from where the search begins: of equal ones the
// first, and in descending order the last. Below is that of its neighbour on the other side. They are -1 where there is
// none.
func (l *Line) Bounds(v cell.Value, descending bool) (notBelow, below int) {
	notBelow, below = -1, -1
	for lo, hi := 0, l.end(); lo <= hi; {
		mid := int(uint(lo+hi) / 2)
		at, x := l.filled(mid, hi)
		switch {
		case at < 0:
			hi = mid - 1
		case cell.Compare(x, v) < 0:
			below = at
			if descending {
				hi = mid - 1
			} else {
				lo = at + 1
			}
		default:
			notBelow = at
			if descending {
				lo = at + 1
			} else {
				hi = mid - 1
			}
		}
	}
	return notBelow, below
}

// filled returns the first value from i to hi that is not empty, or -1.
func (l *Line) filled(i, hi int) (at int, x cell.Value) {
	at = -1
	for _, kind := range []cell.Kind{cell.Number, cell.Text, cell.Bool, cell.Error} {
		if j, y := l.next(i, hi, kind); j >= 0 {
			at, x, hi = j, y, j-1
		}
		if at == i {
			break
		}
	}
	return at, x
}

// Nearest returns the number of the greatest value below v, or of the least one above it if larger is set, in values
// of any order, or -1. Booleans come behind text and text behind numbers. Of equal ones it is the first, or the last.
func (l *Line) Nearest(v cell.Value, larger, last bool) int {
	found := l.nearest(v, larger, last)
	order := []cell.Kind{cell.Number, cell.Text, cell.Bool}
	i, step := slices.Index(order, v.Kind()), -1
	if i < 0 {
		return found
	}
	if larger {
		step = 1
	}
	for i += step; found < 0 && i >= 0 && i < len(order); i += step {
		found = l.extreme(order[i], larger, last)
	}
	return found
}

// extreme returns the number of the least value of a kind, or of the greatest one, or -1. Of equal ones it is the first,
// or the last.
func (l *Line) extreme(kind cell.Kind, least, last bool) int {
	best, found := cell.Value{}, -1
	for i := -1; ; {
		j, x := l.next(i+1, l.n-1, kind)
		if j < 0 {
			return found
		}
		d := 1
		if found >= 0 {
			d = cell.Compare(x, best)
			if least {
				d = -d
			}
		}
		if d > 0 || d == 0 && last {
			best, found = x, j
		}
		i = j
	}
}

// nearest is [Line.Nearest] among the values of v's own kind.
func (l *Line) nearest(v cell.Value, larger, last bool) int {
	if v.Kind() == cell.Number || v.Kind() == cell.Text {
		if c, at, ok := l.column(); ok {
			if i, ok := l.sorted(c, at, v, larger, last); ok {
				return i
			}
		}
	}
	best, found := cell.Value{}, -1
	each := func(i int, x cell.Value) {
		d := cell.Compare(x, v)
		if larger {
			d = -d
		}
		if d >= 0 {
			return
		}
		if found >= 0 {
			d = cell.Compare(x, best)
			if larger {
				d = -d
			}
			if d < 0 || d == 0 && !last {
				return
			}
		}
		best, found = x, i
	}
	if l.grid != nil {
		for i := range l.n {
			if x := l.At(i); x.Kind() == v.Kind() {
				each(i, x)
			}
		}
		return found
	}
	s := l.src.Strings()
	l.scan(func(i int, b cell.Box) bool {
		if cell.BoxKind(b) == v.Kind() {
			each(i, s.Value(b))
		}
		return true
	})
	return found
}

// sorted is [Line.Nearest] by the order of the column. It gives up where the line is a part of the column and many
// texts next to v lie outside of it.
func (l *Line) sorted(c *Column, at int, v cell.Value, larger, last bool) (found int, ok bool) {
	x := c.Index(l.src)
	within := func(g int32) (int, bool) {
		if !last {
			i := x.First(g, at, at+l.n)
			return i - at, i >= 0
		}
		list, _ := x.Positions(g, at, at+l.n)
		if len(list) == 0 {
			return 0, false
		}
		return int(list[len(list)-1]) - at, true
	}
	// The first that is not below v, or the first above it; below v is the one before.
	if v.Kind() == cell.Text {
		texts, text := c.sortedTexts(l.src), cell.Fold(v.Text())
		from, equal := slices.BinarySearch(texts.list, text)
		step := -1
		if larger {
			step = 1
			if equal {
				from++
			}
		} else {
			from--
		}
		for range patience {
			if from < 0 || from >= len(texts.list) {
				return -1, true
			}
			if i, ok := within(texts.groups[from]); ok {
				return i, true
			}
			from += step
		}
		return 0, false
	}
	o := c.Numbers(l.src)
	k := o.Ranked(at, at+l.n, o.Rank(v.Float(), larger))
	if !larger {
		k--
	}
	if k < 0 || k >= o.Ranked(at, at+l.n, o.Len()) {
		return -1, true
	}
	return within(x.At(int(o.at[o.Nth(at, at+l.n, k)])))
}
