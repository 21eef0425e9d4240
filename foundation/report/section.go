package report

import (
	"html/template"
	"math"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/foundation/report/chart"
)

// Intervals is a chart of 90 % intervals that belongs to a section: one row an alternative, all in
// one unit, with the limit that is demanded of them.
type Intervals struct {
	Title     string     `json:"title"`
	Unit      string     `json:"unit"` // "ms", "$/month"; empty for a bare number
	LimitName string     `json:"limit_name,omitempty"`
	Limit     float64    `json:"limit,omitempty"`
	Rows      []Interval `json:"rows"`
}

// Interval is the 5th, 50th and 95th percentile of one alternative.
type Interval struct {
	Label  string  `json:"label"`
	Low    float64 `json:"low"`
	Median float64 `json:"median"`
	High   float64 `json:"high"`
}

// format prints a value of the chart's unit: "$420/month", "12.5 ms".
func (iv *Intervals) format(v float64) string {
	unit := line(iv.Unit)
	switch rest, money := strings.CutPrefix(unit, "$"); {
	case money:
		return "$" + number(v) + rest
	case unit == "":
		return number(v)
	case unit[0] == '/' || unit == "%":
		return number(v) + unit
	}
	return number(v) + " " + unit
}

func (iv *Intervals) chart(id string) chart.Intervals {
	c := chart.Intervals{ID: id, Title: line(iv.Title), LimitName: line(iv.LimitName), Limit: iv.Limit, Format: iv.format}
	var said []string
	for _, r := range iv.Rows {
		c.Rows = append(c.Rows, chart.Interval{Label: line(r.Label), Low: r.Low, Median: r.Median, High: r.High})
		said = append(said, line(r.Label)+" "+iv.format(r.Low)+" to "+iv.format(r.High))
	}
	c.Desc = "Intervals that hold nine of ten draws, with a dot at the median: " + strings.Join(said, "; ") + "."
	if iv.LimitName != "" {
		c.Desc += " The dashed rule is " + line(iv.LimitName) + "."
	}
	return c
}

// draw draws the chart in both widths; its figures stand in the table of the section.
func (iv *Intervals) draw(id string) *drawn {
	c := iv.chart(id)
	var narrow, wide strings.Builder
	// A strings.Builder does not fail.
	_ = c.SVG(&narrow, 340, "-n")
	_ = c.SVG(&wide, 880, "-w")
	return &drawn{Title: c.Title,
		Narrow: template.HTML(narrow.String()), //nolint:gosec // chart escapes
		Wide:   template.HTML(wide.String()),   //nolint:gosec // chart escapes
	}
}

// Lines is a chart of figures over time, or over other places in an order, that belongs to a section. A terminal and
// Markdown show the table alone.
type Lines struct {
	Title  string   `json:"title"`
	Unit   string   `json:"unit,omitempty"` // as of [Intervals]
	Places []string `json:"places"`         // from left to right
	Series []Series `json:"series"`
}

// Series is one line. Values are those of the places; nil is a gap.
type Series struct {
	Label  string     `json:"label"`
	Values []*float64 `json:"values"`
}

// draw draws the chart in both widths; its figures stand in the table of the section.
func (l *Lines) draw(id string) *drawn {
	format := (&Intervals{Unit: l.Unit}).format
	c := chart.Lines{ID: id, Title: line(l.Title), Format: format}
	for _, p := range l.Places {
		c.Places = append(c.Places, line(p))
	}
	var said []string
	for _, s := range l.Series {
		values := make([]float64, len(s.Values))
		var first, last *float64
		for i, v := range s.Values {
			values[i] = math.NaN()
			if v == nil {
				continue
			}
			values[i] = *v
			last = v
			if first == nil {
				first = v
			}
		}
		c.Lines = append(c.Lines, chart.Line{Label: line(s.Label), Values: values})
		if first != nil {
			said = append(said, line(s.Label)+" from "+format(*first)+" to "+format(*last))
		}
	}
	c.Desc = "Lines over " + strconv.Itoa(len(l.Places)) + " places: " + strings.Join(said, "; ") + "."
	var narrow, wide strings.Builder
	// A strings.Builder does not fail.
	_ = c.SVG(&narrow, 340, "-n")
	_ = c.SVG(&wide, 880, "-w")
	return &drawn{Title: c.Title,
		Narrow: template.HTML(narrow.String()), //nolint:gosec // chart escapes
		Wide:   template.HTML(wide.String()),   //nolint:gosec // chart escapes
	}
}

// sections prints the body of a report that has no findings.
func (t *terminal) sections(sections []Appendix) {
	for _, a := range sections {
		t.section(line(a.Title))
		for _, p := range paragraphs(a.Text) {
			t.text("", prose(p), min(t.width, proseMeasure))
		}
		if a.Chart != nil {
			t.intervals(a.Chart)
		}
		if len(a.Rows) > 0 {
			t.table(a.Head, a.Rows)
		}
	}
}

// intervals draws the rows beside their labels.
func (t *terminal) intervals(iv *Intervals) {
	label := 0
	for _, r := range iv.Rows {
		label = max(label, displayWidth(line(r.Label)))
	}
	label = min(label, t.width/3)
	c := iv.chart("")
	for i, bar := range c.Text(min(t.width-label-4, 76)) {
		name := cut(line(iv.Rows[i].Label), label)
		t.line("  " + t.paint(dim, name) + strings.Repeat(" ", label-displayWidth(name)+2) + t.paint(cyan, bar))
	}
	if iv.LimitName != "" {
		t.line(strings.Repeat(" ", label+4) + t.paint(dim, "┆ "+line(iv.LimitName)))
	}
}

const (
	columnGap   = 2
	leastColumn = 9
)

// table prints rows under a head. Columns are as wide as their text; where that is too much the widest
// give way and their cells wrap, and where that is not enough, or takes more lines than it, each row becomes
// a list of its cells.
func (t *terminal) table(head []string, rows [][]string) {
	all := make([][]string, 0, len(rows)+1)
	if len(head) > 0 {
		all = append(all, head)
	}
	all = append(all, rows...)
	columns := 0
	for _, row := range all {
		columns = max(columns, len(row))
	}
	widths := make([]int, columns)
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], displayWidth(prose(cell)))
		}
	}
	room := min(t.width, proseMeasure+50) - 2 - columnGap*(columns-1)
	if room < leastColumn*columns {
		t.stacked(head, rows)
		return
	}
	for sum(widths) > room {
		widest := 0
		for i := range widths {
			if widths[i] > widths[widest] {
				widest = i
			}
		}
		widths[widest]--
	}
	if columns > 2 && tabular(all, widths) > t.listed(head, rows) {
		t.stacked(head, rows)
		return
	}
	for n, row := range all {
		cells := make([][]string, columns)
		height := 0
		for i, cell := range row {
			cells[i] = wrap(prose(cell), max(widths[i], 8))
			height = max(height, len(cells[i]))
		}
		for l := range height {
			var b strings.Builder
			b.WriteString("  ")
			used := 0
			for i := range columns {
				text := ""
				if l < len(cells[i]) {
					text = cells[i][l]
				}
				b.WriteString(text)
				used += displayWidth(text)
				target := sum(widths[:i+1]) + columnGap*(i+1)
				if pad := target - used; pad > 0 {
					b.WriteString(strings.Repeat(" ", pad))
					used += pad
				} else if i+1 < columns {
					b.WriteString(" ")
					used++
				}
			}
			if n == 0 && len(head) > 0 {
				t.line(t.paint(dim, strings.TrimRight(b.String(), " ")))
			} else {
				t.line(b.String())
			}
		}
	}
}

func sum(widths []int) int {
	total := 0
	for _, w := range widths {
		total += w
	}
	return total
}

// tabular is how many lines a table of these columns takes.
func tabular(rows [][]string, widths []int) int {
	lines := 0
	for _, row := range rows {
		height := 0
		for i, cell := range row {
			height = max(height, len(wrap(prose(cell), max(widths[i], 8))))
		}
		lines += height
	}
	return lines
}

// listed is how many lines the same rows take as lists of their cells.
func (t *terminal) listed(head []string, rows [][]string) int {
	lines := 0
	for _, row := range rows {
		for i, cell := range row {
			if lead, text := listItem(head, i, cell); text != "" {
				lines += len(wrap(prose(text), t.listWidth()-displayWidth(lead)))
			}
		}
	}
	return lines
}

// listWidth is the width of a list of cells: that of prose.
func (t *terminal) listWidth() int { return min(t.width, proseMeasure) }

// listItem is a cell as an item of a list, with its indentation; an empty cell is left out.
func listItem(head []string, i int, cell string) (lead, text string) {
	if i == 0 {
		return "  ", cell
	}
	if cell != "" && i < len(head) && head[i] != "" {
		cell = head[i] + ": " + cell
	}
	return "    ", cell
}

// stacked prints each row as a list of its cells.
func (t *terminal) stacked(head []string, rows [][]string) {
	for _, row := range rows {
		for i, cell := range row {
			if lead, text := listItem(head, i, cell); text != "" {
				t.hanging(lead, prose(text), t.listWidth())
			}
		}
	}
}
