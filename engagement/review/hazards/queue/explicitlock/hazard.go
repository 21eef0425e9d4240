// Package explicitlock is the hazard queue.explicit-lock.
package explicitlock

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is queue.explicit-lock.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "queue.explicit-lock",
		Title:    "LOCK TABLE in a migration",
		Summary:  "LOCK TABLE takes a lock that stops writes, and holds it to the end of the transaction.",
		Why:      "All that follows in the transaction runs under it.",
		Fix:      "Lock as late as possible, with a lock_timeout, and with the weakest mode that does.",
		Wrong:    "The lock is there to make a short swap atomic.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "as the statement says",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.LockTable && im.Effect.BlocksWrites() {
				p.Report(lint.Finding{Action: a, Impact: im})
			}
		})
	},
}
