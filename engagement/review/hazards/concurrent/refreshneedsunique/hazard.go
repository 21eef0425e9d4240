// Package refreshneedsunique is the hazard concurrent.refresh-needs-unique.
package refreshneedsunique

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is concurrent.refresh-needs-unique.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "concurrent.refresh-needs-unique",
		Title:    "REFRESH CONCURRENTLY without a unique index",
		Summary:  "REFRESH MATERIALIZED VIEW CONCURRENTLY needs a unique index on columns of the view, and none is known.",
		Why:      "The statement fails.",
		Fix:      "CREATE UNIQUE INDEX on the view first.",
		Wrong:    "The index is made outside of the migrations.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none: it fails",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: REFRESH MATERIALIZED VIEW", URL: "https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.Refresh && a.Concurrently && !unique(p, a.Table) {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Table})
			}
		})
	},
}

func unique(p *lint.Pass, view string) bool {
	t := p.World.Table(view)
	if t == nil {
		return true // nothing is known of it
	}
	for _, ix := range t.Indexes {
		if ix.Unique && ix.Where == "" {
			return true
		}
	}
	return false
}
