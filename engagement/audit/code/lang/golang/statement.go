package golang

import (
	"go/ast"
	"go/token"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func (l *lowerer) block(b *ast.BlockStmt, role syntax.Role) {
	if b == nil {
		return
	}
	if _, ok := l.open(syntax.Block, role, b); !ok {
		return
	}
	l.statements(b.List)
	l.flush(b.End())
	l.Close()
}

func (l *lowerer) statements(list []ast.Stmt) {
	for _, s := range list {
		if len(l.notes) > 0 {
			l.flush(s.Pos())
		}
		l.statement(s, syntax.Stmt)
	}
}

func (l *lowerer) statement(s ast.Stmt, role syntax.Role) {
	if s == nil || !l.enter() {
		return
	}
	defer func() { l.depth-- }()
	switch s := s.(type) {
	case *ast.ExprStmt:
		l.expression(s.X, role)
	case *ast.AssignStmt:
		l.assign(s, role)
	case *ast.IfStmt:
		l.ifStatement(s, role)
	case *ast.ReturnStmt:
		if _, ok := l.open(syntax.Return, role, s); ok {
			l.expressions(s.Results, syntax.Value)
			l.Close()
		}
	case *ast.BlockStmt:
		l.block(s, role)
	case *ast.RangeStmt:
		l.rangeStatement(s, role)
	case *ast.ForStmt:
		l.forStatement(s, role)
	case *ast.DeclStmt:
		if d, ok := s.Decl.(*ast.GenDecl); ok {
			l.declaration(d, role)
		}
	case *ast.DeferStmt:
		if _, ok := l.open(syntax.Defer, role, s); ok {
			l.expression(s.Call, syntax.Value)
			l.Close()
		}
	case *ast.GoStmt:
		if _, ok := l.open(syntax.Go, role, s); ok {
			l.expression(s.Call, syntax.Value)
			l.Close()
		}
	case *ast.IncDecStmt:
		if id, ok := l.open(syntax.Assign, role, s); ok {
			l.SetStr(id, s.Tok.String())
			l.expression(s.X, syntax.Target)
			l.Close()
		}
	case *ast.SendStmt:
		if id, ok := l.open(syntax.Binary, role, s); ok {
			l.SetStr(id, "<-")
			l.expression(s.Chan, syntax.Left)
			l.expression(s.Value, syntax.Right)
			l.Close()
		}
	case *ast.SwitchStmt:
		if _, ok := l.open(syntax.Switch, role, s); ok {
			l.statement(s.Init, syntax.Init)
			l.expression(s.Tag, syntax.Value)
			l.cases(s.Body, false)
			l.Close()
		}
	case *ast.TypeSwitchStmt:
		if _, ok := l.open(syntax.Switch, role, s); ok {
			l.statement(s.Init, syntax.Init)
			l.statement(s.Assign, syntax.Value)
			l.cases(s.Body, true)
			l.Close()
		}
	case *ast.SelectStmt:
		if id, ok := l.open(syntax.Switch, role, s); ok {
			l.SetStr(id, "select")
			l.cases(s.Body, false)
			l.Close()
		}
	case *ast.LabeledStmt:
		l.statement(s.Stmt, role)
	case *ast.BranchStmt:
		l.branch(s, role)
	case *ast.BadStmt:
		l.bad(s)
	}
}

func (l *lowerer) assign(s *ast.AssignStmt, role syntax.Role) {
	id, ok := l.open(syntax.Assign, role, s)
	if !ok {
		return
	}
	l.SetStr(id, s.Tok.String())
	l.expressions(s.Lhs, syntax.Target)
	l.expressions(s.Rhs, syntax.Value)
	l.Close()
}

func (l *lowerer) ifStatement(s *ast.IfStmt, role syntax.Role) {
	if _, ok := l.open(syntax.If, role, s); !ok {
		return
	}
	l.statement(s.Init, syntax.Init)
	l.expression(s.Cond, syntax.Cond)
	l.block(s.Body, syntax.Body)
	l.statement(s.Else, syntax.Else)
	l.Close()
}

func (l *lowerer) rangeStatement(s *ast.RangeStmt, role syntax.Role) {
	if _, ok := l.open(syntax.For, role, s); !ok {
		return
	}
	l.expression(s.Key, syntax.Target)
	l.expression(s.Value, syntax.Target)
	l.expression(s.X, syntax.Iter)
	l.block(s.Body, syntax.Body)
	l.Close()
}

func (l *lowerer) forStatement(s *ast.ForStmt, role syntax.Role) {
	kind := syntax.While
	if s.Init != nil || s.Post != nil {
		kind = syntax.For
	}
	id, ok := l.open(kind, role, s)
	if !ok {
		return
	}
	if kind == syntax.For {
		l.AddFlags(id, syntax.FlagCounted)
	}
	l.statement(s.Init, syntax.Init)
	l.expression(s.Cond, syntax.Cond)
	l.statement(s.Post, syntax.Post)
	l.block(s.Body, syntax.Body)
	l.Close()
}

// cases lowers the clauses of a switch or select; types says that they name types.
func (l *lowerer) cases(b *ast.BlockStmt, types bool) {
	if b == nil {
		return
	}
	for _, s := range b.List {
		var colon token.Pos
		var body []ast.Stmt
		if _, ok := l.open(syntax.Case, syntax.CaseRole, s); !ok {
			return
		}
		switch c := s.(type) {
		case *ast.CaseClause:
			colon, body = c.Colon, c.Body
			for _, x := range c.List {
				if id, ok := x.(*ast.Ident); types && (!ok || id.Name != "nil") {
					l.leaf(syntax.Type, syntax.Cond, l.text(x), x)
				} else {
					l.expression(x, syntax.Cond)
				}
			}
		case *ast.CommClause:
			colon, body = c.Colon, c.Body
			l.statement(c.Comm, syntax.Cond)
		}
		if _, ok := l.openAt(syntax.Block, syntax.Body, colon+1, s.End()); ok {
			l.statements(body)
			l.Close()
		}
		l.Close()
	}
}

func (l *lowerer) branch(s *ast.BranchStmt, role syntax.Role) {
	label := ""
	if s.Label != nil {
		label = s.Label.Name
	}
	switch s.Tok {
	case token.BREAK:
		l.leaf(syntax.Break, role, label, s)
	case token.CONTINUE:
		l.AddFlags(l.leaf(syntax.Break, role, label, s), syntax.FlagContinue)
	default: // goto, fallthrough
		l.leaf(syntax.Other, role, s.Tok.String(), s)
	}
}
