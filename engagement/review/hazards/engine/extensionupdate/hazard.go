// Package extensionupdate is the hazard engine.extension-update.
package extensionupdate

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is engine.extension-update.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "engine.extension-update",
		Title:    "Extension updated in a migration",
		Summary:  "ALTER EXTENSION ... UPDATE runs the scripts of the extension.",
		Why:      "They may lock and rewrite tables that hold its types, need rights that the role of the migration has not, and need the new library on each replica first.",
		Fix:      "Read the release notes of the extension, and update it apart from migrations.",
		Wrong:    "The extension holds functions only.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "as the scripts of the extension",
		Work:     "not known",
		Severity: report.Low,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER EXTENSION", URL: "https://www.postgresql.org/docs/current/sql-alterextension.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.CreateExtension && a.Option == "alter" {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Name})
			}
		})
	},
}
