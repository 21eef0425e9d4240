// Package addcolumnserial is the hazard lock.add-column-serial.
package addcolumnserial

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.add-column-serial.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.add-column-serial",
		Title:    "New serial or identity column",
		Summary:  "ADD COLUMN of a serial or identity column gives each row the next value of a sequence, by writing the table anew.",
		Why:      "The server writes every row and every index of the table anew while not even a SELECT can run. What waits behind it takes all connections of the pool, so that requests that never touch the table fail too. The write-ahead log grows by the size of the table, and replicas replay it.",
		Fix:      "Add a plain bigint column, make the sequence and the default, fill old rows in batches, then set NOT NULL by way of a validated CHECK.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "rewrites the table",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.AddColumnSerial),
}
