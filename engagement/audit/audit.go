// Package audit answers one question for one code base: what will break first, at what load, and what
// to do about it. It gathers facts from the files below a root, applies rules to them and returns a
// ranked report. It reads only: nothing of the audited tree is executed, imported or followed outside
// its root.
package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/inventory"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules"
	"github.com/napkin-infra/napkin/foundation/limit"
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
	RPS          float64            // requests per second to an entry point that users read from; 0 when not given
	CacheDir     string             // folder of the cache of facts; empty for no cache
	Progress     progress.Reporter  // nil for silence
	Profile      *rate.Profile      // base rates of the costs; nil for the published ones
	Version      string             // version of the program, for the report
	IncludeTests bool               // audit test code as well
	Today        time.Time          // day against which suppressions expire; zero for the clock's
}

// Result is a report and the patches of its findings.
type Result struct {
	Report *report.Report
	// Partial is true when the run was interrupted; the report then says what was not looked at.
	Partial bool
	Patches []Patch
	// Atoms are the single claims behind the visible findings, before they were folded by cause.
	Atoms []Atom
}

// Atom is one claim as a rule made it.
type Atom struct {
	Fingerprint string
	Finding     string // fingerprint of the visible finding it is part of; empty when only in the appendix
	Rule        string
	Category    string
	Table       string
	Columns     []string
	Primary     report.Place
	Secondary   []report.Place
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
	meter := limit.Begin()
	pr := progress.OrSilent(opt.Progress)
	listing, listErr := inventory.List(ctx, opt.Root, inventory.Options{})
	if listing == nil {
		return nil, listErr
	}
	defer listing.Close()
	var known *memo
	if listErr == nil {
		known = memoOf(opt, listing)
	}
	if r, parsed := known.recall(); r != nil {
		r.Report.Limit = napkin(meter.Against(work(model(opt), parsed)))
		return r, nil
	}
	defer boundMemory(listing)()
	p, err := load.Of(ctx, listing, listErr, load.Options{CacheDir: opt.CacheDir, Progress: pr, IncludeTests: opt.IncludeTests})
	if p == nil || (err != nil && !isContext(err)) {
		return nil, err
	}
	if abs, err := filepath.Abs(opt.Root); err == nil {
		p.Name = filepath.Base(abs)
	}
	stage := pr.Stage("following rows from queries to their use", 0)
	fl := prepare.Run(ctx, p)
	stage.End()

	a := &auditor{opt: opt, project: p, flow: fl, cost: model(opt), diffs: map[string]string{}}
	sizes := cardinality.Of(p)
	a.cost.Guess = func(table string) (float64, string) {
		g := sizes.Table(table)
		return g.Rows, g.Why
	}
	a.applyRules(ctx, pr)
	stage = pr.Stage("checking patches", 0)
	a.verifyPatches(ctx)
	stage.End()
	r := a.report(ctx)
	result := &Result{Report: r, Partial: r.Verdict.Partial != "", Patches: a.patches(r), Atoms: a.atoms}
	known.keep(result, a.parsed())
	r.Limit = napkin(meter.Against(work(a.cost, a.parsed())))
	return result, nil
}

func napkin(o limit.Outcome) *report.Limit {
	return &report.Limit{Seconds: o.Bound.Seconds, Bound: o.Bound.By, Took: o.Took.Seconds()}
}

func isContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// model prices findings by the profile, with the user's round trip and rows laid over it.
func model(opt Options) *cost.Model {
	profile := opt.Profile
	if profile == nil {
		profile = rate.Embedded()
	}
	if opt.RTT > 0 {
		profile = profile.RoundTrip(opt.RTT, "--rtt")
	}
	return &cost.Model{Profile: profile, Rows: lowerKeys(opt.Rows), RPS: opt.RPS}
}

// auditor carries one run from facts to report.
type auditor struct {
	opt      Options
	project  *project.Project
	flow     *flow.Result
	cost     *cost.Model
	found    []*claim
	atoms    []Atom
	problems []string
	checked  int               // rules that ran
	diffs    map[string]string // verified patches by the fingerprints of their findings
}

// claim is a finding of a rule on its way into the report.
type claim struct {
	*rule.Finding
	doc      *rule.Doc
	print    string
	priority float64
	members  []*claim // folded into this one, itself included
	accepted *Suppression
}

// applyRules runs the selected rules side by side and collects their claims in the order of the
// catalogue. A rule that panics costs itself only.
func (a *auditor) applyRules(ctx context.Context, pr progress.Reporter) {
	selectedRules := a.selected()
	stage := pr.Stage("applying rules", int64(len(selectedRules)))
	defer stage.End()
	out := make([][]*rule.Finding, len(selectedRules))
	failed := make([]string, len(selectedRules))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, r := range selectedRules {
		g.Go(func() error {
			defer stage.Add(1)
			if ctx.Err() != nil {
				return nil
			}
			out[i], failed[i] = a.apply(r, a.project, a.flow)
			return nil
		})
	}
	_ = g.Wait() // the functions return no error
	for i, r := range selectedRules {
		if failed[i] != "" {
			a.problems = append(a.problems, failed[i])
			continue
		}
		a.checked++
		for _, f := range out[i] {
			mask(f)
			a.found = append(a.found, &claim{Finding: f, doc: &r.Doc})
		}
	}
}

// apply runs one rule over a project.
func (a *auditor) apply(r *rule.Rule, p *project.Project, fl *flow.Result) (found []*rule.Finding, failed string) {
	defer func() {
		if x := recover(); x != nil {
			if os.Getenv("NAPKIN_DEBUG") != "" {
				panic(x)
			}
			found, failed = nil, fmt.Sprintf("rule %s stopped with an internal error (%v); its findings are missing", r.Doc.ID, x)
		}
	}()
	return rule.NewPass(p, fl, a.cost, r).Run(), ""
}

func (a *auditor) selected() []*rule.Rule {
	var out []*rule.Rule
	for _, r := range rules.All {
		if selected(r.Doc.ID, a.opt.Only) {
			out = append(out, r)
		}
	}
	return out
}

// parsed counts the source bytes that were parsed or taken from the cache of trees.
func (a *auditor) parsed() float64 {
	bytes := 0.0
	for _, f := range a.project.Files {
		if f.Tree != nil || f.Doc != nil {
			bytes += float64(f.Size)
		}
	}
	return bytes
}

// work is the physical floor of a run that knows nothing yet: every source byte parsed once on all cores.
func work(m *cost.Model, bytes float64) limit.Item {
	r, ok := m.Profile.Get(rate.ParseSource)
	if !ok {
		return limit.Series{}
	}
	return limit.Work{Name: "parsing source", Amount: bytes, Rate: r, Lanes: runtime.GOMAXPROCS(0)}
}

// Rules lists the rules that the audit knows, ordered by id.
func Rules() []report.RuleInfo {
	out := make([]report.RuleInfo, 0, len(rules.All))
	for _, r := range rules.All {
		out = append(out, info(r))
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// Category returns the family of a rule by which findings are compared with known bugs, or "".
func Category(id string) string {
	for _, r := range rules.All {
		if r.Doc.ID == id {
			return r.Doc.Category
		}
	}
	return ""
}
