package model

import (
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// Expr is a resolved expression: one of the types below, always as a pointer. It is evaluated in a context: an item for
// each dimension of the variable whose cell is computed (and of each [Fold] around it), a period of that variable's
// grain, and a sample.
type Expr interface{ expr() }

// Const is a number.
type Const struct{ Value float64 }

// VarRef reads a variable. Dimensions of the context that the variable does not have do not matter to it: that is
// broadcasting.
//
// Where both categories and time are folded, the categories are folded at each of the variable's own periods first,
// and the results over time: the greatest total and not the total of the greatest.
type VarRef struct {
	Var VarID
	// Dims says for each dimension of the variable, in its order, which items are read.
	Dims []DimRef
	// Fold folds the items that Group and All dims read: all of them together, in the order of cell numbers.
	Fold Agg
	Time TimeRef
	At   lang.Span
}

// DimRefKind says which items of a dimension a reference reads.
type DimRefKind uint8

// Kinds of DimRef.
const (
	// Same: the context's item of the same dimension.
	Same DimRefKind = iota
	// Fixed: always Item.
	Fixed
	// Group: all items that Map (from this dimension) leads to the context's item of the map's other dimension. Folded.
	Group
	// All: every item. Folded.
	All
	// Lookup: the item to which Map leads from the context's item of the map's other dimension. Where it leads to none,
	// the reference is the variable's Outside.
	Lookup
)

// DimRef is what a reference reads of one dimension.
type DimRef struct {
	Kind DimRefKind
	Item int32 // of Fixed
	Map  MapID // of Group and Lookup
}

// TimeRefKind says which periods a reference reads.
type TimeRefKind uint8

// Kinds of TimeRef.
const (
	// Timeless: the variable does not vary with time.
	Timeless TimeRefKind = iota
	// Shifted: the context's period, shifted by Shift periods of the grain Count and then converted to the context's
	// grain: where the variable is of a coarser grain, its period that contains the context's one is shifted, and else
	// the context's period is. A period outside of the axis gives the variable's Outside.
	Shifted
	// Absolute: always the period Period of the variable's own grain.
	Absolute
	// Window: the periods from From to To, both included, folded. The ends count in periods of the grain Count, and the
	// fold runs over the variable's own periods within them, in the order of time. A period of Count outside of the
	// axis takes part with Outside, once. An empty window folds nothing.
	Window
)

// TimeRef is what a reference reads along time.
type TimeRef struct {
	Kind   TimeRefKind
	Shift  int // of Shifted: -1 is the previous period
	Period int // of Absolute
	From   Point
	To     Point
	// Fold folds a window, and converts between grains: the periods that [calendar.Axis.Shares] gives for the context's
	// one after the shift. Where the variable's grain is the coarser there is one, and a sum is its value divided by how
	// many of the context's periods it has, and everything else its value. Where the variable's grain is the finer its
	// values are folded as they are. Else, by days, a sum adds them times Part and an average times Weight.
	Fold Agg
	// Context is the grain of the context, None outside of time (there only Absolute and a Window of fixed ends
	// stand).
	Context calendar.Grain
	// Count is the grain in which Shift, From and To count: the coarser one of context and variable
	// ([calendar.Coarser]), or the variable's own where a window has no end that moves with the context.
	Count calendar.Grain
}

// PointKind says what a Point counts from.
type PointKind uint8

// Kinds of Point.
const (
	FromNow   PointKind = iota // N periods after the context's period
	FromStart                  // period N
	FromEnd                    // N periods after the last period, thus mostly 0 or below
)

// Point is an end of a window.
type Point struct {
	Kind PointKind
	N    int
}

// Period resolves a point: now is the context's period, and periods is how many the axis has. The result may lie
// outside of the axis.
func (p Point) Period(now, periods int) int {
	switch p.Kind {
	case FromNow:
		return now + p.N
	case FromEnd:
		return periods - 1 + p.N
	}
	return p.N
}

// UnaryOp is an operator of one operand.
type UnaryOp uint8

// Unary operators.
const (
	Negate UnaryOp = iota
	Not            // 1 for 0, and 0 for everything else; NaN stays NaN
)

// Unary applies an operator to one operand.
type Unary struct {
	Op UnaryOp
	X  Expr
}

// BinaryOp is an operator of two operands.
type BinaryOp uint8

// Binary operators. Comparisons with NaN do not hold, but NotEqual does. And and Or are of the conditions of both
// sides, which are both evaluated; a side that is NaN makes them NaN.
const (
	Add BinaryOp = iota
	Sub
	Mul
	Div
	Pow // math.Pow
	Equal
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
	And
	Or
)

// Binary applies an operator to two operands.
type Binary struct {
	Op   BinaryOp
	L, R Expr
}

// If is Then where Cond is not 0, Else where it is 0, and NaN where it is NaN. The other branch does not matter, also
// where it is NaN.
type If struct{ Cond, Then, Else Expr }

// Call is a function of numbers; see [Func] for their meaning.
type Call struct {
	Func Func
	Args []Expr
}

// Fold folds an expression over dimensions of its own, or along time: sum(units * price over Store), cumulative(x). X
// is evaluated in the context extended by items of Over and, with Time, at other periods. The order of folding is that
// of cell numbers: periods slowest, then Over in its order.
type Fold struct {
	Agg  Agg
	Over []DimID
	// Time is set where X is evaluated at each period of Grain from From to To, both included, as far as they lie in the
	// axis.
	Time     bool
	From, To Point
	// Grain is that of the periods of From and To, and of the context in which X is evaluated. Where an end counts
	// from now it is the grain of the context around.
	Grain calendar.Grain
	X     Expr
}

// ItemIs is 1 where the context's item of a dimension is the given one, and else 0.
type ItemIs struct {
	Dim  DimID
	Item int32
}

// ItemNumber is the place of the context's item in its dimension, from 1.
type ItemNumber struct{ Dim DimID }

// TimePart is a number that the context's period has: its month, its days. See [Part].
type TimePart struct {
	Part  Part
	Grain calendar.Grain // the context's
}

// Hash is a number in [0, 1) that depends only on Seed, on the names of Dims and the places of the context's items in
// them and, if OverTime, on the first day of the context's period; see [HashOf]. It needs no data file, and gives the
// same for the first items of a dimension when that is cut short.
type Hash struct {
	Seed     uint64
	Dims     []DimID
	OverTime bool
	Grain    calendar.Grain
}

// Random is a draw from a distribution. In a run without samples it is the distribution's mean.
//
// The draw's uniform number is that of package random for (the model's seed, Key, cell, sample), where cell counts the
// context's items of Independent and, if OverTime, its period, in the manner of [Model.CellNumber]; with neither it is
// 0, and all cells share one draw. So a cell's draw can be found alone, and adding a variable moves no other's draws.
type Random struct {
	Law         Law
	Args        []Expr // as the law says
	Key         uint64
	Independent []DimID
	OverTime    bool
	Grain       calendar.Grain
	// Batch is set where several samples are computed at once: the context's item of the dimension Samples is then the
	// number of the sample, counted from that of the run.
	Batch   bool
	Samples DimID
}

func (*Const) expr()      {}
func (*VarRef) expr()     {}
func (*Unary) expr()      {}
func (*Binary) expr()     {}
func (*If) expr()         {}
func (*Call) expr()       {}
func (*Fold) expr()       {}
func (*ItemIs) expr()     {}
func (*ItemNumber) expr() {}
func (*TimePart) expr()   {}
func (*Hash) expr()       {}
func (*Random) expr()     {}

// Walk calls visit for e and everything below it, parents first.
func Walk(e Expr, visit func(Expr)) {
	if e == nil {
		return
	}
	visit(e)
	switch e := e.(type) {
	case *Unary:
		Walk(e.X, visit)
	case *Binary:
		Walk(e.L, visit)
		Walk(e.R, visit)
	case *If:
		Walk(e.Cond, visit)
		Walk(e.Then, visit)
		Walk(e.Else, visit)
	case *Call:
		for _, arg := range e.Args {
			Walk(arg, visit)
		}
	case *Fold:
		Walk(e.X, visit)
	case *Random:
		for _, arg := range e.Args {
			Walk(arg, visit)
		}
	}
}
