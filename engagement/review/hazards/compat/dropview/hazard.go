// Package dropview is the hazard compat.drop-view.
package dropview

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Hazard is compat.drop-view.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.drop-view",
		Title:    "View dropped under running code",
		Summary:  "DROP VIEW takes a view away that running code or other views may use.",
		Why:      "Old and new code run side by side during each deploy, and a roll-back runs old code again: whoever still uses the old name fails at once.",
		Fix:      "CREATE OR REPLACE VIEW where the columns allow it; else make the new one under another name.",
		Wrong:    "It is made anew in the same transaction.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the view",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.CrossTeam,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.DropView && !remade(p, a.Table) {
				p.Report(lint.Finding{Action: a, Impact: im, Cause: "drop-view", Together: "%d views are dropped under running code"})
			}
		})
	},
}

// remade says whether a later statement of the file makes the view again.
func remade(p *lint.Pass, name string) bool {
	all := p.Step.File.Migration.Script.Statements
	for i := p.Step.Index + 1; i < len(all); i++ {
		for _, a := range statement.Parse(&all[i], p.Step.File.Migration.Dialect) {
			if (a.Kind == statement.CreateView || a.Kind == statement.CreateMatView || a.Kind == statement.CreateTable) && schema.Key(a.Table) == schema.Key(name) {
				return true
			}
		}
	}
	return false
}
