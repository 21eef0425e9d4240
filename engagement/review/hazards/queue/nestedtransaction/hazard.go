// Package nestedtransaction is the hazard queue.nested-transaction.
package nestedtransaction

import (
	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is queue.nested-transaction.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "queue.nested-transaction",
		Title:    "Transaction inside the one of the tool",
		Summary:  "The file says BEGIN or COMMIT although the tool runs it in a transaction.",
		Why:      "BEGIN inside a transaction is a warning and nothing more; COMMIT ends the transaction of the tool, so that what follows runs without one and a failure leaves half a migration.",
		Fix:      "Leave the transaction to the tool, or switch its own off and keep this one.",
		Wrong:    "The tool recognises BEGIN and opens none itself.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	File: func(p *lint.Pass) {
		if p.File.Migration.Wrap != layout.Together || !p.World.Postgres() {
			return
		}
		for _, st := range p.File.Steps {
			if k := st.Actions[0].Kind; k == statement.Begin || k == statement.Commit {
				p.Report(lint.Finding{Step: st, Impact: &st.Impacts[0], Subject: st.File.Migration.Path, Claim: "The file ends or opens a transaction that is not its own. " + st.File.Migration.Why, Cause: "nested", Together: "%d migrations open or end the transaction of the tool"})
				return
			}
		}
	},
}
