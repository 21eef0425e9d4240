package review

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/hazards"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/foundation/report"
)

// fail makes a finding of each statement that failed in the rehearsal by its own fault. How many were not run for other
// reasons is said in the coverage, so that nobody takes silence for success. The findings are bare afterwards.
func (l *linter) fail(r *report.Report, result *rehearse.Result) {
	l.strip(r)
	failed, other := 0, 0
	for _, s := range result.Statements {
		switch s.Fault {
		case rehearse.ByMigration:
			r.Findings = append(r.Findings, l.failure(s, result))
			failed++
		case rehearse.ByScratch, rehearse.ByRows, rehearse.LeftOut:
			other++
		}
	}
	if failed > 0 {
		r.Rules = append(r.Rules, hazards.RehearsalFailed.Info())
	}
	if other > 0 {
		r.Coverage.Notes = append(r.Coverage.Notes, fmt.Sprintf("The rehearsal could not tell of %s whether they run in production: the scratch server, the generated rows or a statement before is in the way, as its table says at each.", count(other, "statement")))
	}
	l.keep(r.Findings)
}

// failure is the finding about a statement that failed.
func (l *linter) failure(s *rehearse.Statement, result *rehearse.Result) report.Finding {
	d := &hazards.RehearsalFailed
	f := l.rehearsed(d, s)
	f.Title = cmp.Or(s.Table, s.Path) + ": the statement fails"
	f.Claim = fmt.Sprintf("On PostgreSQL %s it ended in an error: %s.", result.Server, strings.TrimSuffix(s.Error, "."))
	f.Cliff = "the deployment stops at this statement"
	f.Facts = []report.Fact{{Group: "effect", Name: "versions", Value: d.Products + ", " + d.Versions},
		{Group: "effect", Name: factEvidence, Value: "rehearsed"}, {Group: "effect", Name: factJudged, Value: "PostgreSQL " + result.Server}}
	if s.Transaction > 0 {
		f.Claim += " All that its transaction did before is taken back, and nothing behind it runs."
	}
	return f
}
