// Package validateinsametransaction is the hazard queue.validate-in-same-transaction.
package validateinsametransaction

import (
	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is queue.validate-in-same-transaction.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "queue.validate-in-same-transaction",
		Title:    "Constraint validated in the transaction that adds it",
		Summary:  "A constraint is added as NOT VALID and validated in the same transaction.",
		Why:      "NOT VALID is there to keep the strong lock short. In one transaction the lock of ADD CONSTRAINT is held while all rows are read: nothing is gained.",
		Fix:      "Validate in a migration of its own.",
		Wrong:    "The tool runs each statement by itself.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "the lock of ADD CONSTRAINT",
		Work:     "scans the table",
		Severity: report.High,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind != statement.Validate || im.Effect.Work == 0 {
				return
			}
			if im.Harm() { // another part of the same ALTER TABLE takes the lock
				p.Report(lint.Finding{Action: a, Impact: im})
				return
			}
			if !p.Step.InTransaction {
				return
			}
			for _, held := range p.Step.Held {
				if held.Lock >= effect.ShareRowExclusive && held.Table == im.Table && held.Step != p.Step {
					p.Report(lint.Finding{Action: a, Impact: &held.Step.Impacts[0], Subject: im.Table, Claim: "The scan of " + im.Table + " runs while the transaction still holds " + held.Lock.String() + " on it.", Also: []lint.Related{{Step: held.Step, Note: "takes the lock"}}})
					return
				}
			}
		})
	},
}
