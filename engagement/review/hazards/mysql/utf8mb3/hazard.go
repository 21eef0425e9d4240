// Package utf8mb3 is the hazard mysql.utf8mb3.
package utf8mb3

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.utf8mb3.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.utf8mb3",
		Title:    "Character set utf8 (utf8mb3)",
		Summary:  "A table or column is made with utf8, which holds three bytes a character.",
		Why:      "It refuses emoji and many names, is deprecated, and the conversion later copies the table.",
		Fix:      "Use utf8mb4.",
		Wrong:    "The other side of a foreign key or join is utf8mb3 still.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "MySQL: the utf8mb3 character set", URL: "https://dev.mysql.com/doc/refman/8.4/en/charset-unicode-utf8mb3.html"}},
	},
	Statement: func(p *lint.Pass) {
		if !p.World.Postgres() && p.Step.Statement.Tokens[0].Is("CREATE") && p.Step.Actions[0].Kind == statement.CreateTable {
			toks := p.Step.Statement.Tokens
			for i := range toks {
				if (toks[i].Is("utf8") || toks[i].Is("utf8mb3")) && i > 0 && (toks[i-1].Op("=") || toks[i-1].Is("SET") || toks[i-1].Is("CHARSET")) {
					p.Report(lint.Finding{Action: &p.Step.Actions[0], Impact: &p.Step.Impacts[0], Subject: p.Step.Actions[0].Table, Cause: "utf8", Together: "%d tables are made with utf8mb3"})
					return
				}
			}
		}
	},
}
