//go:build cgo

package ruby

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// stmts lowers the statements below a node. Clauses of a begin block are skipped; see body.
func (l *lowerer) stmts(n treesitter.Node) {
	for c := n.First(); c.Ok(); c = c.Next() {
		if !c.Named() {
			continue
		}
		switch c.Kind() {
		case "rescue", "else", "ensure", "heredoc_body", "comment":
			continue
		}
		l.stmt(c)
	}
}

func (l *lowerer) stmt(n treesitter.Node) {
	if n.Kind() == "parenthesized_statements" && len(l.frag.Outputs) == 0 && l.depth < maxRecursion {
		l.depth++
		l.stmts(n)
		l.depth--
		return
	}
	if len(l.frag.Outputs) > 0 {
		l.output = l.printed(n.Start())
	}
	l.expr(n, syntax.Stmt)
	l.output = false
}

// expr lowers one expression or statement. It adds exactly one node for it, or none where there is
// nothing to say; error nodes inside follow as siblings.
func (l *lowerer) expr(n treesitter.Node, role syntax.Role) {
	if !n.Ok() {
		return
	}
	if l.depth >= maxRecursion {
		l.b.Truncated = true
		return
	}
	l.depth++
	l.dispatch(n, role)
	if l.broken {
		l.strays(n)
	}
	l.depth--
}

// strays lowers the error nodes that stand between the parts of an expression.
func (l *lowerer) strays(n treesitter.Node) {
	switch n.Kind() {
	case "ERROR", "begin", "parenthesized_statements", "argument_list", "array", "hash", "begin_block", "end_block":
		return // their children are lowered one by one
	}
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Kind() == "ERROR" && c.First().Ok() {
			l.expr(c, syntax.Stmt)
		}
	}
}

func (l *lowerer) dispatch(n treesitter.Node, role syntax.Role) {
	switch kind := n.Kind(); kind {
	case "identifier":
		l.identifier(n, role)
	case "call":
		l.call(n, role)
	case "constant", "instance_variable", "class_variable", "global_variable":
		l.leaf(syntax.Name, role, l.text(n), n)
	case "simple_symbol":
		l.b.AddFlags(l.leaf(syntax.String, role, strings.TrimPrefix(l.text(n), ":"), n), syntax.FlagSymbol)
	case "hash_key_symbol", "bare_symbol", "delimited_symbol":
		l.b.AddFlags(l.str(n, role), syntax.FlagSymbol)
	case "string", "bare_string", "character", "heredoc_beginning", "chained_string":
		l.str(n, role)
	case "integer", "float", "rational", "complex":
		l.leaf(syntax.Number, role, l.text(n), n)
	case "true", "false":
		l.leaf(syntax.Bool, role, kind, n)
	case "nil":
		l.leaf(syntax.Nil, role, "", n)
	case "self":
		l.leaf(syntax.Self, role, "", n)
	case "scope_resolution":
		l.scopeResolution(n, role)
	case "element_reference":
		l.open(syntax.Index, role, n)
		object := n.Child("object")
		l.expr(object, syntax.Receiver)
		for c := n.First(); c.Ok(); c = c.Next() {
			if c.Named() && c != object && c.Kind() != "ERROR" {
				l.arg(c, syntax.Arg)
			}
		}
		l.close()
	case "array", "string_array", "symbol_array":
		l.open(syntax.List, role, n)
		for c := n.First(); c.Ok(); c = c.Next() {
			if c.Named() {
				l.arg(c, syntax.Elem)
			}
		}
		l.close()
	case "hash":
		l.open(syntax.Map, role, n)
		for c := n.First(); c.Ok(); c = c.Next() {
			if c.Named() {
				l.arg(c, syntax.Elem)
			}
		}
		l.close()
	case "pair", "splat_argument", "hash_splat_argument", "block_argument", "forward_argument":
		l.arg(n, role)
	case "binary":
		l.binary(n, role)
	case "unary":
		l.unary(n, role)
	case "range":
		id := l.open(syntax.Binary, role, n)
		l.b.SetStr(id, l.text(n.Child("operator")))
		l.expr(n.Child("begin"), syntax.Left)
		l.expr(n.Child("end"), syntax.Right)
		l.close()
	case "assignment", "operator_assignment":
		l.assignment(n, role)
	case "class", "module":
		l.classOrModule(n, role)
	case "singleton_class":
		l.singletonClass(n, role)
	case "method", "singleton_method":
		l.method(n, role, false)
	case "lambda":
		l.lambda(n, n.Child("body"), n.Child("parameters"), role)
	case "block", "do_block":
		l.lambda(n, n, n.Child("parameters"), role)
	case "if", "unless", "elsif", "conditional", "if_modifier", "unless_modifier":
		l.conditional(n, role)
	case "while", "until", "while_modifier", "until_modifier":
		l.while(n, role)
	case "for":
		l.forIn(n, role)
	case "case", "case_match":
		l.switchOn(n, role)
	case "begin", "begin_block", "end_block":
		l.body(n, n, role)
	case "parenthesized_statements":
		l.parenthesized(n, role)
	case "rescue_modifier":
		l.open(syntax.Try, role, n)
		l.expr(n.Child("body"), syntax.Body)
		handler := n.Child("handler")
		l.open(syntax.Catch, syntax.CatchRole, handler)
		l.expr(handler, syntax.Body)
		l.close()
		l.close()
	case "return":
		l.open(syntax.Return, role, n)
		l.values(n)
		l.close()
	case "next", "break", "redo", "retry":
		id := l.open(syntax.Break, role, n)
		switch kind {
		case "next":
			l.b.AddFlags(id, syntax.FlagContinue)
		case "redo", "retry":
			l.b.SetStr(id, kind)
		}
		l.values(n)
		l.close()
	case "yield", "super":
		id := l.open(syntax.Call, role, n)
		l.b.SetStr(id, kind)
		args := n.FirstOf("argument_list")
		if !args.Ok() {
			l.b.AddFlags(id, syntax.FlagNoArgs)
		}
		l.args(args)
		l.close()
	case "regex":
		id := l.open(syntax.Other, role, n)
		l.b.SetStr(id, "regex")
		l.str(n, syntax.Value)
		l.close()
	case "subshell":
		id := l.open(syntax.Call, role, n)
		l.b.SetStr(id, "`")
		l.str(n, syntax.Arg)
		l.close()
	case "alias":
		id := l.open(syntax.Call, role, n)
		l.b.SetStr(id, "alias_method")
		l.methodName(n.Child("name"))
		l.methodName(n.Child("alias"))
		l.close()
	case "undef":
		id := l.open(syntax.Call, role, n)
		l.b.SetStr(id, "undef_method")
		for _, c := range n.NamedChildren() {
			l.methodName(c)
		}
		l.close()
	case "test_pattern", "match_pattern":
		id := l.open(syntax.Other, role, n)
		l.b.SetStr(id, kind)
		l.expr(n.Child("value"), syntax.Value)
		l.pattern(n.Child("pattern"), syntax.Target)
		l.close()
	case "comment", "heredoc_body", "uninterpreted", "empty_statement", "heredoc_end", "escape_sequence", "string_content":
	case "file", "line", "encoding":
		l.leaf(syntax.Name, role, l.text(n), n)
	case "left_assignment_list", "destructured_left_assignment", "rest_assignment":
		l.target(n, role)
	default:
		l.other(n, role)
	}
}

// other keeps what no rule looks into, with the expressions inside.
func (l *lowerer) other(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Other, role, n)
	l.b.SetStr(id, n.Kind())
	own := n.Kind() == "ERROR" // errors below other nodes are strays
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Named() && (own || c.Kind() != "ERROR") {
			l.expr(c, syntax.Stmt)
		}
	}
	l.close()
}

func (l *lowerer) parenthesized(n treesitter.Node, role syntax.Role) {
	var only treesitter.Node
	count := 0
	for c := n.First(); c.Ok(); c = c.Next() {
		if k := c.Kind(); c.Named() && k != "comment" && k != "heredoc_body" {
			only = c
			count++
		}
	}
	switch count {
	case 0:
		l.leaf(syntax.Nil, role, "", n)
	case 1:
		l.expr(only, role)
	default:
		l.open(syntax.Block, role, n)
		l.stmts(n)
		l.close()
	}
}

func (l *lowerer) scopeResolution(n treesitter.Node, role syntax.Role) {
	if name, ok := l.constant(n); ok {
		l.leaf(syntax.Name, role, name, n)
		return
	}
	id := l.open(syntax.Member, role, n)
	l.b.SetStr(id, l.text(n.Child("name")))
	l.expr(n.Child("scope"), syntax.Receiver)
	l.close()
}

// constant returns the name of a constant or a path of constants.
func (l *lowerer) constant(n treesitter.Node) (string, bool) {
	if n.Kind() == "constant" {
		return l.text(n), true
	}
	plain := true
	for s := n; s.Ok(); s = s.Child("scope") {
		if s.Kind() == "constant" {
			break
		}
		if s.Kind() != "scope_resolution" || s.Child("name").Kind() != "constant" {
			plain = false
			break
		}
	}
	if !plain {
		return "", false
	}
	text := strings.TrimPrefix(l.text(n), "::")
	if strings.ContainsAny(text, " \t\r\n#") {
		text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' }), "")
	}
	return text, true
}

func (l *lowerer) binary(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Binary, role, n)
	op := l.text(n.Child("operator"))
	switch op {
	case "and":
		op = "&&"
	case "or":
		op = "||"
	}
	l.b.SetStr(id, op)
	l.expr(n.Child("left"), syntax.Left)
	l.expr(n.Child("right"), syntax.Right)
	l.close()
}

func (l *lowerer) unary(n treesitter.Node, role syntax.Role) {
	op, operand := l.text(n.Child("operator")), n.Child("operand")
	if k := operand.Kind(); op == "-" && (k == "integer" || k == "float") {
		l.leaf(syntax.Number, role, l.text(n), n)
		return
	}
	if op == "not" {
		op = "!"
	}
	id := l.open(syntax.Unary, role, n)
	l.b.SetStr(id, op)
	l.expr(operand, syntax.Value)
	l.close()
}

// values lowers the arguments of return, next and break: one Value, a List of several.
func (l *lowerer) values(n treesitter.Node) {
	args := n.FirstOf("argument_list")
	if !args.Ok() {
		return
	}
	named := args.NamedChildren()
	if len(named) == 1 {
		l.arg(named[0], syntax.Value)
		return
	}
	l.open(syntax.List, syntax.Value, args)
	for _, c := range named {
		l.arg(c, syntax.Elem)
	}
	l.close()
}

func (l *lowerer) assignment(n treesitter.Node, role syntax.Role) {
	left, right := n.Child("left"), n.Child("right")
	op := "="
	if n.Kind() == "operator_assignment" {
		op = l.text(n.Child("operator"))
	}
	if l.class.body && role == syntax.Stmt && l.scope.outer == nil && left.Kind() == "constant" {
		id := l.open(syntax.Field, role, n)
		l.b.SetStr(id, l.text(left))
		l.assigned(right)
		l.close()
		return
	}
	id := l.open(syntax.Assign, role, n)
	l.b.SetStr(id, op)
	l.target(left, syntax.Target)
	l.assigned(right)
	l.close()
}

func (l *lowerer) assigned(right treesitter.Node) {
	if right.Kind() != "right_assignment_list" {
		l.expr(right, syntax.Value)
		return
	}
	l.open(syntax.List, syntax.Value, right)
	for c := right.First(); c.Ok(); c = c.Next() {
		if c.Named() {
			l.arg(c, syntax.Elem)
		}
	}
	l.close()
}

// target lowers what is assigned to, and declares the local variables in it.
func (l *lowerer) target(n treesitter.Node, role syntax.Role) {
	if l.depth >= maxRecursion {
		l.b.Truncated = true
		return
	}
	l.depth++
	switch n.Kind() {
	case "identifier":
		name := l.text(n)
		l.scope.declare(name)
		l.leaf(syntax.Name, role, name, n)
	case "left_assignment_list", "destructured_left_assignment":
		l.open(syntax.List, role, n)
		for c := n.First(); c.Ok(); c = c.Next() {
			if c.Named() {
				l.target(c, syntax.Elem)
			}
		}
		l.close()
	case "rest_assignment":
		id := l.open(syntax.Splat, role, n)
		l.b.SetStr(id, "*")
		for c := n.First(); c.Ok(); c = c.Next() {
			if c.Named() {
				l.target(c, syntax.Value)
			}
		}
		l.close()
	default:
		l.expr(n, role)
	}
	l.depth--
}
