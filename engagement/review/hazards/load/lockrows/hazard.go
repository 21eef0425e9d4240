// Package lockrows is the hazard load.lock-rows.
package lockrows

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// Hazard is load.lock-rows.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "load.lock-rows",
		Title:    "SELECT that locks every row of a table",
		Summary:  "SELECT ... FOR UPDATE or FOR SHARE has neither WHERE nor LIMIT, so that each row of the table is locked until the transaction ends.",
		Why:      "Updates and deletes of any row wait, and on MySQL and MariaDB inserts too. PostgreSQL also writes the lock into each row, which is as much work as a scan with writes.",
		Fix:      "Lock the rows that are meant, in batches by primary key; to keep all writers out for a moment, say LOCK TABLE with a lock_timeout.",
		Wrong:    "The table has few rows (give --db, so that its size is known).",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "every row",
		Work:     "reads the table",
		Severity: report.Medium,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: row-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, _ *predict.Impact, _ lint.Status) {
			if a.Kind != statement.Select || !locksAll(a.Tokens) {
				return
			}
			for _, table := range a.Sources {
				if p.World.Live(table) {
					p.Report(lint.Finding{Action: a, Subject: table, Title: table + ": SELECT locks every row"})
					return
				}
			}
		})
	},
}

// locksAll says whether a query locks what it reads and nothing bounds that.
func locksAll(toks []sqltoken.Token) bool {
	locks := false
	for i := range toks {
		t := &toks[i]
		switch {
		case t.Is("WHERE"), t.Is("LIMIT"), t.Is("FETCH"), t.Is("JOIN"), t.Is("SKIP"):
			return false
		case t.Is("FOR") && i+1 < len(toks):
			next := &toks[i+1]
			locks = locks || next.Is("UPDATE") || next.Is("SHARE") || next.Is("NO") || next.Is("KEY")
		}
	}
	return locks
}
