// Package addcolumnunique is the hazard lock.add-column-unique.
package addcolumnunique

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.add-column-unique.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.add-column-unique",
		Title:    "New column with a unique constraint",
		Summary:  "ADD COLUMN ... UNIQUE builds its index over all rows.",
		Why:      "Every row is read while not even a SELECT can run; what waits behind it takes all connections of the pool.",
		Fix:      "Add the column, build the unique index with CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... UNIQUE USING INDEX.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "builds an index",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.AddColumnUnique),
}
