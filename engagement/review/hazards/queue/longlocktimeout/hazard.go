// Package longlocktimeout is the hazard queue.long-lock-timeout.
package longlocktimeout

import (
	"strings"

	"strconv"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is queue.long-lock-timeout.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "queue.long-lock-timeout",
		Title:    "lock_timeout longer than users wait",
		Summary:  "lock_timeout is set to more than ten seconds.",
		Why:      "While the request for the lock waits, all later statements on the table wait behind it: the timeout is the length of the outage that one try may make.",
		Fix:      "Set it to a few seconds, or less for a busy table, and try again more often.",
		Wrong:    "Nobody uses the database meanwhile.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: lock_timeout", URL: "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.Set && a.Name == "lock_timeout" && tooLong(a.NewName) {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Table})
			}
		})
	},
}

// longest is the time in milliseconds that users bear.
const longest = 10_000

func tooLong(value string) bool {
	value = strings.ToLower(strings.ReplaceAll(value, " ", ""))
	number := strings.TrimRight(value, "abcdefghijklmnopqrstuvwxyz")
	scale := map[string]float64{"": 1, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "us": 0.001, "d": 86_400_000}[value[len(number):]]
	n, err := strconv.ParseFloat(number, 64)
	return err == nil && n*scale > longest
}
