// Package autovacuumoff is the hazard engine.autovacuum-off.
package autovacuumoff

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is engine.autovacuum-off.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "engine.autovacuum-off",
		Title:    "Autovacuum switched off for a table",
		Summary:  "autovacuum_enabled = false is set for a table in use.",
		Why:      "Dead rows stay, the table and its indexes grow, and statistics age; near wraparound the server starts an aggressive vacuum anyway, at the worst time.",
		Fix:      "Set thresholds instead (autovacuum_vacuum_scale_factor), and switch it on again behind a bulk load.",
		Wrong:    "It is switched on again in the same migration.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "SHARE UPDATE EXCLUSIVE on the table",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: routine vacuuming", URL: "https://www.postgresql.org/docs/current/routine-vacuuming.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Impacts(func(a *statement.Action, im *predict.Impact) {
			if a.Kind == statement.SetOptions && strings.Contains(a.Option, "autovacuum_enabled") && off(p.Step.Statement) {
				p.Report(lint.Finding{Action: a, Impact: im})
			}
		})
	},
}

func off(st *split.Statement) bool {
	for i := range st.Tokens {
		if st.Tokens[i].Is("autovacuum_enabled") && i+2 < len(st.Tokens) {
			switch strings.ToLower(st.Tokens[i+2].Value()) {
			case "false", "off", "no", "0":
				return true
			}
		}
	}
	return false
}
