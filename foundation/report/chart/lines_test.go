package chart

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
)

func lines() Lines {
	return Lines{
		ID: "l", Title: "Revenue <by> month", Desc: "Two lines & a gap.", Places: []string{"2025-01", "2025-02", "2025-03", "2025-04"},
		Lines: []Line{
			{Label: "North", Values: []float64{10, 20, 30, 40}},
			{Label: "South & " + strings.Repeat("far ", 30), Values: []float64{10, math.NaN(), math.Inf(1), 39}},
			{Label: "none", Values: []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}},
		},
		Format: func(v float64) string { return fmt.Sprintf("%g", v) },
	}
}

func TestLinesSVG(t *testing.T) {
	for _, width := range []int{1, 340, 519, 520, 880} {
		var b strings.Builder
		if err := lines().SVG(&b, width, "-v"); err != nil {
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
		for _, want := range []string{`role="img"`, `<title id="l-v-t">Revenue &lt;by&gt; month</title>`, "2025-01", ">40<", ">0<", "North", "stroke-dasharray"} {
			if !strings.Contains(s, want) {
				t.Errorf("width %d: %q is missing", width, want)
			}
		}
		if strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
			t.Errorf("width %d: a gap is drawn", width)
		}
		if strings.Count(s, `class="line `) != 3 || strings.Count(s, "h6") != 2 {
			t.Errorf("width %d: the lines are wrong:\n%s", width, s)
		}
	}
}

// TestLineNames holds that the longest name is whole where there is room for it, and that names of places keep apart evenly.
func TestLineNames(t *testing.T) {
	for _, label := range []string{"revenue", "signups", "Social", "ebit_margin", "a"} {
		c := Lines{ID: "l", Lines: []Line{{Label: label, Values: make([]float64, 26)}}, Format: func(v float64) string { return fmt.Sprintf("%g", v) }}
		for w := range 26 {
			c.Places = append(c.Places, fmt.Sprintf("2026-W%02d", w+1))
		}
		var b strings.Builder
		if err := c.SVG(&b, 880, ""); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), ">"+label+"</text>") {
			t.Errorf("%s is cut:\n%s", label, b.String())
		}
		for w := range 26 {
			if drawn := strings.Contains(b.String(), fmt.Sprintf(">2026-W%02d<", w+1)); drawn != (w%3 == 0) {
				t.Errorf("%s: week %d is named: %v", label, w+1, drawn)
			}
		}
	}
}

func TestLinesAxis(t *testing.T) {
	for name, c := range map[string]struct {
		values    []float64
		low, high float64
	}{
		"from zero":       {[]float64{10, 40}, 0, 40},
		"below zero":      {[]float64{-10, 40}, -10, 40},
		"all negative":    {[]float64{-40, -10}, -40, 0},
		"far from zero":   {[]float64{1000, 1001}, 1000, 1001},
		"one value":       {[]float64{7}, 0, 7},
		"nothing":         {[]float64{math.NaN()}, 0, 1},
		"zero":            {[]float64{0, 0}, 0, 1},
		"infinite is out": {[]float64{1, math.Inf(1), 5}, 0, 5},
	} {
		s := Lines{Lines: []Line{{Values: c.values}}}.scale()
		high := c.high + (c.high-c.low)*0.04
		if name == "nothing" {
			high = 1
		}
		if s.low != c.low || math.Abs(s.high-high) > 1e-9 {
			t.Errorf("%s: %v to %v, want %v to %v", name, s.low, s.high, c.low, high)
		}
	}
}

func TestApart(t *testing.T) {
	got := apart([]float64{100, 20, 102, 101, 300}, 10, 250)
	want := []float64{100, 20, 130, 115, 250} // 15 apart from top to bottom, and none below the plot
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got, want)
			break
		}
	}
}
