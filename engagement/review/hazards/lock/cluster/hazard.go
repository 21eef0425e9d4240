// Package cluster is the hazard lock.cluster.
package cluster

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.cluster.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.cluster",
		Title:    "CLUSTER",
		Summary:  "CLUSTER writes the table anew in the order of an index while nobody can read it.",
		Why:      "The server writes every row and every index of the table anew while not even a SELECT can run. What waits behind it takes all connections of the pool, so that requests that never touch the table fail too. The write-ahead log grows by the size of the table, and replicas replay it.",
		Fix:      "pg_repack orders a table while it is in use.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "rewrites the table",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: lint.Harmful(predict.ClusterKind),
}
