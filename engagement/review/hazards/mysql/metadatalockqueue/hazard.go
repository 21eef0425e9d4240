// Package metadatalockqueue is the hazard mysql.metadata-lock-queue.
package metadatalockqueue

import (
	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.metadata-lock-queue.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.metadata-lock-queue",
		Title:    "Schema change without lock_wait_timeout",
		Summary:  "ALTER TABLE, DROP, RENAME or TRUNCATE wait for the exclusive metadata lock, for up to a year by default.",
		Why:      "Any open transaction that has read the table holds the lock back; the request waits, and every later query of the table waits behind it, also for an INSTANT change.",
		Fix:      "SET SESSION lock_wait_timeout = 5 first, and try again when it fails.",
		Wrong:    "The server sets lock_wait_timeout.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "exclusive metadata lock, for a moment",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "MySQL: metadata locking", URL: "https://dev.mysql.com/doc/refman/8.4/en/metadata-locking.html"}},
	},
	File: func(p *lint.Pass) {
		if p.World.Postgres() {
			return
		}
		for _, st := range p.File.Steps {
			for i := range st.Impacts {
				im := &st.Impacts[i]
				ddl := im.Effect.Algorithm != effect.NoAlgorithm || im.Effect.Admits == effect.Nothing
				if ddl && !im.Refused && st.Status[i] == lint.Live && st.LockTimeout == "" {
					p.Report(lint.Finding{Step: st, Action: &st.Actions[i], Impact: im, Title: st.File.Migration.Path + ": waits for " + im.Table + " without lock_wait_timeout", Cause: "lock-wait", Together: "%d migrations wait for metadata locks without a lock_wait_timeout"})
					return
				}
			}
		}
	},
}
