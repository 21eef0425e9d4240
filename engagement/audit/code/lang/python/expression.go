//go:build cgo

package python

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func (l *lowering) expression(n treesitter.Node, role syntax.Role) {
	switch kind := n.Kind(); kind {
	case "identifier", "dotted_name", "keyword_identifier":
		if text := n.Text(); text == "self" {
			l.leaf(syntax.Self, role, "", n)
		} else {
			l.leaf(syntax.Name, role, text, n)
		}
	case "attribute":
		id := l.open(syntax.Member, role, n)
		l.b.SetStr(id, n.Child("attribute").Text())
		l.node(n.Child("object"), syntax.Receiver)
		l.b.Close()
	case "call":
		l.call(n, role)
	case "keyword_argument":
		id := l.open(syntax.Pair, role, n)
		l.b.SetStr(id, n.Child("name").Text())
		l.node(n.Child("value"), syntax.Value)
		l.b.Close()
	case "string", "concatenated_string":
		l.str(n, role)
	case "integer", "float":
		l.leaf(syntax.Number, role, n.Text(), n)
	case "true", "false":
		l.leaf(syntax.Bool, role, kind, n)
	case "none":
		l.leaf(syntax.Nil, role, "", n)
	case "assignment":
		l.assignment(n, role)
	case "augmented_assignment":
		l.assign(n, n.Child("operator").Kind(), n.Child("left"), n.Child("right"), role)
	case "named_expression":
		l.assign(n, ":=", n.Child("name"), n.Child("value"), role)
	case "subscript":
		l.subscript(n, role)
	case "slice":
		l.slice(n, role)
	case "list", "tuple", "set", "expression_list", "pattern_list", "tuple_pattern", "list_pattern":
		l.wrap(syntax.List, role, "", n, syntax.Elem)
	case "dictionary":
		l.wrap(syntax.Map, role, "", n, syntax.Elem)
	case "pair":
		l.pair(n, role)
	case "list_splat", "list_splat_pattern", "parenthesized_list_splat", "splat_pattern":
		l.wrap(syntax.Splat, role, "*", n, syntax.Value)
	case "dictionary_splat", "dictionary_splat_pattern":
		l.wrap(syntax.Splat, role, "**", n, syntax.Value)
	case "list_comprehension":
		l.comprehension(n, "list", role)
	case "set_comprehension":
		l.comprehension(n, "set", role)
	case "dictionary_comprehension":
		l.comprehension(n, "dict", role)
	case "generator_expression":
		l.comprehension(n, "generator", role)
	case "binary_operator":
		l.binary(n, n.Child("operator").Kind(), role)
	case "boolean_operator":
		op := "&&"
		if n.Child("operator").Kind() == "or" {
			op = "||"
		}
		l.binary(n, op, role)
	case "comparison_operator":
		l.comparison(n, role)
	case "not_operator":
		l.wrap(syntax.Unary, role, "!", n, syntax.Value)
	case "unary_operator":
		l.wrap(syntax.Unary, role, n.Child("operator").Kind(), n, syntax.Value)
	case "conditional_expression":
		id := l.open(syntax.If, role, n)
		l.b.AddFlags(id, syntax.FlagExpr)
		body := first(n)
		cond := next(body)
		l.node(cond, syntax.Cond)
		l.node(body, syntax.Body)
		if cond.Ok() {
			l.node(next(cond), syntax.Else)
		}
		l.b.Close()
	case "lambda":
		l.open(syntax.Lambda, role, n)
		l.params(n.Child("parameters"))
		l.node(n.Child("body"), syntax.Body)
		l.b.Close()
	case "await":
		l.wrap(syntax.Await, role, "", n, syntax.Value)
	case "yield":
		l.wrap(syntax.Other, role, kind, n, syntax.Value)
	case "type":
		l.typeText(n)
	case "ellipsis":
		if role != syntax.Stmt {
			l.leaf(syntax.Other, role, kind, n)
		}
	default:
		l.wrap(syntax.Other, role, kind, n, syntax.RoleNone)
	}
}

func (l *lowering) call(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Call, role, n)
	f := n.Child("function")
	for f.Kind() == "parenthesized_expression" && first(f).Ok() {
		f = first(f)
	}
	switch f.Kind() {
	case "identifier":
		if name := f.Text(); name != "self" {
			l.b.SetStr(id, name)
		} else {
			l.node(f, syntax.Callee)
		}
	case "attribute":
		l.b.SetStr(id, f.Child("attribute").Text())
		l.node(f.Child("object"), syntax.Receiver)
	default:
		l.node(f, syntax.Callee)
	}
	if args := n.Child("arguments"); args.Kind() == "argument_list" {
		l.each(args, syntax.Arg)
	} else {
		l.node(args, syntax.Arg)
	}
	l.b.Close()
}

// assignment lowers x = v, x: T = v and x: T. In a class body these declare a Field.
func (l *lowering) assignment(n treesitter.Node, role syntax.Role) {
	left, typ, right := n.Child("left"), n.Child("type"), n.Child("right")
	if l.inClass && left.Kind() == "identifier" {
		id := l.open(syntax.Field, role, n)
		l.b.SetStr(id, left.Text())
		if typ.Ok() {
			l.typeText(typ)
		}
		l.node(right, syntax.Value)
		l.b.Close()
		return
	}
	id := l.open(syntax.Assign, role, n)
	l.b.SetStr(id, "=")
	l.node(left, syntax.Target)
	if typ.Ok() {
		l.typeText(typ)
	}
	l.node(right, syntax.Value)
	l.b.Close()
}

func (l *lowering) assign(n treesitter.Node, op string, target, value treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Assign, role, n)
	l.b.SetStr(id, op)
	l.node(target, syntax.Target)
	l.node(value, syntax.Value)
	l.b.Close()
}

func (l *lowering) binary(n treesitter.Node, op string, role syntax.Role) {
	id := l.open(syntax.Binary, role, n)
	l.b.SetStr(id, op)
	l.node(n.Child("left"), syntax.Left)
	l.node(n.Child("right"), syntax.Right)
	l.b.Close()
}

// comparison lowers a < b <= c to Binary "<="(Binary "<"(a, b), c). The outermost Binary is that of
// the last operator, so all are opened before the first operand is lowered.
func (l *lowering) comparison(n treesitter.Node, role syntax.Role) {
	var ops []string
	var operands []treesitter.Node
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Field() == "operators" {
			ops = append(ops, c.Kind())
		} else if c.Named() && c.Kind() != "comment" && c.Kind() != "line_continuation" {
			operands = append(operands, c)
		}
	}
	if len(operands) != len(ops)+1 || len(ops) == 0 {
		l.wrap(syntax.Other, role, n.Kind(), n, syntax.RoleNone)
		return
	}
	for i := len(ops) - 1; i >= 0; i-- {
		id := l.b.Open(syntax.Binary, role, n.Start(), operands[i+1].End())
		op := ops[i]
		if op == "<>" {
			op = "!="
		}
		l.b.SetStr(id, op)
		role = syntax.Left
	}
	l.node(operands[0], syntax.Left)
	for _, o := range operands[1:] {
		l.node(o, syntax.Right)
		l.b.Close()
	}
}

func (l *lowering) subscript(n treesitter.Node, role syntax.Role) {
	l.open(syntax.Index, role, n)
	l.node(n.Child("value"), syntax.Receiver)
	for c := first(n); c.Ok(); c = next(c) {
		if c.Field() != "value" {
			l.node(c, syntax.Arg)
		}
	}
	l.b.Close()
}

func (l *lowering) slice(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Other, role, n)
	l.b.SetStr(id, "slice")
	parts := [...]syntax.Role{syntax.Left, syntax.Right, syntax.Part}
	i := 0
	for c := n.First(); c.Ok(); c = c.Next() {
		switch {
		case c.Kind() == ":":
			i = min(i+1, len(parts)-1)
		case c.Named() && c.Kind() != "comment":
			l.node(c, parts[i])
		}
	}
	l.b.Close()
}

func (l *lowering) pair(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Pair, role, n)
	key := n.Child("key")
	switch key.Kind() {
	case "integer", "float", "true", "false", "none":
		l.b.SetStr(id, key.Text())
	case "string", "concatenated_string":
		if text, parts := decode(key); len(parts) == 0 {
			l.b.SetStr(id, text)
			break
		}
		l.node(key, syntax.Key)
	default:
		l.node(key, syntax.Key)
	}
	l.node(n.Child("value"), syntax.Value)
	l.b.Close()
}

func (l *lowering) comprehension(n treesitter.Node, result string, role syntax.Role) {
	opened := 0
	for c := first(n); c.Ok(); c = next(c) {
		switch c.Kind() {
		case "for_in_clause":
			id := l.open(syntax.For, role, n)
			l.b.SetStr(id, result)
			l.b.AddFlags(id, syntax.FlagComprehension)
			l.async(c, id)
			opened++
			role = syntax.Body
			l.node(c.Child("left"), syntax.Target)
			for r := first(c); r.Ok(); r = next(r) { // Python 2 allows several
				if r.Field() == "right" {
					l.node(r, syntax.Iter)
				}
			}
		case "if_clause":
			l.node(first(c), syntax.Cond)
		}
	}
	l.node(n.Child("body"), role)
	for range opened {
		l.b.Close()
	}
}
