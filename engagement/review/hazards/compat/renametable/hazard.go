// Package renametable is the hazard compat.rename-table.
package renametable

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Hazard is compat.rename-table.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.rename-table",
		Title:    "Table renamed under running code",
		Summary:  "RENAME TO takes the name away that running code uses.",
		Why:      "Old and new code run side by side during each deploy, and a roll-back runs old code again: whoever still uses the old name fails at once.",
		Fix:      "Leave a view of the old name (updatable, so that writes pass too) in the same transaction, and drop it a release later.",
		Wrong:    "No running code names the table.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.CrossTeam,
		Before:   "ALTER TABLE orders RENAME TO purchases;",
		After: `BEGIN;
ALTER TABLE orders RENAME TO purchases;
CREATE VIEW orders AS SELECT * FROM purchases;
COMMIT;`,
		Refs: []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.RenameTable && !replaced(p, a.Table) {
				p.Report(lint.Finding{Action: a, Impact: im})
			}
		})
	},
}

// replaced says whether a later statement of the file makes a table or view of the old name.
func replaced(p *lint.Pass, name string) bool {
	all := p.Step.File.Migration.Script.Statements
	dialect := p.Step.File.Migration.Dialect
	for i := p.Step.Index + 1; i < len(all); i++ {
		for _, a := range statement.Parse(&all[i], dialect) {
			made := a.Kind == statement.CreateView || a.Kind == statement.CreateTable
			if made && schema.Key(a.Table) == schema.Key(name) || a.Kind == statement.RenameTable && schema.Key(a.NewName) == schema.Key(name) {
				return true
			}
		}
	}
	return false
}
