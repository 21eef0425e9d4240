package eval

import (
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/fn"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

// Spills reports whether a formula may have another value in array mode than in that of single values: more than one, or one that is made of areas
// element by element. It errs on the side of true. Excel asks the same of what is typed into a cell, and stores as a dynamic array formula only
// what may spill.
func Spills(e formula.Expr, r Resolver, o Options) bool {
	s := &spills{resolver: r, o: o}
	return s.many(e, false) || s.lifted
}

type spills struct {
	resolver Resolver
	o        Options
	lifted   bool // somewhere an operator or a function is applied to more than one value
	bound    []bound
	depth    int
}

// bound is a variable of LET.
type bound struct {
	name string
	many bool
}

// many reports whether a part of the formula may be more than one value. Inside of some arguments arrays are evaluated in both modes.
func (s *spills) many(e formula.Expr, array bool) bool {
	switch e := e.(type) {
	case *formula.Array:
		return true
	case *formula.Ref:
		return !e.Cell || e.Sheets.Last != ""
	case *formula.Structured:
		return e.Parts&formula.ThisRow == 0 || e.First == "" || e.First != e.Last
	case *formula.Name:
		return s.name(e, array)
	case *formula.Unary:
		switch e.Op {
		case "#":
			return true
		case "@":
			s.many(e.X, array)
			return false
		case "+", formula.Parentheses:
			return s.many(e.X, array)
		}
		return s.operand(e.X, array)
	case *formula.Binary:
		switch e.Op {
		case ":", " ", ",":
			return true
		}
		x, y := s.operand(e.X, array), s.operand(e.Y, array)
		return x || y
	case *formula.Call:
		return s.call(e, array)
	}
	return false
}

// operand is many of what must be a single value.
func (s *spills) operand(e formula.Expr, array bool) bool {
	many := s.many(e, array)
	s.lifted = s.lifted || many && !array
	return many
}

func (s *spills) name(e *formula.Name, array bool) bool {
	if !e.Sheets.Given {
		for i := len(s.bound) - 1; i >= 0; i-- {
			if strings.EqualFold(s.bound[i].name, e.Text) {
				return s.bound[i].many
			}
		}
	}
	if s.depth++; s.depth > maxNames || e.Sheets.Given {
		return true
	}
	defer func() { s.depth-- }()
	tree, ok := s.resolver.Name(s.o.Sheet, e.Text)
	if !ok {
		_, ok = s.resolver.Table(e.Text, s.o.Sheet, s.o.Row, s.o.Col)
		return ok
	}
	bound := s.bound
	s.bound = nil
	many := s.many(tree, array)
	s.bound = bound
	return many
}

// maxNames is how deep names may stand for names before it is not looked into them.
const maxNames = 32

// asArguments are functions that are more than one value where one of their arguments is.
var asArguments = words("ROW COLUMN ISFORMULA FORMULATEXT N T CELL TYPE SHEET IF IFS IFERROR IFNA CHOOSE SWITCH")

// manyValued are functions that may be more than one value whatever their arguments.
var manyValued = words(`AGGREGATE ANCHORARRAY BYCOL BYROW CHOOSECOLS CHOOSEROWS DROP EXPAND FILTER FREQUENCY GROWTH HSTACK INDEX INDIRECT LAMBDA LINEST
	LOGEST MAKEARRAY MAP MINVERSE MMULT MODE.MULT MUNIT OFFSET RANDARRAY REDUCE REGEXEXTRACT SCAN SEQUENCE SORT SORTBY SUBTOTAL TAKE TEXTAFTER
	TEXTBEFORE TEXTSPLIT TOCOL TOROW TRANSPOSE TREND TRIMRANGE UNIQUE VSTACK WRAPCOLS WRAPROWS XLOOKUP`)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

func (s *spills) call(e *formula.Call, array bool) bool {
	f := fn.Lookup(e.Name)
	switch {
	case e.Of != nil, e.Name == "LAMBDA", f == nil && s.defines(e.Name):
		s.lifted = true // what a function value does is not looked into
		return true
	case e.Name == "LET":
		return s.let(e, array)
	case e.Name == "SINGLE":
		for _, a := range e.Args {
			s.many(a, array)
		}
		return false
	}
	any := false
	for i, a := range e.Args {
		many := false
		switch {
		case a == nil:
		case f == nil:
			many = s.many(a, array)
		case f.Param(i).Scalar():
			many = s.operand(a, array)
			any = any || many
		default:
			many = s.many(a, array || f.Param(i).Kind == 'A')
		}
		any = any || many && asArguments[e.Name]
	}
	return any || manyValued[e.Name]
}

// defines reports whether a name, or a variable of LET, stands for a function.
func (s *spills) defines(name string) bool {
	for _, b := range s.bound {
		if strings.EqualFold(b.name, name) {
			return true
		}
	}
	_, ok := s.resolver.Name(s.o.Sheet, name)
	return ok
}

func (s *spills) let(e *formula.Call, array bool) bool {
	outer := len(s.bound)
	defer func() { s.bound = s.bound[:outer] }()
	for i, a := range e.Args {
		if i == len(e.Args)-1 {
			return a != nil && s.many(a, array)
		}
		if n, ok := a.(*formula.Name); ok && i%2 == 0 {
			many := e.Args[i+1] != nil && s.many(e.Args[i+1], array)
			s.bound = append(s.bound, bound{n.Text, many})
		}
	}
	return false
}
