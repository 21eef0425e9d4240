// Package onpartitioned is the hazard concurrent.on-partitioned.
package onpartitioned

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is concurrent.on-partitioned.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "concurrent.on-partitioned",
		Title:    "CREATE INDEX CONCURRENTLY on a partitioned table",
		Summary:  "CREATE INDEX CONCURRENTLY names a partitioned table.",
		Why:      "PostgreSQL refuses it: \"cannot create index on partitioned table concurrently\".",
		Fix:      "CREATE INDEX ON ONLY the parent, CREATE INDEX CONCURRENTLY on each partition, then ALTER INDEX ... ATTACH PARTITION.",
		Wrong:    "The table is not partitioned any more.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none: it fails",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: building indexes concurrently", URL: "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"}, {Title: "PostgreSQL: partition maintenance", URL: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.CreateIndex && a.Concurrently && !a.Only && p.World.Postgres() && partitioned(p, a.Table) {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Table})
			}
		})
	},
}

func partitioned(p *lint.Pass, table string) bool {
	t := p.World.Table(table)
	return t != nil && t.Partitioned
}
