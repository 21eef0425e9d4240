// Package vacuumfull is the hazard lock.vacuum-full.
package vacuumfull

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.vacuum-full.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.vacuum-full",
		Title:    "VACUUM FULL",
		Summary:  "VACUUM FULL writes the table anew while nobody can read it.",
		Why:      "The server writes every row and every index of the table anew while not even a SELECT can run. What waits behind it takes all connections of the pool, so that requests that never touch the table fail too. The write-ahead log grows by the size of the table, and replicas replay it.",
		Fix:      "Plain VACUUM frees space for new rows; to give it back to the disk use pg_repack, or take the pause.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "rewrites the table",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: VACUUM", URL: "https://www.postgresql.org/docs/current/sql-vacuum.html"}},
	},
	Statement: func(p *lint.Pass) {
		lint.Harmful(predict.VacuumFullKind)(p)
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if im.Kind == predict.VacuumFullKind && len(a.Names) == 0 {
				p.Report(lint.Finding{Action: a, Title: "VACUUM FULL of every table of the database",
					Claim: "Without a name VACUUM FULL writes each table of the database anew, one after the other; reads and writes of a table wait while its turn lasts (ACCESS EXCLUSIVE)."})
			}
		})
	},
}
