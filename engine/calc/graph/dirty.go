package graph

import (
	"cmp"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

// Dirty is cells that are to be computed again, by node. What reads a change is looked for when somebody asks, so that many edits side by
// side cost one search.
type Dirty struct {
	cells []*rects    // by node, nil for none
	ids   []ID        // the nodes with dirty cells, among others that had some
	n     int         // how many nodes have dirty cells
	work  []cell.Area // changes whose readers are not dirty yet
	g     *Graph
}

// rects is a few rectangles that cover the dirty cells of a node, and perhaps others: never too few.
type rects struct {
	list  []cell.Area
	one   [1]cell.Area // where list begins
	grown int
}

const (
	// maxRects bounds the rectangles of one node; beyond it they become one.
	maxRects = 64
	// maxGrown is how often a node may become dirtier before each time at least doubles its dirty cells: formulas that read each other's results
	// row after row would make it so one row at a time.
	maxGrown = 64
)

// add puts in an area, and reports whether that was new.
func (r *rects) add(a cell.Area) bool {
	for _, have := range r.list {
		if have.Covers(a) {
			return false
		}
	}
	r.grown++
	for i := 0; i < len(r.list); i++ {
		have := r.list[i]
		// Areas side by side become one, and so do those that the new one covers.
		if beside(have, a) || a.Covers(have) {
			a = a.Union(have)
			r.list = slices.Delete(r.list, i, i+1)
			i = -1
		}
	}
	r.list = append(r.list, a)
	if len(r.list) > maxRects {
		for _, have := range r.list {
			a = a.Union(have)
		}
		r.list = append(r.list[:0], a)
	}
	return true
}

// beyond returns an area with a and all that is dirty, and as much again in the directions in which a lies beyond that, as far as the node goes.
func (r *rects) beyond(a, node cell.Area) cell.Area {
	have := r.list[0]
	for _, more := range r.list {
		if more.Covers(a) {
			return a
		}
		have = have.Union(more)
	}
	all := have.Union(a)
	rows, cols := have.R1-have.R0+1, have.C1-have.C0+1
	if all.R0 < have.R0 {
		all.R0 = max(all.R0-rows, node.R0)
	}
	if all.R1 > have.R1 {
		all.R1 = min(all.R1+rows, node.R1)
	}
	if all.C0 < have.C0 {
		all.C0 = max(all.C0-cols, node.C0)
	}
	if all.C1 > have.C1 {
		all.C1 = min(all.C1+cols, node.C1)
	}
	return all
}

// NewDirty returns an empty set over a graph.
func (g *Graph) NewDirty() *Dirty { return &Dirty{g: g} }

// Empty reports whether nothing is to be computed.
func (d *Dirty) Empty() bool {
	d.flush()
	return d.n == 0
}

// Len returns the number of nodes with dirty cells.
func (d *Dirty) Len() int {
	d.flush()
	return d.n
}

// Of returns areas that cover the dirty cells of a node, in no order. What only reads a change is not among them before the next
// [Dirty.Empty], [Dirty.Len], [Dirty.IDs] or [Dirty.Plan].
func (d *Dirty) Of(id ID) []cell.Area {
	if r := d.rects(id); r != nil {
		return r.list
	}
	return nil
}

func (d *Dirty) rects(id ID) *rects {
	if int(id) < len(d.cells) {
		return d.cells[id]
	}
	return nil
}

// Done takes out a node.
func (d *Dirty) Done(id ID) {
	if d.rects(id) == nil {
		return
	}
	d.cells[id] = nil
	if d.n--; d.n == 0 {
		d.ids = d.ids[:0]
	}
}

// put gives a node that has none dirty cells.
func (d *Dirty) put(id ID, r *rects) {
	if int(id) >= len(d.cells) {
		d.cells = append(d.cells, make([]*rects, len(d.g.nodes)-len(d.cells))...)
	}
	d.cells[id] = r
	d.ids = append(d.ids, id)
	d.n++
}

// IDs returns the nodes with dirty cells, by number.
func (d *Dirty) IDs() []ID {
	d.flush()
	slices.Sort(d.ids)
	d.ids = slices.DeleteFunc(slices.Compact(d.ids), func(id ID) bool { return d.cells[id] == nil })
	return slices.Clone(d.ids)
}

// All makes every cell of the graph dirty.
func (d *Dirty) All() {
	d.work = d.work[:0]
	d.cells, d.ids, d.n = nil, d.ids[:0], 0
	all := make([]rects, d.g.Len())
	d.g.All(func(id ID, n *Node) bool {
		r := &all[d.n]
		r.list = append(r.one[:0], n.Area)
		d.put(id, r)
		return true
	})
}

// Node makes cells of a node dirty, and whatever reads them.
func (d *Dirty) Node(id ID, a cell.Area) {
	if a, ok := d.mark(id, a); ok {
		d.Changed(a)
	}
}

// Mark makes cells of a node dirty, and nothing else.
func (d *Dirty) Mark(id ID, a cell.Area) { d.mark(id, a) }

// Changed makes dirty whatever reads cells of the area, directly or through others.
func (d *Dirty) Changed(a cell.Area) {
	// Edits come mostly down a column or along rows.
	for n := len(d.work) - 1; n >= 0; n-- {
		have := d.work[n]
		if have.Covers(a) {
			return
		}
		if !beside(have, a) {
			break
		}
		a = a.Union(have)
		d.work = d.work[:n]
	}
	d.work = append(d.work, a)
}

// beside reports whether two areas together are a rectangle without other cells.
func beside(a, b cell.Area) bool {
	if a.Sheet != b.Sheet {
		return false
	}
	wide := a.C0 == b.C0 && a.C1 == b.C1 && a.R0 <= b.R1+1 && b.R0 <= a.R1+1
	tall := a.R0 == b.R0 && a.R1 == b.R1 && a.C0 <= b.C1+1 && b.C0 <= a.C1+1
	return wide || tall
}

// mark returns the cells whose values become others with those of the node, and false where they are all dirty already.
func (d *Dirty) mark(id ID, a cell.Area) (cell.Area, bool) {
	n := d.g.Node(id)
	if n.Whole {
		a = n.Area
	}
	r := d.rects(id)
	if r == nil {
		r = &rects{}
		r.list = r.one[:0]
		d.put(id, r)
	}
	if r.grown > maxGrown {
		a = r.beyond(a, n.Area)
	}
	if !r.add(a) {
		return a, false
	}
	if n.Whole {
		a = n.extent
	}
	return a, true
}

// flush makes dirty what reads the changes so far, and returns how many edges it has visited.
func (d *Dirty) flush() int {
	if len(d.work) == 0 {
		return 0
	}
	d.coalesce()
	f := spread{d: d}
	for len(d.work) > 0 {
		a := d.work[len(d.work)-1]
		d.work = d.work[:len(d.work)-1]
		f.from(a)
	}
	return f.visited
}

// coalesce joins changes side by side that came in another order.
func (d *Dirty) coalesce() {
	if len(d.work) < 3 {
		return
	}
	list := d.work
	slices.SortFunc(list, func(a, b cell.Area) int {
		return cmp.Or(cmp.Compare(a.Sheet, b.Sheet), cmp.Compare(a.C0, b.C0), cmp.Compare(a.C1, b.C1), cmp.Compare(a.R0, b.R0))
	})
	d.work = nil
	for _, a := range list {
		d.Changed(a)
	}
}

// spread looks for the readers of changes.
type spread struct {
	d       *Dirty
	visited int
	// left is, once many edges were visited, the edges of each sheet that may still make something dirty. A node all of whose cells are dirty needs
	// not be met again: formulas that each read all the others would be, for each of them.
	left []*remains
}

// fewVisited is how many edges are visited before it pays to count those that are left.
const fewVisited = 1 << 12

// from makes dirty what reads an area.
func (f *spread) from(a cell.Area) {
	s := &f.d.g.sheets[a.Sheet]
	if f.left == nil && f.visited > fewVisited && f.visited > len(f.d.g.nodes) {
		f.left = make([]*remains, len(f.d.g.sheets))
	}
	if f.left == nil {
		s.reads.find(rectOf(a), func(i int32) bool {
			f.edge(&s.edges[i], a)
			return true
		})
		return
	}
	if f.left[a.Sheet] == nil {
		f.left[a.Sheet] = s.reads.remaining(len(s.edges))
	}
	f.left[a.Sheet].find(rectOf(a), func(i int32) bool { return f.edge(&s.edges[i], a) })
}

// edge makes dirty what reads an area through an edge, and reports whether all cells of its node are dirty.
func (f *spread) edge(e *edge, a cell.Area) bool {
	f.visited++
	n := f.d.g.Node(e.node)
	if r := f.d.rects(e.node); r != nil && len(r.list) == 1 && r.list[0].Covers(n.Area) {
		return true
	}
	if of, ok := readers(&n.Reads[e.ref], n, a); ok {
		if of, ok := f.d.mark(e.node, of); ok {
			f.d.work = append(f.d.work, of)
		}
	}
	return false
}

// readers returns the cells of a node that read cells of the area through a reference, and false where none does. Where the
// node reads itself in one direction, what follows is in it too.
func readers(r *eval.Ref, n *Node, a cell.Area) (cell.Area, bool) {
	of := n.Area
	r0, r1 := reach(r.R0, r.R1, of.R0, of.R1, a.R0, a.R1)
	c0, c1 := reach(r.C0, r.C1, of.C0, of.C1, a.C0, a.C1)
	if r0 > r1 || c0 > c1 {
		return of, false
	}
	if n.Area.Sheet == a.Sheet && (r.First < 0 || r.First <= a.Sheet && a.Sheet <= r.Last) {
		if at := footprint(r, n.Area); at.meets(rectOf(n.Area)) {
			r0, r1 = onward(r.R0, r.R1, r0, r1, of.R0, of.R1)
			c0, c1 = onward(r.C0, r.C1, c0, c1, of.C0, of.C1)
		}
	}
	of.R0, of.C0, of.R1, of.C1 = r0, c0, r1, c1
	return of, true
}

// reach returns which indexes of own0..own1 read any of a0..a1 through the ends x and y.
func reach(x, y formula.Axis, own0, own1, a0, a1 int32) (int32, int32) {
	switch {
	case x.Fixed && y.Fixed:
		if min(x.N, y.N) <= a1 && a0 <= max(x.N, y.N) {
			return own0, own1
		}
		return 1, 0
	case !x.Fixed && !y.Fixed:
		return max(own0, a0-max(x.N, y.N)), min(own1, a1-min(x.N, y.N))
	}
	if x.Fixed {
		x, y = y, x
	}
	// x goes along and y stays; between them are the cells that are read, whichever comes first.
	switch fixed := y.N; {
	case a0 <= fixed && fixed <= a1:
		return own0, own1
	case a0 > fixed:
		return max(own0, a0-x.N), own1
	default: // a1 < fixed
		return own0, min(own1, a1-x.N)
	}
}

// onward extends indexes to the end of a node that reads its own results, in the direction in which it does.
func onward(x, y formula.Axis, i0, i1, own0, own1 int32) (int32, int32) {
	if x.Fixed && y.Fixed {
		return i0, i1
	}
	least, most := x.N, y.N
	if x.Fixed {
		least, most = y.N, y.N
	} else if y.Fixed {
		least, most = x.N, x.N
	} else if least > most {
		least, most = most, least
	}
	if least < 0 {
		i1 = own1
	}
	if most > 0 {
		i0 = own0
	}
	return i0, i1
}
