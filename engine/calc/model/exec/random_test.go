package exec_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/exec"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	"github.com/napkin-infra/napkin/engine/calc/model/reference"
)

// drawn draws models: variables over random dimensions and grains, whose formulas read those before them, themselves in other periods, roll-ups, spans,
// single items and mappings.
type drawn struct {
	*rand.Rand
	vars []drawnVar
}

type drawnVar struct {
	name  string
	dims  []string // of Product, Store, Region
	grain string   // "" for none
}

func (d *drawn) one(of ...string) string { return of[d.IntN(len(of))] }

// number is a constant, mostly small and seldom an awkward one.
func (d *drawn) number() string {
	return d.one("0", "1", "2", "3", "0.5", "-1", "-7", "10", "0.1", "1e6", "1e-9", "-0.0")
}

// read is a reference that a variable over these dimensions and periods may hold, in one of the ways that the language has.
func (d *drawn) read(own drawnVar) string {
	v := d.vars[d.IntN(len(d.vars))]
	if own.grain == "" && v.grain != "" || v.grain != "" && v.grain != own.grain && d.IntN(3) > 0 {
		return d.fold(own, v)
	}
	var parts []string
	over, varies := map[string]bool{}, map[string]bool{}
	for _, x := range own.dims {
		over[x] = true
	}
	for _, x := range v.dims {
		varies[x] = true
	}
	for _, x := range v.dims {
		switch {
		case over[x]:
		case x == "Region" && over["Store"] && !varies["Store"]:
			parts = append(parts, "by Store")
		case x == "Store" && over["Region"] && !varies["Region"]:
			parts = append(parts, "by Region")
		default:
			parts = append(parts, x+"="+d.item(x))
		}
	}
	if v.grain != "" && d.IntN(3) == 0 {
		parts = append(parts, d.one("previous", "next", "t-2", "t+3", "first", "final", "first+2", "t-13"))
	}
	if len(parts) == 0 {
		return v.name
	}
	return v.name + "[" + strings.Join(parts, ", ") + "]"
}

func (d *drawn) item(dim string) string {
	return map[string]string{"Product": "P" + strconv.Itoa(1+d.IntN(3)), "Store": "S" + strconv.Itoa(1+d.IntN(9)), "Region": d.one("North", "South", "Gone")}[dim]
}

// fold aggregates away what the own variable does not have.
func (d *drawn) fold(own, v drawnVar) string {
	agg := d.one("sum", "average", "min", "max", "count", "sum")
	span := ""
	if v.grain != "" && own.grain == v.grain && d.IntN(2) == 0 {
		span = "[" + d.one("t-2:t", "first:t", "t:final", "all", "t-1:t+1", "first-1:final") + "]"
	}
	var away []string
	for _, x := range v.dims {
		if !slices.Contains(own.dims, x) {
			away = append(away, x)
		}
	}
	if span != "" {
		if len(away) == 0 {
			return agg + "(" + v.name + span + ")"
		}
		return agg + "(" + v.name + span + " over " + strings.Join(away, ", ") + ")"
	}
	if own.grain == "" && v.grain != "" {
		away = append(away, "time")
	}
	if len(away) == 0 {
		return v.name
	}
	return agg + "(" + d.one("", "2 * ", "1 + ") + v.name + " over " + strings.Join(away, ", ") + ")"
}

func (d *drawn) expression(own drawnVar, depth int) string {
	if depth == 0 || d.IntN(6) == 0 {
		if len(d.vars) > 0 && d.IntN(4) > 0 {
			return d.read(own)
		}
		return d.number()
	}
	x := func() string { return d.expression(own, depth-1) }
	switch d.IntN(9) {
	case 0:
		return "if(" + x() + d.one(" > ", " <= ") + "0.0123 + " + x() + ", " + x() + ", " + x() + ")"
	case 1:
		return d.one("min", "max") + "(" + x() + ", " + x() + ")"
	case 2:
		return d.one("(abs(", "sqrt(abs(", "exp(0-abs(", "(sqrt(") + x() + "))"
	case 3: // what does not make much of a rounding error
		return "(" + x() + ") / (1 + abs(" + x() + "))"
	case 4:
		return "-(" + x() + ")"
	default:
		return "(" + x() + ")" + d.one(" + ", " - ", " * ") + "(" + x() + ")"
	}
}

// text draws a model.
func (d *drawn) text() string {
	var b strings.Builder
	stores := 1 + d.IntN(40)
	if d.IntN(5) == 0 {
		stores = 4090 + d.IntN(12) // the ends of a block of positions
	}
	fmt.Fprintf(&b, "model test\ntime month 2024-01 to %s\n    fiscal: %s\ndimension Product = P1..P%d\ndimension Store = S1..S%d\ndimension Region = North, South, Gone\n",
		d.one("2024-03", "2025-05", "2025-12"), d.one("January", "April"), 3+d.IntN(2), max(stores, 9))
	fmt.Fprintf(&b, "map Store -> Region = S1..S4: North, S5..S%d: South\n", 5+d.IntN(5))
	n := 3 + d.IntN(6)
	for i := range n {
		v := drawnVar{name: fmt.Sprintf("v%d", i)}
		for _, x := range []string{"Product", "Store", "Region"} {
			if d.IntN(5) < 2 {
				v.dims = append(v.dims, x)
			}
		}
		v.grain = d.one("", "month", "month", "month", "quarter", "year")
		brackets := append([]string(nil), v.dims...)
		if v.grain != "" {
			brackets = append(brackets, v.grain)
		}
		form := d.expression(v, 3)
		if i == 0 || d.IntN(5) == 0 {
			over := append([]string(nil), v.dims...)
			if v.grain != "" {
				over = append(over, "time")
			}
			form = fmt.Sprintf("floor(20 * hash(%d)) - 5", i)
			if len(over) > 0 {
				form = fmt.Sprintf("floor(20 * hash(%d over %s)) - 5", i, strings.Join(over, ", "))
			}
		}
		if v.grain != "" && d.IntN(4) == 0 {
			form = v.name + d.one("[previous]", "[next]", "[t-2]") + " * " + d.one("0.5", "1", "0.9") + " + " + form
		}
		fmt.Fprintf(&b, "%s[%s] = %s\n", v.name, strings.Join(brackets, ", "), form)
		for _, setting := range [][]string{{"categories", "sum", "average", "min", "max", "first", "last", "formula"}, {"time", "sum", "average", "initial", "final", "min", "max", "formula"}, {"outside", "7", "empty", "-2"}} {
			if d.IntN(4) == 0 && (setting[0] != "time" || v.grain != "") {
				value := d.one(setting[1:]...)
				if value == "formula" && strings.Contains(form, "hash") {
					value = "sum" // of single cells only
				}
				fmt.Fprintf(&b, "    %s: %s\n", setting[0], value)
			}
		}
		d.vars = append(d.vars, v)
	}
	for _, v := range d.vars {
		var by []string
		for _, x := range v.dims {
			if d.IntN(3) > 0 {
				by = append(by, x)
			} else if x == "Store" && !slices.Contains(v.dims, "Region") && d.IntN(2) == 0 {
				by = append(by, "Region")
			}
		}
		if v.grain != "" && d.IntN(2) == 0 {
			by = append(by, d.one(v.grain, "year", "year"))
		}
		b.WriteString("show " + v.name)
		if len(by) > 0 {
			b.WriteString(" by " + strings.Join(by, ", "))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestRandomModels holds that on random models the executor has the figures of the reference, and the same bits with any number of threads, in memory
// and out of it, and in all forms of values. MODEL_RANDOM is how many to draw and MODEL_SEED the first seed.
func TestRandomModels(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("MODEL_RANDOM"))
	if err != nil {
		n = 30
	}
	from, _ := strconv.ParseUint(os.Getenv("MODEL_SEED"), 10, 64)
	computed := 0
	for seed := range uint64(n) {
		d := &drawn{Rand: rand.New(rand.NewPCG(seed+from, 0xD7))}
		text := d.text()
		f, err := lang.Parse(lang.Source{Name: "test.nap", Text: text})
		if err != nil {
			t.Fatalf("seed %d cannot be read: %v\n%s", seed+from, err, text)
		}
		m, err := model.Check(t.Context(), f, model.Options{})
		if err != nil {
			continue // the checker refuses some
		}
		if differs(t, m) {
			t.Fatalf("seed %d:\n%s", seed+from, text)
		}
		computed++
	}
	t.Logf("%d of %d models", computed, n)
	if computed < n/2 {
		t.Errorf("only %d of %d models are any", computed, n)
	}
}

// differs compares a model by the executor, in several ways, with the reference.
func differs(t *testing.T, m *model.Model) bool {
	t.Helper()
	e, err := reference.New(t.Context(), m, reference.Options{Samples: -1})
	if err != nil {
		t.Fatal(err)
	}
	e.Sample(-1)
	var first []float64
	for i, o := range []exec.Options{{Threads: 1}, {Threads: 2}, {Threads: 2, Memory: 1, Plain: true}, {Threads: 1, Memory: 1 << 15}} {
		o.Sample, o.Folder = -1, t.TempDir()
		r, err := exec.Run(t.Context(), m, o)
		var u *exec.Unsupported
		if errors.As(err, &u) {
			return false
		}
		if err != nil {
			t.Errorf("%+v: %v", o, err)
			return true
		}
		at := 0
		bad := func() bool {
			defer r.Close()
			var rd exec.Reader
			for _, out := range m.Outputs {
				for _, c := range out.Columns {
					v := m.Vars[c.View]
					items := make([]int32, len(v.Dims))
					positions := int(v.Cells) / m.Periods(v.Grain)
					for period := range m.Periods(v.Grain) {
						for position := 0; position < positions; position += 1 + positions/500 {
							got, err := r.Values(&rd, c.View, period, position)
							if err != nil {
								t.Error(err)
								return true
							}
							if i > 0 {
								if want := first[at]; math.Float64bits(got) != math.Float64bits(want) {
									t.Errorf("%+v: %s, period %d, position %d: %v, and %v with one thread in memory", o, c.Title, period, position, got, want)
									return true
								}
								at++
								continue
							}
							first = append(first, got)
							m.CellAt(v, int64(period*positions+position), items)
							want, err := e.Cell(v, items, period)
							if err != nil {
								t.Error(err)
								return true
							}
							if !near(got, want) {
								t.Errorf("%s, period %d, items %v: %v, the reference has %v", c.Title, period, items, got, want)
								return true
							}
						}
					}
				}
			}
			return false
		}()
		if bad {
			return true
		}
	}
	return false
}

// near allows for sums in another order, whose terms may be much greater than they are.
func near(a, b float64) bool {
	return close(a, b) || math.Abs(a-b) <= 1e-7*math.Max(1, math.Max(math.Abs(a), math.Abs(b)))
}
