// Package hashindex is the hazard engine.hash-index.
package hashindex

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is engine.hash-index.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "engine.hash-index",
		Title:    "Hash index",
		Summary:  "A hash index is built.",
		Why:      "It serves equality on one column only: no order, no range, no uniqueness, no multicolumn key; before PostgreSQL 10 it was not crash safe. A B-tree does all of it at nearly the same speed.",
		Fix:      "USING btree; a hash index pays for long values that are compared for equality only.",
		Wrong:    "The values are long and compared for equality only.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "as the statement",
		Work:     "builds an index",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: building indexes concurrently", URL: "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Index != nil && a.Index.Method == "hash" && p.World.Postgres() {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Table})
			}
		})
	},
}
