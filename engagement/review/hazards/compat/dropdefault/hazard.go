// Package dropdefault is the hazard compat.drop-default.
package dropdefault

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is compat.drop-default.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.drop-default",
		Title:    "Default dropped under running code",
		Summary:  "DROP DEFAULT makes INSERTs of code that leaves the column out write NULL, or fail.",
		Why:      "Code that counts on the default goes on running during the deploy.",
		Fix:      "Release code that writes the column first.",
		Wrong:    "All running code writes the column.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.CrossTeam,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			t := p.World.Table(a.Table)
			if a.Kind != statement.DropDefault || t == nil {
				return
			}
			c := t.Column(a.Name)
			if c == nil || !c.NotNull || c.Default == "" {
				return
			}
			f := lint.Finding{Action: a, Impact: im, Subject: im.Table + "." + a.Name, Cause: "drop-default", Together: "%d defaults of required columns are dropped"}
			if addedHere(p, a) {
				// Django's way to add a required column: code that runs cannot know it.
				f.Sev, f.Cause, f.Together = report.High, "drop-new-default", "%d new required columns lose their default"
				f.Title = "The new required column " + im.Table + "." + a.Name + " loses its default"
				f.Claim = "The column is added NOT NULL in the same change. Running code does not know it, and each of its INSERTs fails from the moment at which the default is gone until the new code is out."
			}
			p.Report(f)
		})
	},
}

// addedHere says whether the change under review adds the column.
func addedHere(p *lint.Pass, drop *statement.Action) bool {
	for _, f := range p.Files {
		for _, st := range f.Steps {
			for i := range st.Actions {
				if a := &st.Actions[i]; a.Kind == statement.AddColumn && a.Table == drop.Table && a.Name == drop.Name {
					return true
				}
			}
		}
		if p.World.Created(drop.Table) != nil {
			return false
		}
	}
	return false
}
