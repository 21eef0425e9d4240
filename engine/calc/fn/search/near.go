package search

import (
	"slices"
	"sort"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// patience is how many values of another kind are passed over one by one before a list of those of the right kind is made.
const patience = 64

// Approximate returns the number of the last value that is at most v, as Excel's binary search finds it, or -1. The
// values are taken for sorted, in descending order if that is set: then it is the last that is at least v. Only values of v's own kind count: a probe
// that meets another kind goes on to the next one of the right kind. On values that are not sorted the result is that of the probes.
func (l *Line) Approximate(v cell.Value, descending bool) int {
	kind, found := v.Kind(), -1
	for lo, hi := 0, l.length-1; lo <= hi; {
		mid := int(uint(lo+hi) / 2)
		if mid >= l.n { // behind the end of the sheet all is empty
			hi = mid - 1
			continue
		}
		at, x := l.next(mid, hi, kind)
		if at < 0 {
			hi = mid - 1
			continue
		}
		d := cell.Compare(x, v)
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

// next returns the first value of a kind from i to hi, or -1.
func (l *Line) next(i, hi int, kind cell.Kind) (int, cell.Value) {
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

// Nearest returns the number of the greatest value below v, or of the least one above it if larger is set, in values of any order, or
// -1. Only values of v's own kind count. Of equal ones it is the first, or the last.
func (l *Line) Nearest(v cell.Value, larger, last bool) int {
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

// sorted is [Line.Nearest] by the sorted order of the column. It gives up where the line is a part of the column and the nearest
// values of the column lie outside of it.
func (l *Line) sorted(c *Column, at int, v cell.Value, larger, last bool) (found int, ok bool) {
	var order []int32
	var from int // the first that is not below v, or the first above it
	if v.Kind() == cell.Number {
		o := c.Numbers(l.src)
		order, from = o.at, o.Rank(v.Float(), larger)
	} else {
		order = c.sortedTexts(l.src)
		boxes, s := c.Boxes(l.src), l.src.Strings()
		from = sort.Search(len(order), func(i int) bool {
			d := cell.CompareText(s.Text(cell.BoxedText(boxes[order[i]])), v.Text())
			return d > 0 || d == 0 && !larger
		})
	}
	step := -1
	if larger {
		step = 1
	} else {
		from--
	}
	x := c.Index(l.src)
	for range patience {
		if from < 0 || from >= len(order) {
			return -1, true
		}
		// All equal values stand together in the order and are one group of the index.
		g := x.At(int(order[from]))
		if list, _ := x.Positions(g, at, at+l.n); len(list) > 0 {
			if last {
				return int(list[len(list)-1]) - at, true
			}
			return int(list[0]) - at, true
		}
		size := x.Start(g+1) - x.Start(g)
		from += step * size
	}
	return 0, false
}

// Following returns the number of the first value of a kind behind value i, or -1. i may be -1.
func (l *Line) Following(i int, kind cell.Kind) int {
	i, _ = l.next(i+1, l.n-1, kind)
	return i
}
