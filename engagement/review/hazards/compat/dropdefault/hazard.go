// Package dropdefault is the hazard compat.drop-default.
package dropdefault

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is compat.drop-default.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.drop-default",
		Title:    "Default dropped under running code",
		Summary:  "DROP DEFAULT makes INSERTs of code that leaves the column out write NULL, or fail.",
		Why:      "Code that counts on the default goes on running during the deploy.",
		Fix:      "Release code that writes the column first.",
		Wrong:    "All running code writes the column.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.CrossTeam,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			t := p.World.Table(a.Table)
			if a.Kind != statement.DropDefault || t == nil {
				return
			}
			if c := t.Column(a.Name); c != nil && c.NotNull && c.Default != "" {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: im.Table + "." + a.Name, Cause: "drop-default", Together: "%d defaults of required columns are dropped"})
			}
		})
	},
}
