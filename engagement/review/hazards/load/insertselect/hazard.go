// Package insertselect is the hazard load.insert-select.
package insertselect

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is load.insert-select.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "load.insert-select",
		Title:    "INSERT ... SELECT over a large table",
		Summary:  "INSERT ... SELECT into a table in use copies rows in proportion to another one, in one transaction.",
		Why:      "The transaction is as long as the copy: it holds back VACUUM everywhere, and replicas get it in one piece.",
		Fix:      "Copy in batches by primary key.",
		Wrong:    "The table has few rows (give --db, so that its size is known). On MySQL and MariaDB: the server's transaction_isolation is READ-COMMITTED.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ROW EXCLUSIVE on the table",
		Work:     "writes rows",
		Severity: report.Low,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: routine vacuuming", URL: "https://www.postgresql.org/docs/current/routine-vacuuming.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if p.Exclusive() == nil && im.Kind == predict.InsertSelect && live(p, a) {
				f := lint.Finding{Action: a, Impact: im, Cause: "insert", Together: "%d statements copy rows in proportion to a table"}
				if len(im.RowsLocked) > 0 {
					f.Sev, f.Title, f.Cause, f.Together = report.Medium, "INSERT ... SELECT locks every row of "+im.RowsLocked[0], "insert-locks", "%d statements copy a table and lock every row of it"
				}
				p.Report(f)
			}
		})
	},
}

// live says whether the rows come from a table in use.
func live(p *lint.Pass, a *statement.Action) bool {
	for _, s := range a.Write.Sources {
		if p.World.Live(s) {
			return true
		}
	}
	return false
}
