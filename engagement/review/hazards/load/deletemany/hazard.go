// Package deletemany is the hazard load.delete-many.
package deletemany

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is load.delete-many.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "load.delete-many",
		Title:    "DELETE in one statement",
		Summary:  "A DELETE removes rows in proportion to the table, in one transaction.",
		Why:      "The rows stay locked until the end, the write-ahead log holds each of them, and the space comes back only behind VACUUM. On MySQL and MariaDB under REPEATABLE READ every row and gap that is read stays locked, also those that the condition does not hold for: without an index that fits all writes of the table wait, inserts too.",
		Fix:      "Delete in batches by primary key; to remove most rows, copy the rest into a new table; to remove by age, partition.",
		Wrong:    "The table has few rows (give --db, so that its size is known). On MySQL and MariaDB: the server's transaction_isolation is READ-COMMITTED.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ROW EXCLUSIVE on the table, and every row",
		Work:     "writes rows",
		Severity: report.Medium,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: routine vacuuming", URL: "https://www.postgresql.org/docs/current/routine-vacuuming.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if p.Exclusive() == nil && im.Kind == predict.DeleteAll {
				f := lint.Finding{Action: a, Impact: im, Cause: "delete", Together: "%d statements delete rows in proportion to a table"}
				if w := a.Write; w != nil && len(w.Where) == 0 && !w.From && !w.Limited && !w.With {
					f.Sev, f.Title, f.Cause, f.Together = report.High, im.Table+": all rows are deleted", "delete-all", "%d statements delete all rows of a table"
				}
				if len(im.RowsLocked) > 0 && !im.Unsure && f.Sev == "" {
					f.Sev, f.Title, f.Cause, f.Together = report.High, im.Table+": DELETE that locks every row", "delete-locks-all", "%d statements delete from a table and lock every row of it"
				}
				p.Report(f)
			}
		})
	},
}
