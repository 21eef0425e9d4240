// Package collationrefresh is the hazard engine.collation-refresh.
package collationrefresh

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is engine.collation-refresh.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "engine.collation-refresh",
		Title:    "Warning of a changed collation silenced",
		Summary:  "REFRESH (COLLATION) VERSION records the new version of a collation and rebuilds nothing.",
		Why:      "Indexes over text that were built in the old order find rows no more, and unique ones let duplicates pass; the warning that said so is gone.",
		Fix:      "REINDEX the indexes over text first (amcheck tells which), then refresh the version.",
		Wrong:    "They were rebuilt before.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER COLLATION", URL: "https://www.postgresql.org/docs/current/sql-altercollation.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.AlterOther && (a.Option == "collation" || a.Option == "database") && strings.Contains(strings.ToUpper(p.Step.Statement.Text), "REFRESH") {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Name})
			}
		})
	},
}
