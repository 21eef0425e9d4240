// Package triggersoff is the hazard data.triggers-off.
package triggersoff

import (
	"cmp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is data.triggers-off.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.triggers-off",
		Title:    "Triggers switched off",
		Summary:  "DISABLE TRIGGER ALL, or session_replication_role = replica, switches off the checks of foreign keys.",
		Why:      "Rows that refer to nothing come in and are never found again: the constraint stays valid by name.",
		Fix:      "Defer the constraints (SET CONSTRAINTS ALL DEFERRED), or name the trigger that is in the way.",
		Wrong:    "No row is written that a foreign key is about.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "SHARE ROW EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.TriggerState && a.Option == "disable" && strings.EqualFold(a.Name, "all") || a.Kind == statement.Set && a.Name == "session_replication_role" && a.NewName == "replica" {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: cmp.Or(a.Table, a.Name)})
			}
		})
	},
}
