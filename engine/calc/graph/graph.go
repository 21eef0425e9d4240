package graph

import (
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
)

// ID names a node. Numbers of removed nodes are given again.
type ID int32

// Node is a rectangle of cells with one formula.
type Node struct {
	Area cell.Area
	// Reads are the references of the formula; nodes of one formula share them.
	Reads []eval.Ref
	// Whole nodes are computed as one: all cells if any (array formulas).
	Whole bool
	// Formula is the caller's own number of the formula.
	Formula int32
	// extent is what the node fills beyond Area: the spilled part of a dynamic array, with Area in it.
	extent cell.Area
	dead   bool
}

// Extent returns the cells whose values come from the node: its area, or what it has spilled over.
func (n *Node) Extent() cell.Area { return n.extent }

// SetExtent says over which cells the node has spilled before it is given to [Graph.Load].
func (n *Node) SetExtent(a cell.Area) { n.extent = a }

// Graph is the nodes of a workbook. It is not for use by several goroutines while it changes.
type Graph struct {
	nodes  []Node
	free   []ID
	sheets []sheet
	// removed and added are told of every change but that of Load.
	removed, added func(ID)
}

// sheet has the two indexes of a sheet: nodes by the cells they fill, and references by the cells they read.
type sheet struct {
	fills *rtree // of nodes
	reads *rtree // of edges
	edges []edge
	free  []int32
}

// edge is one reference of one node, on one sheet.
type edge struct {
	node ID
	ref  int32
	at   rect
}

// New returns a graph over a number of sheets.
func New(sheets int) *Graph {
	g := &Graph{sheets: make([]sheet, sheets)}
	for i := range g.sheets {
		g.sheets[i] = sheet{fills: &rtree{}, reads: &rtree{}}
	}
	return g
}

// Watch has functions called for every node just before it is taken out and just after it is put in, by whatever method.
func (g *Graph) Watch(removed, added func(ID)) { g.removed, g.added = removed, added }

// Node returns a node. The pointer is valid until the next change of the graph.
func (g *Graph) Node(id ID) *Node { return &g.nodes[id] }

// Len returns how many nodes there are.
func (g *Graph) Len() int { return len(g.nodes) - len(g.free) }

// All calls f for every node.
func (g *Graph) All(f func(id ID, n *Node) bool) {
	for i := range g.nodes {
		if !g.nodes[i].dead && !f(ID(i), &g.nodes[i]) {
			return
		}
	}
}

// Bytes returns how much memory nodes, edges and indexes take.
func (g *Graph) Bytes() int64 {
	n := int64(cap(g.nodes)) * 88
	for i := range g.sheets {
		s := &g.sheets[i]
		n += s.fills.bytes() + s.reads.bytes() + int64(cap(s.edges))*28
	}
	return n
}

// footprint is the cells that all cells of an area read through a reference on one sheet, within the sheet.
func footprint(r *eval.Ref, a cell.Area) rect {
	at := rect{
		min(r.R0.At(a.R0), r.R0.At(a.R1), r.R1.At(a.R0), r.R1.At(a.R1)),
		min(r.C0.At(a.C0), r.C0.At(a.C1), r.C1.At(a.C0), r.C1.At(a.C1)),
		max(r.R0.At(a.R0), r.R0.At(a.R1), r.R1.At(a.R0), r.R1.At(a.R1)),
		max(r.C0.At(a.C0), r.C0.At(a.C1), r.C1.At(a.C0), r.C1.At(a.C1)),
	}
	return rect{max(at.r0, 0), max(at.c0, 0), min(at.r1, cell.MaxRows-1), min(at.c1, cell.MaxCols-1)}
}

// sheetsOf returns the sheets of a reference of a node on sheet own.
func sheetsOf(r *eval.Ref, own int32) (first, last int32) {
	if r.First < 0 {
		return own, own
	}
	return r.First, r.Last
}

// Load puts many nodes in at once, which makes better indexes than adding them one by one. It is for an empty graph.
func (g *Graph) Load(nodes []Node) {
	g.nodes = nodes
	fills := make([][]entry, len(g.sheets))
	reads := make([][]entry, len(g.sheets))
	for i := range g.nodes {
		n := &g.nodes[i]
		if !n.extent.Covers(n.Area) {
			n.extent = n.Area
		}
		fills[n.Area.Sheet] = append(fills[n.Area.Sheet], entry{rectOf(n.extent), int32(i)})
		for k := range n.Reads {
			r := &n.Reads[k]
			at := footprint(r, n.Area)
			if at.r0 > at.r1 || at.c0 > at.c1 {
				continue
			}
			first, last := sheetsOf(r, n.Area.Sheet)
			for s := first; s <= last; s++ {
				sh := &g.sheets[s]
				sh.edges = append(sh.edges, edge{ID(i), int32(k), at})
				reads[s] = append(reads[s], entry{at, int32(len(sh.edges) - 1)})
			}
		}
	}
	for i := range g.sheets {
		g.sheets[i].fills, g.sheets[i].reads = pack(fills[i]), pack(reads[i])
	}
}

// Add puts in a node, whose cells no other node fills, and returns its number.
func (g *Graph) Add(n Node) ID {
	n.extent = n.Area
	var id ID
	if last := len(g.free) - 1; last >= 0 {
		id = g.free[last]
		g.free = g.free[:last]
		g.nodes[id] = n
	} else {
		id = ID(len(g.nodes))
		g.nodes = append(g.nodes, n)
	}
	g.sheets[n.Area.Sheet].fills.insert(rectOf(n.Area), int32(id))
	for k := range n.Reads {
		r := &n.Reads[k]
		at := footprint(r, n.Area)
		if at.r0 > at.r1 || at.c0 > at.c1 {
			continue
		}
		first, last := sheetsOf(r, n.Area.Sheet)
		for s := first; s <= last; s++ {
			g.sheets[s].add(edge{id, int32(k), at})
		}
	}
	if g.added != nil {
		g.added(id)
	}
	return id
}

func (s *sheet) add(e edge) {
	i := int32(len(s.edges))
	if last := len(s.free) - 1; last >= 0 {
		i = s.free[last]
		s.free = s.free[:last]
		s.edges[i] = e
	} else {
		s.edges = append(s.edges, e)
	}
	s.reads.insert(e.at, i)
}

// Remove takes out a node.
func (g *Graph) Remove(id ID) {
	if g.removed != nil {
		g.removed(id)
	}
	n := &g.nodes[id]
	g.sheets[n.extent.Sheet].fills.remove(rectOf(n.extent), int32(id))
	for k := range n.Reads {
		r := &n.Reads[k]
		at := footprint(r, n.Area)
		first, last := sheetsOf(r, n.Area.Sheet)
		for s := first; s <= last; s++ {
			sh := &g.sheets[s]
			found := int32(-1)
			sh.reads.find(at, func(i int32) bool {
				if e := &sh.edges[i]; e.node == id && e.ref == int32(k) {
					found = i
				}
				return found < 0
			})
			if found >= 0 {
				sh.reads.remove(at, found)
				sh.free = append(sh.free, found)
			}
		}
	}
	*n = Node{dead: true}
	g.free = append(g.free, id)
}

// At returns the node that fills a cell, and false where no formula does.
func (g *Graph) At(sheet, row, col int32) (ID, bool) {
	found := ID(-1)
	g.sheets[sheet].fills.find(rect{row, col, row, col}, func(id int32) bool {
		found = ID(id)
		return false
	})
	return found, found >= 0
}

// In returns the nodes that fill cells of the area, by number.
func (g *Graph) In(a cell.Area) []ID {
	var out []ID
	g.sheets[a.Sheet].fills.find(rectOf(a), func(id int32) bool {
		out = append(out, ID(id))
		return true
	})
	slices.Sort(out)
	return out
}

// Readers returns the nodes some cells of which read cells of the area, by number.
func (g *Graph) Readers(a cell.Area) []ID {
	var out []ID
	s := &g.sheets[a.Sheet]
	s.reads.find(rectOf(a), func(i int32) bool {
		e := &s.edges[i]
		if _, ok := readers(&g.nodes[e.node].Reads[e.ref], &g.nodes[e.node], a); ok {
			out = append(out, e.node)
		}
		return true
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// Spread says over which cells a node's values are spread: those of a dynamic array. The area holds the node's own.
func (g *Graph) Spread(id ID, over cell.Area) {
	n := &g.nodes[id]
	fills := g.sheets[n.Area.Sheet].fills
	fills.remove(rectOf(n.extent), int32(id))
	n.extent = over
	fills.insert(rectOf(over), int32(id))
}

// Cut takes a cell out of its node, whose other cells become up to four new nodes. It reports whether there was one. A node
// that is computed as one goes as a whole.
func (g *Graph) Cut(sheet, row, col int32) bool {
	id, ok := g.At(sheet, row, col)
	if !ok {
		return false
	}
	n := g.nodes[id]
	g.Remove(id)
	if n.Whole {
		return true
	}
	a := n.Area
	for _, rest := range []cell.Area{
		{Sheet: sheet, R0: a.R0, C0: a.C0, R1: row - 1, C1: a.C1},
		{Sheet: sheet, R0: row + 1, C0: a.C0, R1: a.R1, C1: a.C1},
		{Sheet: sheet, R0: row, C0: a.C0, R1: row, C1: col - 1},
		{Sheet: sheet, R0: row, C0: col + 1, R1: row, C1: a.C1},
	} {
		if rest.R0 <= rest.R1 && rest.C0 <= rest.C1 {
			g.Add(Node{Area: rest, Reads: n.Reads, Formula: n.Formula})
		}
	}
	return true
}

// Put puts one formula into one cell, joining it to the nodes of the same formula above and below, or left and right. Whatever
// filled the cell before must have been cut.
func (g *Graph) Put(n Node) ID {
	a := n.Area
	if n.Whole || !a.Single() {
		return g.Add(n)
	}
	for _, beside := range [][2]int32{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
		row, col := a.R0+beside[0], a.C0+beside[1]
		if row < 0 || col < 0 {
			continue
		}
		id, ok := g.At(a.Sheet, row, col)
		if !ok {
			continue
		}
		other := g.nodes[id]
		if other.Formula != n.Formula || other.Whole || other.extent != other.Area {
			continue
		}
		// The union must be a rectangle of exactly these cells.
		all := other.Area.Union(n.Area)
		if all.Cells() != other.Area.Cells()+n.Area.Cells() {
			continue
		}
		g.Remove(id)
		n.Area = all
		// Both sides may be of one formula.
		if beside[1] == 0 && all.R1+1 < cell.MaxRows {
			if below, ok := g.At(a.Sheet, all.R1+1, all.C0); ok {
				if o := g.nodes[below]; o.Formula == n.Formula && !o.Whole && o.extent == o.Area && o.Area.C0 == all.C0 && o.Area.C1 == all.C1 && o.Area.R0 == all.R1+1 {
					g.Remove(below)
					n.Area = all.Union(o.Area)
				}
			}
		}
		return g.Add(n)
	}
	return g.Add(n)
}
