// Package leftover is the hazard concurrent.leftover.
package leftover

import (
	"regexp"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is concurrent.leftover.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "concurrent.leftover",
		Title:    "Leftover of a concurrent rebuild",
		Summary:  "An index whose name ends in _ccnew or _ccold is renamed, used or kept: it is what REINDEX CONCURRENTLY left when it was cut off.",
		Why:      "Such an index is invalid; writes pay for it and queries do not use it.",
		Fix:      "DROP INDEX CONCURRENTLY it, then run REINDEX CONCURRENTLY again.",
		Wrong:    "Somebody chose the name.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: REINDEX", URL: "https://www.postgresql.org/docs/current/sql-reindex.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if (a.Kind == statement.RenameIndex || a.Kind == statement.AlterIndex) && left.MatchString(a.Name) {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Name})
			}
		})
	},
}

var left = regexp.MustCompile(`_cc(?:new|old)\d*$`)
