package fn

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Func is one function.
type Func struct {
	Name     string // in upper case, without prefix
	Category string // as Excel groups them: "Math", "Text", "Logical", ...
	// Takes are the kinds of the parameters, one word each:
	//
	//	n  a number           t  text           b  a condition        v  any single value
	//	a  values: a reference, an array or a single value, as it comes
	//	A  the same, and what is written there is evaluated over arrays as in an array formula
	//	r  a reference        f  a function (LAMBDA)
	//
	// n?  may be left out, and so may all that follow. "n ..." repeats the last word, "(r v) ..." the last group,
	// once or more often; "(r v)? ..." also never.
	//
	// For n, t, b and v the body sees one value of that kind; the function is applied to each element where an array
	// is given. An argument that is left out or empty between commas is [cell.Missing].
	Takes string
	Doc   string // what it returns, one line without the name
	// Volatile functions change without any of their arguments (NOW, RAND).
	Volatile bool
	// Dynamic functions read cells that only their values tell (INDIRECT, OFFSET).
	Dynamic bool
	// Errors means that errors in single values are given to the body (ISERROR) and do not end the call.
	Errors bool
	Body   func(c *Call) cell.Value // nil where the evaluator carries it out

	once   sync.Once
	params []Param
	repeat int // how many of the last params repeat, 0 for none
	least  int
}

// Param is one parameter.
type Param struct {
	Kind     byte // one of n t b v a A r f
	Optional bool
}

// Scalar reports whether the parameter is one value, over which the function is lifted.
func (p Param) Scalar() bool { return strings.IndexByte("ntbv", p.Kind) >= 0 }

// Param returns the parameter that argument i belongs to. Whether there may be so many arguments is for [Func.Accepts].
func (f *Func) Param(i int) Param {
	f.once.Do(f.parse)
	if i < len(f.params) {
		return f.params[i]
	}
	if f.repeat == 0 {
		return Param{Kind: 'v', Optional: true}
	}
	first := len(f.params) - f.repeat
	return f.params[first+(i-first)%f.repeat]
}

// Accepts reports whether the function can be called with n arguments.
func (f *Func) Accepts(n int) bool {
	f.once.Do(f.parse)
	if n < f.least {
		return false
	}
	if n <= len(f.params) {
		// Within a group all or none are given.
		first := len(f.params) - f.repeat
		return f.repeat == 0 || n <= first || (n-first)%f.repeat == 0
	}
	return f.repeat > 0 && (n-len(f.params))%f.repeat == 0
}

// Arity returns the least and the greatest number of arguments; 255 stands for as many as there may be.
func (f *Func) Arity() (least, most int) {
	f.once.Do(f.parse)
	if f.repeat > 0 {
		return f.least, 255
	}
	return f.least, len(f.params)
}

// parse reads Takes. The tables are fixed, so a mistake in one is a mistake in the program, which a test finds.
func (f *Func) parse() {
	words := strings.Fields(strings.NewReplacer("(", "( ", ")", " )").Replace(f.Takes))
	group, optional := -1, false
	for _, w := range words {
		switch {
		case w == "(":
			group = len(f.params)
		case w == ")" || w == ")?":
			f.repeat = len(f.params) - group
			if w == ")?" {
				optional = true
				for i := group; i < len(f.params); i++ {
					f.params[i].Optional = true
				}
			}
			group = -1
		case w == "...":
			if f.repeat == 0 {
				f.repeat = 1
			}
			continue
		case len(w) <= 2 && strings.IndexByte("ntbvaArf", w[0]) >= 0 && (len(w) == 1 || w[1] == '?'):
			optional = optional || len(w) == 2
			f.params = append(f.params, Param{w[0], len(w) == 2})
			f.repeat = 0
		default:
			panic(fmt.Sprintf("calc/fn: %s takes %q: no such parameter", f.Name, w))
		}
		if !optional && group < 0 {
			f.least = len(f.params)
		}
	}
	if !strings.Contains(f.Takes, "...") {
		f.repeat = 0
	}
}

var all = sync.OnceValue(func() map[string]*Func {
	m := map[string]*Func{}
	for _, t := range tables {
		for _, f := range t {
			if m[f.Name] != nil {
				panic("calc/fn: " + f.Name + " is in the table twice")
			}
			m[f.Name] = f
		}
	}
	return m
})

// Lookup returns the function of this name, in upper case and without prefix, or nil.
func Lookup(name string) *Func { return all()[name] }

// All returns every function, by name.
func All() []*Func {
	m := all()
	out := make([]*Func, 0, len(m))
	for _, f := range m {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *Func) int { return strings.Compare(a.Name, b.Name) })
	return out
}
