// Package dropfunction is the hazard compat.drop-function.
package dropfunction

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Hazard is compat.drop-function.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.drop-function",
		Title:    "Function dropped under running code",
		Summary:  "DROP FUNCTION takes a function away that running code, triggers or views may call.",
		Why:      "Old and new code run side by side during each deploy, and a roll-back runs old code again: whoever still uses the old name fails at once.",
		Fix:      "CREATE OR REPLACE FUNCTION where the signature stays; else make the new one first and drop the old one a release later.",
		Wrong:    "It is made anew in the same migration.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.CrossTeam,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.DropFunction && !a.IfExists && !remade(p, a.Name) {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Name, Cause: "drop-function", Together: "%d functions are dropped under running code"})
			}
		})
	},
}

func remade(p *lint.Pass, name string) bool {
	all := p.Step.File.Migration.Script.Statements
	for i := p.Step.Index + 1; i < len(all); i++ {
		for _, a := range statement.Parse(&all[i], p.Step.File.Migration.Dialect) {
			if a.Kind == statement.CreateFunction && schema.Key(a.Name) == schema.Key(name) {
				return true
			}
		}
	}
	return false
}
