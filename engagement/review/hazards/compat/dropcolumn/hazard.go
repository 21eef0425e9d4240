// Package dropcolumn is the hazard compat.drop-column.
package dropcolumn

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is compat.drop-column.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.drop-column",
		Title:    "Column dropped under running code",
		Summary:  "DROP COLUMN takes a column away that running code may name, and its values with it.",
		Why:      "ORMs list the columns that they read when they started, and fail at the next statement. The values can not be had back.",
		Fix:      "Release code that does not name the column (ignored_columns and the like) first; drop it a release later.",
		Wrong:    "No running code names the column.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.CrossTeam,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.DropColumn {
				p.Report(lint.Finding{Action: a, Impact: im, Cause: "drop-column", Together: "%d columns are dropped under running code"})
			}
		})
	},
}
