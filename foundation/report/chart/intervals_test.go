package chart

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func intervals() Intervals {
	return Intervals{
		ID: "i", Title: "Write <p99> by option", Desc: "Two options & a limit.", LimitName: "<= 50 ms demanded", Limit: 50,
		Rows: []Interval{
			{Label: "sqlite", Low: 0.46, Median: 4.3, High: 57},
			{Label: strings.Repeat("a long label ", 20), Low: 1.6, Median: 8.8, High: 83},
			{Label: "queue that only grows", Low: 1, Median: 20, High: math.Inf(1)},
		},
		Format: func(v float64) string { return fmt.Sprintf("%g ms", v) },
	}
}

func TestIntervalsSVG(t *testing.T) {
	for _, width := range []int{1, 300, 519, 520, 900} {
		var b strings.Builder
		if err := intervals().SVG(&b, width, "-v"); err != nil {
			t.Fatal(err)
		}
		s := b.String()
		for dec := xml.NewDecoder(strings.NewReader(s)); ; {
			_, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("width %d: not XML: %v\n%s", width, err, s)
			}
		}
		for _, want := range []string{`role="img"`, `aria-labelledby="i-v-t i-v-d"`, `<title id="i-v-t">Write &lt;p99&gt; by option</title>`, "stroke-dasharray", "&lt;= 50 ms demanded", "4.3 ms", "median 20 ms, unbounded"} {
			if !strings.Contains(s, want) {
				t.Errorf("width %d: %q is missing", width, want)
			}
		}
		if strings.Contains(s, "NaN") || strings.Contains(s, "Inf") || strings.Count(s, "<circle") != 2 {
			t.Errorf("width %d: an interval without bound is drawn:\n%s", width, s)
		}
		total := math.Max(float64(width), narrowest)
		for _, m := range regexp.MustCompile(`(?:cx|x)="([-0-9.]+)"`).FindAllStringSubmatch(s, -1) {
			if v, err := strconv.ParseFloat(m[1], 64); err != nil || v < 0 || v > total {
				t.Errorf("width %d: %s lies outside", width, m[0])
			}
		}
	}
}

// TestIntervalsAxis: ends far apart make equal ratios equal distances; ends near each other, or on both sides
// of zero, make equal differences equal distances.
func TestIntervalsAxis(t *testing.T) {
	for _, c := range []struct {
		name      string
		low, high float64
		log       bool
	}{{"far apart", 1, 1000, true}, {"near", 60, 140, false}, {"both signs", -5, 300, false}, {"from zero", 0, 300, false}, {"one point", 7, 7, false}} {
		t.Run(c.name, func(t *testing.T) {
			a := Intervals{Rows: []Interval{{Low: c.low, Median: (c.low + c.high) / 2, High: c.high}}}.axis()
			if a.logarithmic != c.log {
				t.Fatalf("%+v", a)
			}
			if p, q := a.position(c.low), a.position(c.high); p < 0 || q > 1 || p > q {
				t.Errorf("the ends lie at %v and %v", p, q)
			}
			if c.log {
				if d1, d2 := a.position(10)-a.position(1), a.position(100)-a.position(10); math.Abs(d1-d2) > 1e-9 {
					t.Errorf("two decades of %v and %v", d1, d2)
				}
			}
			ticks := a.ticks()
			if len(ticks) < 2 || len(ticks) > 12 {
				t.Errorf("%d ticks: %v", len(ticks), ticks)
			}
		})
	}
}

func TestIntervalsText(t *testing.T) {
	c := Intervals{LimitName: "limit", Limit: 100, Rows: []Interval{
		{Low: 1, Median: 10, High: 100}, {Low: 100, Median: 1000, High: 10000}, {Low: 1, Median: 3, High: math.Inf(1)},
	}}
	lines := c.Text(41)
	if len(lines) != 3 {
		t.Fatal(lines)
	}
	column := func(line, mark string) int {
		i := strings.Index(line, mark)
		if i < 0 {
			return -1
		}
		return utf8.RuneCountInString(line[:i])
	}
	for i, l := range lines {
		if n := utf8.RuneCountInString(l); n != 41 {
			t.Errorf("row %d has %d columns", i, n)
		}
	}
	// The limit lies where the first interval ends and the second begins, and hides both ends.
	limit := column(lines[0], "┆")
	if limit < 0 || column(lines[1], "┆") != limit || strings.ContainsAny(lines[0], "┤") || strings.ContainsAny(lines[1], "├") {
		t.Errorf("the limit:\n%s", strings.Join(lines, "\n"))
	}
	low, dot := column(lines[0], "├"), column(lines[0], "●")
	if d1, d2 := dot-low, limit-dot; low < 0 || d1 < 5 || d1-d2 > 1 || d2-d1 > 1 {
		t.Errorf("decades of %d and %d columns:\n%s", d1, d2, lines[0])
	}
	if strings.ContainsAny(lines[2], "●├") || column(lines[2], "┆") != limit {
		t.Errorf("an interval without bound: %q", lines[2])
	}
}
