// Package addcolumnvolatiledefault is the hazard lock.add-column-volatile-default.
package addcolumnvolatiledefault

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.add-column-volatile-default.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.add-column-volatile-default",
		Title:    "New column whose default is computed for each row",
		Summary:  "ADD COLUMN has a volatile default (random(), gen_random_uuid(), clock_timestamp(), nextval()), which is written into every row.",
		Why:      "The server writes every row and every index of the table anew while not even a SELECT can run. What waits behind it takes all connections of the pool, so that requests that never touch the table fail too. The write-ahead log grows by the size of the table, and replicas replay it.",
		Fix:      "Add the column without a default, set the default for new rows in a second statement, and fill old rows in batches.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "rewrites the table",
		Severity: report.High,
		Effort:   report.Migration,
		Before:   "ALTER TABLE orders ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();",
		After: `ALTER TABLE orders ADD COLUMN token uuid;
ALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();
-- then UPDATE in batches by primary key`,
		Refs: []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.AddColumnVolatile),
}
