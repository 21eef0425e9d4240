package vm

// Op is an operator of an expression.
type Op uint8

// Unary operators. They take numbers and give numbers, but for Truth and Not, which give booleans.
const (
	Neg     Op = iota + 1 // -x
	Percent               // x / 100
	Abs                   // |x|
	Sqrt                  // marks negative numbers
	Floor                 // toward minus infinity
	Ceil                  // toward infinity
	Trunc                 // toward zero
	Round                 // to the nearest integer, halves away from zero
	Exp                   // kernel.ExpOf
	Ln                    // kernel.LogOf; marks what is not above zero
	Truth                 // x <> 0: the condition that a number is
	Not                   // of the condition that x is
)

// Binary operators. Min and Max are of numbers as MIN(x,y) takes them. And and Or are of the conditions that their
// operands are; the functions AND and OR differ for references, of which they skip empty cells.
const (
	Add Op = iota + 32
	Sub
	Mul
	Div
	Pow
	Min
	Max
	EQ // comparisons give booleans
	NE
	LT
	LE
	GT
	GE
	And
	Or
)

// What follows exists in programs only.
const (
	opLoad       Op = iota + 64 // of a cell as such, until it is known what for
	opLoadNumber                // for arithmetic
	opLoadStrict                // for an order
	opLoadOnly                  // only numbers
	opLoadBool                  // only booleans, and empty as FALSE
	opConst
	opSelect
	opCall1
	opCall2
	opSquare // x^2
	opCheck  // marks a NaN or infinite element before it can vanish
	opNear   // marks elements that are equal but for their last digits
	opCancel // marks sums that are next to nothing beside an operand

	opAddC // superinstructions: C is a constant, as in package kernel
	opSubC
	opCSub
	opMulC
	opDivC
	opCDiv
	opMinC
	opMaxC
	opEQC
	opNEC
	opLTC
	opLEC
	opGTC
	opGEC
	opMulAdd
	opMulAddC
	opMulCAdd
	opMulCAddC
	opMulSub
	opSubMul
	opMulMulAdd
	opMulMulSub
)

var names = map[Op]string{
	Neg: "neg", Percent: "percent", Abs: "abs", Sqrt: "sqrt", Floor: "floor", Ceil: "ceil", Trunc: "trunc", Round: "round",
	Exp: "exp", Ln: "ln",
	Truth: "truth", Not: "not", Add: "add", Sub: "sub", Mul: "mul", Div: "div", Pow: "pow", Min: "min", Max: "max", EQ: "eq",
	NE: "ne", LT: "lt", LE: "le", GT: "gt", GE: "ge", And: "and", Or: "or", opLoadNumber: "load", opLoadStrict: "load.strict",
	opLoadOnly: "load.number", opLoadBool: "load.bool", opConst: "const", opSelect: "select", opCall1: "call", opCall2: "call",
	opSquare: "square", opCheck: "check", opNear: "near", opCancel: "cancel", opAddC: "add.c", opSubC: "sub.c", opCSub: "c.sub", opMulC: "mul.c", opDivC: "div.c",
	opCDiv: "c.div", opMinC: "min.c", opMaxC: "max.c", opEQC: "eq.c", opNEC: "ne.c", opLTC: "lt.c", opLEC: "le.c", opGTC: "gt.c",
	opGEC: "ge.c", opMulAdd: "mul.add", opMulAddC: "mul.add.c", opMulCAdd: "mul.c.add", opMulCAddC: "mul.c.add.c",
	opMulSub: "mul.sub", opSubMul: "sub.mul", opMulMulAdd: "mul.mul.add", opMulMulSub: "mul.mul.sub",
}

// String names the operator as [Program.String] does.
func (o Op) String() string { return names[o] }

// flipped is the comparison with its operands changed over.
var flipped = map[Op]Op{EQ: EQ, NE: NE, LT: GT, GT: LT, LE: GE, GE: LE}

// withConstant is the superinstruction for a constant on the right.
var withConstant = map[Op]Op{Add: opAddC, Sub: opSubC, Mul: opMulC, Div: opDivC, Min: opMinC, Max: opMaxC,
	EQ: opEQC, NE: opNEC, LT: opLTC, LE: opLEC, GT: opGTC, GE: opGEC}

func (o Op) comparison() bool { return EQ <= o && o <= GE }

func (o Op) commutes() bool {
	return o == Add || o == Mul || o == Min || o == Max || o == EQ || o == NE || o == And || o == Or
}

// marks reports whether the instruction gives no result.
func (o Op) marks() bool { return opCheck <= o && o <= opCancel }

func (o Op) loads() bool { return opLoadNumber <= o && o <= opLoadBool }
