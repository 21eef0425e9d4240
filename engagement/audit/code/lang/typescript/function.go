package typescript

import "github.com/napkin-infra/napkin/engagement/audit/code/syntax"

// function lowers a function, arrow function or object method to a Func or Lambda.
func (l *lowerer) function(n node, kind syntax.Kind, role syntax.Role, name string) {
	id, ok := l.Open(kind, role, n)
	if !ok {
		return
	}
	l.SetStr(id, name)
	l.AddFlags(id, l.memberFlags(n)&syntax.FlagAsync)
	l.signature(n)
	switch b := n.Child("body"); {
	case !b.Ok():
	case b.Kind() == "statement_block":
		l.body(b, syntax.Body)
	default:
		l.lower(b, syntax.Body)
	}
	l.Close()
}

// signature adds the parameters and the return type.
func (l *lowerer) signature(n node) {
	if p := n.Child("parameter"); p.Ok() { // x => ...
		l.parameter(p)
	}
	for p := n.Child("parameters").First(); p.Ok(); p = p.Next() {
		if p.Named() {
			l.parameter(p)
		}
	}
	l.typeOf(n, "return_type")
}

// parameter lowers one parameter. TypeScript wraps the pattern, JavaScript does not.
func (l *lowerer) parameter(p node) {
	pattern, value := p, node{}
	switch p.Kind() {
	case "comment", "decorator":
		return
	case "required_parameter", "optional_parameter":
		pattern, value = p.Child("pattern"), p.Child("value")
		if !pattern.Ok() {
			pattern = p.Child("name")
		}
	case "assignment_pattern":
		pattern, value = p.Child("left"), p.Child("right")
	}
	if pattern.Kind() == "this" {
		return
	}
	id, ok := l.Open(syntax.Param, syntax.ParamRole, p)
	if !ok {
		return
	}
	l.decorators(p)
	if pattern.Kind() == "rest_pattern" {
		pattern = firstNamed(pattern)
	}
	switch pattern.Kind() {
	case "identifier", "shorthand_property_identifier_pattern":
		l.SetStr(id, l.Text(pattern))
	default:
		if pattern.Ok() {
			l.pattern(pattern, syntax.Target)
		}
	}
	l.typeOf(p, "type")
	if value.Ok() {
		l.lower(value, syntax.Value)
	}
	l.Close()
}

func firstNamed(n node) node {
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Named() && c.Kind() != "comment" {
			return c
		}
	}
	return node{}
}

// pattern lowers what is assigned to or bound.
func (l *lowerer) pattern(n node, role syntax.Role) {
	if !n.Ok() || !l.Enter() {
		return
	}
	defer l.Leave()
	switch n.Kind() {
	case "object_pattern":
		if _, ok := l.Open(syntax.Map, role, n); ok {
			for c := n.First(); c.Ok(); c = c.Next() {
				if c.Named() {
					l.propertyPattern(c)
				}
			}
			l.Close()
		}
	case "array_pattern":
		if _, ok := l.Open(syntax.List, role, n); ok {
			for c := n.First(); c.Ok(); c = c.Next() {
				if c.Named() {
					l.pattern(c, syntax.Elem)
				}
			}
			l.Close()
		}
	case "assignment_pattern":
		if id, ok := l.Open(syntax.Assign, role, n); ok {
			l.SetStr(id, "=")
			l.pattern(n.Child("left"), syntax.Target)
			l.child(n, "right", syntax.Value)
			l.Close()
		}
	case "rest_pattern":
		if id, ok := l.Open(syntax.Splat, role, n); ok {
			l.SetStr(id, "...")
			l.pattern(firstNamed(n), syntax.Value)
			l.Close()
		}
	default:
		l.lower(n, role)
	}
}

// propertyPattern lowers one member of an object pattern to a Pair from property to bound name, with
// the default as Else.
func (l *lowerer) propertyPattern(c node) {
	name, target, fallback := c, c, node{}
	switch c.Kind() {
	case "comment":
		return
	case "shorthand_property_identifier_pattern":
	case "object_assignment_pattern":
		name, fallback = c.Child("left"), c.Child("right")
		target = name
	case "pair_pattern":
		name, target = c.Child("key"), c.Child("value")
		if target.Kind() == "assignment_pattern" {
			target, fallback = target.Child("left"), target.Child("right")
		}
	default: // rest, or broken
		l.pattern(c, syntax.Elem)
		return
	}
	id, ok := l.Open(syntax.Pair, syntax.Elem, c)
	if !ok {
		return
	}
	text, key := l.propertyName(name)
	l.SetStr(id, text)
	if key.Ok() {
		l.lower(key, syntax.Key)
	}
	l.pattern(target, syntax.Value)
	if fallback.Ok() {
		l.lower(fallback, syntax.Else)
	}
	l.Close()
}

// propertyName returns the name of a member or key, or the expression that computes it.
func (l *lowerer) propertyName(n node) (name string, computed node) {
	switch n.Kind() {
	case "string":
		return l.stringText(n), node{}
	case "computed_property_name":
		inner := firstNamed(n)
		if inner.Kind() == "string" {
			return l.stringText(inner), node{}
		}
		return "", inner
	}
	return l.Text(n), node{}
}
