// Package byteordermark is the hazard engine.byte-order-mark.
package byteordermark

import (
	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is engine.byte-order-mark.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "engine.byte-order-mark",
		Title:    "Byte order mark",
		Summary:  "The file begins with a byte order mark, and the tool sends it to the server.",
		Why:      "PostgreSQL answers with a syntax error at the first statement.",
		Fix:      "Save the file as UTF-8 without a byte order mark.",
		Wrong:    "The tool strips it.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none: it fails",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: psql", URL: "https://www.postgresql.org/docs/current/app-psql.html"}},
	},
	File: func(p *lint.Pass) {
		if p.File.Migration.Tool == layout.Plain || !p.World.Postgres() {
			return
		}
		for i, n := range p.File.Migration.Script.Notices {
			if n.Kind == split.ByteOrderMark {
				p.Report(lint.Finding{File: p.File, At: &p.File.Migration.Script.Notices[i].At, Subject: string(n.Kind), Claim: n.Text})
			}
		}
	},
}
