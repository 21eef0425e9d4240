// Package chart draws the charts of napkin's reports as SVG on the server.
//
// A chart is horizontal bars on a logarithmic axis, with limits as dashed rules. It has a title and a
// description for screen readers, a data table that says the same in figures, takes its colours from
// the text around it (currentColor) and needs no script. The same chart gives the same bytes.
//
// The package does not measure fonts: it reserves room for text from an average character width, and
// shortens labels which would not fit.
package chart

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Chart is a set of rows with one bar for each series.
type Chart struct {
	ID        string   // unique in the document; letters, digits and dashes
	Title     string   // what the chart shows
	Desc      string   // the reading of it, for those who cannot see it
	Series    []string // names of the bars of a row, in order
	LimitName string   // what a dashed rule means; empty when no row has a limit
	RowHead   string   // heading of the label column in the table
	Rows      []Row
	Format    func(float64) string // prints a value with its unit; nil prints it bare
}

// Row is one label with a value for each series. Values that are zero, negative or not finite have no
// place on a logarithmic axis: they are printed and not drawn.
type Row struct {
	Label  string
	Values []float64
	Limit  float64 // position of the dashed rule; 0 for none
}

// Sizes in SVG units, which are CSS pixels at the drawn width.
const (
	textSize   = 13
	charWidth  = 7.4 // average advance of a system font at textSize
	barHeight  = 11
	barGap     = 2
	rowGap     = 13
	narrowest  = 240
	labelBelow = 520 // below this width labels stand above their bars
)

// SVG draws the chart at the given width in CSS pixels; at least 240. Draw a chart twice, narrow and
// wide with different variants, to let a style sheet choose: the variant makes the ids unique.
func (c Chart) SVG(w io.Writer, width int, variant string) error {
	d := c.plan(max(width, narrowest))
	d.id = c.ID + variant
	d.svg()
	_, err := io.WriteString(w, d.b.String())
	return err
}

// Table writes the data behind the chart as an HTML table.
func (c Chart) Table(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, `<table><caption>%s: the figures</caption><thead><tr><th scope="col">%s</th>`, esc(c.Title), esc(orElse(c.RowHead, "Row")))
	for _, s := range c.Series {
		fmt.Fprintf(&b, `<th scope="col" class="n">%s</th>`, esc(s))
	}
	if c.LimitName != "" {
		fmt.Fprintf(&b, `<th scope="col" class="n">%s</th>`, esc(c.LimitName))
	}
	b.WriteString("</tr></thead><tbody>")
	for _, r := range c.Rows {
		fmt.Fprintf(&b, `<tr><th scope="row">%s</th>`, esc(r.Label))
		for i := range c.Series {
			fmt.Fprintf(&b, `<td class="n">%s</td>`, esc(c.format(r.value(i))))
		}
		if c.LimitName != "" {
			limit := "none"
			if drawable(r.Limit) {
				limit = c.format(r.Limit)
			}
			fmt.Fprintf(&b, `<td class="n">%s</td>`, esc(limit))
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Row) value(i int) float64 {
	if i < len(r.Values) {
		return r.Values[i]
	}
	return 0
}

func (c Chart) format(v float64) string {
	if c.Format != nil {
		return c.Format(v)
	}
	return fmt.Sprintf("%.3g", v)
}

func drawable(v float64) bool { return v > 0 && !math.IsInf(v, 0) && !math.IsNaN(v) }

// drawing is a chart laid out at one width.
type drawing struct {
	Chart
	b             strings.Builder
	id            string
	width, height float64
	left, right   float64 // of the plot area
	top, bottom   float64
	low, high     float64 // ends of the axis, in the chart's unit
	rowHeight     float64
	above         bool // labels above the bars
	labelRoom     int  // characters of a label
	legendPerLine bool
}

func (c Chart) plan(width int) *drawing {
	d := &drawing{Chart: c, width: float64(width)}
	d.low, d.high = c.ends()
	longest, value := 0, 4
	for _, r := range c.Rows {
		longest = max(longest, utf8.RuneCountInString(r.Label))
		for i := range c.Series {
			value = max(value, utf8.RuneCountInString(c.format(r.value(i))))
		}
	}
	d.above = width < labelBelow
	d.right = d.width - float64(value)*charWidth - 10
	if d.above {
		d.left = 0
		d.labelRoom = int(d.width / charWidth)
	} else {
		room := math.Min(float64(longest)*charWidth, d.width*0.42)
		d.left = room + 12
		d.labelRoom = int(room/charWidth) + 1
	}
	d.rowHeight = float64(len(c.Series))*(barHeight+barGap) + rowGap
	if d.above {
		d.rowHeight += textSize + 5
	}
	entries := len(c.Series)
	if c.LimitName != "" {
		entries++
	}
	d.legendPerLine = d.above
	legendLines := 1
	if d.legendPerLine {
		legendLines = entries
	}
	d.top = float64(legendLines)*18 + 10
	d.bottom = d.top + d.rowHeight*float64(len(c.Rows))
	d.height = d.bottom + 24
	return d
}

// ends gives an axis that starts below the least value, so that the least bar is still seen.
func (c Chart) ends() (low, high float64) {
	low, high = math.Inf(1), 0
	for _, r := range c.Rows {
		for i := range c.Series {
			if v := r.value(i); drawable(v) {
				low, high = math.Min(low, v), math.Max(high, v)
			}
		}
		if drawable(r.Limit) {
			low, high = math.Min(low, r.Limit), math.Max(high, r.Limit)
		}
	}
	if high == 0 {
		return 1, 10
	}
	low /= 2
	if high < low*10 {
		high = low * 10
	}
	return low, high
}

func (d *drawing) x(v float64) float64 {
	return d.left + (d.right-d.left)*(math.Log10(v)-math.Log10(d.low))/(math.Log10(d.high)-math.Log10(d.low))
}

func (d *drawing) svg() {
	b := &d.b
	fmt.Fprintf(b, `<svg class="chart chart-%s" role="img" viewBox="0 0 %s %s" width="%s" height="%s" aria-labelledby="%s-t %s-d" font-size="%d" fill="currentColor">`,
		esc(d.variantName()), n(d.width), n(d.height), n(d.width), n(d.height), esc(d.id), esc(d.id), textSize)
	fmt.Fprintf(b, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, esc(d.id), esc(d.Title), esc(d.id), esc(d.Desc))
	d.legend()
	d.axis()
	for i, r := range d.Rows {
		d.row(r, d.top+float64(i)*d.rowHeight)
	}
	b.WriteString("</svg>")
}

func (d *drawing) variantName() string {
	if d.above {
		return "narrow"
	}
	return "wide"
}

// opacities tell the series apart without colour.
var opacities = []string{".85", ".38", ".6"}

func (d *drawing) legend() {
	x, y := d.left, 12.0
	place := func(draw func(x, y float64), name string) {
		draw(x, y)
		fmt.Fprintf(&d.b, `<text x="%s" y="%s">%s</text>`, n(x+20), n(y), esc(name))
		if d.legendPerLine {
			y += 18
		} else {
			x += 20 + float64(utf8.RuneCountInString(name))*charWidth + 22
		}
	}
	for i, s := range d.Series {
		place(func(x, y float64) {
			fmt.Fprintf(&d.b, `<rect class="bar bar%d" x="%s" y="%s" width="14" height="10" fill-opacity="%s"/>`, i, n(x), n(y-9), opacities[i%len(opacities)])
		}, s)
	}
	if d.LimitName != "" {
		place(func(x, y float64) {
			fmt.Fprintf(&d.b, `<path class="limit" d="M%s %sv14" stroke="currentColor" stroke-width="2" stroke-dasharray="3 2"/>`, n(x+7), n(y-11))
		}, d.LimitName)
	}
}

// axis draws a thin rule at every power of ten, labelled where there is room.
func (d *drawing) axis() {
	first := int(math.Ceil(math.Log10(d.low)))
	last := int(math.Floor(math.Log10(d.high)))
	lastEnd := -1.0
	for e := first; e <= last; e++ {
		v := math.Pow(10, float64(e))
		x := d.x(v)
		fmt.Fprintf(&d.b, `<path class="grid" d="M%s %sV%s" stroke="currentColor" stroke-opacity=".18"/>`, n(x), n(d.top-4), n(d.bottom))
		label := d.format(v)
		half := float64(utf8.RuneCountInString(label)) * charWidth / 2
		at := math.Max(x, half)
		if at-half < lastEnd+8 || at+half > d.width {
			continue
		}
		lastEnd = at + half
		fmt.Fprintf(&d.b, `<text class="tick" x="%s" y="%s" text-anchor="middle" fill-opacity=".75">%s</text>`, n(at), n(d.bottom+16), esc(label))
	}
}

func (d *drawing) row(r Row, y float64) {
	b := &d.b
	label := shorten(r.Label, d.labelRoom)
	bars := float64(len(d.Series)) * (barHeight + barGap)
	if d.above {
		fmt.Fprintf(b, `<text x="0" y="%s">%s</text>`, n(y+textSize), esc(label))
		y += textSize + 5
	} else {
		fmt.Fprintf(b, `<text x="%s" y="%s" text-anchor="end">%s</text>`, n(d.left-10), n(y+bars/2+4), esc(label))
	}
	for i := range d.Series {
		v := r.value(i)
		top := y + float64(i)*(barHeight+barGap)
		end := d.left
		if drawable(v) {
			end = d.x(v)
			fmt.Fprintf(b, `<rect class="bar bar%d" x="%s" y="%s" width="%s" height="%d" fill-opacity="%s"/>`,
				i, n(d.left), n(top), n(end-d.left), barHeight, opacities[i%len(opacities)])
		}
		textAt := end + 5
		// A limit just behind the bar's end would run through the figure.
		if drawable(r.Limit) {
			if x := d.x(r.Limit); x > end-3 && x < textAt+float64(utf8.RuneCountInString(d.format(v)))*charWidth {
				textAt = x + 6
			}
		}
		fmt.Fprintf(b, `<text x="%s" y="%s">%s</text>`, n(textAt), n(top+barHeight-1), esc(d.format(v)))
	}
	if drawable(r.Limit) {
		fmt.Fprintf(b, `<path class="limit" d="M%s %sv%s" stroke="currentColor" stroke-width="2" stroke-dasharray="3 2"/>`, n(d.x(r.Limit)), n(y-2.5), n(bars+3))
	}
}

// n prints a coordinate with one decimal at most.
func n(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}

func shorten(s string, room int) string {
	if room < 4 {
		room = 4
	}
	if utf8.RuneCountInString(s) <= room {
		return s
	}
	return string([]rune(s)[:room-1]) + "…"
}

func esc(s string) string { return html.EscapeString(s) }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
