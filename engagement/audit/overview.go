package audit

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules"
	"github.com/napkin-infra/napkin/foundation/report"
)

// verdict writes the first page: what breaks first, at what load, and what to do today. aside is the
// number of findings in the appendix.
func (a *auditor) verdict(r *report.Report, aside int) report.Verdict {
	n := len(r.Findings)
	lines := a.lines()
	unheard := a.unheard()
	if n == 0 && lines == 0 {
		return report.Verdict{
			Headline:   "Nothing could be judged: no line of code or configuration was understood.",
			Paragraphs: []string{"This says nothing about the health of the code base. The coverage section names what is here and why it was not read."},
		}
	}
	if n == 0 {
		v := report.Verdict{
			Headline:   fmt.Sprintf("%s no finding in %s lines.", mildly(unheard), thousands(lines)),
			Paragraphs: []string{"Nothing that the audit knows how to see needs action. The coverage section says what it looked at and what it could not see."},
		}
		if len(a.opt.Only) > 0 {
			v.Headline = fmt.Sprintf("No finding of the selected rules in %s lines.", thousands(lines))
		}
		if aside > 0 {
			v.Paragraphs[0] = fmt.Sprintf("The appendix lists %d %s of small gain or without proof. The coverage section says what was looked at and what could not be seen.", aside, plural(aside, "pattern", "patterns"))
		}
		if unheard != "" {
			v.Paragraphs = append([]string{unheard}, v.Paragraphs...)
		}
		return v
	}
	bySeverity := map[report.Severity]int{}
	patched, quick, outages := 0, 0, 0
	for _, f := range r.Findings {
		bySeverity[f.Severity]++
		if f.Effort == report.OneLine {
			quick++
		}
		if f.Cliff != "" {
			outages++
		}
		if a.diffs[f.Fingerprint] != "" {
			patched++
		}
	}
	v := report.Verdict{}
	grave := bySeverity[report.Critical] + bySeverity[report.High]
	scope := thousands(lines) + " lines"
	if len(a.project.Frameworks) > 0 {
		scope += " (" + strings.Join(a.project.Frameworks, ", ") + ")"
	}
	switch {
	case grave == 0 && n <= 5 && outages == 0:
		v.Headline = fmt.Sprintf("%s %d %s, none of high severity, in %s.", mildly(unheard), n, plural(n, "finding", "findings"), scope)
	case grave == 0:
		v.Headline = fmt.Sprintf("%d findings, none of high severity, in %s.", n, scope)
	default:
		v.Headline = fmt.Sprintf("%d %s, %d of high severity, in %s.", n, plural(n, "finding", "findings"), grave, scope)
	}
	if unheard != "" {
		v.Paragraphs = append(v.Paragraphs, unheard)
	}
	top := r.Findings[0]
	v.Paragraphs = append(v.Paragraphs, "First to act on: "+top.Title+" ("+where(top.Primary)+"). "+firstSentence(top.Claim))
	if s := a.breaks(r); s != "" {
		v.Paragraphs = append(v.Paragraphs, s)
	}
	var cliffs []string
	for _, f := range r.Findings {
		if f.Cliff != "" && f.Confidence >= verdictConfidence && (f.Severity == report.Critical || f.Severity == report.High) && len(cliffs) < 2 && f.Fingerprint != top.Fingerprint && !slices.Contains(cliffs, f.Title) {
			cliffs = append(cliffs, f.Title)
		}
	}
	if len(cliffs) > 0 {
		v.Paragraphs = append(v.Paragraphs, "Outage modes without a warning: "+strings.Join(cliffs, "; ")+".")
	}
	switch {
	case quick > 0:
		v.Paragraphs = append(v.Paragraphs, fmt.Sprintf("%d %s; %s.", quick, plural(quick, "fix is a change of one line or setting", "fixes are changes of one line or setting"), patches(patched, n)))
	case patched > 0:
		v.Paragraphs = append(v.Paragraphs, sentenceCase(patches(patched, n))+".")
	}
	return v
}

// mildly opens the headline of a report without grave findings. Silence about code that was not read is
// no praise.
func mildly(unheard string) string {
	if unheard != "" {
		return "What could be read shows"
	}
	return "Little is wrong here:"
}

// unheard says so when a good part of the source could not be read: a tenth of the files, in languages
// without a parser or beyond what the parsers make of them.
func (a *auditor) unheard() string {
	total, missed := 0, 0
	langs := map[string]int{}
	for _, f := range a.project.Files {
		switch f.Role {
		case project.App, project.Script, project.Template, project.Seed:
		default:
			continue
		}
		switch {
		case f.NoParser || f.Skipped != "" && f.Lang != "":
			total, missed = total+1, missed+1
			langs[f.Lang]++
		case f.Tree != nil:
			total++
		}
	}
	if missed < 5 || missed*10 < total {
		return ""
	}
	names := sortedKeys(langs)
	sort.SliceStable(names, func(i, j int) bool { return langs[names[i]] > langs[names[j]] })
	if len(names) > 4 {
		names = append(names[:4:4], "others")
	}
	return fmt.Sprintf("%s of %s source files could not be read (%s): nothing is known of them.", thousands(missed), thousands(total), strings.Join(names, ", "))
}

func sentenceCase(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func patches(patched, n int) string {
	switch {
	case n == 1 && patched == 1:
		return "the finding carries a patch that applies and ends it"
	case patched == 0:
		return "none carries a patch"
	}
	return fmt.Sprintf("%d of the %d findings %s a patch that applies and ends the finding (looked at again in memory; nothing was run)", patched, n, plural(patched, "carries", "carry"))
}

// verdictConfidence is the least confidence of what the first page says: its sentences are the ones
// that are quoted.
const verdictConfidence = 0.7

// certain reports a finding that is reached from a named entry point and likely true.
func certain(f report.Finding) bool { return f.Evidence >= 2 && f.Confidence >= verdictConfidence }

func where(p report.Place) string { return fmt.Sprintf("%s:%d", p.Path, p.StartLine) }

// lines counts the lines that were audited, tests not among them.
func (a *auditor) lines() int {
	n := 0
	for _, f := range a.project.Files {
		if f.Role != project.Test && (f.Tree != nil || f.Doc != nil) {
			n += f.Lines
		}
	}
	return n
}

// system lists what was understood, so that errors of understanding show.
func (a *auditor) system() []report.Fact {
	var out []report.Fact
	add := func(group, name, value string) {
		if value != "" && value != "0" {
			out = append(out, report.Fact{Group: group, Name: name, Value: value})
		}
	}
	add("code", "frameworks", strings.Join(a.project.Frameworks, ", "))
	add("code", "models", strconv.Itoa(countModels(a.flow.Index)))
	add("code", "queries followed", strconv.Itoa(len(a.flow.Queries)))
	kinds := map[string]int{}
	for _, e := range a.flow.Entries {
		kinds[e.Kind]++
	}
	for _, k := range sortedKeys(kinds) {
		add("entry points", k, strconv.Itoa(kinds[k]))
	}
	for _, d := range a.project.Schemas {
		idx, fks := 0, 0
		for _, t := range d.Schema.Tables {
			idx += len(t.Indexes)
			fks += len(t.ForeignKeys)
		}
		product := string(d.Schema.Dialect)
		if product == "" {
			product = "product not stated"
		}
		add("databases", d.Source, fmt.Sprintf("%s: %d tables, %d indexes, %d foreign keys", product, len(d.Schema.Tables), idx, fks))
	}
	for _, f := range a.project.Files {
		if f.Doc == nil || len(out) > 60 {
			continue
		}
		if c := f.Doc.Compose(); c != nil && f.Role != project.Test {
			var names []string
			for _, s := range c.Services {
				names = append(names, s.Name)
			}
			add("services", f.Path, strings.Join(names, ", "))
		}
	}
	return out
}

func countModels(ix *flow.Index) int {
	seen := map[*flow.Model]bool{}
	for _, m := range ix.Models {
		seen[m] = true
	}
	return len(seen)
}

// budget compares, for the dearest entry points, the statements sent now with the fewest that give
// the same answer.
func (a *auditor) budget(main []*claim) []report.Budget {
	per := a.cost.RTT().Value + a.cost.Statement().Value
	type line struct {
		now, floor float64
		site       flow.Site
	}
	by := map[string]*line{}
	for _, l := range a.flow.Loads {
		if l.Entry == "" || l.Kind == flow.Write {
			continue
		}
		switch class, _ := a.flow.ClassOf(l); class {
		case flow.EntryCommand, flow.EntryInstall, flow.EntrySeed:
			continue // run by a person, once
		}
		b := by[l.Entry]
		if b == nil {
			b = &line{now: 1, floor: 1}
			by[l.Entry] = b
		}
		b.now += a.turns(l)
		b.floor++
	}
	for _, e := range a.flow.Entries {
		if b := by[e.Name]; b != nil {
			b.site = e.Site
		}
	}
	var out []report.Budget
	for _, name := range sortedKeys(by) {
		b := by[name]
		x := report.Budget{Entry: name, Statements: b.now, Floor: b.floor, NowMS: round(b.now * per), FloorMS: round(b.floor * per)}
		if b.site.File != nil {
			x.Place = &report.Place{Path: b.site.File.Path, StartLine: b.site.Node.Line(), EndLine: b.site.Node.Line()}
		}
		out = append(out, x)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Statements-out[i].Floor > out[j].Statements-out[j].Floor })
	if len(out) > 12 {
		out = out[:12]
	}
	return out
}

// turns is how many rows repeat a load: what the code bounds them by, else what is assumed of lists and
// of the children of one row, and never more than the table has when the user said so.
func (a *auditor) turns(l flow.Load) float64 {
	r := a.cost.Page(0, "").Value
	switch {
	case l.Over.Bound > 0:
		r = float64(l.Over.Bound)
	case l.Root != nil && l.Root.Limit > 0:
		r = float64(l.Root.Limit)
	case l.Over.OneParent:
		r = a.cost.Children(false, "").Value
	}
	if m := l.Over.Model; m != nil {
		if rows, ok := a.cost.Rows[strings.ToLower(m.Table)]; ok {
			r = min(r, rows)
		}
	}
	return r
}

// good says what is done well, from counts.
func (a *auditor) good() []string {
	var out []string
	eager := 0
	for _, q := range a.flow.Queries {
		if len(q.Eager) > 0 {
			eager++
		}
	}
	if eager >= 5 {
		out = append(out, fmt.Sprintf("%d queries preload the relations that their rows need.", eager))
	}
	for _, d := range a.project.Schemas {
		total, bare := 0, 0
		for _, t := range d.Schema.Tables {
			total += len(t.ForeignKeys)
			bare += len(t.UnindexedForeignKeys(d.Schema.Dialect))
		}
		if total >= 5 && bare*10 <= total {
			out = append(out, fmt.Sprintf("%d of %d foreign keys in %s are indexed.", total-bare, total, d.Source))
		}
	}
	found := map[string]bool{}
	for _, c := range a.found {
		found[strings.SplitN(c.Rule, ".", 2)[0]] = true
	}
	if len(a.flow.Entries) > 0 && !found["db"] {
		out = append(out, fmt.Sprintf("None of %d entry points showed a wasteful database access.", len(a.flow.Entries)))
	}
	return out
}

// coverage says what was read, what was not, and why.
func (a *auditor) coverage() report.Coverage {
	var c report.Coverage
	for _, n := range a.project.Coverage() {
		if n.Lang == "" {
			continue
		}
		row := report.CoverageRow{Kind: n.Lang, Files: n.Files, Read: n.Read, Skipped: n.Files - n.Read - n.Unread, Lines: n.Lines}
		var notes []string
		for _, x := range []struct {
			n    int
			what string
		}{{n.Tests, "tests and docs, counted only"}, {n.Derived, "generated or vendored"}, {n.Skipped, "could not be read"}, {n.NoParser, "not read: no parser"}, {n.Unread, "read when asked for"}, {n.Broken, "with parts that were not understood"}} {
			if x.n > 0 {
				notes = append(notes, fmt.Sprintf("%d %s", x.n, x.what))
			}
		}
		row.Note = strings.Join(notes, ", ")
		c.Rows = append(c.Rows, row)
	}
	c.Notes = append(c.Notes, alike(a.project.Problems)...)
	shown := 0
	for _, f := range a.project.Files {
		if f.Skipped != "" && f.Role != project.Generated && f.Role != project.Vendored {
			if shown++; shown <= 12 {
				c.Notes = append(c.Notes, f.Path+": "+f.Skipped)
			}
		}
	}
	if shown > 12 {
		c.Notes = append(c.Notes, fmt.Sprintf("and %d more files that were not read", shown-12))
	}
	c.Notes = append(c.Notes, a.problems...)
	for _, t := range sortedKeys(a.opt.Rows) {
		if tab, _ := a.project.Table(t, ""); tab == nil && a.flow.Index.ByTable[t] == nil {
			c.Notes = append(c.Notes, fmt.Sprintf("--rows %s: no table of that name was found, so the figure changed nothing.", t))
		}
	}
	c.Notes = append(c.Notes, fmt.Sprintf("%d rules looked; live statistics, query plans and traffic were not available, so frequencies and table sizes are assumed where no flag gave them.", a.checked))
	for i := range c.Notes {
		c.Notes[i] = maskText(c.Notes[i]) // a parser's complaint may quote the file
	}
	return c
}

// unread lists the application's files in languages that rules read, which were not read.
func (a *auditor) unread() []string {
	var out []string
	for _, f := range a.project.Files {
		if f.Skipped != "" && (f.Role == project.App || f.Role == project.Template || f.Role == project.Migration) {
			out = append(out, f.Path)
		}
	}
	return out
}

// alike keeps two of the notes that end in the same clause and counts the others: a schema of which two
// versions are kept would fill a page with one sentence.
func alike(notes []string) []string {
	const kept = 2
	clause := func(s string) string {
		if i := strings.LastIndexByte(s, ';'); i >= 0 {
			return s[i:]
		}
		return s
	}
	total, seen := map[string]int{}, map[string]int{}
	for _, n := range notes {
		total[clause(n)]++
	}
	var out []string
	for _, n := range notes {
		k := clause(n)
		seen[k]++
		switch more := total[k] - kept; {
		case seen[k] <= kept || more == 1:
			out = append(out, n)
		case seen[k] == kept+1:
			out = append(out, fmt.Sprintf("and %d more%s", more, k))
		}
	}
	return out
}

// appendix lists patterns without proof, suppressed findings and the counts by rule.
func (a *auditor) appendix(minor, doubtful []*claim) []report.Appendix {
	var out []report.Appendix
	counts := map[string]int{}
	for _, c := range a.found {
		counts[c.Rule]++
	}
	byRule := report.Appendix{Title: "Findings by rule", Head: []string{"rule", "title", "places"}}
	for _, x := range rules.All {
		if n := counts[x.Doc.ID]; n > 0 {
			byRule.Rows = append(byRule.Rows, []string{x.Doc.ID, x.Doc.Title, strconv.Itoa(n)})
		}
	}
	if len(byRule.Rows) > 0 {
		out = append(out, byRule)
	}
	if len(minor) > 0 {
		out = append(out, claims("Minor findings", "True, but the gain is small: look at them when you are there anyway.", minor))
	}
	if len(doubtful) > 0 {
		out = append(out, claims("Patterns without proof", "These match a pattern, but nothing else in the code base supports them, or the confidence is low. They are not in the ranking.", doubtful))
	}
	return out
}

// claims tables findings that are not in the main body.
func claims(title, text string, list []*claim) report.Appendix {
	const most = 200
	out := report.Appendix{Title: title, Text: text, Head: []string{"rule", "place", "claim"}}
	for i, c := range list {
		if i == most {
			out.Rows = append(out.Rows, []string{"", "", fmt.Sprintf("and %d more", len(list)-most)})
			break
		}
		out.Rows = append(out.Rows, []string{c.Rule, fmt.Sprintf("%s:%d", c.Primary.File.Path, c.Primary.Line), firstSentence(c.Claim)})
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func lowerKeys(m map[string]float64) map[string]float64 {
	out := make(map[string]float64, len(m))
	for k, v := range m {
		out[strings.ToLower(k)] = v
	}
	return out
}

// round keeps four significant digits, so that the JSON is readable and stable.
func round(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	scale := math.Pow(10, 4-math.Ceil(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}

func significant(v float64) string {
	if v >= 100 {
		return thousands(int(math.Round(v/10) * 10))
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
