// Package droptable is the hazard compat.drop-table.
package droptable

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is compat.drop-table.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.drop-table",
		Title:    "Table dropped under running code",
		Summary:  "DROP TABLE takes a table away that running code may use, and its rows with it.",
		Why:      "Whoever uses it fails at once; the rows come back from a backup only. Tables that its foreign keys refer to are locked as well.",
		Fix:      "Release code that does not use it first; rename it, wait, drop it a release later.",
		Wrong:    "No running code uses it, and nobody needs the rows.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table and on those it refers to",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.CrossTeam,
		Refs:     []report.Reference{{Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.DropTable && !(a.IfExists && p.World.Table(a.Table) == nil) {
				p.Report(lint.Finding{Action: a, Impact: im, Cause: "drop-table", Together: "%d tables are dropped under running code"})
			}
		})
	},
}
