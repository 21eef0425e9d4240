// Package newerserver is the hazard engine.newer-server.
package newerserver

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is engine.newer-server.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "engine.newer-server",
		Title:    "Syntax of a newer server",
		Summary:  "A statement uses a form that the server does not have yet.",
		Why:      "It fails with a syntax error, in the middle of the migration.",
		Fix:      "Use the form that the version has, or raise the version first.",
		Wrong:    "The server is newer than it was said to be.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none: it fails",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: release notes", URL: "https://www.postgresql.org/docs/release/"}},
	},
	Statement: func(p *lint.Pass) {
		if !p.World.Postgres() {
			return
		}
		for i := range p.Step.Actions {
			a := &p.Step.Actions[i]
			if what, since := needs(p, a); since > p.World.Server.Major {
				p.Report(lint.Finding{Action: a, Impact: &p.Step.Impacts[i], Subject: what, Claim: fmt.Sprintf("%s exists from PostgreSQL %d on, and the server is %s.", what, since, p.World.Server)})
			}
		}
	},
}

// needs is the form that an action uses and the first version of PostgreSQL that has it.
func needs(p *lint.Pass, a *statement.Action) (string, int) {
	switch {
	case a.Kind == statement.Reindex && a.Concurrently:
		return "REINDEX CONCURRENTLY", 12
	case a.Kind == statement.DetachPartition && a.Concurrently:
		return "DETACH PARTITION CONCURRENTLY", 14
	case a.Kind == statement.AddColumn && len(a.Column.Generated) > 0 && a.Column.Virtual:
		return "a virtual generated column", 18
	case a.Kind == statement.AddColumn && len(a.Column.Generated) > 0:
		return "a generated column", 12
	case a.Kind == statement.SetGenerated:
		return "ALTER COLUMN SET EXPRESSION", 17
	case a.Kind == statement.DropExpression:
		return "ALTER COLUMN DROP EXPRESSION", 13
	case a.Kind == statement.ColumnOption && a.Option == "compression":
		return "SET COMPRESSION", 14
	case a.Kind == statement.SetAccessMethod && a.Option == "":
		return "ALTER TABLE SET ACCESS METHOD", 15
	case a.Constraint != nil && a.Constraint.Type == statement.NotNull && a.Table != "":
		return "a NOT NULL constraint with a name", 18
	case a.Index != nil && says(p, "NULLS", "NOT", "DISTINCT"), a.Constraint != nil && says(p, "NULLS", "NOT", "DISTINCT"):
		return "NULLS NOT DISTINCT", 15
	case p.Step.Statement.Tokens[0].Is("MERGE"):
		return "MERGE", 15
	case a.Index != nil && len(a.Index.Include) > 0:
		return "INCLUDE", 11
	}
	return "", 0
}

func says(p *lint.Pass, words ...string) bool {
	toks := p.Step.Statement.Tokens
next:
	for i := range toks {
		for k, w := range words {
			if i+k >= len(toks) || !toks[i+k].Is(w) {
				continue next
			}
		}
		return true
	}
	return false
}
