// Package noalgorithm is the hazard mysql.no-algorithm.
package noalgorithm

import (
	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.no-algorithm.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.no-algorithm",
		Title:    "ALTER TABLE that does not say its algorithm",
		Summary:  "An ALTER TABLE that this version does INSTANT or in place does not say so.",
		Why:      "On an older server, on a replica of another version, or when a detail changes, the same statement falls back to a copy that stops writes, in silence.",
		Fix:      "Write ALGORITHM=INSTANT: the server then refuses instead. (MySQL takes no LOCK=NONE beside it.)",
		Wrong:    "All servers are of this version.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "exclusive metadata lock, for a moment",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "MySQL: online DDL operations", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if !p.World.Postgres() && p.Step.Statement.Tokens[0].Is("ALTER") && a.Algorithm == "" && im.Effect.Algorithm != effect.NoAlgorithm && im.Effect.Algorithm < effect.Copy && (im.Kind == predict.MyInstant && (a.Kind == statement.AddColumn || a.Kind == statement.DropColumn || a.Kind == statement.Modify)) {
				p.Report(lint.Finding{Action: a, Impact: im, Cause: "algorithm", Together: "%d changes do not say their ALGORITHM"})
			}
		})
	},
}
