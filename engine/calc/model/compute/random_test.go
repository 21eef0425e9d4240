package compute_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/compute"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	"github.com/napkin-infra/napkin/engine/calc/model/reference"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// writer makes random models: variables over some of three dimensions and five grains that read each other in every way that the
// language has.
type writer struct {
	*rand.Rand
	random bool // with distributions
	vars   []made
	b      strings.Builder
}

type made struct {
	name, grain string
	dims        []string
}

var (
	axes   = []string{"month 2024-01 to 2024-09", "day 2024-01-25 to 2024-03-04", "week 2024-W09 to 2024-W18", "month 2024-02 to 2025-01\n    fiscal: April"}
	items  = map[string]string{"A": "A2", "B": "B3", "C": "C1"}
	grains = []string{"day", "week", "month", "quarter", "year"}
)

func (w *writer) one(list ...string) string { return list[w.IntN(len(list))] }

func (w *writer) subset(list ...string) (out []string) {
	for _, x := range list {
		if w.IntN(2) == 0 {
			out = append(out, x)
		}
	}
	return out
}

// model writes a model.
func (w *writer) model() string {
	axis := w.one(axes...)
	own, _, _ := strings.Cut(axis, " ")
	fmt.Fprintf(&w.b, "time %s\ndimension A = A1..A3\ndimension B = B1..B5\ndimension C = C1, C2\nmap A -> C = A1: C1, A2: C2\nmap B -> C = B1..B2: C2, others: C1\n", axis)
	for i := range 9 {
		v := made{name: fmt.Sprintf("v%d", i), dims: w.subset("A", "B", "C")}
		if w.IntN(5) > 0 {
			v.grain = own
			if w.IntN(3) == 0 {
				v.grain = w.one(grains...)
			}
		}
		over := slices.Clone(v.dims)
		if v.grain != "" {
			over = append(over, v.grain)
		}
		body := ""
		switch {
		case i < 3:
			body = w.given(v)
		case w.IntN(4) == 0 && v.grain != "":
			body = fmt.Sprintf("%s[%s] * 0.5 + %s", v.name, w.one("previous", "t-2"), w.expr(v, 2))
		default:
			body = w.expr(v, 3)
		}
		input := ""
		if i < 3 {
			input = "input "
		}
		fmt.Fprintf(&w.b, "%s%s[%s] = %s\n", input, v.name, strings.Join(over, ", "), body)
		if w.IntN(2) == 0 {
			fmt.Fprintf(&w.b, "    categories: %s\n", w.one("sum", "average", "min", "max", "first", "last"))
		}
		if w.IntN(2) == 0 && v.grain != "" {
			fmt.Fprintf(&w.b, "    time: %s\n", w.one("sum", "average", "initial", "final", "min", "max"))
		}
		if w.IntN(4) == 0 && v.grain != "" {
			fmt.Fprintf(&w.b, "    outside: %d\n", w.IntN(5))
		}
		w.vars = append(w.vars, v)
	}
	for _, v := range w.vars[3:] {
		by := w.subset(v.dims...)
		if !slices.Contains(v.dims, "C") && len(v.dims) > 0 && w.IntN(3) == 0 {
			by = slices.DeleteFunc(by, func(d string) bool { return d == v.dims[0] })
			by = append(by, "C")
		}
		if v.grain != "" && w.IntN(3) > 0 {
			by = append(by, w.one(v.grain, "month", "quarter", "year"))
		}
		if len(by) == 0 {
			fmt.Fprintf(&w.b, "show %s\n", v.name)
			continue
		}
		fmt.Fprintf(&w.b, "show %s by %s\n", v.name, strings.Join(by, ", "))
	}
	return w.b.String()
}

// given writes the values of an input.
func (w *writer) given(v made) string {
	over := slices.Clone(v.dims)
	if v.grain != "" {
		over = append(over, "time")
	}
	value := fmt.Sprintf("%d", 1+w.IntN(9))
	if len(over) > 0 {
		value = fmt.Sprintf("floor(%d * hash(%d over %s))", 2+w.IntN(20), w.IntN(99), strings.Join(over, ", "))
	}
	if !w.random || w.IntN(3) == 0 {
		return value
	}
	draw := w.one("normal(10, 3)", "uniform(1, 5)", "poisson(4)", "bernoulli(30%)", "triangular(1, 2, 6)")
	if some := w.subset(over...); len(some) > 0 {
		draw += " independent over (" + strings.Join(some, ", ") + ")"
	}
	return value + " + " + draw
}

// expr writes an expression that varies over no more than v.
func (w *writer) expr(v made, depth int) string {
	if depth == 0 || w.IntN(5) == 0 {
		return w.read(v)
	}
	a := func() string { return w.expr(v, depth-1) }
	switch w.IntN(10) {
	case 0, 1:
		return a() + " + " + a()
	case 2:
		return a() + " - (" + a() + ")"
	case 3:
		return "(" + a() + ") * " + w.one("2", "0.5", "-1", "3")
	case 4:
		return "(" + a() + ") * (" + w.read(v) + ") / 16"
	case 5:
		return w.one("min", "max") + "(" + a() + ", " + a() + ")"
	case 6:
		if len(v.dims) > 0 {
			d := w.one(v.dims...)
			return fmt.Sprintf("if(%s = %s, %s, %s)", d, items[d], a(), a())
		}
		return "abs(" + a() + ")"
	case 7:
		if v.grain != "" {
			return fmt.Sprintf("if(time %s 2024-0%d, %s, %s)", w.one("<", ">=", "=", ">"), 2+w.IntN(4), a(), a())
		}
		return "(" + a() + " + 1)"
	case 8:
		// A fold over a dimension that the variable has not.
		d := w.one("A", "B", "C")
		if slices.Contains(v.dims, d) {
			return a()
		}
		inner := v
		inner.dims = append(slices.Clone(v.dims), d)
		return fmt.Sprintf("%s(%s over %s)", w.one("sum", "average", "max", "min"), w.expr(inner, depth-1), d)
	}
	if v.grain != "" {
		return "cumulative(" + w.read(v) + ")"
	}
	return a()
}

// read writes a reference to a variable that stands before.
func (w *writer) read(v made) string {
	if len(w.vars) == 0 || w.IntN(8) == 0 {
		return fmt.Sprint(1 + w.IntN(5))
	}
	of := w.vars[w.IntN(len(w.vars))]
	var mods, over []string
	grouped := false
	for _, d := range of.dims {
		switch {
		case slices.Contains(v.dims, d):
		case d != "C" && slices.Contains(v.dims, "C") && !slices.Contains(of.dims, "C") && !grouped && w.IntN(2) == 0:
			mods, grouped = append(mods, "by C"), true
		case w.IntN(3) == 0:
			mods = append(mods, d+"="+items[d])
		default:
			over = append(over, d)
		}
	}
	fold := ""
	if of.grain != "" {
		switch k := w.IntN(8); {
		case v.grain == "" && k < 4:
			mods, fold = append(mods, w.one("all", "first:final", "first+1:final-1")), w.one("sum", "average", "max", "min")
		case v.grain == "" || k == 0:
			mods = append(mods, w.one("first", "final", "first+1"))
		case k == 1:
			mods = append(mods, w.one("previous", "t-2", "next", "t+1"))
		case k == 2:
			mods, fold = append(mods, w.one("t-2:t", "t-1:t+1", "first:t", "t:final", "t-3:t-1")), w.one("sum", "average", "max", "min", "count")
		}
	}
	out := of.name
	if len(mods) > 0 {
		out += "[" + strings.Join(mods, ", ") + "]"
	}
	switch {
	case fold != "" && len(over) > 0:
		return fmt.Sprintf("%s(%s over %s)", fold, out, strings.Join(over, ", "))
	case fold != "":
		return fmt.Sprintf("%s(%s)", fold, out)
	case len(over) > 0:
		return fmt.Sprintf("%s(%s over %s)", w.one("sum", "average", "max", "min"), out, strings.Join(over, ", "))
	}
	return out
}

// TestRandomModels holds the two evaluators against each other on random models, half of them with distributions.
func TestRandomModels(t *testing.T) {
	tried, computed, byCell := 200, 0, 0
	if testing.Short() {
		tried = 60
	}
	for seed := range tried {
		w := &writer{Rand: rand.New(rand.NewPCG(uint64(seed), 7)), random: seed%2 == 1}
		text := w.model()
		f, err := lang.Parse(lang.Source{Name: "random.nap", Text: text})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		m, err := model.Check(t.Context(), f, model.Options{})
		if err != nil {
			continue // not everything that is written has a meaning
		}
		samples := 0
		if w.random {
			samples = 3
		}
		want, err := reference.Run(t.Context(), m, reference.Options{Samples: samples})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		got, err := compute.Run(t.Context(), m, compute.Options{Samples: samples, Threads: 1 + seed%3})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		computed++
		if got.Stats.ByCell {
			byCell++
		}
		if err := agrees(&got.Result, want); err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, text)
		}
	}
	t.Logf("%d of %d models were computed, %d of them cell by cell", computed, tried, byCell)
	if computed < tried/4 || byCell > computed/4 {
		t.Errorf("of %d models only %d were computed, %d of them cell by cell", tried, computed, byCell)
	}
}

// agrees compares figures up to their last places: those of their column, since sums are put together in another order.
func agrees(got, want *result.Result) error {
	for i, table := range want.Tables {
		for j, c := range table.Columns {
			titles, columns := c.Figures(want.Percentiles)
			_, mine := got.Tables[i].Columns[j].Figures(got.Percentiles)
			if len(mine) != len(columns) {
				return errors.New("other columns")
			}
			for k, values := range columns {
				most := 0.0
				for _, v := range values {
					if !math.IsNaN(v) && !math.IsInf(v, 0) {
						most = max(most, math.Abs(v))
					}
				}
				for row, v := range values {
					if x := mine[k][row]; x != v && !(math.IsNaN(x) && math.IsNaN(v)) && !(math.Abs(x-v) <= 1e-9*most) {
						return fmt.Errorf("%s, %s of %s: %v, want %v", table.Title, titles[k], strings.Join(table.Rows[row], ", "), x, v)
					}
				}
			}
		}
	}
	return nil
}
