// Package audit answers one question for one code base: what will break first, at what load, and what
// to do about it. It gathers facts from the files below a root, applies rules to them and returns a
// ranked report. It reads only: nothing of the audited tree is executed, imported or followed outside
// its root.
package audit

import (
	"context"
	"errors"
	"time"

	"github.com/napkin-infra/napkin/foundation/progress"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Options say what to audit and what is known about its load.
type Options struct {
	Root         string             // folder of the code base
	Only         []string           // rule ids or families ("db.n1-*", "ops"); empty for all
	RTT          time.Duration      // round trip to the database; 0 when not given
	Rows         map[string]float64 // rows per table, where the user knows them
	RPS          float64            // requests per second of the whole application; 0 when not given
	CacheDir     string             // folder of the cache of facts; empty for no cache
	Progress     progress.Reporter  // nil for silence
	Profile      *rate.Profile      // base rates of the costs; nil for the published ones
	Version      string             // version of the program, for the report
	IncludeTests bool               // audit test code as well
}

// Result is a report and the patches of its findings.
type Result struct {
	Report *report.Report
	// Partial is true when the run was interrupted; the report then says what was not looked at.
	Partial bool
	Patches []Patch
}

// Patch is a change that git apply accepts at the root of the audited tree.
type Patch struct {
	Name string // file name, "01-db.n1-relation.patch"
	Rule string
	Diff string
}

// Run audits the code base below opt.Root. When ctx ends it returns what it has so far, marked as
// partial, and no error.
func Run(ctx context.Context, opt Options) (*Result, error) {
	return nil, errors.New("the code audit is not linked in")
}

// Rules lists the rules that the audit knows, ordered by id.
func Rules() []report.RuleInfo { return nil }

// Explain returns the page of a rule as Markdown.
func Explain(id string) (markdown string, ok bool) { return "", false }
