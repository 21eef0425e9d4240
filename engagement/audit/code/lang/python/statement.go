//go:build cgo

package python

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// statement lowers n if it is a statement or a clause of one.
func (l *lowering) statement(n treesitter.Node, role syntax.Role) bool {
	switch n.Kind() {
	case "import_statement":
		l.imports(n, role)
	case "import_from_statement":
		l.importFrom(n, n.Child("module_name").Text(), role)
	case "future_import_statement":
		l.importFrom(n, "__future__", role)
	case "class_definition":
		l.class(n, n, role)
	case "function_definition":
		l.function(n, n, role)
	case "decorated_definition":
		switch d := n.Child("definition"); d.Kind() {
		case "class_definition":
			l.class(n, d, role)
		case "function_definition":
			l.function(n, d, role)
		default:
			l.wrap(syntax.Other, role, n.Kind(), n, syntax.RoleNone)
		}
	case "decorator":
		l.node(first(n), syntax.Decorator)
	case "block":
		l.block(n, role)
	case "return_statement":
		l.wrap(syntax.Return, role, "", n, syntax.Value)
	case "raise_statement":
		l.wrap(syntax.Throw, role, "", n, syntax.Value)
	case "break_statement":
		l.leaf(syntax.Break, role, "", n)
	case "continue_statement":
		l.b.AddFlags(l.leaf(syntax.Break, role, "", n), syntax.FlagContinue)
	case "pass_statement":
	case "if_statement":
		l.ifStatement(n, role)
	case "for_statement":
		id := l.open(syntax.For, role, n)
		l.async(n, id)
		l.node(n.Child("left"), syntax.Target)
		l.node(n.Child("right"), syntax.Iter)
		l.block(n.Child("body"), syntax.Body)
		l.elseClause(n)
		l.b.Close()
	case "while_statement":
		l.open(syntax.While, role, n)
		l.node(n.Child("condition"), syntax.Cond)
		l.block(n.Child("body"), syntax.Body)
		l.elseClause(n)
		l.b.Close()
	case "try_statement":
		l.try(n, role)
	case "with_statement":
		l.with(n, role)
	case "match_statement":
		l.match(n, role)
	case "case_clause":
		l.matchCase(n)
	case "print_statement":
		id := l.open(syntax.Call, role, n)
		l.b.SetStr(id, "print")
		l.each(n, syntax.Arg)
		l.b.Close()
	case "assert_statement", "delete_statement", "global_statement", "nonlocal_statement", "exec_statement", "expression_statement":
		if n.Kind() == "expression_statement" && next(first(n)).Ok() {
			l.wrap(syntax.List, role, "", n, syntax.Elem) // a, b without parentheses
			break
		}
		l.wrap(syntax.Other, role, n.Kind(), n, syntax.RoleNone)
	case "type_alias_statement":
		l.leaf(syntax.Other, role, n.Kind(), n)
	default:
		return false
	}
	return true
}

func (l *lowering) block(n treesitter.Node, role syntax.Role) {
	if !n.Ok() {
		return
	}
	l.open(syntax.Block, role, n)
	l.each(n, syntax.Stmt)
	l.b.Close()
}

func (l *lowering) async(n treesitter.Node, id syntax.NodeID) {
	if n.First().Kind() == "async" {
		l.b.AddFlags(id, syntax.FlagAsync)
	}
}

func (l *lowering) elseClause(n treesitter.Node) {
	if e := n.Child("alternative"); e.Ok() {
		l.block(e.Child("body"), syntax.Else)
	}
}

func (l *lowering) imports(n treesitter.Node, role syntax.Role) {
	for c := first(n); c.Ok(); c = next(c) {
		id := l.open(syntax.Import, role, c)
		if c.Kind() == "aliased_import" {
			l.b.SetStr(id, c.Child("name").Text())
			l.alias(c, "*")
		} else {
			l.b.SetStr(id, c.Text())
		}
		l.b.Close()
	}
}

func (l *lowering) importFrom(n treesitter.Node, module string, role syntax.Role) {
	id := l.open(syntax.Import, role, n)
	l.b.SetStr(id, module)
	for c := first(n); c.Ok(); c = next(c) {
		switch {
		case c.Kind() == "wildcard_import":
			l.leaf(syntax.Name, syntax.Arg, "*", c)
		case c.Field() != "name":
		case c.Kind() == "aliased_import":
			l.alias(c, c.Child("name").Text())
		default:
			l.leaf(syntax.Name, syntax.Arg, c.Text(), c)
		}
	}
	l.b.Close()
}

func (l *lowering) alias(n treesitter.Node, imported string) {
	id := l.open(syntax.Pair, syntax.Arg, n)
	l.b.SetStr(id, n.Child("alias").Text())
	l.leaf(syntax.Name, syntax.Value, imported, n.Child("name"))
	l.b.Close()
}

// class lowers a class. outer is the decorated definition, or the class itself.
func (l *lowering) class(outer, n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Class, role, outer)
	l.b.SetStr(id, n.Child("name").Text())
	l.decorators(outer)
	if s := n.Child("superclasses"); s.Ok() {
		for c := first(s); c.Ok(); c = next(c) {
			if c.Kind() == "keyword_argument" {
				l.node(c, syntax.Arg)
			} else {
				l.node(c, syntax.Super)
			}
		}
	}
	was := l.inClass
	l.inClass = true
	l.block(n.Child("body"), syntax.Body)
	l.inClass = was
	l.b.Close()
}

func (l *lowering) decorators(n treesitter.Node) {
	if n.Kind() != "decorated_definition" {
		return
	}
	for c := first(n); c.Kind() == "decorator"; c = next(c) {
		l.node(c, syntax.Decorator)
	}
}

func (l *lowering) function(outer, n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Func, role, outer)
	l.b.SetStr(id, n.Child("name").Text())
	l.async(n, id)
	l.decorators(outer)
	was := l.inClass
	l.inClass = false
	l.params(n.Child("parameters"))
	if t := n.Child("return_type"); t.Ok() {
		l.typeText(t)
	}
	l.block(n.Child("body"), syntax.Body)
	l.inClass = was
	l.b.Close()
}

func (l *lowering) params(n treesitter.Node) {
	for c := first(n); c.Ok(); c = next(c) {
		switch c.Kind() {
		case "positional_separator", "keyword_separator":
			continue
		}
		id := l.open(syntax.Param, syntax.ParamRole, c)
		name := c
		switch c.Kind() {
		case "default_parameter", "typed_default_parameter":
			name = c.Child("name")
		case "typed_parameter":
			name = first(c)
		}
		if t := c.Child("type"); t.Ok() && c.Kind() != "identifier" {
			l.typeText(t)
		}
		switch name.Kind() {
		case "identifier":
			l.b.SetStr(id, name.Text())
		case "list_splat_pattern", "dictionary_splat_pattern":
			l.b.SetStr(id, first(name).Text())
			l.leaf(syntax.Splat, syntax.RoleNone, name.First().Kind(), name)
		default: // the tuple parameters of Python 2
			l.node(name, syntax.Target)
		}
		if c.Kind() == "default_parameter" || c.Kind() == "typed_default_parameter" {
			l.node(c.Child("value"), syntax.Value)
		}
		l.b.Close()
	}
}

// typeText adds an annotation as text, on one line and without the quotes of a forward reference.
func (l *lowering) typeText(n treesitter.Node) {
	s := n.Text()
	if strings.ContainsAny(s, "\n\t") {
		s = strings.Join(strings.Fields(s), " ")
	}
	if len(s) > 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		s = s[1 : len(s)-1]
	}
	l.leaf(syntax.Type, syntax.TypeRole, s, n)
}

func (l *lowering) ifStatement(n treesitter.Node, role syntax.Role) {
	l.open(syntax.If, role, n)
	l.node(n.Child("condition"), syntax.Cond)
	l.block(n.Child("consequence"), syntax.Body)
	opened := 1
	for c := first(n); c.Ok(); c = next(c) {
		switch c.Kind() {
		case "elif_clause":
			l.b.Open(syntax.If, syntax.Else, c.Start(), n.End())
			opened++
			l.node(c.Child("condition"), syntax.Cond)
			l.block(c.Child("consequence"), syntax.Body)
		case "else_clause":
			l.block(c.Child("body"), syntax.Else)
		case "ERROR":
			l.node(c, syntax.RoleNone)
		}
	}
	for range opened {
		l.b.Close()
	}
}

func (l *lowering) try(n treesitter.Node, role syntax.Role) {
	l.open(syntax.Try, role, n)
	for c := first(n); c.Ok(); c = next(c) {
		switch c.Kind() {
		case "block":
			l.block(c, syntax.Body)
		case "except_clause", "except_group_clause":
			l.except(c)
		case "else_clause":
			l.block(c.Child("body"), syntax.Else)
		case "finally_clause":
			l.block(c.FirstOf("block"), syntax.Finally)
		default:
			l.node(c, syntax.RoleNone)
		}
	}
	l.b.Close()
}

func (l *lowering) except(n treesitter.Node) {
	id := l.open(syntax.Catch, syntax.CatchRole, n)
	named := 0
	for c := first(n); c.Ok(); c = next(c) {
		switch {
		case c.Kind() == "block":
			l.block(c, syntax.Body)
		case named == 0:
			types := c
			if c.Kind() == "as_pattern" {
				types = first(c)
				l.each(c.Child("alias"), syntax.Target)
			}
			for types.Kind() == "list_splat" || types.Kind() == "parenthesized_expression" {
				types = first(types)
			}
			text := types.Text()
			if types.Kind() == "tuple" {
				text = strings.Join(strings.Fields(strings.Trim(text, "()")), " ")
			}
			l.b.SetStr(id, text)
			named++
		default: // except E, name: Python 2
			l.node(c, syntax.Target)
		}
	}
	l.b.Close()
}

func (l *lowering) with(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.With, role, n)
	l.async(n, id)
	clause := n.FirstOf("with_clause")
	for c := first(clause); c.Ok(); c = next(c) {
		v := c.Child("value")
		switch {
		case c.Kind() != "with_item":
			l.node(c, syntax.Value)
		case v.Kind() == "as_pattern":
			a := l.open(syntax.Assign, syntax.Value, v)
			l.b.SetStr(a, "=")
			l.each(v.Child("alias"), syntax.Target)
			l.node(first(v), syntax.Value)
			l.b.Close()
		default:
			l.node(v, syntax.Value)
		}
	}
	l.block(n.Child("body"), syntax.Body)
	l.b.Close()
}

func (l *lowering) match(n treesitter.Node, role syntax.Role) {
	l.open(syntax.Switch, role, n)
	for c := first(n); c.Ok(); c = next(c) {
		switch {
		case c.Field() == "subject":
			l.node(c, syntax.Value)
		case c.Kind() == "block":
			l.each(c, syntax.CaseRole)
		default:
			l.node(c, syntax.CaseRole)
		}
	}
	l.b.Close()
}

func (l *lowering) matchCase(n treesitter.Node) {
	l.open(syntax.Case, syntax.CaseRole, n)
	for c := first(n); c.Ok(); c = next(c) {
		switch c.Kind() {
		case "case_pattern":
			if !first(c).Ok() { // case _
				continue
			}
			l.node(c, syntax.Cond)
		case "if_clause":
			l.node(first(c), syntax.Cond)
		case "block":
			l.block(c, syntax.Body)
		default:
			l.node(c, syntax.RoleNone)
		}
	}
	l.b.Close()
}
