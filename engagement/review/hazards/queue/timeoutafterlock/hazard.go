// Package timeoutafterlock is the hazard queue.timeout-after-lock.
package timeoutafterlock

import (
	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is queue.timeout-after-lock.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "queue.timeout-after-lock",
		Title:    "lock_timeout set behind the first lock",
		Summary:  "The migration sets lock_timeout only behind a statement that has taken a strong lock.",
		Why:      "The first request waits without bound all the same.",
		Fix:      "Set lock_timeout before the first statement.",
		Wrong:    "The first lock was on a table that nobody uses.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: lock_timeout", URL: "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT"}},
	},
	Statement: func(p *lint.Pass) {
		for i := range p.Step.Actions {
			a := &p.Step.Actions[i]
			if a.Kind != statement.Set || a.Name != "lock_timeout" || a.NewName == "0" || p.Step.LockTimeout != "" {
				continue
			}
			for _, before := range p.Step.File.Steps[:p.Step.Index] {
				for k := range before.Impacts {
					if before.Status[k] == lint.Live && before.Impacts[k].Effect.Held() >= effect.Share {
						p.Report(lint.Finding{Action: a, Impact: &before.Impacts[k], Subject: before.Impacts[k].Table, Claim: "lock_timeout is set behind a statement that has waited for its lock without bound.", Also: []lint.Related{{Step: before, Note: "takes the lock"}}})
						return
					}
				}
			}
		}
	},
}
