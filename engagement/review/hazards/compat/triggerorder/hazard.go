// Package triggerorder is the hazard compat.trigger-order.
package triggerorder

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is compat.trigger-order.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.trigger-order",
		Title:    "Another trigger on a table that has some",
		Summary:  "CREATE TRIGGER puts a trigger beside others of the table; those of one event run in the order of their names.",
		Why:      "The new one runs before or behind the old ones by the alphabet, and sees or hides what they change.",
		Fix:      "Choose the name so that it runs where it must, and test with the others.",
		Wrong:    "The triggers do not depend on each other.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "SHARE ROW EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: overview of triggers", URL: "https://www.postgresql.org/docs/current/trigger-definition.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.CreateTrigger && len(p.World.Triggers(a.Table)) > 0 && !a.OrReplace && !contains(p.World.Triggers(a.Table), a.Name) {
				p.Report(lint.Finding{Action: a, Impact: im, Cause: "trigger-order", Together: "%d triggers join others of their table"})
			}
		})
	},
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
