//go:build cgo

package ruby

import (
	"bytes"
	"context"
	"sort"
	"strings"
	"sync"
	"unsafe"

	grammar "github.com/smacker/go-tree-sitter/ruby"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// language is built on first use, so that a run without Ruby does not pay for the grammar's tables.
var language = sync.OnceValue(func() *treesitter.Language {
	return treesitter.NewLanguage("ruby", grammar.GetLanguage())
})

// Span is a range of bytes, End exclusive.
type Span struct{ Start, End uint32 }

// Segment says that Len bytes of a fragment's code from offset Code on stand in the file from offset
// File on.
type Segment struct{ Code, File, Len uint32 }

// Fragment is Ruby that was taken out of another file.
type Fragment struct {
	Lang string // language of the resulting tree
	File []byte // the whole file: lines are counted in it
	Code []byte // the Ruby
	// Map places the code in the file, in ascending order of Code. Code between two segments was made
	// up and is placed at the end of the one before. A nil Map says that all offsets are equal.
	Map []Segment
	// Outputs are ranges of Code, ascending and disjoint: a statement that begins in one is printed
	// (syntax.FlagOutput).
	Outputs []Span
	// Comments are ranges of File with comments of the outer language. Those that hold "napkin:" are
	// kept.
	Comments []Span
}

// Lower lowers a Ruby file. Broken source is no error: Tree.Errors counts what was not understood.
// The error is that of the context, or that memory ran out.
func Lower(ctx context.Context, src []byte) (*syntax.Tree, error) {
	return LowerFragment(ctx, Fragment{Lang: "ruby", File: src, Code: src})
}

// LowerFragment lowers embedded Ruby to a tree with the positions of the file that it stands in.
func LowerFragment(ctx context.Context, f Fragment) (*syntax.Tree, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t, err := language().Parse(ctx, f.Code)
	if err != nil {
		return nil, err
	}
	l := &lowerer{b: syntax.NewBuilder(f.Lang, f.File), src: f.Code, frag: f, tree: t}
	l.scope = &scope{}
	l.class = &classScope{}
	l.errors()
	l.stmts(t.Root())
	l.comments()
	return l.b.Finish(), nil
}

// lowerer holds the state of one file.
type lowerer struct {
	b       *syntax.Builder
	src     []byte
	frag    Fragment
	tree    *treesitter.Tree
	scope   *scope
	class   *classScope
	depth   int
	broken  bool // the tree has error nodes
	output  bool // the next node is printed
	seg     int  // segment that the last offset was found in
	heredoc map[int32]treesitter.Node
	buf     []byte
}

// maxRecursion bounds the descent into the parse tree. It is above syntax.MaxDepth because some
// levels of the parse tree (argument lists, parentheses) have no node in the shared one.
const maxRecursion = 3 * syntax.MaxDepth

// text returns a node's source without a copy. The builder copies what it interns, and scopes live
// no longer than the source.
func (l *lowerer) text(n treesitter.Node) string {
	return l.slice(n.Start(), n.End())
}

func (l *lowerer) slice(start, end uint32) string {
	if start >= end || int(end) > len(l.src) {
		return ""
	}
	return unsafe.String(&l.src[start], int(end-start))
}

// at returns the place in the file of an offset in the code, and how many bytes stand there: 1, or 0
// for made-up code.
func (l *lowerer) at(off uint32) (place, bytes uint32) {
	m := l.frag.Map
	i := l.seg
	if i >= len(m) || m[i].Code > off || (i+1 < len(m) && m[i+1].Code <= off) {
		i = sort.Search(len(m), func(i int) bool { return m[i].Code > off }) - 1
	}
	if i < 0 {
		return 0, 0
	}
	l.seg = i
	if in := off - m[i].Code; in < m[i].Len {
		return m[i].File + in, 1
	}
	return m[i].File + m[i].Len, 0
}

// span returns a node's place in the file.
func (l *lowerer) span(start, end uint32) (uint32, uint32) {
	if l.frag.Map == nil {
		return start, end
	}
	s, _ := l.at(start)
	if end <= start {
		return s, s
	}
	e, n := l.at(end - 1)
	return s, max(s, e+n)
}

func (l *lowerer) open(kind syntax.Kind, role syntax.Role, n treesitter.Node) syntax.NodeID {
	return l.openSpan(kind, role, n.Start(), n.End())
}

func (l *lowerer) openSpan(kind syntax.Kind, role syntax.Role, start, end uint32) syntax.NodeID {
	s, e := l.span(start, end)
	id := l.b.Open(kind, role, s, e)
	if l.output {
		l.output = false
		l.b.AddFlags(id, syntax.FlagOutput)
	}
	return id
}

func (l *lowerer) leaf(kind syntax.Kind, role syntax.Role, str string, n treesitter.Node) syntax.NodeID {
	id := l.open(kind, role, n)
	l.b.SetStr(id, str)
	l.close()
	return id
}

func (l *lowerer) close() { l.b.Close() }

// printed reports whether a statement that begins at an offset of the code is output.
func (l *lowerer) printed(off uint32) bool {
	out := l.frag.Outputs
	i := sort.Search(len(out), func(i int) bool { return out[i].End > off })
	return i < len(out) && out[i].Start <= off
}

// errors counts what the parser did not understand.
func (l *lowerer) errors() {
	if n, _ := l.tree.Errors(); n == 0 {
		return
	}
	l.broken = true
	l.preorder(func(n treesitter.Node) {
		if n.Kind() == "ERROR" {
			l.b.AddError(int(n.End() - n.Start()))
		} else if n.Missing() {
			l.b.AddError(0)
		}
	})
}

// comments adds the comments that speak to napkin. They may stand anywhere in an expression, so they
// are added to the file behind everything else; rules go by their lines.
func (l *lowerer) comments() {
	if !bytes.Contains(l.frag.File, []byte("napkin:")) {
		return
	}
	for _, c := range l.frag.Comments {
		if text := string(l.frag.File[c.Start:c.End]); strings.Contains(text, "napkin:") {
			l.b.Leaf(syntax.Comment, syntax.Stmt, text, c.Start, c.End)
		}
	}
	l.preorder(func(n treesitter.Node) {
		if n.Kind() == "comment" && strings.Contains(l.text(n), "napkin:") {
			l.leaf(syntax.Comment, syntax.Stmt, l.text(n), n)
		}
	})
}

// preorder visits every node of the parse tree without recursion.
func (l *lowerer) preorder(visit func(treesitter.Node)) {
	walk(l.tree.Root(), func(n treesitter.Node) bool { visit(n); return true })
}

// walk visits the nodes below and including root, parents first; enter says whether to descend.
func walk(root treesitter.Node, enter func(treesitter.Node) bool) {
	n := root
	for n.Ok() {
		if enter(n) && n.First().Ok() {
			n = n.First()
			continue
		}
		for n.Ok() && n != root && !n.Next().Ok() {
			n = n.Parent()
		}
		if !n.Ok() || n == root {
			return
		}
		n = n.Next()
	}
}
