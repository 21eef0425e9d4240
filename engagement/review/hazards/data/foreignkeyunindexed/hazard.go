// Package foreignkeyunindexed is the hazard data.foreign-key-unindexed.
package foreignkeyunindexed

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is data.foreign-key-unindexed.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.foreign-key-unindexed",
		Title:    "Foreign key without an index",
		Summary:  "A foreign key gets columns that no index leads with.",
		Why:      "Each DELETE and each change of a key of the referenced table looks for rows that refer to it, and reads the whole table for that.",
		Fix:      "CREATE INDEX CONCURRENTLY on the columns, before the constraint.",
		Wrong:    "Rows of the referenced table are never deleted, and nobody joins by the column.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "SHARE ROW EXCLUSIVE on both tables",
		Work:     "scans the table",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: foreign keys", URL: "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK"}},
	},
	File: func(p *lint.Pass) {
		if !p.World.Postgres() {
			return
		}
		for _, st := range p.File.Steps {
			for i := range st.Actions {
				a := &st.Actions[i]
				for _, k := range keys(a) {
					if t := p.World.Table(a.Table); t != nil && !t.Incomplete && k.Type == statement.ForeignKey && len(k.Columns) > 0 && t.Column(k.Columns[0]) != nil && len(t.IndexesLeading(k.Columns...)) == 0 {
						p.Report(lint.Finding{Step: st, Action: a, Impact: &st.Impacts[i], Subject: a.Table + "." + strings.Join(k.Columns, ","), Title: a.Table + " (" + strings.Join(k.Columns, ", ") + ") refers to " + k.RefTable + " and has no index",
							Claim: "No index of " + a.Table + " begins with " + strings.Join(k.Columns, ", ") + " at the end of the migration.", Cause: "unindexed", Together: "%d foreign keys have no index"})
					}
				}
			}
		}
	},
}

func keys(a *statement.Action) []*statement.Constraint {
	var out []*statement.Constraint
	if a.Constraint != nil && a.Table != "" {
		out = append(out, a.Constraint)
	}
	if a.Kind == statement.AddColumn {
		out = append(out, a.Column.Constraints...)
	}
	if a.Kind == statement.CreateTable {
		out = append(out, a.Def.Constraints...)
		for _, c := range a.Def.Columns {
			out = append(out, c.Constraints...)
		}
	}
	return out
}
