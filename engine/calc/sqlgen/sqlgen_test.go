package sqlgen_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/compute"
	"github.com/napkin-infra/napkin/engine/calc/model/data"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	"github.com/napkin-infra/napkin/engine/calc/sqlgen"
)

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

// databases are those in which models are proved.
var databases = map[sqlgen.Dialect]func(t *testing.T) *sqlgen.Database{sqlgen.DuckDB: duckDB, sqlgen.ClickHouse: clickHouse}

// clickHouse finds a ClickHouse, or skips the test.
func clickHouse(t *testing.T) *sqlgen.Database {
	t.Helper()
	db, err := sqlgen.FindClickHouse(filepath.Join("..", "..", "..", "bin", "clickhouse"))
	if err != nil {
		t.Skip(err, "(scripts/setup-test clickhouse installs it)")
	}
	return db
}

// duckDB finds a DuckDB, or skips the test.
func duckDB(t *testing.T) *sqlgen.Database {
	t.Helper()
	folder := filepath.Join("..", "..", "..", "internal", "duckdb")
	if _, err := os.Stat(filepath.Join(folder, "node_modules")); err != nil {
		folder = ""
	}
	db, err := sqlgen.FindDuckDB(folder)
	if err != nil {
		t.Skip(err, "(scripts/setup-test duckdb installs it)")
	}
	return db
}

// prove holds the SQL of a model against the engine.
func prove(t *testing.T, d sqlgen.Dialect, m *model.Model, rows model.Rows, folder string) {
	t.Helper()
	db := databases[d](t)
	script, err := sqlgen.Generate(t.Context(), m, sqlgen.Options{Dialect: d, Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	r, err := compute.Run(t.Context(), m, compute.Options{Samples: -1, Rows: rows})
	if err != nil {
		t.Fatal(err)
	}
	p, err := sqlgen.Prove(t.Context(), script, r.Tables, db)
	if err != nil {
		t.Fatal(err)
	}
	if p.Different > 0 || p.Figures == 0 {
		t.Errorf("%d of %d figures differ:\n%s", p.Different, p.Figures, strings.Join(p.Examples, "\n"))
	}
}

// TestExamples proves the worked models, those with distributions at a value.
func TestExamples(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "examples", "models")
	for name, o := range map[string]model.Options{
		"saas-revenue.nap": {Set: []string{"churn_factor = 1.1"}}, "headcount.nap": {}, "inventory.nap": {}, "infrastructure-cost.nap": {Set: []string{"monthly_growth = 4%"}},
		"billion-cells.nap": {Dims: map[string]int{"Product": 5, "Store": 12}},
	} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		for d := range databases {
			t.Run(string(d)+"/"+name, func(t *testing.T) { prove(t, d, check(t, string(text), o), nil, folder) })
		}
	}
}

const head = `model test
time month 2024-01 to 2025-12
dimension Product = P1..P3
dimension Store = S1..S9, "S '10"
dimension Region = North, South, West
map Store -> Region = S1..S4: North, S5..S8: South
units[Product, Store, month] = floor(50 * hash(1 over Product, Store, time))
price[Product, month] = 1 + floor(9 * hash(2 over Product, time))
`

// models are those of what the language can say.
var models = map[string]string{
	"roll-ups": head + `
revenue = units * price
share = revenue / units
    rollup: formula
show revenue by Product, month
show revenue by Store
show revenue, share by Region, quarter
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
	"references": head + `
before = units[previous]
    outside: 7
ahead = units[next] + units[t-3] + units[first] + units[final] + units[2024-05]
span = sum(units[t-2:t]) + max(units[t:final]) + average(units[all]) + min(units[first:t])
far = average(units[t-2:t]) + sum(before[t-1:t+1]) + max(before[t-30:t-25]) + count(before[t-1:t]) + sum(units[2024-02:t])
one = units[Product=P2] * units[Store=S7, previous]
group = units[by Region]
part[Product, Store, month] = units / sum(units over Store)
show before, ahead, span, far by Store, month
show one by Product, year
show group by Product, Region, month
show part by Product, Store`,
	"folds": head + `
total[month] = sum(units * price over Product, Store)
best[Product, month] = max(units * 2 over Store)
running[Product, month] = cumulative(sum(units over Store))
everything = sum(units over all)
mean[Store] = average(units * price over Product, time)
busy[month] = count(units over Product, Store)
pieces[month] = sum(price + 0 * position(Store) over Store, Product)
show total, busy, pieces
show best, running by Product, month
show mean by Store
show everything`,
	"recurrences": head + `
stock[Product, Store, month] = stock[previous] * 0.5 + units - price
    time: final
    outside: 3
flow[Product, Store, month] = if(stock > 20, stock[previous] / 2, hold[t-2] + 1)
hold[Product, Store, month] = stock - flow[previous]
back[Product, Store, month] = back[next] * 0.9 + units
load[Store, month] = load[previous] * 0.8 + sum(units over Product) / 10 + whole[previous] / 1000
whole[month] = sum(load over Store) + whole[previous] * 0.1
region[Region, month] = load[by Region] - whole[t-2] / 50
cap[Store, month] = min(load, region[by Store, previous] + 5)
smooth[Store, month] = average(smooth[t-3:t-1]) * 0.5 + sum(units over Product)
show stock, flow, hold by Product, month
show back by Store, year
show load, cap, smooth by Store, month
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
z[month] = budget[previous] + sum(daily[t-1:t]) + average(daily[first:t])
s[month] = s[previous] / 2 + budget + daily[previous]
show x, z, s
show y
show daily, weekly by month
show budget by month`,
	"expressions": head + `
a = if(Product = P3, units * position(Store), month_number() + days_in_month())
b = round(units / 3, 1) + mod(units, 7) + mod(0 - units, 7) + floor(units / 4) - ceil(price / 2) + abs(units - 20) + sqrt(units) + exp(price / 10) + log(price) + pow(price, 2) + min(units, price, 5)
c = not (units > 10 and price < 5) or units = 3
d = (units > 10) + (units != 3) + (price >= 4) + (price <= 4) + (1 < units) + sign(units - 20) + round(units - 20.5) + round(units * 7, -1)
e = 0/0 + units
f = if(e > 1, 1, 2) + (e = e) + (e != e) + (e <= e) + (1 > e)
g = min(units, e) + max(1, e)
h = sqrt(units - 20)
i = log(units - 20)
j = 1 / (units - units)
k = log(units + 2, 2) + units ^ 0.5
show a, b, c, d by Store, quarter
show e, f, g, h, i, j, k by Product, month`,
	"look-ups": head + `
rent[Region, month] = 100 * position(Region) + period_number()
    outside: 5
cost[Store, month] = rent[by Store] * 2 + rent[by Store, previous]
show cost by Store, month
show cost by Region, year`,
	"dates": head + `
rise[month] = if(time >= 2024-07, 2, 1) + 10 * (time = 2024-Q2) + 100 * (time != 2025) + 1000 * (time < 2024-03-15) + 10000 * (time <= 2024-03)
    time: max
weekly[week] = (time > 2024-05) and not time > 2024-06-10
late = if(time >= 2025, units * price, 0)
share = late / revenue * if(time > 2024-Q3, 1, 2)
    rollup: formula
revenue = units * price
show rise
show weekly by month
show late by Store, quarter
show share by Region, quarter
show share by Region, year`,
	"chains of mappings": head + `
dimension Country = Here, There
map Region -> Country = North: Here, West: There
tax[Country] = 10 * position(Country)
sold[Country, month] = sum(units[by Country] over Product)
taxed[Store, month] = sum(units over Product) * tax[by Store]
show units by Country, quarter
show sold by Country, year
show taxed by Store, year
show taxed by Country`,
	"tables": head + `
input fee[Product, month] = P1 2024: 3, others 2025-03..: 4
    fill: 1
input start[Store] = S1..S3: 5, others: 1
input rare[Product] = P2: 4
    fill: empty
x = fee * start * units
show x by Product, month
show fee, rare by Product
show start by Region`,
	"groups without items": head + `
dimension Nothing = none
empty[Nothing, month] = position(Nothing)
a = units + 0
    time: final
b = units + 0
    categories: max
    time: average
c = units + 0
    categories: average
    time: sum
last[Product, Region, month] = sum(units[by Region, t-1:t+1])
most[Product, Region, month] = max(b[by Region, t-2:t])
show a, b, c by Region, year
show a, b, c by Region
show last, most by Product, Region, month
show empty by month
show empty by year
show empty`,
	"no time": `model test
dimension A = A1..A70
dimension B = B1..B3
x[A, B] = hash(1 over A, B)
y[B] = sum(x over A)
z = x / y
w = max(z over A, B)
m = median(x over A, B)
show y, z by B
show w, m`,
}

func TestModels(t *testing.T) {
	for name, text := range models {
		for d := range databases {
			t.Run(string(d)+"/"+name, func(t *testing.T) { prove(t, d, check(t, text, model.Options{}), nil, "") })
		}
	}
}

// TestData proves inputs from a file.
func TestData(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "d'.csv"), []byte("A,date,n\nx,2025-01,5\ny,2025-02-03,0.25\nx,2024-01,1\ny,2025-02-07T10:00:00Z,1\nz,2025-01,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rows := data.Files{Dir: dir}
	for _, repeated := range []string{"sum", "average"} {
		m := check(t, "time month 2025-01 to 2025-02\ndimension A = x, y\ninput v[A, month] from csv \"d'.csv\" columns value = n\n    unknown: skip\n    fill: 7\n    repeated: "+repeated+"\nw = v * 2\nshow v, w by A, month\n", model.Options{Rows: rows})
		for d := range databases {
			t.Run(string(d)+"/"+repeated, func(t *testing.T) { prove(t, d, m, rows, dir) })
		}
	}
}

// TestDates proves inputs by quarter and week, of dates that are months, quarters, weeks, days and moments, some outside of the axis.
func TestDates(t *testing.T) {
	dir := t.TempDir()
	for file, text := range map[string]string{
		"q.csv": "date,q\n2025-Q2,1\n2025-05,2\n2025-05-31,4\n2025-07-01 10:00:00,8\n2025-10,16\n2025-01-31,32\n",
		"w.csv": "date,w\n2025-02-01,1\n2025-01-31,2\n2025-W06,4\n2025-02-03T08:00:00Z,8\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rows := data.Files{Dir: dir}
	m := check(t, `time month 2025-02 to 2025-09
input q[quarter] from csv "q.csv"
    repeated: sum
input w[week] from csv "w.csv"
    repeated: sum
show q
show w
show w by month
`, model.Options{Rows: rows})
	r, err := compute.Run(t.Context(), m, compute.Options{Rows: rows})
	if err != nil {
		t.Fatal(err)
	}
	if q := r.Tables[0].Columns[0].Values; !slices.Equal(q, []float64{0, 7, 8}) {
		t.Errorf("by quarter: %v", q)
	}
	if w := r.Tables[1].Columns[0].Values; w[0] != 1 || w[1] != 12 {
		t.Errorf("the first weeks have %v; that of the first day has another that lies before the axis", w[:2])
	}
	for d := range databases {
		t.Run(string(d), func(t *testing.T) { prove(t, d, m, rows, dir) })
	}
}

// TestRefused holds what is not written as SQL, and that the place is told.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a distribution": {"input a = normal(1, 2)\nb = a + 1\nshow b", "test.nap:1:7: a is drawn from a distribution, and SQL draws no samples"},
		"a moving fold":  {head + "x[Product, month] = sum(units * 2 over Store)\ny[month] = sum(x over Product)\nshow y", ""},
		"nothing shown":  {"input a = 1", "the model shows nothing"},
		"a query":        {"dimension A = x\ninput v[A] from database \"sqlite:x.db\" query \"select 1\"\nshow v by A", "test.nap:2:7: v is read from a database, which is not written as SQL for duckdb"},
	} {
		_, err := sqlgen.Generate(t.Context(), check(t, c.text, model.Options{}), sqlgen.Options{Dialect: sqlgen.DuckDB})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := sqlgen.Generate(t.Context(), check(t, "a = 1\nshow a", model.Options{}), sqlgen.Options{Dialect: "oracle"}); err == nil || !strings.Contains(err.Error(), `there is no SQL for "oracle"; there is duckdb and clickhouse`) {
		t.Errorf("an unknown database: %v", err)
	}
}

// TestNoRecursion holds that a script has no recursive query, and one INSERT for each period of a recurrence.
func TestNoRecursion(t *testing.T) {
	m := check(t, models["recurrences"], model.Options{Show: []string{"back by year"}})
	for _, d := range []sqlgen.Dialect{sqlgen.DuckDB, sqlgen.ClickHouse} {
		script, err := sqlgen.Generate(t.Context(), m, sqlgen.Options{Dialect: d})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if _, err := script.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), `INSERT INTO "back" SELECT`); n != 24 || strings.Contains(strings.ToUpper(b.String()), "RECURSIVE") {
			t.Errorf("%s: %d inserts of 24 periods", d, n)
		}
	}
}
