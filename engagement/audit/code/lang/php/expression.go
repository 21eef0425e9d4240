//go:build cgo

package php

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func (l *lowering) expression(n treesitter.Node, role syntax.Role) {
	switch kind := n.Kind(); kind {
	case "variable_name":
		if name := variable(n); name == "this" {
			l.leaf(syntax.Self, role, "", n)
		} else {
			l.leaf(syntax.Name, role, name, n)
		}
	case "name", "qualified_name", "namespace_name", "named_type":
		l.leaf(syntax.Name, role, qualified(n), n)
	case "relative_scope":
		if text := strings.ToLower(n.Text()); text == "parent" {
			l.leaf(syntax.Name, role, text, n)
		} else {
			l.leaf(syntax.Self, role, "", n)
		}
	case "function_call_expression":
		l.call(n, role)
	case "member_call_expression", "nullsafe_member_call_expression", "scoped_call_expression":
		l.methodCall(n, role)
	case "object_creation_expression":
		l.creation(n, role)
	case "member_access_expression", "nullsafe_member_access_expression", "scoped_property_access_expression", "class_constant_access_expression":
		l.member(n, role)
	case "subscript_expression":
		l.open(syntax.Index, role, n)
		base := first(n)
		l.node(base, syntax.Receiver)
		if base.Ok() {
			l.node(next(base), syntax.Arg)
		}
		l.b.Close()
	case "arguments":
		l.arguments(n)
	case "argument":
		l.argument(n, role)
	case "array_creation_expression", "list_literal":
		l.array(n, role)
	case "array_element_initializer", "pair":
		l.element(n, role)
	case "variadic_unpacking":
		l.wrap(syntax.Splat, role, "...", n, syntax.Value)
	case "string", "encapsed_string", "heredoc", "nowdoc":
		l.str(n, role)
	case "integer", "float":
		l.leaf(syntax.Number, role, n.Text(), n)
	case "boolean":
		l.leaf(syntax.Bool, role, strings.ToLower(n.Text()), n)
	case "null":
		l.leaf(syntax.Nil, role, "", n)
	case "assignment_expression":
		l.assign(n, "=", role)
	case "reference_assignment_expression":
		l.assign(n, "=&", role)
	case "augmented_assignment_expression":
		l.assign(n, n.Child("operator").Kind(), role)
	case "binary_expression":
		l.binary(n, role)
	case "unary_op_expression":
		id := l.open(syntax.Unary, role, n)
		l.b.SetStr(id, n.First().Kind())
		l.each(n, syntax.Value)
		l.b.Close()
	case "update_expression":
		id := l.open(syntax.Unary, role, n)
		l.b.SetStr(id, n.Child("operator").Kind())
		l.node(n.Child("argument"), syntax.Value)
		l.b.Close()
	case "error_suppression_expression":
		l.wrap(syntax.Unary, role, "@", n, syntax.Value)
	case "clone_expression":
		l.wrap(syntax.Unary, role, "clone", n, syntax.Value)
	case "cast_expression":
		id := l.open(syntax.Unary, role, n)
		l.b.SetStr(id, "("+strings.ToLower(n.Child("type").Text())+")")
		l.node(n.Child("value"), syntax.Value)
		l.b.Close()
	case "conditional_expression":
		id := l.open(syntax.If, role, n)
		l.b.AddFlags(id, syntax.FlagExpr)
		l.node(n.Child("condition"), syntax.Cond)
		l.node(n.Child("body"), syntax.Body)
		l.node(n.Child("alternative"), syntax.Else)
		l.b.Close()
	case "print_intrinsic":
		l.builtin("print", n, role)
	case "include_expression", "include_once_expression", "require_expression", "require_once_expression":
		l.builtin(strings.TrimSuffix(kind, "_expression"), n, role)
	case "yield_expression":
		l.wrap(syntax.Other, role, "yield", n, syntax.Value)
	default:
		l.wrap(syntax.Other, role, kind, n, syntax.RoleNone)
	}
}

func (l *lowering) call(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Call, role, n)
	f := n.Child("function")
	if isName(f) {
		l.b.SetStr(id, qualified(f))
	} else {
		l.node(f, syntax.Callee)
	}
	l.arguments(n.Child("arguments"))
	l.b.Close()
}

func (l *lowering) methodCall(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Call, role, n)
	object := n.Child("object")
	switch n.Kind() {
	case "nullsafe_member_call_expression":
		l.b.AddFlags(id, syntax.FlagSafe)
	case "scoped_call_expression":
		l.b.AddFlags(id, syntax.FlagStatic)
		object = n.Child("scope")
	}
	l.node(object, syntax.Receiver)
	if name := n.Child("name"); name.Kind() == "name" {
		l.b.SetStr(id, name.Text())
	} else {
		l.node(name, syntax.Callee)
	}
	l.arguments(n.Child("arguments"))
	l.b.Close()
}

func (l *lowering) creation(n treesitter.Node, role syntax.Role) {
	if n.FirstOf("declaration_list").Ok() {
		l.class(n, role, 0)
		return
	}
	id := l.open(syntax.Call, role, n)
	l.b.AddFlags(id, syntax.FlagNew)
	class := first(n)
	if isName(class) {
		l.b.SetStr(id, qualified(class))
	} else {
		l.node(class, syntax.Callee)
	}
	if class.Ok() {
		l.arguments(next(class))
	}
	l.b.Close()
}

func (l *lowering) member(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Member, role, n)
	object, name := n.Child("object"), n.Child("name")
	switch n.Kind() {
	case "nullsafe_member_access_expression":
		l.b.AddFlags(id, syntax.FlagSafe)
	case "scoped_property_access_expression":
		l.b.AddFlags(id, syntax.FlagStatic)
		object = n.Child("scope")
		if name.Kind() == "variable_name" && name.First().Kind() == "$" {
			name = first(name)
		}
	case "class_constant_access_expression":
		l.b.AddFlags(id, syntax.FlagStatic)
		object = first(n)
		if object.Ok() {
			name = next(object)
		}
	}
	l.node(object, syntax.Receiver)
	if name.Kind() == "name" {
		l.b.SetStr(id, name.Text())
	} else {
		l.node(name, syntax.Key)
	}
	l.b.Close()
}

func (l *lowering) arguments(n treesitter.Node) {
	for c := first(n); c.Ok(); c = next(c) {
		l.argument(c, syntax.Arg)
	}
}

func (l *lowering) argument(n treesitter.Node, role syntax.Role) {
	if n.Kind() == "variadic_placeholder" {
		l.leaf(syntax.Splat, role, "...", n)
		return
	}
	if n.Kind() != "argument" {
		l.node(n, role)
		return
	}
	name := n.Child("name")
	if name.Ok() {
		id := l.open(syntax.Pair, role, n)
		l.b.SetStr(id, name.Text())
		role = syntax.Value
	}
	for c := first(n); c.Ok(); c = next(c) {
		if c != name && c.Kind() != "reference_modifier" {
			l.node(c, role)
		}
	}
	if name.Ok() {
		l.b.Close()
	}
}

func (l *lowering) array(n treesitter.Node, role syntax.Role) {
	kind := syntax.List
	for c := first(n); c.Ok() && kind == syntax.List; c = next(c) {
		if (c.Kind() == "array_element_initializer" && c.FirstOf("=>").Ok()) || c.Next().Kind() == "=>" {
			kind = syntax.Map
		}
	}
	l.open(kind, role, n)
	for c := first(n); c.Ok(); c = next(c) {
		if c.Next().Kind() == "=>" { // ['k' => $v] on the left of an assignment has no element nodes
			value := next(c)
			id := l.openAt(syntax.Pair, syntax.Elem, c.Start(), max(c.End(), value.End()))
			l.key(c, id)
			l.node(value, syntax.Value)
			l.b.Close()
			if c = value; !c.Ok() {
				break
			}
			continue
		}
		l.node(c, syntax.Elem)
	}
	l.b.Close()
}

func (l *lowering) element(n treesitter.Node, role syntax.Role) {
	if !n.FirstOf("=>").Ok() {
		l.each(n, role)
		return
	}
	id := l.open(syntax.Pair, role, n)
	key := first(n)
	l.key(key, id)
	l.node(next(key), syntax.Value)
	l.b.Close()
}

// key gives the open Pair its key.
func (l *lowering) key(n treesitter.Node, id syntax.NodeID) {
	switch n.Kind() {
	case "integer", "float", "boolean", "null":
		l.b.SetStr(id, n.Text())
	case "string", "encapsed_string":
		if text, parts := l.decode(n); len(parts) == 0 {
			l.b.SetStr(id, text)
			break
		}
		l.node(n, syntax.Key)
	default:
		l.node(n, syntax.Key)
	}
}

func (l *lowering) assign(n treesitter.Node, op string, role syntax.Role) {
	id := l.open(syntax.Assign, role, n)
	l.b.SetStr(id, op)
	l.node(n.Child("left"), syntax.Target)
	l.node(n.Child("right"), syntax.Value)
	l.b.Close()
}

func (l *lowering) binary(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Binary, role, n)
	op := strings.ToLower(n.Child("operator").Kind())
	switch op {
	case "and":
		op = "&&"
	case "or":
		op = "||"
	case "<>":
		op = "!="
	}
	l.b.SetStr(id, op)
	l.node(n.Child("left"), syntax.Left)
	l.node(n.Child("right"), syntax.Right)
	l.b.Close()
}
