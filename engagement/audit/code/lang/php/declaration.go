//go:build cgo

package php

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// declaration lowers n if it declares a name.
func (l *lowering) declaration(n treesitter.Node, role syntax.Role) bool {
	switch n.Kind() {
	case "namespace_definition":
		id := l.open(syntax.Other, role, n)
		l.b.SetStr(id, "namespace")
		if name := n.Child("name"); name.Ok() {
			l.leaf(syntax.Name, syntax.Value, qualified(name), name)
		}
		l.block(n.Child("body"), syntax.Body)
		l.b.Close()
	case "namespace_use_declaration":
		l.imports(n, role)
	case "class_declaration", "enum_declaration":
		l.class(n, role, 0)
	case "trait_declaration":
		l.class(n, role, syntax.FlagModule)
	case "interface_declaration":
		l.class(n, role, syntax.FlagInterface)
	case "use_declaration":
		id := l.open(syntax.Call, role, n)
		l.b.SetStr(id, "use")
		for c := first(n); c.Ok(); c = next(c) {
			if isName(c) {
				l.node(c, syntax.Arg)
			}
		}
		l.b.Close()
	case "const_declaration":
		l.constants(n, role)
	case "property_declaration":
		l.properties(n, role)
	case "enum_case":
		id := l.open(syntax.Field, role, n)
		l.b.AddFlags(id, syntax.FlagStatic)
		l.b.SetStr(id, n.Child("name").Text())
		l.attributes(n)
		l.node(n.Child("value"), syntax.Value)
		l.b.Close()
	case "function_definition", "method_declaration":
		id := l.open(syntax.Func, role, n)
		l.b.SetStr(id, n.Child("name").Text())
		l.signature(n, id)
		l.block(n.Child("body"), syntax.Body)
		l.b.Close()
		l.promoted(n, role)
	case "anonymous_function_creation_expression":
		id := l.open(syntax.Lambda, role, n)
		l.signature(n, id)
		l.block(n.Child("body"), syntax.Body)
		l.b.Close()
	case "arrow_function":
		id := l.open(syntax.Lambda, role, n)
		l.signature(n, id)
		l.node(n.Child("body"), syntax.Body)
		l.b.Close()
	default:
		return false
	}
	return true
}

func (l *lowering) imports(n treesitter.Node, role syntax.Role) {
	prefix := ""
	clause := func(c treesitter.Node) {
		id := l.open(syntax.Import, role, c)
		path, last := "", treesitter.Node{}
		for p := first(c); p.Ok(); p = next(p) {
			switch p.Kind() {
			case "name", "qualified_name", "namespace_name":
				path, last = qualified(p), p
			case "namespace_aliasing_clause":
				l.b.SetStr(id, prefix+path)
				a := l.open(syntax.Pair, syntax.Arg, p)
				l.b.SetStr(a, first(p).Text())
				l.leaf(syntax.Name, syntax.Value, path[strings.LastIndexByte(path, '\\')+1:], last)
				l.b.Close()
			}
		}
		l.b.SetStr(id, prefix+path)
		l.b.Close()
	}
	for c := first(n); c.Ok(); c = next(c) {
		switch c.Kind() {
		case "namespace_name":
			prefix = qualified(c) + `\`
		case "namespace_use_clause":
			clause(c)
		case "namespace_use_group":
			for g := first(c); g.Ok(); g = next(g) {
				if g.Kind() == "namespace_use_group_clause" {
					clause(g)
				}
			}
		}
	}
}

// class lowers a named or anonymous class, trait, interface or enum.
func (l *lowering) class(n treesitter.Node, role syntax.Role, flags syntax.Flags) {
	id := l.open(syntax.Class, role, n)
	l.b.AddFlags(id, flags)
	l.b.SetStr(id, n.Child("name").Text())
	l.attributes(n)
	for c := first(n); c.Ok(); c = next(c) {
		switch c.Kind() {
		case "base_clause", "class_interface_clause":
			l.each(c, syntax.Super)
		case "arguments":
			l.arguments(c)
		case "declaration_list", "enum_declaration_list":
			l.block(c, syntax.Body)
		case "ERROR":
			l.node(c, syntax.RoleNone)
		}
	}
	l.b.Close()
}

func (l *lowering) attributes(n treesitter.Node) {
	list := n.Child("attributes")
	for g := first(list); g.Ok(); g = next(g) {
		for a := first(g); a.Ok(); a = next(a) {
			name := first(a)
			args := a.Child("parameters")
			if !args.Ok() {
				l.leaf(syntax.Name, syntax.Decorator, qualified(name), a)
				continue
			}
			id := l.open(syntax.Call, syntax.Decorator, a)
			l.b.SetStr(id, qualified(name))
			l.arguments(args)
			l.b.Close()
		}
	}
}

// modifiers reads what stands before a member.
func modifiers(n treesitter.Node) (flags syntax.Flags) {
	for c := first(n); c.Ok(); c = next(c) {
		switch c.Kind() {
		case "static_modifier":
			flags |= syntax.FlagStatic
		case "visibility_modifier":
			if c.Text() != "public" {
				flags |= syntax.FlagPrivate
			}
		case "compound_statement":
			return flags
		}
	}
	return flags
}

func (l *lowering) constants(n treesitter.Node, role syntax.Role) {
	member := n.Parent().Kind() == "declaration_list" || n.Parent().Kind() == "enum_declaration_list"
	for c := first(n); c.Ok(); c = next(c) {
		if c.Kind() != "const_element" {
			continue
		}
		name := first(c)
		if member {
			id := l.open(syntax.Field, role, c)
			l.b.AddFlags(id, syntax.FlagStatic|modifiers(n))
			l.b.SetStr(id, name.Text())
			l.typeText(n.Child("type"))
		} else {
			id := l.open(syntax.Assign, role, c)
			l.b.SetStr(id, "=")
			l.node(name, syntax.Target)
		}
		l.node(next(name), syntax.Value)
		l.b.Close()
	}
}

func (l *lowering) properties(n treesitter.Node, role syntax.Role) {
	outer, flags := n, modifiers(n)
	for c := first(n); c.Ok(); c = next(c) {
		if c.Kind() != "property_element" {
			continue
		}
		id := l.open(syntax.Field, role, outer)
		l.b.AddFlags(id, flags)
		name := first(c)
		l.b.SetStr(id, variable(name))
		if outer == n {
			l.attributes(n)
		}
		l.typeText(n.Child("type"))
		if v := next(name); v.Kind() == "property_initializer" {
			l.each(v, syntax.Value)
		}
		l.b.Close()
		// Only the first of several properties spans the modifiers, or they would overlap.
		if d := next(c); d.Ok() {
			outer = d
		}
	}
}

// signature lowers the decorators, parameters and result type of a function into the open node.
func (l *lowering) signature(n treesitter.Node, id syntax.NodeID) {
	l.b.AddFlags(id, modifiers(n))
	l.attributes(n)
	params := n.Child("parameters")
	for p := first(params); p.Ok(); p = next(p) {
		id := l.open(syntax.Param, syntax.ParamRole, p)
		l.b.SetStr(id, variable(p.Child("name")))
		l.attributes(p)
		l.typeText(p.Child("type"))
		l.node(p.Child("default_value"), syntax.Value)
		if p.Kind() == "variadic_parameter" {
			l.leaf(syntax.Splat, syntax.RoleNone, "...", p)
		}
		l.b.Close()
	}
	l.typeText(n.Child("return_type"))
}

// promoted declares the properties that the parameters of a constructor stand for.
func (l *lowering) promoted(n treesitter.Node, role syntax.Role) {
	for p := first(n.Child("parameters")); p.Ok(); p = next(p) {
		if p.Kind() != "property_promotion_parameter" {
			continue
		}
		id := l.open(syntax.Field, role, p)
		l.b.AddFlags(id, modifiers(p))
		l.b.SetStr(id, variable(p.Child("name")))
		l.typeText(p.Child("type"))
		l.b.Close()
	}
}

func (l *lowering) typeText(n treesitter.Node) {
	if !n.Ok() {
		return
	}
	s := qualified(n)
	if strings.ContainsAny(s, "\n\t") {
		s = strings.Join(strings.Fields(s), " ")
	}
	l.leaf(syntax.Type, syntax.TypeRole, s, n)
}

// variable is the name of a variable_name without "$". Where it is taken by reference the name is
// one level down.
func variable(n treesitter.Node) string {
	for n.Kind() == "by_ref" {
		n = first(n)
	}
	return strings.TrimPrefix(n.Text(), "$")
}
