// Package severalalters is the hazard mysql.several-alters.
package severalalters

import (
	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.several-alters.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.several-alters",
		Title:    "Several ALTER TABLE of one table",
		Summary:  "A table gets more than one ALTER TABLE that rebuilds or copies it, one after the other.",
		Why:      "Each one reads and writes the whole table again.",
		Fix:      "Join them into one ALTER TABLE.",
		Wrong:    "Their algorithms differ, so that joined they would be as dear as the dearest.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "as each statement",
		Work:     "rewrites the table",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "MySQL: online DDL operations", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html"}},
	},
	File: func(p *lint.Pass) {
		if p.World.Postgres() {
			return
		}
		first := map[string]*lint.Step{}
		for _, st := range p.File.Steps {
			for i := range st.Impacts {
				im := &st.Impacts[i]
				if st.Status[i] != lint.Live || im.Refused || im.Effect.Work&effect.Rewrite == 0 {
					continue
				}
				before := first[im.Table]
				if before != nil && before != st {
					p.Report(lint.Finding{Step: st, Action: &st.Actions[i], Impact: im, Also: []lint.Related{{Step: before, Note: "rewrites the table already"}}, Cause: im.Table, Together: "%d statements rewrite one table, one after the other"})
				}
				if before == nil {
					first[im.Table] = st
				}
			}
		}
	},
}
