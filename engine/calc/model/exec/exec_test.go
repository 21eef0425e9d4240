package exec_test

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
	"github.com/napkin-infra/napkin/engine/calc/model/data"
	"github.com/napkin-infra/napkin/engine/calc/model/exec"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	"github.com/napkin-infra/napkin/engine/calc/model/reference"
)

func check(t testing.TB, text string, o model.Options) *model.Model {
	t.Helper()
	f, err := lang.Parse(lang.Source{Name: "test.nap", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.Check(context.Background(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// agree runs a model by both evaluators and compares every figure that it shows.
func agree(t *testing.T, m *model.Model, o exec.Options) {
	t.Helper()
	r, err := exec.Run(t.Context(), m, o)
	var u *exec.Unsupported
	if errors.As(err, &u) {
		t.Fatalf("not computed in tiles: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	e, err := reference.New(t.Context(), m, reference.Options{Samples: -1})
	if err != nil {
		t.Fatal(err)
	}
	e.Sample(-1)
	var rd exec.Reader
	for _, out := range m.Outputs {
		for _, c := range out.Columns {
			v := m.Vars[c.View]
			items := make([]int32, len(v.Dims))
			positions := int(v.Cells) / m.Periods(v.Grain)
			for period := range m.Periods(v.Grain) {
				for position := range positions {
					m.CellAt(v, int64(period*positions+position), items)
					want, err := e.Cell(v, items, period)
					if err != nil {
						t.Fatal(err)
					}
					got, err := r.Values(&rd, c.View, period, position)
					if err != nil {
						t.Fatal(err)
					}
					if !close(got, want) {
						t.Errorf("%s, column %s: period %d, items %v: %v, the reference has %v", out.Title, c.Title, period, items, got, want)
						return
					}
				}
			}
		}
	}
}

func close(a, b float64) bool {
	return a == b || a != a && b != b || math.Abs(a-b) <= 1e-11*math.Max(math.Abs(a), math.Abs(b))
}

func TestExamples(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "..", "examples", "models")
	for name, head := range map[string]map[string]int{"saas-revenue.nap": nil, "headcount.nap": nil, "inventory.nap": nil, "infrastructure-cost.nap": nil,
		"billion-cells.nap": {"Product": 7, "Store": 300}} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			m := check(t, string(text), model.Options{Rows: data.Files{Dir: folder}, Dims: head})
			agree(t, m, exec.Options{Sample: -1})
		})
	}
}

// TestModels holds that the executor agrees with the reference on what the language can say.
func TestModels(t *testing.T) {
	for name, text := range models {
		t.Run(name, func(t *testing.T) {
			m := check(t, text, model.Options{})
			agree(t, m, exec.Options{Sample: -1})
			agree(t, m, exec.Options{Sample: -1, Threads: 1, Plain: true})
		})
	}
}

const head = `model test
time month 2024-01 to 2025-12
dimension Product = P1..P5
dimension Store = S1..S300
dimension Region = North, South, West
map Store -> Region = S1..S100: North, S101..S250: South
units[Product, Store, month] = floor(50 * hash(1 over Product, Store, time))
price[Product, month] = 1 + floor(9 * hash(2 over Product, time))
`

var models = map[string]string{
	"roll-ups": head + `
revenue = units * price
show revenue by Product, month
show revenue by Store
show revenue by Region, quarter
show revenue by year`,
	"aggregations": head + `
a = units + 0
    rollup: average
b = units + 0
    categories: max
    time: final
c = units + 0
    categories: min
    time: max
d = units + 0
    categories: first
    time: initial
e = units + 0
    categories: last
    time: average
show a, b, c, d, e by Region, quarter
show a, b, c, d, e by Product
show a, b, c, d, e`,
	"formula roll-ups": head + `
revenue = units * price
share = revenue / units
    rollup: formula
show share by Region, year
show share by Product, month`,
	"references": head + `
before = units[previous]
    outside: 7
ahead = units[next] + units[t-3] + units[first] + units[final] + units[2024-05]
span = sum(units[t-2:t]) + max(units[t:final]) + average(units[all]) + min(units[first:t])
one = units[Product=P2] * units[Store=S7, previous]
group = units[by Region]
part[Product, Store, month] = units / sum(units over Store)
show before, ahead, span by Store, month
show one by Product, year
show group by Product, Region, month
show part by Product, Store`,
	"folds of expressions": head + `
total[month] = sum(units * price over Product, Store)
best[Product, month] = max(units * 2 over Store)
running[Product, month] = cumulative(sum(units over Store))
everything = sum(units over all)
mean[Store] = average(units * price over Product, time)
busy[month] = count(units over Product, Store)
ever[Product] = count(units - 3 over Store, time)
show total, busy
show ever by Product
show best, running by Product, month
show everything`,
	"recurrences": head + `
stock[Product, Store, month] = stock[previous] * 0.5 + units - price
    time: final
    outside: 3
flow[Product, Store, month] = if(stock > 20, stock[previous] / 2, hold[t-2] + 1)
hold[Product, Store, month] = stock - flow[previous]
back[Product, Store, month] = back[next] * 0.9 + units
show stock, flow, hold by Product, month
show back by Store, year`,
	"recurrences through roll-ups": head + `
load[Store, month] = load[previous] * 0.8 + sum(units over Product) / 10 + whole[previous] / 1000
whole[month] = sum(load over Store) + whole[previous] * 0.1
region[Region, month] = load[by Region] - whole[t-2] / 50
cap[Store, month] = min(load, region[by Store, previous] + 5)
show load, cap by Store, month
show whole
show region by Region, month`,
	"grains": head + `
input rate[year] = 2024: 2, 2025: 3
budget[quarter] = 100 + 10 * period_number()
daily[day] = day_of_month()
weekly[week] = 7
    time: average
x[month] = budget + rate + daily + weekly
y[quarter] = sum(units over Product, Store) + daily[previous]
show x
show y
show daily, weekly by month
show budget by month`,
	"items and parts": head + `
a = if(Product = P3, units * position(Store), month_number() + days_in_month())
b = round(units / 3, 1) + mod(units, 7) + floor(units / 4) - ceil(price / 2) + abs(units - 20) + sqrt(units) + exp(price / 10) + log(price) + pow(price, 2) + min(units, price, 5)
c = not (units > 10 and price < 5) or units = 3
d = (units > 10) + (units != 3) + (price >= 4) + (price <= 4) + (1 < units)
e = 0/0 + units
f = if(e > 1, 1, 2)
show a, b, c, d by Store, quarter
show e, f by Product, year`,
	"look-ups": head + `
rent[Region, month] = 100 * position(Region) + period_number()
    outside: 5
cost[Store, month] = rent[by Store] * 2 + rent[by Store, previous]
lease[Region, quarter] = 300 * position(Region)
    outside: 6
level[Region, day] = position(Region)
    time: average
    outside: empty
share[Store, month] = lease[by Store] + lease[by Store, next]
height[Store, month] = level[by Store]
span[Store, month] = sum(rent[by Store, t-1:t])
show cost by Store, month
show share, height, span by Store, month
show cost by Region, year`,
	"tables": head + `
input fee[Product, month] = P1 2024: 3, others 2025-03..: 4
    fill: 1
input start[Store] = S1..S20: 5, others: 1
x = fee * start * units
show x by Product, month
show fee by Product, quarter
show start by Region`,
	"no time": `model test
dimension A = A1..A700
dimension B = B1..B3
x[A, B] = hash(1 over A, B)
y[B] = sum(x over A)
z = x / y
w = max(z over A, B)
show y, z by B
show w`,
	"small": `model test
time year 2024 to 2026
a = 3
b[year] = a * period_number() + b[previous]
show b
show a`,
	"shifts out of the axis between weeks and months": `model test
time week 2024-W09 to 2024-W18
dimension B = B1..B2
m[B, month] = position(B) * 10 ^ month_number()
    time: min
f[B, month] = m
    time: final
a[B, month] = m
    time: average
x[week] = sum(m[t+1] over B) + sum(f[t-1] over B) + sum(a[next] over B)
y[B, quarter] = m[previous] + a[next]
show x
show y by B, quarter`,
	"random": head + `
input k[Store] = normal(10, 2) independent over Store
x = k * units
show x by Region, year`,
}

// TestSame holds that threads, memory on disk and forms change no bit of a result.
func TestSame(t *testing.T) {
	m := check(t, strings.Replace(models["recurrences"], "S1..S300", "S1..S4000", 1)+`
kept = units * 1.5
show kept by Product, Store, month
show stock by Product, Store, month`, model.Options{})
	var want []float64
	for i, o := range []exec.Options{{Threads: 1}, {Threads: 2}, {Threads: 2, Memory: 1 << 16}, {Threads: 1, Memory: 1, Plain: true}, {Plain: true}} {
		o.Sample = -1
		o.Folder = t.TempDir()
		r, err := exec.Run(t.Context(), m, o)
		if err != nil {
			t.Fatal(err)
		}
		if (r.Stats.Spilled > 0) != (o.Memory > 0) {
			t.Errorf("with %d bytes of memory %d went to the disk", o.Memory, r.Stats.Spilled)
		}
		var got []float64
		var rd exec.Reader
		for _, out := range m.Outputs {
			for _, c := range out.Columns {
				v := m.Vars[c.View]
				for period := range m.Periods(v.Grain) {
					for position := range int(v.Cells) / m.Periods(v.Grain) {
						x, err := r.Values(&rd, c.View, period, position)
						if err != nil {
							t.Fatal(err)
						}
						got = append(got, x)
					}
				}
			}
		}
		if i == 0 {
			want = got
		}
		for k := range want {
			if math.Float64bits(got[k]) != math.Float64bits(want[k]) {
				t.Fatalf("%+v: figure %d is %v, and was %v", o, k, got[k], want[k])
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestCancel holds that a run ends soon after its context, without values.
func TestCancel(t *testing.T) {
	m := check(t, strings.Replace(models["recurrences"], "S1..S300", "S1..S100000", 1), model.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := exec.Run(ctx, m, exec.Options{Sample: -1}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the run ended with %v", err)
	}
}
