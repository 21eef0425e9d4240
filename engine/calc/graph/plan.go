package graph

import (
	"slices"

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
// read that only their values tell is not in it.
func (d *Dirty) Plan() []Step {
	p := &planner{d: d, state: make(map[ID]*visit, len(d.cells))}
	for _, id := range d.IDs() {
		if p.state[id] == nil {
			p.walk(id)
		}
	}
	return p.steps
}

// planner finds strongly connected components (Tarjan, 1972), which come out in the order of evaluation.
type planner struct {
	d     *Dirty
	state map[ID]*visit
	stack []ID
	next  int32
	steps []Step
}

type visit struct {
	index, low int32
	on         bool
	reads      []ID // dirty nodes that it reads
	at         int
	self       bool
}

func (p *planner) enter(id ID) *visit {
	v := &visit{index: p.next, low: p.next, on: true}
	p.next++
	p.state[id] = v
	p.stack = append(p.stack, id)
	v.reads = p.d.precedents(id)
	v.self = slices.Contains(v.reads, id)
	return v
}

// walk is Tarjan's algorithm without recursion: chains of formulas are long.
func (p *planner) walk(root ID) {
	type frame struct {
		id ID
		v  *visit
	}
	frames := []frame{{root, p.enter(root)}}
	for len(frames) > 0 {
		f := &frames[len(frames)-1]
		if f.v.at < len(f.v.reads) {
			m := f.v.reads[f.v.at]
			f.v.at++
			switch seen := p.state[m]; {
			case seen == nil:
				frames = append(frames, frame{m, p.enter(m)})
			case seen.on:
				f.v.low = min(f.v.low, seen.index)
			}
			continue
		}
		if f.v.low == f.v.index {
			i := len(p.stack) - 1
			for p.stack[i] != f.id {
				i--
			}
			nodes := slices.Clone(p.stack[i:])
			p.stack = p.stack[:i]
			for _, id := range nodes {
				p.state[id].on = false
			}
			p.emit(nodes, f.v.self)
		}
		low := f.v.low
		frames = frames[:len(frames)-1]
		if len(frames) > 0 {
			up := frames[len(frames)-1].v
			up.low = min(up.low, low)
		}
	}
}

func (p *planner) emit(nodes []ID, self bool) {
	if len(nodes) == 1 && !self {
		p.steps = append(p.steps, Step{Nodes: nodes})
		return
	}
	slices.Sort(nodes)
	for _, wave := range []Wave{Down, Right, Up, Left} {
		if order, ok := p.d.order(nodes, wave); ok {
			p.steps = append(p.steps, Step{order, wave})
			return
		}
	}
	p.steps = append(p.steps, Step{nodes, Tangled})
}

// precedents returns the dirty nodes whose dirty cells are read by dirty cells of a node.
func (d *Dirty) precedents(id ID) []ID {
	n := d.g.Node(id)
	var out []ID
	for _, a := range d.cells[id].list {
		for k := range n.Reads {
			r := &n.Reads[k]
			at := footprint(r, a)
			if at.r0 > at.r1 || at.c0 > at.c1 {
				continue
			}
			first, last := sheetsOf(r, a.Sheet)
			for s := first; s <= last; s++ {
				d.g.sheets[s].fills.find(at, func(m int32) bool {
					if d.touched(ID(m), at) {
						out = append(out, ID(m))
					}
					return true
				})
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// touched reports whether dirty cells of a node lie in the rectangle.
func (d *Dirty) touched(id ID, at rect) bool {
	r := d.cells[id]
	if r == nil {
		return false
	}
	n := d.g.Node(id)
	if n.Whole {
		return true
	}
	for _, a := range r.list {
		if rectOf(a).meets(at) {
			return true
		}
	}
	return false
}

// order says in which order nodes that read each other can be computed row by row or column by column, and false where they
// cannot: no cell may read a later line, and in one line nodes must not read each other in a circle.
func (d *Dirty) order(nodes []ID, wave Wave) ([]ID, bool) {
	sameLine := map[ID][]ID{}
	for _, id := range nodes {
		n := d.g.Node(id)
		if n.Whole {
			return nil, false
		}
		for k := range n.Reads {
			r := &n.Reads[k]
			for _, m := range nodes {
				other := d.g.Node(m)
				first, last := sheetsOf(r, n.Area.Sheet)
				if other.Area.Sheet < first || other.Area.Sheet > last || !footprint(r, n.Area).meets(rectOf(other.Area)) {
					continue
				}
				line, ok := lag(r, n.Area, other.Area, wave)
				if !ok {
					return nil, false
				}
				if !line {
					continue
				}
				if m == id {
					if !inLine(r, n.Area, wave) {
						return nil, false
					}
					continue
				}
				sameLine[id] = append(sameLine[id], m)
			}
		}
	}
	return topological(nodes, sameLine)
}

// lag reports whether a node reads only earlier lines of another or its own line, and whether the latter.
func lag(r *eval.Ref, own, other cell.Area, wave Wave) (sameLine, ok bool) {
	x, y, own0, own1, other0, other1 := r.R0, r.R1, own.R0, own.R1, other.R0, other.R1
	if wave == Right || wave == Left {
		x, y, own0, own1, other0, other1 = r.C0, r.C1, own.C0, own.C1, other.C0, other.C1
	}
	// The distance between what is read and the own line is greatest at one of the ends, and at where the other begins and ends.
	for _, i := range []int32{own0, own1, clamp(other0, own0, own1), clamp(other1, own0, own1)} {
		low, high := min(x.At(i), y.At(i)), max(x.At(i), y.At(i))
		low, high = max(low, other0), min(high, other1)
		if low > high {
			continue
		}
		if wave == Up || wave == Left {
			high, i = -low, -i
		}
		if high > i {
			return false, false
		}
		if high == i {
			sameLine = true
		}
	}
	return sameLine, true
}

func clamp(i, low, high int32) int32 { return min(max(i, low), high) }

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
func topological(nodes []ID, reads map[ID][]ID) ([]ID, bool) {
	var out []ID
	state := map[ID]int8{}
	var visit func(ID) bool
	visit = func(id ID) bool {
		switch state[id] {
		case 1:
			return false
		case 2:
			return true
		}
		state[id] = 1
		for _, m := range reads[id] {
			if !visit(m) {
				return false
			}
		}
		state[id] = 2
		out = append(out, id)
		return true
	}
	for _, id := range nodes {
		if !visit(id) {
			return nil, false
		}
	}
	return out, true
}
