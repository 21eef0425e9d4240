package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
	"github.com/napkin-infra/napkin/foundation/report"
)

func TestNumbers(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		values []float64
		digits int
		full   bool
		want   string
	}{
		"whole numbers":         {[]float64{1234567, 1, 0}, 5, false, "1,234,567 1 0"},
		"thousands":             {[]float64{999, 1000, -1000000}, 5, false, "999 1,000 -1,000,000"},
		"five digits":           {[]float64{12.345678, 3.25}, 5, false, "12.346 3.250"},
		"three digits":          {[]float64{12.345678, 3.25}, 3, false, "12.3 3.3"},
		"equal zeros go":        {[]float64{1.5, 2.25}, 5, false, "1.50 2.25"},
		"small beside large":    {[]float64{100000.5, 0.031}, 5, false, "100,000.500 0.031"},
		"shares":                {[]float64{0.35801, 0.5}, 5, false, "0.35801 0.50000"},
		"no value and infinite": {[]float64{nan, inf, -inf, 2}, 5, false, "- inf -inf 2"},
		"very large":            {[]float64{2e15, 1}, 5, false, "2e+15 1"},
		"very small":            {[]float64{2.5e-9, 0}, 5, false, "2.5e-09 0"},
		"all digits":            {[]float64{1234.5678901234567, 0.1, 1e300, 1e-9}, 5, true, "1,234.5678901234567 0.1 1e+300 1e-09"},
		"rounded to zero":       {[]float64{-0.00001, 10000}, 5, false, "0 10,000"},
	} {
		s := newStyle([][]float64{c.values}, c.digits, c.full)
		var got []string
		for _, v := range c.values {
			got = append(got, s.text(v))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", name, strings.Join(got, " "), c.want)
		}
	}
}

// byTime is a table of items by so many months.
func byTime(items, months int, columns ...string) result.Table {
	t := result.Table{Title: strings.Join(columns, ", ") + " by Item, month", Keys: []string{"Item", "month"}, Grain: calendar.Month}
	for i := range items {
		for p := range months {
			t.Rows = append(t.Rows, []string{fmt.Sprintf("Item %d", i+1), fmt.Sprintf("2025-%02d", p+1)})
		}
	}
	for k, name := range columns {
		c := result.Column{Title: name}
		for i := range t.Rows {
			c.Values = append(c.Values, float64(1000*(k+1)+i))
		}
		t.Columns = append(t.Columns, c)
	}
	return t
}

func text(t *testing.T, o TextOptions, percentiles []float64, tables ...result.Table) string {
	t.Helper()
	var b strings.Builder
	if err := Text(&b, &Document{Result: &result.Result{Tables: tables, Percentiles: percentiles}}, o); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(b.String(), "\n") {
		if utf8.RuneCountInString(line) > max(o.Width, 80) {
			t.Errorf("a line is wider than %d: %q", o.Width, line)
		}
	}
	return b.String()
}

func TestText(t *testing.T) {
	if got, want := text(t, TextOptions{Width: 80}, nil, byTime(2, 3, "sales")), `sales by Item, month
Item    2025-01  2025-02  2025-03
Item 1    1,000    1,001    1,002
Item 2    1,003    1,004    1,005
`; got != want {
		t.Errorf("periods side by side:\n%s", got)
	}
	if got, want := text(t, TextOptions{Width: 30}, nil, byTime(1, 3, "sales")), `sales by Item, month
Item    month    sales
Item 1  2025-01  1,000
Item 1  2025-02  1,001
Item 1  2025-03  1,002
`; got != want {
		t.Errorf("too narrow for periods:\n%s", got)
	}
	if got := text(t, TextOptions{Width: 80, Max: 3}, nil, byTime(2, 3, "sales", "cost")); !strings.Contains(got, "Item 2  sales    1,003    1,004    1,005\nand 1 more row; --max 0") || strings.Contains(got, "Item 2  cost") {
		t.Errorf("cut:\n%s", got)
	}
	random := byTime(1, 2, "sales")
	random.Columns[0].Random = true
	random.Columns[0].Percentiles = [][]float64{{900, 901}, {1100, 1101.5}}
	if got, want := text(t, TextOptions{Width: 80}, []float64{5, 97.5}, random), `sales by Item, month
Item                 2025-01  2025-02
Item 1  sales        1,000.0  1,001.0
Item 1  sales p5       900.0    901.0
Item 1  sales p97.5  1,100.0  1,101.5
`; got != want {
		t.Errorf("percentiles:\n%s", got)
	}
	// Columns that do not fit stand below each other, with the labels.
	wide := byTime(1, 1, "first figure of many", "second figure of many", "third figure of many")
	if got := text(t, TextOptions{Width: 62}, nil, wide); strings.Count(got, "Item 1") != 2 {
		t.Errorf("blocks:\n%s", got)
	}
	// Hostile names move no cursor, long ones are cut.
	hostile := byTime(1, 2, "x\x1b[2Jy\n")
	hostile.Rows[0][0] = strings.Repeat("long ", 40)
	hostile.Rows[1][0] = hostile.Rows[0][0]
	if got := text(t, TextOptions{Width: 80}, nil, hostile); strings.ContainsAny(got, "\x1b") || !strings.Contains(got, "…") {
		t.Errorf("hostile names:\n%q", got)
	}
	none := result.Table{Title: "total", Rows: [][]string{{}}, Columns: []result.Column{{Title: "total", Values: []float64{5}}, {Title: "mean", Values: []float64{2.5}}}}
	if got, want := text(t, TextOptions{Width: 80}, nil, none), "total\ntotal  mean\n    5   2.5\n"; got != want {
		t.Errorf("without keys:\n%s", got)
	}
	none.Rows, none.Columns = nil, []result.Column{{Title: "total"}}
	if got := text(t, TextOptions{Width: 80}, nil, none); !strings.Contains(got, "no rows") {
		t.Errorf("without rows:\n%s", got)
	}
}

func TestCSV(t *testing.T) {
	table := result.Table{Keys: []string{"A, B", "month"}, Rows: [][]string{{`say "x"`, "2025-01"}, {"line\nbreak", "2025-02"}},
		Columns: []result.Column{{Title: "x", Values: []float64{0.1, math.NaN()}, Random: true, Percentiles: [][]float64{{1e21, math.Inf(-1)}}}}}
	var b bytes.Buffer
	if err := CSV(&b, &table, []float64{50}); err != nil {
		t.Fatal(err)
	}
	want := "\"A, B\",month,x,x p50\r\n\"say \"\"x\"\"\",2025-01,0.1,1e+21\r\n\"line\r\nbreak\",2025-02,,-Infinity\r\n"
	if b.String() != want {
		t.Errorf("%q\nwant\n%q", b.String(), want)
	}
}

func TestJSON(t *testing.T) {
	d := &Document{Model: "m", Seed: 7, Result: &result.Result{Samples: 3, Percentiles: []float64{5}, Tables: []result.Table{{Title: "x", Rows: [][]string{{}},
		Columns: []result.Column{{Title: "x", Values: []float64{math.NaN()}, Random: true, Percentiles: [][]float64{{math.Inf(1)}}}}}}}}
	got, err := json.Marshal(NewJSON(d))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"schema_version":1,"model":"m","scenarios":[],"set":[],"cut":[],"samples":3,"seed":7,"percentiles":[5],"tables":[{"title":"x","keys":[],"rows":[[]],"columns":[{"title":"x","values":[null],"random":true,"percentiles":[["Infinity"]]}]}],"notes":[]}`
	if string(got) != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestHalves rounds halves away from zero.
func TestHalves(t *testing.T) {
	for v, want := range map[float64]string{61120.5: "61,121", -61121.5: "-61,122", 61119.49999: "61,119", 0.4999: "0"} {
		if got := (style{digits: 5}).text(v); got != want {
			t.Errorf("%v is %s, want %s", v, got, want)
		}
	}
	if got := (style{digits: 5, decimals: 2}).text(2.675); got != "2.68" {
		t.Errorf("2.675 is %s", got)
	}
}

// TestCharts draws a chart for each figure, with percentiles where there is one line, and tells first and last values.
func TestCharts(t *testing.T) {
	table := result.Table{
		Title: "revenue, margin", Keys: []string{"month"}, Rows: [][]string{{"2025-01"}, {"2025-02"}, {"2025-03"}}, Grain: calendar.Month,
		Columns: []result.Column{
			{Title: "revenue", Values: []float64{1000, 2000, 3000}, Random: true, Percentiles: [][]float64{{900, 1800, 2700}, {1100, 2200, 3300}}},
			{Title: "margin", Values: []float64{math.Inf(1), 0.25, 0.2}},
			{Title: "none", Values: []float64{math.NaN(), 1, math.NaN()}},
		},
	}
	r := Report(&Document{Model: "m", Result: &result.Result{Samples: 10, Percentiles: []float64{5, 95}, Tables: []result.Table{table}}})
	lines := r.Sections[0].Lines
	if len(lines) != 3 || len(lines[0].Series) != 3 || lines[0].Series[1].Label != "p5" || *lines[0].Series[2].Values[2] != 3300 || len(lines[1].Series) != 1 || lines[1].Title != "margin, month by month" {
		t.Errorf("charts: %+v", lines)
	}
	want := []string{"`revenue` is 1,000 in 2025-01 and 3,000 in 2025-03 (p5 to p95: 2,700 to 3,300).", "`margin` is 0.25 in 2025-02 and 0.20 in 2025-03."}
	if got := r.Verdict.Paragraphs; strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("facts: %q", got)
	}
	table.CutFirst = true
	r = Report(&Document{Model: "m", Result: &result.Result{Percentiles: []float64{5, 95}, Tables: []result.Table{table}}})
	if got := r.Verdict.Paragraphs; len(got) != 2 || !strings.HasPrefix(got[0], "`revenue` is 2,000 in 2025-02 and 3,000 in 2025-03") {
		t.Errorf("facts without a part of a month: %q", got)
	}
}

func TestReport(t *testing.T) {
	d := &Document{Model: "Shop", File: "shop.nap", Tool: "1", Scenarios: []string{"A", "B"}, Set: []string{"x = 1"}, Cut: []string{"Store to its first 2 items"},
		Result: &result.Result{Notes: []string{"something was left out"}, Tables: []result.Table{byTime(20, 3, "sales", "cost"), {Title: "total", Rows: [][]string{{}}, Columns: []result.Column{{Title: "total", Values: []float64{5}}}}}}}
	r := Report(d)
	if n := len(r.Sections[0].Lines); n != 2 {
		t.Fatalf("%d charts of two figures", n)
	}
	l := r.Sections[0].Lines[0]
	if len(l.Series) != 8 || l.Series[0].Label != "Item 13" || l.Title != "sales, month by month, the 8 greatest of 20" || len(l.Places) != 3 {
		t.Fatalf("lines: %+v", l)
	}
	if total := r.Sections[1]; total.Lines != nil || total.Rows[0][0] != "total" || total.Rows[0][1] != "5" {
		t.Errorf("a table without keys: %+v", total)
	}
	var page, md bytes.Buffer
	if err := report.HTML(&page, r); err != nil {
		t.Fatal(err)
	}
	if err := report.Markdown(&md, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Scenario: A, then B.", "x = 1", "Store to its first 2 items", "something was left out"} {
		if !strings.Contains(page.String(), want) || !strings.Contains(md.String(), want) {
			t.Errorf("the reports lack %q", want)
		}
	}
}
