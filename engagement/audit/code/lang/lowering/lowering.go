// Package lowering is the part of a tree-sitter lowering that no language changes: a builder with a
// bounded descent, the text of nodes without copies, the comments that speak to napkin, and the count
// of parse errors.
//
// It guarantees that a lowering which opens nodes through [Lowering.Open] and descends through
// [Lowering.Enter] neither exhausts the stack nor visits a node twice, however deep the source nests.
// It knows no grammar.
package lowering

import (
	"bytes"
	"strings"
	"unsafe"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// MaxDescent bounds the recursion of a lowering. It is larger than [syntax.MaxDepth], because
// parentheses, casts and the like are descended without a node of their own.
const MaxDescent = 4 * syntax.MaxDepth

// Marker is what a comment must hold to be kept.
const Marker = "napkin:"

// Lowering carries one file through its lowering. It is used by one goroutine.
type Lowering struct {
	*syntax.Builder
	src   []byte
	depth int
	notes []treesitter.Node // comments to emit, in source order
}

// New starts the lowering of a parsed file: it counts the parser's errors and collects the comments
// that hold [Marker]. The source must not change before Finish.
func New(language string, t *treesitter.Tree, src []byte) *Lowering {
	l := &Lowering{Builder: syntax.NewBuilder(language, src), src: src}
	count, covered := t.Errors()
	covered = min(covered, len(src)) // error nodes nest
	for range count {
		l.AddError(covered)
		covered = 0
	}
	if bytes.Contains(src, []byte(Marker)) {
		l.collect(t.Root())
	}
	return l
}

// collect walks in source order without recursion.
func (l *Lowering) collect(root treesitter.Node) {
	for n := root; n.Ok(); {
		switch n.Kind() {
		case "comment", "line_comment", "block_comment":
			if strings.Contains(l.Text(n), Marker) {
				l.notes = append(l.notes, n)
			}
		}
		if c := n.First(); c.Ok() {
			n = c
			continue
		}
		for n.Ok() && !n.Next().Ok() {
			n = n.Parent()
		}
		n = n.Next()
	}
}

// Notes emits the kept comments that begin before a byte offset, as Comment nodes with a role. A
// lowering calls it before each statement and at the end of each block.
func (l *Lowering) Notes(before uint32, role syntax.Role) {
	for len(l.notes) > 0 && l.notes[0].Start() < before {
		n := l.notes[0]
		l.notes = l.notes[1:]
		l.Leaf(syntax.Comment, role, l.Text(n), n.Start(), n.End())
	}
}

// Text returns the source of a node. The string shares the source's memory: it is for comparing and
// for interning, not for keeping.
func (l *Lowering) Text(n treesitter.Node) string {
	if !n.Ok() {
		return ""
	}
	return l.Slice(n.Start(), n.End())
}

// Slice returns the source between two offsets, like [Lowering.Text].
func (l *Lowering) Slice(start, end uint32) string {
	if start >= end || int(end) > len(l.src) {
		return ""
	}
	return unsafe.String(&l.src[start], int(end-start))
}

// Open opens a node that covers n. When it returns false the tree is as deep as trees get: nothing
// below may be lowered, and Close must not be called.
func (l *Lowering) Open(kind syntax.Kind, role syntax.Role, n treesitter.Node) (syntax.NodeID, bool) {
	return l.OpenAt(kind, role, n.Start(), n.End())
}

// OpenAt is Open for a span.
func (l *Lowering) OpenAt(kind syntax.Kind, role syntax.Role, start, end uint32) (syntax.NodeID, bool) {
	id := l.Builder.Open(kind, role, start, end)
	if id == syntax.None {
		l.Close()
		return id, false
	}
	return id, true
}

// LeafOf adds a node without children that covers n.
func (l *Lowering) LeafOf(kind syntax.Kind, role syntax.Role, str string, n treesitter.Node) syntax.NodeID {
	return l.Leaf(kind, role, str, n.Start(), n.End())
}

// Enter begins one level of descent and reports whether it may be taken; Leave ends it, and is
// called only after an Enter that returned true.
func (l *Lowering) Enter() bool {
	if l.depth >= MaxDescent {
		l.Truncated = true
		return false
	}
	l.depth++
	return true
}

// Leave ends a level of descent.
func (l *Lowering) Leave() { l.depth-- }
