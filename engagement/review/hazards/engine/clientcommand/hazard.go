// Package clientcommand is the hazard engine.client-command.
package clientcommand

import (
	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is engine.client-command.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "engine.client-command",
		Title:    "Command of a client in a migration",
		Summary:  "The file holds a command of psql (\\\\i, \\\\connect, \\\\gexec) or rows behind COPY ... FROM stdin, and the tool sends it to the server.",
		Why:      "The server answers with a syntax error.",
		Fix:      "Write SQL instead; keep files with commands for psql.",
		Wrong:    "The file is run by psql.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none: it fails",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: psql", URL: "https://www.postgresql.org/docs/current/app-psql.html"}},
	},
	File: func(p *lint.Pass) {
		if p.File.Migration.Tool == layout.Plain {
			return
		}
		for i, n := range p.File.Migration.Script.Notices {
			if n.Kind == split.PsqlCommand || n.Kind == split.CopyData || n.Kind == split.ClientCommand {
				p.Report(lint.Finding{File: p.File, At: &p.File.Migration.Script.Notices[i].At, Subject: string(n.Kind), Claim: n.Text})
				return
			}
		}
	},
}
