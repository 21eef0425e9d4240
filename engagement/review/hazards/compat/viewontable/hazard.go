// Package viewontable is the hazard compat.view-on-table.
package viewontable

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is compat.view-on-table.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "compat.view-on-table",
		Title:    "Change that a view stands on",
		Summary:  "A column that views may read is dropped or changes its type.",
		Why:      "PostgreSQL refuses it while a view depends on the column, in the middle of the migration.",
		Fix:      "Drop and make the views anew around the change, in one transaction.",
		Wrong:    "No view reads the column.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind != statement.AlterType && a.Kind != statement.DropColumn || a.Cascade {
				return
			}
			views, sure := p.World.ColumnReaders(a.Table, a.Name)
			if len(views) == 0 {
				return
			}
			f := lint.Finding{Action: a, Impact: im, Subject: im.Table + "." + a.Name, Cause: "view-on-table", Together: "%d changes of columns are refused while a view reads them",
				Claim: "Views that read " + im.Table + ": " + strings.Join(views, ", ") + ". PostgreSQL refuses the change when one of them reads " + a.Name + "."}
			if sure {
				f.Sev, f.Cause, f.Together = report.High, "", ""
				f.Title = "The change of " + im.Table + "." + a.Name + " is refused, as " + strings.Join(views, ", ") + " reads it"
				f.Claim = "PostgreSQL refuses to drop or retype a column that a view reads; " + strings.Join(views, ", ") + " does."
			}
			p.Report(f)
		})
	},
}
