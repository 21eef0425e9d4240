// Package detachpartition is the hazard concurrent.detach-partition.
package detachpartition

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is concurrent.detach-partition.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "concurrent.detach-partition",
		Title:    "DETACH PARTITION without CONCURRENTLY",
		Summary:  "DETACH PARTITION takes ACCESS EXCLUSIVE on the parent.",
		Why:      "Every query of the whole partitioned table waits behind it.",
		Fix:      "ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY, outside of a transaction, from PostgreSQL 14 on.",
		Wrong:    "There is a default partition (CONCURRENTLY is refused then).",
		Products: "PostgreSQL",
		Versions: "14 and later",
		Lock:     "ACCESS EXCLUSIVE on parent and partition",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: partition maintenance", URL: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if im.Kind == predict.DetachKind && p.World.Server.Major >= 14 {
				p.Report(lint.Finding{Action: a, Impact: im})
			}
		})
	},
}
