//go:build ignore

// This program writes the elementwise loops and the vector versions of all loops.
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"log"
	"os"
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
	log.SetFlags(0)
	for _, o := range both {
		ops = append(ops, o)
		o.Name, o.Args = o.Name+"C", "ak"
		o.Doc = strings.ReplaceAll(strings.ReplaceAll(o.Doc, " b", " k"), "b ", "k ")
		ops = append(ops, o)
	}
	ops = append(ops, more...)
	write("elementwise.go", publicText, nil)
	write("rollup.go", rollPublicText, nil)
	write("none.go", noneText, nil)
	write("dispatch.go", dispatchText, nil)
	for _, w := range []int{4, 8} {
		level := map[int]string{4: "avx2", 8: "avx512"}[w]
		write(level+"_elementwise.go", vectorText, w)
		write(level+"_boxes.go", boxText, w)
		write(level+"_rollup.go", rollText, w)
	}
}

func write(name, text string, w any) {
	f := template.FuncMap{
		"ops": func() []op { return ops },
		"params": func(o op) string { // the parameters of a function
			var s, n []string
			for _, c := range strings.Split(o.Args, "") {
				if c >= "k" {
					n = append(n, c)
				} else {
					s = append(s, c)
				}
			}
			out := strings.Join(append([]string{"dst"}, s...), ", ") + " []float64"
			if n != nil {
				out += ", " + strings.Join(n, ", ") + " float64"
			}
			return out
		},
		"arguments": func(o op) string {
			var s, n []string
			for _, c := range strings.Split(o.Args, "") {
				if c >= "k" {
					n = append(n, c)
				} else {
					s = append(s, c)
				}
			}
			return strings.Join(append(append([]string{"dst"}, s...), n...), ", ")
		},
		"cut": func(o op) string {
			var l, r []string
			for _, c := range strings.Split(o.Args, "") {
				if c < "k" {
					l, r = append(l, c), append(r, c+"[:len(dst)]")
				}
			}
			if l == nil {
				return ""
			}
			return strings.Join(l, ", ") + " = " + strings.Join(r, ", ")
		},
		"element": func(o op) string {
			s := o.scalar
			var out strings.Builder
			for i := 0; i < len(s); i++ {
				word := (i == 0 || !letter(s[i-1])) && (i+1 == len(s) || !letter(s[i+1]))
				if p := strings.IndexByte("xyzw", s[i]); p >= 0 && word {
					c := o.Args[p : p+1]
					if c < "k" {
						c += "[i]"
					}
					out.WriteString(c)
				} else {
					out.WriteByte(s[i])
				}
			}
			return out.String()
		},
		"before": func(o op) string {
			var out strings.Builder
			for i, c := range strings.Split(o.Args, "") {
				if c >= "k" {
					fmt.Fprintf(&out, "%c := B(%s)\n", "xyzw"[i], c)
				} else {
					fmt.Fprintf(&out, "p%s := unsafe.Pointer(unsafe.SliceData(%s))\n", c, c)
				}
			}
			for _, c := range [][2]string{{"one", "B(1)"}, {"half", "B(0.5)"}, {"zero", "B(0)"}} {
				if strings.Contains(o.Vector, c[0]) {
					fmt.Fprintf(&out, "%s := %s\n", c[0], c[1])
				}
			}
			if strings.Contains(o.Vector, "rest") {
				out.WriteString("rest := archsimd.BroadcastInt64xW(math.MaxInt64)\n")
			}
			if strings.Contains(o.Vector, "sign") {
				out.WriteString("sign := archsimd.BroadcastInt64xW(math.MinInt64)\n")
			}
			return out.String()
		},
		"inside": func(o op) string {
			var out strings.Builder
			for i, c := range strings.Split(o.Args, "") {
				if c < "k" {
					fmt.Fprintf(&out, "%c := load_W(p%s, i)\n", "xyzw"[i], c)
				}
			}
			return out.String()
		},
		"lower": func(s string) string { return strings.ToLower(s[:1]) + s[1:] },
		"calls": calls,
		"kinds": func() []kind { return kinds },
		"value": func(k kind, i string) string { return strings.ReplaceAll(k.load[w.(int)/8], "AT", i) },
		"seq": func(n int) []int {
			out := make([]int, n)
			for i := range out {
				out[i] = i
			}
			return out
		},
		"times": func(a, b int) int { return a * b },
		"add":   func(a, b int) int { return a + b },
		"per":   func() int { return 32 / w.(int) },
		"w":     func() int { return w.(int) },
	}
	var b bytes.Buffer
	b.WriteString("// Code generated by gen.go. DO NOT EDIT.\n\n")
	if err := template.Must(template.New(name).Funcs(f).Parse(text)).Execute(&b, nil); err != nil {
		log.Fatal(err)
	}
	s := b.String()
	if w != nil {
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
		os.Stderr.WriteString(s)
		log.Fatal(name, ": ", err)
	}
	if err := os.WriteFile(name, out, 0o644); err != nil {
		log.Fatal(err)
	}
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' }

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
	{"Int8", "int8", true, [2]string{
		"archsimd.Uint32x4{}.SetElem(0, *(*uint32)(unsafe.Add(pu, AT))).AsInt8x16().ExtendLo4ToInt32().ConvertToFloat64()",
		"archsimd.Uint64x2{}.SetElem(0, *(*uint64)(unsafe.Add(pu, AT))).AsInt8x16().ExtendLo8ToInt32().ConvertToFloat64()"}},
	{"Int16", "int16", true, [2]string{
		"archsimd.Uint64x2{}.SetElem(0, *(*uint64)(unsafe.Add(pu, (AT)<<1))).AsInt16x8().ExtendLo4ToInt32().ConvertToFloat64()",
		"archsimd.LoadInt16x8((*[8]int16)(unsafe.Add(pu, (AT)<<1))).ExtendToInt32().ConvertToFloat64()"}},
	{"Int32", "int32", true, [2]string{
		"archsimd.LoadInt32x4((*[4]int32)(unsafe.Add(pu, (AT)<<2))).ConvertToFloat64()",
		"archsimd.LoadInt32x8((*[8]int32)(unsafe.Add(pu, (AT)<<2))).ConvertToFloat64()"}},
}

// call is a function that is written by hand but for its vectors.
type call struct{ Name, Params, Args string }

func calls() []call {
	out := []call{
		{"LoadNumber", "dst, src []float64, bad *Mask", "dst, src, bad"},
		{"LoadStrict", "dst, src []float64, bad *Mask", "dst, src, bad"},
		{"NotFinite", "a []float64, bad *Mask", "a, bad"},
		{"NotDivisor", "a []float64, bad *Mask", "a, bad"},
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
		roll := call{"MulRoll" + k.Name, "acc []float64, units []" + k.Type + coded + ", price []float64, lanes *[8]float64", "acc, units" + args + ", price, lanes"}
		out = append(out, roll)
		if k.Name != "" {
			out = append(out, call{"Decode" + k.Name, "dst []float64, src []" + k.Type + coded, "dst, src" + args})
		}
	}
	return out
}

const publicText = `package kernel

import "math"
{{range ops}}
// {{.Name}} sets dst to {{.Doc}}.
func {{.Name}}({{params .}}) {
	{{cut .}}
	i := vec{{.Name}}({{arguments .}})
	for ; i < len(dst); i++ {
		dst[i] = {{element .}}
	}
}
{{end}}`

const noneText = `//go:build !(goexperiment.simd && amd64)

package kernel

// The functions below do as much as vectors can, which is nothing in this build, and return how many elements that is.
{{range ops}}
func vec{{.Name}}({{params .}}) int { return 0 }
{{end}}
{{range calls}}
func vec{{.Name}}({{.Params}}) int { return 0 }
{{end}}
func vecAllNumbers(a []float64) (int, bool) { return 0, true }
`

const dispatchText = `//go:build goexperiment.simd && amd64

package kernel

// The functions below do as much as vectors can and return how many elements that is.
{{range ops}}
func vec{{.Name}}({{params .}}) int {
	switch level {
	case avx512:
		return {{lower .Name}}8({{arguments .}})
	case avx2:
		return {{lower .Name}}4({{arguments .}})
	}
	return 0
}
{{end}}
{{range calls}}
func vec{{.Name}}({{.Params}}) int {
	switch level {
	case avx512:
		return {{lower .Name}}8({{.Args}})
	case avx2:
		return {{lower .Name}}4({{.Args}})
	}
	return 0
}
{{end}}

func vecAllNumbers(a []float64) (int, bool) {
	switch level {
	case avx512:
		return allNumbers8(a)
	case avx2:
		return allNumbers4(a)
	}
	return 0, true
}
`

const vectorText = `//go:build goexperiment.simd && amd64

package kernel

import (
	"math"
	"simd/archsimd"
	"unsafe"
)

// Each loop ends by clearing the upper halves of the registers: without it scalar code runs four times slower
// afterwards. Loads go through pointers to arrays, as those of slices check bounds at each step.

func load_W(p unsafe.Pointer, i int) archsimd.Float64xW {
	return archsimd.LoadFloat64xW((*[W]float64)(unsafe.Add(p, i<<3)))
}

func store_W(p unsafe.Pointer, i int, x archsimd.Float64xW) {
	x.Store((*[W]float64)(unsafe.Add(p, i<<3)))
}

func nearest_W(x, one, half archsimd.Float64xW, rest, sign archsimd.Int64xW) archsimd.Float64xW {
	t := TRUNC
	far := x.Sub(t).AsInt64xW().And(rest).AsFloat64xW().GreaterEqual(half)
	// Not AndNot(rest): go1.26.8 makes a wrong instruction of AndNot followed by Or on vectors of eight.
	unit := x.AsInt64xW().And(sign).Or(one.AsInt64xW()).AsFloat64xW()
	return t.Add(unit).Merge(t, far)
}
{{range ops}}
func {{lower .Name}}_W({{params .}}) int {
	n := len(dst) &^ ({{w}} - 1)
	to := unsafe.Pointer(unsafe.SliceData(dst))
	{{before .}}
	for i := 0; i < n; i += {{w}} {
		{{inside .}}
		store_W(to, i, {{.Vector}})
	}
	archsimd.ClearAVXUpperBits()
	return n
}
{{end}}`

const boxText = `//go:build goexperiment.simd && amd64

package kernel

import (
	"math"
	"math/bits"
	"simd/archsimd"
	"unsafe"
)

func loadNumber_W(dst, src []float64, bad *Mask) int {
	n := len(dst) &^ ({{w}} - 1)
	pd, ps := unsafe.Pointer(unsafe.SliceData(dst)), unsafe.Pointer(unsafe.SliceData(src))
	empty, yes, no := archsimd.BroadcastUint64xW(empty), archsimd.BroadcastUint64xW(yes), archsimd.BroadcastUint64xW(no)
	one := B(1)
	for i := 0; i < n; {
		var word uint64
		at := i
		for end := min(n, i+64); i < end; i += {{w}} {
			x := load_W(ps, i)
			u := x.AsUint64xW()
			number, isYes := x.Equal(x), u.Equal(yes)
			fine := number.Or(u.Equal(empty)).Or(isYes).Or(u.Equal(no))
			store_W(pd, i, one.Merge(x.Masked(number), isYes))
			word |= uint64(fine.ToBits()^(1<<{{w}}-1)) << (i & 63)
		}
		bad[at>>6] |= word
	}
	archsimd.ClearAVXUpperBits()
	return n
}

func loadStrict_W(dst, src []float64, bad *Mask) int {
	n := len(dst) &^ ({{w}} - 1)
	pd, ps := unsafe.Pointer(unsafe.SliceData(dst)), unsafe.Pointer(unsafe.SliceData(src))
	empty := archsimd.BroadcastUint64xW(empty)
	for i := 0; i < n; {
		var word uint64
		at := i
		for end := min(n, i+64); i < end; i += {{w}} {
			x := load_W(ps, i)
			number := x.Equal(x)
			fine := number.Or(x.AsUint64xW().Equal(empty))
			store_W(pd, i, x.Masked(number))
			word |= uint64(fine.ToBits()^(1<<{{w}}-1)) << (i & 63)
		}
		bad[at>>6] |= word
	}
	archsimd.ClearAVXUpperBits()
	return n
}

func notFinite_W(a []float64, bad *Mask) int {
	n := len(a) &^ ({{w}} - 1)
	pa := unsafe.Pointer(unsafe.SliceData(a))
	for i := 0; i < n; {
		var word uint64
		at := i
		for end := min(n, i+64); i < end; i += {{w}} {
			x := load_W(pa, i)
			word |= uint64(x.Sub(x).IsNaN().ToBits()) << (i & 63)
		}
		bad[at>>6] |= word
	}
	archsimd.ClearAVXUpperBits()
	return n
}

func notDivisor_W(a []float64, bad *Mask) int {
	n := len(a) &^ ({{w}} - 1)
	pa := unsafe.Pointer(unsafe.SliceData(a))
	zero := B(0)
	for i := 0; i < n; {
		var word uint64
		at := i
		for end := min(n, i+64); i < end; i += {{w}} {
			x := load_W(pa, i)
			fine := x.Sub(x).Equal(zero).And(x.NotEqual(zero))
			word |= uint64(fine.ToBits()^(1<<{{w}}-1)) << (i & 63)
		}
		bad[at>>6] |= word
	}
	archsimd.ClearAVXUpperBits()
	return n
}

func boxNumbers_W(dst, src []float64, bad *Mask) int {
	n := len(dst) &^ ({{w}} - 1)
	pd, ps := unsafe.Pointer(unsafe.SliceData(dst)), unsafe.Pointer(unsafe.SliceData(src))
	zero := B(0)
	for i := 0; i < n; {
		var word uint64
		at := i
		for end := min(n, i+64); i < end; i += {{w}} {
			x := load_W(ps, i).Add(zero)
			store_W(pd, i, x)
			word |= uint64(x.Sub(x).IsNaN().ToBits()) << (i & 63)
		}
		bad[at>>6] |= word
	}
	archsimd.ClearAVXUpperBits()
	return n
}

func boxBools_W(dst, src []float64) int {
	n := len(dst) &^ ({{w}} - 1)
	pd, ps := unsafe.Pointer(unsafe.SliceData(dst)), unsafe.Pointer(unsafe.SliceData(src))
	yes, no := archsimd.BroadcastUint64xW(yes).AsFloat64xW(), archsimd.BroadcastUint64xW(no).AsFloat64xW()
	zero := B(0)
	for i := 0; i < n; i += {{w}} {
		store_W(pd, i, yes.Merge(no, load_W(ps, i).NotEqual(zero)))
	}
	archsimd.ClearAVXUpperBits()
	return n
}

func allNumbers_W(a []float64) (n int, all bool) {
	n = len(a) &^ ({{times (w) 4}} - 1)
	pa := unsafe.Pointer(unsafe.SliceData(a))
	for i := 0; i < n; i += {{times (w) 4}} {
		m := load_W(pa, i).IsNaN().Or(load_W(pa, i+{{w}}).IsNaN())
		k := load_W(pa, i+{{times (w) 2}}).IsNaN().Or(load_W(pa, i+{{times (w) 3}}).IsNaN())
		if m.Or(k).ToBits() != 0 {
			archsimd.ClearAVXUpperBits()
			return 0, false
		}
	}
	archsimd.ClearAVXUpperBits()
	return n, true
}

func sumLanes_W(run []float64, lanes *[8]float64) int {
	n := len(run) &^ 7
	p, pl := unsafe.Pointer(unsafe.SliceData(run)), unsafe.Pointer(lanes)
	s := load_W(pl, 0)
	{{- if eq (w) 4}}
	t := load_W(pl, 4)
	{{- end}}
	for i := 0; i < n; i += 8 {
		x := load_W(p, i)
		s = s.Add(x.Masked(x.Equal(x)))
		{{- if eq (w) 4}}
		y := load_W(p, i+4)
		t = t.Add(y.Masked(y.Equal(y)))
		{{- end}}
	}
	store_W(pl, 0, s)
	{{- if eq (w) 4}}
	store_W(pl, 4, t)
	{{- end}}
	archsimd.ClearAVXUpperBits()
	return n
}

func tally_W(run []float64, t *Tally) int {
	n := len(run) &^ 63
	p := unsafe.Pointer(unsafe.SliceData(run))
	empty := archsimd.BroadcastUint64xW(empty)
	lo, hi := B(t.Min), B(t.Max)
	lo2, hi2 := lo, hi
	for i := 0; i < n; {
		var numbers, empties uint64
		at := i
		for end := i + 64; i < end; i += 2 * {{w}} {
			x, y := load_W(p, i), load_W(p, i+{{w}})
			lo, hi = x.Merge(lo, x.Less(lo)), x.Merge(hi, x.Greater(hi))
			lo2, hi2 = y.Merge(lo2, y.Less(lo2)), y.Merge(hi2, y.Greater(hi2))
			numbers |= (uint64(x.Equal(x).ToBits()) | uint64(y.Equal(y).ToBits())<<{{w}}) << (i & 63)
			empties |= (uint64(x.AsUint64xW().Equal(empty).ToBits()) | uint64(y.AsUint64xW().Equal(empty).ToBits())<<{{w}}) << (i & 63)
		}
		t.Numbers += int64(bits.OnesCount64(numbers))
		t.Filled += int64(bits.OnesCount64(^empties))
		for rest := ^(numbers | empties); rest != 0; rest &= rest - 1 {
			t.other(math.Float64bits(run[at+bits.TrailingZeros64(rest)]))
		}
	}
	var least, most [W]float64
	lo2.Merge(lo, lo2.Less(lo)).Store(&least)
	hi2.Merge(hi, hi2.Greater(hi)).Store(&most)
	archsimd.ClearAVXUpperBits()
	for i := range least {
		t.Min, t.Max = lesser(least[i], t.Min), greater(most[i], t.Max)
	}
	return n
}
`

// rollText has one block of 32 elements in each step, see sum.go for the order.
const rollText = `//go:build goexperiment.simd && amd64

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

{{define "sum"}}
	{{- if eq (w) 8}}
		s = s.Add(v0.Add(v1).Add(v2.Add(v3)))
	{{- else}}
		s = s.Add(v0.Add(v2).Add(v4.Add(v6)))
		t = t.Add(v1.Add(v3).Add(v5.Add(v7)))
	{{- end}}
{{end}}

{{define "lanes"}}
	store_W(unsafe.Pointer(lanes), 0, s)
	{{- if eq (w) 4}}
	store_W(unsafe.Pointer(lanes), 4, t)
	{{- end}}
	archsimd.ClearAVXUpperBits()
	return n
{{end}}

{{define "vars"}}s{{if eq (w) 4}}, t{{end}}{{end}}

func sum_W(a []float64, lanes *[8]float64) int {
	n := len(a) &^ 31
	p := unsafe.Pointer(unsafe.SliceData(a))
	var {{template "vars"}} archsimd.Float64xW
	for i := 0; i < n; i += 32 {
		{{range $j := seq (per)}}v{{$j}} := load_W(p, i+{{times $j (w)}})
		{{end}}
		{{- template "sum"}}
	}
	{{template "lanes"}}
}

func dot_W(a, b []float64, lanes *[8]float64) int {
	n := len(a) &^ 31
	pa, pb := unsafe.Pointer(unsafe.SliceData(a)), unsafe.Pointer(unsafe.SliceData(b))
	var {{template "vars"}} archsimd.Float64xW
	for i := 0; i < n; i += 32 {
		{{range $j := seq (per)}}v{{$j}} := load_W(pa, i+{{times $j (w)}}).Mul(load_W(pb, i+{{times $j (w)}}))
		{{end}}
		{{- template "sum"}}
	}
	{{template "lanes"}}
}
{{range $k := kinds}}
func mulRoll{{.Name}}_W(acc []float64, units []{{.Type}}, {{if .Coded}}base, scale float64, {{end}}price []float64, lanes *[8]float64) int {
	n := len(acc) &^ 31
	pd, pu, pp := unsafe.Pointer(unsafe.SliceData(acc)), unsafe.Pointer(unsafe.SliceData(units)), unsafe.Pointer(unsafe.SliceData(price))
	{{if .Coded}}from, step := B(base), B(scale){{end}}
	var {{template "vars"}} archsimd.Float64xW
	for i := 0; i < n; i += 32 {
		{{range $j := seq (per)}}{{$at := print "i+" (times $j (w))}}
		v{{$j}} := {{value $k $at}}{{if $k.Coded}}.Mul(step).Add(from){{end}}.Mul(load_W(pp, {{$at}}))
		store_W(pd, {{$at}}, load_W(pd, {{$at}}).Add(v{{$j}}))
		{{- end}}
		{{- template "sum"}}
	}
	{{template "lanes"}}
}

{{if .Name}}
func decode{{.Name}}_W(dst []float64, src []{{.Type}}{{if .Coded}}, base, scale float64{{end}}) int {
	n := len(dst) &^ ({{w}} - 1)
	pd, pu := unsafe.Pointer(unsafe.SliceData(dst)), unsafe.Pointer(unsafe.SliceData(src))
	{{if .Coded}}from, step := B(base), B(scale){{end}}
	for i := 0; i < n; i += {{w}} {
		store_W(pd, i, {{value $k "i"}}{{if .Coded}}.Mul(step).Add(from){{end}})
	}
	archsimd.ClearAVXUpperBits()
	return n
}
{{end}}
{{end}}`


const rollPublicText = `package kernel
{{range kinds}}
// MulRoll{{.Name}} adds the products of units and price to acc, element by element, and returns the sum of the products in
// the order of [Sum].{{if .Coded}} A unit is worth base + scale*unit, rounded twice.{{end}}
func MulRoll{{.Name}}(acc []float64, units []{{.Type}}, {{if .Coded}}base, scale float64, {{end}}price []float64) float64 {
	units, price = units[:len(acc)], price[:len(acc)]
	var lanes [8]float64
	i := vecMulRoll{{.Name}}(acc, units, {{if .Coded}}base, scale, {{end}}price, &lanes)
	{{if .Coded}}rollCoded(acc, units, base, scale, price, &lanes, i){{else}}roll(acc, units, price, &lanes, i){{end}}
	return combine(&lanes)
}
{{if .Name}}
// Decode{{.Name}} sets dst to {{if .Coded}}base + scale*src, rounded twice{{else}}src{{end}}.
func Decode{{.Name}}(dst []float64, src []{{.Type}}{{if .Coded}}, base, scale float64{{end}}) {
	src = src[:len(dst)]
	i := vecDecode{{.Name}}(dst, src{{if .Coded}}, base, scale{{end}})
	for ; i < len(dst); i++ {
		dst[i] = {{if .Coded}}float64(float64(src[i])*scale) + base{{else}}float64(src[i]){{end}}
	}
}
{{end}}
{{end}}`
