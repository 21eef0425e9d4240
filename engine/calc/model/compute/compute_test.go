package compute_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/compute"
	"github.com/napkin-infra/napkin/engine/calc/model/data"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	"github.com/napkin-infra/napkin/engine/calc/model/reference"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

var folder = filepath.Join("..", "..", "..", "..", "examples", "models")

func check(t *testing.T, text string, o model.Options) *model.Model {
	t.Helper()
	f, err := lang.Parse(lang.Source{Name: "test.nap", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.Check(t.Context(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func close(a, b float64) bool {
	return a == b || a != a && b != b || math.Abs(a-b) <= 1e-10*math.Max(math.Abs(a), math.Abs(b))
}

// equal holds two results against each other, every label and figure.
func equal(t *testing.T, got, want *result.Result) {
	t.Helper()
	if got.Samples != want.Samples || len(got.Tables) != len(want.Tables) || strings.Join(got.Notes, "\n") != strings.Join(want.Notes, "\n") {
		t.Fatalf("%d samples, %d tables, notes %q; want %d, %d, %q", got.Samples, len(got.Tables), got.Notes, want.Samples, len(want.Tables), want.Notes)
	}
	for i, table := range want.Tables {
		mine := got.Tables[i]
		if mine.Title != table.Title || strings.Join(mine.Keys, " ") != strings.Join(table.Keys, " ") || len(mine.Rows) != len(table.Rows) {
			t.Fatalf("%s: keys %v, %d rows; want %v, %d", table.Title, mine.Keys, len(mine.Rows), table.Keys, len(table.Rows))
		}
		for j, c := range table.Columns {
			of := mine.Columns[j]
			if of.Title != c.Title || of.Random != c.Random || len(of.Percentiles) != len(c.Percentiles) {
				t.Fatalf("%s: column %+v, want %+v", table.Title, of.Title, c.Title)
			}
			for row := range c.Values {
				if strings.Join(mine.Rows[row], "/") != strings.Join(table.Rows[row], "/") || !close(of.Values[row], c.Values[row]) {
					t.Fatalf("%s, %s: %v has %v, want %v %v", table.Title, c.Title, mine.Rows[row], of.Values[row], table.Rows[row], c.Values[row])
				}
				for k := range c.Percentiles {
					if !close(of.Percentiles[k][row], c.Percentiles[k][row]) {
						t.Fatalf("%s, %s: percentile %v of %v is %v, want %v", table.Title, c.Title, want.Percentiles[k], mine.Rows[row], of.Percentiles[k][row], c.Percentiles[k][row])
					}
				}
			}
		}
	}
}

// TestExamples computes the worked models by both evaluators, with samples too.
func TestExamples(t *testing.T) {
	for name, o := range map[string]struct {
		dims    map[string]int
		samples int
	}{"saas-revenue.nap": {samples: 40}, "headcount.nap": {}, "inventory.nap": {}, "infrastructure-cost.nap": {samples: 5}, "billion-cells.nap": {dims: map[string]int{"Product": 7, "Store": 30}}} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			rows := data.Files{Dir: folder}
			m := check(t, string(text), model.Options{Rows: rows, Dims: o.dims})
			for _, samples := range []int{-1, o.samples} {
				if samples == 0 {
					continue
				}
				want, err := reference.Run(t.Context(), m, reference.Options{Rows: rows, Samples: samples})
				if err != nil {
					t.Fatal(err)
				}
				got, err := compute.Run(t.Context(), m, compute.Options{Rows: rows, Samples: samples})
				if err != nil {
					t.Fatal(err)
				}
				if got.Stats.ByCell || got.Stats.Cells == 0 || got.Stats.Sweeps == nil {
					t.Errorf("stats: %+v", got.Stats)
				}
				equal(t, &got.Result, want)
			}
		})
	}
}

// TestThreads holds that the number of threads changes no figure of samples.
func TestThreads(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(folder, "saas-revenue.nap"))
	if err != nil {
		t.Fatal(err)
	}
	m := check(t, string(text), model.Options{})
	var want *compute.Result
	for _, threads := range []int{1, 3} {
		got, err := compute.Run(t.Context(), m, compute.Options{Threads: threads, Samples: 20})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
			continue
		}
		for i, table := range want.Tables {
			for j, c := range table.Columns {
				for row, x := range c.Values {
					if math.Float64bits(x) != math.Float64bits(got.Tables[i].Columns[j].Values[row]) {
						t.Fatalf("%s: %v and %v", table.Title, x, got.Tables[i].Columns[j].Values[row])
					}
				}
			}
		}
	}
}

const sales = `time month 2024-01 to 2024-12
dimension Store = A, B
input sales[Store, month] from csv "sales.csv" columns value = amount
    unknown: skip
`

// TestData reads inputs from a file, with each meaning of repeated rows, once and for samples.
func TestData(t *testing.T) {
	dir := t.TempDir()
	text := "Store,date,amount\nA,2024-01,2\nA,2024-01,4\nA,2024-01,9\nB,2024-12,5\nC,2024-01,7\nA,2023-12,1\n"
	if err := os.WriteFile(filepath.Join(dir, "sales.csv"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	rows := data.Files{Dir: dir}
	for _, c := range []struct {
		repeated string
		january  float64
		err      string
	}{
		{"    repeated: sum\n    fill: 100\n", 15, ""},
		{"    repeated: average\n", 5, ""},
		{"    repeated: last\n", 9, ""},
		{"", 0, ":3:1: a second row of A, 2024-01"},
	} {
		for _, samples := range []int{-1, 2} {
			m := check(t, sales+c.repeated+"input u = uniform(1, 1)\nx = sales * u\nshow sales by Store, month\nshow x by Store, month", model.Options{Rows: rows})
			got, err := compute.Run(t.Context(), m, compute.Options{Rows: rows, Samples: samples})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("%q: the error is %v, want %s", c.repeated, err, c.err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%q: %v", c.repeated, err)
			}
			for _, table := range got.Tables {
				if x := table.Columns[0].Values[0]; x != c.january {
					t.Errorf("%q, %s: January of A is %v, want %v", c.repeated, table.Title, x, c.january)
				}
			}
			want, err := reference.Run(t.Context(), m, reference.Options{Rows: rows, Samples: samples})
			if err != nil {
				t.Fatal(err)
			}
			equal(t, &got.Result, want)
			if got.Stats.Rows != 6 {
				t.Errorf("%d rows are told", got.Stats.Rows)
			}
		}
	}
}

// TestByCell takes the evaluator that goes cell by cell where arrays are of no use.
func TestByCell(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "few.csv"), []byte("A,B,few\nI7,J1000000,2\nI1,J5,3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rows := data.Files{Dir: dir}
	for name, c := range map[string]struct {
		text  string
		value float64
		why   string
	}{
		"sparse": {"dimension A = I1..I1000000\ndimension B = J1..J1000000\ninput few[A, B] from csv \"few.csv\"\ntotal = sum(few over all)\nshow total", 5, "few has few values among 1000000000000 cells"},
		"median": {"dimension A = I1..I3\nx[A] = position(A) ^ 2\nm = median(x over A)\nshow m", 4, "median"},
	} {
		t.Run(name, func(t *testing.T) {
			m := check(t, c.text, model.Options{Rows: rows})
			r, err := compute.Run(t.Context(), m, compute.Options{Rows: rows})
			if err != nil {
				t.Fatal(err)
			}
			if r.Tables[0].Columns[0].Values[0] != c.value || !r.Stats.ByCell || !strings.Contains(r.Stats.Why, c.why) {
				t.Errorf("%v, %+v", r.Tables[0].Columns[0].Values, r.Stats)
			}
		})
	}
}

// TestRefused holds what is told of results that are too large.
func TestRefused(t *testing.T) {
	m := check(t, "dimension A = I1..I100000\ndimension B = J1..J1000\nx[A, B] = 1\nshow x by A, B", model.Options{})
	if _, err := compute.Run(t.Context(), m, compute.Options{}); err == nil || !strings.Contains(err.Error(), "100000000 rows; at most 20000000") {
		t.Errorf("too many rows: %v", err)
	}
	m = check(t, "dimension A = I1..I1000\nx[A] = 1 * y\ninput y = uniform(0, 1)\nshow x by A", model.Options{})
	if _, err := compute.Run(t.Context(), m, compute.Options{Memory: 1 << 20, Samples: 1000}); !errors.Is(err, compute.ErrTooManySamples) || !strings.Contains(err.Error(), "1000 of 1000 figures take") {
		t.Errorf("too many samples: %v", err)
	}
}

// TestCancel ends a run of many samples.
func TestCancel(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(folder, "infrastructure-cost.nap"))
	if err != nil {
		t.Fatal(err)
	}
	m := check(t, string(text), model.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := compute.Run(ctx, m, compute.Options{Samples: 100_000}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the run ended with %v", err)
	}
}

// TestLeast counts the work of a model by hand.
func TestLeast(t *testing.T) {
	m := check(t, `time month 2024-01 to 2024-12
dimension A = I1..I10
dimension B = J1..J20
input price[A] = others: 2
input noise[A] = normal(1, 0.1) independent over A
units[A, B, month] = position(A)
revenue = units * price * noise
unused[A, B, month] = units * 7
show revenue by A, year
show units by A, B, month`, model.Options{})
	// Without samples: noise 10, units 2,400, revenue 2,400 and its roll-up 10; two tables of 10 and 2,400 figures.
	got := compute.Least(m, compute.Options{Samples: -1})
	if got.Given != 10 || got.Computed != 10+2400+2400+10 || got.Figures != 2410 || got.Fresh() != 8*2420 {
		t.Errorf("%+v", got)
	}
	// Of five samples noise, revenue and its roll-up are computed five times.
	got = compute.Least(m, compute.Options{Samples: 5})
	if got.Computed != 2400+5*(10+2400+10) || got.Figures != 2400+50 {
		t.Errorf("with samples: %+v", got)
	}
}

// TestBatches draws more samples than are computed at once, of a model with everything that a draw can go through, and holds
// them against the evaluator that draws one at a time; and that threads and memory change no bit.
func TestBatches(t *testing.T) {
	const text = `
time month 2025-01 to 2025-12
dimension P = A, B, C
dimension Q = X, Y, Z
dimension G = G1, G2
map P -> G = A: G1, B: G2
input fixed[P, month] = position(P) * period_number()
input shared = uniform(1, 2)
input each[P] = normal(10, 1) independent over P
input within[P] = sum(normal(10, 1) independent over (P, Q) over Q) + poisson(3)
input shock[Q, month] = bernoulli(20%) independent over (Q, month)
input level[G] = triangular(1, 2, 4) independent over G
input cost[P, month] = lognormal(fixed, 2) independent over time
sales[P, Q, month] = (each + shock) * shared * level[by P]
    outside: 3
stock[P, Q, month] = stock[previous] * 0.9 + sales - sum(sales[t-2:t-1]) / 4
    time: final
load[Q, month] = load[previous] / 2 + sum(stock over P) / 100 + all_load[previous] / 10
all_load[month] = sum(load over Q)
share = sales / sum(sales over P)
    rollup: formula
best[month] = max(sales * cost over P, Q)
total = sum(sales over all, time)
part[P, quarter] = average(stock over Q)
seasons[quarter] = sales_all[previous] + cumulative(sales_all)
sales_all[month] = sum(sales over all)
mean = shared + total / total
show sales, stock, share by G, quarter
show sales, fixed by P, year
show stock by Q
show load, all_load, best
show total, mean
show within, each by P
show cost by P, quarter
show seasons by quarter
simulate 600
    seed: 5
    percentiles: 5, 50, 90
`
	m := check(t, text, model.Options{})
	want, err := reference.Run(t.Context(), m, reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := compute.Run(t.Context(), m, compute.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Stats.ByCell {
		t.Errorf("it was computed cell by cell: %s", got.Stats.Why)
	}
	equal(t, &got.Result, want)
	again, err := compute.Run(t.Context(), m, compute.Options{Threads: 1, Memory: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for i, table := range got.Tables {
		for j, c := range table.Columns {
			for row, x := range c.Values {
				if math.Float64bits(x) != math.Float64bits(again.Tables[i].Columns[j].Values[row]) {
					t.Fatalf("%s: %v and %v", table.Title, x, again.Tables[i].Columns[j].Values[row])
				}
			}
		}
	}
}
