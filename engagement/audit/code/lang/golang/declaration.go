package golang

import (
	"go/ast"
	"go/token"
	"strconv"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func (l *lowerer) file(f *ast.File) {
	if f.Name != nil && f.Name.Name != "" {
		if id, ok := l.openAt(syntax.Other, syntax.Stmt, f.Package, f.Name.End()); ok {
			l.SetStr(id, "package_clause")
			l.leaf(syntax.Name, syntax.Value, f.Name.Name, f.Name)
			l.Close()
		}
	}
	for _, d := range f.Decls {
		l.flush(d.Pos())
		switch d := d.(type) {
		case *ast.GenDecl:
			l.declaration(d, syntax.Stmt)
		case *ast.FuncDecl:
			l.function(d)
		case *ast.BadDecl:
			l.bad(d)
		}
	}
	l.flush(token.Pos(len(l.src) + 2))
}

func (l *lowerer) bad(n ast.Node) {
	s, e := l.span(n.Pos(), n.End())
	l.broken += int(e - s)
}

func (l *lowerer) declaration(d *ast.GenDecl, role syntax.Role) {
	for _, s := range d.Specs {
		l.flush(s.Pos())
		switch s := s.(type) {
		case *ast.ImportSpec:
			l.importSpec(s, role)
		case *ast.TypeSpec:
			l.typeSpec(s, role)
		case *ast.ValueSpec:
			if id, ok := l.open(syntax.Assign, role, s); ok {
				l.SetStr(id, "=")
				for _, n := range s.Names {
					l.leaf(syntax.Name, syntax.Target, n.Name, n)
				}
				l.typeOf(s.Type)
				for _, v := range s.Values {
					l.expression(v, syntax.Value)
				}
				l.Close()
			}
		}
	}
}

func (l *lowerer) importSpec(s *ast.ImportSpec, role syntax.Role) {
	id, ok := l.open(syntax.Import, role, s)
	if !ok {
		return
	}
	if s.Path != nil {
		l.SetStr(id, unquote(s.Path.Value))
	}
	if s.Name != nil {
		if id, ok := l.open(syntax.Pair, syntax.Arg, s.Name); ok {
			l.SetStr(id, s.Name.Name)
			l.leaf(syntax.Name, syntax.Value, "*", s.Name)
			l.Close()
		}
	}
	l.Close()
}

// unquote decodes a string or character literal; what is broken stays as written.
func unquote(s string) string {
	if u, err := strconv.Unquote(s); err == nil {
		return u
	}
	return s
}

func (l *lowerer) typeSpec(s *ast.TypeSpec, role syntax.Role) {
	id, ok := l.open(syntax.Class, role, s)
	if !ok {
		return
	}
	l.SetStr(id, s.Name.Name)
	switch t := s.Type.(type) {
	case *ast.StructType:
		l.structType(t)
	case *ast.InterfaceType:
		l.AddFlags(id, syntax.FlagInterface)
		l.interfaceType(t)
	case nil:
	default:
		l.typeOf(t)
	}
	l.Close()
}

func (l *lowerer) structType(t *ast.StructType) {
	if t.Fields == nil {
		return
	}
	for _, f := range t.Fields.List {
		if len(f.Names) == 0 {
			l.super(f.Type, f.Tag)
		}
	}
	if _, ok := l.open(syntax.Block, syntax.Body, t.Fields); !ok {
		return
	}
	for _, f := range t.Fields.List {
		l.flush(f.Pos())
		for i, n := range f.Names {
			end := f.End()
			if i < len(f.Names)-1 {
				end = n.End()
			}
			if id, ok := l.openAt(syntax.Field, syntax.Stmt, n.Pos(), end); ok {
				l.SetStr(id, n.Name)
				l.tag(f.Tag)
				l.typeOf(f.Type)
				l.Close()
			}
		}
	}
	l.flush(t.Fields.End())
	l.Close()
}

func (l *lowerer) tag(t *ast.BasicLit) {
	if t != nil {
		l.leaf(syntax.String, syntax.Decorator, unquote(t.Value), t)
	}
}

// super adds an embedded type.
func (l *lowerer) super(t ast.Expr, tag *ast.BasicLit) {
	name := t
	for {
		switch x := name.(type) {
		case *ast.StarExpr:
			name = x.X
			continue
		case *ast.ParenExpr:
			name = x.X
			continue
		case *ast.IndexExpr:
			name = x.X
			continue
		case *ast.IndexListExpr:
			name = x.X
			continue
		}
		break
	}
	id, ok := l.open(syntax.Name, syntax.Super, t)
	if !ok {
		return
	}
	l.SetStr(id, l.text(name))
	l.tag(tag)
	if name != t {
		l.typeOf(t)
	}
	l.Close()
}

func (l *lowerer) interfaceType(t *ast.InterfaceType) {
	if t.Methods == nil {
		return
	}
	for _, f := range t.Methods.List {
		if len(f.Names) == 0 {
			l.super(f.Type, nil)
		}
	}
	if _, ok := l.open(syntax.Block, syntax.Body, t.Methods); !ok {
		return
	}
	for _, f := range t.Methods.List {
		for _, n := range f.Names {
			if id, ok := l.open(syntax.Func, syntax.Stmt, f); ok {
				l.SetStr(id, n.Name)
				if ft, ok := f.Type.(*ast.FuncType); ok {
					l.signature(ft)
				}
				l.Close()
			}
		}
	}
	l.Close()
}

func (l *lowerer) function(d *ast.FuncDecl) {
	id, ok := l.open(syntax.Func, syntax.Stmt, d)
	if !ok {
		return
	}
	l.SetStr(id, d.Name.Name)
	l.parameters(d.Recv, syntax.FlagReceiver)
	l.signature(d.Type)
	if d.Body != nil {
		l.block(d.Body, syntax.Body)
	}
	l.Close()
}

func (l *lowerer) signature(t *ast.FuncType) {
	if t == nil {
		return
	}
	l.parameters(t.Params, 0)
	if r := t.Results; r != nil && len(r.List) > 0 {
		l.leaf(syntax.Type, syntax.TypeRole, l.text(r), r)
	}
}

func (l *lowerer) parameters(list *ast.FieldList, flags syntax.Flags) {
	if list == nil {
		return
	}
	for _, f := range list.List {
		if len(f.Names) == 0 {
			if id, ok := l.open(syntax.Param, syntax.ParamRole, f); ok {
				l.AddFlags(id, flags)
				l.typeOf(f.Type)
				l.Close()
			}
		}
		for _, n := range f.Names {
			if id, ok := l.open(syntax.Param, syntax.ParamRole, n); ok {
				l.SetStr(id, n.Name)
				l.AddFlags(id, flags)
				l.typeOf(f.Type)
				l.Close()
			}
		}
	}
}
