// Package createindex is the hazard lock.create-index.
package createindex

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.create-index.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.create-index",
		Title:    "Index built under a lock that stops writes",
		Summary:  "CREATE INDEX without CONCURRENTLY keeps INSERT, UPDATE and DELETE waiting until the index is built.",
		Why:      "SHARE lets reads pass and stops every write until the whole table was read, sorted and written. Writers pile up and hold their connections, so the pool runs dry.",
		Fix:      "CREATE INDEX CONCURRENTLY, outside of a transaction, alone in its migration. A build that fails leaves an invalid index: drop it, then try again. On a partitioned table: ON ONLY the parent, concurrently on each partition, then attach.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "SHARE on the table",
		Work:     "builds an index",
		Severity: report.High,
		Effort:   report.OneLine,
		Before:   "CREATE INDEX orders_code ON orders (code);",
		After:    "CREATE INDEX CONCURRENTLY orders_code ON orders (code);",
		Refs:     []report.Reference{{Title: "PostgreSQL: building indexes concurrently", URL: "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"}},
	},
	Statement: lint.Harmful(predict.CreateIndexKind),
}
