// Package uniqueonduplicates is the hazard data.unique-on-duplicates.
package uniqueonduplicates

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is data.unique-on-duplicates.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.unique-on-duplicates",
		Title:    "Unique index over values that may repeat",
		Summary:  "A unique index is built concurrently over columns that were not unique so far.",
		Why:      "One duplicate makes the build fail, late, and leaves an INVALID index that refuses new duplicates all the same.",
		Fix:      "Look for duplicates first (SELECT columns, count(*) ... GROUP BY ... HAVING count(*) > 1), and decide what to do with them in a migration before.",
		Wrong:    "The values are known to be unique.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "SHARE UPDATE EXCLUSIVE on the table",
		Work:     "builds an index",
		Severity: report.Low,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: building indexes concurrently", URL: "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.CreateIndex && a.Index.Unique && im.Kind == predict.CreateIndexConc && !a.Index.Exprs {
				p.Report(lint.Finding{Action: a, Impact: im, Cause: "unique", Together: "%d unique indexes are built over values that may repeat"})
			}
		})
	},
}
