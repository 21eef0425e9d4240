// Package addcolumncheck is the hazard lock.add-column-check.
package addcolumncheck

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.add-column-check.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.add-column-check",
		Title:    "New column with a CHECK",
		Summary:  "ADD COLUMN with a CHECK reads the whole table to verify it.",
		Why:      "Every row is read while not even a SELECT can run; what waits behind it takes all connections of the pool.",
		Fix:      "Add the column, then the CHECK as NOT VALID, then VALIDATE CONSTRAINT in a statement of its own.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "scans the table",
		Severity: report.High,
		Effort:   report.OneLine,
		Before:   "ALTER TABLE orders ADD COLUMN level int DEFAULT 1 CHECK (level > 0);",
		After: `ALTER TABLE orders ADD COLUMN level int DEFAULT 1;
ALTER TABLE orders ADD CONSTRAINT level_positive CHECK (level > 0) NOT VALID;
-- in a transaction of its own:
ALTER TABLE orders VALIDATE CONSTRAINT level_positive;`,
		Refs: []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.AddColumnCheck),
}
