// Package timezoneshift is the hazard data.time-zone-shift.
package timezoneshift

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is data.time-zone-shift.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.time-zone-shift",
		Title:    "Conversion between timestamp and timestamptz",
		Summary:  "ALTER COLUMN TYPE between timestamp and timestamptz without USING moves every value by the time zone of the session.",
		Why:      "The session of the migration tool may have another zone than the application had when it wrote the values: all times are then wrong by hours, in silence.",
		Fix:      "Say the zone: USING placed AT TIME ZONE 'UTC'; or SET timezone before it, which from PostgreSQL 12 on also avoids the rewrite when it is UTC.",
		Wrong:    "The session runs at the zone in which the values were written.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "rewrites the table",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: date/time types", URL: "https://www.postgresql.org/docs/current/datatype-datetime.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, s lint.Status) {
			t := p.World.Table(a.Table)
			if s == lint.New || a.Kind != statement.AlterType || t == nil || len(a.Column.Using) > 0 || p.World.TimeZone != "" {
				return
			}
			if old := t.Column(a.Name); old != nil && (old.Type.Name == "timestamp" && a.Column.Type.Name == "timestamptz" || old.Type.Name == "timestamptz" && a.Column.Type.Name == "timestamp") {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: im.Table + "." + a.Name})
			}
		})
	},
}
