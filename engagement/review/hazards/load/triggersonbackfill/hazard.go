// Package triggersonbackfill is the hazard load.triggers-on-backfill.
package triggersonbackfill

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is load.triggers-on-backfill.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "load.triggers-on-backfill",
		Title:    "Backfill that fires triggers",
		Summary:  "Rows of a table with triggers are written in proportion to the table.",
		Why:      "Each row runs the triggers: audit rows, notifications, other tables. The backfill is several times as long as its statement looks.",
		Fix:      "Write in small batches, or let the trigger tell a backfill from a change (a setting of the session that it reads).",
		Wrong:    "The triggers are for other events or columns.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "ROW EXCLUSIVE on the table",
		Work:     "writes rows",
		Severity: report.Low,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: overview of triggers", URL: "https://www.postgresql.org/docs/current/trigger-definition.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if (im.Kind == predict.UpdateAll || im.Kind == predict.DeleteAll) && len(p.World.Triggers(a.Table)) > 0 {
				p.Report(lint.Finding{Action: a, Impact: im, Claim: "Triggers of " + im.Table + " that are known: " + strings.Join(p.World.Triggers(a.Table), ", ") + ".", Cause: "triggers", Together: "%d statements fire triggers for rows in proportion to a table"})
			}
		})
	},
}
