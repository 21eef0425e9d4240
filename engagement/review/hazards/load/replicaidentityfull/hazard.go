// Package replicaidentityfull is the hazard load.replica-identity-full.
package replicaidentityfull

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is load.replica-identity-full.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "load.replica-identity-full",
		Title:    "REPLICA IDENTITY FULL",
		Summary:  "The old row goes whole into the log for each UPDATE and DELETE.",
		Why:      "The log grows by each old row, and a subscriber without a fitting index reads its whole table for each change.",
		Fix:      "REPLICA IDENTITY USING INDEX on a unique index of NOT NULL columns.",
		Wrong:    "A consumer needs the old values.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: replica identity", URL: "https://www.postgresql.org/docs/current/logical-replication-publication.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.ReplicaIdentity && strings.Contains(strings.ToUpper(p.Step.Statement.Text), "FULL") {
				p.Report(lint.Finding{Action: a, Impact: im})
			}
		})
	},
}
