package vm

import (
	"errors"
	"fmt"
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn"
	"github.com/napkin-infra/napkin/engine/calc/kernel"
)

// ErrUnsupported is in the errors of Compile that say that an expression is none for a program; the tree walk must
// compute it.
var ErrUnsupported = errors.New("not for tiles")

// Value is a part of an expression, of the builder that made it.
type Value int32

// Builder takes an expression. The zero Builder is ready. Mistakes are kept for Compile, so that calls need no checks.
type Builder struct {
	nodes  []node
	seen   map[node]Value
	one    map[string]func(float64) float64
	two    map[string]func(x, y float64) float64
	inputs int
	last   sum
	err    error
}

// sum is an addition or subtraction that stands last, and one of its operands.
type sum struct {
	result, operand Value
	ok              bool
}

// node is a part of an expression. It is comparable, so that equal parts are found.
type node struct {
	op      Op
	bool    bool // gives 0 and 1, which are FALSE and TRUE
	cell    bool // may be an empty cell, which only some operators may take for 0
	a, b, c Value
	k       float64
	input   int
	call    string
	inexact bool // a comparison of numbers that may be equal but for their last digits
}

// Load is the cell of an input, by its number from 0.
func (b *Builder) Load(input int) Value {
	b.inputs = max(b.inputs, input+1)
	return b.add(node{op: opLoad, cell: true, input: input})
}

// Const is a number. NaN and infinite ones are unsupported.
func (b *Builder) Const(f float64) Value {
	if f-f != 0 {
		return b.fail("the constant %v", f)
	}
	return b.add(node{op: opConst, k: f + 0})
}

// Bool is TRUE or FALSE.
func (b *Builder) Bool(v bool) Value { return b.add(node{op: opConst, bool: true, k: float(v)}) }

// Unary is an operator of one operand.
func (b *Builder) Unary(op Op, x Value) Value {
	if b.err != nil {
		return 0
	}
	switch {
	case op == Truth:
		return b.condition(x)
	case op == Not:
		x = b.condition(x)
	case Neg <= op && op < Truth:
		x = b.number(x)
	default:
		return b.fail("%v of one operand", op)
	}
	if n := b.nodes[x]; n.op == opConst {
		if f := unary(op, n.k); f-f == 0 {
			return b.add(node{op: opConst, bool: op == Not, k: f + 0})
		}
	}
	return b.add(node{op: op, bool: op == Not, a: x})
}

// Binary is an operator of two operands. A comparison of a number with a boolean is unsupported, as are booleans in Min and
// Max.
func (b *Builder) Binary(op Op, x, y Value) Value {
	if b.err != nil {
		return 0
	}
	result, inexact := false, false
	switch {
	case op.comparison():
		result = true
		switch p, q := b.nodes[x], b.nodes[y]; {
		case p.bool && q.bool:
		case p.bool && q.op == opLoad:
			y = b.load(opLoadBool, q)
		case q.bool && p.op == opLoad:
			x = b.load(opLoadBool, p)
		case p.bool || q.bool:
			return b.fail("a comparison of a number with a boolean")
		default:
			x, y = b.strict(x), b.strict(y)
			inexact = true
		}
	case op == Min || op == Max:
		x, y = b.only(x), b.only(y)
	case op == And || op == Or:
		result = true
		x, y = b.condition(x), b.condition(y)
	case Add <= op && op <= Pow:
		x, y = b.number(x), b.number(y)
	default:
		return b.fail("%v of two operands", op)
	}
	if b.err != nil {
		return 0
	}
	p, q := b.nodes[x], b.nodes[y]
	if p.op == opConst && q.op == opConst {
		if f := binary(op, p.k, q.k); f-f == 0 {
			return b.add(node{op: opConst, bool: result, k: f + 0})
		}
	}
	switch {
	case op == Pow && q.op == opConst && q.k == 2:
		return b.add(node{op: opSquare, a: x})
	case flipped[op] != 0 && (p.op == opConst || q.op != opConst && x > y):
		x, y, op = y, x, flipped[op]
	case op.commutes() && (p.op == opConst || q.op != opConst && x > y):
		x, y = y, x
	}
	return b.add(node{op: op, bool: result, inexact: inexact, a: x, b: y})
}

// Last is Add or Sub as the last operator of a formula, whose result is 0 where it is next to nothing beside its operands ([cell.Settle]): elements for
// which that may be so are marked. It holds for programs whose result it is.
func (b *Builder) Last(op Op, x, y Value) Value {
	v := b.Binary(op, x, y)
	if b.err != nil {
		return 0
	}
	// Of the two operands the one is looked at that is there anyway: a product may be a part of the instruction that adds.
	operand := b.number(y)
	if b.nodes[operand].op == Mul {
		operand = b.number(x)
	}
	b.last = sum{v, operand, true}
	return v
}

// Select is IF(condition, x, y). Both must give numbers or both booleans; a cell gives numbers.
func (b *Builder) Select(condition, x, y Value) Value {
	if b.err != nil {
		return 0
	}
	condition = b.condition(condition)
	if b.nodes[x].bool != b.nodes[y].bool {
		return b.fail("a number on one side of a condition and a boolean on the other")
	}
	cell := b.nodes[x].cell || b.nodes[y].cell
	x, y = b.strict(x), b.strict(y)
	if n := b.nodes[condition]; n.op == opConst && !cell {
		if n.k != 0 {
			return x
		}
		return y
	}
	return b.add(node{op: opSelect, bool: b.nodes[x].bool, cell: cell, a: condition, b: x, c: y})
}

// Call is a function of a number, known by its name: two calls of the same name are of the same function. Where f gives NaN
// or an infinite number the element is marked. f is called from several goroutines.
func (b *Builder) Call(name string, f func(float64) float64, x Value) Value {
	if b.one == nil {
		b.one = map[string]func(float64) float64{}
	}
	b.one[name] = f
	x = b.number(x)
	return b.add(node{op: opCall1, a: x, call: name})
}

// Call2 is [Builder.Call] for a function of two numbers.
func (b *Builder) Call2(name string, f func(x, y float64) float64, x, y Value) Value {
	if b.two == nil {
		b.two = map[string]func(x, y float64) float64{}
	}
	b.two[name] = f
	x, y = b.number(x), b.number(y)
	return b.add(node{op: opCall2, a: x, b: y, call: name})
}

func (b *Builder) add(n node) Value {
	if b.err != nil {
		return 0
	}
	if v, ok := b.seen[n]; ok {
		return v
	}
	if b.seen == nil {
		b.seen = map[node]Value{}
	}
	v := Value(len(b.nodes))
	b.seen[n] = v
	b.nodes = append(b.nodes, n)
	return v
}

func (b *Builder) fail(format string, args ...any) Value {
	if b.err == nil {
		b.err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrUnsupported)
	}
	return 0
}

func (b *Builder) load(as Op, n node) Value {
	return b.add(node{op: as, bool: as == opLoadBool, input: n.input})
}

// number is x as an operand of arithmetic.
func (b *Builder) number(x Value) Value {
	if b.err == nil && b.nodes[x].op == opLoad {
		return b.load(opLoadNumber, b.nodes[x])
	}
	return x
}

// strict is x as an operand of an order, and as a result.
func (b *Builder) strict(x Value) Value {
	if b.err == nil && b.nodes[x].op == opLoad {
		return b.load(opLoadStrict, b.nodes[x])
	}
	return x
}

// only is x as an operand of Min and Max.
func (b *Builder) only(x Value) Value {
	if b.err != nil {
		return 0
	}
	switch n := b.nodes[x]; {
	case n.op == opLoad:
		return b.load(opLoadOnly, n)
	case n.bool || n.cell:
		return b.fail("the least or greatest of what may be no number")
	}
	return x
}

// condition is x as 0 or 1.
func (b *Builder) condition(x Value) Value {
	if b.err != nil {
		return 0
	}
	n := b.nodes[x]
	if n.bool {
		return x
	}
	if n.op == opConst {
		return b.Bool(n.k != 0)
	}
	return b.add(node{op: NE, bool: true, a: b.number(x), b: b.Const(0)})
}

func float(v bool) float64 {
	if v {
		return 1
	}
	return 0
}

// unary computes an operator of a constant. The result may be no number.
func unary(op Op, x float64) float64 {
	switch op {
	case Neg:
		return 0 - x
	case Percent:
		return x / 100
	case Abs:
		return math.Abs(x)
	case Sqrt:
		return math.Sqrt(x)
	case Floor:
		return math.Floor(x)
	case Ceil:
		return math.Ceil(x)
	case Trunc:
		return math.Trunc(x)
	case Round:
		return math.Round(x)
	case Exp:
		return kernel.ExpOf(x)
	case Ln:
		return kernel.LogOf(x)
	}
	return 1 - x // Not
}

// binary computes an operator of constants. The result may be no number.
func binary(op Op, x, y float64) float64 {
	switch op {
	case Add:
		return x + y
	case Sub:
		return x - y
	case Mul:
		return float64(x * y) // rounded before anything is added
	case Div:
		return x / y
	case Pow:
		return power(x, y)
	case Min:
		return min(x, y)
	case Max:
		return max(x, y)
	case EQ:
		return float(cell.CompareNumbers(x, y) == 0)
	case NE:
		return float(cell.CompareNumbers(x, y) != 0)
	case LT:
		return float(cell.CompareNumbers(x, y) < 0)
	case LE:
		return float(cell.CompareNumbers(x, y) <= 0)
	case GT:
		return float(cell.CompareNumbers(x, y) > 0)
	case GE:
		return float(cell.CompareNumbers(x, y) >= 0)
	case And:
		return min(x, y)
	}
	return max(x, y) // Or
}

// power is x^y, and NaN where that is an error.
func power(x, y float64) float64 {
	if v := fn.Power(x, y); v.Kind() == cell.Number {
		return v.Float()
	}
	return math.NaN()
}

// square is power(x, 2). Between these bounds [math.Pow] multiplies once, and so does this.
func square(x float64) float64 {
	if y := x * x; 1e-290 < y && y < 1e290 {
		return y
	}
	return power(x, 2)
}
