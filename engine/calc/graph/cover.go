package graph

import "math"

// cover is an index of rectangles that are all known from the start. It finds those that were not taken yet, each once, and the least
// number among those that were given one. Both pass over whole subtrees, so that a search pays for what it finds and not for all that it
// meets: formulas that each read all the others are as many edges as their square.
type cover struct {
	tree *rtree
	up   []int32 // the node above each node of the tree
	left []int32 // how many entries beneath each node are not taken
	low  []int32 // the least number beneath each node
	leaf []int32 // the node of each entry
	of   []int32 // the number of each entry
	out  []bool  // taken, by entry
	work int     // how many nodes of the tree searches have met: tests hold that it stays small
}

// noNumber is the number of an entry without one.
const noNumber = math.MaxInt32

// newCover returns an index of entries, whose ids must be 0 to len(entries)-1. It puts them in another order.
func newCover(entries []entry) *cover {
	c := &cover{tree: pack(entries), out: make([]bool, len(entries))}
	n, m := len(entries), len(c.tree.nodes)
	all := make([]int32, 2*n+3*m) // many sheets have one entry each
	c.leaf, c.of, all = all[:n:n], all[n:2*n:2*n], all[2*n:]
	c.up, c.left, c.low = all[:m:m], all[m:2*m:2*m], all[2*m:]
	for i := range c.of {
		c.of[i] = noNumber
	}
	// Nodes lie behind those beneath them.
	for at := range c.tree.nodes {
		r := &c.tree.nodes[at]
		c.up[at], c.low[at] = -1, noNumber
		for _, child := range r.child[:r.n] {
			if r.leaf {
				c.leaf[child] = int32(at)
				c.left[at]++
			} else {
				c.up[child] = int32(at)
				c.left[at] += c.left[child]
			}
		}
	}
	return c
}

// take takes an entry.
func (c *cover) take(id int32) {
	c.out[id] = true
	for at := c.leaf[id]; at >= 0; at = c.up[at] {
		c.left[at]--
	}
}

// next returns an entry that meets a and is not taken, and false where there is none.
func (c *cover) next(a rect) (int32, bool) {
	if len(c.left) == 0 {
		return 0, false
	}
	return c.nextIn(c.tree.root, a)
}

func (c *cover) nextIn(at int32, a rect) (int32, bool) {
	if c.left[at] == 0 {
		return 0, false
	}
	c.work++
	n := &c.tree.nodes[at]
	for i := range n.n {
		child := n.child[i]
		switch {
		case !n.boxes[i].meets(a):
		case !n.leaf:
			if id, ok := c.nextIn(child, a); ok {
				return id, true
			}
		case !c.out[child]:
			return child, true
		}
	}
	return 0, false
}

// number gives an entry a number, which is greater than all that others have.
func (c *cover) number(id, number int32) {
	c.of[id] = number
	for at := c.leaf[id]; at >= 0 && c.low[at] == noNumber; at = c.up[at] {
		c.low[at] = number
	}
}

// forget takes the number of an entry away.
func (c *cover) forget(id int32) {
	old := c.of[id]
	c.of[id] = noNumber
	for at := c.leaf[id]; at >= 0 && c.low[at] == old; at = c.up[at] {
		n := &c.tree.nodes[at]
		low := int32(noNumber)
		for _, child := range n.child[:n.n] {
			if n.leaf {
				low = min(low, c.of[child])
			} else {
				low = min(low, c.low[child])
			}
		}
		if low == old {
			return
		}
		c.low[at] = low
	}
}

// least returns the least number of the entries that meet a, or most where none is less.
func (c *cover) least(a rect, most int32) int32 {
	if len(c.low) == 0 {
		return most
	}
	return c.leastIn(c.tree.root, a, most)
}

func (c *cover) leastIn(at int32, a rect, most int32) int32 {
	if c.low[at] >= most {
		return most
	}
	c.work++
	n := &c.tree.nodes[at]
	for i := range n.n {
		child := n.child[i]
		switch {
		case !n.boxes[i].meets(a):
		case n.leaf:
			most = min(most, c.of[child])
		case a.covers(n.boxes[i]):
			most = min(most, c.low[child])
		default:
			most = c.leastIn(child, a, most)
		}
	}
	return most
}

// remains is the entries of a tree which a walk over it has not done with.
type remains struct {
	tree *rtree
	left []int32 // how many are beneath each node of the tree
	gone []bool  // by entry
}

// remaining returns all entries of a tree, whose ids are less than ids.
func (t *rtree) remaining(ids int) *remains {
	r := &remains{t, make([]int32, len(t.nodes)), make([]bool, ids)}
	if t.count > 0 {
		r.count(t.root)
	}
	return r
}

func (r *remains) count(at int32) int32 {
	n := &r.tree.nodes[at]
	r.left[at] = n.n
	if !n.leaf {
		r.left[at] = 0
		for _, child := range n.child[:n.n] {
			r.left[at] += r.count(child)
		}
	}
	return r.left[at]
}

// find calls f for the remaining entries that meet a. Those of which it returns true remain no longer.
func (r *remains) find(a rect, f func(id int32) bool) {
	if r.tree.count > 0 {
		r.findIn(r.tree.root, a, f)
	}
}

// findIn returns how many entries beneath a node remain no longer.
func (r *remains) findIn(at int32, a rect, f func(id int32) bool) int32 {
	if r.left[at] == 0 {
		return 0
	}
	n := &r.tree.nodes[at]
	less := int32(0)
	for i := range n.n {
		child := n.child[i]
		switch {
		case !n.boxes[i].meets(a):
		case !n.leaf:
			less += r.findIn(child, a, f)
		case !r.gone[child] && f(child):
			r.gone[child] = true
			less++
		}
	}
	r.left[at] -= less
	return less
}
