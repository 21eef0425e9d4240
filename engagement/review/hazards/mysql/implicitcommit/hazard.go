// Package implicitcommit is the hazard mysql.implicit-commit.
package implicitcommit

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.implicit-commit.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.implicit-commit",
		Title:    "DDL inside a transaction",
		Summary:  "A schema change stands between BEGIN and COMMIT.",
		Why:      "MySQL and MariaDB commit before and behind each DDL statement: what came before stays when what follows fails, and ROLLBACK undoes nothing.",
		Fix:      "One change a migration, each safe to run again.",
		Wrong:    "The transaction holds nothing that must be undone.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "MySQL: statements that cause an implicit commit", URL: "https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html"}},
	},
	File: func(p *lint.Pass) {
		if p.World.Postgres() {
			return
		}
		open := false
		for _, st := range p.File.Steps {
			a := &st.Actions[0]
			switch {
			case a.Kind == statement.Begin:
				open = true
			case a.Kind == statement.Commit:
				open = false
			case open && (st.Statement.Tokens[0].Is("ALTER") || st.Statement.Tokens[0].Is("CREATE") || st.Statement.Tokens[0].Is("DROP") || st.Statement.Tokens[0].Is("TRUNCATE")):
				p.Report(lint.Finding{Step: st, Action: a, Impact: &st.Impacts[0], Cause: "implicit", Together: "%d migrations change a schema inside a transaction"})
				return
			}
		}
	},
}
