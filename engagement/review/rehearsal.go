package review

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/offer"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Rehearse runs the migrations that a review judged on a scratch server. What stands before them is the
// schema or catalog of the review and the migrations that were not judged. The fields Before, Migrations, Major
// and Unordered of how are set here. It is for PostgreSQL only.
func Rehearse(ctx context.Context, reviewed *Result, how rehearse.Options) (*rehearse.Result, error) {
	if err := reviewed.linter.scene(&how); err != nil {
		return nil, err
	}
	return rehearse.Run(ctx, how)
}

// scene sets what a rehearsal runs, and what stands before it.
func (l *linter) scene(how *rehearse.Options) error {
	if l.history.Dialect == schema.MySQL {
		return errors.New("rehearse: the migrations are written for MySQL or MariaDB, and a rehearsal knows PostgreSQL only; the lint says what is known of them")
	}
	if !l.assumed {
		how.Major = l.server.Major
	}
	base := func(name string, text []byte) {
		how.Before = append(how.Before, layout.Parse(name, text, layout.Plain, schema.Postgres, ""))
	}
	if len(l.opt.Schema) > 0 {
		base(l.opt.SchemaName, l.opt.Schema)
	}
	if c := l.opt.Catalog; c != nil {
		base(c.Name, []byte(c.DDL))
		how.Unordered = c.Name
	}
	judged := map[*layout.Migration]bool{}
	for _, m := range l.judged {
		if m.Err != nil {
			return fmt.Errorf("rehearse: %w", m.Err)
		}
		judged[m] = true
	}
	for _, m := range l.history.Migrations {
		if !judged[m] {
			how.Before = append(how.Before, m)
		}
	}
	how.Migrations = l.judged
	return nil
}

// Interrupted says in a report that its rehearsal was cut off by the user, where the rehearsal does not say so itself.
func Interrupted(reviewed *Result) {
	l := reviewed.linter
	if l.ran == nil {
		l.ran = &rehearse.Result{}
	}
	if l.ran.Partial == "" {
		l.ran.Partial = "it was interrupted; the findings are those of the lint and of what was rehearsed by then"
		reviewed.Report.Coverage.Notes = append(reviewed.Report.Coverage.Notes, notWhole(l.ran))
	}
	l.conclude(reviewed.Report)
}

func notWhole(result *rehearse.Result) string {
	return "The rehearsal is not whole: " + result.Partial + "."
}

// Product is the product that the migrations of opt are written for, as [Review] takes it.
func Product(opt Options) (schema.Dialect, error) {
	opt.settle()
	h, err := layout.Read(opt.FS, opt.Paths, layout.Options{Tool: opt.Tool, Dialect: opt.Dialect})
	if err != nil {
		return schema.Unknown, err
	}
	return h.Dialect, nil
}

// AddRehearsal puts what a rehearsal found into the report of the lint: its sections, where the lint and the server
// disagree the server's word, and into each finding how long the lock is held.
func AddRehearsal(reviewed *Result, result *rehearse.Result) {
	r := reviewed.Report
	reviewed.linter.reconcile(r, result)
	r.Sections = append(r.Sections, result.Sections()...)
	if result.Partial != "" {
		r.Coverage.Notes = append(r.Coverage.Notes, notWhole(result))
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
	reviewed.linter.ran = result
	reviewed.linter.conclude(r)
}

// RehearseRecipes carries out the recipes of a review on a scratch server and brings its report up to date: a recipe that
// fails leaves its finding, which then says at what it failed and what to do. ran is the rehearsal of the statements
// themselves. The fields of how that [Rehearse] sets are set here too. It is for PostgreSQL only.
func RehearseRecipes(ctx context.Context, how rehearse.Options, reviewed *Result, ran *rehearse.Result) error {
	if err := reviewed.linter.scene(&how); err != nil {
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
	outcomes := map[*offer.Offer]rehearse.Outcome{}
	done, err := rehearse.Recipes(ctx, how, trials)
	if err != nil {
		return err
	}
	for i, o := range offers {
		outcomes[o] = done[i]
		o.Rehearsal = tried(done[i], o, ran)
	}
	if section := recipesRehearsed(reviewed.Offers, outcomes, ran); len(section.Rows) > 0 {
		reviewed.Report.Sections = append(reviewed.Report.Sections, section)
	}
	reviewed.linter.conclude(reviewed.Report)
	reviewed.Offers = reviewed.linter.offered
	return nil
}

// recipesRehearsed lists the statements that call for a recipe, or that failed or were seen to stop others, each with what
// its recipe did or why there is none.
func recipesRehearsed(offers []*offer.Offer, outcomes map[*offer.Offer]rehearse.Outcome, ran *rehearse.Result) report.Appendix {
	section := report.Appendix{Title: "Recipes rehearsed", Head: []string{"in place of", "recipe", "outcome", "longest read", "longest write"},
		Text: "Each recipe was carried out on the scratch server, from the schema before its statement, with generated rows, beside a reader and a writer of its table; deployments were taken as done at once. The longest read and write hold the waits for locks, on this machine."}
	of := map[*rehearse.Statement]*offer.Offer{}
	for _, o := range offers {
		s := statementOf(o.Step, ran)
		if s == nil { // the rehearsal ended before its statements were known
			section.Rows = append(section.Rows, outcomeRow(o, outcomes[o], &rehearse.Statement{}))
			continue
		}
		of[s] = o
	}
	needless := 0
	for _, s := range ran.Statements {
		place := fmt.Sprintf("%s:%d", s.Path, s.Line)
		o := of[s]
		switch {
		case o != nil:
			section.Rows = append(section.Rows, outcomeRow(o, outcomes[o], s))
		case !s.Ran():
			section.Rows = append(section.Rows, []string{place, "none", andStatement("", s), "", ""})
		case s.Effect.Harm():
			section.Rows = append(section.Rows, []string{place, "none", fmt.Sprintf("the lint did not foresee that here %s waited for its work (%s), so that no recipe was looked for", waits(s.Effect), s.Effect.Work), "", ""})
		default:
			needless++
		}
	}
	if needless > 0 {
		section.Text += fmt.Sprintf(" Further statements, which stop nobody by their work and need none: %d.", needless)
	}
	return section
}

func outcomeRow(o *offer.Offer, got rehearse.Outcome, s *rehearse.Statement) []string {
	if o.Refusal != "" {
		return []string{o.Place(), "none", andStatement(o.Refusal, s), "", ""}
	}
	says := o.Tried()
	for _, why := range []string{got.Why, got.Broken} {
		if why != "" {
			says += ": " + why
		}
	}
	row := []string{o.Place(), o.Recipe.Title, andStatement(says, s), "", ""}
	if got.State == rehearse.Passed {
		row[3], row[4] = unit.Duration(got.Reads), unit.Duration(got.Writes)
	}
	return row
}

// andStatement adds that the statement itself was not run to its end.
func andStatement(says string, s *rehearse.Statement) string {
	if s.Ran() {
		return says
	}
	if says != "" {
		says = strings.TrimSuffix(says, ".") + ". "
	}
	return says + "The statement itself: " + s.Error
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
		if s := statementOf(of.Step, ran); s != nil && !s.Ran() {
			out.Advice = "The statement itself fails on the scratch server as well: " + strings.TrimSuffix(s.Error, ".") + ". Correct it first, and rehearse again."
		}
	}
	return out
}

// statementOf finds a statement of the lint in a rehearsal, or nil.
func statementOf(st *lint.Step, ran *rehearse.Result) *rehearse.Statement {
	for _, s := range ran.Statements {
		if s.Path == st.File.Migration.Path && s.Offset == st.Statement.Start.Offset {
			return s
		}
	}
	return nil
}
