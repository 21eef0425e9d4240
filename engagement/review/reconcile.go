package review

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/hazards"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Names of the facts of a finding that a rehearsal sets anew.
const (
	factLock     = "lock"
	factWork     = "work"
	factBlocks   = "blocks"
	factEvidence = "evidence"
	factJudged   = "judged for"
)

// reconcile holds what the lint said about locks against what the rehearsal saw. A finding whose statement
// kept nobody waiting for work is refuted, place by place; one that did gets the lock and work as seen; and
// a statement that did while the lint was silent becomes a finding of its own.
//
// The rehearsal decides only where it saw enough: on the version that the migrations are judged for, with at
// least lint.SmallRows rows in the statement's table, and not for a block that commits by itself. It knows
// tables that were there before the migration, so that the lint's silence on new ones stands.
func (l *linter) reconcile(r *report.Report, result *rehearse.Result) {
	l.fail(r, result)
	major, _, _ := strings.Cut(result.Server, ".")
	if n, err := strconv.Atoi(major); err != nil || !l.assumed && n != l.server.Major {
		r.Coverage.Notes = append(r.Coverage.Notes, fmt.Sprintf("The rehearsal ran on PostgreSQL %s and the migrations are judged for %s, so that no finding was changed by it.", result.Server, l.server))
		return
	}
	refuted := 0
	seen := map[*rehearse.Statement]bool{} // those that a finding about locks is about
	for i := range r.Findings {
		f := &r.Findings[i]
		if !strings.HasPrefix(f.Rule, "lock.") {
			// It is about something else, and states the lock and the work all the same.
			for _, s := range result.Statements {
				if aboutWork(f) && covers(s, f.Primary) && decides(s) {
					setFacts(f, s, result)
				}
			}
			continue
		}
		if f.Status != report.StatusSuppressed {
			refuted += refute(f, result)
		}
		for _, s := range result.Statements {
			here := covers(s, f.Primary)
			seen[s] = seen[s] || here || slices.ContainsFunc(f.Secondary, func(p report.Place) bool { return covers(s, p) })
			if here && decides(s) && s.Effect.Harm() && f.Status != report.StatusSuppressed {
				setFacts(f, s, result)
				f.Confidence = max(f.Confidence, 0.99)
			}
		}
	}
	added := 0
	for _, s := range result.Statements {
		if !seen[s] && decides(s) && s.Effect.Harm() && !l.small(s.Table) {
			r.Findings = append(r.Findings, l.unforeseen(s, result))
			added++
		}
	}
	if added > 0 {
		r.Rules = append(r.Rules, hazards.Rehearsed.Info())
	}
	if refuted+added > 0 {
		r.Coverage.Notes = append(r.Coverage.Notes, fmt.Sprintf("The rehearsal refuted the lint at %s and found harm that it had not foreseen at %s.", count(refuted, "statement"), count(added, "statement")))
	}
	l.keep(r.Findings)
}

// covers says whether a place lies in a statement.
func covers(s *rehearse.Statement, p report.Place) bool {
	return s.Path == p.Path && p.StartLine >= s.Line && p.StartLine <= max(s.EndLine, s.Line)
}

// decides says whether enough was seen of a statement to overrule the lint.
func decides(s *rehearse.Statement) bool {
	return s.Ran() && s.Observed && s.Rows > lint.SmallRows
}

// small says whether production's table is known to be too small to matter.
func (l *linter) small(table string) bool {
	size, ok := l.walker.World.Size(table)
	return ok && size.Small()
}

// refute drops the places of a finding at which the rehearsal saw nobody wait for work, and returns their
// number. A place is kept where another statement of the same line was not decided.
func refute(f *report.Finding, result *rehearse.Result) int {
	if !aboutWork(f) {
		return 0
	}
	wrong := func(p report.Place) *rehearse.Statement {
		var of *rehearse.Statement
		for _, s := range result.Statements {
			if !covers(s, p) {
				continue
			}
			if !decides(s) || s.Effect.Harm() {
				return nil
			}
			of = s
		}
		return of
	}
	n := 0
	f.Secondary = slices.DeleteFunc(f.Secondary, func(p report.Place) bool {
		if p.Fingerprint == "" || wrong(p) == nil {
			return false
		}
		n++
		return true
	})
	s := wrong(f.Primary)
	if s == nil {
		return n
	}
	n++
	if next := nextMember(f.Secondary); next >= 0 {
		f.Primary, f.Secondary = f.Secondary[next], append(f.Secondary[:next:next], f.Secondary[next+1:]...)
		f.Excerpt = nil
		return n
	}
	f.Status = report.StatusSuppressed
	f.Suppressed = fmt.Sprintf("refuted by the rehearsal: on PostgreSQL %s with %s in %s it took %s and %s", result.Server, report.Quantity(float64(s.Rows), "rows"), s.Table, rehearse.LockText(s.Effect), workText(s.Effect))
	setFacts(f, s, result)
	return n
}

func workText(e effect.Effect) string {
	if e.Work == 0 {
		return "did no work that grows with the table"
	}
	return "kept nobody waiting while it " + e.Work.String()
}

// aboutWork says whether a finding claims that somebody waits for work.
func aboutWork(f *report.Finding) bool {
	blocks := fact(f, factBlocks)
	return (blocks == "writes" || blocks == "reads and writes") && fact(f, factWork) != effect.Work(0).String()
}

func fact(f *report.Finding, name string) string {
	for _, x := range f.Facts {
		if x.Name == name {
			return x.Value
		}
	}
	return ""
}

// setFacts states what was seen in place of what was foretold.
func setFacts(f *report.Finding, s *rehearse.Statement, result *rehearse.Result) {
	values := rehearsedFacts(s, result)
	for i := range f.Facts {
		if v, ok := values[f.Facts[i].Name]; ok {
			f.Facts[i].Value = v
		}
	}
}

func rehearsedFacts(s *rehearse.Statement, result *rehearse.Result) map[string]string {
	return map[string]string{
		factLock: rehearse.LockText(s.Effect), factWork: s.Effect.Work.String(), factBlocks: waits(s.Effect),
		factEvidence: fmt.Sprintf("rehearsed: %s in %s", report.Quantity(float64(s.Rows), "rows"), s.Table), factJudged: "PostgreSQL " + result.Server,
	}
}

// waits says what waits for a statement, in the words of the fact "blocks".
func waits(e effect.Effect) string {
	switch {
	case e.BlocksReads():
		return "reads and writes"
	case e.BlocksWrites():
		return "writes"
	}
	return "nobody but other schema changes"
}

// rehearsed begins a finding that only the rehearsal makes of a statement.
func (l *linter) rehearsed(d *lint.Doc, s *rehearse.Statement) report.Finding {
	f := report.Finding{
		Rule: d.ID, Severity: d.Severity, Evidence: 2, Confidence: 0.95, Effort: d.Effort,
		Primary: report.Place{Path: s.Path, StartLine: s.Line, EndLine: max(s.EndLine, s.Line), Symbol: s.Table},
		Fix:     report.Fix{Summary: d.Fix}, WrongIf: d.Wrong, References: d.Refs,
		Fingerprint: lint.Fingerprint(d.ID, s.Path, s.Table, s.SQL),
	}
	for _, m := range l.judged {
		if m.Path == s.Path {
			f.Excerpt = lint.Excerpt(m, f.Primary)
		}
	}
	return f
}

// unforeseen is a finding that only the rehearsal has.
func (l *linter) unforeseen(s *rehearse.Statement, result *rehearse.Result) report.Finding {
	d := &hazards.Rehearsed
	facts := rehearsedFacts(s, result)
	f := l.rehearsed(d, s)
	f.Title = s.Table + ": " + facts[factBlocks] + " waited for its work in the rehearsal"
	f.Claim = fmt.Sprintf("In the rehearsal it %s under %s, and %s of the table wait as long. The lint had foreseen none of that.", s.Effect.Work, rehearse.LockText(s.Effect), facts[factBlocks])
	f.Cliff = facts[factBlocks] + " of " + s.Table + " queue for as long as the work takes, and with them everything behind in the connection pool"
	for _, name := range []string{factLock, factWork, factBlocks} {
		f.Facts = append(f.Facts, report.Fact{Group: "effect", Name: name, Value: facts[name]})
	}
	f.Facts = append(f.Facts, report.Fact{Group: "effect", Name: "versions", Value: d.Products + ", " + d.Versions},
		report.Fact{Group: "effect", Name: factEvidence, Value: facts[factEvidence]}, report.Fact{Group: "effect", Name: factJudged, Value: facts[factJudged]})
	if len(s.Words) > 0 {
		f.Claim += " The server said: " + strings.Join(s.Words[:min(2, len(s.Words))], "; ") + "."
	}
	if s.Effect.WAL > unit.MiB {
		f.Claim += fmt.Sprintf(" It wrote %s of log for these rows.", s.Effect.WAL)
	}
	return f
}
