// Package addprimarykey is the hazard lock.add-primary-key.
package addprimarykey

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.add-primary-key.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.add-primary-key",
		Title:    "Primary key that builds its index",
		Summary:  "ADD PRIMARY KEY builds the index under ACCESS EXCLUSIVE, and reads the rows to see that none is NULL.",
		Why:      "Every row is read while not even a SELECT can run; what waits behind it takes all connections of the pool.",
		Fix:      "CREATE UNIQUE INDEX CONCURRENTLY, make the columns NOT NULL by way of a validated CHECK, then ADD PRIMARY KEY USING INDEX.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "builds an index",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.AddPrimary),
}
