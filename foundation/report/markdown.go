package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Markdown writes the whole report as GitHub-flavoured Markdown. Foreign text is escaped, so that a
// file of the subject cannot add links, images, HTML or headings to the document.
func Markdown(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	m := &markdown{w: out, r: r, d: divide(r)}
	m.document()
	if err := out.Flush(); err != nil {
		return fmt.Errorf("report: writing Markdown: %w", err)
	}
	return nil
}

// markdown writes through a bufio.Writer, which keeps the first error until Flush.
type markdown struct {
	w *bufio.Writer
	r *Report
	d division
}

func (m *markdown) f(format string, args ...any) { fmt.Fprintf(m.w, format, args...) }

func (m *markdown) document() {
	r := m.r
	m.f("# %s\n\n", md(orElse(r.Title, r.Kind)))
	m.f("%s. Written by %s.\n\n", md(r.Subject), md(strings.TrimSpace(r.Tool.Name+" "+r.Tool.Version)))
	m.f("## Verdict\n\n")
	if r.Verdict.Headline != "" {
		m.f("**%s**\n\n", md(r.Verdict.Headline))
	}
	for _, p := range r.Verdict.Paragraphs {
		m.f("%s\n\n", md(p))
	}
	if r.Verdict.Partial != "" {
		m.f("> **This report is partial.** %s\n\n", md(r.Verdict.Partial))
	}
	tally := nonEmpty(m.d.tallySentence(), m.d.asideSentence())
	if r.Baseline != nil {
		tally = append(tally, r.Baseline.sentence())
	}
	if len(tally) > 0 {
		m.f("%s\n\n", strings.Join(mdAll(tally), " "))
	}
	m.top()
	m.system()
	m.budget()
	if len(m.d.body) > 0 {
		m.f("## Findings\n\n")
		for _, f := range m.d.body {
			m.finding(f)
		}
	}
	m.sections(r.Sections)
	m.causes()
	m.roadmap()
	if len(r.Good) > 0 {
		m.f("## Done well\n\n")
		for _, g := range r.Good {
			m.f("- %s\n", md(g))
		}
		m.f("\n")
	}
	m.baseline()
	m.coverage()
	m.appendix()
}

func (m *markdown) top() {
	if len(m.d.body) == 0 {
		return
	}
	rows := make([][]string, 0, 10)
	for _, f := range m.d.body[:min(10, len(m.d.body))] {
		rows = append(rows, []string{fmt.Sprint(f.Rank), md(f.Title), md(string(f.Severity)), fmt.Sprintf("E%d", f.Evidence), mdCode(f.Primary.at()), md(f.costLine()), md(f.effortLine())})
	}
	m.f("## First to fix\n\n")
	m.table([]string{"#", "Finding", "Severity", "Evidence", "Place", "Cost now → fixed", "Effort"}, rows)
}

func (m *markdown) system() {
	if len(m.r.System) == 0 {
		return
	}
	m.f("## The system as understood\n\n")
	var rows [][]string
	for _, f := range m.r.System {
		place := ""
		if f.Place != nil {
			place = mdCode(f.Place.at())
		}
		rows = append(rows, []string{md(f.Group), md(f.Name), md(f.Value), place})
	}
	m.table([]string{"Group", "Name", "Value", "Place"}, rows)
}

func (m *markdown) budget() {
	if len(m.r.Budget) == 0 {
		return
	}
	m.f("## Budget of the entry points\n\n")
	var rows [][]string
	for _, b := range m.r.Budget {
		place := ""
		if b.Place != nil {
			place = mdCode(b.Place.at())
		}
		rows = append(rows, []string{md(b.Entry), place, number(b.Statements), number(b.Floor), quantity(b.NowMS, "ms"), quantity(b.FloorMS, "ms"), budgetRatio(b)})
	}
	m.table([]string{"Entry point", "Place", "Statements now", "Floor", "Time now", "Floor", "Times the floor"}, rows)
}

// budgetRatio says how far an entry point is above its floor, by time where known, else statements.
func budgetRatio(b Budget) string {
	switch {
	case b.FloorMS > 0 && b.NowMS > 0:
		return decimals(b.NowMS / b.FloorMS)
	case b.Floor > 0:
		return decimals(b.Statements / b.Floor)
	}
	return "unknown"
}

func (m *markdown) finding(f ranked) {
	m.f("### %d. %s\n\n", f.Rank, md(f.Title))
	meta := []string{"**" + md(string(f.Severity)) + "**", fmt.Sprintf("evidence E%d (%s)", f.Evidence, EvidenceMeaning(f.Evidence))}
	if f.Confidence > 0 {
		meta = append(meta, "confidence "+number(f.Confidence*100)+" %")
	}
	if e := f.effortLine(); e != "" {
		meta = append(meta, "effort: "+md(e))
	}
	meta = append(meta, "rule "+mdCode(f.Rule))
	if f.Status != "" {
		meta = append(meta, md(string(f.Status)))
	}
	m.f("%s\n\n", strings.Join(meta, " · "))
	m.para("", f.Claim)
	m.f("**Where:** %s\n\n", mdPlace(f.Primary))
	steps, members := f.steps(), f.members()
	for _, p := range steps {
		m.f("- %s\n", mdPlace(p))
	}
	if len(steps) > 0 {
		m.f("\n")
	}
	if len(members) > 0 {
		m.f("**Also in %s:**\n\n", plural(len(members), "other place"))
		rows := make([][]string, 0, len(members))
		for _, p := range members {
			rows = append(rows, []string{mdCode(p.at()), mdCode(p.Symbol), md(p.Note)})
		}
		m.table([]string{"Place", "In", "Note"}, rows)
	}
	if e := f.Excerpt; e != nil && len(e.Lines) > 0 {
		m.fence("text", excerptText(e))
	}
	m.facts(f.Facts)
	m.cost(f.Cost)
	m.para("Outage mode", f.Cliff)
	m.para("Fix", f.Fix.Summary)
	if f.Fix.hasPatch() {
		m.fence("diff", block(f.Fix.Patch))
	}
	if strings.TrimSpace(f.Fix.SQL) != "" {
		m.fence("sql", block(f.Fix.SQL))
	}
	m.para("What the fix changes in behaviour", f.Fix.Behaviour)
	m.para("Roll out", f.Fix.Rollout)
	m.para("Roll back", f.Fix.Rollback)
	m.para("Proof", f.Proof)
	m.para("Wrong if", f.WrongIf)
	if len(f.References) > 0 {
		m.f("**References:**")
		for i, ref := range f.References {
			if i > 0 {
				m.f(",")
			}
			m.f(" %s", mdLink(ref))
		}
		m.f("\n\n")
	}
}

func (m *markdown) facts(facts []Fact) {
	if len(facts) == 0 {
		return
	}
	rows := make([][]string, 0, len(facts))
	for _, f := range facts {
		rows = append(rows, []string{md(f.Name), md(f.Value)})
	}
	m.table([]string{"Fact", "Value"}, rows)
}

func (m *markdown) cost(c *Cost) {
	if c == nil {
		return
	}
	m.f("**Cost:** %s %s", md(c.change()), md(c.per()))
	if s := c.ratio(); s != "" {
		m.f(" (%s)", md(s))
	}
	if s := c.savings(); s != "" {
		m.f("; %s", md(s))
	}
	m.f(".")
	if c.Formula != "" {
		m.f(" Formula: %s.", mdCode(c.Formula))
	}
	m.f("\n\n")
	if len(c.Inputs) == 0 {
		return
	}
	var rows [][]string
	for _, in := range c.Inputs {
		rows = append(rows, []string{md(in.Name), md(quantity(in.Value, in.Unit)), md(string(in.Origin)), md(in.Detail)})
	}
	m.table([]string{"Input", "Value", "Origin", "Detail"}, rows)
}

func (m *markdown) causes() {
	if len(m.r.Causes) == 0 {
		return
	}
	m.f("## Causes\n\nHabits behind several findings: a default, a base class or a check in review can end each.\n\n")
	for _, c := range m.r.Causes {
		m.f("- **%s** %s", md(sentence(line(c.Title))), md(c.Detail))
		if s := m.d.findingsOf(c.Findings); s != "" {
			m.f(" (%s)", s)
		}
		m.f("\n")
	}
	m.f("\n")
}

// ranksShown bounds how many findings a sentence names by number.
const ranksShown = 6

// findingsOf lists findings by number: "findings 1, 4 and 2 others".
func (d division) findingsOf(fingerprints []string) string {
	ranks, others := d.ranksOf(fingerprints)
	if len(ranks) == 0 && others == 0 {
		return ""
	}
	if len(ranks) == 0 {
		return plural(others, "unnumbered finding")
	}
	s := "finding"
	if len(ranks) > 1 {
		s += "s"
	}
	if len(ranks) > ranksShown+1 {
		others += len(ranks) - ranksShown
		ranks = ranks[:ranksShown]
	}
	for i, n := range ranks {
		if i > 0 {
			s += ","
		}
		s += fmt.Sprintf(" %d", n)
	}
	if others > 0 {
		s += " and " + plural(others, "other")
	}
	return s
}

func (m *markdown) roadmap() {
	road := m.r.Roadmap
	if len(road.Now)+len(road.Next)+len(road.Later) == 0 {
		return
	}
	m.f("## Roadmap\n\n")
	for _, part := range road.parts() {
		if len(part.Steps) == 0 {
			continue
		}
		m.f("### %s (%s)\n\n", part.Name, part.Meaning)
		for _, s := range part.Steps {
			m.f("- %s", md(sentence(line(s.Title))))
			var tail []string
			if n, ok := m.d.rank[s.Finding]; ok {
				tail = append(tail, fmt.Sprintf("finding %d", n))
			}
			if s.Effort != "" {
				tail = append(tail, md(string(s.Effort)))
			}
			if s.Gain != "" {
				tail = append(tail, md(s.Gain))
			}
			if len(tail) > 0 {
				m.f(" (%s)", strings.Join(tail, "; "))
			}
			m.f("\n")
		}
		m.f("\n")
	}
}

type roadPart struct {
	Name, Meaning string
	Steps         []Step
}

func (r Roadmap) parts() []roadPart {
	return []roadPart{
		{"Now", "under an hour each", r.Now},
		{"Next", "this week", r.Next},
		{"Later", "this quarter", r.Later},
	}
}

func (m *markdown) baseline() {
	b := m.r.Baseline
	if b == nil || len(b.Fixed) == 0 {
		return
	}
	m.f("## Fixed since the last report\n\n")
	for _, f := range b.Fixed {
		m.f("- %s, %s\n", md(f.Title), mdPlace(f.Primary))
	}
	m.f("\n")
}

func (m *markdown) coverage() {
	c := m.r.Coverage
	if len(c.Rows) == 0 && len(c.Notes) == 0 {
		return
	}
	m.f("## Coverage\n\n")
	var rows [][]string
	for _, row := range c.Rows {
		rows = append(rows, []string{md(row.Kind), count(row.Files), count(row.Read), count(row.Skipped), count(row.Lines), md(row.Note)})
	}
	if len(rows) > 0 {
		m.table([]string{"Kind", "Files", "Read", "Skipped", "Lines", "Note"}, rows)
	}
	for _, n := range c.Notes {
		m.f("- %s\n", md(n))
	}
	if len(c.Notes) > 0 {
		m.f("\n")
	}
}

// sections prints texts with tables, each under a heading of its own.
func (m *markdown) sections(sections []Appendix) {
	for _, a := range sections {
		m.f("## %s\n\n", md(a.Title))
		for _, p := range paragraphs(a.Text) {
			m.f("%s\n\n", md(p))
		}
		if len(a.Rows) > 0 || len(a.Head) > 0 {
			var rows [][]string
			for _, row := range a.Rows {
				var cells []string
				for _, c := range row {
					cells = append(cells, md(c))
				}
				rows = append(rows, cells)
			}
			m.figures(mdAll(a.Head), rows, a.Labels)
		}
	}
}

func (m *markdown) appendix() {
	r := m.r
	if len(m.d.patterns) > 0 {
		m.f("## Patterns without further evidence (E0)\n\n")
		m.list(m.d.patterns)
	}
	if len(m.d.suppressed) > 0 {
		m.f("## Suppressed\n\n")
		m.list(m.d.suppressed)
	}
	m.sections(r.Appendix)
	if len(r.Rules) > 0 {
		m.f("## Rules that reported\n\n")
		for _, rule := range r.Rules {
			m.f("- %s %s", mdCode(rule.ID), md(sentence(line(orElse(rule.Summary, rule.Title)))))
			if u := webURL(rule.URL); u != "" {
				m.f(" %s", mdLink(Reference{Title: "More", URL: u}))
			}
			m.f("\n")
		}
		m.f("\n")
	}
	if len(r.Sources) > 0 {
		m.f("## Where the figures come from\n\n")
		var rows [][]string
		for _, s := range r.Sources {
			rows = append(rows, []string{md(s.Figure), md(s.Value), md(string(s.Origin)), md(s.Detail)})
		}
		m.table([]string{"Figure", "Value", "Origin", "Detail"}, rows)
	}
}

func (m *markdown) list(fs []ranked) {
	for _, f := range fs {
		m.f("- %s, %s, rule %s", md(f.Title), mdPlace(f.Primary), mdCode(f.Rule))
		if f.Suppressed != "" {
			m.f(": %s", md(f.Suppressed))
		}
		m.f("\n")
	}
	m.f("\n")
}

func (m *markdown) para(label, text string) {
	text = md(text)
	if text == "" {
		return
	}
	if label != "" {
		m.f("**%s:** ", label)
	}
	m.f("%s\n\n", text)
}

// fence writes a code block whose fence is longer than any run of backticks inside.
func (m *markdown) fence(language, code string) {
	longest, run := 0, 0
	for _, c := range code {
		if c == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	fence := strings.Repeat("`", max(3, longest+1))
	m.f("%s%s\n%s\n%s\n\n", fence, language, strings.TrimRight(code, "\n"), fence)
}

func (m *markdown) table(head []string, rows [][]string) { m.figures(head, rows, 0) }

// figures writes a table whose columns behind the labels are set to the right; without labels none are.
func (m *markdown) figures(head []string, rows [][]string, labels int) {
	columns := len(head)
	for _, row := range rows {
		columns = max(columns, len(row))
	}
	write := func(cells []string) {
		for i := range columns {
			c := ""
			if i < len(cells) {
				c = cells[i]
			}
			m.f("| %s ", strings.ReplaceAll(c, "|", "&#124;"))
		}
		m.f("|\n")
	}
	write(head)
	text := columns
	if labels > 0 {
		text = min(labels, columns)
	}
	m.f("%s%s|\n", strings.Repeat("| --- ", text), strings.Repeat("| ---: ", columns-text))
	for _, row := range rows {
		write(row)
	}
	m.f("\n")
}

// excerptText is an excerpt with line numbers and ">" before the marked lines.
func excerptText(e *Excerpt) string {
	shown, left := sourceLines(e.Lines, 60, 400)
	digits := len(fmt.Sprint(e.StartLine + len(shown)))
	var b strings.Builder
	for i, l := range shown {
		n := e.StartLine + i
		mark := " "
		if n >= e.MarkFrom && n <= e.MarkTo {
			mark = ">"
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("%s %*d  %s", mark, digits, n, l), " ") + "\n")
	}
	if left > 0 {
		fmt.Fprintf(&b, "  ... %s more\n", plural(left, "line"))
	}
	return b.String()
}

func paragraphs(text string) []string {
	var out []string
	for _, p := range strings.Split(block(text), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

var mdEscaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;",
	"&", "&amp;", "#", `\#`, "|", "&#124;", "~", `\~`, "!", `\!`, "$", `\$`, "://", ":&#47;/", "www.", "www&#46;", "@", "&#64;",
)

// md escapes prose for Markdown on one line and keeps its code spans.
func md(s string) string {
	var b strings.Builder
	for _, part := range spans(line(s)) {
		if part.code {
			b.WriteString(mdCode(part.text))
		} else {
			b.WriteString(mdEscaper.Replace(part.text))
		}
	}
	out := b.String()
	// A line that starts like a list item or a rule would become one.
	if out != "" && strings.ContainsRune("-+=", rune(out[0])) {
		return `\` + out
	}
	if i := strings.IndexFunc(out, func(c rune) bool { return c < '0' || c > '9' }); i > 0 && (out[i] == '.' || out[i] == ')') && (i+1 == len(out) || out[i+1] == ' ') {
		return out[:i] + `\` + out[i:]
	}
	return out
}

func mdAll(ss []string) []string {
	out := make([]string, len(ss))
	for i, s := range ss {
		out[i] = md(s)
	}
	return out
}

// mdCode is an inline code span; its fence is longer than any backtick run inside.
func mdCode(s string) string {
	s = line(s)
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

func mdPlace(p Place) string {
	s := mdCode(p.at())
	if p.Symbol != "" {
		s += " in " + mdCode(p.Symbol)
	}
	if p.Note != "" {
		s += ": " + md(p.Note)
	}
	return s
}

func mdLink(ref Reference) string {
	title := md(orElse(line(ref.Title), ref.URL))
	u := webURL(ref.URL)
	if u == "" {
		return title
	}
	return "[" + title + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C").Replace(u) + ">)"
}
