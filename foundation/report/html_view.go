package report

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/napkin-infra/napkin/foundation/report/chart"
)

// page is what the HTML template reads: the report, with everything computed that a template should not.
type page struct {
	R                    *Report
	CSS                  template.CSS
	Tool, Title, Subject string
	Kicker, Footer       string
	Nav                  []navigation
	Tally                []severityCount
	Aside                string
	Top                  []card
	CostChart            *drawn
	NotDrawn             string
	System               []Fact
	BudgetChart          *drawn
	Levels               []level
	Cards                []template.HTML
	PrintNote, Omitted   string
	Causes               []causeView
	Road                 []roadView
	BaselineLine         string
	Fixed                []Finding
	HasAppendix          bool
	Patterns             []ranked
	PatternsCaption      string
	Suppressed           []ranked
	SuppressedCaption    string
	Appendix             []appendixView
}

type navigation struct{ ID, Title string }

type level struct {
	N       int
	Meaning string
}

type causeView struct {
	Title, Detail string
	Links         []int
	Others        string
}

type roadView struct {
	Name, Meaning string
	Steps         []stepView
}

type stepView struct {
	Title, Tail string
	Rank        int // 0 when the step belongs to no numbered finding
}

type appendixView struct {
	Title      string
	Paragraphs []string
	Head       []string
	Rows       [][]string
	More       string
}

func newPage(r *Report, d division) *page {
	p := &page{
		R: r, CSS: template.CSS(pageStyle), //nolint:gosec // our own embedded file
		Tool:    line(strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version)),
		Title:   line(orElse(r.Title, orElse(r.Kind, "Report"))),
		Subject: line(r.Subject),
		Tally:   d.tally(),
		System:  groupOnce(r.System),
	}
	if strings.Contains(p.Title, p.Subject) {
		p.Subject = ""
	}
	p.Kicker = line(strings.TrimSpace(strings.Join(nonEmpty(p.Tool, r.Kind, r.Subject), " · ")))
	p.Footer = "Written by " + orElse(p.Tool, "napkin") + ". Costs are estimates from the inputs listed with each finding; measure before and after a change."
	aside := nonEmpty(d.asideSentence())
	if len(d.body) == 0 {
		aside = append([]string{"No findings."}, aside...)
	}
	if r.Baseline != nil {
		p.BaselineLine = r.Baseline.sentence()
		aside = append(aside, line(p.BaselineLine))
		p.Fixed = r.Baseline.Fixed[:min(len(r.Baseline.Fixed), htmlListed)]
	}
	p.Aside = strings.Join(aside, " ")
	for _, f := range d.body[:min(len(d.body), htmlOpenCards)] {
		p.Top = append(p.Top, newCard(f))
	}
	p.CostChart, p.NotDrawn = costChart(d.body[:min(len(d.body), htmlOpenCards)])
	p.BudgetChart = budgetChart(r.Budget)
	for i, meaning := range evidenceMeanings {
		p.Levels = append(p.Levels, level{i, meaning})
	}
	for _, c := range r.Causes {
		v := causeView{Title: c.Title, Detail: c.Detail}
		others := 0
		v.Links, others = d.ranksOf(c.Findings)
		if others > 0 {
			v.Others = plural(others, "other")
		}
		p.Causes = append(p.Causes, v)
	}
	p.Road = roadViews(r.Roadmap, d)
	p.appendix(r, d)
	p.navigation(r, d)
	return p
}

func (p *page) appendix(r *Report, d division) {
	p.Patterns = d.patterns[:min(len(d.patterns), htmlListed)]
	p.PatternsCaption = shownOf(len(p.Patterns), len(d.patterns), "pattern")
	p.Suppressed = d.suppressed[:min(len(d.suppressed), htmlListed)]
	p.SuppressedCaption = shownOf(len(p.Suppressed), len(d.suppressed), "suppressed finding")
	for _, a := range r.Appendix {
		v := appendixView{Title: a.Title, Paragraphs: paragraphs(a.Text), Head: a.Head, Rows: a.Rows}
		if len(v.Rows) > htmlListed {
			v.Rows = v.Rows[:htmlListed]
			v.More = shownOf(len(v.Rows), len(a.Rows), "row")
		}
		p.Appendix = append(p.Appendix, v)
	}
	p.HasAppendix = len(p.Patterns)+len(p.Suppressed)+len(p.Appendix)+len(r.Rules)+len(r.Sources) > 0
}

func (p *page) navigation(r *Report, d division) {
	for _, n := range []struct {
		id, title string
		present   bool
	}{
		{"verdict", "Verdict", true},
		{"system", "System", len(r.System) > 0},
		{"budget", "Budget", len(r.Budget) > 0},
		{"findings", "Findings", len(d.body) > 0},
		{"causes", "Causes", len(p.Causes) > 0},
		{"roadmap", "Roadmap", len(p.Road) > 0},
		{"good", "Done well", len(r.Good) > 0},
		{"baseline", "Since the last report", r.Baseline != nil},
		{"coverage", "Coverage", len(r.Coverage.Rows)+len(r.Coverage.Notes) > 0},
		{"appendix", "Appendix", p.HasAppendix},
	} {
		if n.present {
			p.Nav = append(p.Nav, navigation{n.id, n.title})
		}
	}
}

// shownOf is a caption: "12 patterns" or "the first 200 of 431 patterns".
func shownOf(shown, all int, noun string) string {
	if shown == all {
		return plural(all, noun)
	}
	return fmt.Sprintf("the first %s of %s; the JSON report has all", count(shown), plural(all, noun))
}

func nonEmpty(ss ...string) []string {
	var out []string
	for _, s := range ss {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// groupOnce blanks the group of a fact that follows one of the same group.
func groupOnce(facts []Fact) []Fact {
	out := append([]Fact(nil), facts...)
	for i := range out {
		out[i].Name, out[i].Group = line(out[i].Name), line(facts[i].Group)
		if i > 0 && facts[i].Group == facts[i-1].Group {
			out[i].Group = ""
		}
	}
	return out
}

func roadViews(road Roadmap, d division) []roadView {
	var out []roadView
	for _, part := range road.parts() {
		if len(part.Steps) == 0 {
			continue
		}
		v := roadView{Name: part.Name, Meaning: part.Meaning}
		for _, s := range part.Steps {
			step := stepView{Title: s.Title, Tail: line(strings.Join(nonEmpty(string(s.Effort), s.Gain), "; "))}
			if n, ok := d.rank[s.Finding]; ok && s.Finding != "" {
				step.Rank = n
			}
			v.Steps = append(v.Steps, step)
		}
		out = append(out, v)
	}
	return out
}

// card is one finding as the template shows it.
type card struct {
	ranked
	Source         *sourceView
	Places         []Place
	MorePlaces     string
	Diff           []diffLine
	MoreDiff       string
	SQL            string
	Inputs         []Input
	CostLine       string
	EffortLine     string
	ConfidenceLine string
}

type sourceView struct {
	Before int // the number before the first line
	Lines  []sourceLine
	More   string
}

type sourceLine struct {
	Text   string
	Marked bool
}

type diffLine struct{ Kind, Text string }

func newCard(f ranked) card {
	c := card{ranked: f, EffortLine: line(f.effortLine()), SQL: strings.TrimSpace(block(f.Fix.SQL))}
	if f.Confidence > 0 {
		c.ConfidenceLine = "confidence " + number(f.Confidence*100) + " %"
	}
	if f.Cost != nil {
		c.Inputs = f.Cost.Inputs
		c.CostLine = line(f.Cost.change() + " " + f.Cost.per())
	} else if f.Cliff != "" {
		c.CostLine = "outage risk"
	}
	c.Places = f.Secondary
	if n := len(f.Secondary); n > htmlPlaces {
		c.Places = f.Secondary[:htmlPlaces]
		c.MorePlaces = "and " + plural(n-htmlPlaces, "other place")
	}
	if e := f.Excerpt; e != nil && len(e.Lines) > 0 {
		shown, left := sourceLines(e.Lines, htmlExcerptLines, htmlLineWidth)
		v := &sourceView{Before: e.StartLine - 1}
		for i, l := range shown {
			n := e.StartLine + i
			v.Lines = append(v.Lines, sourceLine{Text: l, Marked: n >= e.MarkFrom && n <= e.MarkTo})
		}
		if left > 0 {
			v.More = plural(left, "more line") + " in the file"
		}
		c.Source = v
	}
	if f.Fix.hasPatch() {
		lines, left := sourceLines(strings.Split(strings.TrimRight(f.Fix.Patch, "\n"), "\n"), htmlPatchLines, htmlLineWidth)
		for _, l := range lines {
			c.Diff = append(c.Diff, diffLine{diffKind(l), l})
		}
		if left > 0 {
			c.MoreDiff = plural(left, "more line") + " in the patch file"
		}
	}
	return c
}

func diffKind(l string) string {
	switch {
	case strings.HasPrefix(l, "+++ "), strings.HasPrefix(l, "--- "), strings.HasPrefix(l, "@@"), strings.HasPrefix(l, "diff "):
		return "@"
	case strings.HasPrefix(l, "+"):
		return "+"
	case strings.HasPrefix(l, "-"):
		return "-"
	}
	return ""
}

// costChart draws the findings whose cost has the unit that most of them have; figures of different
// units share no axis. The sentence names those which are not drawn.
func costChart(body []ranked) (*drawn, string) {
	perUnit := map[string]int{}
	unit := ""
	for _, f := range body {
		if f.Cost == nil || f.Cost.Now <= 0 {
			continue
		}
		perUnit[f.Cost.Unit]++
		if unit == "" || perUnit[f.Cost.Unit] > perUnit[unit] {
			unit = f.Cost.Unit
		}
	}
	if perUnit[unit] < 2 {
		return nil, ""
	}
	c := chart.Chart{
		ID: "cost", Title: "Cost now and after the fix", Series: []string{"now", "after the fix"}, RowHead: "Finding",
		Format: func(v float64) string { return line(axisQuantity(v, unit)) },
	}
	var left []string
	var widest ranked
	for _, f := range body {
		if f.Cost == nil || f.Cost.Unit != unit || f.Cost.Now <= 0 {
			left = append(left, fmt.Sprint(f.Rank))
			continue
		}
		c.Rows = append(c.Rows, chart.Row{Label: fmt.Sprintf("%d  %s", f.Rank, prose(f.Title)), Values: []float64{f.Cost.Now, f.Cost.Fixed}})
		if widest.Finding == nil || f.Cost.Now-f.Cost.Fixed > widest.Cost.Now-widest.Cost.Fixed {
			widest = f
		}
	}
	c.Desc = fmt.Sprintf("Horizontal bars on a logarithmic axis, two for each of %s. The widest gap is finding %d: %s.",
		plural(len(c.Rows), "finding"), widest.Rank, strings.Replace(line(widest.Cost.change()), "→", "to", 1))
	note := ""
	if len(left) > 0 {
		noun := "Findings "
		if len(left) == 1 {
			noun = "Finding "
		}
		note = noun + strings.Join(left, ", ") + " not drawn: the cost has another unit, or it is an outage risk without a steady cost."
	}
	return drawChart(c), note
}

// budgetChart draws the statements of each entry point with its floor as the dashed rule.
func budgetChart(budget []Budget) *drawn {
	if len(budget) == 0 {
		return nil
	}
	c := chart.Chart{
		ID: "budget", Title: "Statements per request and their floor", Series: []string{"statements as written"},
		LimitName: "floor: what the answer needs", RowHead: "Entry point", Format: number,
	}
	worst, ratio := "", 0.0
	for _, b := range budget[:min(len(budget), 15)] {
		c.Rows = append(c.Rows, chart.Row{Label: line(b.Entry), Values: []float64{b.Statements}, Limit: b.Floor})
		if b.Floor > 0 && b.Statements/b.Floor > ratio {
			worst, ratio = line(b.Entry), b.Statements/b.Floor
		}
	}
	c.Desc = fmt.Sprintf("Horizontal bars on a logarithmic axis for %s, each with its floor as a dashed rule.", plural(len(c.Rows), "entry point"))
	if worst != "" {
		c.Desc += fmt.Sprintf(" Furthest from it is %s, %s times its floor.", worst, decimals(ratio))
	}
	return drawChart(c)
}
