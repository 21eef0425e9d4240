// Package durabilityoff is the hazard engine.durability-off.
package durabilityoff

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is engine.durability-off.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "engine.durability-off",
		Title:    "Commits that are not durable",
		Summary:  "fsync, full_page_writes or synchronous_commit is switched off in a migration.",
		Why:      "synchronous_commit = off loses the last commits in a crash; the other two lose the database.",
		Fix:      "Leave them; batches make a backfill fast enough.",
		Wrong:    "SET LOCAL synchronous_commit in a backfill that can be run again.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: asynchronous commit", URL: "https://www.postgresql.org/docs/current/wal-async-commit.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.Set && !a.Local && (a.Name == "synchronous_commit" || a.Name == "fsync" || a.Name == "full_page_writes") && (a.NewName == "off" || a.NewName == "false" || a.NewName == "0") {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Name})
			}
		})
	},
}
