package syntax

import (
	"iter"
	"sort"
	"sync/atomic"
)

// A tree lies in the order in which its nodes were opened: parents before children, siblings in order.
// So everything below a node is the run of ids behind it, up to the end that after gives, and walks
// are loops over an array.

// after returns the first id behind everything below a node.
func (t *Tree) after(id NodeID) NodeID {
	for {
		n := &t.Nodes[id]
		if n.Next >= 0 {
			return n.Next
		}
		if n.Parent < 0 {
			return NodeID(len(t.Nodes))
		}
		id = n.Parent
	}
}

// Walk yields the node and everything below it, parents before children. Return false from visit to
// keep the walk out of a node's children.
func (r Ref) Walk(visit func(Ref) (descend bool)) {
	if r.T == nil {
		return
	}
	end := r.T.after(r.ID)
	for id := r.ID; id < end; {
		switch {
		case visit(Ref{r.T, id}):
			id++
		case r.T.Nodes[id].First < 0:
			id++
		default:
			id = r.T.after(id)
		}
	}
}

// Descendants yields the node and everything below it with one of the kinds, parents before children.
func (r Ref) Descendants(kinds ...Kind) iter.Seq[Ref] {
	var set kindSet
	for _, k := range kinds {
		set |= 1 << k
	}
	return func(yield func(Ref) bool) {
		if r.T == nil {
			return
		}
		end := r.T.after(r.ID)
		if end-r.ID > indexedFrom && len(kinds) <= maxMerged {
			r.T.merged(r.ID, end, kinds, yield)
			return
		}
		for id := r.ID; id < end; id++ {
			if set>>r.T.Nodes[id].Kind&1 != 0 && !yield(Ref{r.T, id}) {
				return
			}
		}
	}
}

type kindSet uint64

const (
	// indexedFrom is the number of nodes from which looking kinds up is cheaper than passing over the
	// nodes of all others.
	indexedFrom = 128
	maxMerged   = 6
)

// merged yields the nodes of some kinds with ids from up to end, in their order.
func (t *Tree) merged(from, end NodeID, kinds []Kind, yield func(Ref) bool) {
	var lists [maxMerged][]NodeID
	n := 0
	for i, k := range kinds {
		if seen(kinds[:i], k) {
			continue
		}
		list := t.ofKind(k)
		lo := sort.Search(len(list), func(i int) bool { return list[i] >= from })
		hi := lo + sort.Search(len(list)-lo, func(i int) bool { return list[lo+i] >= end })
		if lo < hi {
			lists[n] = list[lo:hi]
			n++
		}
	}
	for n > 0 {
		first := 0
		for i := 1; i < n; i++ {
			if lists[i][0] < lists[first][0] {
				first = i
			}
		}
		id := lists[first][0]
		if lists[first] = lists[first][1:]; len(lists[first]) == 0 {
			n--
			lists[first] = lists[n]
		}
		if !yield(Ref{t, id}) {
			return
		}
	}
}

func seen(kinds []Kind, k Kind) bool {
	for _, x := range kinds {
		if x == k {
			return true
		}
	}
	return false
}

// byKind holds the ids of the nodes of each kind that was asked for, in order. Rules by the dozen ask
// a tree for its calls; the first makes the list.
type byKind [Other + 1]atomic.Pointer[[]NodeID]

func (t *Tree) ofKind(k Kind) []NodeID {
	if k > Other {
		return nil
	}
	if list := t.kinds[k].Load(); list != nil {
		return *list
	}
	n := 0
	for i := range t.Nodes {
		if t.Nodes[i].Kind == k {
			n++
		}
	}
	list := make([]NodeID, 0, n)
	for i := range t.Nodes {
		if t.Nodes[i].Kind == k {
			list = append(list, NodeID(i))
		}
	}
	t.kinds[k].Store(&list) // another goroutine may have made the same list
	return list
}
