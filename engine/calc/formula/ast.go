package formula

import (
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Expr is a node of the tree of a formula. Trees are never changed once parsed and may be shared between goroutines.
type Expr interface{ expr() }

// Const is a number, text, boolean or error written in the formula.
type Const struct{ Value cell.Value }

// Array is an array constant, {1,2;3,4}.
type Array struct{ Grid *cell.Grid }

// Axis is one end of a reference in one direction: a row or a column.
type Axis struct {
	N     int32 // the index from 0 where Fixed, else the distance from the formula's own cell
	Fixed bool  // written with a $
}

// At returns the index of the end for a formula at index own. It may lie outside of the sheet.
func (a Axis) At(own int32) int32 {
	if a.Fixed {
		return a.N
	}
	return own + a.N
}

// Sheets says on which sheets a reference lies. The zero value is the sheet of the formula's own cell.
type Sheets struct {
	Given    bool
	First    string
	Last     string // of a 3-D reference, else ""
	External string // the workbook of an external reference, as written between brackets, else ""
}

// Ref is a reference to a cell or an area by its place. A whole column has rows 0 to the last, both Fixed, and a whole
// row the same for columns.
type Ref struct {
	Sheets         Sheets
	R0, C0, R1, C1 Axis
	Cell           bool // one cell, written without a colon: the ends are the same
	Columns        bool // whole columns
	Rows           bool // whole rows
}

// BadRef is a reference that was lost when cells were deleted: #REF!, alone or behind a sheet's name.
type BadRef struct{ Sheets Sheets }

// Name is a defined name, a table, or a variable of LET or LAMBDA: what it is, only its surroundings tell.
type Name struct {
	Sheets   Sheets
	Text     string // as written
	Optional bool   // a parameter of LAMBDA that may be left out: [y], or _xlop.y in files, at each of its places that say so
}

// TablePart is which rows of a table a structured reference means. Parts add up.
type TablePart uint8

// The parts of a table. None is the same as Data.
const (
	Headers TablePart = 1 << iota
	Data
	Totals
	ThisRow
)

// Structured is a structured reference such as Sales[[#This Row],[Price]]. Table is "" for the table around the
// formula's own cell. First and Last are the columns, both "" for all of them.
type Structured struct {
	Sheets      Sheets // of another workbook's table: [1]!Sales[Price]
	Table       string
	Parts       TablePart
	First, Last string
}

// Parentheses is the operator of parentheses around a whole formula that adds or subtracts, the only ones that matter by themselves: an operator
// inside of them is not the last one of the formula ([cell.Settle]).
const Parentheses = "()"

// Unary is an operator before its operand ("-", "+", "@") or behind it ("%", "#"), or [Parentheses].
type Unary struct {
	Op string
	X  Expr
}

// Binary is an operator between two operands: ^ * / + - & = <> < <= > >=, and the reference operators ":" (the area
// that spans both), " " (what both share) and "," (both).
type Binary struct {
	Op   string
	X, Y Expr
}

// Call is a call of a function. A nil argument was left out.
type Call struct {
	Name   string // in upper case, without the prefix of new functions; "" where Of is called
	Prefix string // that the name had, where it is one that [FileText] does not know by itself
	Of     Expr   // a function value: LAMBDA(x,x+1)(2)
	Args   []Expr
}

func (*Const) expr()      {}
func (*Array) expr()      {}
func (*Ref) expr()        {}
func (*BadRef) expr()     {}
func (*Name) expr()       {}
func (*Structured) expr() {}
func (*Unary) expr()      {}
func (*Binary) expr()     {}
func (*Call) expr()       {}

// Walk calls f for e and all expressions in it, from the outside in, as long as f returns true.
func Walk(e Expr, f func(Expr) bool) {
	if e == nil || !f(e) {
		return
	}
	switch e := e.(type) {
	case *Unary:
		Walk(e.X, f)
	case *Binary:
		Walk(e.X, f)
		Walk(e.Y, f)
	case *Call:
		if e.Of != nil {
			Walk(e.Of, f)
		}
		for _, a := range e.Args {
			Walk(a, f)
		}
	}
}

// Calls reports whether an expression calls a function of one of these names, in capitals.
func Calls(e Expr, names ...string) bool {
	found := false
	Walk(e, func(e Expr) bool {
		c, ok := e.(*Call)
		found = found || ok && slices.Contains(names, c.Name)
		return !found
	})
	return found
}
