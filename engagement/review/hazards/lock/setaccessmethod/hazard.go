// Package setaccessmethod is the hazard lock.set-access-method.
package setaccessmethod

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.set-access-method.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.set-access-method",
		Title:    "Change of the access method",
		Summary:  "SET ACCESS METHOD writes every row anew.",
		Why:      "The server writes every row and every index of the table anew while not even a SELECT can run. What waits behind it takes all connections of the pool, so that requests that never touch the table fail too. The write-ahead log grows by the size of the table, and replicas replay it.",
		Fix:      "Make a new table with the other access method and copy into it in batches.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "15 and later",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "rewrites the table",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.SetAccessMethodKind),
}
