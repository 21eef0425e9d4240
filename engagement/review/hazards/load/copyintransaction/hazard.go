// Package copyintransaction is the hazard load.copy-in-transaction.
package copyintransaction

import (
	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is load.copy-in-transaction.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "load.copy-in-transaction",
		Title:    "COPY into a table in use inside the transaction of a change",
		Summary:  "Rows are loaded in the transaction that holds a strong lock on another table.",
		Why:      "The lock stays until the last row is loaded.",
		Fix:      "Load in a migration of its own.",
		Wrong:    "Few rows are loaded.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE from before",
		Work:     "writes rows",
		Severity: report.Medium,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	Statement: func(p *lint.Pass) {
		if !p.Step.InTransaction {
			return
		}
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind != statement.Copy || a.Option != "" {
				return
			}
			for _, held := range p.Step.Held {
				if held.Lock == effect.AccessExclusive && p.World.Live(held.Table) {
					p.Report(lint.Finding{Action: a, Impact: &held.Step.Impacts[0], Subject: held.Table, Also: []lint.Related{{Step: held.Step, Note: "takes the lock"}}})
					return
				}
			}
		})
	},
}
