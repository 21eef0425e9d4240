package chart

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Intervals is a set of 90 % intervals on one axis, with limits as dashed rules: which alternative lies
// where, and on which side of what is demanded of it. The axis is logarithmic where all ends are positive
// and far apart, else linear.
type Intervals struct {
	ID        string // unique in the document
	Title     string
	Desc      string // the reading of it, for those who cannot see it
	LimitName string // what the dashed rule means; empty for none
	Limit     float64
	Rows      []Interval
	Format    func(float64) string // prints a value with its unit
}

// Interval is one row: a thick line from Low to High with a dot at Median. A row that is not finite is
// printed and not drawn.
type Interval struct {
	Label             string
	Low, Median, High float64
}

func (i Interval) drawable() bool {
	return !math.IsInf(i.High-i.Low, 0) && !math.IsNaN(i.High-i.Low) && !math.IsNaN(i.Median)
}

// spread is how many times the high end of an axis is its low end before the axis becomes logarithmic.
const spread = 30

const intervalRow = 34.0

// SVG draws the intervals at the given width in CSS pixels; see [Chart.SVG].
func (c Intervals) SVG(w io.Writer, width int, variant string) error {
	scale := c.axis()
	total := float64(max(width, narrowest))
	above := total < labelBelow
	left, rowHeight := 12.0, intervalRow
	room := int(total / charWidth)
	if above {
		rowHeight += 18
	} else {
		longest := 0
		for _, r := range c.Rows {
			longest = max(longest, utf8.RuneCountInString(r.Label))
		}
		left = math.Min(float64(longest)*charWidth, total*0.35) + 22
		room = int((left - 18) / charWidth)
	}
	right := total - 14
	x := func(v float64) float64 { return left + (right-left)*scale.position(v) }
	top := 10.0
	if c.LimitName != "" {
		top += 20
	}
	bottom := top + rowHeight*float64(len(c.Rows))
	height := bottom + 24
	name := "wide"
	if above {
		name = "narrow"
	}
	id := html.EscapeString(c.ID + variant)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart chart-%s" role="img" viewBox="0 0 %s %s" width="%s" height="%s" aria-labelledby="%s-t %s-d" font-size="%d" fill="currentColor">`,
		name, n(total), n(height), n(total), n(height), id, id, textSize)
	fmt.Fprintf(&b, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, id, esc(c.Title), id, esc(c.Desc))
	lastEnd := -1.0
	for _, v := range scale.ticks() {
		at := x(v)
		fmt.Fprintf(&b, `<path class="grid" d="M%s %sV%s" stroke="currentColor" stroke-opacity=".18"/>`, n(at), n(top-4), n(bottom))
		label := c.Format(v)
		half := float64(utf8.RuneCountInString(label)) * charWidth / 2
		at = math.Min(math.Max(at, half), total-half)
		if at-half < lastEnd+8 {
			continue
		}
		lastEnd = at + half
		fmt.Fprintf(&b, `<text class="tick" x="%s" y="%s" text-anchor="middle" fill-opacity=".75">%s</text>`, n(at), n(bottom+16), esc(label))
	}
	for i, r := range c.Rows {
		y := top + float64(i)*rowHeight
		label := shorten(r.Label, room)
		if above {
			fmt.Fprintf(&b, `<text x="0" y="%s">%s</text>`, n(y+textSize), esc(label))
			y += 18
		} else {
			fmt.Fprintf(&b, `<text x="%s" y="%s" text-anchor="end">%s</text>`, n(left-14), n(y+24), esc(label))
		}
		figure := c.Format(r.Median)
		if !r.drawable() {
			fmt.Fprintf(&b, `<text x="%s" y="%s">%s</text>`, n(left), n(y+24), esc("median "+figure+", unbounded"))
			continue
		}
		fmt.Fprintf(&b, `<rect class="bar bar1" x="%s" y="%s" width="%s" height="8" rx="4" fill-opacity=".38"/><circle cx="%s" cy="%s" r="5.5" fill-opacity=".9"/>`,
			n(x(r.Low)), n(y+16), n(math.Max(x(r.High)-x(r.Low), 2)), n(x(r.Median)), n(y+20))
		half := float64(utf8.RuneCountInString(figure)) * charWidth / 2
		fmt.Fprintf(&b, `<text x="%s" y="%s" text-anchor="middle">%s</text>`, n(math.Min(math.Max(x(r.Median), half), total-half)), n(y+10), esc(figure))
	}
	if c.LimitName != "" {
		at := x(c.Limit)
		fmt.Fprintf(&b, `<path class="limit" d="M%s %sV%s" stroke="currentColor" stroke-width="2" stroke-dasharray="3 2"/>`, n(at), n(top-6), n(bottom))
		half := float64(utf8.RuneCountInString(c.LimitName)) * charWidth / 2
		fmt.Fprintf(&b, `<text x="%s" y="14" text-anchor="middle">%s</text>`, n(math.Min(math.Max(at, half), total-half)), esc(c.LimitName))
	}
	b.WriteString("</svg>")
	_, err := io.WriteString(w, b.String())
	return err
}

// scale is an axis from low to high.
type scale struct {
	low, high   float64
	logarithmic bool
}

func (c Intervals) axis() scale {
	s := scale{math.Inf(1), math.Inf(-1), true}
	take := func(v float64) { s.low, s.high = math.Min(s.low, v), math.Max(s.high, v) }
	for _, r := range c.Rows {
		if r.drawable() {
			take(r.Low)
			take(r.High)
		}
	}
	if c.LimitName != "" {
		take(c.Limit)
	}
	if s.low > s.high {
		return scale{0, 1, false}
	}
	if s.low > 0 && s.high/s.low >= spread {
		s.low, s.high = s.low/1.3, s.high*1.3
		return s
	}
	s.logarithmic = false
	if s.low > 0 {
		s.low = 0
	}
	if s.high <= s.low {
		s.high = s.low + 1
	}
	s.high += (s.high - s.low) * 0.06
	return s
}

// position maps a value to 0..1.
func (s scale) position(v float64) float64 {
	p := (v - s.low) / (s.high - s.low)
	if s.logarithmic {
		p = math.Log(v/s.low) / math.Log(s.high/s.low)
	}
	return math.Min(math.Max(p, 0), 1)
}

func (s scale) ticks() []float64 {
	var all []float64
	if s.logarithmic {
		for e := math.Ceil(math.Log10(s.low)); e <= math.Log10(s.high); e++ {
			all = append(all, math.Pow(10, e))
		}
		return all
	}
	step := math.Pow(10, math.Floor(math.Log10(s.high-s.low)))
	for _, part := range []float64{0.2, 0.5, 1} {
		if (s.high-s.low)/(step*part) <= 6 {
			step *= part
			break
		}
	}
	for v := math.Ceil(s.low/step) * step; v <= s.high; v += step {
		all = append(all, v)
	}
	return all
}

// Text draws the intervals with characters, a row each, width columns wide: ├──●───┤, and the limit as
// a column of ┆.
func (c Intervals) Text(width int) []string {
	s := c.axis()
	at := func(v float64) int { return int(s.position(v)*float64(width-1) + 0.5) }
	var out []string
	for _, r := range c.Rows {
		cells := []rune(strings.Repeat(" ", width))
		if r.drawable() {
			low, high := at(r.Low), at(r.High)
			for i := low; i <= high; i++ {
				cells[i] = '─'
			}
			cells[low], cells[high] = '├', '┤'
			cells[at(r.Median)] = '●'
		}
		if c.LimitName != "" {
			if i := at(c.Limit); cells[i] != '●' {
				cells[i] = '┆'
			}
		}
		out = append(out, string(cells))
	}
	return out
}
