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
	SystemPlaces         bool
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
	Sections             []appendixView

	told told
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
	Charts     []*drawn
	Labels     int // columns of text before those of figures; 0 where all are text
}

// Figure says whether a column holds figures.
func (v appendixView) Figure(column int) bool { return v.Labels > 0 && column >= v.Labels }

func newPage(r *Report, d division) *page {
	p := &page{
		R: r, CSS: template.CSS(pageStyle), //nolint:gosec // our own embedded file
		Tool:    line(strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version)),
		Title:   line(orElse(r.Title, orElse(r.Kind, "Report"))),
		Subject: line(r.Subject),
		Tally:   d.tally(),
		System:  groupOnce(r.System),
		told:    make(told),
	}
	for _, f := range r.System {
		p.SystemPlaces = p.SystemPlaces || f.Place != nil
	}
	if strings.Contains(p.Title, p.Subject) {
		p.Subject = ""
	}
	p.Kicker = line(strings.TrimSpace(strings.Join(nonEmpty(p.Tool, r.Kind, r.Subject), " · ")))
	p.Footer = "Written by " + orElse(p.Tool, "napkin") + "."
	if len(d.body) > 0 || !d.sections {
		p.Footer += " Costs are estimates from the inputs listed with each finding; measure before and after a change."
	}
	aside := nonEmpty(d.asideSentence())
	if len(d.body) == 0 && !d.sections {
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
	p.CostChart, p.NotDrawn = costChart(d.body)
	p.BudgetChart = budgetChart(r.Budget)
	levels := make(map[int]bool)
	for _, f := range d.body {
		levels[f.Evidence] = true
	}
	for i, meaning := range evidenceMeanings {
		if levels[i] {
			p.Levels = append(p.Levels, level{i, meaning})
		}
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
	p.Sections = appendixViews(r.Sections)
	p.appendix(r, d)
	p.navigation(r, d)
	return p
}

func (p *page) appendix(r *Report, d division) {
	p.Patterns = d.patterns[:min(len(d.patterns), htmlListed)]
	p.PatternsCaption = shownOf(len(p.Patterns), len(d.patterns), "pattern")
	p.Suppressed = d.suppressed[:min(len(d.suppressed), htmlListed)]
	p.SuppressedCaption = shownOf(len(p.Suppressed), len(d.suppressed), "suppressed finding")
	p.Appendix = appendixViews(r.Appendix)
	p.HasAppendix = len(p.Patterns)+len(p.Suppressed)+len(p.Appendix)+len(r.Rules)+len(r.Sources) > 0
}

func appendixViews(sections []Appendix) []appendixView {
	var out []appendixView
	for i, a := range sections {
		v := appendixView{Title: a.Title, Paragraphs: paragraphs(a.Text), Head: a.Head, Rows: a.Rows, Labels: a.Labels}
		if len(v.Rows) > htmlListed {
			v.Rows = v.Rows[:htmlListed]
			v.More = shownOf(len(v.Rows), len(a.Rows), "row")
		}
		if a.Chart != nil {
			v.Charts = append(v.Charts, a.Chart.draw(fmt.Sprintf("intervals%d", i)))
		}
		for k, l := range a.Lines {
			v.Charts = append(v.Charts, l.draw(fmt.Sprintf("lines%d-%d", i, k)))
		}
		out = append(out, v)
	}
	return out
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
		{"sections", "Details", len(p.Sections) > 0},
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
	Steps, Members *placesView
	Diff           []diffLine
	MoreDiff       string
	SQL, MoreSQL   string
	Inputs         []inputView
	Rates          string
	HasSources     bool // the report explains the rates in its appendix
	CostLine       string
	EffortLine     string
	ConfidenceLine string

	// What earlier cards of the rule told word for word is left out here, and the last of them named.
	Behaviour, Rollout, Rollback, Proof, WrongIf string
	References                                   []Reference
	AsFor                                        []sameView
}

// sameView says which paragraphs of a card stand in another one.
type sameView struct {
	What string
	Rank int
}

// inputView is an input of a cost, or several of the same figure.
type inputView struct{ Statement, Origin string }

// placesView is a table of places, those of one file under its path.
type placesView struct {
	Title string
	Note  string // what is said of all places alike
	Files []fileView
	More  string
}

type fileView struct {
	Path string
	Rows []placeView
}

type placeView struct{ Lines, Symbol, Note string }

// told remembers the paragraphs that cards have shown, with the rank of the first card that did: most
// of what is said about a rule is the same for all of its findings.
type told map[string]int

// once returns the text where no earlier card has shown it, else the rank of that card.
func (t told) once(kind, text string, rank int) (string, int) {
	if text == "" {
		return "", 0
	}
	key := kind + "\x00" + text
	if first := t[key]; first > 0 {
		return "", first
	}
	t[key] = rank
	return text, 0
}

// card is newCard without the paragraphs that an earlier card has shown.
func (t told) card(f ranked) card {
	c := newCard(f)
	var same []sameView
	leave := func(what string, first int) {
		if first == 0 {
			return
		}
		for i := range same {
			if same[i].Rank == first {
				same[i].What += ", " + what
				return
			}
		}
		same = append(same, sameView{what, first})
	}
	for _, part := range []struct {
		what string
		text *string
	}{
		{"change in behaviour", &c.Behaviour}, {"roll-out", &c.Rollout}, {"roll-back", &c.Rollback}, {"proof", &c.Proof}, {"when it is wrong", &c.WrongIf},
	} {
		var first int
		*part.text, first = t.once(part.what, *part.text, f.Rank)
		leave(part.what, first)
	}
	if len(c.References) > 0 {
		_, first := t.once("references", fmt.Sprint(c.References), f.Rank)
		if first > 0 {
			c.References = nil
		}
		leave("references", first)
	}
	for i := range same {
		same[i].What = strings.ToUpper(same[i].What[:1]) + same[i].What[1:]
	}
	c.AsFor = same
	return c
}

// lean is the card without what only saves a look into the code: the lines around the marked ones, and
// the steps that lead there.
func (c card) lean() card {
	c.Steps = nil
	if c.Members != nil {
		members := c.members()
		c.Members = newPlaces(c.Members.Title, members, htmlLeanPlaces, false)
	}
	if c.Source != nil {
		v := &sourceView{Before: c.Source.Before}
		for i, l := range c.Source.Lines {
			if !l.Marked {
				continue
			}
			if len(v.Lines) == 0 {
				v.Before += i
			}
			if v.Lines = append(v.Lines, l); len(v.Lines) == htmlLeanLines {
				break
			}
		}
		if c.Source = v; len(v.Lines) == 0 {
			c.Source = nil
		}
	}
	return c
}

// ranks names findings by their numbers: "finding 7", "findings 7 to 9".
func ranks(from, to int) string {
	if from == to {
		return fmt.Sprintf("finding %d", from)
	}
	return fmt.Sprintf("findings %d to %d", from, to)
}

// newPlaces groups at most limit places by file: those that follow each other, or all where their order
// says nothing. A note that all places have is told once.
func newPlaces(title string, places []Place, limit int, ordered bool) *placesView {
	if len(places) == 0 {
		return nil
	}
	shown := places[:min(len(places), limit)]
	v := &placesView{Title: title, Note: shown[0].Note}
	if left := len(places) - len(shown); left > 0 {
		v.More = plural(left, "more place") + " in the JSON report"
	}
	for _, p := range shown {
		if p.Note != v.Note || len(shown) == 1 {
			v.Note = ""
		}
	}
	at := make(map[string]int)
	for _, p := range shown {
		i, ok := at[p.Path]
		if !ok || ordered && i != len(v.Files)-1 {
			i = len(v.Files)
			at[p.Path] = i
			v.Files = append(v.Files, fileView{Path: p.Path})
		}
		row := placeView{Lines: p.lines(), Symbol: line(p.Symbol), Note: line(p.Note)}
		if v.Note != "" {
			row.Note = ""
		}
		v.Files[i].Rows = append(v.Files[i].Rows, row)
	}
	return v
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
	c := card{
		ranked: f, EffortLine: line(f.effortLine()),
		Behaviour: f.Fix.Behaviour, Rollout: f.Fix.Rollout, Rollback: f.Fix.Rollback, Proof: f.Proof, WrongIf: f.WrongIf, References: f.References,
	}
	if f.Confidence > 0 {
		c.ConfidenceLine = "confidence " + number(f.Confidence*100) + " %"
	}
	if f.Cost != nil {
		for _, group := range f.Cost.knobs() {
			in := group[0]
			for _, other := range group[1:] {
				in.Name += " = " + other.Name
			}
			c.Inputs = append(c.Inputs, inputView{line(in.statement()), line(in.origin())})
		}
		var rates []string
		for _, in := range f.Cost.rates() {
			rates = append(rates, line(in.statement()))
		}
		c.Rates = strings.Join(rates, ", ")
	}
	c.CostLine = line(f.costLine())
	c.Steps = newPlaces("How it comes about", f.steps(), htmlSteps, true)
	members := f.members()
	c.Members = newPlaces("Also in "+plural(len(members), "other place"), members, htmlPlaces, false)
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
	if sql := strings.TrimSpace(block(f.Fix.SQL)); sql != "" {
		lines, left := sourceLines(strings.Split(sql, "\n"), htmlSQLLines, htmlLineWidth)
		c.SQL = strings.Join(lines, "\n")
		if left > 0 {
			c.MoreSQL = plural(left, "more line") + " in the JSON and Markdown reports"
		}
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

// charted bounds the findings in a chart.
const charted = 10

// costChart draws the first findings that cost time for each request. Figures of another unit or of
// another event share no axis with them: an hour per failed call is not more than a second per
// request. The sentence says what is not drawn.
func costChart(body []ranked) (*drawn, string) {
	var shown []ranked
	left := 0
	values := make(map[[2]float64]bool)
	for _, f := range body {
		if f.Cost == nil || f.Cost.Unit != "ms" || f.Cost.Event != "request" || f.Cost.Now <= 0 {
			continue
		}
		if len(shown) == charted {
			left++
			continue
		}
		shown = append(shown, f)
		values[[2]float64{f.Cost.Now, f.Cost.Fixed}] = true
	}
	if len(values) < 2 {
		return nil, "" // bars of one length say nothing
	}
	c := chart.Chart{
		ID: "cost", Title: "Time per request, now and after the fix", Series: []string{"now", "after the fix"}, RowHead: "Finding",
		Format: func(v float64) string { return line(axisQuantity(v, "ms")) },
	}
	widest := shown[0]
	for _, f := range shown {
		c.Rows = append(c.Rows, chart.Row{Label: fmt.Sprintf("%d  %s", f.Rank, prose(f.Title)), Values: []float64{f.Cost.Now, f.Cost.Fixed}})
		if f.Cost.Now-f.Cost.Fixed > widest.Cost.Now-widest.Cost.Fixed {
			widest = f
		}
	}
	c.Desc = fmt.Sprintf("Horizontal bars on a logarithmic axis, two for each of %s. The widest gap is finding %d: %s.",
		plural(len(c.Rows), "finding"), widest.Rank, strings.Replace(line(widest.Cost.change()), "→", "to", 1))
	note := ""
	if others := len(body) - len(shown) - left; others > 0 || left > 0 {
		note = "Drawn: what costs time on each request"
		if left > 0 {
			note += fmt.Sprintf(", the first %d of %d such findings", len(shown), len(shown)+left)
		}
		note += "."
		if others > 0 {
			note += " Costs of other events, and outage risks, stand with their findings: they share no axis with these."
		}
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
	drawn := drawChart(c)
	drawn.Table = "" // the budget's own table stands below the chart
	return drawn
}
