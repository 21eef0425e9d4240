// Package altertyperecheck is the hazard lock.alter-type-recheck.
package altertyperecheck

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.alter-type-recheck.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.alter-type-recheck",
		Title:    "Change of a type that verifies a CHECK again",
		Summary:  "ALTER COLUMN TYPE on a column with a CHECK drops and verifies the CHECK again, by reading every row.",
		Why:      "Every row is read while not even a SELECT can run; what waits behind it takes all connections of the pool.",
		Fix:      "Drop the CHECK, change the type, add the CHECK as NOT VALID and validate it.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "scans the table",
		Severity: report.Medium,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.TypeCheck),
}
