// Package altersystem is the hazard engine.alter-system.
package altersystem

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is engine.alter-system.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "engine.alter-system",
		Title:    "ALTER SYSTEM in a migration",
		Summary:  "ALTER SYSTEM changes the configuration of the whole server.",
		Why:      "It writes postgresql.auto.conf of this server only, not of its replicas, is refused in a transaction and by most hosted services, and takes effect behind a reload.",
		Fix:      "Set it where the configuration of the server is kept; or ALTER ROLE/DATABASE ... SET.",
		Wrong:    "The server is yours alone.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER SYSTEM", URL: "https://www.postgresql.org/docs/current/sql-altersystem.html"}},
	},
	Statement: func(p *lint.Pass) {
		if p.World.Postgres() && len(p.Step.Statement.Tokens) > 1 && p.Step.Statement.Tokens[0].Is("ALTER") && p.Step.Statement.Tokens[1].Is("SYSTEM") {
			p.Report(lint.Finding{Action: &p.Step.Actions[0], Impact: &p.Step.Impacts[0]})
		}
	},
}
