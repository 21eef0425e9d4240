// Package ddlandbackfill is the hazard queue.ddl-and-backfill.
package ddlandbackfill

import (
	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is queue.ddl-and-backfill.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "queue.ddl-and-backfill",
		Title:    "Backfill in the transaction of a schema change",
		Summary:  "Rows of a table are written in the same transaction that changed a schema under ACCESS EXCLUSIVE.",
		Why:      "The lock of the schema change stays until the last row is written: nobody reads the table for minutes, where the change alone takes a millisecond.",
		Fix:      "Split: the schema change in one migration, the backfill in batches in another that runs outside of a transaction.",
		Wrong:    "The table has few rows (give --db, so that its size is known).",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE from before",
		Work:     "writes rows",
		Severity: report.High,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}, {Title: "PostgreSQL: routine vacuuming", URL: "https://www.postgresql.org/docs/current/routine-vacuuming.html"}},
	},
	Statement: func(p *lint.Pass) {
		if !p.Step.InTransaction {
			return
		}
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if im.Effect.Work&effect.Modify == 0 {
				return
			}
			for _, held := range p.Step.Held {
				if held.Lock == effect.AccessExclusive && p.World.Live(held.Table) {
					p.Report(lint.Finding{Action: a, Impact: &held.Step.Impacts[0], Subject: held.Table, Title: held.Table + ": locked while rows are written",
						Claim: "Rows of " + im.Table + " are written while the transaction still holds ACCESS EXCLUSIVE on " + held.Table + ": nobody reads or writes " + held.Table + " until the last row is written.",
						Also:  []lint.Related{{Step: held.Step, Note: "takes the lock"}}})
					return
				}
			}
		})
	},
}
