// Package unclosedtransaction is the hazard queue.unclosed-transaction.
package unclosedtransaction

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is queue.unclosed-transaction.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "queue.unclosed-transaction",
		Title:    "BEGIN without COMMIT",
		Summary:  "The file opens a transaction and does not end it.",
		Why:      "The locks stay until the session ends, and the change is then rolled back.",
		Fix:      "Add COMMIT, or leave the transaction to the tool.",
		Wrong:    "The tool appends COMMIT itself.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "all locks of the file",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	File: func(p *lint.Pass) {
		var open *lint.Step
		for _, st := range p.File.Steps {
			switch st.Actions[0].Kind {
			case statement.Begin:
				open = st
			case statement.Commit:
				open = nil
			}
		}
		if open != nil {
			p.Report(lint.Finding{Step: open, Impact: &open.Impacts[0], Subject: open.File.Migration.Path})
		}
	},
}
