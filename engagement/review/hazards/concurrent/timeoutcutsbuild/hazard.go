// Package timeoutcutsbuild is the hazard concurrent.timeout-cuts-build.
package timeoutcutsbuild

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is concurrent.timeout-cuts-build.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "concurrent.timeout-cuts-build",
		Title:    "Timeout over a concurrent build",
		Summary:  "CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY runs with a statement_timeout or lock_timeout set.",
		Why:      "Each of its phases waits for old transactions, so that it takes long on a busy server by design. A timeout that fires leaves an INVALID index behind.",
		Fix:      "SET statement_timeout = 0 and lock_timeout = 0 for this statement; it lets reads and writes pass while it waits.",
		Wrong:    "The timeout is longer than the build and the longest transaction together.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "SHARE UPDATE EXCLUSIVE on the table",
		Work:     "builds an index",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: building indexes concurrently", URL: "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"}, {Title: "PostgreSQL: lock_timeout", URL: "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, s lint.Status) {
			if (im.Kind == predict.CreateIndexConc || im.Kind == predict.ReindexConc) && s == lint.Live && (set(p.Step.StatementTimeout) || set(p.Step.LockTimeout)) {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Table})
			}
		})
	},
}

func set(timeout string) bool { return timeout != "" && timeout != "0" && timeout != "default" }
