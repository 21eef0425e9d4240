// Package foreignkeychecksoff is the hazard mysql.foreign-key-checks-off.
package foreignkeychecksoff

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.foreign-key-checks-off.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.foreign-key-checks-off",
		Title:    "Foreign keys added or rows written with foreign_key_checks off",
		Summary:  "Rows are written, or a foreign key is added, while foreign_key_checks is off.",
		Why:      "Nothing is checked then or later: rows that refer to nothing stay, and the constraint looks valid.",
		Fix:      "Check for orphans by a query first (LEFT JOIN ... IS NULL), and switch it on again in the same file.",
		Wrong:    "The query was run.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "MySQL: foreign key constraints", URL: "https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html"}},
	},
	Statement: func(p *lint.Pass) {
		if p.World.Postgres() {
			return
		}
		off := false
		for _, before := range p.Step.File.Steps[:p.Step.Index+1] {
			for i := range before.Actions {
				if a := &before.Actions[i]; a.Kind == statement.Set && a.Name == "foreign_key_checks" {
					off = a.NewName == "0" || strings.EqualFold(a.NewName, "off")
				}
			}
		}
		if !off {
			return
		}
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Constraint != nil && a.Constraint.Type == statement.ForeignKey || a.Kind == statement.Insert || a.Kind == statement.Update || a.Kind == statement.Delete {
				p.Report(lint.Finding{Action: a, Impact: im, Cause: p.Step.File.Migration.Path, Together: "%d statements run with foreign_key_checks off"})
			}
		})
	},
}
