// Package altertyperewrite is the hazard lock.alter-type-rewrite.
package altertyperewrite

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.alter-type-rewrite.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.alter-type-rewrite",
		Title:    "Change of a type that rewrites the table",
		Summary:  "ALTER COLUMN TYPE stores the values otherwise, so that every row and every index is written anew.",
		Why:      "The server writes every row and every index of the table anew while not even a SELECT can run. What waits behind it takes all connections of the pool, so that requests that never touch the table fail too. The write-ahead log grows by the size of the table, and replicas replay it.",
		Fix:      "Add a new column of the new type, keep it equal by a trigger, fill old rows in batches, and swap the two in one short transaction. Wider limits (varchar(20) to varchar(40), numeric with more digits) and varchar to text cost nothing.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "rewrites the table",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.TypeRewrite),
}
