//go:build cgo

package php

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// statement lowers n if it is a statement, or a clause of one, that declares nothing.
func (l *lowering) statement(n treesitter.Node, role syntax.Role) bool {
	switch kind := n.Kind(); kind {
	case "compound_statement", "colon_block":
		l.block(n, role)
	case "return_statement":
		l.wrap(syntax.Return, role, "", n, syntax.Value)
	case "throw_expression", "throw_statement":
		l.wrap(syntax.Throw, role, "", n, syntax.Value)
	case "break_statement":
		l.leaf(syntax.Break, role, "", n)
	case "continue_statement":
		l.b.AddFlags(l.leaf(syntax.Break, role, "", n), syntax.FlagContinue)
	case "if_statement":
		l.ifStatement(n, role)
	case "foreach_statement":
		l.open(syntax.For, role, n)
		l.foreachHeader(n)
		l.block(n.Child("body"), syntax.Body)
		l.b.Close()
	case "for_statement":
		id := l.open(syntax.For, role, n)
		l.b.AddFlags(id, syntax.FlagCounted)
		l.forHeader(n)
		l.block(n.Child("body"), syntax.Body)
		l.b.Close()
	case "while_statement":
		l.open(syntax.While, role, n)
		l.node(n.Child("condition"), syntax.Cond)
		l.block(n.Child("body"), syntax.Body)
		l.b.Close()
	case "do_statement":
		id := l.open(syntax.While, role, n)
		l.b.SetStr(id, "do")
		l.block(n.Child("body"), syntax.Body)
		l.node(n.Child("condition"), syntax.Cond)
		l.b.Close()
	case "switch_statement":
		l.open(syntax.Switch, role, n)
		l.node(n.Child("condition"), syntax.Value)
		l.each(n.Child("body"), syntax.CaseRole)
		l.b.Close()
	case "case_statement", "default_statement":
		l.caseStatement(n)
	case "match_expression":
		id := l.open(syntax.Switch, role, n)
		l.b.AddFlags(id, syntax.FlagExpr)
		l.node(n.Child("condition"), syntax.Value)
		l.each(n.Child("body"), syntax.CaseRole)
		l.b.Close()
	case "match_conditional_expression", "match_default_expression":
		l.open(syntax.Case, syntax.CaseRole, n)
		l.each(n.Child("conditional_expressions"), syntax.Cond)
		l.node(n.Child("return_expression"), syntax.Body)
		l.b.Close()
	case "try_statement":
		l.try(n, role)
	case "echo_statement":
		l.builtin("echo", n, role)
	case "unset_statement":
		l.builtin("unset", n, role)
	case "exit_statement":
		l.builtin("exit", n, role)
	case "function_static_declaration":
		for c := first(n); c.Ok(); c = next(c) {
			id := l.open(syntax.Assign, role, c)
			l.b.AddFlags(id, syntax.FlagStatic)
			l.b.SetStr(id, "=")
			l.node(c.Child("name"), syntax.Target)
			l.node(c.Child("value"), syntax.Value)
			l.b.Close()
		}
	case "goto_statement", "named_label_statement", "declare_directive":
	case "declare_statement":
		l.each(n, role)
	default:
		return false
	}
	return true
}

// block lowers a body to a Block, also when it is a single statement.
func (l *lowering) block(n treesitter.Node, role syntax.Role) {
	if !n.Ok() {
		return
	}
	l.open(syntax.Block, role, n)
	switch n.Kind() {
	case "compound_statement", "colon_block", "declaration_list", "enum_declaration_list":
		l.each(n, syntax.Stmt)
	default:
		l.node(skip(n), syntax.Stmt)
	}
	l.b.Close()
}

// builtin lowers a language construct that looks like a call.
func (l *lowering) builtin(name string, n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Call, role, n)
	l.b.SetStr(id, name)
	for c := first(n); c.Ok(); c = next(c) {
		l.list(c, syntax.Arg)
	}
	l.b.Close()
}

// list lowers an expression, or each of those that commas separate.
func (l *lowering) list(n treesitter.Node, role syntax.Role) {
	if n.Kind() != "sequence_expression" {
		l.node(n, role)
		return
	}
	// The grammar nests a, b, c to the right.
	for n.Kind() == "sequence_expression" {
		var last treesitter.Node
		for c := first(n); c.Ok(); c = next(c) {
			if last.Ok() {
				l.node(last, role)
			}
			last = c
		}
		n = last
	}
	l.node(n, role)
}

func (l *lowering) foreachHeader(n treesitter.Node) {
	iter := first(n)
	target := next(iter)
	if target.Field() == "body" {
		target = treesitter.Node{}
	}
	if target.Kind() == "pair" {
		l.open(syntax.Pair, syntax.Target, target)
		key := first(target)
		l.node(key, syntax.Key)
		if key.Ok() {
			l.node(next(key), syntax.Value)
		}
		l.b.Close()
	} else {
		l.node(target, syntax.Target)
	}
	l.node(iter, syntax.Iter)
}

func (l *lowering) forHeader(n treesitter.Node) {
	for c := first(n); c.Ok(); c = next(c) {
		switch c.Field() {
		case "initialize":
			l.list(c, syntax.Init)
		case "condition":
			l.list(c, syntax.Cond)
		case "update":
			l.list(c, syntax.Post)
		}
	}
}

func (l *lowering) ifStatement(n treesitter.Node, role syntax.Role) {
	l.open(syntax.If, role, n)
	l.node(n.Child("condition"), syntax.Cond)
	l.block(n.Child("body"), syntax.Body)
	opened := 1
	for c := first(n); c.Ok(); c = next(c) {
		switch c.Kind() {
		case "else_if_clause":
			l.openAt(syntax.If, syntax.Else, c.Start(), n.End())
			opened++
			l.node(c.Child("condition"), syntax.Cond)
			l.block(c.Child("body"), syntax.Body)
		case "else_clause":
			if body := c.Child("body"); body.Kind() == "if_statement" {
				l.node(body, syntax.Else)
			} else {
				l.block(body, syntax.Else)
			}
		case "ERROR":
			l.node(c, syntax.RoleNone)
		}
	}
	for range opened {
		l.b.Close()
	}
}

func (l *lowering) caseStatement(n treesitter.Node) {
	l.open(syntax.Case, syntax.CaseRole, n)
	value := n.Child("value")
	l.node(value, syntax.Cond)
	body := first(n)
	if value.Ok() && body == value {
		body = next(body)
	}
	if body.Ok() {
		l.openAt(syntax.Block, syntax.Body, body.Start(), n.End())
		for ; body.Ok(); body = next(body) {
			l.node(body, syntax.Stmt)
		}
		l.b.Close()
	}
	l.b.Close()
}

func (l *lowering) try(n treesitter.Node, role syntax.Role) {
	l.open(syntax.Try, role, n)
	for c := first(n); c.Ok(); c = next(c) {
		switch c.Kind() {
		case "compound_statement":
			l.block(c, syntax.Body)
		case "catch_clause":
			id := l.open(syntax.Catch, syntax.CatchRole, c)
			var types []string
			for t := first(c.Child("type")); t.Ok(); t = next(t) {
				types = append(types, qualified(t))
			}
			l.b.SetStr(id, strings.Join(types, ", "))
			l.node(c.Child("name"), syntax.Target)
			l.block(c.Child("body"), syntax.Body)
			l.b.Close()
		case "finally_clause":
			l.block(c.Child("body"), syntax.Finally)
		default:
			l.node(c, syntax.RoleNone)
		}
	}
	l.b.Close()
}
