package graph

import (
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// rect is an area without its sheet.
type rect struct{ r0, c0, r1, c1 int32 }

func rectOf(a cell.Area) rect { return rect{a.R0, a.C0, a.R1, a.C1} }

func (a rect) meets(b rect) bool {
	return a.r0 <= b.r1 && b.r0 <= a.r1 && a.c0 <= b.c1 && b.c0 <= a.c1
}

func (a rect) covers(b rect) bool {
	return a.r0 <= b.r0 && a.c0 <= b.c0 && a.r1 >= b.r1 && a.c1 >= b.c1
}

func (a rect) union(b rect) rect {
	return rect{min(a.r0, b.r0), min(a.c0, b.c0), max(a.r1, b.r1), max(a.c1, b.c1)}
}

func (a rect) size() float64 { return (float64(a.r1-a.r0) + 1) * (float64(a.c1-a.c0) + 1) }

// rtree finds the rectangles that meet another one (Guttman, R-trees, 1984). It holds numbers, several of which may have the
// same rectangle. Most of it is packed at once from a list; what comes later is inserted by least enlargement. The zero tree is empty.
type rtree struct {
	nodes []rnode
	root  int32
	count int
}

const fanout = 16

type rnode struct {
	n     int32
	leaf  bool
	boxes [fanout]rect
	child [fanout]int32 // nodes, or in a leaf what was put in
}

type entry struct {
	at rect
	id int32
}

// pack makes the tree anew from its entries (Leutenegger et al., sort-tile-recursive, 1997).
func pack(entries []entry) *rtree {
	t := &rtree{count: len(entries)}
	if len(entries) == 0 {
		return t
	}
	level := entries
	leaf := true
	for {
		level = t.packLevel(level, leaf)
		leaf = false
		if len(level) == 1 {
			t.root = level[0].id
			return t
		}
	}
}

func (t *rtree) packLevel(entries []entry, leaf bool) []entry {
	// Slices by column first: sheets are mostly long and narrow.
	slices.SortFunc(entries, func(a, b entry) int {
		if d := int(a.at.c0+a.at.c1) - int(b.at.c0+b.at.c1); d != 0 {
			return d
		}
		return int(a.at.r0+a.at.r1) - int(b.at.r0+b.at.r1)
	})
	pages := (len(entries) + fanout - 1) / fanout
	strip := 1
	for strip*strip < pages {
		strip++
	}
	strip *= fanout
	up := make([]entry, 0, pages)
	for i := 0; i < len(entries); i += strip {
		part := entries[i:min(i+strip, len(entries))]
		slices.SortFunc(part, func(a, b entry) int { return int(a.at.r0+a.at.r1) - int(b.at.r0+b.at.r1) })
		for j := 0; j < len(part); j += fanout {
			page := part[j:min(j+fanout, len(part))]
			n := rnode{n: int32(len(page)), leaf: leaf}
			all := page[0].at
			for k, e := range page {
				n.boxes[k], n.child[k] = e.at, e.id
				all = all.union(e.at)
			}
			t.nodes = append(t.nodes, n)
			up = append(up, entry{all, int32(len(t.nodes) - 1)})
		}
	}
	return up
}

// find calls f for all entries that meet a, until it returns false.
func (t *rtree) find(a rect, f func(id int32) bool) {
	if t.count > 0 {
		t.findIn(t.root, a, f)
	}
}

func (t *rtree) findIn(at int32, a rect, f func(id int32) bool) bool {
	n := &t.nodes[at]
	for i := range n.n {
		if !n.boxes[i].meets(a) {
			continue
		}
		if n.leaf {
			if !f(n.child[i]) {
				return false
			}
		} else if !t.findIn(n.child[i], a, f) {
			return false
		}
	}
	return true
}

// insert puts in an entry.
func (t *rtree) insert(a rect, id int32) {
	t.count++
	if len(t.nodes) == 0 {
		t.nodes = append(t.nodes, rnode{leaf: true})
		t.root = 0
	}
	if split, ok := t.insertIn(t.root, a, id); ok {
		old := t.root
		n := rnode{n: 2}
		n.boxes[0], n.child[0] = t.bounds(old), old
		n.boxes[1], n.child[1] = t.bounds(split), split
		t.nodes = append(t.nodes, n)
		t.root = int32(len(t.nodes) - 1)
	}
}

func (t *rtree) bounds(at int32) rect {
	n := &t.nodes[at]
	all := n.boxes[0]
	for i := int32(1); i < n.n; i++ {
		all = all.union(n.boxes[i])
	}
	return all
}

// insertIn puts an entry under a node and returns the new node beside it where it had to be split.
func (t *rtree) insertIn(at int32, a rect, id int32) (int32, bool) {
	if t.nodes[at].leaf {
		return t.add(at, a, id)
	}
	n := &t.nodes[at]
	best, least, size := int32(0), 0.0, 0.0
	for i := range n.n {
		own := n.boxes[i].size()
		grow := n.boxes[i].union(a).size() - own
		if i == 0 || grow < least || grow == least && own < size {
			best, least, size = i, grow, own
		}
	}
	child := n.child[best]
	split, ok := t.insertIn(child, a, id)
	t.nodes[at].boxes[best] = t.bounds(child)
	if !ok {
		return 0, false
	}
	return t.add(at, t.bounds(split), split)
}

// add puts an entry into a node, which is split where it is full: sorted along the longer side, half to each.
func (t *rtree) add(at int32, a rect, id int32) (int32, bool) {
	n := &t.nodes[at]
	if n.n < fanout {
		n.boxes[n.n], n.child[n.n] = a, id
		n.n++
		return 0, false
	}
	entries := make([]entry, 0, fanout+1)
	all := a
	for i := range fanout {
		entries = append(entries, entry{n.boxes[i], n.child[i]})
		all = all.union(n.boxes[i])
	}
	entries = append(entries, entry{a, id})
	byRow := all.r1-all.r0 >= all.c1-all.c0
	slices.SortFunc(entries, func(a, b entry) int {
		if byRow {
			return int(a.at.r0+a.at.r1) - int(b.at.r0+b.at.r1)
		}
		return int(a.at.c0+a.at.c1) - int(b.at.c0+b.at.c1)
	})
	half := len(entries) / 2
	other := rnode{leaf: n.leaf}
	n.n = 0
	for i, e := range entries {
		into := n
		if i >= half {
			into = &other
		}
		into.boxes[into.n], into.child[into.n] = e.at, e.id
		into.n++
	}
	t.nodes = append(t.nodes, other)
	return int32(len(t.nodes) - 1), true
}

// remove takes out an entry that was put in with this rectangle, and reports whether it was there. Rectangles of nodes above
// are not made smaller, which costs time and never an answer.
func (t *rtree) remove(a rect, id int32) bool {
	if t.count == 0 || !t.removeIn(t.root, a, id) {
		return false
	}
	t.count--
	return true
}

func (t *rtree) removeIn(at int32, a rect, id int32) bool {
	n := &t.nodes[at]
	for i := range n.n {
		if n.leaf {
			if n.child[i] == id && n.boxes[i] == a {
				n.n--
				n.boxes[i], n.child[i] = n.boxes[n.n], n.child[n.n]
				return true
			}
		} else if b := n.boxes[i]; b.covers(a) && t.removeIn(n.child[i], a, id) {
			// An empty child meets nothing and stays, to be filled again.
			return true
		}
	}
	return false
}

// bytes returns how much memory the tree takes.
func (t *rtree) bytes() int64 { return int64(cap(t.nodes)) * (fanout*20 + 8) }
