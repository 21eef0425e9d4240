package review

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/hazards"
	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/suppress"
)

// report builds the tree that is rendered.
func (l *linter) report() *report.Report {
	name := strings.Join(l.opt.Paths, ", ")
	if len(l.opt.Paths) > 3 {
		name = fmt.Sprintf("%s and %d more", path.Base(l.opt.Paths[0]), len(l.opt.Paths)-1)
	}
	r := &report.Report{
		SchemaVersion: report.SchemaVersion, Tool: report.Tool{Name: "napkin", Version: l.opt.Version}, Kind: "review",
		Title: "Review of migrations: " + name, Subject: name, Findings: []report.Finding{},
	}
	all := append(l.unreadable(), l.walker.Findings(l.known)...)
	r.Coverage = l.coverage()
	r.Coverage.Notes = append(r.Coverage.Notes, l.silence()...)
	r.Findings = l.suppress(all, r)
	l.keep(r.Findings)
	used := map[string]bool{}
	for _, f := range r.Findings {
		used[f.Rule] = true
		if len(f.Members) == 0 {
			r.Claims = append(r.Claims, f.Fingerprint)
		}
		r.Claims = append(r.Claims, f.Members...)
	}
	sort.Strings(r.Claims)
	for _, h := range hazards.All {
		if used[h.Doc.ID] {
			r.Rules = append(r.Rules, h.Doc.Info())
		}
	}
	l.conclude(r)
	return r
}

// unreadable makes a finding of each file that could not be read to its end.
func (l *linter) unreadable() []report.Finding {
	var out []report.Finding
	for _, m := range l.judged {
		if m.Err == nil {
			continue
		}
		f := lint.Unreadable(m, l.server)
		out = append(out, f)
	}
	return out
}

// suppress marks the findings that the files give a reason for. A folded finding is suppressed place by
// place.
func (l *linter) suppress(all []report.Finding, r *report.Report) []report.Finding {
	by, problems := l.suppressions()
	for _, p := range problems {
		r.Coverage.Notes = append(r.Coverage.Notes, fmt.Sprintf("%s:%d: %s", p.Place.Path, p.Place.StartLine, p.Text))
	}
	today := l.opt.Today
	if today.IsZero() {
		today = time.Now()
	}
	used := map[*suppress.Suppression]bool{}
	decide := func(rule string, at report.Place) *suppress.Suppression {
		holds, expired := suppress.Decide(by, rule, at, today)
		if holds != nil {
			used[holds] = true
		}
		if holds == nil && expired != nil && !used[expired] {
			used[expired] = true
			r.Coverage.Notes = append(r.Coverage.Notes, fmt.Sprintf("%s:%d: the suppression of %s has expired (%s), so that its finding is back.", expired.Place.Path, expired.Place.StartLine, rule, expired.Why()))
		}
		return holds
	}
	defer func() { l.unused(by, used, r) }()
	var open, accepted []report.Finding
	for _, f := range all {
		var kept []report.Place
		for _, p := range f.Secondary {
			if p.Fingerprint == "" || decide(f.Rule, p) == nil {
				kept = append(kept, p)
			}
		}
		f.Secondary = kept
		holds := decide(f.Rule, f.Primary)
		if holds == nil {
			l.walker.Retain(&f)
			open = append(open, f)
			continue
		}
		if next := nextMember(f.Secondary); next >= 0 { // the cause stands elsewhere too
			f.Primary, f.Secondary = f.Secondary[next], append(f.Secondary[:next:next], f.Secondary[next+1:]...)
			f.Excerpt = nil
			l.walker.Retain(&f)
			open = append(open, f)
			continue
		}
		f.Status, f.Suppressed = report.StatusSuppressed, holds.Why()
		accepted = append(accepted, f)
	}
	return append(open, accepted...)
}

// unused tells of suppressions that no finding met: a misspelt rule, or a comment that has outlived its cause.
func (l *linter) unused(by []suppress.Suppression, used map[*suppress.Suppression]bool, r *report.Report) {
	for i := range by {
		s := &by[i]
		if used[s] {
			continue
		}
		text := fmt.Sprintf("%s:%d: the suppression of %s suppresses nothing.", s.Place.Path, s.Place.StartLine, s.Rule)
		if !slices.ContainsFunc(hazards.Docs(), func(d lint.Doc) bool { return suppress.MatchRule(s.Rule, d.ID) }) {
			text = fmt.Sprintf("%s:%d: no hazard is called %s, so that its suppression suppresses nothing; `napkin explain` lists them.", s.Place.Path, s.Place.StartLine, s.Rule)
		}
		r.Coverage.Notes = append(r.Coverage.Notes, text)
	}
}

func nextMember(places []report.Place) int {
	for i, p := range places {
		if p.Fingerprint != "" {
			return i
		}
	}
	return -1
}

func (l *linter) system() []report.Fact {
	server := l.server.String()
	if l.assumed {
		server += " (assumed; say --server-version)"
	}
	facts := []report.Fact{
		{Group: "Target", Name: "server", Value: server},
		{Group: "Target", Name: "migration tool", Value: string(l.history.Tool)},
	}
	zone := l.walker.World.TimeZone
	if zone == "" {
		zone = "not known"
	}
	facts = append(facts, report.Fact{Group: "Target", Name: "time zone of the session", Value: zone})
	source := "earlier migrations"
	switch {
	case l.opt.Catalog != nil:
		source = "the catalog of " + l.opt.Catalog.Name
	case len(l.opt.Schema) > 0:
		source = l.opt.SchemaName
	}
	facts = append(facts, report.Fact{Group: "Schema", Name: "read from", Value: source},
		report.Fact{Group: "Schema", Name: "tables", Value: fmt.Sprint(len(l.walker.World.Schema().Tables))})
	together := "all files are one change"
	if l.walker.Separate {
		together = "each file is a change by itself; say --from or --since to judge new files as one"
	}
	facts = append(facts, report.Fact{Group: "Target", Name: "change", Value: together})
	if len(l.judged) > 0 {
		facts = append(facts, report.Fact{Group: "Target", Name: "transactions", Value: l.judged[0].Why})
	}
	return append(facts, l.recipeFacts()...)
}

func (l *linter) coverage() report.Coverage {
	var c report.Coverage
	row := report.CoverageRow{Kind: "migrations", Files: len(l.history.Migrations), Read: len(l.history.Migrations)}
	for _, m := range l.history.Migrations {
		row.Lines += strings.Count(string(m.Source), "\n") + 1
		if m.Err != nil {
			row.Read--
			row.Skipped++
		}
	}
	row.Note = fmt.Sprintf("%d judged, %s", len(l.judged), count(l.walker.Statements, "statement"))
	c.Rows = []report.CoverageRow{row}
	c.Notes = append(c.Notes, l.history.Notes...)
	for _, p := range l.history.Unread {
		c.Notes = append(c.Notes, p+" is a migration in a programming language and was not read.")
	}
	for _, m := range l.judged {
		for _, n := range m.Script.Notices {
			c.Notes = append(c.Notes, fmt.Sprintf("%s:%d: %s", m.Path, n.At.Line, n.Text))
		}
	}
	for _, n := range l.walker.Notes {
		c.Notes = append(c.Notes, fmt.Sprintf("%s:%d: %s", n.Path, n.Line, n.Text))
	}
	const enough = 300
	if more := len(c.Notes) - enough; more > 0 {
		c.Notes = append(c.Notes[:enough], fmt.Sprintf("%d further notes are left out.", more))
	}
	return c
}

// silence says what kept statements silent that would be findings on a large table.
func (l *linter) silence() []string {
	var out []string
	if n := l.walker.Silent[lint.New] + l.walker.Silent[lint.Empty]; n > 0 {
		if n == 1 {
			out = append(out, "1 statement that would block a table in use works on tables that the same change creates or empties; it is not reported.")
		} else {
			out = append(out, fmt.Sprintf("%d statements that would block a table in use work on tables that the same change creates or empties; they are not reported.", n))
		}
	}
	if small := l.walker.SmallTables(); len(small) > 0 {
		out = append(out, fmt.Sprintf("Of %s on small tables the locks are not reported: %s. Small is at most %d rows and %s, which is read or indexed in some ten milliseconds.",
			count(l.walker.Silent[lint.Small], "statement"), strings.Join(small, ", "), lint.SmallRows, lint.SmallBytes))
	}
	return out
}

// count is a number with its noun: "1 finding", "2 findings".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (l *linter) verdict(r *report.Report) report.Verdict {
	counts := map[report.Severity]int{}
	open, unread := 0, 0
	for _, f := range r.Findings {
		if f.Status != report.StatusSuppressed {
			if f.Rule == lint.UnreadableDoc.ID {
				unread++
			}
			counts[f.Severity]++
			open++
		}
	}
	migrations := count(len(l.judged), "migration")
	v := report.Verdict{}
	switch {
	case len(l.judged) == 0:
		v.Headline = "No migration is new, so that there was nothing to judge."
		return v
	case open == 0 && l.walker.Unjudged > 0:
		v.Headline = fmt.Sprintf("%d of %s in %s could not be judged; nothing in the others was found to block or break a running application on %s.", l.walker.Unjudged, count(l.walker.Statements, "statement"), migrations, l.server)
	case open == 0:
		v.Headline = fmt.Sprintf("Nothing in %s was found to block or break a running application on %s.", migrations, l.server)
	case unread > 0 && unread == counts[report.Critical]+counts[report.High]:
		v.Headline = fmt.Sprintf("Do not run as it is: %d of %s could not be read to the end.", unread, migrations)
	case counts[report.Critical]+counts[report.High] > 0:
		n := counts[report.Critical] + counts[report.High]
		what := "stop an application in use, lose data or fail"
		if n == 1 {
			what = "stops an application in use, loses data or fails"
		}
		v.Headline = fmt.Sprintf("Do not run as it is: %d of %s in %s %s.", n, count(open, "finding"), migrations, what)
	default:
		v.Headline = fmt.Sprintf("%s in %s; none of high severity.", count(open, "finding"), migrations)
	}
	if l.assumed {
		v.Paragraphs = append(v.Paragraphs, fmt.Sprintf("It was judged for %s, since nobody said the version; another version may lock otherwise.", l.server))
	}
	if m := l.judged[0]; l.walker.World.Postgres() && m.Tool != layout.Plain {
		rules := "The transactions are those of " + string(m.Tool) + ". " + m.Why
		if l.history.OtherTool != "" {
			rules += fmt.Sprintf(" Files of %s have the same names: say --tool %s if that runs them, since it runs them in other transactions.", l.history.OtherTool, l.history.OtherTool)
		}
		v.Paragraphs = append(v.Paragraphs, rules)
	}
	if l.opt.Load != nil {
		v.Paragraphs = append(v.Paragraphs, strings.TrimSpace(l.opt.Load.String()+" "+l.weighed(r.Findings)))
	}
	if len(l.walker.World.Sizes) == 0 {
		v.Paragraphs = append(v.Paragraphs, "No size of a table is known, so that each table that was there before counts as large; --db reads sizes from a catalog.")
	}
	if l.ran != nil && l.ran.Partial != "" {
		v.Partial = notWhole(l.ran)
	}
	for _, m := range l.judged {
		if m.Err != nil {
			v.Partial = "a file could not be read to its end: " + m.Err.Error()
		}
	}
	return v
}

// limit is the least time for the run: reading the text once.
func (l *linter) limit(meter *limit.Meter) *report.Limit {
	parse, ok := rate.Embedded().Get(rate.ParseSource)
	if !ok {
		return nil
	}
	o := meter.Against(limit.Work{Name: "reading SQL", Amount: float64(l.bytes), Rate: parse})
	return &report.Limit{Seconds: o.Bound.Seconds, Bound: o.Bound.By, Took: o.Took.Seconds()}
}
