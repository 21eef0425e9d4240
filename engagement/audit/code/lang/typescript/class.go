package typescript

import "github.com/napkin-infra/napkin/engagement/audit/code/syntax"

func (l *lowerer) class(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Class, role, n)
	if !ok {
		return
	}
	l.SetStr(id, l.Text(n.Child("name")))
	if p := n.Parent(); p.Kind() == "export_statement" {
		l.decorators(p)
	}
	l.decorators(n)
	if h := n.FirstOf("class_heritage"); h.Ok() {
		l.heritage(h)
	}
	l.classBody(n.Child("body"))
	l.Close()
}

func (l *lowerer) heritage(h node) {
	for c := h.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "extends_clause":
			for v := c.First(); v.Ok(); v = v.Next() {
				if v.Field() != "value" {
					continue
				}
				end := v.End()
				if t := v.Next(); t.Kind() == "type_arguments" {
					end = t.End()
				}
				l.super(v, v, end)
			}
		case "implements_clause":
			for t := c.First(); t.Ok(); t = t.Next() {
				if t.Named() && t.Kind() != "comment" {
					l.superType(t)
				}
			}
		case "comment", "extends":
		default: // JavaScript: the expression itself
			if c.Named() {
				l.super(c, c, c.End())
			}
		}
	}
}

// superType adds a type as a Super: its name, and its text where it has arguments.
func (l *lowerer) superType(t node) {
	name := t
	if t.Kind() == "generic_type" {
		name = t.Child("name")
	}
	l.super(t, name, t.End())
}

func (l *lowerer) super(n, name node, end uint32) {
	dotted, ok := l.dotted(name)
	if !ok {
		l.lower(name, syntax.Super)
		return
	}
	id, ok := l.OpenAt(syntax.Name, syntax.Super, n.Start(), end)
	if !ok {
		return
	}
	l.SetStr(id, dotted)
	if end > name.End() {
		l.Leaf(syntax.Type, syntax.TypeRole, l.Slice(n.Start(), end), n.Start(), end)
	}
	l.Close()
}

// dotted returns the text of a chain of plain names.
func (l *lowerer) dotted(n node) (string, bool) {
	for c := n; ; c = c.First() {
		switch c.Kind() {
		case "identifier", "type_identifier", "this_type", "predefined_type":
			return l.Text(n), true
		case "member_expression", "nested_type_identifier", "nested_identifier":
		default:
			return "", false
		}
	}
}

func (l *lowerer) decorators(n node) {
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Kind() == "decorator" {
			l.decorator(c)
		}
	}
}

func (l *lowerer) decorator(d node) {
	for c := d.First(); c.Ok(); c = c.Next() {
		if !c.Named() || c.Kind() == "comment" {
			continue
		}
		switch c.Kind() {
		case "identifier":
			id := l.LeafOf(syntax.Call, syntax.Decorator, l.Text(c), d)
			l.AddFlags(id, syntax.FlagNoArgs)
		case "member_expression":
			if id, ok := l.Open(syntax.Call, syntax.Decorator, d); ok {
				l.AddFlags(id, syntax.FlagNoArgs)
				l.SetStr(id, l.Text(c.Child("property")))
				l.child(c, "object", syntax.Receiver)
				l.Close()
			}
		default:
			l.lower(c, syntax.Decorator)
		}
	}
}

// classBody lowers the members of a class. The grammar puts the decorators of a method in front of
// it, among the members.
func (l *lowerer) classBody(n node) {
	if !n.Ok() {
		return
	}
	if _, ok := l.Open(syntax.Block, syntax.Body, n); !ok {
		return
	}
	var pending []node
	for c := n.First(); c.Ok(); c = c.Next() {
		if !c.Named() {
			continue
		}
		if c.Kind() == "decorator" {
			pending = append(pending, c)
			continue
		}
		l.Notes(c.Start(), syntax.Stmt)
		switch c.Kind() {
		case "comment":
			continue
		case "method_definition", "method_signature", "abstract_method_signature":
			l.method(c, pending)
		case "public_field_definition", "field_definition":
			l.field(c, pending)
		case "class_static_block":
			l.body(c.Child("body"), syntax.Stmt)
		case "index_signature":
		default:
			l.lower(c, syntax.Stmt)
		}
		pending = pending[:0]
	}
	l.Notes(n.End(), syntax.Stmt)
	l.Close()
}

// memberFlags reads the modifiers in front of a member or parameter.
func (l *lowerer) memberFlags(n node) (f syntax.Flags) {
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "accessibility_modifier":
			if l.Text(c) != "public" {
				f |= syntax.FlagPrivate
			}
		case "static":
			f |= syntax.FlagStatic
		case "async":
			f |= syntax.FlagAsync
		case "private_property_identifier":
			f |= syntax.FlagPrivate
		case "formal_parameters", "statement_block":
			return f
		}
	}
	return f
}

func (l *lowerer) method(n node, decorators []node) {
	name, key := l.propertyName(n.Child("name"))
	if name == "constructor" {
		l.parameterProperties(n.Child("parameters"))
	}
	id, ok := l.Open(syntax.Func, syntax.Stmt, n)
	if !ok {
		return
	}
	l.SetStr(id, name)
	l.AddFlags(id, l.memberFlags(n))
	if name == "constructor" {
		l.AddFlags(id, syntax.FlagNew)
	}
	for _, d := range decorators {
		l.decorator(d)
	}
	if key.Ok() {
		l.lower(key, syntax.Key)
	}
	l.signature(n)
	l.body(n.Child("body"), syntax.Body)
	l.Close()
}

// parameterProperties adds the fields that a constructor's parameters declare.
func (l *lowerer) parameterProperties(params node) {
	for p := params.First(); p.Ok(); p = p.Next() {
		pattern := p.Child("pattern")
		if pattern.Kind() != "identifier" {
			continue
		}
		declares := false
		for c := p.First(); c.Ok() && c.ID() != pattern.ID(); c = c.Next() {
			switch c.Kind() {
			case "accessibility_modifier", "readonly", "override_modifier":
				declares = true
			}
		}
		if !declares {
			continue
		}
		if id, ok := l.Open(syntax.Field, syntax.Stmt, p); ok {
			l.SetStr(id, l.Text(pattern))
			l.AddFlags(id, l.memberFlags(p))
			l.typeOf(p, "type")
			l.Close()
		}
	}
}

// field lowers a class field. JavaScript's grammar calls the name "property".
func (l *lowerer) field(n node, decorators []node) {
	nameNode := n.Child("name")
	if !nameNode.Ok() {
		nameNode = n.Child("property")
	}
	name, key := l.propertyName(nameNode)
	id, ok := l.Open(syntax.Field, syntax.Stmt, n)
	if !ok {
		return
	}
	l.SetStr(id, name)
	l.AddFlags(id, l.memberFlags(n))
	for _, d := range decorators {
		l.decorator(d)
	}
	l.decorators(n)
	if key.Ok() {
		l.lower(key, syntax.Key)
	}
	l.typeOf(n, "type")
	l.child(n, "value", syntax.Value)
	l.Close()
}

func (l *lowerer) interfaceDeclaration(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Class, role, n)
	if !ok {
		return
	}
	l.AddFlags(id, syntax.FlagInterface)
	l.SetStr(id, l.Text(n.Child("name")))
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Kind() == "extends_type_clause" || c.Kind() == "extends_clause" {
			for t := c.First(); t.Ok(); t = t.Next() {
				if t.Named() && t.Kind() != "comment" {
					l.superType(t)
				}
			}
		}
	}
	l.typeMembers(n.Child("body"))
	l.Close()
}

// typeAlias lowers `type T = {...}` like an interface, and any other alias to a class that holds the
// type's text.
func (l *lowerer) typeAlias(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Class, role, n)
	if !ok {
		return
	}
	l.AddFlags(id, syntax.FlagInterface)
	l.SetStr(id, l.Text(n.Child("name")))
	if v := n.Child("value"); v.Kind() == "object_type" {
		l.typeMembers(v)
	} else if v.Ok() {
		l.LeafOf(syntax.Type, syntax.TypeRole, l.Text(v), v)
	}
	l.Close()
}

func (l *lowerer) typeMembers(n node) {
	if !n.Ok() {
		return
	}
	if _, ok := l.Open(syntax.Block, syntax.Body, n); !ok {
		return
	}
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "property_signature":
			name, _ := l.propertyName(c.Child("name"))
			if id, ok := l.Open(syntax.Field, syntax.Stmt, c); ok {
				l.SetStr(id, name)
				l.typeOf(c, "type")
				l.Close()
			}
		case "method_signature":
			name, _ := l.propertyName(c.Child("name"))
			if id, ok := l.Open(syntax.Func, syntax.Stmt, c); ok {
				l.SetStr(id, name)
				l.signature(c)
				l.Close()
			}
		}
	}
	l.Close()
}

func (l *lowerer) enum(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Class, role, n)
	if !ok {
		return
	}
	l.SetStr(id, l.Text(n.Child("name")))
	body := n.Child("body")
	if _, ok := l.Open(syntax.Block, syntax.Body, body); ok {
		for c := body.First(); c.Ok(); c = c.Next() {
			switch {
			case c.Kind() == "enum_assignment":
				if id, ok := l.Open(syntax.Field, syntax.Stmt, c); ok {
					name, _ := l.propertyName(c.Child("name"))
					l.SetStr(id, name)
					l.child(c, "value", syntax.Value)
					l.Close()
				}
			case c.Field() == "name":
				name, _ := l.propertyName(c)
				l.LeafOf(syntax.Field, syntax.Stmt, name, c)
			}
		}
		l.Close()
	}
	l.Close()
}
