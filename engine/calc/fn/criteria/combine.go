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
	list  []int32 // positions in rising order; place i of the line has position i+at
	index *search.Index
	group int32
	at    int
	key   string // names the grouping for what is kept of it, with the areas
	areas []cell.Area
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

const (
	maxGroupings = 64
	patient      = 4
)

// familyKey names columns by their areas and how the lines lie in them, relative to the first.
type familyKey string

// grouping is an index by several columns: of each the group of its own index, or whether the condition is met.
type grouping struct {
	steps []*search.Index // of the group so far and the next column, the last one of all columns
	from  int             // position in the first column of position 0
	own   bool            // the first step is the index of the first column itself
}

// combined returns the places that meet all tests from a grouping, and false where none is known yet.
func (l *line) combined() (found, bool) {
	first := &l.parts[0]
	equalities := true
	for i := range l.parts {
		p := &l.parts[i]
		p.group(l)
		if p.what == never || p.grouped && !p.not && len(p.groups) == 0 {
			return found{}, true
		}
		equalities = equalities && p.equality()
	}
	if len(l.parts) == 1 && equalities {
		f := found{index: first.column.Index(l.src), group: first.groups[0], at: first.at, areas: []cell.Area{first.column.Area()}}
		f.list, _ = f.index.Positions(f.group, f.at, f.at+l.n)
		return f, true
	}
	var key []byte
	areas := make([]cell.Area, len(l.parts))
	for i := range l.parts {
		p := &l.parts[i]
		areas[i] = p.column.Area()
		key = appendArea(key, areas[i])
		key = binary.LittleEndian.AppendUint32(key, uint32(p.at-first.at))
	}
	all := l.src.Cached(familyKey(key), areas, func() any { return &family{known: map[string]*member{}} }).(*family)
	conditions := key[len(key):]
	for i := range l.parts {
		if p := &l.parts[i]; p.equality() {
			conditions = append(conditions, 0)
		} else {
			conditions = p.appendKey(conditions)
		}
	}
	g := all.find(string(conditions), l.grouping)
	if g == nil {
		return found{}, false
	}
	f := found{at: first.at - g.from, key: string(key) + string(conditions), areas: areas}
	for i, x := range g.steps {
		want := l.parts[i].wanted()
		if i == 0 && g.own {
			f.group = want
		} else {
			f.group = x.Group(pair(f.group, want)) // of nothing so far it is 0
		}
		if f.group < 0 {
			return found{}, true
		}
		f.index = x
	}
	f.list, _ = f.index.Positions(f.group, f.at, f.at+l.n)
	return f, true
}

// find returns the grouping of this name, which is made when it was asked for a few times, or nil.
func (a *family) find(name string, build func() *grouping) *grouping {
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
	made, due := m.made, m.uses > patient
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

// numbering returns numbers for places: the group of the column's index for an equality, else 1 where the test is met
// and 0 elsewhere. Places may lie before or behind those of the line.
func (p *part) numbering(l *line) func(i int) int32 {
	if p.equality() {
		x := p.column.Index(l.src)
		return func(i int) int32 { return x.At(p.at + i) }
	}
	met := p.met(l)
	return func(i int) int32 {
		if met(i) {
			return 1
		}
		return 0
	}
}

func pair(a, b int32) uint64 { return uint64(uint32(a))<<32 | uint64(uint32(b)) }

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
	keys := search.Keys(to - from)
	defer search.Free(keys)
	var before *search.Index
	for i := range l.parts {
		if i == 0 && out.own {
			before = first.column.Index(l.src)
			out.steps = append(out.steps, before)
			continue
		}
		number := l.parts[i].numbering(l)
		for j := range keys {
			group := int32(0)
			if before != nil {
				group = before.At(j)
			}
			keys[j] = pair(group, number(from+j-first.at))
		}
		before = search.NewIndex(keys)
		out.steps = append(out.steps, before)
	}
	return out
}

// totalsKey names the running totals of values by group.
type totalsKey struct {
	of       Total
	grouping string
	first    cell.Area
	values   cell.Area
	shift    int // from a position of the grouping to one of the column of values
}

// totalOf puts the values of the places of one group to a total. Where they begin with the first of the group, and the
// total with nothing, the running total of the group says it at once.
func (l *line) totalOf(of Total, total cell.Box, f found) cell.Box {
	if len(f.list) == 0 {
		return total
	}
	c, at := search.ColumnOf(l.src, l.values)
	start := f.index.Start(f.group)
	whole := f.list[0] == f.index.All()[start] && (total == 0 || cell.BoxKind(total) == cell.Empty)
	if !c.Warm() || !whole {
		value := l.valueAt()
		for _, i := range f.list {
			total = of.add(total, value(int(i)-f.at))
		}
		return total
	}
	key := totalsKey{of, f.key, f.areas[0], c.Area(), at - f.at}
	running := l.src.Cached(key, append(f.areas[:len(f.areas):len(f.areas)], c.Area()), func() any {
		return runningTotals(of, f.index, c.Boxes(l.src), at-f.at)
	}).([]cell.Box)
	return running[start+len(f.list)-1]
}

// runningTotals returns the total of each group up to each of its positions, in the order of [search.Index.All].
func runningTotals(of Total, x *search.Index, boxes []cell.Box, shift int) []cell.Box {
	all := x.All()
	out := make([]cell.Box, len(all))
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
}
