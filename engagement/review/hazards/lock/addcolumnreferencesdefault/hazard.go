// Package addcolumnreferencesdefault is the hazard lock.add-column-references-default.
package addcolumnreferencesdefault

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.add-column-references-default.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.add-column-references-default",
		Title:    "New foreign key column with a default",
		Summary:  "ADD COLUMN ... DEFAULT x REFERENCES t looks up every row in t; without a default it does not.",
		Why:      "Every row is read while not even a SELECT can run; what waits behind it takes all connections of the pool. Writes to the referenced table wait too.",
		Fix:      "Add the column with its default, then the foreign key as NOT VALID, then VALIDATE CONSTRAINT.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table, SHARE ROW EXCLUSIVE on the referenced one",
		Work:     "scans the table",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.AddColumnFKDefault),
}
