package chart

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Lines is a chart of lines over the same places, mostly periods of time. The vertical axis is linear and has the zero
// unless all values are far from it. Lines are told apart by their dashes and by their names at their ends, not by
// colour.
type Lines struct {
	ID     string // unique in the document
	Title  string
	Desc   string   // the reading of it, for those who cannot see it
	Places []string // names of the places, from left to right
	Lines  []Line
	Format func(float64) string // prints a value of the axis
}

// Line is one line: a value for each place. Values that are not finite are gaps.
type Line struct {
	Label  string
	Values []float64
}

const (
	plotHeight = 240.0
	lineNames  = 15.0 // least distance between names
)

// dashes tell lines apart: the first one is whole.
var dashes = []string{"", "7 3", "2 3", "9 3 2 3", "12 4", "4 2", "1 4", "14 3 2 3 2 3"}

// SVG draws the lines at the given width in CSS pixels; see [Chart.SVG].
func (c Lines) SVG(w io.Writer, width int, variant string) error {
	total := float64(max(width, narrowest))
	narrow := total < labelBelow
	s := c.scale()
	ticks := s.ticks()
	left := 0.0
	for _, v := range ticks {
		left = math.Max(left, float64(utf8.RuneCountInString(c.Format(v)))*charWidth)
	}
	left = math.Min(left+8, total*0.4)
	longest := 0
	for _, l := range c.Lines {
		longest = max(longest, utf8.RuneCountInString(l.Label))
	}
	top := 12.0
	right := total - 12
	room := int((total - 40) / charWidth)
	if narrow {
		top += 18 * float64(len(c.Lines)) // names stand above the plot
	} else {
		right = total - math.Min(float64(longest)*charWidth, total*0.25) - 22
		room = int((total-right-22)/charWidth + 1e-6) // all of the longest, whatever the subtraction lost
	}
	bottom := top + plotHeight
	height := bottom + 24
	x := func(i int) float64 {
		if len(c.Places) < 2 {
			return (left + right) / 2
		}
		return left + (right-left)*float64(i)/float64(len(c.Places)-1)
	}
	y := func(v float64) float64 { return bottom - plotHeight*s.position(v) }
	name := "wide"
	if narrow {
		name = "narrow"
	}
	id := esc(c.ID + variant)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart chart-%s" role="img" viewBox="0 0 %s %s" width="%s" height="%s" aria-labelledby="%s-t %s-d" font-size="%d" fill="currentColor">`,
		name, n(total), n(height), n(total), n(height), id, id, textSize)
	fmt.Fprintf(&b, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, id, esc(c.Title), id, esc(c.Desc))
	for _, v := range ticks {
		opacity := ".18"
		if v == 0 {
			opacity = ".55"
		}
		fmt.Fprintf(&b, `<path class="grid" d="M%s %sH%s" stroke="currentColor" stroke-opacity="%s"/><text class="tick" x="%s" y="%s" text-anchor="end" fill-opacity=".75">%s</text>`,
			n(left), n(y(v)), n(right), opacity, n(left-6), n(y(v)+4), esc(c.Format(v)))
	}
	c.places(&b, x, bottom, total)
	ends := make([]float64, len(c.Lines))
	for i, l := range c.Lines {
		path, last := c.path(l, x, y)
		ends[i] = bottom
		if last >= 0 {
			ends[i] = y(l.Values[last])
		}
		dash := ""
		if d := dashes[i%len(dashes)]; d != "" {
			dash = fmt.Sprintf(` stroke-dasharray="%s"`, d)
		}
		fmt.Fprintf(&b, `<path class="line line%d" d="%s" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round" stroke-opacity=".85"%s/>`, i, path, dash)
		if narrow {
			at := 14 + 18*float64(i)
			fmt.Fprintf(&b, `<path d="M0 %sh28" stroke="currentColor" stroke-width="1.8"%s/><text x="36" y="%s">%s</text>`, n(at-4), dash, n(at), esc(shorten(l.Label, room)))
		}
	}
	if !narrow {
		for i, at := range apart(ends, top, bottom) {
			fmt.Fprintf(&b, `<path d="M%s %sL%s %s" stroke="currentColor" stroke-opacity=".35"/><text x="%s" y="%s">%s</text>`,
				n(right+2), n(ends[i]), n(right+11), n(at), n(right+14), n(at+4), esc(shorten(c.Lines[i].Label, room)))
		}
	}
	b.WriteString("</svg>")
	_, err := io.WriteString(w, b.String())
	return err
}

// path draws a line with gaps, and returns the last place that has a value, or -1. A value alone is a short dash.
func (c Lines) path(l Line, x func(int) float64, y func(float64) float64) (string, int) {
	var b strings.Builder
	last := -1
	drawn := func(i int) bool {
		return i >= 0 && i < len(l.Values) && !math.IsNaN(l.Values[i]) && !math.IsInf(l.Values[i], 0)
	}
	for i := range c.Places {
		if !drawn(i) {
			continue
		}
		last = i
		switch {
		case drawn(i - 1):
			fmt.Fprintf(&b, "L%s %s", n(x(i)), n(y(l.Values[i])))
		case drawn(i + 1):
			fmt.Fprintf(&b, "M%s %s", n(x(i)), n(y(l.Values[i])))
		default:
			fmt.Fprintf(&b, "M%s %sh6", n(x(i)-3), n(y(l.Values[i])))
		}
	}
	return b.String(), last
}

// placeGap is the least space between the names of places.
const placeGap = 16.0

// places names places below the plot: all of them, or every second, third and so on, so that the names keep apart.
func (c Lines) places(b *strings.Builder, x func(int) float64, bottom, total float64) {
	longest := 0
	for _, p := range c.Places {
		longest = max(longest, utf8.RuneCountInString(p))
	}
	every := 1
	if len(c.Places) > 1 {
		every = int(math.Ceil((float64(longest)*charWidth + placeGap) / (x(1) - x(0))))
	}
	for i := 0; i < len(c.Places); i += every {
		p := c.Places[i]
		half := float64(utf8.RuneCountInString(p)) * charWidth / 2
		at := math.Min(math.Max(x(i), half), total-half)
		fmt.Fprintf(b, `<path d="M%s %sv4" stroke="currentColor" stroke-opacity=".5"/><text class="tick" x="%s" y="%s" text-anchor="middle" fill-opacity=".75">%s</text>`,
			n(x(i)), n(bottom), n(at), n(bottom+18), esc(p))
	}
}

// apart moves names that would overlap, in their order from top to bottom.
func apart(at []float64, top, bottom float64) []float64 {
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	// Few lines: an insertion sort keeps equal ones in their order.
	for i := 1; i < len(order); i++ {
		for j := i; j > 0 && at[order[j]] < at[order[j-1]]; j-- {
			order[j], order[j-1] = order[j-1], order[j]
		}
	}
	out := make([]float64, len(at))
	next := top
	for _, i := range order {
		out[i] = math.Max(at[i], next)
		next = out[i] + lineNames
	}
	limit := bottom
	for k := len(order) - 1; k >= 0; k-- {
		i := order[k]
		out[i] = math.Min(out[i], limit)
		limit = out[i] - lineNames
	}
	return out
}

// scale is the vertical axis.
func (c Lines) scale() scale {
	s := scale{math.Inf(1), math.Inf(-1), false}
	for _, l := range c.Lines {
		for _, v := range l.Values {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				s.low, s.high = math.Min(s.low, v), math.Max(s.high, v)
			}
		}
	}
	if s.low > s.high {
		return scale{0, 1, false}
	}
	// Only values that differ by little beside what they are leave out the zero.
	if span := s.high - s.low; s.low > 0 && s.low < 4*span || s.low > 0 && span == 0 {
		s.low = 0
	} else if s.high < 0 && -s.high < 4*span || s.high < 0 && span == 0 {
		s.high = 0
	}
	if s.high <= s.low {
		s.high = s.low + 1
	}
	s.high += (s.high - s.low) * 0.04
	return s
}
