//go:build cgo

package ruby

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// body lowers a sequence of statements to a Block. Where it has rescue, else or ensure clauses, the
// Block holds one Try (a begin is the Try itself). A missing body is an empty Block where its owner
// begins.
func (l *lowerer) body(owner, n treesitter.Node, role syntax.Role) {
	switch n.Kind() {
	case "": // def x; end
		l.openSpan(syntax.Block, role, owner.Start(), owner.Start())
		l.close()
		return
	case "begin", "begin_block", "end_block", "body_statement", "block_body", "then", "do", "else", "ensure", "ERROR":
	default: // endless method
		l.open(syntax.Block, role, n)
		l.expr(n, syntax.Stmt)
		l.close()
		return
	}
	clauses := false
	for c := n.First(); c.Ok() && !clauses; c = c.Next() {
		k := c.Kind()
		clauses = c.Named() && (k == "rescue" || k == "ensure")
	}
	if !clauses {
		l.open(syntax.Block, role, n)
		l.stmts(n)
		l.close()
		return
	}
	if n.Kind() != "begin" {
		l.open(syntax.Block, role, n)
		role = syntax.Stmt
		defer l.close()
	}
	l.open(syntax.Try, role, n)
	l.open(syntax.Block, syntax.Body, n)
	l.stmts(n)
	l.close()
	for c := n.First(); c.Ok(); c = c.Next() {
		if !c.Named() {
			continue
		}
		switch c.Kind() {
		case "rescue":
			l.catch(c)
		case "else":
			l.body(c, c, syntax.Else)
		case "ensure":
			l.body(c, c, syntax.Finally)
		}
	}
	l.close()
}

func (l *lowerer) catch(n treesitter.Node) {
	id := l.open(syntax.Catch, syntax.CatchRole, n)
	l.b.SetStr(id, l.text(n.Child("exceptions")))
	if v := n.Child("variable"); v.Ok() {
		for _, c := range v.NamedChildren() {
			l.target(c, syntax.Target)
		}
	}
	l.body(n, n.Child("body"), syntax.Body)
	l.close()
}

func (l *lowerer) conditional(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.If, role, n)
	cond := n.Child("condition")
	switch kind := n.Kind(); kind {
	case "conditional":
		l.b.AddFlags(id, syntax.FlagExpr)
		l.expr(cond, syntax.Cond)
		l.expr(n.Child("consequence"), syntax.Body)
		l.expr(n.Child("alternative"), syntax.Else)
	case "if_modifier", "unless_modifier":
		l.b.AddFlags(id, syntax.FlagModifier)
		l.cond(cond, kind == "unless_modifier")
		l.expr(n.Child("body"), syntax.Body)
	default:
		if role != syntax.Stmt && kind != "elsif" {
			l.b.AddFlags(id, syntax.FlagExpr)
		}
		l.cond(cond, kind == "unless")
		l.body(n, n.Child("consequence"), syntax.Body)
		switch alt := n.Child("alternative"); alt.Kind() {
		case "":
		case "elsif":
			l.expr(alt, syntax.Else)
		default:
			l.body(alt, alt, syntax.Else)
		}
	}
	l.close()
}

func (l *lowerer) cond(n treesitter.Node, negate bool) {
	if !negate {
		l.expr(n, syntax.Cond)
		return
	}
	l.b.SetStr(l.open(syntax.Unary, syntax.Cond, n), "!")
	l.expr(n, syntax.Value)
	l.close()
}

func (l *lowerer) while(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.While, role, n)
	kind := n.Kind()
	l.cond(n.Child("condition"), kind == "until" || kind == "until_modifier")
	if kind == "while_modifier" || kind == "until_modifier" {
		l.b.AddFlags(id, syntax.FlagModifier)
		l.expr(n.Child("body"), syntax.Body)
	} else {
		l.body(n, n.Child("body"), syntax.Body)
	}
	l.close()
}

func (l *lowerer) forIn(n treesitter.Node, role syntax.Role) {
	l.open(syntax.For, role, n)
	l.target(n.Child("pattern"), syntax.Target)
	for _, c := range n.Child("value").NamedChildren() {
		l.expr(c, syntax.Iter)
	}
	l.body(n, n.Child("body"), syntax.Body)
	l.close()
}

func (l *lowerer) switchOn(n treesitter.Node, role syntax.Role) {
	l.open(syntax.Switch, role, n)
	l.expr(n.Child("value"), syntax.Value)
	for c := n.First(); c.Ok(); c = c.Next() {
		if !c.Named() {
			continue
		}
		switch c.Kind() {
		case "when":
			l.open(syntax.Case, syntax.CaseRole, c)
			for p := c.First(); p.Ok(); p = p.Next() {
				if p.Kind() != "pattern" || !p.Named() {
					continue
				}
				for _, v := range p.NamedChildren() {
					l.arg(v, syntax.Cond)
				}
			}
			l.body(c, c.Child("body"), syntax.Body)
			l.close()
		case "in_clause":
			l.open(syntax.Case, syntax.CaseRole, c)
			l.guarded(c)
			l.body(c, c.Child("body"), syntax.Body)
			l.close()
		case "else":
			l.body(c, c, syntax.Else)
		}
	}
	l.close()
}

// guarded lowers the pattern of an in clause, joined to its guard.
func (l *lowerer) guarded(n treesitter.Node) {
	pattern, guard := n.Child("pattern"), n.Child("guard")
	if !guard.Ok() {
		l.pattern(pattern, syntax.Cond)
		return
	}
	l.b.SetStr(l.openSpan(syntax.Binary, syntax.Cond, pattern.Start(), guard.End()), "&&")
	l.pattern(pattern, syntax.Left)
	cond := guard.Child("condition")
	if guard.Kind() == "unless_guard" {
		l.b.SetStr(l.open(syntax.Unary, syntax.Right, cond), "!")
		l.expr(cond, syntax.Value)
		l.close()
	} else {
		l.expr(cond, syntax.Right)
	}
	l.close()
}

// pattern lowers what case/in matches against. Names in it are bound, not read.
func (l *lowerer) pattern(n treesitter.Node, role syntax.Role) {
	if !n.Ok() {
		return
	}
	if l.depth >= maxRecursion {
		l.b.Truncated = true
		return
	}
	l.depth++
	switch kind := n.Kind(); kind {
	case "identifier":
		l.target(n, role)
	case "array_pattern", "find_pattern", "hash_pattern", "alternative_pattern", "as_pattern", "parenthesized_pattern":
		id := l.open(syntax.Other, role, n)
		l.b.SetStr(id, kind)
		for c := n.First(); c.Ok(); c = c.Next() {
			if c.Named() {
				l.pattern(c, syntax.Elem)
			}
		}
		l.close()
	case "keyword_pattern":
		id := l.open(syntax.Pair, role, n)
		key := n.Child("key")
		l.b.SetStr(id, l.text(key))
		if v := n.Child("value"); v.Ok() {
			l.pattern(v, syntax.Value)
		} else if name := l.text(key); name != "" {
			l.scope.declare(name)
			l.leaf(syntax.Name, syntax.Value, name, key)
		}
		l.close()
	case "splat_parameter", "hash_splat_parameter":
		id := l.open(syntax.Splat, role, n)
		l.b.SetStr(id, map[bool]string{true: "*", false: "**"}[kind == "splat_parameter"])
		if name := n.Child("name"); name.Ok() {
			l.target(name, syntax.Value)
		}
		l.close()
	case "variable_reference_pattern", "expression_reference_pattern":
		for _, c := range n.NamedChildren() {
			l.expr(c, role)
		}
	default:
		l.expr(n, role)
	}
	l.depth--
}
