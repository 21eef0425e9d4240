// Package addcolumngeneratedstored is the hazard lock.add-column-generated-stored.
package addcolumngeneratedstored

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.add-column-generated-stored.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.add-column-generated-stored",
		Title:    "New stored generated column",
		Summary:  "ADD COLUMN ... GENERATED ALWAYS AS (...) STORED computes and writes the value of every row.",
		Why:      "The server writes every row and every index of the table anew while not even a SELECT can run. What waits behind it takes all connections of the pool, so that requests that never touch the table fail too. The write-ahead log grows by the size of the table, and replicas replay it.",
		Fix:      "Add a plain column that a trigger fills, fill old rows in batches; from PostgreSQL 18 on a virtual generated column costs nothing; an index on the expression often does as well.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "12 and later",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "rewrites the table",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.AddColumnStored),
}
