// Package narrowingtype is the hazard data.narrowing-type.
package narrowingtype

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Hazard is data.narrowing-type.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.narrowing-type",
		Title:    "Type that holds less",
		Summary:  "ALTER COLUMN TYPE goes to a type that does not hold all values of the old one.",
		Why:      "A value that does not fit makes the migration fail after it has rewritten half of the table; a scale or precision that is cut rounds in silence.",
		Fix:      "Look for values that do not fit first; or add a CHECK as NOT VALID and keep the wide type.",
		Wrong:    "The values are known to fit.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "rewrites the table",
		Severity: report.Medium,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			t := p.World.Table(a.Table)
			if a.Column == nil || t == nil || a.Kind != statement.AlterType && a.Kind != statement.Modify {
				return
			}
			if old := t.Column(a.Name); old != nil && narrower(old.Type, a.Column.Type) {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: im.Table + "." + a.Name, Title: fmt.Sprintf("%s.%s: %s holds less than %s", im.Table, a.Name, a.Column.Type.Raw, old.Type.Raw), Claim: fmt.Sprintf("%s.%s goes from %s to %s, which does not hold all its values.", im.Table, a.Name, old.Type.Raw, a.Column.Type.Raw)})
			}
		})
	},
}

var width = map[string]int{"smallint": 2, "integer": 4, "bigint": 8}

func narrower(from, to schema.Type) bool {
	if a, b := width[from.Name], width[to.Name]; a > 0 && b > 0 {
		return b < a
	}
	if (from.Name == "varchar" || from.Name == "text") && to.Name == "varchar" {
		return to.Size > 0 && (from.Size == 0 || to.Size < from.Size)
	}
	return false
}
