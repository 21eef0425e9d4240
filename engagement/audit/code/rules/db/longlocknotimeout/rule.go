// Package longlocknotimeout finds locks that are waited for without bound.
package longlocknotimeout

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.long-lock-no-timeout.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.long-lock-no-timeout",
		Title:    "Advisory lock is waited for without bound",
		Summary:  "Code takes a PostgreSQL advisory lock with the waiting form (or a gem's block without a timeout), and the project sets no lock_timeout.",
		Why:      "pg_advisory_lock waits until it gets the lock. When the holder hangs in a remote call, every other process that comes by waits with its connection, until the pool is empty: one stuck job stops the site.",
		Cost:     "N waiting connections x time that the lock is held",
		Fix:      "Use pg_try_advisory_lock and come back later, or SET LOCAL lock_timeout before.",
		Wrong:    "The lock is held for moments and never across a remote call, or a statement_timeout bounds the wait: a project that names lock_timeout or statement_timeout is not reported, and locks that end with their transaction stand in the appendix.",
		Category: "lock-no-timeout",
		Examples: []rule.Example{{Lang: "sql", Before: "SELECT pg_advisory_lock(42)", After: "SELECT pg_try_advisory_lock(42)"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "one stuck holder of the lock empties the pool",
		Proof:    "Hold the lock in psql: the other side gives up within the stated time.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: advisory locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS"},
			{Title: "PostgreSQL: lock_timeout", URL: "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT"},
		},
		Langs: []string{"ruby", "python", "typescript", "php", "java", "go"},
	},
	Project: func(p *rule.Pass) {
		var found []func()
		for _, f := range p.Files {
			if f.Tree == nil || f.Role != project.App {
				continue
			}
			for _, s := range f.Tree.Strings {
				if timeouts.In(s) && bounds.MatchString(s) {
					return
				}
			}
			for n := range f.Tree.Root().Descendants(syntax.String, syntax.Call) {
				if how := waits(f, n); how != "" {
					found = append(found, func() { report1(p, f, n, how) })
				}
			}
		}
		for _, f := range p.Files {
			if f.Doc != nil && bounds.Match(f.Source()) {
				return
			}
		}
		for _, r := range found {
			r()
		}
	},
}

var (
	advisory = syntax.NewWords("pg_advisory")                       // asked before waiting
	timeouts = syntax.NewWords("lock_timeout", "statement_timeout") // asked before bounds
	bounds   = regexp.MustCompile(`(?i)\b(lock_timeout|statement_timeout)\b`)
	waiting  = regexp.MustCompile(`(?i)\bselect\s+pg_advisory(_xact)?_lock(_shared)?\s*\(`)
)

// waits reports what takes a lock by waiting.
func waits(f *project.File, n syntax.Ref) string {
	switch n.Kind() {
	case syntax.String:
		if !advisory.In(n.Str()) {
			return ""
		}
		if m := waiting.FindString(n.Str()); m != "" {
			return strings.TrimSuffix(strings.Fields(m)[1], "(")
		}
	case syntax.Call:
		if f.Lang == "ruby" && (n.Str() == "with_advisory_lock" || n.Str() == "with_advisory_lock!") && !n.Keyword("timeout_seconds").Ok() && n.Block().Ok() {
			return n.Str()
		}
	}
	return ""
}

func report1(p *rule.Pass, f *project.File, n syntax.Ref, how string) {
	confidence := 0.6
	if strings.Contains(how, "_xact_") {
		confidence = 0.45 // ends with its transaction, which is mostly short
	}
	p.Report(rule.Finding{
		Title:   listing.Title(f, n, "`"+how+"` waits without bound"),
		Claim:   fmt.Sprintf("`%s` waits until it gets the lock, and the project sets no lock_timeout: when the holder hangs, everybody who comes by waits with a connection.", how),
		Primary: rule.At(f, n, ""), Subject: how, Evidence: 1, Confidence: confidence, Cause: how,
		Fix: report.Fix{Summary: "Try for the lock, or bound the wait.", Behaviour: "The caller must handle that the lock is taken."},
	})
}
