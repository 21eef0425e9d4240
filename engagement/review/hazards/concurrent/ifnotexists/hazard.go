// Package ifnotexists is the hazard concurrent.if-not-exists.
package ifnotexists

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is concurrent.if-not-exists.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "concurrent.if-not-exists",
		Title:    "CONCURRENTLY with IF NOT EXISTS",
		Summary:  "CREATE INDEX CONCURRENTLY IF NOT EXISTS passes over an invalid index that an earlier try left.",
		Why:      "A build that fails or is cut off leaves an INVALID index of that name. The second try sees the name, does nothing and succeeds: every write pays for an index that no query uses.",
		Fix:      "DROP INDEX CONCURRENTLY IF EXISTS first, then create it without IF NOT EXISTS.",
		Wrong:    "Somebody checks pg_index.indisvalid behind the migration.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "SHARE UPDATE EXCLUSIVE on the table",
		Work:     "builds an index",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: building indexes concurrently", URL: "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.CreateIndex && a.Concurrently && a.IfNotExists && !droppedBefore(p, a.Name) {
				p.Report(lint.Finding{Action: a, Impact: im, Cause: "if-not-exists", Together: "%d concurrent indexes are made with IF NOT EXISTS"})
			}
		})
	},
}

// droppedBefore says whether an earlier statement of the file drops an index of the name.
func droppedBefore(p *lint.Pass, name string) bool {
	for _, st := range p.Step.File.Steps[:p.Step.Index] {
		for i := range st.Actions {
			if st.Actions[i].Kind != statement.DropIndex {
				continue
			}
			for _, n := range st.Actions[i].Names {
				if strings.EqualFold(n, name) {
					return true
				}
			}
		}
	}
	return false
}
