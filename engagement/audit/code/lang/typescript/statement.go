package typescript

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/lowering"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

type node = treesitter.Node

type lowerer struct{ *lowering.Lowering }

// file lowers the statements of a program.
func (l *lowerer) file(root node) {
	if root.Kind() == "program" {
		l.statements(root)
	} else { // nothing could be recovered: the root is the error
		l.lower(root, syntax.Stmt)
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
	if n.Kind() == "statement_block" || n.Kind() == "class_body" {
		l.statements(n)
	} else {
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

// lower lowers any node. Statements come first in the switch's files, expressions in lowerExpression.
func (l *lowerer) lower(n node, role syntax.Role) {
	if !l.Enter() {
		return
	}
	l.lowerStatement(n, role)
	l.Leave()
}

func (l *lowerer) lowerStatement(n node, role syntax.Role) {
	switch n.Kind() {
	case "comment", "html_comment", "hash_bang_line", "empty_statement", "debugger_statement", "override_modifier":
	case "expression_statement", "ambient_declaration", "labeled_statement", "program":
		for c := n.First(); c.Ok(); c = c.Next() {
			if c.Named() && c.Field() != "label" {
				l.lower(c, role)
			}
		}
	case "statement_block":
		l.body(n, role)
	case "lexical_declaration", "variable_declaration":
		for c := n.First(); c.Ok(); c = c.Next() {
			if c.Kind() == "variable_declarator" || c.Kind() == "ERROR" {
				l.lower(c, role)
			}
		}
	case "variable_declarator":
		l.declarator(n, role)
	case "import_statement":
		l.importStatement(n, role)
	case "export_statement":
		l.export(n, role)
	case "import_alias":
		l.importAlias(n, role)
	case "class_declaration", "abstract_class_declaration", "class":
		l.class(n, role)
	case "interface_declaration":
		l.interfaceDeclaration(n, role)
	case "type_alias_declaration":
		l.typeAlias(n, role)
	case "enum_declaration":
		l.enum(n, role)
	case "module", "internal_module":
		l.namespace(n, role)
	case "function_declaration", "generator_function_declaration", "function_signature":
		l.function(n, syntax.Func, role, l.Text(n.Child("name")))
	case "if_statement":
		if _, ok := l.Open(syntax.If, role, n); ok {
			l.child(n, "condition", syntax.Cond)
			l.body(n.Child("consequence"), syntax.Body)
			l.alternative(n.Child("alternative"))
			l.Close()
		}
	case "for_statement":
		l.forCounted(n, role)
	case "for_in_statement":
		l.forIn(n, role)
	case "while_statement", "do_statement":
		if _, ok := l.Open(syntax.While, role, n); ok {
			l.child(n, "condition", syntax.Cond)
			l.body(n.Child("body"), syntax.Body)
			l.Close()
		}
	case "try_statement":
		l.try(n, role)
	case "switch_statement":
		l.switchStatement(n, role)
	case "return_statement":
		l.wrap(syntax.Return, role, "", n, syntax.Value)
	case "throw_statement":
		l.wrap(syntax.Throw, role, "", n, syntax.Value)
	case "break_statement":
		l.LeafOf(syntax.Break, role, l.Text(n.Child("label")), n)
	case "continue_statement":
		id := l.LeafOf(syntax.Break, role, l.Text(n.Child("label")), n)
		l.AddFlags(id, syntax.FlagContinue)
	default:
		l.lowerExpression(n, role)
	}
}

func (l *lowerer) alternative(n node) {
	if !n.Ok() {
		return
	}
	for c := n.First(); c.Ok(); c = c.Next() {
		switch {
		case !c.Named() || c.Kind() == "comment":
		case c.Kind() == "if_statement":
			l.lower(c, syntax.Else)
			return
		default:
			l.body(c, syntax.Else)
			return
		}
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
		case "initializer":
			l.lower(c, syntax.Init)
		case "condition":
			l.lower(c, syntax.Cond)
		case "increment":
			l.lower(c, syntax.Post)
		}
	}
	l.body(n.Child("body"), syntax.Body)
	l.Close()
}

func (l *lowerer) forIn(n node, role syntax.Role) {
	id, ok := l.Open(syntax.For, role, n)
	if !ok {
		return
	}
	if n.FirstOf("await").Ok() {
		l.AddFlags(id, syntax.FlagAsync)
	}
	l.SetStr(id, l.Text(n.Child("operator")))
	l.pattern(n.Child("left"), syntax.Target)
	l.child(n, "right", syntax.Iter)
	l.body(n.Child("body"), syntax.Body)
	l.Close()
}

func (l *lowerer) try(n node, role syntax.Role) {
	if _, ok := l.Open(syntax.Try, role, n); !ok {
		return
	}
	l.body(n.Child("body"), syntax.Body)
	if h := n.Child("handler"); h.Ok() {
		if _, ok := l.Open(syntax.Catch, syntax.CatchRole, h); ok {
			l.pattern(h.Child("parameter"), syntax.Target)
			l.body(h.Child("body"), syntax.Body)
			l.Close()
		}
	}
	if f := n.Child("finalizer"); f.Ok() {
		l.body(f.Child("body"), syntax.Finally)
	}
	l.Close()
}

// switchStatement folds cases that fall through at once ("case 1: case 2: f()") into one Case with
// several conditions. Default is the Case without one.
func (l *lowerer) switchStatement(n node, role syntax.Role) {
	if _, ok := l.Open(syntax.Switch, role, n); !ok {
		return
	}
	l.child(n, "value", syntax.Value)
	var conds []node
	for c := n.Child("body").First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "switch_case":
			conds = append(conds, c)
			if c.Child("body").Ok() {
				l.switchCase(conds, c)
				conds = conds[:0]
			}
		case "switch_default":
			if len(conds) > 0 {
				l.switchCase(conds, conds[len(conds)-1])
				conds = conds[:0]
			}
			l.switchCase(nil, c)
		case "ERROR":
			l.lower(c, syntax.Stmt)
		}
	}
	if len(conds) > 0 {
		l.switchCase(conds, conds[len(conds)-1])
	}
	l.Close()
}

func (l *lowerer) switchCase(conds []node, last node) {
	first := last
	if len(conds) > 0 {
		first = conds[0]
	}
	if _, ok := l.OpenAt(syntax.Case, syntax.CaseRole, first.Start(), last.End()); !ok {
		return
	}
	for _, c := range conds {
		l.child(c, "value", syntax.Cond)
	}
	start := last.End()
	if b := last.Child("body"); b.Ok() {
		start = b.Start()
	}
	if _, ok := l.OpenAt(syntax.Block, syntax.Body, start, last.End()); ok {
		for c := last.First(); c.Ok(); c = c.Next() {
			if c.Field() == "body" {
				l.Notes(c.Start(), syntax.Stmt)
				l.lower(c, syntax.Stmt)
			}
		}
		l.Close()
	}
	l.Close()
}
