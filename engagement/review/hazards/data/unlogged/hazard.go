// Package unlogged is the hazard data.unlogged.
package unlogged

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is data.unlogged.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.unlogged",
		Title:    "Unlogged table",
		Summary:  "A table is made or set UNLOGGED.",
		Why:      "After a crash or a fail-over it is empty, and replicas never have it.",
		Fix:      "Leave it logged; speed of a bulk load comes as well from COPY and from indexes built behind it.",
		Wrong:    "The rows can be made again at any time.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "as the statement",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: asynchronous commit", URL: "https://www.postgresql.org/docs/current/wal-async-commit.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.CreateTable && a.Def.Unlogged || a.Kind == statement.SetLogged && a.Option == "unlogged" {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Table})
			}
		})
	},
}
