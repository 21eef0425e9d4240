// Package addunique is the hazard lock.add-unique.
package addunique

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.add-unique.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.add-unique",
		Title:    "Unique constraint that builds its index",
		Summary:  "ADD CONSTRAINT ... UNIQUE builds the index under ACCESS EXCLUSIVE.",
		Why:      "Every row is read while not even a SELECT can run; what waits behind it takes all connections of the pool.",
		Fix:      "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... UNIQUE USING INDEX, which is a matter of the catalog.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "builds an index",
		Severity: report.High,
		Effort:   report.Migration,
		Before:   "ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE (code);",
		After: `CREATE UNIQUE INDEX CONCURRENTLY orders_code ON orders (code);
ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE USING INDEX orders_code;`,
		Refs: []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.AddUnique),
}
