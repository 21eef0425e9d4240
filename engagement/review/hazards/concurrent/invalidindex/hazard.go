// Package invalidindex is the hazard concurrent.invalid-index.
package invalidindex

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is concurrent.invalid-index.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "concurrent.invalid-index",
		Title:    "Use of an invalid index",
		Summary:  "A constraint is made of an index that the catalog calls invalid.",
		Why:      "A concurrent build of it failed. ADD CONSTRAINT ... USING INDEX refuses it.",
		Fix:      "Drop it concurrently, build it again, then add the constraint.",
		Wrong:    "It was built again since the catalog was read.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none: it fails",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: building indexes concurrently", URL: "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Constraint != nil && a.Constraint.UsingIndex != "" && p.World.Invalid(a.Constraint.UsingIndex) {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Table})
			}
		})
	},
}
