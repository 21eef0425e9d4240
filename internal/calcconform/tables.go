package calcconform

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/fn"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

// TableCase is one line of another library's tests: a formula and the value that the library states for it.
type TableCase struct {
	Source  string // of the library
	Test    string
	Formula string // in Excel's syntax, without "="
	// Want is the value as the library shows it: a number, TRUE or FALSE, an error, or text.
	Want string
	// Within is how far a number may be off; 0 stands for 9 digits.
	Within float64
	Cells  *Sheet // around the formula, nil for none
	At     At     // of the formula
}

// CheckTables computes cases. A function that is called with a number of arguments that Excel does not take is not translated.
func CheckTables(cases []TableCase) []Check {
	out := make([]Check, len(cases))
	for i := range cases {
		out[i] = cases[i].check()
	}
	return out
}

func (t *TableCase) check() (c Check) {
	c = Check{Document: t.Source, Place: "=" + t.Formula, Subject: t.Formula, Text: t.Test, Theirs: t.Want}
	defer func() {
		if r := recover(); r != nil {
			c.Outcome, c.Ours = Wrong, fmt.Sprintf("a panic: %v", r)
		}
	}()
	tree, err := formula.Parse(t.Formula, t.At.Row, t.At.Col)
	if err != nil {
		c.Outcome, c.Why = Untranslatable, err.Error()
		return c
	}
	c.Function = outermost(t.Formula)
	formula.Walk(tree, func(e formula.Expr) bool {
		call, ok := e.(*formula.Call)
		if f := fn.Lookup(callName(call, ok)); ok && f != nil && f.Body != nil && !f.Accepts(len(call.Args)) {
			c.Outcome, c.Why = Untranslatable, "Excel's "+call.Name+" does not take so many arguments"
		}
		return true
	})
	if c.Outcome == Untranslatable {
		return c
	}
	doc := &Document{Sheets: []*Sheet{{Name: "Sheet1", Cells: map[At]*Cell{}}}}
	if t.Cells != nil {
		doc.Sheets[0] = t.Cells
	}
	b := NewBook(doc)
	f := eval.Compile(tree, b, eval.Options{Row: t.At.Row, Col: t.At.Col})
	v := f.Value(b.walker, 0, t.At.Row, t.At.Col)
	if v.IsBlank() {
		v = cell.Num(0)
	}
	c.Ours = show(v)
	c.Same = t.same(v)
	if !c.Same {
		c.Outcome = Wrong
	}
	return c
}

func callName(c *formula.Call, ok bool) string {
	if !ok {
		return ""
	}
	return c.Name
}

func (t *TableCase) same(v cell.Value) bool {
	if v.Kind() == cell.Number {
		want, err := strconv.ParseFloat(t.Want, 64)
		if err != nil {
			return false
		}
		within := t.Within
		if within == 0 {
			within = 1e-9 * max(math.Abs(want), 1e-3)
		}
		return math.Abs(v.Float()-want) <= within
	}
	return strings.TrimSpace(cell.ToText(v).Text()) == strings.TrimSpace(t.Want) && !v.IsError() || v.IsError() && v.Code().String() == t.Want
}
