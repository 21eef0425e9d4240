// Package dropcascade is the hazard data.drop-cascade.
package dropcascade

import (
	"cmp"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is data.drop-cascade.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.drop-cascade",
		Title:    "DROP ... CASCADE",
		Summary:  "DROP ... CASCADE also drops what depends on the object: views, foreign keys, columns of its type.",
		Why:      "What is dropped is what depends on it in production, not what did when the migration was written.",
		Fix:      "Drop the dependent objects by name first, and use no CASCADE.",
		Wrong:    "The dependants are known and named in the review.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table and its dependants",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, s lint.Status) {
			if !a.Cascade || s == lint.New {
				return
			}
			switch a.Kind {
			case statement.DropTable, statement.DropView, statement.DropColumn, statement.DropType, statement.DropFunction, statement.DropConstraint, statement.DropOther:
				p.Report(lint.Finding{Action: a, Impact: im, Subject: cmp.Or(a.Table, a.Name), Cause: "cascade", Together: "%d statements drop what depends on their object too"})
			}
		})
	},
}
