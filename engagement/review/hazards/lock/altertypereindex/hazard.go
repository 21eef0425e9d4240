// Package altertypereindex is the hazard lock.alter-type-reindex.
package altertypereindex

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.alter-type-reindex.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.alter-type-reindex",
		Title:    "Change of a type that rebuilds indexes",
		Summary:  "ALTER COLUMN TYPE leaves the rows as they are, and builds the indexes on the column anew.",
		Why:      "Every row is read while not even a SELECT can run; what waits behind it takes all connections of the pool.",
		Fix:      "Drop the index concurrently before and build it concurrently behind, or go by way of a new column.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "builds an index",
		Severity: report.Medium,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.TypeReindex),
}
