package graph

import (
	"slices"
	"sort"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
)

// Wave is the order in which cells of nodes that read each other are computed.
type Wave uint8

const (
	// Free cells do not read each other: any order, also at the same time.
	Free Wave = iota
	// Down, Up: row by row, because what is read lies above (or below) or further left in Nodes.
	Down
	Up
	// Right, Left: column by column.
	Right
	Left
	// Tangled cells read each other in no order that the references tell: each is computed when it is needed.
	Tangled
)

// Step is nodes that are computed together, after those of the steps before.
type Step struct {
	Nodes []ID // in the order in which those of one row (or column) are computed
	Wave  Wave
}

// Plan puts the dirty nodes in order: each step reads only cells of steps before it, of itself, or that are not dirty. What formulas
// read that only their values tell is not in it. It takes time in proportion to the dirty nodes and the references of their formulas, however many
// nodes each reads.
func (d *Dirty) Plan() []Step {
	d.flush()
	p := newPlanner(d)
	p.plan()
	return p.steps
}

func (p *planner) plan() {
	for v := range p.ids {
		if p.index[v] == unseen {
			p.walk(int32(v))
		}
	}
}

// planner finds strongly connected components (Tarjan, 1972), which come out in the order of evaluation. Edges are not listed: what a node
// reads is asked of indexes of the dirty cells, for a node that was not seen yet, and for the first one that is on the stack.
type planner struct {
	d      *Dirty
	ids    []ID    // the dirty nodes; they are known by their place here
	index  []int32 // when each was seen first
	low    []int32
	first  []int32    // of the entries of each node; one more than there are nodes
	sheets []*planned // nil where nothing is dirty
	reads  []reading  // of the nodes under way
	stack  []int32
	seen   int32
	order  []ID // the nodes of all steps
	steps  []Step
}

// planned is the dirty cells of a sheet. Its entries are those of the nodes in their order.
type planned struct {
	cells *cover
	nodes []int32 // by entry
	list  []entry // until cells is made
}

// reading is cells that a node reads.
type reading struct {
	sheet int32
	at    rect
}

const unseen = -1

func newPlanner(d *Dirty) *planner {
	p := &planner{d: d, ids: d.IDs(), sheets: make([]*planned, len(d.g.sheets))}
	n := len(p.ids)
	p.index, p.low, p.first = make([]int32, n), make([]int32, n), make([]int32, n)
	p.order = make([]ID, 0, n)
	for v, id := range p.ids {
		p.index[v] = unseen
		node := d.g.Node(id)
		if p.sheets[node.Area.Sheet] == nil {
			p.sheets[node.Area.Sheet] = &planned{}
		}
		s := p.sheets[node.Area.Sheet]
		p.first[v] = int32(len(s.nodes))
		if node.Whole {
			s.list, s.nodes = append(s.list, entry{rectOf(node.extent), p.first[v]}), append(s.nodes, int32(v))
			continue
		}
		for _, a := range d.cells[id].list {
			s.list, s.nodes = append(s.list, entry{rectOf(a), int32(len(s.nodes))}), append(s.nodes, int32(v))
		}
	}
	for _, s := range p.sheets {
		if s != nil {
			s.cells, s.list = newCover(s.list), nil
		}
	}
	return p
}

// entries calls f with the entries of a node.
func (p *planner) entries(v int32, f func(c *cover, id int32)) {
	s := p.sheets[p.d.g.Node(p.ids[v]).Area.Sheet]
	for i := p.first[v]; int(i) < len(s.nodes) && s.nodes[i] == v; i++ {
		f(s.cells, i)
	}
}

func (p *planner) enter(v int32) {
	p.index[v], p.low[v] = p.seen, p.seen
	p.entries(v, func(c *cover, id int32) {
		c.take(id)
		c.number(id, p.seen)
	})
	p.seen++
	p.stack = append(p.stack, v)
	id := p.ids[v]
	n := p.d.g.Node(id)
	for _, a := range p.d.cells[id].list {
		for k := range n.Reads {
			r := &n.Reads[k]
			at := footprint(r, a)
			if at.r0 > at.r1 || at.c0 > at.c1 {
				continue
			}
			first, last := sheetsOf(r, a.Sheet)
			for s := first; s <= last; s++ {
				if p.sheets[s] != nil {
					p.reads = append(p.reads, reading{s, at})
				}
			}
		}
	}
}

// walk is Tarjan's algorithm without recursion: chains of formulas are long.
func (p *planner) walk(root int32) {
	type frame struct {
		v        int32
		from, at int // of its reads
	}
	p.enter(root)
	frames := []frame{{root, 0, 0}}
	for len(frames) > 0 {
		f := &frames[len(frames)-1]
		// What was seen meanwhile lies behind; the reads of a node end the list whenever it goes on.
		if f.at < len(p.reads) {
			r := &p.reads[f.at]
			s := p.sheets[r.sheet]
			id, ok := s.cells.next(r.at)
			if !ok {
				f.at++
				continue
			}
			m, from := s.nodes[id], len(p.reads)
			p.enter(m)
			frames = append(frames, frame{m, from, from})
			continue
		}
		v, low := f.v, p.low[f.v]
		for _, r := range p.reads[f.from:] {
			low = p.sheets[r.sheet].cells.least(r.at, low)
		}
		if low == p.index[v] {
			i := len(p.stack) - 1
			for p.stack[i] != v {
				i--
			}
			p.emit(p.stack[i:], p.reads[f.from:])
			p.stack = p.stack[:i]
		}
		p.reads = p.reads[:f.from]
		frames = frames[:len(frames)-1]
		if len(frames) > 0 {
			up := frames[len(frames)-1].v
			p.low[up] = min(p.low[up], low)
		}
	}
}

// emit makes a step of a component. Reads are those of its node, where it is one.
func (p *planner) emit(component []int32, reads []reading) {
	self := false
	if len(component) == 1 {
		// It reads no node before it that is on the stack, and only its own cells have its number.
		for _, r := range reads {
			self = self || p.sheets[r.sheet].cells.least(r.at, noNumber) == p.index[component[0]]
		}
	}
	from := len(p.order)
	for _, v := range component {
		p.order = append(p.order, p.ids[v])
		p.entries(v, func(c *cover, id int32) { c.forget(id) })
	}
	nodes := p.order[from:len(p.order):len(p.order)]
	if len(nodes) == 1 && !self {
		p.steps = append(p.steps, Step{Nodes: nodes})
		return
	}
	slices.Sort(nodes)
	c := p.d.g.component(nodes)
	for _, wave := range []Wave{Down, Right, Up, Left} {
		if order, ok := c.order(wave); ok {
			p.steps = append(p.steps, Step{order, wave})
			return
		}
	}
	p.steps = append(p.steps, Step{nodes, Tangled})
}

// component is nodes that read each other, with an index of their areas.
type component struct {
	g     *Graph
	nodes []ID
	on    map[int32]*rtree // by sheet, of places in nodes
}

func (g *Graph) component(nodes []ID) *component {
	list := map[int32][]entry{}
	for i, id := range nodes {
		a := g.Node(id).Area
		list[a.Sheet] = append(list[a.Sheet], entry{rectOf(a), int32(i)})
	}
	c := &component{g, nodes, map[int32]*rtree{}}
	for sheet, entries := range list {
		c.on[sheet] = pack(entries)
	}
	return c
}

// order says in which order the nodes can be computed row by row or column by column, and false where they cannot: no cell may read a later
// line, and in one line nodes must not read each other in a circle.
func (c *component) order(wave Wave) ([]ID, bool) {
	sameLine := make([][]int32, len(c.nodes))
	for i, id := range c.nodes {
		n := c.g.Node(id)
		if n.Whole {
			return nil, false
		}
		for k := range n.Reads {
			if !c.lags(int32(i), n, &n.Reads[k], wave, sameLine) {
				return nil, false
			}
		}
	}
	return topological(c.nodes, sameLine)
}

// lags reports whether a node reads through a reference only what comes before in the order of the wave, and notes which nodes it reads in its own line.
func (c *component) lags(i int32, n *Node, r *eval.Ref, wave Wave, sameLine [][]int32) bool {
	ok := true
	first, last := sheetsOf(r, n.Area.Sheet)
	read := func(m int32) bool {
		var line bool
		line, ok = lag(r, n.Area, c.g.Node(c.nodes[m]).Area, wave)
		switch {
		case !ok || !line:
		case m == i:
			ok = inLine(r, n.Area, wave)
		default:
			sameLine[i] = append(sameLine[i], m)
		}
		return ok
	}
	at := footprint(r, n.Area)
	for s := first; s <= last && ok; s++ {
		if t := c.on[s]; t != nil {
			t.find(at, read)
		}
	}
	return ok
}

// lag reports whether a node reads only earlier lines of another or its own line, and whether the latter.
func lag(r *eval.Ref, own, other cell.Area, wave Wave) (sameLine, ok bool) {
	x, y, own0, own1, other0, other1 := r.R0, r.R1, own.R0, own.R1, other.R0, other.R1
	if wave == Right || wave == Left {
		x, y, own0, own1, other0, other1 = r.C0, r.C1, own.C0, own.C1, other.C0, other.C1
	}
	low := func(i int32) int32 { return min(x.At(i), y.At(i)) }
	high := func(i int32) int32 { return max(x.At(i), y.At(i)) }
	n := int(own1 - own0 + 1)
	// Both ends stay or go along with the own line, so that what is read is furthest ahead of it in the first line that reads anything of the other
	// node, and furthest behind it in the last one.
	if wave == Down || wave == Right {
		i := own0 + int32(sort.Search(n, func(k int) bool { return high(own0+int32(k)) >= other0 }))
		if i > own1 || low(i) > other1 {
			return false, true
		}
		most := min(high(i), other1)
		return most == i, most <= i
	}
	i := own0 + int32(sort.Search(n, func(k int) bool { return low(own0+int32(k)) > other1 })) - 1
	if i < own0 || high(i) < other0 {
		return false, true
	}
	least := max(low(i), other0)
	return least == i, least >= i
}

// inLine reports whether a node that reads its own line reads only what comes before in it, which is left of it in a row and above it in a
// column.
func inLine(r *eval.Ref, own cell.Area, wave Wave) bool {
	x, y, own0, own1 := r.C0, r.C1, own.C0, own.C1
	if wave == Right || wave == Left {
		x, y, own0, own1 = r.R0, r.R1, own.R0, own.R1
	}
	for _, i := range []int32{own0, own1} {
		low, high := min(x.At(i), y.At(i)), max(x.At(i), y.At(i))
		if low <= own1 && high >= own0 && min(high, own1) >= i {
			return false
		}
	}
	return true
}

// topological orders nodes so that each comes after those that it reads in its line.
func topological(nodes []ID, reads [][]int32) ([]ID, bool) {
	out := make([]ID, 0, len(nodes))
	state := make([]int8, len(nodes))
	var visit func(int32) bool
	visit = func(i int32) bool {
		switch state[i] {
		case 1:
			return false
		case 2:
			return true
		}
		state[i] = 1
		for _, m := range reads[i] {
			if !visit(m) {
				return false
			}
		}
		state[i] = 2
		out = append(out, nodes[i])
		return true
	}
	for i := range nodes {
		if !visit(int32(i)) {
			return nil, false
		}
	}
	return out, true
}
