// Package nokeyforbatches is the hazard load.no-key-for-batches.
package nokeyforbatches

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is load.no-key-for-batches.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "load.no-key-for-batches",
		Title:    "Backfill of a table without a primary key",
		Summary:  "Rows of a table are written that has no primary key, so that batches have nothing to go by.",
		Why:      "A batch that can not say where the last one ended reads the table from the start each time; and logical replication refuses the UPDATE.",
		Fix:      "Give the table a key first; or batch by ctid ranges.",
		Wrong:    "A unique index serves.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ROW EXCLUSIVE on the table",
		Work:     "writes rows",
		Severity: report.Low,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: restrictions of logical replication", URL: "https://www.postgresql.org/docs/current/logical-replication-restrictions.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			t := p.World.Table(a.Table)
			if (im.Kind != predict.UpdateAll && im.Kind != predict.DeleteAll) || t == nil || t.Incomplete || t.View || len(t.PrimaryKey) > 0 {
				return
			}
			for _, ix := range t.Indexes {
				if ix.Unique {
					return
				}
			}
			p.Report(lint.Finding{Action: a, Impact: im})
		})
	},
}
