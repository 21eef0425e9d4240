// Package notnullwithoutdefault is the hazard data.not-null-without-default.
package notnullwithoutdefault

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is data.not-null-without-default.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.not-null-without-default",
		Title:    "Required column without a default",
		Summary:  "ADD COLUMN ... NOT NULL without a default fails on a table that has rows, and refuses the rows of code that does not know the column.",
		Why:      "Each row that is there would hold NULL. On an empty table it passes, and the old code fails at its next INSERT.",
		Fix:      "Add it with a constant DEFAULT (a matter of the catalog from PostgreSQL 11 on), or nullable first and NOT NULL when all rows and all code have it.",
		Wrong:    "The table is empty.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "scans the table",
		Severity: report.High,
		Effort:   report.OneLine,
		Before:   "ALTER TABLE orders ADD COLUMN kind text NOT NULL;",
		After:    "ALTER TABLE orders ADD COLUMN kind text NOT NULL DEFAULT 'plain';",
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.AddColumn && a.Column.NotNull && len(a.Column.Default) == 0 && len(a.Column.Generated) == 0 && !a.Column.Identity && p.World.Postgres() {
				p.Report(lint.Finding{Action: a, Impact: im})
			}
		})
	},
}
