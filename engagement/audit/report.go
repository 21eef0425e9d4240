package audit

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules"
	"github.com/napkin-infra/napkin/foundation/report"
)

// visibleConfidence is the least confidence of a finding in the main body.
const visibleConfidence = 0.5

// minorPriority is the priority below which a finding of medium or low severity is listed in the
// appendix instead: true, but not worth a page. A relation of one row in ten, read once a minute, is.
const minorPriority = 5

// report builds the tree that is rendered.
func (a *auditor) report(ctx context.Context) *report.Report {
	a.fingerprints()
	a.prioritize(a.found)
	var main, doubtful []*claim
	left, accepted := a.accept()
	for _, c := range left {
		if c.Evidence >= 1 && c.Confidence >= visibleConfidence {
			main = append(main, c)
		} else {
			doubtful = append(doubtful, c)
		}
	}
	main = a.fold(main)
	sort.SliceStable(main, func(i, j int) bool { return graver(main[i], main[j]) })
	main, minor := split(main)

	r := &report.Report{
		SchemaVersion: report.SchemaVersion,
		Tool:          report.Tool{Name: "napkin", Version: a.opt.Version},
		Kind:          "audit",
		Title:         "Infrastructure audit of " + a.project.Name,
		Subject:       a.project.Name,
		Findings:      []report.Finding{},
	}
	used := map[string]*rule.Doc{}
	for _, c := range main {
		r.Findings = append(r.Findings, a.finding(c))
		used[c.Rule] = c.doc
	}
	a.atomize(main, slices.Concat(minor, doubtful, accepted), r)
	r.Causes = causes(main)
	r.Roadmap = roadmap(r.Findings)
	r.System = a.system()
	r.Budget = a.budget(main)
	r.Good = a.good()
	r.Coverage = a.coverage()
	r.Unread = a.unread()
	r.Appendix = a.appendix(minor, doubtful)
	r.Sources = sources(r.Findings)
	for _, x := range rules.All {
		if used[x.Doc.ID] != nil {
			r.Rules = append(r.Rules, info(x))
		}
	}
	sort.Slice(r.Rules, func(i, j int) bool { return r.Rules[i].ID < r.Rules[j].ID })
	r.Verdict = a.verdict(r, len(minor)+len(doubtful))
	for _, c := range accepted { // listed with their reasons, behind all others
		f := a.finding(c)
		f.Status, f.Suppressed = report.StatusSuppressed, c.accepted.Why()
		r.Findings = append(r.Findings, f)
	}
	if ctx.Err() != nil || a.flow.Truncated {
		r.Verdict.Partial = "the run was interrupted; what was not reached is missing"
		if ctx.Err() == nil {
			r.Verdict.Partial = "the code base is larger than the bound on the work of following rows; some functions were not followed"
		} else if len(r.Findings) == 0 {
			r.Verdict.Headline = "Nothing can be said yet: the run was interrupted before a finding was made."
			r.Verdict.Paragraphs = nil
		}
	}
	return r
}

// graver puts the graver claim first, and of equally grave ones the one that pays most for its effort: a
// reader who sees a milder finding above a graver one takes one of the two for a mistake.
func graver(a, b *claim) bool {
	if x, y := a.Severity.Rank(), b.Severity.Rank(); x != y {
		return x < y
	}
	return a.priority > b.priority
}

// split separates the minor claims from those of the main body.
func split(list []*claim) (main, minor []*claim) {
	for _, c := range list {
		if c.Minor || c.priority < minorPriority && c.Severity.Rank() > report.High.Rank() {
			minor = append(minor, c)
			continue
		}
		main = append(main, c)
	}
	return main, minor
}

// finding turns a claim into its public form.
func (a *auditor) finding(c *claim) report.Finding {
	f := report.Finding{
		Fingerprint: c.print, Rule: c.Rule, Title: c.Title, Severity: c.Severity, Evidence: c.Evidence, Confidence: c.Confidence,
		Effort: c.Effort, Claim: c.Claim, Primary: place(c.Primary), Cost: c.Cost, Cliff: c.Cliff, Fix: c.Fix,
		Proof: c.doc.Proof, WrongIf: c.WrongIf, References: c.doc.References(c.Primary.File.Lang), Priority: round(c.priority),
	}
	if f.Title == "" {
		f.Title = c.doc.Title
	}
	if f.WrongIf == "" {
		f.WrongIf = c.doc.Wrong
	}
	if f.Fix.Summary == "" {
		f.Fix.Summary = c.doc.Fix
	}
	prints := map[string]string{}
	for i, m := range c.members {
		if i == 0 && len(c.members) > 1 {
			f.Primary.Fingerprint = m.print
		}
		if i > 0 {
			prints[fmt.Sprint(m.Primary.File.Path, m.Primary.Line)] = m.print
		}
	}
	seen := map[string]bool{key(f.Primary): true}
	for _, s := range c.Secondary {
		if s.File == nil {
			continue
		}
		p := place(s)
		if seen[key(p)] {
			continue
		}
		seen[key(p)] = true
		p.Fingerprint = prints[fmt.Sprint(p.Path, p.StartLine)]
		f.Secondary = append(f.Secondary, p)
	}
	f.Excerpt = excerpt(c.Primary)
	if len(c.Edits) > 0 {
		diff, err := patch.Unified(c.Edits, func(path string) ([]byte, error) {
			if file := a.project.File(path); file != nil {
				return file.Raw(), nil
			}
			return nil, os.ErrNotExist
		})
		if err == nil {
			a.diffs[c.print] = diff
			if showsSecret(diff) {
				f.Fix.Summary = strings.TrimSpace(f.Fix.Summary + " The patch is kept as a file only: the lines around the change hold a secret.")
			} else {
				f.Fix.Patch = diff
			}
		}
	}
	return f
}

func key(p report.Place) string { return fmt.Sprintf("%s:%d:%d", p.Path, p.StartLine, p.EndLine) }

func place(p rule.Place) report.Place {
	return report.Place{Path: p.File.Path, StartLine: max(p.Line, 1), EndLine: max(p.EndLine, p.Line, 1), Symbol: p.Symbol, Note: p.Note}
}

// excerpt cuts the lines around a place, with secrets masked.
func excerpt(p rule.Place) *report.Excerpt {
	lines := strings.Split(string(p.File.Source()), "\n")
	if p.Line < 1 || p.Line > len(lines) {
		return nil
	}
	to := min(max(p.EndLine, p.Line), len(lines))
	from := max(1, p.Line-3)
	end := min(len(lines), min(to, p.Line+14)+3)
	e := &report.Excerpt{Path: p.File.Path, StartLine: from, MarkFrom: p.Line, MarkTo: min(to, end)}
	for _, l := range config.MaskLines(p.File.Path, lines[from-1:end]) {
		l = strings.TrimRight(l, "\r")
		if len(l) > 240 {
			l = strings.ToValidUTF8(l[:240], "") + "…"
		}
		e.Lines = append(e.Lines, strings.ToValidUTF8(l, "�"))
	}
	return e
}

// accept separates the claims for which the code base gives a reason. It works on single claims, so that
// one place of a systemic finding can be accepted without the others.
func (a *auditor) accept() (left, accepted []*claim) {
	var all []Suppression
	var problems []Problem
	for _, f := range a.project.Files {
		if f.Tree == nil && f.Doc == nil && f.Lang != "sql" && f.Lang != "prisma" {
			continue
		}
		if f.Tree != nil && !mentions(f, "napkin:") {
			continue
		}
		s, p := ParseInline(f.Path, f.Source())
		all, problems = append(all, s...), append(problems, p...)
	}
	if root, err := os.OpenRoot(a.opt.Root); err == nil { // a link out of the tree is not followed
		s, p := LoadSuppressions(root.FS())
		all, problems = append(all, s...), append(problems, p...)
		root.Close()
	}
	for _, x := range problems {
		a.problems = append(a.problems, fmt.Sprintf("%s:%d: %s", x.Place.Path, x.Place.StartLine, x.Text))
	}
	a.problems = append(a.problems, idle(all, a.found, a.opt.Only, today(a.opt))...)
	for _, c := range a.found {
		holds, expired := decide(all, c.Rule, place(c.Primary), today(a.opt))
		if holds != nil {
			c.accepted = holds
			accepted = append(accepted, c)
			continue
		}
		if expired != nil {
			f := *c.Finding
			f.Claim = strings.TrimSpace(fmt.Sprintf("%s It was suppressed until %s (%s:%d: %s); that has expired.",
				f.Claim, expired.Until.Format(time.DateOnly), expired.Place.Path, expired.Place.StartLine, expired.Reason))
			c.Finding = &f
		}
		left = append(left, c)
	}
	return left, accepted
}

// mentions looks for a marker in the comments that the tree kept, without reading the file again.
func mentions(f *project.File, marker string) bool {
	for _, s := range f.Tree.Strings {
		if strings.Contains(s, marker) {
			return true
		}
	}
	return false
}

// atomize records the single claims with the visible finding that holds each, and lists them in the
// report for comparisons.
func (a *auditor) atomize(main, hidden []*claim, r *report.Report) {
	add := func(c *claim, finding string) {
		at := Atom{Fingerprint: c.print, Finding: finding, Rule: c.Rule, Category: c.doc.Category, Table: c.Table, Columns: c.Columns, Primary: place(c.Primary)}
		for _, s := range c.Secondary {
			if s.File != nil {
				at.Secondary = append(at.Secondary, place(s))
			}
		}
		if len(c.Parts) == 0 {
			a.atoms = append(a.atoms, at)
			return
		}
		for _, part := range c.Parts {
			x := at
			x.Fingerprint = digest(c.print + "\x00" + part)
			a.atoms = append(a.atoms, x)
		}
	}
	for _, c := range main {
		for _, m := range c.members {
			add(m, c.print)
		}
	}
	for _, c := range hidden {
		if len(c.members) == 0 {
			add(c, "")
			continue
		}
		for _, m := range c.members {
			add(m, "")
		}
	}
	members := map[string][]string{}
	for _, x := range a.atoms {
		r.Claims = append(r.Claims, x.Fingerprint)
		if x.Finding != "" {
			members[x.Finding] = append(members[x.Finding], x.Fingerprint)
		}
	}
	slices.Sort(r.Claims)
	r.Claims = slices.Compact(r.Claims)
	for i := range r.Findings {
		f := &r.Findings[i]
		if list := members[f.Fingerprint]; len(list) != 1 || list[0] != f.Fingerprint {
			f.Members = list
		}
	}
}

// systemicFrom is the number of places from which a habit is called a cause.
const systemicFrom = 3

// causes names the habits behind the findings: one for each rule that the code base breaks in several
// places, the commonest first.
func causes(main []*claim) []report.Cause {
	type habit struct {
		doc      *rule.Doc
		places   int
		findings []string
	}
	var habits []*habit
	byRule := map[string]*habit{}
	for _, c := range main {
		h := byRule[c.Rule]
		if h == nil {
			h = &habit{doc: c.doc}
			byRule[c.Rule] = h
			habits = append(habits, h)
		}
		h.places += max(len(c.members), 1)
		h.findings = append(h.findings, c.print)
	}
	sort.SliceStable(habits, func(i, j int) bool { return habits[i].places > habits[j].places })
	var out []report.Cause
	for _, h := range habits {
		if h.places < systemicFrom {
			continue
		}
		out = append(out, report.Cause{
			Title:    fmt.Sprintf("%s, in %d places", h.doc.Title, h.places),
			Detail:   firstSentence(h.doc.Fix),
			Findings: h.findings,
		})
	}
	return out
}

// firstSentence ends at the first full stop before a capital letter: the dots of "e.g. this" and of an
// ellipsis end nothing.
func firstSentence(s string) string {
	for i := 1; i+2 < len(s); i++ {
		if s[i] == '.' && s[i-1] != '.' && s[i+1] == ' ' && s[i+2] >= 'A' && s[i+2] <= 'Z' {
			return s[:i+1]
		}
	}
	return s
}

// roadmap sorts the findings by what they ask of their owners: one line is for today, a file or a
// migration for the next weeks, several teams or a low severity for later.
func roadmap(findings []report.Finding) report.Roadmap {
	const column = 12 // steps that a column holds; the ranking has all
	var m report.Roadmap
	for _, f := range findings {
		s := report.Step{Title: f.Title, Finding: f.Fingerprint, Effort: f.Effort, Gain: gain(f)}
		to := &m.Later
		switch {
		case f.Effort == report.OneLine:
			to = &m.Now
		case f.Effort == report.CrossTeam || f.Severity.Rank() > report.Medium.Rank():
		default:
			to = &m.Next
		}
		if len(*to) < column {
			*to = append(*to, s)
		}
	}
	return m
}

func gain(f report.Finding) string {
	if f.Cost != nil && f.Cost.Now > f.Cost.Fixed {
		return fmt.Sprintf("%s → %s per %s", report.Quantity(f.Cost.Now, f.Cost.Unit), report.Quantity(f.Cost.Fixed, f.Cost.Unit), f.Cost.Event)
	}
	if f.Cliff != "" {
		return "removes an outage mode"
	}
	return string(f.Severity)
}

// patches lists the verified patches in the order of the findings.
func (a *auditor) patches(r *report.Report) []Patch {
	var out []Patch
	for i, f := range r.Findings {
		if diff := a.diffs[f.Fingerprint]; diff != "" && f.Status != report.StatusSuppressed {
			out = append(out, Patch{Name: fmt.Sprintf("%02d-%s.patch", i+1, f.Rule), Rule: f.Rule, Diff: diff})
		}
	}
	return out
}

// sources lists every figure that the costs were computed with, once.
func sources(findings []report.Finding) []report.Source {
	seen := map[string]bool{}
	var out []report.Source
	for _, f := range findings {
		if f.Cost == nil {
			continue
		}
		for _, in := range f.Cost.Inputs {
			if in.Origin == report.Read {
				continue // stands with its finding
			}
			s := report.Source{Figure: in.Name, Value: report.Quantity(in.Value, in.Unit), Origin: in.Origin, Detail: in.Detail}
			if k := s.Figure + s.Value + s.Detail; !seen[k] {
				seen[k] = true
				out = append(out, s)
			}
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Figure != out[j].Figure {
			return out[i].Figure < out[j].Figure
		}
		return out[i].Detail < out[j].Detail
	})
	return out
}
