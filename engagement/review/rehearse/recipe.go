package rehearse

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/execute"
	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/progress"
)

// Trial is a recipe that stands for the statement at a place.
type Trial struct {
	Path   string
	Offset int // of the statement in its file, in bytes
	Recipe rewrite.Recipe
}

// State is how the rehearsal of a recipe ended.
type State string

// States.
const (
	Passed State = "rehearsed"     // it came to its end
	Failed State = "failed"        // a step ended in an error
	NotRun State = "not rehearsed" // it did not begin, or was cut off
)

// Outcome is what a rehearsed recipe did.
type Outcome struct {
	State State
	// Why says at what it failed, in the server's words, or why it was not rehearsed; empty when it passed.
	Why string
	// Broken says which rule the generated rows broke, where the recipe passed only after they were left out: its
	// statements are known to work then, and whether the data let them only production knows.
	Broken string
	// Reads and Writes are the longest times that a reader and a writer of the table took meanwhile, with the round
	// trip.
	Reads, Writes time.Duration
}

// recipeRows bounds the rows of a table under a recipe that is rehearsed: enough for several batches of a backfill.
const recipeRows = 10_000

// Recipes carries out recipes on a scratch server, each in a database of its own as it stands before the statement, with
// generated rows, beside a reader and a writer of its table. Steps that people do are taken as done at once. The error is
// one of the surroundings; what goes wrong with a recipe is in its outcome, of which there is one for each trial.
func Recipes(ctx context.Context, o Options, trials []Trial) (out []Outcome, err error) {
	out = make([]Outcome, len(trials))
	if len(trials) == 0 {
		return out, nil
	}
	if o.MaxTime == 0 {
		o.MaxTime = defaultTime
	}
	o.Rows = recipeRows
	r := &rehearsal{o: &o, progress: progress.OrSilent(o.Progress), deadline: time.Now().Add(o.MaxTime), result: &Result{}}
	if r.ground, err = open(ctx, &o); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.ground.close(ctx)) }()
	base, err := r.makeSchema(ctx)
	if err != nil {
		return nil, err
	}
	type place struct {
		path   string
		offset int
	}
	at := map[place][]int{}
	for i, t := range trials {
		key := place{t.Path, t.Offset}
		at[key] = append(at[key], i)
		out[i] = notRunBecause("the statement was not met on the way through the migrations")
	}
	stage := r.progress.Stage("rehearsing recipes", int64(len(trials)))
	defer stage.End()
	for _, g := range r.guard(groups(o.Migrations)) {
		for _, s := range g.steps {
			for _, i := range at[place{s.path, s.at.Start.Offset}] {
				if s.refused { // its expressions stand in the recipe
					out[i] = notRunBecause("the statement is not run in a rehearsal: " + s.skip)
					continue
				}
				if out[i], err = r.trial(ctx, base, trials[i].Recipe); err != nil {
					return out, err
				}
				stage.Add(1)
			}
			if err := r.advance(ctx, base, s); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// advance runs a statement of the migrations, without rows; one that fails leaves its effect out.
func (r *rehearsal) advance(ctx context.Context, base string, s *step) error {
	conn, err := r.connect(ctx, base)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := r.make(ctx, conn, s); err != nil && (ctx.Err() != nil || !refused(err)) {
		return err
	}
	return nil
}

const timeOver = "the time of --max-time was over"

func notRunBecause(why string) Outcome { return Outcome{State: NotRun, Why: why} }

// trial carries a recipe out in a copy of the base, and in one without rows when it is the generated rows that stop it:
// they know nothing of a rule that is only being made.
func (r *rehearsal) trial(ctx context.Context, base string, recipe rewrite.Recipe) (out Outcome, err error) {
	for i := range recipe.Steps {
		if recipe.Steps[i].Kind == rewrite.Tool {
			return notRunBecause(fmt.Sprintf("step %d is done by a tool", i+1)), nil
		}
	}
	var broken error
	for _, rows := range []int64{recipeRows, 0} {
		if time.Now().After(r.deadline) {
			return notRunBecause(timeOver), nil
		}
		var stopped error
		err = r.inCopy(ctx, base, func(name string) (err error) {
			out, stopped, err = r.recipe(ctx, name, recipe, rows)
			return err
		})
		if err != nil || out.State == NotRun {
			return out, err
		}
		if rows == 0 || !brokenByRows(stopped) {
			break
		}
		broken = stopped
	}
	if broken != nil && out.State == Passed {
		out.Broken = firstLine(broken.Error())
	}
	return out, nil
}

// brokenByRows says whether it was the data that stopped a recipe: its own question before the first step, or an
// integrity constraint (class 23 of appendix A of PostgreSQL's manual).
func brokenByRows(err error) bool {
	var question *execute.Violation
	return errors.As(err, &question) || strings.HasPrefix(code(err), "23")
}

// recipe fills the tables of a database and carries the recipe out in it; stopped is at what it failed.
func (r *rehearsal) recipe(ctx context.Context, name string, recipe rewrite.Recipe, rows int64) (out Outcome, stopped, err error) {
	if rows > 0 {
		if err := r.fill(ctx, name); err != nil {
			if ctx.Err() != nil {
				return out, nil, err
			}
			return notRunBecause("its tables could not be filled: " + firstLine(err.Error())), nil, nil
		}
	}
	u, err := r.address(name)
	if err != nil {
		return out, nil, err
	}
	work, cancel := context.WithDeadline(ctx, r.deadline)
	defer cancel()
	stop := r.beside(work, name, recipe, &out)
	stopped = execute.Runner{URL: u, People: func(context.Context, rewrite.Step) error { return nil }}.Run(work, recipe)
	stop()
	switch {
	case ctx.Err() != nil:
		return out, nil, ctx.Err()
	case work.Err() != nil:
		return notRunBecause(timeOver), nil, nil
	case stopped != nil:
		out.State, out.Why = Failed, firstLine(stopped.Error())
	default:
		out.State = Passed
	}
	return out, stopped, nil
}

// fill generates the rows of the tables of a database.
func (r *rehearsal) fill(ctx context.Context, name string) error {
	conn, err := r.connect(ctx, name)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	catalog, err := scale.Read(ctx, conn.PgConn(), scale.Options{})
	if err != nil {
		return err
	}
	r.plan = newPlan(r.o, catalog)
	rows, _ := r.plan.at(r.plan.sizes[0])
	_, err = scale.NewGenerator(catalog, r.o.Statistics, rows, r.o.Seed).Load(ctx, conn.PgConn(), progress.OrSilent(nil))
	return err
}

// address is the URL of a database of the scratch server.
func (r *rehearsal) address(name string) (database.URL, error) {
	text := r.o.ScratchURL
	if r.ground.private != nil {
		text = r.ground.private.URL
	}
	u, err := url.Parse(text)
	if err != nil {
		return database.URL{}, errors.New("the URL of the scratch server cannot be read")
	}
	u.Path = "/" + name
	return database.Parse(u.String())
}

// beside starts a reader and a writer of the recipe's table and returns what ends them. A table that the recipe takes
// out of reach is no error of theirs.
func (r *rehearsal) beside(ctx context.Context, name string, recipe rewrite.Recipe, out *Outcome) (stop func()) {
	table := ""
	for _, s := range recipe.Steps {
		if table == "" && len(s.Locks) > 0 {
			table = s.Locks[0].Table.String()
		}
	}
	if table == "" {
		return func() {}
	}
	inner, cancel := context.WithCancel(ctx)
	var wait, ready sync.WaitGroup // ready: both have been there once, so that a short recipe meets them
	for sql, longest := range map[string]*time.Duration{
		"select 1 from " + table + " limit 1":                           &out.Reads,
		"begin; lock table " + table + " in row exclusive mode; commit": &out.Writes, // what an INSERT, UPDATE or DELETE takes
	} {
		ready.Add(1)
		wait.Go(func() {
			there := sync.OnceFunc(ready.Done)
			defer there()
			conn, err := pgx.ConnectConfig(inner, r.ground.in(name))
			if err != nil {
				return
			}
			defer conn.Close(context.WithoutCancel(inner))
			for inner.Err() == nil {
				began := time.Now()
				_, err := conn.PgConn().Exec(inner, sql).ReadAll()
				var refusal *pgconn.PgError
				switch {
				case err == nil:
					*longest = max(*longest, time.Since(began))
				case !errors.As(err, &refusal):
					return
				default: // the transaction of the writer is left open by its error
					_, _ = conn.PgConn().Exec(inner, "rollback").ReadAll()
				}
				there()
				select {
				case <-inner.Done():
				case <-time.After(2 * time.Millisecond):
				}
			}
		})
	}
	ready.Wait()
	return func() {
		cancel()
		wait.Wait()
	}
}
