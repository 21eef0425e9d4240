package model_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

func parse(t testing.TB, text string) *lang.File {
	t.Helper()
	f, err := lang.Parse(lang.Source{Name: "m.nap", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func check(t testing.TB, text string, o model.Options) *model.Model {
	t.Helper()
	m, err := model.Check(context.Background(), parse(t, text), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// steps writes the steps of a model: "a | b c> | d<".
func steps(m *model.Model) string {
	var list []string
	for _, s := range m.Steps {
		var names []string
		for _, v := range s.Vars {
			names = append(names, m.Vars[v].Name)
		}
		list = append(list, strings.Join(names, " ")+[]string{"", ">", "<"}[s.Direction])
	}
	return strings.Join(list, " | ")
}

func TestSteps(t *testing.T) {
	const axis = "time month 2024-01 to 2024-12\n"
	for _, c := range []struct{ name, text, want string }{
		{"in the order of use", "c = b + 1\nb = a * 2\ninput a = 5", "a | b | c"},
		{"a running total", "x[month] = x[previous] + 1", "x>"},
		{"two that look back", "stock[month] = stock[previous] + orders[t-3] - sales\norders[month] = if(stock < 10, 5, 0)\ninput sales = 1", "sales | stock orders>"},
		{"order within a period, written the other way", "orders[month] = if(stock < 10, 5, 0)\nstock[month] = stock[previous] + orders[t-3]", "stock orders>"},
		{"from the end", "v[month] = v[next] / 2 + w\nw[month] = v[t+2]", "w v<"},
		{"a span of the past", "x[month] = sum(x[t-3:t-1]) + 1", "x>"},
		{"everything before", "x[month] = sum(x[first:t-1]) + 1", "x>"},
		{"other items of the past", "dimension P = A, B\nx[P, month] = x[P=A, previous] + 1", "x>"},
		{"a circle through a cumulative", "y[month] = cumulative(x)\nx[month] = y[previous] + 1", "x y>"},
		{"ahead without a circle", "x[month] = 1\ny[month] = x[next] + x[previous]", "x | y"},
	} {
		if got := steps(check(t, axis+c.text, model.Options{})); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestLongChains has a chain of variables that is longer than calls should nest.
func TestLongChains(t *testing.T) {
	var b strings.Builder
	const n = 3000
	for i := n; i > 0; i-- {
		fmt.Fprintf(&b, "x%d = x%d + 1\n", i, i-1)
	}
	b.WriteString("input x0 = 1\n")
	m := check(t, b.String(), model.Options{})
	if len(m.Steps) != n+1 || m.Vars[m.Steps[n].Vars[0]].Name != "x3000" {
		t.Errorf("%d steps", len(m.Steps))
	}
}

func TestInferred(t *testing.T) {
	const text = `
time day 2024-01-01 to 2024-12-31
dimension A = a1, a2
dimension B = b1, b2
dimension C = c1, c2
map A -> C = a1: c1
input x[A, day] = others others: 1
input y[B, month] = others others: 1
input z = 5
`
	for _, c := range []struct{ formula, want string }{
		{"z", ""}, {"x", "A day"}, {"y * x", "A B day"}, {"y * z", "B month"}, {"x[by C]", "C day"}, {"sum(x over A)", "day"}, {"sum(x over time)", "A"}, {"sum(x * y over A, time)", "B"},
		{"x[A=a1]", "day"}, {"x[final]", "A"}, {"sum(x[all])", "A"}, {"sum(x[t-1:t])", "A day"}, {"if(B = b1, 1, 0)", "B"}, {"month_number()", "day"}, {"cumulative(z)", "day"}, {"hash(1 over C)", "C"},
		{"self[previous] + 1", "day"}, {"sum(y over all)", "month"}, {"y[2024-03] + z", "B"},
	} {
		m := check(t, text+"self = "+c.formula, model.Options{})
		v := m.Var("self")
		var words []string
		for _, d := range v.Dims {
			words = append(words, m.Dims[d].Name)
		}
		if v.Grain != calendar.None {
			words = append(words, v.Grain.String())
		}
		if got := strings.Join(words, " "); got != c.want {
			t.Errorf("%s varies over %q, want %q", c.formula, got, c.want)
		}
	}
}

func TestNothingIsLaidOut(t *testing.T) {
	text := "time day 2024-01-01 to 2026-12-31\n"
	var over []string
	for i := range 9 {
		text += fmt.Sprintf("dimension D%d = I1..I20\n", i)
		over = append(over, fmt.Sprintf("D%d", i))
	}
	text += "input x[" + strings.Join(over, ", ") + ", day] = " + strings.Repeat("others ", 10) + ": 1\ny = x * 2 + 1\nshow y by D0, year\n"
	f := parse(t, text)
	allocated := testing.AllocsPerRun(3, func() {
		if _, err := model.Check(context.Background(), f, model.Options{}); err != nil {
			t.Fatal(err)
		}
	})
	m := check(t, text, model.Options{})
	if cells := m.Var("y").Cells; cells != 512e9*1096 {
		t.Errorf("%d cells", cells)
	}
	if allocated > 10_000 {
		t.Errorf("%v allocations", allocated)
	}
}

func TestCellNumbers(t *testing.T) {
	m := check(t, "time month 2024-01 to 2024-03\ndimension A = a, b\ndimension B = c, d, e\ninput x[A, B, month] = others others others: 1", model.Options{})
	v := m.Var("x")
	items := make([]int32, 2)
	for n := range v.Cells {
		period := m.CellAt(v, n, items)
		if got := m.CellNumber(v, items, period); got != n {
			t.Errorf("cell %d is %v in %d, which is %d", n, items, period, got)
		}
	}
	if n := m.CellNumber(v, []int32{1, 2}, 1); n != 6+3+2 {
		t.Errorf("the cell b, e in the second month is %d", n)
	}
}

func TestOptions(t *testing.T) {
	const text = `
dimension Store = S1..S10
dimension Kind = A, B
map Store -> Kind = S1..S5: A, S6..S10: B
input price[Store] = S1: 1, S9: 9, others: 2
input k = 3
total = sum(price over Store) * k
scenario High
    k = base + 1
scenario Higher
    k = base * 2
`
	m := check(t, text, model.Options{Dims: map[string]int{"Store": 7}})
	if m.Dim("Store").Len() != 7 || len(m.Maps[0].Target) != 7 || m.Maps[0].Target[6] != 1 {
		t.Errorf("%d stores, %v", m.Dim("Store").Len(), m.Maps[0].Target)
	}
	m = check(t, text, model.Options{Scenarios: []string{"High", "Higher"}, Set: []string{"k = base - 1"}, Show: []string{"total", "price by Kind"}})
	if len(m.Outputs) != 2 || m.Outputs[1].Title != "price by Kind" || !slices.Equal(m.Scenarios, []string{"High", "Higher"}) {
		t.Errorf("%+v, %v", m.Outputs, m.Scenarios)
	}
	m = check(t, text, model.Options{By: "Kind", Show: []string{"total, price by Store", "k"}})
	if len(m.Outputs) != 1 || m.Outputs[0].Title != "price by Kind" {
		t.Errorf("%+v", m.Outputs)
	}
	for _, c := range []struct {
		o    model.Options
		want string
	}{
		{model.Options{Scenarios: []string{"Low"}}, `the model has no scenario "Low"; it has High, Higher`},
		{model.Options{Dims: map[string]int{"Shop": 3}}, "the model has no dimension Shop; it has Store, Kind"},
		{model.Options{Dims: map[string]int{"Store": -1}}, "cannot be cut to -1 items"},
		{model.Options{Scenarios: []string{"high"}}, `it has High, Higher; did you mean "High"?`},
		{model.Options{Set: []string{"price[Store] = 5"}}, "the dimensions of price do not change; leave the brackets out"},
		{model.Options{Set: []string{"kk = 5"}}, "there is no variable kk to replace"},
		{model.Options{Set: []string{"k 5"}}, `"=" or "from" is expected`},
		{model.Options{Set: []string{"show k"}}, "replaces no variable"},
		{model.Options{Show: []string{"totl"}}, "did you mean total?"},
		{model.Options{By: "Stoer"}, "did you mean Store?"},
		{model.Options{By: "Store", Show: []string{"k"}}, "nothing that the model shows varies by Store"},
		{model.Options{By: "Store,"}, "is expected here"},
	} {
		_, err := model.Check(context.Background(), parse(t, text), c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", c.o, err, c.want)
		}
	}
}

func TestItems(t *testing.T) {
	r := model.RangeItems("S", 5, 10)
	l := model.ListItems([]string{"a", "b"})
	if r.Len() != 10 || r.Name(9) != "S14" || l.Name(1) != "b" {
		t.Errorf("%d %s %s", r.Len(), r.Name(9), l.Name(1))
	}
	for name, want := range map[string]int32{"S5": 0, "S14": 9} {
		if i, ok := r.Index(name); !ok || i != want {
			t.Errorf("%s is %d, %v", name, i, ok)
		}
	}
	for _, name := range []string{"S4", "S15", "S05", "S", "", "T5", "S5x", "S-5", "S+5"} {
		if i, ok := r.Index(name); ok {
			t.Errorf("%q is %d", name, i)
		}
	}
	h, e := r.Head(3), l.Head(0)
	if h.Len() != 3 || e.Len() != 0 {
		t.Errorf("%d and %d", h.Len(), e.Len())
	}
}

func TestFold(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		agg    model.Agg
		values []float64
		want   float64
	}{
		{model.Sum, []float64{1e16, 1, -1e16}, 1}, {model.Sum, nil, 0}, {model.Sum, []float64{math.Inf(1), 1}, math.Inf(1)}, {model.Sum, []float64{math.Inf(1), math.Inf(-1)}, nan},
		{model.Average, []float64{1, 2, 6}, 3}, {model.Average, nil, nan}, {model.Min, []float64{3, -1, 2}, -1}, {model.Max, []float64{3, -1, 2}, 3}, {model.Min, []float64{nan, 1}, nan}, {model.Max, []float64{1, nan, 2}, nan},
		{model.Median, []float64{9, 1, 5}, 5}, {model.Median, []float64{4, 1, 2, 3}, 2.5}, {model.Median, nil, nan}, {model.Count, []float64{0, 1, nan, math.Copysign(0, -1)}, 2}, {model.First, []float64{4, 5}, 4}, {model.Last, []float64{4, 5}, 5}, {model.Last, nil, nan},
	} {
		if got := c.agg.Fold(slices.Clone(c.values)); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s of %v is %v, want %v", c.agg, c.values, got, c.want)
		}
	}
	if math.Signbit(model.Sum.Fold([]float64{math.Copysign(0, -1)})) {
		t.Error("a sum of negative zeros is negative")
	}
}

// FuzzCheck holds that the checker never panics on what the parser accepts.
func FuzzCheck(f *testing.F) {
	const head = "time month 2024-01 to 2024-12\ndimension P = A, B\ndimension S = S1..S4\ndimension R = N, O\nmap S -> R = S1..S2: N\ninput u[P, S, month] = others others others: 1\ninput p[P] = A: 2\n"
	for _, text := range []string{
		"x = u * p\n  rollup: formula\ny[R] = x[by R, final]\nshow x by R, year", "x = x[previous] + sum(u[t-2:t] over P)", "a = b\nb = a[next]", "input n = normal(p[P=A], 1)\nshow n", "x[S] = y[by S]\ny[R] = 1",
		"x = if(S = S1, hash(3 over P), position(R))", "scenario s\n  p = base * 2", "x = cumulative(u)\n  time: final\nshow x[P=A] by R", "simulate 5\n  seed: 2", "x[week] = u", "x[year] = u[t-1]\n  time: formula\nshow x by quarter",
	} {
		f.Add(text)
	}
	f.Add("-x[] = sum(month_number() over time)\ny = cumulative(5) + hash(3 over time)\nshow y by month")
	f.Add("-dimension A = none\ndimension B = b\nmap A -> B = none\ninput x[A] = others: 5\nshow x by B")
	f.Fuzz(func(t *testing.T, text string) {
		// A text behind a minus stands for itself.
		whole, alone := strings.CutPrefix(text, "-")
		if !alone {
			whole = head + text
		}
		file, err := lang.Parse(lang.Source{Text: whole})
		if err != nil {
			return
		}
		m, err := model.Check(context.Background(), file, model.Options{})
		if err != nil {
			return
		}
		done := map[model.VarID]bool{}
		for _, s := range m.Steps {
			for _, v := range s.Vars {
				done[v] = true
			}
			for _, v := range s.Vars {
				for _, r := range m.Vars[v].Reads {
					if !done[r] {
						t.Errorf("%s reads %s, which comes later", m.Vars[v].Name, m.Vars[r].Name)
					}
				}
			}
		}
		if len(done) != len(m.Vars) {
			t.Errorf("%d of %d variables have a step", len(done), len(m.Vars))
		}
	})
}
