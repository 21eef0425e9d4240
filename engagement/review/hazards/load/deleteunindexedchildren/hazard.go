// Package deleteunindexedchildren is the hazard load.delete-unindexed-children.
package deleteunindexedchildren

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is load.delete-unindexed-children.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "load.delete-unindexed-children",
		Title:    "DELETE whose children have no index",
		Summary:  "Rows are deleted that another table refers to by columns without an index.",
		Why:      "For each deleted row the server reads the whole other table to look for rows that refer to it: N rows times a scan.",
		Fix:      "CREATE INDEX CONCURRENTLY on the referring columns first.",
		Wrong:    "Few rows are deleted, or the other table is small.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ROW EXCLUSIVE on the table",
		Work:     "writes rows",
		Severity: report.High,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: foreign keys", URL: "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			t := p.World.Table(a.Table)
			if im.Kind != predict.DeleteAll || t == nil || !p.World.Postgres() {
				return
			}
			for _, name := range p.World.Schema().Names() {
				child := p.World.Schema().Tables[name]
				for _, fk := range child.ForeignKeys {
					if fk.Enforced && fk.RefTable != "" && p.World.Table(fk.RefTable) == t && len(child.IndexesLeading(fk.Columns...)) == 0 && p.World.Live(child.Name) {
						p.Report(lint.Finding{Action: a, Impact: im, Subject: t.Name + " <- " + child.Name, Title: t.Name + ": each deleted row scans " + child.Name,
							Claim: "The foreign key (" + strings.Join(fk.Columns, ", ") + ") of " + child.Name + " refers to " + t.Name + " and has no index, so that each deleted row reads all of " + child.Name + "."})
						return
					}
				}
			}
		})
	},
}
