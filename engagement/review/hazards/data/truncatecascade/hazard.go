// Package truncatecascade is the hazard data.truncate-cascade.
package truncatecascade

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is data.truncate-cascade.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.truncate-cascade",
		Title:    "TRUNCATE ... CASCADE",
		Summary:  "TRUNCATE ... CASCADE empties each table that refers to the one that is named, and those that refer to them.",
		Why:      "One more foreign key since the migration was tested, and another table is empty.",
		Fix:      "Name the tables.",
		Wrong:    "All tables that refer to it are meant.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on all those tables",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: TRUNCATE", URL: "https://www.postgresql.org/docs/current/sql-truncate.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.Truncate && a.Cascade {
				p.Report(lint.Finding{Action: a, Impact: im})
			}
		})
	},
}
