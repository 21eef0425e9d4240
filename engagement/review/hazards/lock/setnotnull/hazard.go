// Package setnotnull is the hazard lock.set-not-null.
package setnotnull

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.set-not-null.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.set-not-null",
		Title:    "SET NOT NULL that reads the table",
		Summary:  "SET NOT NULL reads every row to look for NULL, unless a valid CHECK (column IS NOT NULL) proves that there is none.",
		Why:      "Every row is read while not even a SELECT can run; what waits behind it takes all connections of the pool. A row with NULL makes the migration fail.",
		Fix:      "Add CHECK (column IS NOT NULL) NOT VALID, validate it in a transaction of its own, SET NOT NULL, and drop the CHECK. From PostgreSQL 18 on: ADD CONSTRAINT ... NOT NULL column NOT VALID, then validate.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "scans the table",
		Severity: report.High,
		Effort:   report.Migration,
		Before:   "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;",
		After: `ALTER TABLE orders ADD CONSTRAINT note_there CHECK (note IS NOT NULL) NOT VALID;
-- in a transaction of its own:
ALTER TABLE orders VALIDATE CONSTRAINT note_there;
-- then, without a scan:
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT note_there;`,
		Refs: []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.SetNotNullScan),
}
