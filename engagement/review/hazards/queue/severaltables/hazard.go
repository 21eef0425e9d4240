// Package severaltables is the hazard queue.several-tables.
package severaltables

import (
	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is queue.several-tables.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "queue.several-tables",
		Title:    "Several tables locked in one transaction",
		Summary:  "One transaction takes ACCESS EXCLUSIVE on more than two tables in use, one after the other.",
		Why:      "It holds the first while it waits for the next. Application transactions that touch the tables in another order deadlock with it, and all tables stop for as long as the slowest lock takes.",
		Fix:      "One migration (or at least one transaction) for each table; in one, lock in the order in which the application does.",
		Wrong:    "The statements are one change that must be seen whole, and lock_timeout is short.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on several tables",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	File: func(p *lint.Pass) {
		const bearable = 2
		tables := map[string]bool{}
		for _, st := range p.File.Steps {
			if !st.InTransaction {
				tables = map[string]bool{}
				continue
			}
			for i := range st.Impacts {
				im := &st.Impacts[i]
				if st.Status[i] != lint.Live || im.Effect.Target != effect.AccessExclusive || tables[im.Table] {
					continue
				}
				tables[im.Table] = true
				if len(tables) == bearable+1 {
					p.Report(lint.Finding{Step: st, Action: &st.Actions[i], Impact: im, Title: st.File.Migration.Path + ": several tables locked in one transaction", Claim: "This is the third table that the transaction locks under ACCESS EXCLUSIVE; it holds those before until it ends.",
						Cause: "several-tables", Together: "%d migrations lock several tables in one transaction"})
					return
				}
			}
		}
	},
}
