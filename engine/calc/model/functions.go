package model

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/model/random"
)

// Law is a distribution; its arguments and its quantile are those of package random.
type Law = random.Law

// Func is a function of numbers.
type Func uint8

// Functions.
const (
	FuncMin   Func = iota // of one or more arguments; NaN if one is NaN
	FuncMax               // likewise
	FuncAbs               // |x|
	FuncRound             // round(x) or round(x, digits): to the nearest, halves away from zero
	FuncFloor             // the next whole number down
	FuncCeil              // the next whole number up
	FuncSqrt
	FuncExp
	FuncLog  // the natural logarithm, or log(x, base)
	FuncPow  // as the operator ^
	FuncMod  // mod(x, y) has the sign of y, as in a spreadsheet: x - y*floor(x/y)
	FuncSign // -1, 0 or 1
)

// FuncInfo documents a function of the language.
type FuncInfo struct {
	Name, Usage, Text string
	Least, Most       int // number of arguments; Most is -1 where there is no bound
}

// Funcs documents each [Func], at its number.
var Funcs = [...]FuncInfo{
	FuncMin:   {"min", "min(a, b, ...)", "The least of its arguments.", 1, -1},
	FuncMax:   {"max", "max(a, b, ...)", "The greatest of its arguments.", 1, -1},
	FuncAbs:   {"abs", "abs(x)", "The amount without its sign.", 1, 1},
	FuncRound: {"round", "round(x) or round(x, digits)", "The nearest whole number, or that of so many decimal digits; halves away from zero.", 1, 2},
	FuncFloor: {"floor", "floor(x)", "The next whole number down.", 1, 1},
	FuncCeil:  {"ceil", "ceil(x)", "The next whole number up.", 1, 1},
	FuncSqrt:  {"sqrt", "sqrt(x)", "The square root.", 1, 1},
	FuncExp:   {"exp", "exp(x)", "e to the power x.", 1, 1},
	FuncLog:   {"log", "log(x) or log(x, base)", "The natural logarithm, or that to a base.", 1, 2},
	FuncPow:   {"pow", "pow(x, y)", "x to the power y, as x ^ y.", 2, 2},
	FuncMod:   {"mod", "mod(x, y)", "The rest of a division, with the sign of y.", 2, 2},
	FuncSign:  {"sign", "sign(x)", "-1, 0 or 1.", 1, 1},
}

// String gives the name in the language.
func (f Func) String() string { return Funcs[f].Name }

// Apply is the definition of each function.
func (f Func) Apply(args []float64) float64 {
	x := args[0]
	switch f {
	case FuncMin:
		for _, y := range args[1:] {
			x = math.Min(x, y)
		}
		return x
	case FuncMax:
		for _, y := range args[1:] {
			x = math.Max(x, y)
		}
		return x
	case FuncAbs:
		return math.Abs(x)
	case FuncRound:
		if len(args) == 1 {
			return math.Round(x)
		}
		return roundDigits(x, args[1])
	case FuncFloor:
		return math.Floor(x)
	case FuncCeil:
		return math.Ceil(x)
	case FuncSqrt:
		return math.Sqrt(x)
	case FuncExp:
		return math.Exp(x)
	case FuncLog:
		if len(args) == 1 {
			return math.Log(x)
		}
		return math.Log(x) / math.Log(args[1])
	case FuncPow:
		return math.Pow(x, args[1])
	case FuncMod:
		return mod(x, args[1])
	}
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

// roundDigits rounds to decimal digits: the scaled number to the nearest, halves away from zero. Digits are cut to a
// whole number from -300 to 300.
func roundDigits(x, digits float64) float64 {
	if math.IsNaN(digits) {
		return digits
	}
	n := int(math.Trunc(min(max(digits, -300), 300)))
	if n < 0 {
		scale := math.Pow10(-n)
		return math.Round(x/scale) * scale
	}
	scale := math.Pow10(n)
	scaled := x * scale
	if math.IsInf(scaled, 0) {
		return x
	}
	return math.Round(scaled) / scale
}

func mod(x, y float64) float64 {
	if y == 0 {
		return math.NaN()
	}
	r := math.Mod(x, y)
	if r != 0 && (r < 0) != (y < 0) {
		r += y
	}
	return r
}

// Apply gives the value of an operator: the definition of each.
func (op BinaryOp) Apply(l, r float64) float64 {
	switch op {
	case Add:
		return l + r
	case Sub:
		return l - r
	case Mul:
		return l * r
	case Div:
		return l / r
	case Pow:
		return math.Pow(l, r)
	case Equal:
		return truth(l == r)
	case NotEqual:
		return truth(l != r)
	case Less:
		return truth(l < r)
	case LessEqual:
		return truth(l <= r)
	case Greater:
		return truth(l > r)
	case GreaterEqual:
		return truth(l >= r)
	}
	if math.IsNaN(l) || math.IsNaN(r) {
		return math.NaN()
	}
	if op == And {
		return truth(l != 0 && r != 0)
	}
	return truth(l != 0 || r != 0)
}

// Apply gives the value of an operator: the definition of each.
func (op UnaryOp) Apply(x float64) float64 {
	if op == Negate {
		return -x
	}
	if math.IsNaN(x) {
		return x
	}
	return truth(x == 0)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
