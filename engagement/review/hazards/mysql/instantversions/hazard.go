// Package instantversions is the hazard mysql.instant-versions.
package instantversions

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.instant-versions.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.instant-versions",
		Title:    "Many instant changes of one table",
		Summary:  "A table has had sixty or more instant ADD and DROP COLUMN.",
		Why:      "InnoDB keeps at most 64 row versions (255 since MySQL 9.1); the next instant change then fails, or rebuilds the table in silence without ALGORITHM=INSTANT.",
		Fix:      "Rebuild the table online (OPTIMIZE TABLE, gh-ost) in a quiet hour before the limit.",
		Wrong:    "The table was rebuilt outside of the migrations.",
		Products: "MySQL",
		Versions: "8.0.29 and later",
		Lock:     "as the statement",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "MySQL: online DDL operations", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if p.World.Server.Product == predict.MySQL && im.Kind == predict.MyInstant && (a.Kind == statement.AddColumn || a.Kind == statement.DropColumn) && p.World.Instants(a.Table) >= near {
				p.Report(lint.Finding{Action: a, Impact: im, Cause: "instant", Together: "%d instant changes are near the limit of row versions"})
			}
		})
	},
}

// near is close below the 64 row versions of MySQL 8.0 (manual, 17.12.1).
const near = 60
