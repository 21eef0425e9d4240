// Package wholedatabase is the hazard data.whole-database.
package wholedatabase

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is data.whole-database.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.whole-database",
		Title:    "Statement that reaches beyond tables",
		Summary:  "A database, a schema or all that a role owns is dropped, or the server runs a program or writes a file.",
		Why:      "The rows of many tables go at once and come back from a backup only. A program runs as the account of the server.",
		Fix:      "Take it out of the migration; do it by hand, after a backup that was tried.",
		Wrong:    "What is dropped is empty, or the migration is for a database that is thrown away.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "on all that it holds",
		Work:     "removes files",
		Severity: report.Critical,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: DROP OWNED", URL: "https://www.postgresql.org/docs/current/sql-drop-owned.html"}, {Title: "PostgreSQL: COPY", URL: "https://www.postgresql.org/docs/current/sql-copy.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, _ *predict.Impact, _ lint.Status) {
			name := strings.Join(a.Names, ", ")
			f := lint.Finding{Action: a, Subject: name}
			switch {
			case a.Kind == statement.DropOther && a.Option == "database":
				f.Title, f.Claim = "The database "+name+" is dropped", "Every table of the database is gone when the statement ends."
			case a.Kind == statement.DropOther && a.Option == "owned":
				f.Title, f.Claim = "All that a role owns is dropped", "Every table, view and function of the role in this database is dropped, with the rows."
			case a.Kind == statement.DropOther && a.Option == "schema" && (a.Cascade || !p.World.Postgres()):
				f.Title, f.Claim = "The schema "+name+" is dropped with all that it holds", "Every table of the schema is dropped with its rows, and what depends on them."
			case a.Kind == statement.DropOther && (a.Option == "tablespace" || a.Option == "role" || a.Option == "user"):
				f.Sev, f.Title, f.Claim = report.Medium, "The "+a.Option+" "+name+" is dropped", "It belongs to the whole server: other databases lose it too, and sessions that use it fail."
			case a.Kind == statement.Copy && a.Name == "program":
				f.Title, f.Claim, f.Subject = "COPY runs a program on the server", "The server starts the program with the rights of its own account; whoever may write migrations may then do what that account may.", "program"
			case a.Kind == statement.Copy && a.Name == "file":
				f.Sev, f.Title, f.Claim, f.Subject = report.Medium, "COPY reads or writes a file of the server", "The path is one of the server's machine, which differs between environments; writing overwrites what is there.", "file"
			default:
				return
			}
			p.Report(f)
		})
	},
}
