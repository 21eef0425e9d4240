package java

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/lowering"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

type node = treesitter.Node

type lowerer struct{ *lowering.Lowering }

func (l *lowerer) file(root node) {
	if root.Kind() == "program" {
		l.statements(root)
	} else { // nothing could be recovered: the root is the error
		l.children(root, syntax.Stmt)
	}
	l.Notes(root.End()+1, syntax.Stmt)
}

// statements lowers the children of n as statements.
func (l *lowerer) statements(n node) {
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Named() {
			l.Notes(c.Start(), syntax.Stmt)
			l.lower(c, syntax.Stmt)
		}
	}
}

// body lowers a statement to a Block, whether it has braces or not.
func (l *lowerer) body(n node, role syntax.Role) {
	if !n.Ok() {
		return
	}
	if _, ok := l.Open(syntax.Block, role, n); !ok {
		return
	}
	switch n.Kind() {
	case "block", "constructor_body":
		l.statements(n)
	default:
		l.lower(n, syntax.Stmt)
	}
	l.Notes(n.End(), syntax.Stmt)
	l.Close()
}

// child lowers the child under a field, if there is one.
func (l *lowerer) child(n node, field string, role syntax.Role) {
	if c := n.Child(field); c.Ok() {
		l.lower(c, role)
	}
}

// children lowers all named children with one role.
func (l *lowerer) children(n node, role syntax.Role) {
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Named() {
			l.lower(c, role)
		}
	}
}

// wrap lowers n to a node that holds its named children with one role.
func (l *lowerer) wrap(kind syntax.Kind, role syntax.Role, str string, n node, inner syntax.Role) {
	if id, ok := l.Open(kind, role, n); ok {
		l.SetStr(id, str)
		l.children(n, inner)
		l.Close()
	}
}

// firstNamed returns the first child that the grammar names, comments aside.
func firstNamed(n node) node {
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Named() && !isComment(c) {
			return c
		}
	}
	return node{}
}

func isComment(n node) bool { k := n.Kind(); return k == "line_comment" || k == "block_comment" }

// lower lowers any node.
func (l *lowerer) lower(n node, role syntax.Role) {
	if !l.Enter() {
		return
	}
	l.lowerStatement(n, role)
	l.Leave()
}

func (l *lowerer) lowerStatement(n node, role syntax.Role) {
	switch n.Kind() {
	case "line_comment", "block_comment", "modifiers", ";":
	case "expression_statement", "program":
		l.children(n, role)
	case "labeled_statement":
		for c := firstNamed(n).Next(); c.Ok(); c = c.Next() {
			if c.Named() {
				l.lower(c, role)
			}
		}
	case "block", "constructor_body":
		l.body(n, role)
	case "static_initializer":
		l.body(n.FirstOf("block"), role)
	case "package_declaration":
		for c := n.First(); c.Ok(); c = c.Next() {
			if c.Kind() == "scoped_identifier" || c.Kind() == "identifier" {
				if id, ok := l.Open(syntax.Other, role, n); ok {
					l.SetStr(id, "package_declaration")
					l.LeafOf(syntax.Name, syntax.Value, l.Text(c), c)
					l.Close()
				}
			}
		}
	case "import_declaration":
		l.importDeclaration(n, role)
	case "class_declaration", "interface_declaration", "enum_declaration", "record_declaration", "annotation_type_declaration":
		l.class(n, role)
	case "method_declaration", "constructor_declaration", "compact_constructor_declaration", "annotation_type_element_declaration":
		l.method(n, role)
	case "field_declaration", "constant_declaration":
		l.variables(n, syntax.Field, role)
	case "local_variable_declaration":
		l.variables(n, syntax.Assign, role)
	case "if_statement":
		if _, ok := l.Open(syntax.If, role, n); ok {
			l.child(n, "condition", syntax.Cond)
			l.body(n.Child("consequence"), syntax.Body)
			if e := n.Child("alternative"); e.Kind() == "if_statement" {
				l.lower(e, syntax.Else)
			} else {
				l.body(e, syntax.Else)
			}
			l.Close()
		}
	case "for_statement":
		l.forCounted(n, role)
	case "enhanced_for_statement":
		if _, ok := l.Open(syntax.For, role, n); ok {
			name := n.Child("name")
			l.LeafOf(syntax.Name, syntax.Target, l.Text(name), name)
			l.typeOf(n)
			l.child(n, "value", syntax.Iter)
			l.body(n.Child("body"), syntax.Body)
			l.Close()
		}
	case "while_statement", "do_statement":
		if _, ok := l.Open(syntax.While, role, n); ok {
			l.child(n, "condition", syntax.Cond)
			l.body(n.Child("body"), syntax.Body)
			l.Close()
		}
	case "try_statement", "try_with_resources_statement":
		l.try(n, role)
	case "switch_expression", "switch_statement":
		l.switchExpression(n, role)
	case "return_statement":
		l.wrap(syntax.Return, role, "", n, syntax.Value)
	case "throw_statement":
		l.wrap(syntax.Throw, role, "", n, syntax.Value)
	case "break_statement":
		l.LeafOf(syntax.Break, role, l.Text(firstNamed(n)), n)
	case "continue_statement":
		l.AddFlags(l.LeafOf(syntax.Break, role, l.Text(firstNamed(n)), n), syntax.FlagContinue)
	case "synchronized_statement":
		if id, ok := l.Open(syntax.Other, role, n); ok {
			l.SetStr(id, "synchronized_statement")
			for c := n.First(); c.Ok(); c = c.Next() {
				switch {
				case c.Field() == "body":
					l.body(c, syntax.Body)
				case c.Named():
					l.lower(c, syntax.Value)
				}
			}
			l.Close()
		}
	case "explicit_constructor_invocation":
		if id, ok := l.Open(syntax.Call, role, n); ok {
			l.SetStr(id, l.Text(n.Child("constructor")))
			l.child(n, "object", syntax.Receiver)
			l.arguments(n)
			l.Close()
		}
	default:
		l.lowerExpression(n, role)
	}
}

func (l *lowerer) forCounted(n node, role syntax.Role) {
	id, ok := l.Open(syntax.For, role, n)
	if !ok {
		return
	}
	l.AddFlags(id, syntax.FlagCounted)
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Field() {
		case "init":
			l.lower(c, syntax.Init)
		case "condition":
			l.lower(c, syntax.Cond)
		case "update":
			l.lower(c, syntax.Post)
		}
	}
	l.body(n.Child("body"), syntax.Body)
	l.Close()
}

func (l *lowerer) try(n node, role syntax.Role) {
	resources := n.Child("resources")
	if resources.Ok() && !n.FirstOf("catch_clause").Ok() && !n.FirstOf("finally_clause").Ok() {
		l.with(n, resources, role)
		return
	}
	if _, ok := l.Open(syntax.Try, role, n); !ok {
		return
	}
	if resources.Ok() {
		l.with(n, resources, syntax.Body)
	} else {
		l.body(n.Child("body"), syntax.Body)
	}
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "catch_clause":
			l.catch(c)
		case "finally_clause":
			l.body(c.FirstOf("block"), syntax.Finally)
		}
	}
	l.Close()
}

func (l *lowerer) with(n, resources node, role syntax.Role) {
	end := n.Child("body").End()
	if end < resources.End() {
		end = resources.End()
	}
	if _, ok := l.OpenAt(syntax.With, role, n.Start(), end); !ok {
		return
	}
	for r := resources.First(); r.Ok(); r = r.Next() {
		if r.Kind() != "resource" {
			continue
		}
		if r.Child("name").Ok() {
			l.assign(r, r, syntax.Assign, syntax.Value)
		} else {
			l.children(r, syntax.Value)
		}
	}
	l.body(n.Child("body"), syntax.Body)
	l.Close()
}

func (l *lowerer) catch(n node) {
	id, ok := l.Open(syntax.Catch, syntax.CatchRole, n)
	if !ok {
		return
	}
	p := n.FirstOf("catch_formal_parameter")
	l.SetStr(id, l.Text(p.FirstOf("catch_type")))
	if name := p.Child("name"); name.Ok() {
		l.LeafOf(syntax.Name, syntax.Target, l.Text(name), name)
	}
	l.body(n.Child("body"), syntax.Body)
	l.Close()
}

// switchExpression lowers both forms of switch. Labels that fall through at once are folded into one
// Case; default is the Case without a condition, behind those that fall through to it.
func (l *lowerer) switchExpression(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Switch, role, n)
	if !ok {
		return
	}
	if role != syntax.Stmt {
		l.AddFlags(id, syntax.FlagExpr)
	}
	l.child(n, "condition", syntax.Value)
	var labels []node
	for c := n.Child("body").First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "switch_rule":
			l.switchCase([]node{c.FirstOf("switch_label")}, c)
		case "switch_block_statement_group":
			filled := false
			for s := c.First(); s.Ok(); s = s.Next() {
				if s.Kind() == "switch_label" {
					if !firstNamed(s).Ok() && len(labels) > 0 { // default
						l.switchCase(labels, labels[len(labels)-1])
						labels = labels[:0]
					}
					labels = append(labels, s)
				} else if s.Named() && !isComment(s) {
					filled = true
				}
			}
			if filled || !c.Next().Named() {
				l.switchCase(labels, c)
				labels = labels[:0]
			}
		case "ERROR":
			l.lower(c, syntax.Stmt)
		}
	}
	l.Close()
}

func (l *lowerer) switchCase(labels []node, last node) {
	start := last.Start()
	if len(labels) > 0 && labels[0].Ok() {
		start = labels[0].Start()
	}
	end := last.End()
	if _, ok := l.OpenAt(syntax.Case, syntax.CaseRole, start, end); !ok {
		return
	}
	for _, label := range labels {
		l.children(label, syntax.Cond)
	}
	from := last.End()
	if label := last.FirstOf("switch_label"); label.Ok() {
		from = label.End()
	} else if last.Kind() == "switch_label" {
		last = node{}
	}
	if _, ok := l.OpenAt(syntax.Block, syntax.Body, from, end); ok {
		for c := last.First(); c.Ok(); c = c.Next() {
			switch {
			case !c.Named() || c.Kind() == "switch_label":
			case c.Kind() == "block" && last.Kind() == "switch_rule":
				l.statements(c)
			default:
				l.Notes(c.Start(), syntax.Stmt)
				l.lower(c, syntax.Stmt)
			}
		}
		l.Close()
	}
	l.Close()
}
