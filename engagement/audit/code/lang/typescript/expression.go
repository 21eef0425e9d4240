package typescript

import "github.com/napkin-infra/napkin/engagement/audit/code/syntax"

func (l *lowerer) lowerExpression(n node, role syntax.Role) {
	switch n.Kind() {
	case "identifier", "property_identifier", "private_property_identifier", "shorthand_property_identifier",
		"shorthand_property_identifier_pattern", "type_identifier", "nested_identifier", "meta_property":
		l.LeafOf(syntax.Name, role, l.Text(n), n)
	case "super", "import":
		l.LeafOf(syntax.Name, role, n.Kind(), n)
	case "this":
		l.LeafOf(syntax.Self, role, "", n)
	case "string", "template_string":
		l.str(n, role)
	case "number":
		l.LeafOf(syntax.Number, role, l.Text(n), n)
	case "true", "false":
		l.LeafOf(syntax.Bool, role, n.Kind(), n)
	case "null", "undefined":
		l.LeafOf(syntax.Nil, role, "", n)
	case "regex":
		if id, ok := l.Open(syntax.Other, role, n); ok {
			l.SetStr(id, "regex")
			if p := n.Child("pattern"); p.Ok() {
				l.LeafOf(syntax.String, syntax.Value, l.Text(p), p)
			}
			l.Close()
		}
	case "call_expression", "member_expression", "subscript_expression", "non_null_expression":
		l.chain(n, role)
	case "new_expression":
		l.new(n, role)
	case "parenthesized_expression", "instantiation_expression":
		if c := firstNamed(n); c.Ok() {
			l.lower(c, role)
		}
	case "as_expression", "satisfies_expression":
		l.lower(n.First(), role)
	case "type_assertion":
		for c := n.First(); c.Ok(); c = c.Next() {
			if c.Named() && c.Kind() != "type_arguments" {
				l.lower(c, role)
			}
		}
	case "await_expression":
		l.wrap(syntax.Await, role, "", n, syntax.Value)
	case "arrow_function", "function_expression", "function", "generator_function":
		l.function(n, syntax.Lambda, role, l.Text(n.Child("name")))
	case "object":
		l.object(n, role)
	case "array":
		l.wrap(syntax.List, role, "", n, syntax.Elem)
	case "spread_element":
		l.wrap(syntax.Splat, role, "...", n, syntax.Value)
	case "object_pattern", "array_pattern", "assignment_pattern", "rest_pattern":
		l.pattern(n, role)
	case "assignment_expression", "augmented_assignment_expression":
		if id, ok := l.Open(syntax.Assign, role, n); ok {
			op := "="
			if o := n.Child("operator"); o.Ok() {
				op = o.Kind()
			}
			l.SetStr(id, op)
			l.pattern(n.Child("left"), syntax.Target)
			l.child(n, "right", syntax.Value)
			l.Close()
		}
	case "update_expression":
		if id, ok := l.Open(syntax.Assign, role, n); ok {
			l.SetStr(id, n.Child("operator").Kind())
			l.child(n, "argument", syntax.Target)
			l.Close()
		}
	case "binary_expression":
		if id, ok := l.Open(syntax.Binary, role, n); ok {
			l.SetStr(id, n.Child("operator").Kind())
			l.child(n, "left", syntax.Left)
			l.child(n, "right", syntax.Right)
			l.Close()
		}
	case "unary_expression":
		if id, ok := l.Open(syntax.Unary, role, n); ok {
			l.SetStr(id, n.Child("operator").Kind())
			l.child(n, "argument", syntax.Value)
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
	case "jsx_element", "jsx_self_closing_element", "jsx_fragment":
		l.jsx(n, role)
	case "jsx_expression":
		if c := firstNamed(n); c.Ok() {
			l.lower(c, role)
		}
	case "jsx_text", "html_character_reference", "type_annotation", "type_arguments", "type_parameters", "formal_parameters", "optional_chain", "decorator":
	case "pair": // outside an object only where the source is broken
		l.pair(n, func() { l.child(n, "value", syntax.Value) }, n.Child("key"))
	case "pair_pattern", "object_assignment_pattern":
		l.propertyPattern(n)
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

// spine returns the next inner node of a chain of calls and members, or no node.
func spine(n node) node {
	switch n.Kind() {
	case "call_expression", "member_expression", "subscript_expression", "non_null_expression":
		return n.First()
	}
	return node{}
}

// chain lowers a call, member or index. The grammar reads `await a.b<T>(c).d()` as a call of
// `await a.b`: an await or unary operator in the place of a callee, without parentheses, belongs in
// front of the whole chain, and is moved there.
func (l *lowerer) chain(n node, role syntax.Role) {
	opened := 0
	if spine(n.Parent()) != n {
		for c := spine(n); c.Ok(); c = spine(c) {
			for ; c.Field() == "function" || opened > 0; c = operand(c) {
				if !operand(c).Ok() {
					break
				}
				kind, operator := syntax.Await, ""
				if c.Kind() == "unary_expression" {
					kind, operator = syntax.Unary, c.Child("operator").Kind()
				}
				id, ok := l.Open(kind, role, n)
				if !ok {
					break
				}
				l.SetStr(id, operator)
				role = syntax.Value
				opened++
			}
			if opened > 0 {
				break
			}
		}
	}
	l.link(n, role)
	for range opened {
		l.Close()
	}
}

// operand returns what an await or unary operator stands in front of, or no node.
func operand(n node) node {
	switch n.Kind() {
	case "await_expression":
		return firstNamed(n)
	case "unary_expression":
		return n.Child("argument")
	}
	return node{}
}

// callee returns the callee of a call without what is transparent around it, and without the
// operators that chain has moved.
func callee(n node) node {
	f := n.Child("function")
	for o := operand(f); o.Ok(); o = operand(f) {
		f = o
	}
	for {
		switch {
		case f.Kind() == "non_null_expression", f.Kind() == "instantiation_expression",
			f.Kind() == "parenthesized_expression" && firstNamed(f).Kind() == "identifier":
			f = firstNamed(f)
		default:
			return f
		}
	}
}

func (l *lowerer) link(n node, role syntax.Role) {
	switch n.Kind() {
	case "call_expression":
		l.call(n, role)
	case "member_expression":
		if id, ok := l.Open(syntax.Member, role, n); ok {
			l.SetStr(id, l.Text(n.Child("property")))
			if n.Child("optional_chain").Ok() {
				l.AddFlags(id, syntax.FlagSafe)
			}
			l.child(n, "object", syntax.Receiver)
			l.Close()
		}
	case "subscript_expression":
		if id, ok := l.Open(syntax.Index, role, n); ok {
			if n.Child("optional_chain").Ok() {
				l.AddFlags(id, syntax.FlagSafe)
			}
			l.child(n, "object", syntax.Receiver)
			l.child(n, "index", syntax.Arg)
			l.Close()
		}
	default:
		l.lower(n.First(), role)
	}
}

func (l *lowerer) call(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Call, role, n)
	if !ok {
		return
	}
	f := callee(n)
	switch f.Kind() {
	case "identifier", "super", "import":
		l.SetStr(id, l.Text(f))
	case "member_expression":
		l.SetStr(id, l.Text(f.Child("property")))
		if f.Child("optional_chain").Ok() {
			l.AddFlags(id, syntax.FlagSafe)
		}
		l.child(f, "object", syntax.Receiver)
	default:
		if f.Ok() {
			l.lower(f, syntax.Callee)
		}
	}
	if n.FirstOf("?.").Ok() || n.FirstOf("optional_chain").Ok() {
		l.AddFlags(id, syntax.FlagSafe)
	}
	l.typeArguments(n)
	switch args := n.Child("arguments"); args.Kind() {
	case "arguments":
		l.children(args, syntax.Arg)
	case "template_string":
		l.str(args, syntax.Arg)
	}
	l.Close()
}

func (l *lowerer) new(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Call, role, n)
	if !ok {
		return
	}
	l.AddFlags(id, syntax.FlagNew)
	c := n.Child("constructor")
	if name, ok := l.dotted(c); ok {
		l.SetStr(id, name)
	} else if c.Ok() {
		l.lower(c, syntax.Callee)
	}
	l.typeArguments(n)
	if args := n.Child("arguments"); args.Ok() {
		l.children(args, syntax.Arg)
	}
	l.Close()
}

func (l *lowerer) object(n node, role syntax.Role) {
	if _, ok := l.Open(syntax.Map, role, n); !ok {
		return
	}
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "pair":
			l.pair(c, func() { l.child(c, "value", syntax.Value) }, c.Child("key"))
		case "shorthand_property_identifier":
			l.pair(c, func() { l.LeafOf(syntax.Name, syntax.Value, l.Text(c), c) }, c)
		case "method_definition":
			l.pair(c, func() { l.function(c, syntax.Lambda, syntax.Value, "") }, c.Child("name"))
		default:
			if c.Named() {
				l.lower(c, syntax.Elem)
			}
		}
	}
	l.Close()
}

func (l *lowerer) pair(n node, value func(), name node) {
	id, ok := l.Open(syntax.Pair, syntax.Elem, n)
	if !ok {
		return
	}
	text, key := l.propertyName(name)
	l.SetStr(id, text)
	if key.Ok() {
		l.lower(key, syntax.Key)
	}
	value()
	l.Close()
}

// jsx lowers an element to a call of its component.
func (l *lowerer) jsx(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Call, role, n)
	if !ok {
		return
	}
	l.AddFlags(id, syntax.FlagOutput)
	tag := n
	if t := n.Child("open_tag"); t.Ok() {
		tag = t
	}
	name := "Fragment"
	if c := tag.Child("name"); c.Ok() {
		name = l.Text(c)
	}
	l.SetStr(id, name)
	for c := tag.First(); c.Ok(); c = c.Next() {
		if c.Field() == "attribute" {
			l.attribute(c)
		}
	}
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Field() == "attribute" {
			continue
		}
		switch c.Kind() {
		case "jsx_element", "jsx_self_closing_element", "jsx_fragment", "jsx_expression", "ERROR":
			l.lower(c, syntax.Part)
		}
	}
	l.Close()
}

func (l *lowerer) attribute(n node) {
	if n.Kind() != "jsx_attribute" { // {...props}
		l.lower(n, syntax.Arg)
		return
	}
	id, ok := l.Open(syntax.Pair, syntax.Arg, n)
	if !ok {
		return
	}
	name := firstNamed(n)
	l.SetStr(id, l.Text(name))
	value := node{}
	for c := name.Next(); c.Ok(); c = c.Next() {
		if c.Named() && c.Kind() != "comment" {
			value = c
		}
	}
	if value.Ok() {
		l.lower(value, syntax.Value)
	} else {
		l.LeafOf(syntax.Bool, syntax.Value, "true", n)
	}
	l.Close()
}
