// Package renamecolumn is the hazard compat.rename-column.
package renamecolumn

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is compat.rename-column.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.rename-column",
		Title:    "Column renamed under running code",
		Summary:  "RENAME COLUMN takes the name away that running code uses.",
		Why:      "Old and new code run side by side during each deploy, and a roll-back runs old code again: whoever still uses the old name fails at once.",
		Fix:      "Add the new column, write both, copy old rows in batches, read the new one, and drop the old one a release later.",
		Wrong:    "No running code names the column.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.CrossTeam,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.RenameColumn || a.Kind == statement.Modify && a.NewName != "" {
				p.Report(lint.Finding{Action: a, Impact: im})
			}
		})
	},
}
