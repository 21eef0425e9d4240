package java

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func (l *lowerer) importDeclaration(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Import, role, n)
	if !ok {
		return
	}
	var path node
	wildcard := false
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "static":
			l.AddFlags(id, syntax.FlagStatic)
		case "scoped_identifier", "identifier":
			path = c
		case "asterisk":
			wildcard = true
		}
	}
	module, name := l.Text(path), "*"
	if !wildcard {
		if i := strings.LastIndexByte(module, '.'); i >= 0 {
			module, name = module[:i], module[i+1:]
		} else {
			module, name = "", module
		}
	}
	l.SetStr(id, module)
	l.LeafOf(syntax.Name, syntax.Arg, strings.TrimSpace(name), path)
	l.Close()
}

func (l *lowerer) class(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Class, role, n)
	if !ok {
		return
	}
	l.SetStr(id, l.Text(n.Child("name")))
	l.modifiers(id, n)
	switch n.Kind() {
	case "interface_declaration", "annotation_type_declaration":
		l.AddFlags(id, syntax.FlagInterface)
	}
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "superclass":
			l.super(firstNamed(c))
		case "super_interfaces", "extends_interfaces":
			for t := c.FirstOf("type_list").First(); t.Ok(); t = t.Next() {
				if t.Named() && !isComment(t) {
					l.super(t)
				}
			}
		}
	}
	l.classBody(n.Child("body"), n.Child("parameters"))
	l.Close()
}

// super adds a type as a Super: its name, and its text where it has arguments.
func (l *lowerer) super(t node) {
	name := t
	for name.Kind() == "generic_type" || name.Kind() == "annotated_type" {
		inner := node{}
		for c := name.First(); c.Ok(); c = c.Next() {
			switch c.Kind() {
			case "type_identifier", "scoped_type_identifier", "generic_type":
				inner = c
			}
		}
		if !inner.Ok() {
			break
		}
		name = inner
	}
	if id, ok := l.Open(syntax.Name, syntax.Super, t); ok {
		l.SetStr(id, l.Text(name))
		if name != t {
			l.LeafOf(syntax.Type, syntax.TypeRole, l.Text(t), t)
		}
		l.Close()
	}
}

// classBody lowers the members of a class, and the components of a record as its first fields.
func (l *lowerer) classBody(n, components node) {
	if !n.Ok() {
		return
	}
	if _, ok := l.Open(syntax.Block, syntax.Body, n); !ok {
		return
	}
	for p := components.First(); p.Ok(); p = p.Next() {
		if p.Kind() == "formal_parameter" {
			l.assign(p, p, syntax.Field, syntax.Stmt)
		}
	}
	l.members(n)
	l.Notes(n.End(), syntax.Stmt)
	l.Close()
}

func (l *lowerer) members(n node) {
	for c := n.First(); c.Ok(); c = c.Next() {
		if !c.Named() {
			continue
		}
		l.Notes(c.Start(), syntax.Stmt)
		switch c.Kind() {
		case "enum_constant":
			l.enumConstant(c)
		case "enum_body_declarations":
			l.members(c)
		default:
			l.lower(c, syntax.Stmt)
		}
	}
}

func (l *lowerer) enumConstant(n node) {
	id, ok := l.Open(syntax.Field, syntax.Stmt, n)
	if !ok {
		return
	}
	l.SetStr(id, l.Text(n.Child("name")))
	l.modifiers(id, n)
	l.AddFlags(id, syntax.FlagStatic)
	if n.Child("arguments").Ok() || n.Child("body").Ok() {
		if id, ok := l.Open(syntax.Call, syntax.Value, n); ok {
			l.AddFlags(id, syntax.FlagNew)
			l.arguments(n)
			l.anonymous(n.Child("body"), "")
			l.Close()
		}
	}
	l.Close()
}

// anonymous lowers the class body behind a constructor call.
func (l *lowerer) anonymous(body node, super string) {
	if !body.Ok() {
		return
	}
	if _, ok := l.Open(syntax.Class, syntax.Body, body); !ok {
		return
	}
	if super != "" {
		l.Leaf(syntax.Name, syntax.Super, super, body.Start(), body.Start())
	}
	l.classBody(body, node{})
	l.Close()
}

// modifiers sets the flags and adds the annotations of a declaration.
func (l *lowerer) modifiers(id syntax.NodeID, n node) {
	var m node
	for m = n.First(); m.Ok(); m = m.Next() { // modifiers come first, behind comments at most
		if m.Kind() == "modifiers" {
			break
		}
		if !isComment(m) {
			return
		}
	}
	for c := m.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "private", "protected":
			l.AddFlags(id, syntax.FlagPrivate)
		case "static":
			l.AddFlags(id, syntax.FlagStatic)
		case "annotation", "marker_annotation":
			l.lower(c, syntax.Decorator)
		}
	}
}

func (l *lowerer) annotation(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Call, role, n)
	if !ok {
		return
	}
	l.SetStr(id, l.Text(n.Child("name")))
	args := n.Child("arguments")
	if !args.Ok() {
		l.AddFlags(id, syntax.FlagNoArgs)
	}
	for c := args.First(); c.Ok(); c = c.Next() {
		if c.Kind() != "element_value_pair" {
			if c.Named() {
				l.lower(c, syntax.Arg)
			}
			continue
		}
		if id, ok := l.Open(syntax.Pair, syntax.Arg, c); ok {
			l.SetStr(id, l.Text(c.Child("key")))
			l.child(c, "value", syntax.Value)
			l.Close()
		}
	}
	l.Close()
}

func (l *lowerer) method(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Func, role, n)
	if !ok {
		return
	}
	l.SetStr(id, l.Text(n.Child("name")))
	l.modifiers(id, n)
	switch n.Kind() {
	case "constructor_declaration", "compact_constructor_declaration":
		l.AddFlags(id, syntax.FlagNew)
	}
	l.parameters(n.Child("parameters"))
	l.typeOf(n)
	l.child(n, "value", syntax.Value) // the default of an annotation's element
	l.body(n.Child("body"), syntax.Body)
	l.Close()
}

// parameters lowers every form of parameter list: of methods, and of lambdas with and without types.
func (l *lowerer) parameters(n node) {
	if n.Kind() == "identifier" {
		l.LeafOf(syntax.Param, syntax.ParamRole, l.Text(n), n)
		return
	}
	for p := n.First(); p.Ok(); p = p.Next() {
		switch p.Kind() {
		case "identifier":
			l.LeafOf(syntax.Param, syntax.ParamRole, l.Text(p), p)
		case "formal_parameter":
			l.assign(p, p, syntax.Param, syntax.ParamRole)
		case "spread_parameter":
			if id, ok := l.Open(syntax.Param, syntax.ParamRole, p); ok {
				l.SetStr(id, l.Text(p.FirstOf("variable_declarator").Child("name")))
				l.modifiers(id, p)
				for c := p.First(); c.Ok(); c = c.Next() {
					if c.Named() && c.Kind() != "modifiers" && !isComment(c) {
						l.LeafOf(syntax.Type, syntax.TypeRole, l.Text(c)+"...", c)
						break
					}
				}
				l.Close()
			}
		}
	}
}

// variables lowers each declarator of a declaration.
func (l *lowerer) variables(n node, kind syntax.Kind, role syntax.Role) {
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "variable_declarator":
			l.assign(n, c, kind, role)
		case "ERROR":
			l.lower(c, role)
		}
	}
}

// assign lowers one declared name: decl holds the modifiers and the type, d the name and the value.
func (l *lowerer) assign(decl, d node, kind syntax.Kind, role syntax.Role) {
	id, ok := l.Open(kind, role, d)
	if !ok {
		return
	}
	name := d.Child("name")
	l.modifiers(id, decl)
	if kind == syntax.Assign {
		l.SetStr(id, "=")
		l.LeafOf(syntax.Name, syntax.Target, l.Text(name), name)
	} else {
		l.SetStr(id, l.Text(name))
	}
	if t := decl.Child("type"); t.Ok() {
		text := l.Text(t)
		if dims := d.Child("dimensions"); dims.Ok() {
			text += l.Text(dims)
		}
		l.LeafOf(syntax.Type, syntax.TypeRole, text, t)
	}
	l.child(d, "value", syntax.Value)
	l.Close()
}

// typeOf adds the type of a declaration as text.
func (l *lowerer) typeOf(n node) {
	if t := n.Child("type"); t.Ok() {
		l.LeafOf(syntax.Type, syntax.TypeRole, l.Text(t), t)
	}
}
