// Package cachedplan is the hazard compat.cached-plan.
package cachedplan

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is compat.cached-plan.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.cached-plan",
		Title:    "Prepared statements that name all columns",
		Summary:  "The type of a column changes; prepared statements that return it fail once with \"cached plan must not change result type\".",
		Why:      "Drivers and poolers keep prepared statements over the deploy. Each connection fails at least once; in a transaction the whole transaction fails.",
		Fix:      "Deploy with a restart of the connections, or name columns in prepared statements and change in two steps.",
		Wrong:    "The driver prepares nothing, or tries again by itself.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.CrossTeam,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.AlterType && !im.Harm() && (im.Kind == predict.TypeFree || im.Kind == predict.TypeReindex || im.Kind == predict.TypeCheck) && named(p, a) {
				p.Report(lint.Finding{Action: a, Impact: im, Cause: "cached-plan", Together: "%d changes of types break prepared statements once"})
			}
		})
	},
}

// named says whether the name of the type changes: another limit is the same type to a plan.
func named(p *lint.Pass, a *statement.Action) bool {
	t := p.World.Table(a.Table)
	if t == nil {
		return false
	}
	c := t.Column(a.Name)
	return c != nil && c.Type.Name != a.Column.Type.Name && !(c.Type.Name == "text" && a.Column.Type.Name == "varchar")
}
