package vm_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/kernel"
	"github.com/napkin-infra/napkin/engine/calc/vm"
)

// run compiles what build makes and runs it over columns.
func run(t *testing.T, build func(b *vm.Builder) vm.Value, columns ...[]cell.Box) ([]cell.Box, kernel.Mask) {
	t.Helper()
	var b vm.Builder
	p, err := b.Compile(build(&b))
	if err != nil {
		t.Fatal(err)
	}
	var in []vm.Input
	for _, c := range columns {
		in = append(in, vm.Input{Boxes: c})
	}
	n := 1
	if len(columns) > 0 {
		n = len(columns[0])
	}
	out := make([]cell.Box, n)
	bad := make([]kernel.Mask, 1)
	p.Run(vm.NewFrame(), in, out, bad)
	return out, bad[0]
}

var (
	nothing = cell.BoxEmpty()
	yes     = cell.BoxBool(true)
	no      = cell.BoxBool(false)
	text    = cell.BoxText(7)
	failure = cell.BoxError(cell.ErrNA)
	marked  = cell.BoxError(cell.ErrGettingData) // stands for a mark in the tables below
)

func TestMeaning(t *testing.T) {
	huge := 1e308
	type binary = func(b *vm.Builder) vm.Value
	two := func(op vm.Op) binary {
		return func(b *vm.Builder) vm.Value { return b.Binary(op, b.Load(0), b.Load(1)) }
	}
	one := func(op vm.Op) binary {
		return func(b *vm.Builder) vm.Value { return b.Unary(op, b.Load(0)) }
	}
	// overflow is x*1e308, which is infinite for x of 2 and more.
	overflow := func(b *vm.Builder, i int) vm.Value { return b.Binary(vm.Mul, b.Load(i), b.Const(huge)) }
	type column = []cell.Box
	cases := []struct {
		name       string
		build      binary
		x, y, want column
	}{
		{"add", two(vm.Add), column{1, nothing, yes, text, failure, 5}, column{2, 3, yes, 1, 1, no}, column{3, 3, 2, marked, marked, 5}},
		{"overflow", two(vm.Add), column{huge, -huge}, column{huge, -huge}, column{marked, marked}},
		{"no negative zero", two(vm.Mul), column{0, -1}, column{-5, 0}, column{0, 0}},
		{"divide", two(vm.Div), column{1, 0, 6, 1, 1}, column{0, 0, 3, nothing, no}, column{marked, marked, 2, marked, marked}},
		{"power", two(vm.Pow), column{2, 0, 0, -8, -2, 10}, column{3, 0, -1, 1.0 / 3, 3, 400}, column{8, marked, marked, marked, -8, marked}},
		{"square", func(b *vm.Builder) vm.Value { return b.Binary(vm.Pow, b.Load(0), b.Const(2)) },
			column{3, 0, -4, 1e200}, nil, column{9, 0, 16, marked}},
		{"divided by infinity", func(b *vm.Builder) vm.Value { return b.Binary(vm.Div, b.Load(0), overflow(b, 1)) },
			column{1, 1}, column{2, 1}, column{marked, 1e-308}},
		{"sum that stands last", func(b *vm.Builder) vm.Value { return b.Last(vm.Sub, b.Load(0), b.Load(1)) },
			column{1, 1, 1, 3}, column{1 - 0x1p-50, 1, 1 - 0x1p-40, 5}, column{marked, 0, 0x1p-40, -2}},
		{"sum with a constant that stands last", func(b *vm.Builder) vm.Value { return b.Last(vm.Add, b.Const(-1), b.Load(0)) },
			column{1 + 0x1p-52, 1, 1 + 0x1p-40}, nil, column{marked, 0, 0x1p-40}},
		{"sum with a product that stands last", func(b *vm.Builder) vm.Value {
			return b.Last(vm.Sub, b.Binary(vm.Mul, b.Load(0), b.Load(0)), b.Binary(vm.Mul, b.Load(1), b.Load(1)))
		}, column{1, 1, 2}, column{1 - 0x1p-53, 1, 3}, column{marked, 0, -5}},
		{"nearly equal", two(vm.EQ), column{1, 1, 1, 0}, column{1 - 0x1p-50, 1, 1 - 0x1p-40, 5e-324}, column{marked, yes, no, no}},
		{"nearly a constant", func(b *vm.Builder) vm.Value { return b.Binary(vm.LE, b.Const(0.3), b.Load(0)) },
			column{0.3, 0.3 + 0x1p-54, 0.4, 0.1}, nil, column{yes, marked, yes, no}},
		{"infinite comparison", func(b *vm.Builder) vm.Value { return b.Binary(vm.LT, b.Load(0), overflow(b, 1)) },
			column{1, 1}, column{2, 1}, column{marked, yes}},
		{"infinite minimum", func(b *vm.Builder) vm.Value { return b.Binary(vm.Min, b.Load(0), overflow(b, 1)) },
			column{1, 1}, column{2, 1}, column{marked, 1}},
		{"infinite condition", func(b *vm.Builder) vm.Value { return b.Select(overflow(b, 1), b.Load(0), b.Const(7)) },
			column{1, 1, 1}, column{2, 1, 0}, column{marked, 1, 7}},
		{"a side that fails but is not taken", func(b *vm.Builder) vm.Value {
			return b.Select(b.Binary(vm.GT, b.Load(1), b.Const(0)), b.Binary(vm.Mul, b.Load(0), b.Const(2)), overflow(b, 0))
		}, column{5, 5}, column{1, -1}, column{10, marked}},
		{"less", two(vm.LT), column{1, 2, nothing, -1, yes, 5, text}, column{2, 1, 1, nothing, 5, yes, 1}, column{yes, no, yes, yes, marked, marked, marked}},
		{"equal", two(vm.EQ), column{1, nothing, nothing}, column{1, nothing, 0}, column{yes, yes, yes}},
		{"of booleans", func(b *vm.Builder) vm.Value {
			return b.Binary(vm.EQ, b.Binary(vm.GT, b.Load(0), b.Const(3)), b.Bool(true))
		}, column{4, 3}, nil, column{yes, no}},
		{"cell is TRUE", func(b *vm.Builder) vm.Value { return b.Binary(vm.EQ, b.Load(0), b.Bool(true)) },
			column{yes, no, 1, nothing, text}, nil, column{yes, no, marked, no, marked}},
		{"boolean as number", func(b *vm.Builder) vm.Value {
			return b.Binary(vm.Add, b.Bool(true), b.Binary(vm.GT, b.Load(0), b.Const(3)))
		}, column{4, 3}, nil, column{2, 1}},
		{"select", func(b *vm.Builder) vm.Value { return b.Select(b.Load(0), b.Load(1), b.Const(9)) },
			column{1, 0, yes, no, nothing, -2, text, 1}, column{5, 5, 5, 5, 5, nothing, 5, yes}, column{5, 9, 5, 9, 9, 0, marked, marked}},
		{"select of booleans", func(b *vm.Builder) vm.Value {
			return b.Select(b.Load(0), b.Bool(false), b.Unary(vm.Not, b.Load(1)))
		}, column{1, 0, 0}, column{0, 0, 3}, column{no, yes, no}},
		{"min skips what is no number", two(vm.Min), column{1, nothing, yes, 3}, column{2, 2, 2, -3}, column{1, marked, marked, -3}},
		{"max", two(vm.Max), column{1, 3}, column{2, -3}, column{2, 3}},
		{"and", two(vm.And), column{1, 1, 0, 5}, column{1, 0, 0, yes}, column{yes, no, no, yes}},
		{"or", two(vm.Or), column{1, 1, 0, nothing}, column{1, 0, 0, no}, column{yes, yes, no, no}},
		{"not", one(vm.Not), column{1, 0, nothing, text}, nil, column{no, yes, yes, marked}},
		{"truth", one(vm.Truth), column{-1, 0}, nil, column{yes, no}},
		{"neg", one(vm.Neg), column{0, 3, yes}, nil, column{0, -3, -1}},
		{"percent", one(vm.Percent), column{7, nothing}, nil, column{0.07, 0}},
		{"sqrt", one(vm.Sqrt), column{16, -1, 0}, nil, column{4, marked, 0}},
		{"abs", one(vm.Abs), column{-3, 2}, nil, column{3, 2}},
		{"floor", one(vm.Floor), column{-1.5, 1.5}, nil, column{-2, 1}},
		{"ceil", one(vm.Ceil), column{-1.5, 1.5, -0.5}, nil, column{-1, 2, 0}},
		{"trunc", one(vm.Trunc), column{-1.5, 1.5, -0.5}, nil, column{-1, 1, 0}},
		{"round", one(vm.Round), column{-2.5, 2.5, 0.4, -0.4}, nil, column{-3, 3, 0, 0}},
		{"ln", one(vm.Ln), column{1, 0, -1}, nil, column{0, marked, marked}},
		{"exp of minus infinity", func(b *vm.Builder) vm.Value { return b.Unary(vm.Exp, overflow(b, 0)) },
			column{0, -2}, nil, column{1, marked}},
		{"call", func(b *vm.Builder) vm.Value { return b.Call("LN", math.Log, b.Load(0)) },
			column{1, 0, -1, text}, nil, column{0, marked, marked, marked}},
		{"call of negative zero", func(b *vm.Builder) vm.Value {
			return b.Call2("ATAN2", math.Atan2, b.Binary(vm.Mul, b.Load(0), b.Const(-1)), b.Const(-1))
		}, column{0}, nil, column{math.Pi}},
		{"constant", func(b *vm.Builder) vm.Value { return b.Const(5) }, column{0, 0}, nil, column{5, 5}},
		{"constant division by zero", func(b *vm.Builder) vm.Value { return b.Binary(vm.Div, b.Const(5), b.Const(0)) },
			column{0, 0}, nil, column{marked, marked}},
		{"a cell", func(b *vm.Builder) vm.Value { return b.Load(0) }, column{1, nothing, yes, text}, nil, column{1, 0, marked, marked}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			columns := []column{c.x}
			if c.y != nil {
				columns = append(columns, c.y)
			}
			got, bad := run(t, c.build, columns...)
			for i, want := range c.want {
				isMark := math.Float64bits(want) == math.Float64bits(marked)
				if bad.Has(i) != isMark {
					t.Errorf("element %d: marked %v (value %v), want %v", i, bad.Has(i), got[i], isMark)
				} else if !isMark && math.Float64bits(got[i]) != math.Float64bits(want) {
					t.Errorf("element %d: %v, want %v", i, got[i], want)
				}
			}
		})
	}
}

func TestUnsupported(t *testing.T) {
	cases := []struct {
		name  string
		build func(b *vm.Builder) vm.Value
	}{
		{"number against boolean", func(b *vm.Builder) vm.Value { return b.Binary(vm.EQ, b.Const(1), b.Bool(true)) }},
		{"number or boolean", func(b *vm.Builder) vm.Value { return b.Select(b.Load(0), b.Bool(true), b.Const(1)) }},
		{"cell or boolean", func(b *vm.Builder) vm.Value { return b.Select(b.Load(0), b.Load(1), b.Bool(false)) }},
		{"minimum of a boolean", func(b *vm.Builder) vm.Value { return b.Binary(vm.Min, b.Bool(true), b.Const(2)) }},
		{"minimum of a chosen cell", func(b *vm.Builder) vm.Value {
			return b.Binary(vm.Min, b.Select(b.Load(0), b.Load(1), b.Const(2)), b.Const(2))
		}},
		{"infinite constant", func(b *vm.Builder) vm.Value { return b.Const(math.Inf(1)) }},
		{"unary operator of two", func(b *vm.Builder) vm.Value { return b.Binary(vm.Neg, b.Const(1), b.Const(1)) }},
		{"too many registers", func(b *vm.Builder) vm.Value { return b.Binary(vm.Div, tower(b, 17, 0), b.Const(3)) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var b vm.Builder
			if p, err := b.Compile(c.build(&b)); !errors.Is(err, vm.ErrUnsupported) {
				t.Errorf("error %v, program:\n%v", err, p)
			}
		})
	}
}

// tower is a full binary tree of divisions of depth n, whose leaves are all different: it needs n+1 registers.
func tower(b *vm.Builder, n, leaf int) vm.Value {
	if n == 0 {
		return b.Load(leaf)
	}
	return b.Binary(vm.Div, tower(b, n-1, 2*leaf), tower(b, n-1, 2*leaf+1))
}

func TestPrograms(t *testing.T) {
	t.Run("constants are folded", func(t *testing.T) {
		var b vm.Builder
		p, err := b.Compile(b.Binary(vm.Mul, b.Load(0), b.Binary(vm.Add, b.Const(2), b.Const(3))))
		if err != nil {
			t.Fatal(err)
		}
		if s := p.String(); !strings.Contains(s, "mul.c") || !strings.Contains(s, " 5\n") || p.Len() != 3 {
			t.Error(s)
		}
	})
	t.Run("equal parts are computed once", func(t *testing.T) {
		var b vm.Builder
		x := b.Binary(vm.Div, b.Load(0), b.Load(1))
		p, err := b.Compile(b.Binary(vm.Div, x, b.Unary(vm.Sqrt, b.Binary(vm.Div, b.Load(0), b.Load(1)))))
		if err != nil {
			t.Fatal(err)
		}
		if s := p.String(); strings.Count(s, "div") != 2 || strings.Count(s, "load") != 2 {
			t.Error(s)
		}
	})
	fused := []struct {
		name  string
		build func(b *vm.Builder) vm.Value
		want  string
	}{
		{"xy+z", func(b *vm.Builder) vm.Value {
			return b.Binary(vm.Add, b.Load(2), b.Binary(vm.Mul, b.Load(0), b.Load(1)))
		}, " mul.add "},
		{"xy+2", func(b *vm.Builder) vm.Value {
			return b.Binary(vm.Add, b.Const(2), b.Binary(vm.Mul, b.Load(0), b.Load(1)))
		}, " mul.add.c "},
		{"3x+y", func(b *vm.Builder) vm.Value {
			return b.Binary(vm.Add, b.Binary(vm.Mul, b.Const(3), b.Load(0)), b.Load(1))
		}, " mul.c.add "},
		{"3x+2", func(b *vm.Builder) vm.Value {
			return b.Binary(vm.Add, b.Binary(vm.Mul, b.Const(3), b.Load(0)), b.Const(2))
		}, " mul.c.add.c "},
		{"2-3x", func(b *vm.Builder) vm.Value {
			return b.Binary(vm.Sub, b.Const(2), b.Binary(vm.Mul, b.Const(3), b.Load(0)))
		}, " mul.c.add.c "},
		{"y-3x", func(b *vm.Builder) vm.Value {
			return b.Binary(vm.Sub, b.Load(1), b.Binary(vm.Mul, b.Const(3), b.Load(0)))
		}, " mul.c.add "},
		{"xy-z", func(b *vm.Builder) vm.Value {
			return b.Binary(vm.Sub, b.Binary(vm.Mul, b.Load(0), b.Load(1)), b.Load(2))
		}, " mul.sub "},
		{"z-xy", func(b *vm.Builder) vm.Value {
			return b.Binary(vm.Sub, b.Load(2), b.Binary(vm.Mul, b.Load(0), b.Load(1)))
		}, " sub.mul "},
		{"bill", bill, " mul.mul.sub "},
	}
	for _, c := range fused {
		t.Run(c.name, func(t *testing.T) {
			var b vm.Builder
			p, err := b.Compile(c.build(&b))
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(p.String()), "\n")
			if last := lines[len(lines)-2]; !strings.Contains(last, c.want) {
				t.Errorf("program\n%vwants %s", p, c.want)
			}
		})
	}
}

// bill is p*u*(1-d) - c*u.
func bill(b *vm.Builder) vm.Value {
	p, u, d, c := b.Load(0), b.Load(1), b.Load(2), b.Load(3)
	return b.Binary(vm.Sub,
		b.Binary(vm.Mul, b.Binary(vm.Mul, p, u), b.Binary(vm.Sub, b.Const(1), d)),
		b.Binary(vm.Mul, c, u))
}

// expression is what the random tests compute twice: as a program, and one value at a time.
type expression struct {
	op    vm.Op // 0: an input or a constant; 255: IF; 254: a call
	args  []*expression
	input int // -1: a constant
	k     cell.Value
}

const (
	opIf   = 255
	opCall = 254
)

var texts = cell.NewStrings()

// value is what the tree walk makes of the expression.
func (e *expression) value(row []cell.Box) cell.Value {
	number := func(i int) (cell.Value, bool) {
		v := cell.ToNumber(e.args[i].value(row), cell.Dates1900)
		return v, !v.IsError()
	}
	condition := func(v cell.Value) cell.Value { return cell.ToBool(v) }
	switch {
	case e.op == 0 && e.input < 0:
		return e.k
	case e.op == 0:
		return texts.Value(row[e.input])
	case e.op == opIf:
		c := condition(e.args[0].value(row))
		if c.IsError() {
			return c
		}
		if c.True() {
			return e.args[1].value(row)
		}
		return e.args[2].value(row)
	case e.op == vm.Truth:
		return condition(e.args[0].value(row))
	case e.op == vm.Not:
		c := condition(e.args[0].value(row))
		if c.IsError() {
			return c
		}
		return cell.Truth(!c.True())
	case e.op == vm.And || e.op == vm.Or:
		x, y := condition(e.args[0].value(row)), condition(e.args[1].value(row))
		if x.IsError() {
			return x
		}
		if y.IsError() {
			return y
		}
		return cell.Truth(e.op == vm.And && x.True() && y.True() || e.op == vm.Or && (x.True() || y.True()))
	case vm.EQ <= e.op && e.op <= vm.GE:
		x, y := e.args[0].value(row), e.args[1].value(row)
		if x.IsError() {
			return x
		}
		if y.IsError() {
			return y
		}
		d := cell.Compare(x, y)
		return cell.Truth([]bool{d == 0, d != 0, d < 0, d <= 0, d > 0, d >= 0}[e.op-vm.EQ])
	case e.op == vm.Min || e.op == vm.Max:
		best, found := 0.0, false
		for i := range e.args {
			v := e.args[i].value(row)
			if v.IsError() {
				return v
			}
			if v.Kind() != cell.Number {
				continue
			}
			if f := v.Float(); !found || e.op == vm.Min && f < best || e.op == vm.Max && f > best {
				best, found = f, true
			}
		}
		return cell.Num(best)
	}
	x, ok := number(0)
	if !ok {
		return x
	}
	f := x.Float()
	switch e.op {
	case opCall:
		return cell.Num(math.Tan(f))
	case vm.Neg:
		return cell.Num(-f)
	case vm.Percent:
		return cell.Num(f / 100)
	case vm.Abs:
		return cell.Num(math.Abs(f))
	case vm.Sqrt:
		return cell.Num(math.Sqrt(f))
	case vm.Floor:
		return cell.Num(math.Floor(f))
	case vm.Ceil:
		return cell.Num(math.Ceil(f))
	case vm.Trunc:
		return cell.Num(math.Trunc(f))
	case vm.Round:
		return cell.Num(math.Round(f))
	case vm.Exp:
		return cell.Num(kernel.ExpOf(f))
	case vm.Ln:
		return cell.Num(kernel.LogOf(f))
	}
	y, ok := number(1)
	if !ok {
		return y
	}
	return eval.Arithmetic("+-*/^"[e.op-vm.Add], f, y.Float())
}

func (e *expression) build(b *vm.Builder) vm.Value {
	switch {
	case e.op == 0 && e.input >= 0:
		return b.Load(e.input)
	case e.op == 0 && e.k.Kind() == cell.Bool:
		return b.Bool(e.k.True())
	case e.op == 0:
		return b.Const(e.k.Float())
	case e.op == opIf:
		return b.Select(e.args[0].build(b), e.args[1].build(b), e.args[2].build(b))
	case e.op == opCall:
		return b.Call("tan", math.Tan, e.args[0].build(b))
	case len(e.args) == 1:
		return b.Unary(e.op, e.args[0].build(b))
	}
	return b.Binary(e.op, e.args[0].build(b), e.args[1].build(b))
}

func (e *expression) String() string {
	switch {
	case e.op == 0 && e.input >= 0:
		return fmt.Sprint("x", e.input)
	case e.op == 0:
		return fmt.Sprint(e.k.Float())
	case e.op == opIf:
		return fmt.Sprintf("if(%v, %v, %v)", e.args[0], e.args[1], e.args[2])
	case len(e.args) == 1:
		return fmt.Sprintf("%v(%v)", e.op, e.args[0])
	}
	return fmt.Sprintf("%v(%v, %v)", e.op, e.args[0], e.args[1])
}

const columns = 5

func random(r *rand.Rand, depth int) *expression {
	if depth == 0 || r.IntN(8) == 0 {
		switch r.IntN(8) {
		case 0:
			return &expression{input: -1, k: cell.Num(float64(r.IntN(5) - 1))}
		case 1:
			return &expression{input: -1, k: cell.Num(r.NormFloat64())}
		case 2:
			return &expression{input: -1, k: cell.Truth(r.IntN(2) == 0)}
		}
		return &expression{input: r.IntN(columns)}
	}
	next := func() *expression { return random(r, depth-1) }
	switch k := r.IntN(20); {
	case k < 12:
		arithmetic := []vm.Op{vm.Add, vm.Add, vm.Sub, vm.Sub, vm.Mul, vm.Mul, vm.Mul, vm.Div, vm.Pow}
		return &expression{op: arithmetic[r.IntN(len(arithmetic))], args: []*expression{next(), next()}}
	case k < 14:
		return &expression{op: vm.Min + vm.Op(r.IntN(10)), args: []*expression{next(), next()}}
	case k < 16:
		return &expression{op: opIf, args: []*expression{next(), next(), next()}}
	case k < 17:
		return &expression{op: opCall, args: []*expression{next()}}
	}
	return &expression{op: vm.Neg + vm.Op(r.IntN(int(vm.Not-vm.Neg)+1)), args: []*expression{next()}}
}

// box returns a cell of a column of this kind.
func box(r *rand.Rand, kind int) cell.Box {
	switch kind {
	case 0:
		return r.NormFloat64() * 100
	case 1:
		return float64(r.IntN(5) - 2)
	case 2:
		return []cell.Box{1e308, -1e308, 0, 5e-324, 1e-200, 1e160, -7}[r.IntN(7)]
	case 3:
		return cell.BoxBool(r.IntN(2) == 0)
	}
	switch r.IntN(10) {
	case 0:
		return cell.BoxEmpty()
	case 1:
		return cell.BoxText(texts.ID([]string{"", "3", "abc", "TRUE"}[r.IntN(4)]))
	case 2:
		return cell.BoxError(cell.ErrorCode(1 + r.IntN(14)))
	case 3:
		return cell.BoxBool(r.IntN(2) == 0)
	}
	return r.NormFloat64()
}

func TestRandomPrograms(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	f := vm.NewFrame()
	programs, elements, exact := 0, 0, 0
	for round := range 4000 {
		e := random(r, 1+r.IntN(5))
		var b vm.Builder
		p, err := b.Compile(e.build(&b))
		if errors.Is(err, vm.ErrUnsupported) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		programs++
		n := 1 + r.IntN(40)
		if round%50 == 0 {
			n = 500 + r.IntN(1000)
		}
		in := make([]vm.Input, columns)
		for c := range in {
			kind := r.IntN(6)
			if r.IntN(4) == 0 {
				in[c].One = box(r, kind)
				continue
			}
			in[c].Boxes = make([]cell.Box, n)
			for i := range n {
				in[c].Boxes[i] = box(r, kind)
			}
			in[c].Numbers = kind < 3 && r.IntN(2) == 0
		}
		out, bad := make([]cell.Box, n), make([]kernel.Mask, (n+kernel.Tile-1)/kernel.Tile)
		count := p.Run(f, in, out, bad)
		row := make([]cell.Box, columns)
		for i := range n {
			for c := range in {
				row[c] = in[c].One
				if in[c].Boxes != nil {
					row[c] = in[c].Boxes[i]
				}
			}
			elements++
			if bad[i/kernel.Tile].Has(i % kernel.Tile) {
				count--
				continue
			}
			exact++
			v := e.value(row)
			if v.IsBlank() {
				v = cell.Num(0)
			}
			if want := texts.Box(v); math.Float64bits(want) != math.Float64bits(out[i]) {
				t.Fatalf("%v of %v: %v, want %v\n%v", e, row, texts.Value(out[i]), v, p)
			}
		}
		if count != 0 {
			t.Fatalf("%v: the count of marks is off by %d", e, count)
		}
	}
	t.Logf("%d programs, %d elements, %d of them not marked", programs, elements, exact)
	if programs < 2000 || exact < elements/4 {
		t.Errorf("too little was tested: %d programs, %d elements, %d of them not marked", programs, elements, exact)
	}
}

func TestSquare(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	x := make([]cell.Box, kernel.Tile)
	for range 200 {
		for i := range x {
			x[i] = math.Ldexp(r.NormFloat64(), r.IntN(1200)-600)
		}
		out, bad := run(t, func(b *vm.Builder) vm.Value { return b.Binary(vm.Pow, b.Load(0), b.Const(2)) }, x)
		for i := range x {
			want := eval.Arithmetic('^', x[i], 2)
			if bad.Has(i) != want.IsError() || !bad.Has(i) && math.Float64bits(out[i]) != math.Float64bits(want.Float()) {
				t.Fatalf("%v^2: %v, want %v", x[i], out[i], want)
			}
		}
	}
}

// A program may write over one of its inputs.
func TestInPlace(t *testing.T) {
	var b vm.Builder
	p, err := b.Compile(bill(&b))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(21, 22))
	n := 1100
	in := make([]vm.Input, 4)
	for c := range in {
		in[c].Boxes = make([]cell.Box, n)
		for i := range n {
			in[c].Boxes[i] = r.Float64()
		}
	}
	want, bad := make([]cell.Box, n), make([]kernel.Mask, 3)
	f := vm.NewFrame()
	p.Run(f, in, want, bad)
	if marks := p.Run(f, in, in[1].Boxes, bad); marks != 0 {
		t.Errorf("%d marks", marks)
	}
	for i := range want {
		if in[1].Boxes[i] != want[i] {
			t.Fatalf("element %d: %v, want %v", i, in[1].Boxes[i], want[i])
		}
	}
}
