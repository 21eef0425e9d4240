package search

import (
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/wildcard"
)

// Line is the values to be searched: one column or row of a reference, or of an array.
type Line struct {
	src    Source
	area   cell.Area // of a reference, as far as the sheet goes
	grid   *cell.Grid
	first  int // element of grid
	stride int
	n      int // values; of a reference without the cells behind the end of the sheet
	length int // with these
	kept   *Kept
}

// OfArea is the line of a reference to one column or one row.
func OfArea(src Source, a cell.Area) *Line {
	l := &Line{src: src, length: int(a.Cells())}
	if clipped, ok := src.Clip(a); ok {
		l.area, l.n = clipped, int(clipped.Cells())
	}
	return l
}

// OfGrid is the line of n elements of an array from first on, stride elements apart.
func OfGrid(src Source, g *cell.Grid, first, stride, n int, kept *Kept) *Line {
	return &Line{src: src, grid: g, first: first, stride: stride, n: n, length: n, kept: kept}
}

// At returns a value.
func (l *Line) At(i int) cell.Value {
	switch {
	case i >= l.n:
		return cell.Value{}
	case l.grid != nil:
		return l.grid.Cells[l.first+i*l.stride]
	case l.area.C0 == l.area.C1:
		return l.src.Cell(l.area.Sheet, l.area.R0+int32(i), l.area.C0)
	}
	return l.src.Cell(l.area.Sheet, l.area.R0, l.area.C0+int32(i))
}

// column returns the column around the line and where the line begins in it, and false where the values are better
// read as they are.
func (l *Line) column() (c *Column, at int, ok bool) {
	if l.grid != nil || l.n == 0 || Small(l.area) {
		return nil, 0, false
	}
	c, at = ColumnOf(l.src, l.area)
	return c, at, c.Warm()
}

// scan calls f with the number and the box of each value, until it returns false.
func (l *Line) scan(f func(i int, b cell.Box) bool) {
	if l.n == 0 {
		return
	}
	if l.grid == nil {
		l.src.Boxes(l.area, func(row, col int32, run []cell.Box) bool {
			at := int(row-l.area.R0) + int(col-l.area.C0)
			for i, b := range run {
				if !f(at+i, b) {
					return false
				}
			}
			return true
		})
		return
	}
	panic("calc/search: an array has no boxes")
}

// pick returns the number of the first value, or the last one, that test accepts, or -1. Of a reference it reads the
// cells.
func (l *Line) pick(last bool, box func(cell.Box) bool, value func(cell.Value) bool) int {
	found := -1
	if l.grid == nil {
		l.scan(func(i int, b cell.Box) bool {
			if box(b) {
				found = i
				return last
			}
			return true
		})
		return found
	}
	if last {
		for i := l.n - 1; i >= 0; i-- {
			if value(l.At(i)) {
				return i
			}
		}
		return -1
	}
	for i := range l.n {
		if value(l.At(i)) {
			return i
		}
	}
	return -1
}

// Equal returns the number of the first value that is equal to v, or of the last one, or -1. An empty v stands for empty
// cells.
func (l *Line) Equal(v cell.Value, last bool) int {
	if v.IsBlank() && l.length > l.n && last {
		return l.length - 1
	}
	found := l.equal(v, last)
	if found < 0 && v.IsBlank() && l.length > l.n {
		return l.n
	}
	return found
}

func (l *Line) equal(v cell.Value, last bool) int {
	if l.grid != nil && l.n >= smallColumn {
		if x := l.kept.find(l); x != nil {
			return l.among(x, 0, last, func(x *Index) []int32 {
				if key, ok := l.kept.key(v); ok {
					if g := x.Group(key); g >= 0 {
						return []int32{g}
					}
				}
				return nil
			})
		}
	}
	if c, at, ok := l.column(); ok {
		return l.among(c.Index(l.src), at, last, func(x *Index) []int32 {
			if key, ok := KeyOf(l.src.Strings(), v); ok {
				if g := x.Group(key); g >= 0 {
					return []int32{g}
				}
			}
			return nil
		})
	}
	kind := v.Kind()
	if kind == cell.Missing {
		kind = cell.Empty
	}
	s := l.src.Strings()
	same := func(x cell.Value) bool {
		return x.Kind() == kind && (kind == cell.Empty || x.Float() == v.Float() && cell.CompareText(x.Text(), v.Text()) == 0)
	}
	box := func(b cell.Box) bool { return cell.BoxKind(b) == kind && same(s.Value(b)) }
	switch kind {
	case cell.Number:
		f := v.Float()
		box = func(b cell.Box) bool { return b == f }
	case cell.Text:
		box = func(b cell.Box) bool {
			return cell.BoxKind(b) == cell.Text && cell.CompareText(s.Text(cell.BoxedText(b)), v.Text()) == 0
		}
	}
	return l.pick(last, box, same)
}

// Like returns the number of the first text that matches a pattern, or of the last one, or -1.
func (l *Line) Like(text string, p *wildcard.Pattern, last bool) int {
	if c, at, ok := l.column(); ok {
		return l.among(c.Index(l.src), at, last, func(*Index) []int32 { return c.Like(l.src, text, p) })
	}
	s := l.src.Strings()
	return l.pick(last,
		func(b cell.Box) bool { return cell.BoxKind(b) == cell.Text && p.Match(s.Text(cell.BoxedText(b))) },
		func(v cell.Value) bool { return v.Kind() == cell.Text && p.Match(v.Text()) })
}

// Matching returns the number of the first text that a test accepts, or of the last one, or -1.
func (l *Line) Matching(test func(string) bool, last bool) int {
	s := l.src.Strings()
	return l.pick(last,
		func(b cell.Box) bool { return cell.BoxKind(b) == cell.Text && test(s.Text(cell.BoxedText(b))) },
		func(v cell.Value) bool { return v.Kind() == cell.Text && test(v.Text()) })
}

// among returns the first or last position of some groups within the line.
func (l *Line) among(x *Index, at int, last bool, groups func(*Index) []int32) int {
	found := -1
	for _, g := range groups(x) {
		if !last {
			if i := x.First(g, at, at+l.n) - at; i >= 0 && (found < 0 || i < found) {
				found = i
			}
			continue
		}
		if list, _ := x.Positions(g, at, at+l.n); len(list) > 0 {
			found = max(found, int(list[len(list)-1])-at)
		}
	}
	return found
}
