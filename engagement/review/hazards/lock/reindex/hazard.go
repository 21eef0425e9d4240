// Package reindex is the hazard lock.reindex.
package reindex

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.reindex.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.reindex",
		Title:    "REINDEX that stops queries",
		Summary:  "REINDEX without CONCURRENTLY stops writes, and reads that would plan with the index.",
		Why:      "The index is under ACCESS EXCLUSIVE, and planning a query locks every index of its table: SELECTs wait as well.",
		Fix:      "REINDEX ... CONCURRENTLY from PostgreSQL 12 on; before, build a second index concurrently and drop the first.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "SHARE on the table, ACCESS EXCLUSIVE on the index",
		Work:     "builds an index",
		Severity: report.High,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: REINDEX", URL: "https://www.postgresql.org/docs/current/sql-reindex.html"}},
	},
	Statement: lint.Harmful(predict.ReindexKind),
}
