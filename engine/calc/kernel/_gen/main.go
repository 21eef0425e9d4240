//go:build ignore

// This program writes, into the working directory, the elementwise loops and the vector versions of all loops.
package main

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"os"
	"regexp"
	"strings"
	"text/template"
)

// op is an elementwise function. Its operands are x, y, z, w in the order of args: a letter a to d is a slice, k and l
// are numbers.
type op struct {
	Name, Args, Doc string
	scalar          string // an expression of x, y, z, w
	Vector          string // the same; F is the type of a vector, B makes one of a number, one and zero are vectors
}

var (
	abs  = "x.AsInt64xW().And(rest).AsFloat64xW()"
	ops  []op
	both = []op{
		{"Add", "ab", "a + b", "x + y", "x.Add(y)"},
		{"Sub", "ab", "a - b", "x - y", "x.Sub(y)"},
		{"Mul", "ab", "a * b", "x * y", "x.Mul(y)"},
		{"Div", "ab", "a / b", "x / y", "x.Div(y)"},
		// Min and Max of archsimd are not used: the compiler takes them for commutative, which they are not for zeros.
		{"Min", "ab", "a where a < b, else b", "lesser(x, y)", "x.Merge(y, x.Less(y))"},
		{"Max", "ab", "a where a > b, else b", "greater(x, y)", "x.Merge(y, x.Greater(y))"},
		{"Equal", "ab", "1 where a = b, else 0", "truth(x == y)", "one.Masked(x.Equal(y))"},
		{"NotEqual", "ab", "1 where a <> b, else 0", "truth(x != y)", "one.Masked(x.NotEqual(y))"},
		{"Less", "ab", "1 where a < b, else 0", "truth(x < y)", "one.Masked(x.Less(y))"},
		{"LessEqual", "ab", "1 where a <= b, else 0", "truth(x <= y)", "one.Masked(x.LessEqual(y))"},
		{"Greater", "ab", "1 where a > b, else 0", "truth(x > y)", "one.Masked(x.Greater(y))"},
		{"GreaterEqual", "ab", "1 where a >= b, else 0", "truth(x >= y)", "one.Masked(x.GreaterEqual(y))"},
	}
	more = []op{
		{"CSub", "ka", "k - a", "x - y", "x.Sub(y)"},
		{"CDiv", "ka", "k / a", "x / y", "x.Div(y)"},
		{"Neg", "a", "0 - a, which is never a negative zero", "0 - x", "zero.Sub(x)"},
		{"Abs", "a", "|a|", "math.Abs(x)", abs},
		{"Sqrt", "a", "the square root of a", "math.Sqrt(x)", "x.Sqrt()"},
		{"Floor", "a", "a rounded down", "math.Floor(x)", "FLOOR"},
		{"Ceil", "a", "a rounded up", "math.Ceil(x)", "CEIL"},
		{"Trunc", "a", "a rounded toward zero", "math.Trunc(x)", "TRUNC"},
		{"Round", "a", "a rounded to the nearest integer, halves away from zero", "math.Round(x)", "nearest_W(x, one, half, rest, sign)"},
		{"Not", "a", "1 - a, for a of 0 and 1", "1 - x", "one.Sub(x)"},
		{"And", "ab", "1 where both are 1, for operands of 0 and 1", "both(x, y)", "x.AsInt64xW().And(y.AsInt64xW()).AsFloat64xW()"},
		{"Or", "ab", "1 where one is 1, for operands of 0 and 1", "either(x, y)", "x.AsInt64xW().Or(y.AsInt64xW()).AsFloat64xW()"},
		{"Select", "abc", "b where a is not 0, else c", "choose(x, y, z)", "y.Merge(z, x.NotEqual(zero))"},
		{"MulAdd", "abc", "a*b + c, rounded twice", "float64(x*y) + z", "x.Mul(y).Add(z)"},
		{"MulAddC", "abk", "a*b + k, rounded twice", "float64(x*y) + z", "x.Mul(y).Add(z)"},
		{"MulCAdd", "akb", "a*k + b, rounded twice", "float64(x*y) + z", "x.Mul(y).Add(z)"},
		{"MulCAddC", "akl", "a*k + l, rounded twice", "float64(x*y) + z", "x.Mul(y).Add(z)"},
		{"MulSub", "abc", "a*b - c, rounded twice", "float64(x*y) - z", "x.Mul(y).Sub(z)"},
		{"SubMul", "abc", "a - b*c, rounded twice", "x - float64(y*z)", "x.Sub(y.Mul(z))"},
		{"MulMulAdd", "abcd", "a*b + c*d, each rounded", "float64(x*y) + float64(z*w)", "x.Mul(y).Add(z.Mul(w))"},
		{"MulMulSub", "abcd", "a*b - c*d, each rounded", "float64(x*y) - float64(z*w)", "x.Mul(y).Sub(z.Mul(w))"},
		{"Fill", "k", "k", "x", "x"},
	}
)

func main() {
	for _, o := range both {
		ops = append(ops, o)
		o.Name, o.Args = o.Name+"C", "ak"
		o.Doc = strings.ReplaceAll(strings.ReplaceAll(o.Doc, " b", " k"), "b ", "k ")
		ops = append(ops, o)
	}
	ops = append(ops, more...)
	if err := writeAll(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func writeAll() error {
	for _, name := range []string{"elementwise", "rollup", "none", "dispatch"} {
		if err := write(name+".go", name+".tmpl", 0); err != nil {
			return err
		}
	}
	for _, width := range []int{4, 8} {
		level := map[int]string{4: "avx2", 8: "avx512"}[width]
		for _, name := range []string{"elementwise", "boxes", "rollup", "math"} {
			if err := write(level+"_"+name+".go", "vector_"+name+".tmpl", width); err != nil {
				return err
			}
		}
	}
	return nil
}

//go:embed *.tmpl
var templates embed.FS

// each calls f for every operand: its place, its letter, and whether it is a number.
func (o op) each(f func(i int, c string, number bool)) {
	for i, c := range strings.Split(o.Args, "") {
		f(i, c, c >= "k")
	}
}

// Arguments are the operands, slices first.
func (o op) Arguments() string {
	list, numbers := []string{"dst"}, []string{}
	o.each(func(_ int, c string, number bool) {
		if number {
			numbers = append(numbers, c)
		} else {
			list = append(list, c)
		}
	})
	return strings.Join(append(list, numbers...), ", ")
}

// First is the slice whose length counts.
func (o op) First() string { return "dst" }

// Params are the arguments with their types.
func (o op) Params() string {
	i := strings.IndexAny(o.Arguments(), "kl")
	if i < 0 {
		return o.Arguments() + " []float64"
	}
	return o.Arguments()[:i-2] + " []float64, " + o.Arguments()[i:] + " float64"
}

// Cut makes the slices as long as dst.
func (o op) Cut() string {
	var l, r []string
	o.each(func(_ int, c string, number bool) {
		if !number {
			l, r = append(l, c), append(r, c+"[:len(dst)]")
		}
	})
	if l == nil {
		return ""
	}
	return strings.Join(l, ", ") + " = " + strings.Join(r, ", ")
}

var variable = regexp.MustCompile(`\b[xyzw]\b`)

// Element is the scalar expression for element i.
func (o op) Element() string {
	return variable.ReplaceAllStringFunc(o.scalar, func(v string) string {
		c := o.Args[strings.Index("xyzw", v):][:1]
		if c < "k" {
			c += "[i]"
		}
		return c
	})
}

// Before is what a loop over vectors needs.
func (o op) Before() string {
	var out strings.Builder
	o.each(func(i int, c string, number bool) {
		if number {
			fmt.Fprintf(&out, "%c := B(%s)\n", "xyzw"[i], c)
		} else {
			fmt.Fprintf(&out, "p%s := unsafe.Pointer(unsafe.SliceData(%s))\n", c, c)
		}
	})
	for _, c := range [][2]string{{"one", "B(1)"}, {"half", "B(0.5)"}, {"zero", "B(0)"},
		{"rest", "archsimd.BroadcastInt64xW(math.MaxInt64)"}, {"sign", "archsimd.BroadcastInt64xW(math.MinInt64)"}} {
		if strings.Contains(o.Vector, c[0]) {
			fmt.Fprintf(&out, "%s := %s\n", c[0], c[1])
		}
	}
	return out.String()
}

// Inside loads the operands of one step.
func (o op) Inside() string {
	var out strings.Builder
	o.each(func(i int, c string, number bool) {
		if !number {
			fmt.Fprintf(&out, "%c := load_W(p%s, i)\n", "xyzw"[i], c)
		}
	})
	return out.String()
}

// write makes a file of a template, for vectors of w where that is not 0.
func write(name, text string, w int) error {
	f := template.FuncMap{
		"ops":   func() []op { return ops },
		"lower": func(s string) string { return strings.ToLower(s[:1]) + s[1:] },
		"calls": calls,
		"kinds": func() []kind { return kinds },
		"rolls": func() []roll { return rolls },
		"steps": func(k kind, r roll, decode string) products { return products{k, r, decode, w} },
		"value": func(k kind, i string) string { return k.value(w, i) },
		"seq": func(n int) []int {
			out := make([]int, n)
			for i := range out {
				out[i] = i
			}
			return out
		},
		"times": func(a, b int) int { return a * b },
		"add":   func(a, b int) int { return a + b },
		"per":   func() int { return 32 / w },
		"w":     func() int { return w },
	}
	var b bytes.Buffer
	b.WriteString("// Code generated by _gen/main.go. DO NOT EDIT.\n\n")
	if err := template.Must(template.New(text).Funcs(f).ParseFS(templates, text)).Execute(&b, nil); err != nil {
		return err
	}
	s := b.String()
	if w != 0 {
		n := fmt.Sprint(w)
		r := strings.NewReplacer("FLOOR", "x.Floor()", "CEIL", "x.Ceil()", "TRUNC", "x.Trunc()")
		if n == "8" {
			r = strings.NewReplacer("FLOOR", "x.FloorScaled(0)", "CEIL", "x.CeilScaled(0)", "TRUNC", "x.TruncScaled(0)")
		}
		s = r.Replace(s)
		s = strings.NewReplacer("B(", "archsimd.BroadcastFloat64x"+n+"(", "xW", "x"+n, "_W", n, "[W]", "["+n+"]").Replace(s)
	}
	out, err := format.Source([]byte(s))
	if err != nil {
		return fmt.Errorf("%s: %w in\n%s", name, err, s)
	}
	return os.WriteFile(name, out, 0o644)
}

// roll is a kind of roll-up: by a column of prices, or by one price for all.
type roll struct {
	Name, Price string
	One         bool
}

var rolls = []roll{{"MulRoll", "[]float64", false}, {"MulCRoll", "float64", true}}

// kind is a type of units in roll-ups.
type kind struct {
	Name, Type string
	Coded      bool
	load       [2]string // vectors of four and of eight at element AT of pointer pu
}

var kinds = []kind{
	{"", "float64", false, [2]string{"load_W(pu, AT)", "load_W(pu, AT)"}},
	{"Float32", "float32", false, [2]string{
		"archsimd.LoadFloat32x4((*[4]float32)(unsafe.Add(pu, (AT)<<2))).ConvertToFloat64()",
		"archsimd.LoadFloat32x8((*[8]float32)(unsafe.Add(pu, (AT)<<2))).ConvertToFloat64()"}},
	// Vectors of eight go by way of int64: from there the conversion takes one operation, and two from int32.
	{"Int8", "int8", true, [2]string{
		"archsimd.Uint32x4{}.SetElem(0, *(*uint32)(unsafe.Add(pu, AT))).AsInt8x16().ExtendLo4ToInt32().ConvertToFloat64()",
		"archsimd.Uint64x2{}.SetElem(0, *(*uint64)(unsafe.Add(pu, AT))).AsInt8x16().ExtendLo8ToInt64().ConvertToFloat64()"}},
	{"Int16", "int16", true, [2]string{
		"archsimd.Uint64x2{}.SetElem(0, *(*uint64)(unsafe.Add(pu, (AT)<<1))).AsInt16x8().ExtendLo4ToInt32().ConvertToFloat64()",
		"archsimd.LoadInt16x8((*[8]int16)(unsafe.Add(pu, (AT)<<1))).ExtendToInt64().ConvertToFloat64()"}},
	{"Int32", "int32", true, [2]string{
		"archsimd.LoadInt32x4((*[4]int32)(unsafe.Add(pu, (AT)<<2))).ConvertToFloat64()",
		"archsimd.LoadInt32x8((*[8]int32)(unsafe.Add(pu, (AT)<<2))).ExtendToInt64().ConvertToFloat64()"}},
}

// value is the vector at element at.
func (k kind) value(w int, at string) string { return strings.ReplaceAll(k.load[w/8], "AT", at) }

// products are the products of units and prices, as vectors of w.
type products struct {
	kind   kind
	roll   roll
	decode string // what makes units of integers
	w      int
}

// At is the vector at element at.
func (p products) At(at string) string { return p.times(p.kind.value(p.w, at), at) }

// Part is the vector at place j of those that a step of 32 elements from i on has. Eight bytes are half of a load of sixteen, which is
// cheaper than to put them into an empty vector.
func (p products) Part(j int) string {
	at := fmt.Sprintf("i+%d", j*p.w)
	switch {
	case p.kind.Name != "Int8" || p.w != 8:
		return p.At(at)
	case j < 3:
		return p.times(fmt.Sprintf("archsimd.LoadInt8x16((*[16]int8)(unsafe.Add(pu, %s))).ExtendLo8ToInt64().ConvertToFloat64()", at), at)
	}
	return p.times("upper8(archsimd.LoadUint64x2((*[2]uint64)(unsafe.Add(pu, i+16)))).AsInt8x16().ExtendLo8ToInt64().ConvertToFloat64()", at)
}

func (p products) times(units, at string) string {
	price := "load_W(pp, " + at + ")"
	if p.roll.One {
		price = "p"
	}
	return units + p.decode + ".Mul(" + price + ")"
}

// call is a function that is written by hand but for its vectors.
type call struct{ Name, Params, Args string }

// First is the slice whose length counts.
func (c call) First() string { return c.Params[:strings.IndexAny(c.Params, ", ")] }

func calls() []call {
	out := []call{
		{"LoadNumber", "dst, src []float64, bad *Mask", "dst, src, bad"},
		{"LoadStrict", "dst, src []float64, bad *Mask", "dst, src, bad"},
		{"Exp", "dst, a []float64", "dst, a"},
		{"Log", "dst, a []float64", "dst, a"},
		{"NotFinite", "a []float64, bad *Mask", "a, bad"},
		{"NotDivisor", "a []float64, bad *Mask", "a, bad"},
		{"NearlyEqual", "a, b []float64, bad *Mask", "a, b, bad"},
		{"Cancelled", "a, b []float64, bad *Mask", "a, b, bad"},
		{"BoxNumbers", "dst, src []float64, bad *Mask", "dst, src, bad"},
		{"BoxBools", "dst, src []float64", "dst, src"},
		{"SumLanes", "run []float64, lanes *[8]float64", "run, lanes"},
		{"Tally", "run []float64, t *Tally", "run, t"},
		{"Sum", "a []float64, lanes *[8]float64", "a, lanes"},
		{"Dot", "a, b []float64, lanes *[8]float64", "a, b, lanes"},
	}
	for _, k := range kinds {
		coded, args := "", ""
		if k.Coded {
			coded, args = ", base, scale float64", ", base, scale"
		}
		for _, r := range rolls {
			out = append(out, call{r.Name + k.Name, "acc []float64, units []" + k.Type + coded + ", price " + r.Price + ", lanes *[8]float64", "acc, units" + args + ", price, lanes"})
		}
		if k.Name != "" {
			out = append(out, call{"Decode" + k.Name, "dst []float64, src []" + k.Type + coded, "dst, src" + args})
		}
	}
	return out
}
