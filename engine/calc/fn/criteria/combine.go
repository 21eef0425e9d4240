package criteria

import (
	"encoding/binary"
	"math"
	"sync/atomic"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/search"
)

// groups is a grouping of places: an index, in which place 0 of the line has position at.
type groups struct {
	index *search.Index
	group int32
	at    int
	key   combinationKey // of what is kept of it
	areas []cell.Area
	one   bool // it is that of one column
}

// combinationKey names columns that are asked together: their areas and how the lines lie in them, relative to the first.
type combinationKey string

// combination is the index of the combinations of values in several columns. It is made when it is asked for a second
// time.
type combination struct {
	uses atomic.Int32
	made atomic.Pointer[combined]
}

type combined struct {
	steps []*search.Index // of the groups so far and the next column's group, the last one of all columns
	from  int             // position in the first column of position 0
}

// combined returns the places that meet all tests, if they are all equalities with one group each, as positions in a
// grouping of their combinations. It reports false where there is none.
func (l *line) combined() ([]int32, groups, bool) {
	g := groups{}
	for i := range l.parts {
		p := &l.parts[i]
		if !p.grouped {
			p.group(l)
		}
		if p.what == never || p.grouped && !p.not && len(p.groups) == 0 {
			return nil, g, true
		}
		if !p.grouped || p.not || len(p.groups) != 1 {
			return nil, g, false
		}
	}
	first := &l.parts[0]
	g.index, g.group, g.at = first.column.Index(l.src), first.groups[0], first.at
	g.areas = []cell.Area{first.column.Area()}
	if len(l.parts) == 1 {
		g.one = true
		g.key = combinationKey(appendArea(nil, first.column.Area()))
		list, _ := g.index.Positions(g.group, g.at, g.at+l.n)
		return list, g, true
	}
	var key []byte
	for i := range l.parts {
		p := &l.parts[i]
		key = appendArea(key, p.column.Area())
		key = binary.LittleEndian.AppendUint32(key, uint32(p.at-first.at))
		if i > 0 {
			g.areas = append(g.areas, p.column.Area())
		}
	}
	g.key = combinationKey(key)
	known := l.src.Cached(g.key, g.areas, func() any { return &combination{} }).(*combination)
	made := known.made.Load()
	if made == nil {
		if known.uses.Add(1) < 2 {
			return nil, g, false
		}
		made = l.combine()
		known.made.Store(made)
	}
	for i, x := range made.steps {
		g.group = x.Group(pair(g.group, l.parts[i+1].groups[0]))
		if g.group < 0 {
			return nil, g, true
		}
		g.index = x
	}
	g.at = first.at - made.from
	list, _ := g.index.Positions(g.group, g.at, g.at+l.n)
	return list, g, true
}

func pair(a, b int32) uint64 { return uint64(uint32(a))<<32 | uint64(uint32(b)) }

func appendArea(key []byte, a cell.Area) []byte {
	for _, n := range []int32{a.Sheet, a.R0, a.C0, a.R1, a.C1} {
		key = binary.LittleEndian.AppendUint32(key, uint32(n))
	}
	return key
}

// combine makes the index of combinations for all the places at which all columns are known.
func (l *line) combine() *combined {
	first := &l.parts[0]
	from, to := 0, math.MaxInt // positions in the first column
	for i := range l.parts {
		p := &l.parts[i]
		shift := p.at - first.at
		from, to = max(from, -shift), min(to, p.column.Index(l.src).Len()-shift)
	}
	out := &combined{from: from}
	x := first.column.Index(l.src)
	group := make([]int32, to-from)
	for i := range group {
		group[i] = x.At(from + i)
	}
	for i := range l.parts[1:] {
		p := &l.parts[i+1]
		y := p.column.Index(l.src)
		keys := make([]uint64, len(group))
		for j := range keys {
			keys[j] = pair(group[j], y.At(from+j+p.at-first.at))
		}
		z := search.NewIndex(keys)
		for j := range group {
			group[j] = z.At(j)
		}
		out.steps = append(out.steps, z)
	}
	return out
}

// totalsKey names the running totals of values by group.
type totalsKey struct {
	of     Total
	groups combinationKey
	one    bool
	values cell.Area
	shift  int // from a position of the grouping to one of the column of values
}

// totalOf puts the values of places of one group to a total. Where they begin with the first of the group, and the total
// with nothing, the running total of the group says it at once.
func (l *line) totalOf(of Total, total cell.Box, list []int32, g groups) cell.Box {
	if len(list) == 0 {
		return total
	}
	c, at := search.ColumnOf(l.src, l.values)
	start := g.index.Start(g.group)
	whole := list[0] == g.index.All()[start] && (total == 0 || cell.BoxKind(total) == cell.Empty)
	if !c.Warm() || !whole {
		value := l.valueAt()
		for _, i := range list {
			total = of.add(total, value(int(i)-g.at))
		}
		return total
	}
	key := totalsKey{of, g.key, g.one, c.Area(), at - g.at}
	running := l.src.Cached(key, append(g.areas[:len(g.areas):len(g.areas)], c.Area()), func() any {
		return runningTotals(of, g.index, c.Boxes(l.src), at-g.at)
	}).([]cell.Box)
	return running[start+len(list)-1]
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
