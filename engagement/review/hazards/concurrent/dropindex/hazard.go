// Package dropindex is the hazard concurrent.drop-index.
package dropindex

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is concurrent.drop-index.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "concurrent.drop-index",
		Title:    "DROP INDEX without CONCURRENTLY",
		Summary:  "DROP INDEX takes ACCESS EXCLUSIVE on the table of the index.",
		Why:      "It is short when it gets the lock, and waits behind each open transaction until then, with everybody else behind it.",
		Fix:      "DROP INDEX CONCURRENTLY, outside of a transaction; or a short lock_timeout.",
		Wrong:    "lock_timeout is set.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneLine,
		Before:   "DROP INDEX orders_code;",
		After:    "DROP INDEX CONCURRENTLY orders_code;",
		Refs:     []report.Reference{{Title: "PostgreSQL: building indexes concurrently", URL: "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if im.Kind == predict.DropIndexKind && p.World.Postgres() && (p.Step.LockTimeout == "" || p.Step.LockTimeout == "0") {
				p.Report(lint.Finding{Action: a, Impact: im, Cause: "drop-index", Together: "%d indexes are dropped without CONCURRENTLY"})
			}
		})
	},
}
