package review

import (
	"context"
	"fmt"

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
	opt.settle()
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
	if !l.assumed {
		how.Major = l.server.Major
	}
	base := func(name string, text []byte) {
		how.Before = append(how.Before, layout.Parse(name, text, layout.Plain, schema.Postgres, ""))
	}
	if len(opt.Schema) > 0 {
		base(opt.SchemaName, opt.Schema)
	}
	if opt.Catalog != nil {
		base(opt.Catalog.Name, []byte(opt.Catalog.DDL))
		how.Unordered = opt.Catalog.Name
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

// AddRehearsal puts what a rehearsal found into the report of the lint, and lets it decide where the lint
// and the server disagree.
func AddRehearsal(reviewed *Result, result *rehearse.Result) {
	r := reviewed.Report
	reviewed.linter.reconcile(r, result)
	r.Sections = append(r.Sections, result.Sections()...)
	if result.Partial != "" {
		r.Coverage.Notes = append(r.Coverage.Notes, "The rehearsal is not whole: "+result.Partial+".")
	}
	const told = 10
	for i, p := range result.Problems {
		if i == told && len(result.Problems) > told+1 {
			r.Coverage.Notes = append(r.Coverage.Notes, fmt.Sprintf("Rehearsal: %d further problems like these are left out.", len(result.Problems)-told))
			break
		}
		r.Coverage.Notes = append(r.Coverage.Notes, "Rehearsal: "+p.String())
	}
	for _, n := range result.Notes {
		r.Coverage.Notes = append(r.Coverage.Notes, "Rehearsal: "+n+".")
	}
}

// RehearseRecipes carries out the recipes of offers on a scratch server and adds to the report of each whether it came
// to its end. The fields Before and Migrations of how are set here. It is for PostgreSQL only.
func RehearseRecipes(ctx context.Context, opt Options, how rehearse.Options, offers []*offer.Offer, r *report.Report) error {
	if err := scene(ctx, opt, &how); err != nil {
		return err
	}
	var trials []rehearse.Trial
	for _, o := range offers {
		if o.Refusal == "" {
			trials = append(trials, rehearse.Trial{Path: o.Path, Line: o.Line, Recipe: o.Recipe})
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
		row := []string{fmt.Sprintf("%s:%d", trials[i].Path, trials[i].Line), trials[i].Recipe.Title, "rehearsed", unit.Duration(o.Reads), unit.Duration(o.Writes)}
		if o.Why != "" {
			row[2], row[3], row[4] = "not rehearsed to its end: "+o.Why, "", ""
		}
		section.Rows = append(section.Rows, row)
	}
	r.Sections = append(r.Sections, section)
	return nil
}
