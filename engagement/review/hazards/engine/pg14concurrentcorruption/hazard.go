// Package pg14concurrentcorruption is the hazard engine.pg14-concurrent-corruption.
package pg14concurrentcorruption

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is engine.pg14-concurrent-corruption.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "engine.pg14-concurrent-corruption",
		Title:    "Concurrent index builds on PostgreSQL 14.0 to 14.3",
		Summary:  "CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY of PostgreSQL 14.0 to 14.3 may make a corrupt index.",
		Why:      "Rows that change during the build may be missing from the index: queries do not find them, unique indexes let duplicates pass.",
		Fix:      "Update to 14.4 or later first, and rebuild indexes that were made concurrently before.",
		Wrong:    "The server is 14.4 or later; say the minor version.",
		Products: "PostgreSQL",
		Versions: "14.0 to 14.3",
		Lock:     "SHARE UPDATE EXCLUSIVE on the table",
		Work:     "builds an index",
		Severity: report.Critical,
		Effort:   report.CrossTeam,
		Refs:     []report.Reference{{Title: "PostgreSQL 14.4 release notes", URL: "https://www.postgresql.org/docs/release/14.4/"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if (im.Kind == predict.CreateIndexConc || im.Kind == predict.ReindexConc) && p.World.Server.Major == 14 && said(p) && p.World.Server.Minor < 4 {
				p.Report(lint.Finding{Action: a, Impact: im})
			}
		})
	},
}

// said: a version without a minor number is read as .0 with an unknown patch, so that only a written one
// counts.
func said(p *lint.Pass) bool { return p.World.Server.MinorKnown }
