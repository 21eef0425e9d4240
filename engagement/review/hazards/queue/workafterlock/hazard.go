// Package workafterlock is the hazard queue.work-after-lock.
package workafterlock

import (
	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is queue.work-after-lock.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "queue.work-after-lock",
		Title:    "Long work while an earlier lock is held",
		Summary:  "A statement works in proportion to a table while the transaction still holds a lock that stops readers of another statement before it.",
		Why:      "Locks stay until the transaction ends. A change of a millisecond that is followed by a scan or a backfill in the same transaction stops the application for the whole of it.",
		Fix:      "Put the long statement into a migration of its own, outside of the transaction that takes the lock.",
		Wrong:    "The table that is locked is not in use.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE from before",
		Work:     "scans, rewrites or writes rows",
		Severity: report.High,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: func(p *lint.Pass) {
		if !p.Step.InTransaction {
			return
		}
		for i := range p.Step.Impacts {
			im := &p.Step.Impacts[i]
			if im.Effect.Work == 0 || im.Harm() || p.Step.Status[i] == lint.None {
				continue
			}
			if a := &p.Step.Actions[i]; a.Kind == statement.Update || a.Kind == statement.Delete || a.Kind == statement.Insert || a.Kind == statement.Validate {
				continue // queue.ddl-and-backfill and queue.validate-in-same-transaction say these
			}
			for _, held := range p.Step.Held {
				if held.Lock == effect.AccessExclusive && p.World.Live(held.Table) {
					p.Report(lint.Finding{Action: &p.Step.Actions[i], Impact: &held.Step.Impacts[0], Subject: held.Table, Title: held.Table + ": locked while a later statement works",
						Claim: "This statement " + im.Effect.Work.String() + " while the transaction still holds ACCESS EXCLUSIVE on " + held.Table + ": nobody reads or writes " + held.Table + " until it ends.",
						Also:  []lint.Related{{Step: held.Step, Note: "takes the lock"}}})
					return
				}
			}
		}
	},
}
