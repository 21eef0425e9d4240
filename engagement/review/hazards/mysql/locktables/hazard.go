// Package locktables is the hazard mysql.lock-tables.
package locktables

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.lock-tables.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.lock-tables",
		Title:    "LOCK TABLES in a migration",
		Summary:  "LOCK TABLES stops others for as long as the session holds it.",
		Why:      "It also commits the open transaction, and the session may touch no other table.",
		Fix:      "Leave it out: each ALTER TABLE takes the locks that it needs.",
		Wrong:    "The file is a dump that is restored into an empty database.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "exclusive on the tables",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "MySQL: metadata locking", URL: "https://dev.mysql.com/doc/refman/8.4/en/metadata-locking.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if !p.World.Postgres() && a.Kind == statement.LockTable {
				p.Report(lint.Finding{Action: a, Impact: im})
			}
		})
	},
}
