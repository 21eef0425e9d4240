package repair

import (
	"cmp"
	"slices"
	"strings"
)

// sorter walks the graph depth first, so that what a statement waits for is written before it. The walk
// has its own stack: a chain of rows may be as long as the table.
type sorter struct {
	plan  *Plan
	state []uint8 // of each node
	stack []frame
	order []node
}

type frame struct {
	node  node
	edges []edge
	next  int // the edge to follow
}

const (
	untouched uint8 = iota
	open            // on the stack
	finished
)

func newSorter(p *Plan) *sorter {
	return &sorter{plan: p, state: make([]uint8, 2*len(p.ops))}
}

// sort returns all statements in order: deletions first, of children before parents, and then the
// others, of parents before children, as far as the graph does not ask for another order. Operations
// that wait for themselves without a way out are marked as failed.
func (s *sorter) sort() []node {
	ops := make([]int32, len(s.plan.ops))
	for i := range ops {
		ops[i] = int32(i)
	}
	slices.SortStableFunc(ops, func(a, b int32) int {
		x, y := &s.plan.ops[a], &s.plan.ops[b]
		if (x.kind == Extra) != (y.kind == Extra) {
			if x.kind == Extra {
				return -1
			}
			return 1
		}
		rx, ry := s.plan.tables[x.table].rank, s.plan.tables[y.table].rank
		if x.kind == Extra {
			rx, ry = ry, rx
		}
		return cmp.Compare(rx, ry)
	})
	for _, i := range ops {
		s.visit(mainOf(i))
	}
	// What was parked for others may not have been asked for by anybody.
	for _, i := range ops {
		if s.plan.ops[i].parked != nil {
			s.visit(auxOf(i))
		}
	}
	return s.order
}

func (s *sorter) visit(n node) {
	if s.state[n] == untouched {
		s.push(n)
	}
	for len(s.stack) > 0 {
		top := &s.stack[len(s.stack)-1]
		if top.next == len(top.edges) {
			s.state[top.node] = finished
			s.order = append(s.order, top.node)
			s.stack = s.stack[:len(s.stack)-1]
			continue
		}
		to := top.edges[top.next].to
		top.next++
		switch s.state[to] {
		case untouched:
			s.push(to)
		case open:
			s.circle(to)
		}
	}
}

func (s *sorter) push(n node) {
	s.state[n] = open
	s.stack = append(s.stack, frame{node: n, edges: s.plan.prerequisites(n)})
}

// circle is called when the top of the stack waits for a node below it. It parks one operation of the
// circle and walks on from there with the new edges; if none can be parked, all of them fail.
func (s *sorter) circle(to node) {
	start := len(s.stack) - 1
	for s.stack[start].node != to {
		start--
	}
	frames := s.stack[start:]
	s.plan.objected = ""
	if s.park(frames) {
		s.unwind(start, untouched)
		s.push(to)
		return
	}
	reason := s.names(frames) + " wait for one another, and none of them has a column that can be set aside: nullable, or with room for a value that is nowhere else"
	if s.plan.objected != "" {
		reason += " (" + s.plan.objected + ")"
	}
	for _, f := range frames {
		if o := &s.plan.ops[f.node.op()]; o.failed == "" {
			o.failed = reason
		}
	}
	s.unwind(start, finished)
}

func (s *sorter) unwind(start int, state uint8) {
	for _, f := range s.stack[start:] {
		s.state[f.node] = state
	}
	s.stack = s.stack[:start]
}

// names lists the rows of a circle, the first few of them.
func (s *sorter) names(frames []frame) string {
	var names []string
	for _, f := range frames {
		name := s.plan.describe(f.node.op())
		if len(names) > 0 && names[len(names)-1] == name {
			continue
		}
		if len(names) == 4 {
			names = append(names, "and others")
			break
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// park looks for an edge of the circle that parking one of its ends takes away: NULL if some column can
// hold it, before any placeholder.
func (s *sorter) park(frames []frame) bool {
	for _, null := range []bool{true, false} {
		for _, f := range frames {
			e := f.edges[f.next-1]
			i, c := e.to.op(), e.want.constraint
			switch e.want.role {
			case own:
				continue
			case provides:
				if !null {
					continue // a placeholder refers to nothing
				}
				i, c = f.node.op(), e.want.mine
				if s.plan.ops[i].kind != Missing || f.node.aux() {
					continue
				}
			case releases:
				if !null {
					continue
				}
			case frees:
			}
			if e.want.role != provides && (e.to.aux() || s.plan.ops[i].kind == Missing) {
				continue
			}
			if s.plan.setAside(i, c, null) {
				return true
			}
		}
	}
	return false
}
