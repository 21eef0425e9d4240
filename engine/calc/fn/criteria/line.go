package criteria

import (
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/search"
)

// line is one column (or row) of a query: n places, counted from 0.
type line struct {
	src    search.Source
	n      int
	parts  []part
	values cell.Area
}

// part is one test of a line.
type part struct {
	*Criterion
	area   cell.Area
	column *search.Column
	at     int // place of the first cell in the column

	// Of an equality, the groups of the column's index that are equal. Where not is set they are those that do not match.
	groups  []int32
	grouped bool
}

// warm finds the columns of all tests, and reports whether all of them were asked before: then their indexes pay.
func (l *line) warm() bool {
	if search.Small(l.parts[0].area) {
		return false
	}
	warm := true
	for i := range l.parts {
		p := &l.parts[i]
		p.column, p.at = search.ColumnOf(l.src, p.area)
		warm = p.column.Warm() && warm
	}
	return warm
}

// group finds the groups of an equality.
func (p *part) group(l *line) {
	if p.order != 0 || p.what == never || p.grouped {
		return
	}
	p.grouped = true
	x, s := p.column.Index(l.src), l.src.Strings()
	add := func(v cell.Value) {
		if key, ok := search.KeyOf(s, v); ok {
			if g := x.Group(key); g >= 0 {
				p.groups = append(p.groups, g)
			}
		}
	}
	switch p.what {
	case number:
		add(cell.Num(cell.Rounded(p.number)))
		p.groups = append(p.groups, p.column.Unrounded(l.src, p.number)...)
		if !p.not {
			p.groups = append(p.groups, p.column.NumericTexts(l.src, p.number)...)
		}
	case text:
		add(cell.Str(p.text))
	case like:
		p.groups = p.column.Like(l.src, p.text, p.pattern)
	case truth:
		add(cell.Truth(p.yes))
	case failure:
		add(cell.Err(p.code))
	case blank:
		add(cell.Value{})
	case nothing:
		add(cell.Value{})
		add(cell.Str(""))
	}
}

// size returns the number of cells in groups.
func (p *part) size(l *line) int {
	n := 0
	for _, g := range p.groups {
		n += p.column.Index(l.src).Count(g, p.at, p.at+l.n)
	}
	return n
}

// met returns a test of places by what is known of the column.
func (p *part) met(l *line) func(i int) bool {
	if !p.grouped {
		boxes, test := p.column.Boxes(l.src), p.test(l.src.Strings())
		return func(i int) bool { return test(boxes[p.at+i]) }
	}
	x := p.column.Index(l.src)
	switch len(p.groups) {
	case 0:
		return func(int) bool { return p.not }
	case 1:
		g := p.groups[0]
		return func(i int) bool { return (x.At(p.at+i) == g) != p.not }
	case 2, 3, 4:
		return func(i int) bool { return slices.Contains(p.groups, x.At(p.at+i)) != p.not }
	}
	has := make([]uint64, x.Groups()/64+1)
	for _, g := range p.groups {
		has[g/64] |= 1 << (g % 64)
	}
	return func(i int) bool {
		g := x.At(p.at + i)
		return (has[g/64]>>(g%64)&1 != 0) != p.not
	}
}

// count returns the number of places at which all tests are met.
func (l *line) count() int {
	if n, ok := l.grown(Places); ok {
		return int(n)
	}
	if !l.warm() {
		n := 0
		l.scan(func(int) { n++ })
		return n
	}
	if p := &l.parts[0]; len(l.parts) == 1 {
		if p.group(l); p.grouped {
			if p.not {
				return l.n - p.size(l)
			}
			return p.size(l)
		}
	}
	if n, ok := l.countBetween(); ok {
		return n
	}
	if f, ok := l.combined(); ok {
		return f.count()
	}
	n := 0
	l.each(func(int) { n++ })
	return n
}

// total puts the values at the places to a total.
func (l *line) total(of Total, total cell.Box) cell.Box {
	if total == 0 || cell.BoxKind(total) == cell.Empty {
		if t, ok := l.grown(of); ok {
			return t
		}
	}
	if !l.warm() {
		places := make([]uint64, l.n/64+1)
		l.scan(func(i int) { places[i/64] |= 1 << (i % 64) })
		l.src.Boxes(l.values, func(row, col int32, run []cell.Box) bool {
			at := int(row-l.values.R0) + int(col-l.values.C0)
			for i, b := range run {
				if places[(at+i)/64]>>((at+i)%64)&1 != 0 {
					total = of.add(total, b)
				}
			}
			return true
		})
		return total
	}
	if f, ok := l.combined(); ok {
		return l.totalOf(of, total, f)
	}
	at := l.valueAt()
	l.each(func(i int) { total = of.add(total, at(i)) })
	return total
}

// places calls f with the places at which all tests are met.
func (l *line) places(f func(i int)) {
	if !l.warm() {
		l.scan(f)
		return
	}
	found, ok := l.combined()
	if !ok {
		l.each(f)
		return
	}
	for _, i := range found.positions() {
		f(int(i) - found.at)
	}
}

// valueAt returns a function that reads the values, from what is kept of their column where it was asked before.
func (l *line) valueAt() func(i int) cell.Box {
	c, at := search.ColumnOf(l.src, l.values)
	if c.Warm() {
		boxes := c.Boxes(l.src)
		return func(i int) cell.Box { return boxes[at+i] }
	}
	across := l.values.R0 == l.values.R1
	return func(i int) cell.Box {
		row, col := l.values.R0, l.values.C0
		if across {
			col += int32(i)
		} else {
			row += int32(i)
		}
		switch v := l.src.Cell(l.values.Sheet, row, col); v.Kind() {
		case cell.Number:
			return v.Float()
		case cell.Error:
			return cell.BoxError(v.Code())
		}
		return cell.BoxEmpty()
	}
}

// scan calls f with the places at which all tests are met, reading the cells as they are.
func (l *line) scan(f func(i int)) {
	strings := l.src.Strings()
	var places []uint64 // of the tests before
	if len(l.parts) > 1 {
		places = make([]uint64, l.n/64+1)
	}
	for n, p := range l.parts {
		test := p.test(strings)
		last := n == len(l.parts)-1
		l.src.Boxes(p.area, func(row, col int32, run []cell.Box) bool {
			at := int(row-p.area.R0) + int(col-p.area.C0)
			for j, b := range run {
				i := at + j
				met := (n == 0 || places[i/64]>>(i%64)&1 != 0) && test(b)
				switch {
				case last && met:
					f(i)
				case last:
				case met:
					places[i/64] |= 1 << (i % 64)
				default:
					places[i/64] &^= 1 << (i % 64)
				}
			}
			return true
		})
	}
}

// each calls f with the places at which all tests are met, from the indexes: the rarest equality says which places come
// into question.
func (l *line) each(f func(i int)) {
	rarest, size := -1, 0
	for i := range l.parts {
		p := &l.parts[i]
		p.group(l)
		if p.what == never {
			return
		}
		if p.grouped && !p.not {
			if n := p.size(l); rarest < 0 || n < size {
				rarest, size = i, n
			}
		}
	}
	if rarest >= 0 && size == 0 {
		return
	}
	most := l.n
	if rarest >= 0 {
		most = size
	}
	candidates, bounds := l.bounded(most)
	if bounds != nil {
		rarest = -1
	}
	var tests []func(i int) bool
	for i := range l.parts {
		if i != rarest && !slices.Contains(bounds, i) {
			tests = append(tests, l.parts[i].met(l))
		}
	}
	place := func(i int) {
		for _, test := range tests {
			if !test(i) {
				return
			}
		}
		f(i)
	}
	if bounds != nil {
		for _, i := range candidates {
			place(int(i))
		}
		return
	}
	if rarest < 0 {
		for i := range l.n {
			place(i)
		}
		return
	}
	p := &l.parts[rarest]
	x := p.column.Index(l.src)
	if len(p.groups) == 1 {
		list, _ := x.Positions(p.groups[0], p.at, p.at+l.n)
		for _, i := range list {
			place(int(i) - p.at)
		}
		return
	}
	all := make([]int32, 0, size)
	for _, g := range p.groups {
		list, _ := x.Positions(g, p.at, p.at+l.n)
		all = append(all, list...)
	}
	slices.Sort(all)
	for _, i := range all {
		place(int(i) - p.at)
	}
}
