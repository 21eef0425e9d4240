// Package nolocktimeout is the hazard queue.no-lock-timeout.
package nolocktimeout

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is queue.no-lock-timeout.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "queue.no-lock-timeout",
		Title:    "Strong locks without a lock_timeout",
		Summary:  "Statements wait without bound for a lock that stops reads or writes, because no lock_timeout is set.",
		Why:      "A request for ACCESS EXCLUSIVE waits behind each open transaction that has touched the table, and everything that comes later waits behind the request: one slow report or an idle transaction turns a change of a millisecond into an outage.",
		Fix:      "SET lock_timeout to a few seconds (or less) before the first lock, and run the migration again when it fails.",
		Wrong:    "The tool or the role sets lock_timeout (ALTER ROLE ... SET lock_timeout).",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE or SHARE on the table",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Before:   "ALTER TABLE orders ADD COLUMN a int;",
		After: `SET lock_timeout = '2s';
ALTER TABLE orders ADD COLUMN a int;`,
		Refs: []report.Reference{{Title: "PostgreSQL: lock_timeout", URL: "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT"}, {Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"}},
	},
	File: func(p *lint.Pass) {
		if !p.World.Postgres() {
			return
		}
		for _, st := range p.File.Steps {
			if bounded(st.LockTimeout) || bounded(st.StatementTimeout) { // both end a wait for a lock
				continue
			}
			for i := range st.Impacts {
				im := &st.Impacts[i]
				if (st.Status[i] == lint.Live || st.Status[i] == lint.Small) && (im.Effect.BlocksReads() || im.Effect.BlocksWrites()) && st.Actions[i].Kind != statement.LockTable && !im.Refused {
					p.Report(lint.Finding{Step: st, Action: &st.Actions[i], Impact: im, Title: st.File.Migration.Path + ": locks on " + im.Table + " without a lock_timeout",
						Cause: "no-lock-timeout", Together: "%d migrations take strong locks without a lock_timeout"})
					return // one place a file says it
				}
			}
		}
	},
}

func bounded(timeout string) bool { return timeout != "" && timeout != "0" && timeout != "default" }
