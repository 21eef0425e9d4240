// Package setschema is the hazard compat.set-schema.
package setschema

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is compat.set-schema.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.set-schema",
		Title:    "Table moved into another schema",
		Summary:  "SET SCHEMA takes the table out of the search path of running code.",
		Why:      "Old and new code run side by side during each deploy, and a roll-back runs old code again: whoever still uses the old name fails at once.",
		Fix:      "Leave a view in the old schema in the same transaction.",
		Wrong:    "search_path of all code holds both schemas.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.CrossTeam,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.SetSchema {
				p.Report(lint.Finding{Action: a, Impact: im})
			}
		})
	},
}
