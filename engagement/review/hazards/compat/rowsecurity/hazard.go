// Package rowsecurity is the hazard compat.row-security.
package rowsecurity

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is compat.row-security.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.row-security",
		Title:    "Row security switched on",
		Summary:  "ENABLE ROW LEVEL SECURITY hides all rows from roles that no policy names.",
		Why:      "Without a policy that lets the role of the application pass, each SELECT finds nothing and each INSERT fails, without an error at the migration.",
		Fix:      "Create the policies before, in the same transaction, and test as the role of the application.",
		Wrong:    "The application connects as the owner of the table, or policies exist.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: row security policies", URL: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind != statement.RowSecurity {
				return
			}
			for _, st := range p.Step.File.Steps {
				for i := range st.Actions {
					if st.Actions[i].Kind == statement.CreatePolicy && st.Actions[i].Table == a.Table {
						return
					}
				}
			}
			p.Report(lint.Finding{Action: a, Impact: im})
		})
	},
}
