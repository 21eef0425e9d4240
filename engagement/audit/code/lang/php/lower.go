//go:build cgo

package php

import (
	"bytes"
	"context"
	"math"
	"strings"
	"sync"

	sitter "github.com/smacker/go-tree-sitter/php"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

var language = sync.OnceValue(func() *treesitter.Language {
	return treesitter.NewLanguage("php", sitter.GetLanguage())
})

// Lower parses and lowers one file. It returns an error only when the context ends or memory runs
// out; broken source gives a tree with Errors counted.
func Lower(ctx context.Context, src []byte) (*syntax.Tree, error) {
	parsed, text, err := parse(ctx, src)
	if err != nil {
		return nil, err
	}
	l := &lowering{b: syntax.NewBuilder("php", src), src: text, end: math.MaxUint32}
	l.each(parsed.Root(), syntax.Stmt)
	if bytes.Contains(src, []byte("napkin:")) {
		l.comments(parsed.Root())
	}
	addErrors(l.b, parsed)
	return l.b.Finish(), nil
}

func addErrors(b *syntax.Builder, parsed *treesitter.Tree) {
	count, size := parsed.Errors()
	for i := range count {
		if i > 0 {
			size = 0
		}
		b.AddError(size)
	}
}

// maxRecursion bounds the recursion of the lowering itself. Nodes that leave no trace in the tree
// (parentheses, expression statements) are why it is larger than the depth of a tree.
const maxRecursion = 3 * syntax.MaxDepth

type lowering struct {
	b     *syntax.Builder
	src   []byte // what was parsed
	depth int
	flags syntax.Flags // of the next node opened

	// A fragment is parsed inside other bytes: shift leads from there to the file, in which the
	// fragment covers begin to end.
	shift      int64
	begin, end uint32
}

func (l *lowering) at(p uint32) uint32 {
	return uint32(min(max(int64(p)+l.shift, int64(l.begin)), int64(l.end)))
}

func (l *lowering) openAt(kind syntax.Kind, role syntax.Role, start, end uint32) syntax.NodeID {
	id := l.b.Open(kind, role, l.at(start), l.at(end))
	if l.flags != 0 {
		l.b.AddFlags(id, l.flags)
		l.flags = 0
	}
	return id
}

func (l *lowering) open(kind syntax.Kind, role syntax.Role, n treesitter.Node) syntax.NodeID {
	return l.openAt(kind, role, n.Start(), n.End())
}

func (l *lowering) leaf(kind syntax.Kind, role syntax.Role, s string, n treesitter.Node) syntax.NodeID {
	id := l.open(kind, role, n)
	l.b.SetStr(id, s)
	l.b.Close()
	return id
}

// first and next step over tokens, comments and HTML.
func first(n treesitter.Node) treesitter.Node { return skip(n.First()) }
func next(n treesitter.Node) treesitter.Node  { return skip(n.Next()) }

func skip(n treesitter.Node) treesitter.Node {
	for n.Ok() {
		if n.Named() {
			switch n.Kind() {
			case "comment", "text_interpolation", "text", "php_tag", "empty_statement":
			default:
				return n
			}
		}
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
	for n.Ok() {
		kind := n.Kind()
		if kind != "parenthesized_expression" && kind != "expression_statement" && kind != "by_ref" {
			break
		}
		inner := first(n)
		if !inner.Ok() || next(inner).Ok() {
			break
		}
		if kind == "expression_statement" && l.printed(inner.Start()) {
			l.flags |= syntax.FlagOutput
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
	if !l.statement(n, role) && !l.declaration(n, role) {
		l.expression(n, role)
	}
}

// printed reports whether the expression at p stands behind "<?=".
func (l *lowering) printed(p uint32) bool {
	i := int(p)
	for i > 0 && (l.src[i-1] == ' ' || l.src[i-1] == '\n' || l.src[i-1] == '\t' || l.src[i-1] == '\r') {
		i--
	}
	return i >= 3 && string(l.src[i-3:i]) == "<?="
}

// wrap lowers n to one node of the kind with all children in one role.
func (l *lowering) wrap(kind syntax.Kind, role syntax.Role, s string, n treesitter.Node, child syntax.Role) {
	id := l.open(kind, role, n)
	l.b.SetStr(id, s)
	l.each(n, child)
	l.b.Close()
}

// qualified is a name without the backslash that makes it absolute.
func qualified(n treesitter.Node) string { return strings.TrimPrefix(n.Text(), `\`) }

func isName(n treesitter.Node) bool { return n.Kind() == "name" || n.Kind() == "qualified_name" }

// comments adds the comments that speak to napkin, wherever they stand. The walk is a loop: a deep
// tree must not exhaust the stack.
func (l *lowering) comments(root treesitter.Node) {
	for n := root; n.Ok(); {
		if n.Kind() == "comment" {
			if text := n.Text(); strings.Contains(text, "napkin:") {
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
