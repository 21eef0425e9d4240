package syntax

import (
	"math"
	"sync"
	"unsafe"
)

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
	*scratch
	t         *Tree
	dropped   int
	Truncated bool
}

// MaxDepth bounds the nesting of a tree.
const MaxDepth = 400

// scratch is what building a tree needs and the tree does not keep. It is used again for the next one.
type scratch struct {
	intern map[string]uint32
	text   []byte // of the interned strings; compact copies it
	nodes  []Node
	stack  []NodeID
	last   []NodeID // last child of each open node
}

var scratches = sync.Pool{New: func() any {
	return &scratch{intern: map[string]uint32{}, text: make([]byte, 0, 32<<10), nodes: make([]Node, 0, 8<<10)}
}}

// maxScratch is the number of nodes up to which scratch is kept: a giant file must not hold memory.
const maxScratch = 256 << 10

// NewBuilder starts a tree for a file of source bytes.
func NewBuilder(lang string, src []byte) *Builder {
	b := &Builder{t: &Tree{}, scratch: scratches.Get().(*scratch)}
	b.intern[""] = 0
	b.t.Lang = lang
	b.t.Strings = []string{""}
	b.t.LineStarts = LineStarts(src)
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
	id := NodeID(len(b.nodes))
	parent := None
	if n := len(b.stack); n > 0 {
		parent = b.stack[n-1]
		if prev := b.last[n-1]; prev >= 0 {
			b.nodes[prev].Next = id
		} else {
			b.nodes[parent].First = id
		}
		b.last[n-1] = id
	}
	b.nodes = append(b.nodes, Node{Kind: kind, Role: role, Start: start, End: end, Parent: parent, First: None, Next: None})
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
		b.nodes[id].Str = b.Intern(s)
	}
}

// Intern returns the index of a string in the tree's table.
func (b *Builder) Intern(s string) uint32 {
	if i, ok := b.intern[s]; ok {
		return i
	}
	i := uint32(len(b.t.Strings))
	if cap(b.text)-len(b.text) < len(s) {
		b.text = make([]byte, 0, max(2*cap(b.text), len(s))) // strings point into the piece before
	}
	at := len(b.text)
	b.text = append(b.text, s...) // do not pin the source
	s = unsafe.String(unsafe.SliceData(b.text[at:]), len(s))
	b.t.Strings = append(b.t.Strings, s)
	b.intern[s] = i
	return i
}

// AddFlags sets flags on a node.
func (b *Builder) AddFlags(id NodeID, f Flags) {
	if id >= 0 {
		b.nodes[id].Flags |= f
	}
}

// SetRole changes a node's role.
func (b *Builder) SetRole(id NodeID, r Role) {
	if id >= 0 {
		b.nodes[id].Role = r
	}
}

// AddError counts an error node of the parser covering n bytes.
func (b *Builder) AddError(n int) {
	b.t.Errors++
	b.t.ErrorBytes += n
}

// Finish closes what is open and returns the tree. The builder must not be used afterwards.
func (b *Builder) Finish() *Tree {
	b.dropped = 0
	if b.Truncated {
		b.t.Errors++
	}
	t := b.t
	t.Nodes = append(make([]Node, 0, len(b.nodes)), b.nodes...)
	t.compact()
	if cap(b.nodes) <= maxScratch {
		clear(b.intern)
		b.text, b.nodes, b.stack, b.last = b.text[:0], b.nodes[:0], b.stack[:0], b.last[:0]
		scratches.Put(b.scratch)
	}
	b.scratch = nil
	return t
}

// compact moves the strings of a tree behind each other: one piece of memory instead of thousands.
func (t *Tree) compact() {
	n := 0
	for _, s := range t.Strings {
		n += len(s)
	}
	text := make([]byte, 0, n)
	for _, s := range t.Strings {
		text = append(text, s...)
	}
	whole := string(text)
	list := make([]string, len(t.Strings))
	for i, s := range t.Strings {
		list[i], whole = whole[:len(s)], whole[len(s):]
	}
	t.Strings = list
}
