// Package refreshmatview is the hazard lock.refresh-matview.
package refreshmatview

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.refresh-matview.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.refresh-matview",
		Title:    "REFRESH MATERIALIZED VIEW that stops readers",
		Summary:  "REFRESH MATERIALIZED VIEW without CONCURRENTLY keeps readers of the view waiting until it is computed.",
		Why:      "ACCESS EXCLUSIVE on the view lasts as long as its query.",
		Fix:      "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index over whole columns.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the view",
		Work:     "rewrites the table",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: REFRESH MATERIALIZED VIEW", URL: "https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html"}},
	},
	Statement: lint.Harmful(predict.RefreshKind),
}
