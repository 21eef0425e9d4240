package rehearse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/pgoracle"
	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/foundation/procfs"
	"github.com/napkin-infra/napkin/foundation/progress"
)

// rehearsal is the state of one [Run].
type rehearsal struct {
	o        *Options
	ground   *ground
	plan     *plan
	result   *Result
	progress progress.Reporter
	deadline time.Time
	times    map[*step][]timing
	// sizes of tables at each size, by key, as they were filled
	filled map[int64]map[string]int64
	// seen is what was observed of a step at the largest size so far.
	seen         map[*step]*pgoracle.Observation
	seenRows     map[*step]int64
	pressure     []float64 // of timed runs: the share of the time in which something waited for a processor
	lastSize     time.Duration
	transactions int
	lost         []*step // of the migrations, that had no effect, so that those behind them may lack it
}

// timing is one run of a statement.
type timing struct {
	rows      int64
	wall, cpu float64 // seconds
}

// Run rehearses migrations. The error is one of the surroundings: no server, a database without the
// marker, a schema that cannot be made, an interrupt; what goes wrong with a statement is in the result.
// The result of a rehearsal that was cut off is returned with the error where there is something in it.
func Run(ctx context.Context, o Options) (result *Result, err error) {
	if o.MaxTime == 0 {
		o.MaxTime = defaultTime
	}
	if o.Repeats == 0 {
		o.Repeats = defaultRepeats
	}
	r := &rehearsal{o: &o, progress: progress.OrSilent(o.Progress), deadline: time.Now().Add(o.MaxTime), times: map[*step][]timing{},
		filled: map[int64]map[string]int64{}, seen: map[*step]*pgoracle.Observation{}, seenRows: map[*step]int64{},
		result: &Result{SchemaVersion: SchemaVersion, Machine: scale.Compare(o.Here, o.Production), Repeats: o.Repeats}}
	stage := r.progress.Stage("starting a scratch server", 0)
	r.ground, err = open(ctx, &o)
	stage.End()
	if err != nil {
		return nil, err
	}
	defer func() {
		left := r.ground.close(ctx)
		if left != nil && r.result.Partial != "" { // a server that has ended cannot be cleaned, and what was found stands
			r.result.Notes = append(r.result.Notes, "databases of the rehearsal may stay on the server, and are removed by the next one there: "+firstLine(left.Error()))
			left = nil
		}
		err = errors.Join(err, left)
	}()
	// A statement that runs on and on is ended some time after the rehearsal should have ended itself.
	work, cancel := context.WithTimeout(ctx, o.MaxTime+o.MaxTime/2)
	defer cancel()
	err = r.run(work)
	switch {
	case ctx.Err() != nil:
		r.partial("it was interrupted; what was found by then stands, the rest is not estimated")
		err = ctx.Err()
	case work.Err() != nil:
		r.partial(fmt.Sprintf("a statement was still running at %s and was ended; give more time with --max-time or fewer rows with --rows", o.MaxTime+o.MaxTime/2))
		err = nil
	case err != nil && r.plan != nil && connectionLost(err):
		r.partial("the scratch server ended during the rehearsal (" + firstLine(err.Error()) + "); what was found by then stands, the rest is not estimated")
		err = nil
	}
	if r.plan != nil {
		r.conclude()
	}
	return r.result, err
}

func (r *rehearsal) partial(why string) {
	if r.result.Partial == "" {
		r.result.Partial = why
	}
}

// run makes the schema and goes through the sizes.
func (r *rehearsal) run(ctx context.Context) error {
	r.result.Server = r.ground.version
	if r.o.Statistics != nil {
		r.result.Target = r.o.Statistics.Server.Version
	}
	base, err := r.makeSchema(ctx)
	if err != nil {
		return err
	}
	conn, err := r.connect(ctx, base)
	if err != nil {
		return err
	}
	catalog, err := scale.Read(ctx, conn.PgConn(), scale.Options{})
	_ = conn.Close(ctx)
	if err != nil {
		return err
	}
	r.plan = newPlan(r.o, catalog)
	r.guard(r.plan.groups)
	for _, g := range r.plan.groups {
		r.announce(g)
	}
	r.result.Notes = append(r.result.Notes, r.ground.notes...)
	for i, n := range r.plan.sizes {
		if i > 0 && !r.timeFor(n, r.plan.sizes[i-1]) {
			r.partial(fmt.Sprintf("the time of --max-time did not suffice for %d rows; what grows is estimated from %d sizes", n, i))
			break
		}
		began := time.Now()
		if err := r.size(ctx, base, n, i == 0); err != nil {
			return err
		}
		r.lastSize = time.Since(began)
	}
	return nil
}

// timeFor guesses from the size before whether another fits.
func (r *rehearsal) timeFor(n, before int64) bool {
	guess := time.Duration(float64(r.lastSize) * float64(n) / float64(max(before, 1)))
	return time.Now().Add(guess).Before(r.deadline)
}

// announce makes the result of each statement, so that all stand in it whatever happens.
func (r *rehearsal) announce(g *group) {
	if g.transaction && len(g.steps) > 1 {
		r.transactions++
	}
	for _, s := range g.steps {
		s.result = &Statement{Path: s.path, Line: s.at.Start.Line, EndLine: s.at.End.Line, Offset: s.at.Start.Offset, SQL: shorten(s.at.Text, 300), Table: s.subject, ProductionRows: r.plan.known[s.subject], Error: s.skip}
		if s.skip == "" {
			s.result.Error = notRun
		} else {
			s.result.Fault = LeftOut
		}
		if g.transaction && len(g.steps) > 1 {
			s.result.Transaction = r.transactions
		}
		r.result.Statements = append(r.result.Statements, s.result)
	}
}

// notRun stands in a statement's Error until it was run.
const notRun = "it was not run, because the rehearsal ended before it"

func (r *rehearsal) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, r.ground.in(database))
	if err != nil {
		return nil, fmt.Errorf("connect to the scratch server: %w", err)
	}
	return conn, nil
}

// size fills the tables once and runs the migrations in copies of that.
func (r *rehearsal) size(ctx context.Context, base string, n int64, first bool) error {
	rows, factor := r.plan.at(n)
	template, err := r.ground.create(ctx, base)
	if err != nil {
		return err
	}
	conn, err := r.connect(ctx, template)
	if err != nil {
		return err
	}
	generator := scale.NewGenerator(r.plan.catalog, r.o.Statistics, rows, r.o.Seed)
	tables, err := generator.Load(ctx, conn.PgConn(), r.progress)
	_ = conn.Close(ctx)
	if err != nil {
		return err
	}
	r.filled[n] = map[string]int64{}
	for _, t := range tables {
		r.filled[n][t.Table] = t.Rows
		// Rows of partitions count for the whole, which is what statements are about.
		for up := r.plan.catalog.Table(t.Table); up != nil && up.PartitionOf != ""; up = r.plan.catalog.Table(up.PartitionOf) {
			r.filled[n][up.PartitionOf] += t.Rows
		}
	}
	r.result.Sizes = append(r.result.Sizes, Size{Factor: factor, Tables: tables})
	for _, note := range generator.Notes() {
		if !slices.Contains(r.result.Notes, note) {
			r.result.Notes = append(r.result.Notes, note)
		}
	}
	stage := r.progress.Stage(fmt.Sprintf("rehearsing at %d rows", n), int64(1+r.repeats(n)))
	defer stage.End()
	if err := r.inCopy(ctx, template, func(name string) error { return r.observe(ctx, name, n, factor) }); err != nil {
		return err
	}
	stage.Add(1)
	for i := range r.repeats(n) {
		if i > 0 && time.Now().After(r.deadline) {
			r.partial("the time of --max-time was over before all repeats were done; intervals are wider for it")
			break
		}
		if err := r.inCopy(ctx, template, func(name string) error { return r.time(ctx, name, n, factor) }); err != nil {
			return err
		}
		stage.Add(1)
	}
	if first && r.o.Queue {
		if err := r.inCopy(ctx, template, func(name string) error { return r.queues(ctx, name) }); err != nil {
			return err
		}
	}
	return r.ground.drop(ctx, template)
}

// repeats is how often a size is timed. Small ones, which take little of the whole time, are timed twice as often: short
// statements differ most from run to run, and each run more makes the interval narrower.
func (r *rehearsal) repeats(n int64) int {
	if largest := slices.Max(r.plan.sizes); r.o.Repeats > 1 && n <= largest/4 {
		return 2 * r.o.Repeats
	}
	return r.o.Repeats
}

// inCopy does something in a copy of a database.
func (r *rehearsal) inCopy(ctx context.Context, template string, do func(name string) error) error {
	name, err := r.ground.create(ctx, template)
	if err != nil {
		return err
	}
	if err := r.ground.admin(ctx, "checkpoint"); err != nil && !refused(err) {
		return err
	}
	if err := do(name); err != nil {
		return err
	}
	return r.ground.drop(ctx, name)
}

func refused(err error) bool { return code(err) != "" }

// code is the server's, or empty for an error that is none of its.
func code(err error) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return ""
	}
	return e.Code
}

// prepare sets in a session what production's sessions have: where names are looked for, and memory. That for sorts shrinks with the rows,
// so that a sort that spills to disk in production does here too.
func (r *rehearsal) prepare(factor float64) []string {
	if r.o.Statistics == nil {
		return nil
	}
	var all []string
	if path := r.o.Statistics.Server.Settings["search_path"]; path != "" {
		all = append(all, "select set_config('search_path', '"+strings.ReplaceAll(path, "'", "''")+"', false)")
	}
	for _, name := range []string{"maintenance_work_mem", "work_mem"} {
		own, ok := parseMemory(r.o.Statistics.Server.Settings[name])
		if !ok {
			continue
		}
		if factor > 0 && factor < 1 {
			own *= factor
		}
		all = append(all, fmt.Sprintf("set %s = '%dkB'", name, max(int(own/1024), 1024)))
	}
	return all
}

// observe runs the migrations once under the oracles. In a transaction a savepoint stands before each
// statement, so that those behind one that fails are observed too.
func (r *rehearsal) observe(ctx context.Context, name string, n int64, factor float64) error {
	oracle, err := pgoracle.Connect(ctx, r.ground.in(name), pgoracle.Options{})
	if err != nil {
		return err
	}
	defer oracle.Close(context.WithoutCancel(ctx))
	for _, sql := range r.prepare(factor) {
		if err := oracle.Exec(ctx, sql); err != nil {
			return err
		}
	}
	for _, g := range r.plan.groups {
		if g.transaction {
			if err := oracle.Begin(ctx); err != nil {
				return err
			}
		}
		for _, s := range g.steps {
			if s.skip != "" {
				r.lost = append(r.lost, s)
				continue
			}
			if err := r.observeStep(ctx, oracle, g, s, n); err != nil {
				return err
			}
		}
		if g.transaction {
			if err := oracle.Commit(ctx); err != nil {
				if !refused(err) {
					return err
				}
				r.result.Problems = append(r.result.Problems, Problem{Path: g.steps[0].path, Sentence: "the transaction could not be committed: " + sentence(err, nil)})
			}
		}
	}
	return nil
}

// targets are the tables of a statement, written as SQL does.
func (r *rehearsal) targets(s *step) []string {
	var all []string
	for _, key := range s.tables {
		if t := r.plan.catalog.Table(key); t != nil {
			all = append(all, pgx.Identifier{t.Schema, t.Name}.Sanitize())
		}
	}
	return all
}

func (r *rehearsal) observeStep(ctx context.Context, oracle *pgoracle.Oracle, g *group, s *step, n int64) error {
	if g.transaction {
		if err := oracle.Exec(ctx, "savepoint napkin"); err != nil {
			return err
		}
	}
	if s.result.Error == notRun {
		s.result.Error = ""
	}
	observation, err := oracle.Observe(ctx, pgoracle.Statement{SQL: s.at.Text, Targets: r.targets(s)})
	if err != nil && r.supply(ctx, err) {
		if g.transaction {
			if back := oracle.Exec(ctx, "rollback to savepoint napkin"); back != nil {
				return back
			}
		}
		observation, err = oracle.Observe(ctx, pgoracle.Statement{SQL: s.at.Text, Targets: r.targets(s)})
	}
	if code(err) == "2D000" && !g.transaction {
		// A block that commits as it goes, the usual form of a backfill in batches.
		if err = oracle.Exec(ctx, s.at.Text); err == nil {
			if !s.unobserved {
				s.result.Notes = append(s.result.Notes, "it commits by itself, so its locks were not observed; its time was taken")
			}
			s.unobserved = true
			r.seen[s], r.seenRows[s] = &pgoracle.Observation{}, n
			return nil
		}
	}
	if err != nil {
		if !refused(err) || ctx.Err() != nil {
			s.result.Error = notRun
			return err
		}
		s.result.Error, s.result.Fault = sentence(err, s), r.fault(err, s)
		s.skip = s.result.Error
		r.lost = append(r.lost, s)
		if g.transaction {
			return oracle.Exec(ctx, "rollback to savepoint napkin")
		}
		return nil
	}
	if before := r.seen[s]; before != nil && before.Effect.Class() != observation.Effect.Class() && r.seenRows[s] > 0 {
		s.result.Notes = append(s.result.Notes, fmt.Sprintf("at %d rows it did %s, at %d rows %s", r.seenRows[s], before.Effect, n, observation.Effect))
	}
	r.seen[s], r.seenRows[s] = observation, n
	if g.transaction {
		return oracle.Exec(ctx, "release savepoint napkin")
	}
	return nil
}

// time runs the migrations as their tool does and takes the times. Statements that failed under the
// oracles are left out.
func (r *rehearsal) time(ctx context.Context, name string, n int64, factor float64) error {
	conn, err := r.connect(ctx, name)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	exec := func(sql string) error {
		_, err := conn.PgConn().Exec(ctx, sql).ReadAll()
		return err
	}
	for _, sql := range r.prepare(factor) {
		if err := exec(sql); err != nil {
			return err
		}
	}
	for _, g := range r.plan.groups {
		if g.transaction {
			if err := exec("begin"); err != nil {
				return err
			}
		}
		for _, s := range g.steps {
			if s.skip != "" {
				continue
			}
			t := timing{rows: r.rowsOf(s, n)}
			cpu, _ := r.ground.cpu()
			waited, _, counted := procfs.Host.Pressure("cpu")
			began := time.Now()
			err := exec(s.at.Text)
			t.wall = time.Since(began).Seconds()
			if err != nil {
				if !refused(err) || ctx.Err() != nil {
					return err
				}
				s.skip = "it ran once and failed the second time: " + sentence(err, s)
				s.result.Error, s.result.Fault = s.skip, ByScratch // what is different the second time is not of production
				if g.transaction {
					break // what is behind it runs when the next copy leaves it out
				}
				continue
			}
			if after, ok := r.ground.cpu(); ok {
				t.cpu = after - cpu
			}
			if after, _, _ := procfs.Host.Pressure("cpu"); counted && t.wall > 0.01 {
				r.pressure = append(r.pressure, min((after-waited).Seconds()/t.wall, 1))
			}
			r.times[s] = append(r.times[s], t)
		}
		if g.transaction {
			if err := exec("commit"); err != nil && !refused(err) {
				return err
			}
		}
	}
	return nil
}

// rowsOf is the number of rows of a statement's table at a size.
func (r *rehearsal) rowsOf(s *step, n int64) int64 { return r.filled[n][s.subject] }

// growth is the law of the work of a statement.
func growth(e effect.Effect) scale.Growth {
	if e.Work.Has(effect.IndexBuild) {
		return scale.Sorting
	}
	return scale.Linear
}
