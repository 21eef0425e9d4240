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
)

func sample() Chart {
	return Chart{
		ID: "c", Title: "Cost <now> & fixed", Desc: "Two rows.", Series: []string{"now", "fixed"}, LimitName: "floor", RowHead: "Finding",
		Rows: []Row{
			{Label: "1 orders", Values: []float64{250, 5}, Limit: 2.5},
			{Label: strings.Repeat("a long label ", 20), Values: []float64{10, 0}},
			{Label: "nothing known", Values: []float64{math.NaN()}},
		},
		Format: func(v float64) string { return fmt.Sprintf("%g ms", v) },
	}
}

func draw(t *testing.T, c Chart, width int) string {
	t.Helper()
	var b strings.Builder
	if err := c.SVG(&b, width, "-v"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSVGIsWellFormedAndNamed(t *testing.T) {
	for _, width := range []int{1, 300, 519, 520, 900} {
		s := draw(t, sample(), width)
		dec := xml.NewDecoder(strings.NewReader(s))
		for {
			_, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("width %d: not XML: %v\n%s", width, err, s)
			}
		}
		for _, want := range []string{`role="img"`, `aria-labelledby="c-v-t c-v-d"`, `<title id="c-v-t">Cost &lt;now&gt; &amp; fixed</title>`, `<desc id="c-v-d">Two rows.</desc>`, "stroke-dasharray", "currentColor"} {
			if !strings.Contains(s, want) {
				t.Errorf("width %d: %q is missing", width, want)
			}
		}
		if strings.Contains(s, "#") {
			t.Errorf("width %d: the chart sets a colour of its own", width)
		}
	}
}

// The axis is logarithmic: equal ratios are equal distances.
func TestAxisIsLogarithmic(t *testing.T) {
	c := sample()
	c.Rows = []Row{{Label: "a", Values: []float64{1}}, {Label: "b", Values: []float64{10}}, {Label: "c", Values: []float64{100}}}
	c.Series = []string{"now"}
	s := draw(t, c, 800)
	var widths []float64
	for _, m := range regexp.MustCompile(`width="([\d.]+)" height="11"`).FindAllStringSubmatch(s, -1) {
		v, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		widths = append(widths, v)
	}
	if len(widths) != 3 {
		t.Fatalf("want 3 bars, got %v", widths)
	}
	if d := (widths[2] - widths[1]) - (widths[1] - widths[0]); math.Abs(d) > 0.3 {
		t.Errorf("steps of a decade differ by %.2f: %v", d, widths)
	}
	if widths[0] <= 2 {
		t.Errorf("the least bar is invisible: %v", widths)
	}
}

// Nothing may be drawn outside the picture, at any width.
func TestEverythingLiesInside(t *testing.T) {
	coordinate := regexp.MustCompile(`(?:x|width)="([\d.-]+)"`)
	for width := 240; width <= 1200; width += 48 {
		s := draw(t, sample(), width)
		for _, m := range coordinate.FindAllStringSubmatch(s, -1) {
			v, err := strconv.ParseFloat(m[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			if v < 0 || v > float64(width) {
				t.Errorf("width %d: %s lies outside", width, m[0])
			}
		}
	}
}

func TestEmptyChartDraws(t *testing.T) {
	s := draw(t, Chart{ID: "e", Title: "Nothing", Series: []string{"now"}}, 600)
	if !strings.HasSuffix(s, "</svg>") {
		t.Error("the empty chart is not closed")
	}
}

func TestTableSaysTheSame(t *testing.T) {
	var b strings.Builder
	if err := sample().Table(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<caption>Cost &lt;now&gt; &amp; fixed: the figures</caption>", `<th scope="col" class="n">floor</th>`,
		`<th scope="row">1 orders</th><td class="n">250 ms</td><td class="n">5 ms</td><td class="n">2.5 ms</td>`, "none",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in %s", want, b.String())
		}
	}
}
