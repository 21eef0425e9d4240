package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// TextOptions say how tables are printed.
type TextOptions struct {
	Width  int  // columns; below 20 it is 80
	Color  bool // titles bold and heads faint
	Digits int  // significant digits; 0 means [Digits]
	Full   bool // all digits of every number
	Max    int  // lines of a table; 0 means all
}

// Text prints the tables of a document. Where the rows are by time, periods stand side by side if they fit.
func Text(w io.Writer, d *Document, o TextOptions) error {
	if o.Width < 20 {
		o.Width = 80
	}
	p := &page{o: o, percentiles: d.Percentiles}
	for i := range d.Tables {
		if i > 0 {
			p.b.WriteString("\n")
		}
		p.table(&d.Tables[i])
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

type page struct {
	o           TextOptions
	percentiles []float64
	b           strings.Builder
}

func (p *page) bold(s string) string { return p.paint("1", s) }
func (p *page) faint(s string) string {
	return p.paint("2", s)
}

func (p *page) paint(code, s string) string {
	if !p.o.Color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

const (
	gap        = 2
	leastLabel = 6
)

// grid is a table in cells of text: labels, then figures.
type grid struct {
	labels int // columns
	head   []string
	rows   [][]string
	hidden int // rows that are not printed
}

func (p *page) table(t *result.Table) {
	p.b.WriteString(p.bold(ansi.Truncate(clean(t.Title), p.o.Width, "…")) + "\n")
	g := p.across(t)
	if g == nil {
		g = p.down(t)
	}
	p.print(g)
	if g.hidden > 0 {
		what := "rows"
		if g.hidden == 1 {
			what = "row"
		}
		fmt.Fprintf(&p.b, "and %s more %s; --max 0 prints all, -o FILE.csv writes them\n", grouped(fmt.Sprint(g.hidden)), what)
	}
	if len(g.rows) == 0 {
		p.b.WriteString("no rows\n")
	}
}

// shown is how many of so many rows are printed.
func (p *page) shown(rows int) int {
	if p.o.Max > 0 && rows > p.o.Max {
		return p.o.Max
	}
	return rows
}

// down is a table as it is: a line for each row of the result.
func (p *page) down(t *result.Table) *grid {
	g := &grid{labels: len(t.Keys), head: cleaned(t.Keys)}
	n := p.shown(len(t.Rows))
	g.hidden = len(t.Rows) - n
	for _, row := range t.Rows[:n] {
		g.rows = append(g.rows, cleaned(row))
	}
	for i := range t.Columns {
		titles, values := t.Columns[i].Figures(p.percentiles)
		s := newStyle(head(values, n), p.o.Digits, p.o.Full)
		for k, title := range titles {
			if k > 0 {
				title = result.Percentile(p.percentiles[k-1]) // of the figure to the left
			}
			g.head = append(g.head, clean(title))
			for row := range g.rows {
				g.rows[row] = append(g.rows[row], s.text(values[k][row]))
			}
		}
	}
	return g
}

// head is the first rows of figures.
func head(values [][]float64, n int) [][]float64 {
	out := make([][]float64, len(values))
	for i, v := range values {
		out[i] = v[:n]
	}
	return out
}

// mostAcross bounds the periods that are tried side by side: more fit no terminal.
const mostAcross = 200

// across is a table with periods side by side, a line for each item and figure. It is nil where the rows are not by time
// or the periods do not fit.
func (p *page) across(t *result.Table) *grid {
	if t.Grain == calendar.None || len(t.Rows) == 0 {
		return nil
	}
	keys := len(t.Keys) - 1
	periods := periodsOf(t)
	if periods > mostAcross || periods < 2 {
		return nil
	}
	g := &grid{labels: keys, head: cleaned(t.Keys[:keys])}
	type figure struct {
		title  string
		values []float64
		style  style
	}
	var all []figure
	lines := 0
	for i := range t.Columns {
		titles, _ := t.Columns[i].Figures(p.percentiles)
		lines += len(titles)
	}
	items := len(t.Rows) / periods
	n := p.shown(items * lines)
	shownItems := (n + lines - 1) / max(lines, 1)
	for i := range t.Columns {
		titles, values := t.Columns[i].Figures(p.percentiles)
		s := newStyle(head(values, shownItems*periods), p.o.Digits, p.o.Full)
		for k, title := range titles {
			all = append(all, figure{clean(title), values[k], s})
		}
	}
	// A single figure is named by the title of the table.
	named := len(all) > 1 || keys == 0
	if named {
		g.labels++
		g.head = append(g.head, "")
	}
	for _, row := range t.Rows[:periods] {
		g.head = append(g.head, clean(row[keys]))
	}
	for item := range shownItems {
		for _, f := range all {
			if len(g.rows) == n {
				break
			}
			line := cleaned(t.Rows[item*periods][:keys])
			if named {
				line = append(line, f.title)
			}
			for period := range periods {
				line = append(line, f.style.text(f.values[item*periods+period]))
			}
			g.rows = append(g.rows, line)
		}
	}
	g.hidden = items*lines - n
	if used, _ := p.measure(g); used > p.o.Width {
		return nil
	}
	return g
}

// periodsOf is how many periods a table by time has.
func periodsOf(t *result.Table) int {
	last := len(t.Keys) - 1
	n := 1
	for n < len(t.Rows) && t.Rows[n][last] != t.Rows[0][last] {
		n++
	}
	return n
}

// measure returns the width of a grid and those of its columns.
func (p *page) measure(g *grid) (int, []int) {
	widths := make([]int, len(g.head))
	for i, h := range g.head {
		widths[i] = ansi.StringWidth(h)
	}
	for _, row := range g.rows {
		for i, s := range row {
			widths[i] = max(widths[i], ansi.StringWidth(s))
		}
	}
	total := gap * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	return total, widths
}

// print prints a grid. Where it is too wide, labels are cut, and then figures go into several blocks below each other,
// each with the labels.
func (p *page) print(g *grid) {
	total, widths := p.measure(g)
	widest := 0 // of the figures
	for _, w := range widths[g.labels:] {
		widest = max(widest, w)
	}
	for total > p.o.Width {
		longest := -1
		for i, w := range widths[:g.labels] {
			if w > leastLabel && (longest < 0 || w > widths[longest]) {
				longest = i
			}
		}
		// Labels give way down to a third of the line, or where one figure would not fit beside them.
		labels := sum(widths[:g.labels]) + gap*g.labels
		if longest < 0 || labels <= p.o.Width/3 && labels+widest <= p.o.Width {
			break
		}
		widths[longest]--
		total--
	}
	for from := g.labels; from < len(widths) || from == g.labels; {
		used := sum(widths[:g.labels]) + gap*g.labels
		to := from
		for to < len(widths) && (to == from || used+widths[to] <= p.o.Width) {
			used += widths[to] + gap
			to++
		}
		if from > g.labels {
			p.b.WriteString("\n")
		}
		p.line(g, g.head, widths, from, to, true)
		for _, row := range g.rows {
			p.line(g, row, widths, from, to, false)
		}
		if to == from {
			return
		}
		from = to
	}
}

func sum(list []int) int {
	total := 0
	for _, v := range list {
		total += v
	}
	return total
}

func (p *page) line(g *grid, row []string, widths []int, from, to int, faint bool) {
	var b strings.Builder
	for i := range g.labels {
		s := ansi.Truncate(row[i], widths[i], "…")
		b.WriteString(s + strings.Repeat(" ", widths[i]-ansi.StringWidth(s)+gap))
	}
	for i := from; i < to; i++ {
		s := row[i]
		if i > from {
			b.WriteString(strings.Repeat(" ", gap))
		}
		b.WriteString(strings.Repeat(" ", widths[i]-ansi.StringWidth(s)) + s)
	}
	text := strings.TrimRight(b.String(), " ")
	if faint {
		text = p.faint(text)
	}
	p.b.WriteString(text + "\n")
}

func cleaned(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = clean(s)
	}
	return out
}

// clean takes from a name what would move the cursor of a terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}
