//go:build cgo

package python

import (
	"bytes"
	"context"
	"sync"

	sitter "github.com/smacker/go-tree-sitter/python"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

var language = sync.OnceValue(func() *treesitter.Language {
	return treesitter.NewLanguage("python", sitter.GetLanguage())
})

// Lower parses and lowers one file. It returns an error only when the context ends or memory runs
// out; broken source gives a tree with Errors counted.
func Lower(ctx context.Context, src []byte) (*syntax.Tree, error) {
	parsed, err := language().Parse(ctx, src)
	if err != nil {
		return nil, err
	}
	l := &lowering{b: syntax.NewBuilder("python", src)}
	l.each(parsed.Root(), syntax.Stmt)
	if bytes.Contains(src, []byte("napkin:")) {
		l.comments(parsed.Root())
	}
	count, size := parsed.Errors()
	for i := range count {
		if i > 0 {
			size = 0
		}
		l.b.AddError(size)
	}
	return l.b.Finish(), nil
}

// maxRecursion bounds the recursion of the lowering itself. Nodes that leave no trace in the tree
// (parentheses, expression statements) are why it is larger than the depth of a tree.
const maxRecursion = 3 * syntax.MaxDepth

type lowering struct {
	b       *syntax.Builder
	depth   int
	inClass bool // the statement at hand stands in a class body
}

func (l *lowering) open(kind syntax.Kind, role syntax.Role, n treesitter.Node) syntax.NodeID {
	return l.b.Open(kind, role, n.Start(), n.End())
}

func (l *lowering) leaf(kind syntax.Kind, role syntax.Role, s string, n treesitter.Node) syntax.NodeID {
	return l.b.Leaf(kind, role, s, n.Start(), n.End())
}

// first and next step over tokens and comments.
func first(n treesitter.Node) treesitter.Node { return skip(n.First()) }
func next(n treesitter.Node) treesitter.Node  { return skip(n.Next()) }

func skip(n treesitter.Node) treesitter.Node {
	for n.Ok() && (!n.Named() || n.Kind() == "comment" || n.Kind() == "line_continuation") {
		n = n.Next()
	}
	return n
}

func (l *lowering) each(n treesitter.Node, role syntax.Role) {
	for c := first(n); c.Ok(); c = next(c) {
		l.node(c, role)
	}
}

// node lowers any node, statement or expression, as a child of the open one.
func (l *lowering) node(n treesitter.Node, role syntax.Role) {
	for n.Ok() && (n.Kind() == "parenthesized_expression" || n.Kind() == "expression_statement" || n.Kind() == "case_pattern") {
		inner := first(n)
		if !inner.Ok() || next(inner).Ok() {
			break
		}
		n = inner
	}
	if !n.Ok() || n.Missing() {
		return
	}
	if l.depth >= maxRecursion {
		l.b.Truncated = true
		return
	}
	l.depth++
	defer func() { l.depth-- }()
	if !l.statement(n, role) {
		l.expression(n, role)
	}
}

// wrap lowers n to one node of the kind with all children in one role.
func (l *lowering) wrap(kind syntax.Kind, role syntax.Role, s string, n treesitter.Node, child syntax.Role) {
	id := l.open(kind, role, n)
	l.b.SetStr(id, s)
	l.each(n, child)
	l.b.Close()
}

// comments adds the comments that speak to napkin, wherever they stand. The walk is a loop: a deep
// tree must not exhaust the stack.
func (l *lowering) comments(root treesitter.Node) {
	for n := root; n.Ok(); {
		if n.Kind() == "comment" {
			if text := n.Text(); bytes.Contains([]byte(text), []byte("napkin:")) {
				l.leaf(syntax.Comment, syntax.Stmt, text, n)
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
