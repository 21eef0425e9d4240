package golang

import (
	"go/ast"
	"go/token"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func (l *lowerer) expressions(list []ast.Expr, role syntax.Role) {
	for _, x := range list {
		l.expression(x, role)
	}
}

func (l *lowerer) expression(x ast.Expr, role syntax.Role) {
	if x == nil || !l.enter() {
		return
	}
	defer func() { l.depth-- }()
	switch x := x.(type) {
	case *ast.Ident:
		switch x.Name {
		case "nil":
			l.leaf(syntax.Nil, role, "", x)
		case "true", "false":
			l.leaf(syntax.Bool, role, x.Name, x)
		default:
			l.leaf(syntax.Name, role, x.Name, x)
		}
	case *ast.BasicLit:
		switch x.Kind {
		case token.STRING, token.CHAR:
			l.leaf(syntax.String, role, unquote(x.Value), x)
		default:
			l.leaf(syntax.Number, role, x.Value, x)
		}
	case *ast.SelectorExpr:
		if id, ok := l.open(syntax.Member, role, x); ok {
			l.SetStr(id, x.Sel.Name)
			l.expression(x.X, syntax.Receiver)
			l.Close()
		}
	case *ast.CallExpr:
		l.call(x, role)
	case *ast.ParenExpr:
		l.expression(x.X, role)
	case *ast.StarExpr:
		l.unary("*", x, x.X, role)
	case *ast.UnaryExpr:
		l.unary(x.Op.String(), x, x.X, role)
	case *ast.BinaryExpr:
		if id, ok := l.open(syntax.Binary, role, x); ok {
			l.SetStr(id, x.Op.String())
			l.expression(x.X, syntax.Left)
			l.expression(x.Y, syntax.Right)
			l.Close()
		}
	case *ast.IndexExpr:
		if _, ok := l.open(syntax.Index, role, x); ok {
			l.expression(x.X, syntax.Receiver)
			l.expression(x.Index, syntax.Arg)
			l.Close()
		}
	case *ast.IndexListExpr: // a generic function that is not called
		if _, ok := l.open(syntax.Index, role, x); ok {
			l.expression(x.X, syntax.Receiver)
			l.expressions(x.Indices, syntax.Arg)
			l.Close()
		}
	case *ast.SliceExpr:
		if id, ok := l.open(syntax.Index, role, x); ok {
			l.SetStr(id, ":")
			l.expression(x.X, syntax.Receiver)
			l.expression(x.Low, syntax.Arg)
			l.expression(x.High, syntax.Arg)
			l.expression(x.Max, syntax.Arg)
			l.Close()
		}
	case *ast.TypeAssertExpr:
		if id, ok := l.open(syntax.Other, role, x); ok {
			l.SetStr(id, "type_assertion_expression")
			l.expression(x.X, syntax.Value)
			l.typeOf(x.Type)
			l.Close()
		}
	case *ast.FuncLit:
		if _, ok := l.open(syntax.Lambda, role, x); ok {
			l.signature(x.Type)
			l.block(x.Body, syntax.Body)
			l.Close()
		}
	case *ast.CompositeLit:
		l.composite(x, x.Type, role)
	case *ast.KeyValueExpr: // outside a literal only where the source is broken
		l.pair(x, nil, nil, false, role)
	case *ast.Ellipsis:
		if id, ok := l.open(syntax.Splat, role, x); ok {
			l.SetStr(id, "...")
			l.expression(x.Elt, syntax.Value)
			l.Close()
		}
	case *ast.ArrayType, *ast.MapType, *ast.ChanType, *ast.FuncType, *ast.StructType, *ast.InterfaceType:
		l.leaf(syntax.Type, role, l.text(x), x)
	case *ast.BadExpr:
		l.bad(x)
	}
}

func (l *lowerer) unary(op string, n ast.Node, x ast.Expr, role syntax.Role) {
	if id, ok := l.open(syntax.Unary, role, n); ok {
		l.SetStr(id, op)
		l.expression(x, syntax.Value)
		l.Close()
	}
}

func (l *lowerer) call(x *ast.CallExpr, role syntax.Role) {
	id, ok := l.open(syntax.Call, role, x)
	if !ok {
		return
	}
	fun := unparen(x.Fun)
	var typeArgs []ast.Expr
	switch f := fun.(type) {
	case *ast.IndexExpr:
		if looksLikeType(f.Index) {
			fun, typeArgs = unparen(f.X), []ast.Expr{f.Index}
		}
	case *ast.IndexListExpr:
		fun, typeArgs = unparen(f.X), f.Indices
	}
	switch f := fun.(type) {
	case *ast.Ident:
		l.SetStr(id, f.Name)
	case *ast.SelectorExpr:
		l.SetStr(id, f.Sel.Name)
		l.expression(f.X, syntax.Receiver)
	default:
		l.expression(f, syntax.Callee)
	}
	for _, t := range typeArgs {
		l.typeOf(t)
	}
	for i, a := range x.Args {
		if i == len(x.Args)-1 && x.Ellipsis.IsValid() {
			if id, ok := l.openAt(syntax.Splat, syntax.Arg, a.Pos(), x.Ellipsis+3); ok {
				l.SetStr(id, "...")
				l.expression(a, syntax.Value)
				l.Close()
			}
			continue
		}
		l.expression(a, syntax.Arg)
	}
	l.Close()
}

func unparen(x ast.Expr) ast.Expr {
	for {
		p, ok := x.(*ast.ParenExpr)
		if !ok {
			return x
		}
		x = p.X
	}
}

// isType reports whether an expression can be nothing but a type.
func isType(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.ArrayType, *ast.MapType, *ast.ChanType, *ast.FuncType, *ast.StructType, *ast.InterfaceType:
		return true
	case *ast.StarExpr:
		return looksLikeType(x.X)
	}
	return false
}

// looksLikeType reports whether what stands in brackets reads like a type and not like an index:
// source alone can not tell a[Key] from f[Key].
func looksLikeType(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		switch x.Name {
		case "string", "bool", "byte", "rune", "error", "any", "int", "int8", "int16", "int32", "int64",
			"uint", "uint8", "uint16", "uint32", "uint64", "float32", "float64":
			return true
		}
		return token.IsExported(x.Name)
	case *ast.SelectorExpr:
		pkg, ok := x.X.(*ast.Ident)
		return ok && !token.IsExported(pkg.Name) && token.IsExported(x.Sel.Name)
	case *ast.IndexExpr:
		return looksLikeType(x.X) && looksLikeType(x.Index)
	}
	return isType(x)
}

// composite lowers a literal of a type, which may be that of the literal around it.
func (l *lowerer) composite(x *ast.CompositeLit, typ ast.Expr, role syntax.Role) {
	typ = unparenType(typ)
	var kind syntax.Kind
	var key, elem ast.Expr
	childRole := syntax.Elem
	switch t := typ.(type) {
	case *ast.ArrayType:
		kind, elem = syntax.List, t.Elt
	case *ast.MapType:
		kind, key, elem = syntax.Map, t.Key, t.Value
	case *ast.StarExpr: // &T left out inside []*T{{...}}
		if id, ok := l.open(syntax.Unary, role, x); ok {
			l.SetStr(id, "&")
			l.composite(x, t.X, syntax.Value)
			l.Close()
		}
		return
	default:
		kind, childRole = syntax.Call, syntax.Arg
	}
	id, ok := l.open(kind, role, x)
	if !ok {
		return
	}
	if kind == syntax.Call {
		l.AddFlags(id, syntax.FlagNew)
		l.newName(id, typ)
	} else if x.Type != nil {
		l.typeOf(x.Type)
	}
	for _, e := range x.Elts {
		l.element(e, key, elem, kind == syntax.Call, childRole)
	}
	l.Close()
}

func unparenType(t ast.Expr) ast.Expr {
	if t == nil {
		return nil
	}
	return unparen(t)
}

// newName sets the name of a constructed type, with its type arguments as Types.
func (l *lowerer) newName(id syntax.NodeID, typ ast.Expr) {
	switch t := typ.(type) {
	case nil:
	case *ast.StructType:
		l.SetStr(id, "struct")
	case *ast.IndexExpr:
		l.SetStr(id, l.text(t.X))
		l.typeOf(t.Index)
	case *ast.IndexListExpr:
		l.SetStr(id, l.text(t.X))
		for _, a := range t.Indices {
			l.typeOf(a)
		}
	default:
		l.SetStr(id, l.text(t))
	}
}

// element lowers an element of a literal; key and elem are the types that its elements may leave out.
func (l *lowerer) element(e, key, elem ast.Expr, fields bool, role syntax.Role) {
	switch e := e.(type) {
	case *ast.KeyValueExpr:
		l.pair(e, key, elem, fields, role)
	case *ast.CompositeLit:
		if e.Type == nil {
			if l.enter() {
				l.composite(e, elem, role)
				l.depth--
			}
			return
		}
		l.expression(e, role)
	default:
		l.expression(e, role)
	}
}

func (l *lowerer) pair(e *ast.KeyValueExpr, key, elem ast.Expr, fields bool, role syntax.Role) {
	id, ok := l.open(syntax.Pair, role, e)
	if !ok {
		return
	}
	switch k := e.Key.(type) {
	case *ast.BasicLit:
		l.SetStr(id, unquote(k.Value))
	case *ast.Ident:
		if fields {
			l.SetStr(id, k.Name)
		} else {
			l.expression(k, syntax.Key)
		}
	default:
		l.element(k, nil, key, false, syntax.Key)
	}
	l.element(e.Value, nil, elem, false, syntax.Value)
	l.Close()
}
