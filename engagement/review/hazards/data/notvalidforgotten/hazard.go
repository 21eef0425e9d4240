// Package notvalidforgotten is the hazard data.not-valid-forgotten.
package notvalidforgotten

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is data.not-valid-forgotten.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.not-valid-forgotten",
		Title:    "Constraint that is never validated",
		Summary:  "A constraint is added as NOT VALID and no migration under review validates it.",
		Why:      "New rows are checked and old ones are not: the planner and the reader may not rely on it, and rows that break it stay.",
		Fix:      "VALIDATE CONSTRAINT in the next migration.",
		Wrong:    "It is validated by a later release, or old rows are meant to be exempt.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE or SHARE ROW EXCLUSIVE, for a moment",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Change: func(p *lint.Pass) {
		for _, f := range p.Files {
			for _, st := range f.Steps {
				for i := range st.Actions {
					a := &st.Actions[i]
					if k := a.Constraint; k != nil && k.NotValid && k.Name != "" && a.Table != "" && st.Status[i] != lint.New && pending(p, a.Table, k.Name) {
						p.Report(lint.Finding{Step: st, Action: a, Impact: &st.Impacts[i], Subject: a.Table + "." + k.Name, Cause: "not-valid", Together: "%d constraints are never validated"})
					}
				}
			}
		}
	},
}

// pending says whether the constraint stands in the schema, not validated, at the end of the change.
func pending(p *lint.Pass, table, name string) bool {
	t := p.World.Table(table)
	if t == nil {
		return false
	}
	for _, c := range t.Checks {
		if strings.EqualFold(c.Name, name) {
			return c.NotValid
		}
	}
	for _, fk := range t.ForeignKeys {
		if strings.EqualFold(fk.Name, name) {
			return fk.NotValid
		}
	}
	return false
}
