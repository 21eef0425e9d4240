package java

import "github.com/napkin-infra/napkin/engagement/audit/code/syntax"

func (l *lowerer) lowerExpression(n node, role syntax.Role) {
	switch n.Kind() {
	case "identifier", "scoped_identifier":
		l.LeafOf(syntax.Name, role, l.Text(n), n)
	case "this":
		l.LeafOf(syntax.Self, role, "", n)
	case "super":
		l.LeafOf(syntax.Name, role, "super", n)
	case "string_literal", "character_literal":
		l.str(n, role)
	case "decimal_integer_literal", "hex_integer_literal", "octal_integer_literal", "binary_integer_literal",
		"decimal_floating_point_literal", "hex_floating_point_literal":
		l.LeafOf(syntax.Number, role, l.Text(n), n)
	case "true", "false":
		l.LeafOf(syntax.Bool, role, n.Kind(), n)
	case "null_literal":
		l.LeafOf(syntax.Nil, role, "", n)
	case "method_invocation":
		if id, ok := l.Open(syntax.Call, role, n); ok {
			l.SetStr(id, l.Text(n.Child("name")))
			l.receiver(n)
			l.typeArguments(n.Child("type_arguments"))
			l.arguments(n)
			l.Close()
		}
	case "field_access":
		if id, ok := l.Open(syntax.Member, role, n); ok {
			f := n.Child("field")
			l.SetStr(id, l.Text(f))
			l.child(n, "object", syntax.Receiver)
			l.Close()
		}
	case "class_literal":
		if id, ok := l.Open(syntax.Member, role, n); ok {
			l.SetStr(id, "class")
			t := firstNamed(n)
			l.LeafOf(syntax.Name, syntax.Receiver, l.Text(t), t)
			l.Close()
		}
	case "array_access":
		if _, ok := l.Open(syntax.Index, role, n); ok {
			l.child(n, "array", syntax.Receiver)
			l.child(n, "index", syntax.Arg)
			l.Close()
		}
	case "object_creation_expression":
		l.new(n, role)
	case "array_creation_expression":
		l.array(n, role)
	case "array_initializer", "element_value_array_initializer":
		l.wrap(syntax.List, role, "", n, syntax.Elem)
	case "parenthesized_expression":
		if c := firstNamed(n); c.Ok() {
			l.lower(c, role)
		}
	case "cast_expression":
		l.child(n, "value", role)
	case "lambda_expression":
		if _, ok := l.Open(syntax.Lambda, role, n); ok {
			l.parameters(n.Child("parameters"))
			if b := n.Child("body"); b.Kind() == "block" {
				l.body(b, syntax.Body)
			} else if b.Ok() {
				l.lower(b, syntax.Body)
			}
			l.Close()
		}
	case "method_reference":
		l.methodReference(n, role)
	case "assignment_expression":
		if id, ok := l.Open(syntax.Assign, role, n); ok {
			l.SetStr(id, n.Child("operator").Kind())
			l.child(n, "left", syntax.Target)
			l.child(n, "right", syntax.Value)
			l.Close()
		}
	case "update_expression":
		if id, ok := l.Open(syntax.Assign, role, n); ok {
			op := "++"
			if n.FirstOf("--").Ok() {
				op = "--"
			}
			l.SetStr(id, op)
			l.children(n, syntax.Target)
			l.Close()
		}
	case "binary_expression":
		if id, ok := l.Open(syntax.Binary, role, n); ok {
			l.SetStr(id, n.Child("operator").Kind())
			l.child(n, "left", syntax.Left)
			l.child(n, "right", syntax.Right)
			l.Close()
		}
	case "instanceof_expression":
		l.instanceOf(n, role)
	case "unary_expression":
		if id, ok := l.Open(syntax.Unary, role, n); ok {
			l.SetStr(id, n.Child("operator").Kind())
			l.child(n, "operand", syntax.Value)
			l.Close()
		}
	case "ternary_expression":
		if id, ok := l.Open(syntax.If, role, n); ok {
			l.AddFlags(id, syntax.FlagExpr)
			l.child(n, "condition", syntax.Cond)
			l.child(n, "consequence", syntax.Body)
			l.child(n, "alternative", syntax.Else)
			l.Close()
		}
	case "annotation", "marker_annotation":
		l.annotation(n, role)
	case "type_pattern", "record_pattern":
		l.LeafOf(syntax.Type, role, l.Text(n), n)
	case "pattern":
		l.children(n, role)
	case "type_arguments", "type_parameters", "dimensions", "formal_parameters", "throws", "type_identifier", "generic_type",
		"scoped_type_identifier", "integral_type", "floating_point_type", "boolean_type", "void_type", "array_type":
	case "ERROR":
		l.broken(n, role)
	default:
		if n.Named() && n.First().Ok() {
			l.wrap(syntax.Other, role, n.Kind(), n, syntax.Value)
		}
	}
}

// broken lowers what an error node holds: in place among statements, else under an Other.
func (l *lowerer) broken(n node, role syntax.Role) {
	if role == syntax.Stmt {
		l.children(n, role)
		return
	}
	if n.First().Ok() {
		l.wrap(syntax.Other, role, "ERROR", n, syntax.Value)
	}
}

// receiver lowers the object of a call. In `Outer.super.f()` the grammar has two nodes for it.
func (l *lowerer) receiver(n node) {
	o := n.Child("object")
	if !o.Ok() {
		return
	}
	for c := o.Next(); c.Ok() && c.Field() != "name"; c = c.Next() {
		if c.Kind() == "super" {
			o = c
		}
	}
	l.lower(o, syntax.Receiver)
}

func (l *lowerer) arguments(n node) {
	if args := n.Child("arguments"); args.Ok() {
		l.children(args, syntax.Arg)
	}
}

// typeArguments adds each type argument as text.
func (l *lowerer) typeArguments(n node) {
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Named() && !isComment(c) {
			l.LeafOf(syntax.Type, syntax.TypeRole, l.Text(c), c)
		}
	}
}

func (l *lowerer) new(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Call, role, n)
	if !ok {
		return
	}
	l.AddFlags(id, syntax.FlagNew)
	t := n.Child("type")
	if o := firstNamed(n); o.Ok() && o.ID() != t.ID() && o.Field() == "" && n.FirstOf(".").Ok() {
		l.lower(o, syntax.Receiver) // outer.new Inner()
	}
	name := t
	if t.Kind() == "generic_type" {
		name = firstNamed(t)
	}
	text := l.Text(name)
	l.SetStr(id, text)
	if name != t {
		l.typeArguments(t.FirstOf("type_arguments"))
	}
	l.arguments(n)
	l.anonymous(n.FirstOf("class_body"), text)
	l.Close()
}

// array lowers `new T[]{...}` to a List, and `new T[n]` to an Other that holds the sizes.
func (l *lowerer) array(n node, role syntax.Role) {
	kind, v := syntax.List, n.Child("value")
	if !v.Ok() {
		kind = syntax.Other
	}
	id, ok := l.Open(kind, role, n)
	if !ok {
		return
	}
	l.typeOf(n)
	if v.Ok() {
		l.children(v, syntax.Elem)
	} else {
		l.SetStr(id, "array_creation_expression")
		for c := n.First(); c.Ok(); c = c.Next() {
			if c.Kind() == "dimensions_expr" {
				l.children(c, syntax.Value)
			}
		}
	}
	l.Close()
}

// instanceOf lowers `a instanceof T t` to Binary{"instanceof"} with the bound variable as Target.
func (l *lowerer) instanceOf(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Binary, role, n)
	if !ok {
		return
	}
	l.SetStr(id, "instanceof")
	l.child(n, "left", syntax.Left)
	t := n.Child("right")
	if !t.Ok() {
		t = n.Child("pattern")
	}
	if t.Ok() {
		l.LeafOf(syntax.Type, syntax.Right, l.Text(t), t)
	}
	if name := n.Child("name"); name.Ok() {
		l.LeafOf(syntax.Name, syntax.Target, l.Text(name), name)
	}
	l.Close()
}

// methodReference lowers a::b; see the package comment for what its shape can not know.
func (l *lowerer) methodReference(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Lambda, role, n)
	if !ok {
		return
	}
	l.AddFlags(id, syntax.FlagBlockPass)
	owner, method := firstNamed(n), ""
	for c := owner.Next(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "identifier", "new":
			method = l.Text(c)
		}
	}
	isType := l.namesType(owner)
	if p, ok := l.Open(syntax.Param, syntax.ParamRole, n); ok {
		l.SetStr(p, "it")
		if isType && method != "new" {
			l.LeafOf(syntax.Type, syntax.TypeRole, l.Text(owner), owner)
		}
		l.Close()
	}
	if call, ok := l.Open(syntax.Call, syntax.Body, n); ok {
		l.SetStr(call, method)
		switch {
		case method == "new":
			l.SetStr(call, l.Text(owner))
			l.AddFlags(call, syntax.FlagNew)
			l.LeafOf(syntax.Name, syntax.Arg, "it", n)
		case isType:
			l.LeafOf(syntax.Name, syntax.Receiver, "it", n)
		default:
			l.lower(owner, syntax.Receiver)
			l.LeafOf(syntax.Name, syntax.Arg, "it", n)
		}
		l.Close()
	}
	l.Close()
}

// namesType reports whether a node in front of "::" names a type, by the case of its last part.
func (l *lowerer) namesType(n node) bool {
	switch n.Kind() {
	case "identifier":
	case "field_access":
		n = n.Child("field")
	case "type_identifier", "scoped_type_identifier", "generic_type", "array_type", "integral_type", "floating_point_type":
		return true
	default:
		return false
	}
	s := l.Text(n)
	return s != "" && s[0] >= 'A' && s[0] <= 'Z' && !isConstant(s)
}

// isConstant reports whether a name is written like a constant (MAX_SIZE). One capital is a type.
func isConstant(s string) bool {
	for i := range len(s) {
		if s[i] >= 'a' && s[i] <= 'z' {
			return false
		}
	}
	return len(s) > 3
}
