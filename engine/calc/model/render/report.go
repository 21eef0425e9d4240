package render

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
	"github.com/napkin-infra/napkin/foundation/report"
)

const (
	// mostLines bounds the lines of a chart: more cannot be told apart.
	mostLines = 8
	// mostCharts bounds the charts of a table, each of which is of one figure.
	mostCharts = 4
	// mostFacts bounds the figures that the verdict tells.
	mostFacts = 5
	// mostPlaces bounds the periods of a chart.
	mostPlaces = 1500
	// mostRows bounds the rows of a table in a report, which is for reading; CSV and JSON have all of them.
	mostRows = 1000
	// reportWidth is how many characters of periods side by side a page takes.
	reportWidth = 110
)

// Report makes the report of a document: what was computed and what was changed, then a section for each table, with a
// charts where it is by time.
func Report(d *Document) *report.Report {
	r := &report.Report{SchemaVersion: report.SchemaVersion, Tool: report.Tool{Name: "napkin", Version: d.Tool}, Kind: "model", Title: d.Model, Subject: d.File, Findings: []report.Finding{}}
	r.Verdict.Headline = d.headline()
	r.Verdict.Paragraphs = append(d.changes(), d.facts()...)
	for i := range d.Tables {
		r.Sections = append(r.Sections, section(&d.Tables[i], d.Percentiles))
	}
	r.Coverage.Notes = d.Notes
	return r
}

// headline says what there is.
func (d *Document) headline() string {
	tables := "1 table"
	if n := len(d.Tables); n != 1 {
		tables = fmt.Sprintf("%d tables", n)
	}
	if d.Samples == 0 {
		return tables + "."
	}
	var names []string
	for _, p := range d.Percentiles {
		names = append(names, result.Percentile(p))
	}
	return fmt.Sprintf("%s. What depends on a distribution is the mean of %s samples, with the percentiles %s of them.", tables, grouped(strconv.Itoa(d.Samples)), strings.Join(names, ", "))
}

// changes says what is other than in the model as it is written.
func (d *Document) changes() []string {
	var lines []string
	if len(d.Scenarios) > 0 {
		lines = append(lines, "Scenario: "+strings.Join(d.Scenarios, ", then ")+".")
	}
	if len(d.Set) > 0 {
		lines = append(lines, "Changed for this run: `"+strings.Join(d.Set, "`, `")+"`.")
	}
	if len(d.Cut) > 0 {
		lines = append(lines, "Only a part was computed: "+strings.Join(d.Cut, ", ")+".")
	}
	return lines
}

// section is a table with its chart.
func section(t *result.Table, percentiles []float64) report.Appendix {
	p := &page{o: TextOptions{Width: reportWidth, Max: mostRows}, percentiles: percentiles}
	g := p.across(t)
	if g == nil {
		g = p.down(t)
	}
	a := report.Appendix{Title: t.Title, Head: g.head, Rows: g.rows, Labels: g.labels, Lines: charts(t, percentiles)}
	if g.labels == 0 {
		// Without keys there is one row; the name of each figure is its label.
		a.Head, a.Rows, a.Labels = []string{"figure", "value"}, nil, 1
		for i, title := range g.head {
			a.Rows = append(a.Rows, []string{title, g.rows[0][i]})
		}
	}
	if g.hidden > 0 {
		a.Text = fmt.Sprintf("The first %s of %s rows; CSV and JSON have all of them.", grouped(strconv.Itoa(len(g.rows))), grouped(strconv.Itoa(len(g.rows)+g.hidden)))
	}
	return a
}

// facts are sentences of the figures that are shown along time alone: their values in the first and the last whole period.
func (d *Document) facts() []string {
	var list []string
	for i := range d.Tables {
		t := &d.Tables[i]
		if t.Grain == calendar.None || len(t.Keys) != 1 || len(t.Rows) < 2 {
			continue
		}
		for k := range t.Columns {
			c := &t.Columns[k]
			first, last := 0, len(c.Values)-1
			if whole := last - btoi(t.CutFirst) - btoi(t.CutLast); whole > 0 {
				// A period of which the axis has only some days is not what others are compared with.
				first, last = btoi(t.CutFirst), last-btoi(t.CutLast)
			}
			for first < last && !finite(c.Values[first]) {
				first++
			}
			for last > first && !finite(c.Values[last]) {
				last--
			}
			if first == last {
				continue
			}
			s := newStyle([][]float64{{c.Values[first], c.Values[last]}}, 0, false)
			fact := fmt.Sprintf("`%s` is %s in %s and %s in %s", c.Title, s.text(c.Values[first]), t.Rows[first][0], s.text(c.Values[last]), t.Rows[last][0])
			if n := len(d.Percentiles); c.Random && n > 1 {
				fact += fmt.Sprintf(" (%s to %s: %s to %s)", result.Percentile(d.Percentiles[0]), result.Percentile(d.Percentiles[n-1]), s.text(c.Percentiles[0][last]), s.text(c.Percentiles[n-1][last]))
			}
			if list = append(list, fact+"."); len(list) == mostFacts {
				return list
			}
		}
	}
	return list
}

// charts draws the first figures of a table by time, each on a scale of its own: a line for each item, or without items one for
// the figure and one for each of its percentiles. Where there are more items than lines, those with the greatest sums are drawn.
func charts(t *result.Table, percentiles []float64) []*report.Lines {
	if t.Grain == calendar.None || len(t.Rows) == 0 {
		return nil
	}
	keys := len(t.Keys) - 1
	periods := periodsOf(t)
	if periods < 2 || periods > mostPlaces {
		return nil
	}
	grain := t.Keys[keys]
	var places []string
	for _, row := range t.Rows[:periods] {
		places = append(places, row[keys])
	}
	var list []*report.Lines
	for i := range t.Columns[:min(len(t.Columns), mostCharts)] {
		c := &t.Columns[i]
		l := &report.Lines{Title: c.Title + ", " + grain + " by " + grain, Places: places}
		if keys == 0 {
			l.Series = append(l.Series, series(c.Title, c.Values))
			for k := range c.Percentiles[:min(len(c.Percentiles), mostLines-1)] {
				l.Series = append(l.Series, series(result.Percentile(percentiles[k]), c.Percentiles[k]))
			}
			list = append(list, l)
			continue
		}
		items := len(t.Rows) / periods
		chosen := greatest(c.Values, items, periods)
		if items > len(chosen) {
			l.Title += fmt.Sprintf(", the %d greatest of %s", len(chosen), grouped(strconv.Itoa(items)))
		}
		for _, item := range chosen {
			l.Series = append(l.Series, series(strings.Join(t.Rows[item*periods][:keys], " "), c.Values[item*periods:(item+1)*periods]))
		}
		list = append(list, l)
	}
	return list
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// greatest chooses the items with the greatest sums of magnitudes, in their order.
func greatest(values []float64, items, periods int) []int {
	var chosen []int
	sums := make([]float64, items)
	for item := range items {
		for _, v := range values[item*periods : (item+1)*periods] {
			if finite(v) {
				sums[item] += math.Abs(v)
			}
		}
		if len(chosen) < mostLines {
			chosen = append(chosen, item)
			continue
		}
		least := 0
		for k, other := range chosen {
			if sums[other] < sums[chosen[least]] {
				least = k
			}
		}
		if sums[item] > sums[chosen[least]] {
			chosen = append(append(chosen[:least:least], chosen[least+1:]...), item)
		}
	}
	return chosen
}

func series(label string, values []float64) report.Series {
	s := report.Series{Label: label, Values: make([]*float64, len(values))}
	for i, v := range values {
		if finite(v) {
			s.Values[i] = &values[i]
		}
	}
	return s
}
