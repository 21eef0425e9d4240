package criteria

import (
	"encoding/binary"
	"math"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/search"
)

// found is the places that meet all tests of a line, as one group of a grouping.
type found struct {
	grouped
	group  int32 // -1 where no place does
	lo, hi int   // of the line in the grouping
}

func (f *found) count() int {
	if f.group < 0 {
		return 0
	}
	return f.index().Count(f.group, f.lo, f.hi)
}

// positions returns the places in rising order: place i of the line has position i+at.
func (f *found) positions() []int32 {
	if f.group < 0 {
		return nil
	}
	list, _ := f.index().Positions(f.group, f.lo, f.hi)
	return list
}

// family is the groupings of some columns that stand beside each other in one way. What is asked of them differs by
// the conditions that are no equality with one value: these are a part of the name of a grouping. A grouping is made
// when it was asked for a few times, and only some are known at a time.
type family struct {
	mu    sync.Mutex
	known map[string]*member
}

// member is a grouping, or how often it was asked for.
type member struct {
	uses int
	made *grouping
}

// Recycle implements [search.Recycler].
func (a *family) Recycle() {
	for _, m := range a.known {
		if m.made == nil {
			continue
		}
		for i, s := range m.made.steps {
			if i > 0 || !m.made.own { // else it is the column's
				s.Recycle()
			}
		}
	}
}

const (
	maxGroupings = 64
	patient      = 4
)

// familyKey names columns by their areas and how the lines lie in them, relative to the first.
type familyKey string

// grouping is an index by several columns: of each the group of its own index, or whether the condition is met.
type grouping struct {
	steps []step
	from  int  // position in the first column of position 0
	own   bool // the first step is the index of the first column itself
}

// step is an index of the group so far and the next column; that of the last one is the index of all columns.
type step struct {
	*search.Index
	cols int // numbers that the next column has
}

// key is what a step knows a group so far and a number of the next column by: a whole number, as close to its like as can be.
func (s *step) key(group, number int32) uint64 {
	return math.Float64bits(float64(int64(group)*int64(s.cols) + int64(number)))
}

// grouped is a grouping as the line of a query sees it.
type grouped struct {
	*grouping
	at    int    // position of the line's first place
	name  string // of the grouping for what is kept of it, with the areas
	areas []cell.Area
}

func (g *grouped) index() *search.Index { return g.steps[len(g.steps)-1].Index }

// grouped returns the grouping for the line's tests, and false where none is known yet and none is made at any rate.
func (l *line) grouped(make bool) (g grouped, ok bool) {
	first := &l.parts[0]
	if len(l.parts) == 1 && first.equality() {
		x := first.column.Index(l.src)
		return grouped{grouping: &grouping{steps: []step{{x, x.Groups()}}, own: true}, at: first.at, areas: []cell.Area{first.column.Area()}}, true
	}
	var key []byte
	g.areas = append(g.areas, first.column.Area())
	for i := range l.parts {
		p := &l.parts[i]
		if i > 0 {
			g.areas = append(g.areas, p.column.Area())
		}
		key = appendArea(key, g.areas[i])
		key = binary.LittleEndian.AppendUint32(key, uint32(p.at-first.at))
	}
	all := l.src.Cached(familyKey(key), g.areas, func() any { return &family{known: map[string]*member{}} }).(*family)
	conditions := key[len(key):]
	for i := range l.parts {
		if p := &l.parts[i]; p.equality() {
			conditions = append(conditions, 0)
		} else {
			conditions = p.appendKey(conditions)
		}
	}
	if g.grouping = all.find(string(conditions), make, l.grouping); g.grouping == nil {
		return g, false
	}
	g.at, g.name = first.at-g.from, string(key)+string(conditions)
	return g, true
}

// combined returns the places that meet all tests from a grouping, and false where none is known yet.
func (l *line) combined() (found, bool) {
	for i := range l.parts {
		p := &l.parts[i]
		p.group(l)
		if p.what == never || p.grouped && !p.not && len(p.groups) == 0 {
			return found{group: -1}, true
		}
	}
	g, ok := l.grouped(false)
	if !ok {
		return found{}, false
	}
	f := found{grouped: g, lo: g.at, hi: g.at + l.n}
	for i := range g.steps {
		want := l.parts[i].wanted()
		if i == 0 && g.own {
			f.group = want
		} else if f.group >= 0 {
			f.group = g.steps[i].Group(g.steps[i].key(f.group, want)) // of nothing so far it is 0
		}
	}
	return f, true
}

// find returns the grouping of this name, which is made when it was asked for a few times or at once, or nil.
func (a *family) find(name string, now bool, build func() *grouping) *grouping {
	a.mu.Lock()
	m := a.known[name]
	if m == nil {
		if len(a.known) >= maxGroupings {
			for other, m := range a.known {
				if m.made == nil {
					delete(a.known, other)
					break
				}
			}
		}
		m = &member{}
		if len(a.known) < maxGroupings {
			a.known[name] = m
		}
	}
	m.uses++
	made, due := m.made, now || m.uses > patient
	a.mu.Unlock()
	if made != nil || !due {
		return made
	}
	made = build()
	a.mu.Lock()
	m.made = made
	a.mu.Unlock()
	return made
}

// equality reports whether the test is one for the cells of one group of the column's index.
func (p *part) equality() bool { return p.grouped && !p.not && len(p.groups) == 1 }

// wanted is the number that [part.numbering] gives to the places that meet the test.
func (p *part) wanted() int32 {
	if p.equality() {
		return p.groups[0]
	}
	return 1
}

func appendArea(key []byte, a cell.Area) []byte {
	for _, n := range []int32{a.Sheet, a.R0, a.C0, a.R1, a.C1} {
		key = binary.LittleEndian.AppendUint32(key, uint32(n))
	}
	return key
}

// grouping makes the grouping of the line's columns for all the places at which all of them are known.
func (l *line) grouping() *grouping {
	first := &l.parts[0]
	from, to := 0, math.MaxInt // positions in the first column
	for i := range l.parts {
		p := &l.parts[i]
		shift := p.at - first.at
		from, to = max(from, -shift), min(to, int(p.column.Area().Cells())-shift)
	}
	out := &grouping{from: from, own: first.equality() && from == 0 && to == int(first.column.Area().Cells())}
	var before []int32 // nil where all are of one group, number 0
	for i := range l.parts {
		p := &l.parts[i]
		s := step{cols: 2}
		var numbers []int32
		if p.equality() {
			x := p.column.Index(l.src)
			s.cols, numbers = x.Groups(), x.Each()[from+p.at-first.at:][:to-from]
			if i == 0 && out.own {
				s.Index = x
			}
		} else {
			numbers = search.Ints.Zeros(to - from)
			met := p.met(l)
			for j := range numbers {
				if met(from + j - first.at) {
					numbers[j] = 1
				}
			}
		}
		if s.Index == nil {
			s.Index = s.index(before, numbers)
		}
		if !p.equality() {
			search.Ints.Give(numbers)
		}
		out.steps = append(out.steps, s)
		before = s.Each()
	}
	return out
}

// index makes the index of a step from the groups so far, none of which are given where there is but one, and the numbers of the next column.
func (s *step) index(before, numbers []int32) *search.Index {
	var keys [512]uint64
	return search.IndexOf(len(numbers), func(f func(at int, keys []uint64)) {
		for at := 0; at < len(numbers); at += len(keys) {
			part := numbers[at:min(at+len(keys), len(numbers))]
			if before == nil {
				for j, number := range part {
					keys[j] = s.key(0, number)
				}
			} else {
				for j, group := range before[at:][:len(part)] {
					keys[j] = s.key(group, part[j])
				}
			}
			f(at, keys[:len(part)])
		}
	})
}

// totalsKey names totals of values by group: of all of each group, or up to each of its positions.
type totalsKey struct {
	of       Total
	running  bool
	grouping string
	first    cell.Area
	values   cell.Area
	shift    int // from a position of the grouping to one of the column of values
}

// totalOf puts the values of the places of one group to a total. Where they begin with the first of the group, and the
// total with nothing, what is kept of the group says it at once.
func (l *line) totalOf(of Total, total cell.Box, f found) cell.Box {
	if f.group < 0 {
		return total
	}
	c, at := search.ColumnOf(l.src, l.values)
	if x := f.index(); c.Warm() && (total == 0 || cell.BoxKind(total) == cell.Empty) {
		if x.Whole(f.group, f.lo, f.hi) {
			return l.totals(of, &f.grouped, c, at)[f.group]
		}
		list := f.positions()
		if len(list) == 0 {
			return total
		}
		if start := x.Start(f.group); list[0] == x.All()[start] {
			return l.runningTotals(of, &f.grouped, c, at)[start+len(list)-1]
		}
	}
	value := l.valueAt()
	for _, i := range f.positions() {
		total = of.add(total, value(int(i)-f.at))
	}
	return total
}

// totals returns the total of each group over all of its positions. The line's first place has position at in the column of values.
func (l *line) totals(of Total, g *grouped, c *search.Column, at int) []cell.Box {
	return l.kept(of, false, g, c, at, func() []cell.Box {
		shift, x := at-g.at, g.index()
		out := search.Boxes.Zeros(x.Groups())
		if start := of.start(); start != 0 {
			for i := range out {
				out[i] = start
			}
		}
		groups := x.Each()
		l.src.Boxes(c.Area(), func(row, col int32, run []cell.Box) bool {
			i := int(row-c.Area().R0) + int(col-c.Area().C0) - shift
			if i < 0 {
				run = run[min(-i, len(run)):]
				i = 0
			}
			if i < len(groups) {
				of.addEach(out, groups[i:], run)
			}
			return true
		})
		return out
	})
}

// runningTotals returns the total of each group up to each of its positions, in the order of [search.Index.All].
func (l *line) runningTotals(of Total, g *grouped, c *search.Column, at int) []cell.Box {
	return l.kept(of, true, g, c, at, func() []cell.Box {
		shift, x, boxes := at-g.at, g.index(), c.Boxes(l.src)
		all := x.All()
		out := search.Boxes.Take(len(all))
		for g := range int32(x.Groups()) {
			total := of.start()
			for i := x.Start(g); i < x.Start(g+1); i++ {
				if at := int(all[i]) + shift; at >= 0 && at < len(boxes) {
					total = of.add(total, boxes[at])
				}
				out[i] = total
			}
		}
		return out
	})
}

func (l *line) kept(of Total, running bool, g *grouped, c *search.Column, at int, build func() []cell.Box) []cell.Box {
	key := totalsKey{of, running, g.name, g.areas[0], c.Area(), at - g.at}
	areas := append(g.areas[:len(g.areas):len(g.areas)], c.Area())
	return l.src.Cached(key, areas, func() any { return &totals{build()} }).(*totals).list
}

// totals are totals by group or position.
type totals struct{ list []cell.Box }

// Recycle implements [search.Recycler].
func (t *totals) Recycle() { search.Boxes.Give(t.list) }
