package syntax

import "math"

// Builder makes a tree. Lowerings open a node, add its children, and close it:
//
//	id := b.Open(syntax.Call, role, start, end)
//	b.SetStr(id, "where")
//	... children ...
//	b.Close()
//
// Children are appended in the order they are opened. Depth is bounded: beyond [MaxDepth] nested
// nodes Open returns None and everything below is dropped (Truncated tells), so hostile nesting can
// not exhaust the stack of later walks.
type Builder struct {
	t         Tree
	intern    map[string]uint32
	stack     []NodeID
	last      []NodeID // last child of each open node
	dropped   int
	Truncated bool
}

// MaxDepth bounds the nesting of a tree.
const MaxDepth = 400

// NewBuilder starts a tree for a file of source bytes.
func NewBuilder(lang string, src []byte) *Builder {
	b := &Builder{intern: map[string]uint32{"": 0}}
	b.t.Lang = lang
	b.t.Strings = []string{""}
	b.t.LineStarts = LineStarts(src)
	b.t.Nodes = make([]Node, 0, len(src)/16+8)
	end := uint32(math.MaxUint32)
	if uint64(len(src)) < math.MaxUint32 {
		end = uint32(len(src))
	}
	b.Open(File, RoleNone, 0, end)
	return b
}

// LineStarts returns the byte offset of each line.
func LineStarts(src []byte) []uint32 {
	out := make([]uint32, 1, len(src)/32+1)
	for i, c := range src {
		if c == '\n' {
			out = append(out, uint32(i)+1)
		}
	}
	return out
}

// Open adds a node under the open node and makes it the open one. It returns None beyond MaxDepth;
// Close must be called all the same.
func (b *Builder) Open(kind Kind, role Role, start, end uint32) NodeID {
	if b.dropped > 0 || len(b.stack) >= MaxDepth {
		b.dropped++
		b.Truncated = true
		return None
	}
	id := NodeID(len(b.t.Nodes))
	parent := None
	if n := len(b.stack); n > 0 {
		parent = b.stack[n-1]
		if prev := b.last[n-1]; prev >= 0 {
			b.t.Nodes[prev].Next = id
		} else {
			b.t.Nodes[parent].First = id
		}
		b.last[n-1] = id
	}
	b.t.Nodes = append(b.t.Nodes, Node{Kind: kind, Role: role, Start: start, End: end, Parent: parent, First: None, Next: None})
	b.stack = append(b.stack, id)
	b.last = append(b.last, None)
	return id
}

// Close ends the open node.
func (b *Builder) Close() {
	if b.dropped > 0 {
		b.dropped--
		return
	}
	b.stack = b.stack[:len(b.stack)-1]
	b.last = b.last[:len(b.last)-1]
}

// Leaf adds a node without children.
func (b *Builder) Leaf(kind Kind, role Role, str string, start, end uint32) NodeID {
	id := b.Open(kind, role, start, end)
	b.SetStr(id, str)
	b.Close()
	return id
}

// SetStr sets a node's string.
func (b *Builder) SetStr(id NodeID, s string) {
	if id >= 0 {
		b.t.Nodes[id].Str = b.Intern(s)
	}
}

// Intern returns the index of a string in the tree's table.
func (b *Builder) Intern(s string) uint32 {
	if i, ok := b.intern[s]; ok {
		return i
	}
	i := uint32(len(b.t.Strings))
	s = string(append([]byte(nil), s...)) // do not pin the source
	b.t.Strings = append(b.t.Strings, s)
	b.intern[s] = i
	return i
}

// AddFlags sets flags on a node.
func (b *Builder) AddFlags(id NodeID, f Flags) {
	if id >= 0 {
		b.t.Nodes[id].Flags |= f
	}
}

// SetRole changes a node's role.
func (b *Builder) SetRole(id NodeID, r Role) {
	if id >= 0 {
		b.t.Nodes[id].Role = r
	}
}

// AddError counts an error node of the parser covering n bytes.
func (b *Builder) AddError(n int) {
	b.t.Errors++
	b.t.ErrorBytes += n
}

// Finish closes what is open and returns the tree.
func (b *Builder) Finish() *Tree {
	b.dropped = 0
	b.stack, b.last = nil, nil
	if b.Truncated {
		b.t.Errors++
	}
	t := b.t
	return &t
}
