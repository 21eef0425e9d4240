// Package updatemany is the hazard load.update-many.
package updatemany

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is load.update-many.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "load.update-many",
		Title:    "UPDATE in one statement",
		Summary:  "An UPDATE writes rows in proportion to the table, in one transaction.",
		Why:      "Each row is written twice (old and new version): the table may double, the write-ahead log grows by as much and replicas fall behind. The rows stay locked until the end, and autovacuum waits until then. On MySQL and MariaDB under REPEATABLE READ every row and gap that is read stays locked, also those that the condition does not hold for: without an index that fits all writes of the table wait, inserts too.",
		Fix:      "Update in batches of some thousand rows by primary key, each in a transaction of its own, with a pause when replicas lag.",
		Wrong:    "The table has few rows (give --db, so that its size is known). On MySQL and MariaDB: the server's transaction_isolation is READ-COMMITTED.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ROW EXCLUSIVE on the table, and every row",
		Work:     "writes rows",
		Severity: report.Medium,
		Effort:   report.OneFile,
		Before:   "UPDATE orders SET state = 'open' WHERE state IS NULL;",
		After: `-- again and again, each by itself, until no row is left:
UPDATE orders SET state = 'open'
 WHERE id IN (SELECT id FROM orders WHERE state IS NULL LIMIT 5000);`,
		Refs: []report.Reference{{Title: "PostgreSQL: routine vacuuming", URL: "https://www.postgresql.org/docs/current/routine-vacuuming.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if p.Exclusive() == nil && im.Kind == predict.UpdateAll {
				f := lint.Finding{Action: a, Impact: im, Cause: "update", Together: "%d statements update rows in proportion to a table"}
				if len(im.RowsLocked) > 0 && !im.Unsure {
					f.Sev, f.Title, f.Cause, f.Together = report.High, im.Table+": UPDATE that locks every row", "update-locks-all", "%d statements update a table and lock every row of it"
				}
				p.Report(f)
			}
		})
	},
}
