// Package addprimarykeyusingindex is the hazard lock.add-primary-key-using-index.
package addprimarykeyusingindex

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.add-primary-key-using-index.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.add-primary-key-using-index",
		Title:    "Primary key from an index over nullable columns",
		Summary:  "ADD PRIMARY KEY USING INDEX makes the columns NOT NULL, which reads every row when they are not so yet.",
		Why:      "Every row is read while not even a SELECT can run; what waits behind it takes all connections of the pool.",
		Fix:      "Make the columns NOT NULL first, by way of a validated CHECK.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "scans the table",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.AddPrimaryUsingScan),
}
