// Package noprimarykey is the hazard mysql.no-primary-key.
package noprimarykey

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.no-primary-key.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.no-primary-key",
		Title:    "New InnoDB table without a primary key",
		Summary:  "A table is made without a primary key.",
		Why:      "InnoDB orders its rows by a hidden counter that all such tables share; row-based replication looks for each changed row by a scan; group replication and online tools refuse it.",
		Fix:      "Give it a key.",
		Wrong:    "sql_generate_invisible_primary_key is on.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "MySQL: requiring a primary key", URL: "https://dev.mysql.com/doc/refman/8.4/en/create-table-gipks.html"}},
	},
	Change: func(p *lint.Pass) {
		if p.World.Postgres() {
			return
		}
		for _, f := range p.Files {
			for _, st := range f.Steps {
				a := &st.Actions[0]
				if a.Kind != statement.CreateTable || a.Temporary || a.Def.Like != "" || p.World.Created(a.Table) != st {
					continue
				}
				if t := p.World.Table(a.Table); t != nil && !t.Incomplete && len(t.PrimaryKey) == 0 {
					p.Report(lint.Finding{Step: st, Action: a, Impact: &st.Impacts[0], Subject: a.Table, Cause: "keyless", Together: "%d new tables have no primary key"})
				}
			}
		}
	},
}
