// Package truncate is the hazard data.truncate.
package truncate

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is data.truncate.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.truncate",
		Title:    "TRUNCATE in a migration",
		Summary:  "TRUNCATE deletes all rows of a table in use.",
		Why:      "It can not be undone behind COMMIT, and fires no DELETE triggers.",
		Fix:      "Keep a copy, or rename the table and drop it a release later.",
		Wrong:    "The rows can be made again.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: TRUNCATE", URL: "https://www.postgresql.org/docs/current/sql-truncate.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.Truncate {
				p.Report(lint.Finding{Action: a, Impact: im})
			}
		})
	},
}
