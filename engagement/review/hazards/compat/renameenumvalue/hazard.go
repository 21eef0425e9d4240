// Package renameenumvalue is the hazard compat.rename-enum-value.
package renameenumvalue

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is compat.rename-enum-value.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.rename-enum-value",
		Title:    "Value of an enumeration renamed",
		Summary:  "ALTER TYPE ... RENAME VALUE takes a value away that running code writes and compares with.",
		Why:      "Old and new code run side by side during each deploy, and a roll-back runs old code again: whoever still uses the old name fails at once.",
		Fix:      "Add the new value, let code understand both, change rows in batches, and leave the old value unused.",
		Wrong:    "No running code names the value.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.CrossTeam,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TYPE", URL: "https://www.postgresql.org/docs/current/sql-altertype.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.AlterEnum && a.Option == "rename value" && p.World.NewEnum(a.Name) == nil {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Name})
			}
		})
	},
}
