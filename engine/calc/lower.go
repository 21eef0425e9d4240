package calc

import (
	"math"
	"slices"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/fn"
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/vm"
)

// lowering makes a program of a formula. What is the same in all rows, whatever it is, becomes an input that is computed once.
type lowering struct {
	b      *Workbook
	place  eval.Options
	build  vm.Builder
	inputs []tileInput
	ok     bool
	depth  int
	steps  int
}

// The depth and the size of the largest expression that is made a program: names that stand for names may make one of any size.
const (
	mostLoweredDepth = 200
	mostLowered      = 1 << 14
)

func (b *Workbook) lowered(t *template) *tiles {
	if _, ok := t.tree.(*formula.Ref); ok {
		return nil // what is copied may be anything
	}
	l := &lowering{b: b, place: t.place, ok: true}
	root := l.root(t.tree)
	if !l.ok || !slices.ContainsFunc(l.inputs, func(in tileInput) bool { return in.sub == nil }) {
		return nil
	}
	if _, ok := t.tree.(*formula.Call); ok && len(l.inputs) == 1 && l.inputs[0].computed() && root == l.build.Load(0) {
		return &tiles{nil, l.inputs}
	}
	program, err := l.build.Compile(root)
	if err != nil {
		return nil
	}
	return &tiles{program, l.inputs}
}

// root is the whole formula.
func (l *lowering) root(tree formula.Expr) vm.Value {
	e, ok := sumOf(tree)
	if !ok {
		return l.expr(tree)
	}
	x, y := l.expr(e.X), l.expr(e.Y)
	return l.build.Last(binaryOps[e.Op], x, y)
}

func (l *lowering) fail() vm.Value {
	l.ok = false
	return l.build.Const(0)
}

func (l *lowering) input(in tileInput) vm.Value {
	for i, have := range l.inputs {
		if have.plain() && in.plain() && have.ref == in.ref && have.growing == in.growing {
			return l.build.Load(i)
		}
	}
	l.inputs = append(l.inputs, in)
	return l.build.Load(len(l.inputs) - 1)
}

var binaryOps = map[string]vm.Op{"+": vm.Add, "-": vm.Sub, "*": vm.Mul, "/": vm.Div, "^": vm.Pow, "=": vm.EQ, "<>": vm.NE, "<": vm.LT, "<=": vm.LE, ">": vm.GT, ">=": vm.GE}

func (l *lowering) expr(e formula.Expr) vm.Value {
	l.steps++
	if l.depth++; l.depth > mostLoweredDepth || l.steps > mostLowered || !l.ok {
		return l.fail()
	}
	defer func() { l.depth-- }()
	switch e := e.(type) {
	case *formula.Const:
		switch v := e.Value; v.Kind() {
		case cell.Number:
			return l.build.Const(v.Float())
		case cell.Bool:
			return l.build.Bool(v.True())
		}
	case *formula.Ref, *formula.Structured, *formula.Name:
		return l.reference(e)
	case *formula.Unary:
		switch e.Op {
		case "-":
			return l.build.Unary(vm.Neg, l.expr(e.X))
		case "+", formula.Parentheses:
			return l.expr(e.X)
		case "%":
			return l.build.Unary(vm.Percent, l.expr(e.X))
		}
	case *formula.Binary:
		if op, ok := binaryOps[e.Op]; ok {
			return l.build.Binary(op, l.expr(e.X), l.expr(e.Y))
		}
	case *formula.Call:
		return l.call(e)
	}
	return l.fail()
}

// reference is one cell that goes along with the row, or one that is the same for all.
func (l *lowering) reference(e formula.Expr) vm.Value {
	if n, ok := e.(*formula.Name); ok {
		// A name is what it stands for, as if that were written in its place.
		tree, ok := (resolver{l.b}).Name(l.place.Sheet, n.Text)
		if !ok || n.Sheets.Given {
			return l.fail()
		}
		return l.expr(tree)
	}
	f := eval.Compile(e, resolver{l.b}, l.place)
	if len(f.Refs) != 1 || f.Volatile || f.Dynamic {
		return l.fail()
	}
	r := f.Refs[0]
	if r.First != r.Last || r.R0 != r.R1 || r.C0 != r.C1 {
		return l.fail()
	}
	if r.R0.Fixed {
		if !r.C0.Fixed {
			return l.fail() // goes along with the column: rare
		}
		return l.input(tileInput{ref: r, sub: f})
	}
	return l.input(tileInput{ref: r})
}

func (l *lowering) call(e *formula.Call) vm.Value {
	if e.Of != nil {
		return l.fail()
	}
	if l.invariant(e, true) {
		f := eval.Compile(e, resolver{l.b}, l.place)
		if f.Volatile || f.Dynamic {
			return l.fail()
		}
		return l.input(tileInput{sub: f})
	}
	n := len(e.Args)
	for _, a := range e.Args {
		if a == nil {
			return l.fail()
		}
	}
	if in, ok := l.growing(e); ok {
		return l.input(in)
	}
	if in, ok := l.lookup(e); ok {
		return l.input(in)
	}
	if in, ok := l.conditional(e); ok {
		return l.input(in)
	}
	switch e.Name {
	case "IF":
		if n == 3 {
			return l.build.Select(l.expr(e.Args[0]), l.expr(e.Args[1]), l.expr(e.Args[2]))
		}
		return l.fail()
	case "AND", "OR":
		// Of conditions only: cells would be passed over where they are empty or text.
		op := vm.And
		if e.Name == "OR" {
			op = vm.Or
		}
		out := vm.Value(0)
		for i, a := range e.Args {
			if !condition(a) {
				return l.fail()
			}
			if v := l.expr(a); i == 0 {
				out = v
			} else {
				out = l.build.Binary(op, out, v)
			}
		}
		if n < 2 {
			return l.fail()
		}
		return out
	case "NOT":
		if n == 1 && condition(e.Args[0]) {
			return l.build.Unary(vm.Not, l.expr(e.Args[0]))
		}
		return l.fail()
	case "ABS":
		if n == 1 {
			return l.build.Unary(vm.Abs, l.expr(e.Args[0]))
		}
	case "SQRT":
		if n == 1 {
			return l.build.Unary(vm.Sqrt, l.expr(e.Args[0]))
		}
	case "MIN", "MAX":
		op := vm.Min
		if e.Name == "MAX" {
			op = vm.Max
		}
		if n == 2 {
			return l.build.Binary(op, l.expr(e.Args[0]), l.expr(e.Args[1]))
		}
		return l.fail()
	}
	return l.function(e)
}

// condition reports whether an expression is a comparison, or conditions joined.
func condition(e formula.Expr) bool {
	switch e := e.(type) {
	case *formula.Binary:
		return binaryOps[e.Op] >= vm.EQ && binaryOps[e.Op] <= vm.GE
	case *formula.Call:
		return e.Name == "AND" || e.Name == "OR" || e.Name == "NOT"
	}
	return false
}

// function is a function of the library from one or two numbers to a number.
func (l *lowering) function(e *formula.Call) vm.Value {
	f := fn.Lookup(e.Name)
	if f == nil || f.Body == nil || f.Volatile || f.Dynamic || f.Errors || !f.Accepts(len(e.Args)) || len(e.Args) < 1 || len(e.Args) > 2 {
		return l.fail()
	}
	for i := range e.Args {
		if f.Param(i).Kind != 'n' {
			return l.fail()
		}
	}
	name := e.Name
	calls := sync.Pool{New: func() any { return &fn.Call{Env: l.b.newEnv().walker, Args: make([]cell.Value, 0, 2)} }}
	apply := func(args ...float64) float64 {
		c := calls.Get().(*fn.Call)
		defer calls.Put(c)
		c.Args = c.Args[:0]
		for _, x := range args {
			v := cell.Num(x)
			if v.IsError() {
				return math.NaN()
			}
			c.Args = append(c.Args, v)
		}
		v := f.Body(c)
		if v.Kind() != cell.Number {
			return math.NaN()
		}
		return v.Float()
	}
	if len(e.Args) == 1 {
		return l.build.Call(name, func(x float64) float64 { return apply(x) }, l.expr(e.Args[0]))
	}
	return l.build.Call2(name, func(x, y float64) float64 { return apply(x, y) }, l.expr(e.Args[0]), l.expr(e.Args[1]))
}

// invariant reports whether an expression has the same value in every row: all its references are fixed, and areas stand only where all of their
// cells are meant and not the one in the formula's own row.
func (l *lowering) invariant(e formula.Expr, one bool) bool {
	switch e := e.(type) {
	case nil, *formula.Const:
		return true
	case *formula.Array:
		return !one
	case *formula.Ref:
		fixed := e.R0.Fixed && e.R1.Fixed && e.C0.Fixed && e.C1.Fixed
		return fixed && (!one || e.Cell)
	case *formula.Unary:
		return (e.Op == "-" || e.Op == "%" || e.Op == "+") && l.invariant(e.X, true)
	case *formula.Binary:
		_, ok := binaryOps[e.Op]
		return (ok || e.Op == "&") && l.invariant(e.X, true) && l.invariant(e.Y, true)
	case *formula.Call:
		f := fn.Lookup(e.Name)
		if e.Of != nil || f == nil || f.Body == nil || f.Volatile || f.Dynamic || !f.Accepts(len(e.Args)) || rowDependent[e.Name] {
			return false
		}
		for i, a := range e.Args {
			p := f.Param(i)
			if p.Kind == 'A' || p.Kind == 'f' || !l.invariant(a, p.Scalar()) {
				return false
			}
		}
		return true
	}
	return false
}

// rowDependent are functions whose value depends on where they stand.
var rowDependent = map[string]bool{"ROW": true, "COLUMN": true, "CELL": true, "SHEET": true, "FORMULATEXT": true, "INDEX": true}
