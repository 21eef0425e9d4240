package reference_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/data"
	"github.com/napkin-infra/napkin/engine/calc/model/reference"
)

const base = `
time month 2024-01 to 2025-12
dimension Product = Basic, Pro
dimension Store = S1..S4
dimension Region = North, South
map Store -> Region = S1: North, S2: North, S3: South
`

var nan = math.NaN()

// TestSemantics has a model in each case, what is shown, and figures worked out by hand.
func TestSemantics(t *testing.T) {
	for _, c := range []struct {
		name, text, show string
		figures          map[string]float64
	}{
		{"formula is applied to sums", `
input revenue[Store] = S1: 100, S2: 300, S3: 50, S4: 7
input profit[Store] = S1: 50, S2: 30, S3: 5, S4: 7
margin = profit / revenue
    categories: formula`, "margin by Region", map[string]float64{"North/margin": 80.0 / 400, "South/margin": 0.1}},
		{"formula over everything", `
input revenue[Store] = S1: 100, S2: 300, S3: 50, S4: 50
input profit[Store] = S1: 50, S2: 30, S3: 5, S4: 15
margin = profit / revenue
    categories: formula`, "margin", map[string]float64{"/margin": 0.2}},
		{"formula through a chain", `
input revenue[Store, month] = S1 2024-01: 100, S2 2024-01: 300, S1 2024-02: 100
input cost[Store, month] = S1 2024-01: 60, S2 2024-01: 240, S1 2024-02: 50
profit = revenue - cost
share = profit / revenue
    rollup: formula
percent = share * 100
    rollup: formula`, "percent by Region, quarter", map[string]float64{"North 2024-Q1/percent": 30, "South 2024-Q1/percent": nan}},
		{"formula in one direction", `
input revenue[Store, month] = S1 2024-01: 100, S2 2024-01: 300, S1 2024-02: 50
input profit[Store, month] = S1 2024-01: 50, S2 2024-01: 30, S1 2024-02: 10
margin = if(revenue > 0, profit / revenue, 0)
    categories: formula
    time: average`, "margin by Region, quarter", map[string]float64{"North 2024-Q1/margin": (0.2 + 0.2 + 0) / 3}},
		{"formula in a reference by group", `
input revenue[Store] = S1: 100, S2: 300, S3: 50
input profit[Store] = S1: 50, S2: 30, S3: 5
margin = profit / revenue
    categories: formula
twice[Region] = 2 * margin[by Region]`, "twice by Region", map[string]float64{"North/twice": 0.4, "South/twice": 0.2}},
		{"formula of a recurrence over categories", `
input rate[Store] = S1: 10%, S2: 30%
    categories: average
index[Store, month] = index[previous] * (1 + rate)
    outside: 1
    categories: formula
    time: final`, "index by Region, month", map[string]float64{"North 2024-01/index": 1.2, "North 2024-02/index": 1.2 * 1.2}},
		{"growth by year", `
input revenue[month] = 2024: 100, 2025: 150
growth = revenue / revenue[previous] - 1
    time: formula`, "growth by year", map[string]float64{"2025/growth": 0.5}},
		{"a shift of whole years by formula", `
input revenue[month] = 2024: 100, 2025: 150
growth = revenue / revenue[t-12] - 1
    time: formula`, "growth by year", map[string]float64{"2025/growth": 0.5}},
		{"before the first period is zero", `
input x[month] = 2024-01..: 5
y = x[t-3] + 1`, "y", map[string]float64{"2024-01/y": 1, "2024-03/y": 1, "2024-04/y": 6}},
		{"before the first period is the outside value", `
input x[month] = 2024-01..: 5
    outside: 7
y = x[t-1]
z = x[t+1]`, "y, z by month", map[string]float64{"2024-01/y": 7, "2024-02/y": 5, "2025-12/z": 7, "2025-11/z": 5}},
		{"spans reach over the start", `
input x[month] = 2024-01: 1, 2024-02: 2, 2024-03: 3
s = sum(x[t-1:t])
a = average(x[t-1:t])`, "s, a by month", map[string]float64{"2024-01/s": 1, "2024-01/a": 0.5, "2024-03/s": 5, "2024-03/a": 2.5}},
		{"first, final, all and dates", `
input x[month] = 2024-01: 1, 2024-02: 2, 2025-12: 9
y[month] = x[first] + 10 * x[final] + 100 * sum(x[all]) + 1000 * x[2024-02] + max(x[2024-01:2024-12])`, "y", map[string]float64{"2024-05/y": 1 + 90 + 1200 + 2000 + 2}},
		{"a variable that names itself", `
balance[month] = balance * 1.1 + 10`, "balance by month", map[string]float64{"2024-01/balance": 10, "2024-02/balance": 21}},
		{"two variables in a recurrence", `
a[month] = b[previous] + 1
b[month] = a * 2`, "a, b by month", map[string]float64{"2024-01/a": 1, "2024-01/b": 2, "2024-02/a": 3, "2024-02/b": 6, "2024-03/b": 14}},
		{"backwards from the end", `
value[month] = 10 + value[next] / 2
    outside: 100
    time: initial`, "value by month", map[string]float64{"2025-12/value": 60, "2025-11/value": 40, "2025-10/value": 30}},
		{"cumulative, of an expression too", `
input x[month] = 2024: 2
c = cumulative(x * x)
    time: final`, "c by month", map[string]float64{"2024-01/c": 4, "2024-12/c": 48, "2025-06/c": 48}},
		{"items that a mapping leaves out", `
input x[Store] = S1: 1, S2: 2, S3: 4, S4: 8`, "x by Region", map[string]float64{"North/x": 3, "South/x": 4}},
		{"a group of no items", `
dimension Country = Here, There
map Product -> Country = Basic: Here, Pro: Here
input x[Product] = Basic: 1, Pro: 2
s[Country] = x[by Country]
a[Country] = average(x[by Country])
n[Country] = count(x[by Country])`, "s, a, n by Country", map[string]float64{"Here/s": 3, "There/s": 0, "There/a": nan, "There/n": 0, "Here/n": 2}},
		{"a value of the group for each item", `
input rent[Region] = North: 10, South: 20
    outside: 1
cost[Store] = rent[by Store] + 0.5`, "cost by Store", map[string]float64{"S1/cost": 10.5, "S3/cost": 20.5, "S4/cost": 1.5}},
		{"share of a total", `
input x[Product, Store] = Basic S1: 1, Basic S2: 3, Pro S1: 6
share = x / sum(x over Store)
of_all = x / sum(x over all)`, "share, of_all by Product, Store", map[string]float64{"Basic S1/share": 0.25, "Basic S2/share": 0.75, "Pro S1/share": 1, "Pro S1/of_all": 0.6}},
		{"fold of an expression", `
input units[Product, Store] = Basic S1: 2, Basic S2: 3, Pro S1: 5
input price[Product] = Basic: 10, Pro: 100
total = sum(units * price over Product, Store)
best[Store] = max(units * price over Product)`, "best by Store", map[string]float64{"S1/best": 500, "S2/best": 30, "S3/best": 0}},
		{"fold of an expression over time", `
input units[Product, month] = Basic 2024: 2, Pro 2025-12: 5
input price[month] = 2024: 10, 2025: 100
total = sum(units * price over Product, time)
share[Product] = sum(units * price over time) / total
each[month] = sum(units * price over all)`, "share by Product", map[string]float64{"Basic/share": 240.0 / 740, "Pro/share": 500.0 / 740}},
		{"medians and counts", `
input x[Store] = S1: 5, S2: 1, S3: 9, S4: 2
m = median(x over Store)
n = count(x over Store)`, "m, n", map[string]float64{"/m": 3.5, "/n": 4}},
		{"categories before time", `
input x[Store, month] = S1 2024-01: 5, S2 2024-02: 4
    time: max`, "x by year", map[string]float64{"2024/x": 5}},
		{"negative zero", `
input x = -0
y = 1 / round(-0.2)
z = round(-0.2)
same = if(z = 0, 1, 2)
n = count(w over Store)
w[Store] = z`, "z, same, n", map[string]float64{"/z": 0, "/same": 1, "/n": 0}},
		{"an untaken branch does not matter", `
input x[Store] = S1: 0, S2: 4
y = if(x = 0, 0, 1 / x)`, "y by Store", map[string]float64{"S1/y": 0, "S2/y": 0.25}},
		{"precedence", `
y = -2 ^ 2 + 2 ^ 3 ^ 2 / 2 - 10 - 3
z = if(not 1 = 2 and 3 > 2 or 0, 1, 0) + mod(-7, 3) + round(2.345, 2) + round(1250, -2)`, "y, z", map[string]float64{"/y": -4 + 256 - 13, "/z": 1 + 2 + 2.35 + 1300}},
		{"suffixes", `
y = 5% + 2k + 1.5M + 0.1bn + 1_000`, "y", map[string]float64{"/y": 0.05 + 2000 + 1_500_000 + 100_000_000 + 1000}},
		{"later entries and others", `
input x[Store, month] = others others: 1, S2..S3 2024-03..2024-04: 2, S2 2024-04: 3`, "x by Store, month", map[string]float64{"S1 2024-03/x": 1, "S2 2024-03/x": 2, "S2 2024-04/x": 3, "S3 2024-04/x": 2, "S3 2024-05/x": 1}},
		{"fill", `
input x[Store] = S1: 5
    fill: 2`, "x", map[string]float64{"/x": 11}},
		{"a month from quarters, and quarters from months", `
input budget[quarter] = 2024-Q1: 300
input level[quarter] = 2024-Q1: 7
    time: average
monthly[month] = budget + level * 0
lev[month] = level
back[quarter] = monthly`, "monthly, lev by month", map[string]float64{"2024-02/monthly": 100, "2024-02/lev": 7, "2024-04/monthly": 0}},
		{"shift of a coarser variable", `
input y[year] = 2024: 120, 2025: 240
    time: average
m[month] = y[previous]`, "m by month", map[string]float64{"2024-12/m": 0, "2025-01/m": 120}},
		{"shift of a finer variable", `
input d[day] = 2024-01-31: 5, 2024-02-01: 7, 2024-02-29: 1
m[month] = d[previous]
w[month] = sum(d[t-1:t])`, "m, w by month", map[string]float64{"2024-02/m": 5, "2024-03/m": 8, "2024-02/w": 13}},
		{"days of leap years", `
d[month] = days_in_month()
y[month] = days_in_year()
    time: max
n[day] = 1`, "d, y, n by month", map[string]float64{"2024-02/d": 29, "2025-02/d": 28, "2024-02/y": 366, "2025-02/y": 365, "2024-02/n": 29}},
		{"items and positions", `
x[Product, Store] = if(Product = Basic and Store != S2, 1, 0) + 10 * position(Store)`, "x by Product, Store", map[string]float64{"Basic S1/x": 11, "Basic S2/x": 20, "Pro S1/x": 10}},
		{"order of dimensions in a show", `
input x[Product, Store] = Basic S2: 1, Pro S1: 2`, "x by Store, Product", map[string]float64{"S2 Basic/x": 1, "S1 Pro/x": 2}},
		{"formula with an item that is picked", `
input revenue[Product, Store] = Basic S1: 100, Basic S2: 300, Pro S1: 1
input profit[Product, Store] = Basic S1: 50, Basic S2: 30, Pro S1: 1
margin = profit / revenue
    rollup: formula`, "margin[Product=Basic] by Region", map[string]float64{"North/margin[Product=Basic]": 0.2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := run(t, base+c.text, model.Options{Show: []string{c.show}})
			want(t, r, 0, c.figures)
		})
	}
}

func TestNegativeZeroIsShownAsZero(t *testing.T) {
	r := run(t, "z = round(-0.2)\nshow z", model.Options{})
	if x := r.Tables[0].Columns[0].Values[0]; math.Signbit(x) {
		t.Errorf("%v", x)
	}
}

func TestFiscalAndWeeks(t *testing.T) {
	const axis = "time day 2024-03-01 to 2025-03-31\n    fiscal: April\nx[day] = 1\n"
	for _, c := range []struct {
		show    string
		figures map[string]float64
	}{
		{"x by year", map[string]float64{"FY2024/x": 31, "FY2025/x": 365}},
		{"x by quarter", map[string]float64{"FY2024-Q4/x": 31, "FY2025-Q1/x": 91, "FY2025-Q4/x": 90}},
		{"x by week", map[string]float64{"2024-W09/x": 3, "2024-W10/x": 7, "2025-W01/x": 7, "2025-W14/x": 1}},
	} {
		want(t, run(t, axis, model.Options{Show: []string{c.show}}), 0, c.figures)
	}
	r := run(t, "time week 2020-W52 to 2021-W02\n    week: Monday\nx[week] = 7\n", model.Options{Show: []string{"x by month"}})
	// Weeks from 21 December, with a week 53.
	want(t, r, 0, map[string]float64{"2020-12/x": 11, "2021-01/x": 17})
}

func TestEmptyDimension(t *testing.T) {
	r := run(t, `
dimension Store = none
dimension One = Only
input x[Store, One] = others others: 5
s = sum(x over all)
a = average(x over all)
least = min(x over all)
y = x * 2
show s, a, least, y
show y by Store
show y by One
`, model.Options{})
	want(t, r, 0, map[string]float64{"/s": 0, "/a": nan, "/least": nan, "/y": 0})
	if len(r.Tables[1].Rows) != 0 || len(r.Tables[2].Rows) != 1 {
		t.Errorf("rows: %v and %v", r.Tables[1].Rows, r.Tables[2].Rows)
	}
	want(t, r, 2, map[string]float64{"Only/y": 0})
}

// TestHugeAndSparse has a variable of 16^10 = 1.1e12 cells, of which a file gives a million.
func TestHugeAndSparse(t *testing.T) {
	dir := t.TempDir()
	var b []byte
	b = append(b, "D1,D2,D3,D4,D5,D6,D7,D8,D9,D10,value\n"...)
	const rows = 1_000_000
	byFirst := [16]float64{}
	for n := range rows {
		// A walk of odd length through the 2^40 cells meets none twice.
		cell := uint64(n) * 0x9e3779b97f4a7c15 >> 24
		for d := range 10 {
			b = append(strconv.AppendUint(append(b, 'I'), cell>>(4*d)&15+1, 10), ',')
		}
		value := float64(n%7 + 1)
		b = append(strconv.AppendInt(b, int64(value), 10), '\n')
		byFirst[cell&15] += value
	}
	if err := os.WriteFile(filepath.Join(dir, "cells.csv"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	text := ""
	var over []string
	for d := range 10 {
		name := fmt.Sprintf("D%d", d+1)
		text += "dimension " + name + " = I1..I16\n"
		over = append(over, name)
	}
	text += "input x[" + strings.Join(over, ", ") + "] from csv \"cells.csv\" columns value = value\n    repeated: sum\n" +
		"y = x * 2\nm = max(x over all)\nshow x by D1\nshow x, m\n"
	o := model.Options{Rows: data.Files{Dir: dir}}
	m := check(t, text, o)
	if x := m.Var("x"); x.Cells != 1<<40 || x.Storage != model.Sparse || m.Var("y").Cells != 1<<40 {
		t.Errorf("%d cells, storage %d", x.Cells, x.Storage)
	}
	r, err := reference.Run(context.Background(), m, reference.Options{Rows: o.Rows})
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for i, x := range byFirst {
		want(t, r, 0, map[string]float64{fmt.Sprintf("I%d/x", i+1): x})
		total += x
	}
	want(t, r, 1, map[string]float64{"/x": total, "/m": 7})

	m = check(t, text, model.Options{Rows: o.Rows, Show: []string{"y"}})
	if _, err := reference.Run(context.Background(), m, reference.Options{Rows: o.Rows}); !errors.Is(err, reference.ErrTooLarge) {
		t.Errorf("a sum of 1e12 computed cells: %v", err)
	}
}
