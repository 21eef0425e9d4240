// Package treesitter gives the lowerings a tree-sitter syntax tree as flat Go memory.
//
// The binding's own nodes cost one call into C, one allocation and one map entry each. Here the
// whole tree is copied with a single call, after which walking it is plain Go. Without cgo the
// package holds only the node types; no language can be parsed then, and the audit's coverage says so.
package treesitter

type flat struct {
	sym, field          uint16
	start, end          uint32
	parent, first, next int32
	flags               uint32
}

const (
	flagNamed   = 1
	flagMissing = 2
)

// Tree is one parsed file. It keeps a reference to the source.
type Tree struct {
	lang  *Language
	src   []byte
	nodes []flat
}

// Root returns the root node.
func (t *Tree) Root() Node {
	if len(t.nodes) == 0 {
		return Node{}
	}
	return Node{t, 0}
}

// Len returns the number of nodes.
func (t *Tree) Len() int { return len(t.nodes) }

// Errors returns the number of error and missing nodes and the bytes that error nodes cover.
func (t *Tree) Errors() (count, bytes int) {
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.sym == 0xFFFF {
			count++
			bytes += int(n.end - n.start)
		} else if n.flags&flagMissing != 0 {
			count++
		}
	}
	return count, bytes
}

// Node is a handle on one node. The zero Node is no node, and all its methods return zero values.
type Node struct {
	t  *Tree
	id int32
}

// Ok reports whether n is a node.
func (n Node) Ok() bool { return n.t != nil }

// ID returns the node's pre-order number.
func (n Node) ID() int32 { return n.id }

// Kind returns the grammar's name of the node ("call", "ERROR", "if").
func (n Node) Kind() string {
	if n.t == nil {
		return ""
	}
	return n.t.lang.kind(n.t.nodes[n.id].sym)
}

// Field returns the field name under which the node stands in its parent, or "".
func (n Node) Field() string {
	if n.t == nil {
		return ""
	}
	return n.t.lang.field(n.t.nodes[n.id].field)
}

// Named reports whether the grammar names the node (false for keywords and punctuation).
func (n Node) Named() bool { return n.t != nil && n.t.nodes[n.id].flags&flagNamed != 0 }

// Missing reports whether the parser invented the node to recover from an error.
func (n Node) Missing() bool { return n.t != nil && n.t.nodes[n.id].flags&flagMissing != 0 }

// Start returns the offset of the first byte.
func (n Node) Start() uint32 {
	if n.t == nil {
		return 0
	}
	return n.t.nodes[n.id].start
}

// End returns the offset behind the last byte.
func (n Node) End() uint32 {
	if n.t == nil {
		return 0
	}
	return n.t.nodes[n.id].end
}

// Text returns the node's source.
func (n Node) Text() string {
	if n.t == nil {
		return ""
	}
	f := &n.t.nodes[n.id]
	if int(f.end) > len(n.t.src) || f.start > f.end {
		return ""
	}
	return string(n.t.src[f.start:f.end])
}

// Parent returns the parent node.
func (n Node) Parent() Node {
	if n.t == nil || n.t.nodes[n.id].parent < 0 {
		return Node{}
	}
	return Node{n.t, n.t.nodes[n.id].parent}
}

// First returns the first child, named or not.
func (n Node) First() Node {
	if n.t == nil || n.t.nodes[n.id].first < 0 {
		return Node{}
	}
	return Node{n.t, n.t.nodes[n.id].first}
}

// Next returns the next sibling, named or not.
func (n Node) Next() Node {
	if n.t == nil || n.t.nodes[n.id].next < 0 {
		return Node{}
	}
	return Node{n.t, n.t.nodes[n.id].next}
}

// Child returns the first child under a field.
func (n Node) Child(field string) Node {
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Field() == field {
			return c
		}
	}
	return Node{}
}

// NamedChildren returns the named children.
func (n Node) NamedChildren() []Node {
	var out []Node
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Named() {
			out = append(out, c)
		}
	}
	return out
}

// FirstOf returns the first child of a kind.
func (n Node) FirstOf(kind string) Node {
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Kind() == kind {
			return c
		}
	}
	return Node{}
}
