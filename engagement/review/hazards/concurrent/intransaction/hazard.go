// Package intransaction is the hazard concurrent.in-transaction.
package intransaction

import (
	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is concurrent.in-transaction.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "concurrent.in-transaction",
		Title:    "CONCURRENTLY inside a transaction",
		Summary:  "A statement that PostgreSQL refuses in a transaction block (CREATE INDEX CONCURRENTLY, VACUUM, REINDEX CONCURRENTLY) runs in one by the rules of the tool.",
		Why:      "The migration fails at it with \"cannot run inside a transaction block\".",
		Fix:      "Give it a file of its own and switch the transaction of the tool off for it; where the tool sends a file as one query, one statement a file.",
		Wrong:    "The tool was set up to run files without a transaction.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none: it fails",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: building indexes concurrently", URL: "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"}, {Title: "PostgreSQL: several statements in a simple query", URL: "https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT"}},
	},
	Statement: func(p *lint.Pass) {
		if p.World.Postgres() && p.Step.InTransaction && layout.Outside(p.Step.Statement) {
			p.Report(lint.Finding{Action: &p.Step.Actions[0], Impact: &p.Step.Impacts[0], Claim: "PostgreSQL refuses this statement in a transaction. " + p.Step.File.Migration.Why})
		}
	},
}
