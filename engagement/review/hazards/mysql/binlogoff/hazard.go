// Package binlogoff is the hazard mysql.binlog-off.
package binlogoff

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.binlog-off.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.binlog-off",
		Title:    "Change that is not replicated",
		Summary:  "SET sql_log_bin = 0 keeps what follows out of the binary log.",
		Why:      "Replicas do not get the change: the next row of the table breaks replication, or the data differ in silence.",
		Fix:      "Leave it on; or run the same on each replica, by intent and with a check.",
		Wrong:    "The change is run on each server by hand.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "MySQL: sql_log_bin", URL: "https://dev.mysql.com/doc/refman/8.4/en/set-sql-log-bin.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.Set && a.Name == "sql_log_bin" && (a.NewName == "0" || a.NewName == "off") {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Name})
			}
		})
	},
}
