package review

import (
	"context"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/offer"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Rehearse runs the migrations that [Lint] judges on a scratch server. What stands before them is the
// schema or catalog of opt and the migrations that are not judged. The fields Before and Migrations of how
// are set here. It is for PostgreSQL only.
func Rehearse(ctx context.Context, opt Options, how rehearse.Options) (*rehearse.Result, error) {
	if err := scene(ctx, opt, &how); err != nil {
		return nil, err
	}
	return rehearse.Run(ctx, how)
}

// scene sets what a rehearsal runs, and what stands before it.
func scene(ctx context.Context, opt Options, how *rehearse.Options) error {
	if opt.Catalog != nil && opt.Dialect == schema.Unknown {
		opt.Dialect = opt.Catalog.Dialect
	}
	h, err := layout.Read(opt.FS, opt.Paths, layout.Options{Tool: opt.Tool, Dialect: opt.Dialect})
	if err != nil {
		return err
	}
	if h.Dialect == schema.MySQL {
		return fmt.Errorf("rehearse: the migrations are written for MySQL or MariaDB, and a rehearsal knows PostgreSQL only; the lint says what is known of them")
	}
	l := &linter{opt: opt, history: h}
	if err := l.prepare(ctx); err != nil {
		return err
	}
	if err := l.walk(ctx); err != nil {
		return err
	}
	base := func(name string, text []byte) {
		how.Before = append(how.Before, layout.Parse(name, text, layout.Plain, schema.Postgres, ""))
	}
	if len(opt.Schema) > 0 {
		base(opt.SchemaName, opt.Schema)
	}
	if opt.Catalog != nil {
		base(opt.Catalog.Name, []byte(opt.Catalog.DDL))
	}
	judged := map[*layout.Migration]bool{}
	for _, m := range l.judged {
		if m.Err != nil {
			return fmt.Errorf("rehearse: %w", m.Err)
		}
		judged[m] = true
	}
	for _, m := range h.Migrations {
		if !judged[m] {
			how.Before = append(how.Before, m)
		}
	}
	how.Migrations = l.judged
	return nil
}

// AddRehearsal puts what a rehearsal found into the report of the lint.
func AddRehearsal(r *report.Report, result *rehearse.Result) {
	r.Sections = append(r.Sections, result.Sections()...)
	if result.Partial != "" {
		r.Coverage.Notes = append(r.Coverage.Notes, "The rehearsal is not whole: "+result.Partial+".")
	}
	for _, p := range result.Problems {
		r.Coverage.Notes = append(r.Coverage.Notes, "Rehearsal: "+p.String())
	}
	for _, n := range result.Notes {
		r.Coverage.Notes = append(r.Coverage.Notes, "Rehearsal: "+n+".")
	}
}

// RehearseRecipes carries out the recipes of a review on a scratch server and brings its report up to date: a recipe that
// fails leaves its finding, which then says at what it failed and what to do. ran is the rehearsal of the statements
// themselves. The fields Before and Migrations of how are set here. It is for PostgreSQL only.
func RehearseRecipes(ctx context.Context, opt Options, how rehearse.Options, reviewed *Result, ran *rehearse.Result) error {
	if err := scene(ctx, opt, &how); err != nil {
		return err
	}
	var offers []*offer.Offer
	var trials []rehearse.Trial
	for _, o := range reviewed.Offers {
		if o.Refusal == "" {
			offers = append(offers, o)
			trials = append(trials, rehearse.Trial{Path: o.Path, Offset: o.Step.Statement.Start.Offset, Recipe: o.Recipe})
		}
	}
	if len(trials) == 0 {
		return nil
	}
	outcomes, err := rehearse.Recipes(ctx, how, trials)
	if err != nil {
		return err
	}
	section := report.Appendix{Title: "Recipes rehearsed", Head: []string{"in place of", "recipe", "outcome", "longest read", "longest write"},
		Text: "Each recipe was carried out on the scratch server, from the schema before its statement, with generated rows, beside a reader and a writer of its table; deployments were taken as done at once. The longest read and write hold the waits for locks, on this machine."}
	for i, o := range outcomes {
		offers[i].Rehearsal = tried(o, offers[i], ran)
		row := []string{offers[i].Place(), trials[i].Recipe.Title, offers[i].Tried(), unit.Duration(o.Reads), unit.Duration(o.Writes)}
		switch {
		case o.State != rehearse.Passed:
			row[2], row[3], row[4] = offers[i].Tried()+": "+o.Why, "", ""
		case o.Broken != "":
			row[2] += ": " + o.Broken
		}
		section.Rows = append(section.Rows, row)
	}
	reviewed.Report.Sections = append(reviewed.Report.Sections, section)
	reviewed.settle()
	return nil
}

// settle brings the parts of the report that rest on the offers up to date.
func (r *Result) settle() {
	r.linter.attach(r.Report.Findings)
	r.Offers = r.linter.offered
	r.Report.System = r.linter.system()
}

// tried is the outcome of a recipe, and what to do when it failed.
func tried(o rehearse.Outcome, of *offer.Offer, ran *rehearse.Result) offer.Rehearsal {
	out := offer.Rehearsal{Why: o.Why, Broken: o.Broken}
	switch o.State {
	case rehearse.Passed:
		out.State, out.Server = offer.Passed, ran.Server
	case rehearse.NotRun:
		out.State = offer.Skipped
	case rehearse.Failed:
		out.State = offer.Failed
		out.Advice = "Do not carry it out: mend the step and rehearse again, or run the statement with a lock_timeout when nothing uses the table."
		if s := statementOf(of, ran); s != nil && !s.Ran() {
			out.Advice = "The statement itself fails on the scratch server as well: " + strings.TrimSuffix(s.Error, ".") + ". Correct it first, and rehearse again."
		}
	}
	return out
}

// statementOf finds the statement of an offer in a rehearsal, or nil.
func statementOf(o *offer.Offer, ran *rehearse.Result) *rehearse.Statement {
	for _, s := range ran.Statements {
		if s.Path == o.Path && s.Offset == o.Step.Statement.Start.Offset {
			return s
		}
	}
	return nil
}
