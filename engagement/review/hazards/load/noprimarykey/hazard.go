// Package noprimarykey is the hazard load.no-primary-key.
package noprimarykey

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Hazard is load.no-primary-key.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "load.no-primary-key",
		Title:    "New table without a primary key",
		Summary:  "A table is made that has no primary key and no unique index.",
		Why:      "Logical replication refuses UPDATE and DELETE on it, batches have nothing to go by, and equal rows can not be told apart.",
		Fix:      "Give it a key.",
		Wrong:    "It is a log that is only added to, or a partition gets its key from the parent.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: restrictions of logical replication", URL: "https://www.postgresql.org/docs/current/logical-replication-restrictions.html"}, {Title: "PostgreSQL: replica identity", URL: "https://www.postgresql.org/docs/current/logical-replication-publication.html"}},
	},
	Change: func(p *lint.Pass) {
		for _, f := range p.Files {
			for _, st := range f.Steps {
				for i := range st.Actions {
					a := &st.Actions[i]
					if a.Kind != statement.CreateTable || a.Temporary || a.Def.PartitionOf != "" || a.Def.Like != "" || len(a.Def.Inherits) > 0 || p.World.Created(a.Table) != st {
						continue
					}
					t := p.World.Table(a.Table)
					if t == nil || t.Incomplete || len(t.PrimaryKey) > 0 || keyed(t) {
						continue
					}
					p.Report(lint.Finding{Step: st, Action: a, Impact: &st.Impacts[i], Subject: a.Table, Cause: "keyless", Together: "%d new tables have no primary key"})
				}
			}
		}
	},
}

func keyed(t *schema.Table) bool {
	for _, ix := range t.Indexes {
		if ix.Unique && ix.Where == "" {
			return true
		}
	}
	return false
}
