package datadiff

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/progress"
)

// run is the state of one run of a job.
type run struct {
	*Job
	journal *journal
	orphans *orphans
	tasks   []task
	stage   progress.Stage
	pool    [2]pool
	found   counter

	mu     sync.Mutex
	rows   [2]int64
	bytes  [2]int64
	before [2][2]int64 // rows, and bytes, of both sides that earlier runs have read
	tested int         // ranges hashed so far, and how many of them differed
	differ int
	hash   dialect.Hash // 0 when rows are streamed
	ranged bool         // ranges hold about the same rows on both sides; else there is one range
}

// task is what a worker takes at once and the journal records as one: some ranges.
type task struct {
	number uint64
	ranges []dialect.Range
}

// hashTask is the number of ranges that one statement hashes.
const hashTask = 128

// Run compares the tables. Each difference is given to emit, from one goroutine, after all reading is
// done, in the order of the key's ranges; emit may be nil. Of two different errors: a result that is not
// nil holds what was found before the run was cut off, and its verdict is Unknown.
func (j *Job) Run(ctx context.Context, emit func(Difference) error) (*Result, error) {
	meter := limit.Begin()
	r := &run{Job: j}
	var before [2]int64
	for side := range before {
		before[side] = j.received(side)
	}
	defer r.pool[0].closeAll()
	defer r.pool[1].closeAll()
	res := &Result{Pairing: j.pairing, Plan: &j.plan, began: time.Now()}
	for _, c := range j.pairing.Columns {
		res.Columns = append(res.Columns, ColumnResult{Name: c.Name()})
	}
	release, err := r.snapshots(ctx, res)
	if err != nil {
		return nil, err
	}
	defer release()
	for side := range r.pool {
		r.pool[side].open = func(ctx context.Context) (dialect.Session, error) { return j.open(ctx, side) }
	}
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	defer r.orphans.Close()
	finished := false
	defer func() { _ = r.journal.Close(finished) }()
	r.stage = j.opts.Progress.Stage("comparing rows", j.plan.Rows)
	err = r.work(ctx)
	r.stage.End()
	stopped := errors.Is(err, errLimit)
	if err == nil || stopped {
		err = r.settle(ctx, stopped)
		if errors.Is(err, errLimit) {
			stopped, err = true, nil
		}
	}
	if err == nil && !stopped {
		err = r.unchanged(ctx)
	}
	res.Rows, res.CellBytes = r.rows, r.bytes
	res.EarlierRows, res.EarlierBytes = r.before[0], r.before[1]
	res.Ranges, res.Spilled = r.ranges(), r.orphans.Spilled
	res.Limited = stopped
	// Rows are read again as they are now, not as they were in a snapshot.
	r.pool[0].closeAll()
	r.pool[1].closeAll()
	release()
	if err == nil {
		err = r.conclude(ctx, res, emit)
	}
	for side := range 2 {
		res.LinkBytes[side] = j.received(side) - before[side]
	}
	res.Outcome = meter.Against(j.plan.Chosen().Least)
	if err != nil {
		res.countFound(r.journal)
		res.Verdict = Unknown
		if r.journal.keep {
			res.Journal = r.journal.path
		}
		return res, err
	}
	finished = true
	return res, nil
}

// snapshots fixes the point in time of each side, when asked for.
func (r *run) snapshots(ctx context.Context, res *Result) (release func(), err error) {
	var releases []func() error
	release = func() {
		for _, f := range releases {
			_ = f() // the reading is over; a connection that broke meanwhile has told the run
		}
		releases = nil
	}
	if !r.opts.Snapshot {
		return release, nil
	}
	for side := range r.side {
		position, f, err := r.side[side].Database.Snapshot(ctx)
		if err != nil {
			release()
			return nil, fmt.Errorf("take a snapshot of %s: %w", r.side[side].Name, err)
		}
		releases = append(releases, f)
		res.Position[side] = position
	}
	return release, nil
}

// prepare cuts the ranges, or takes them from the journal of a run that was cut off.
func (r *run) prepare(ctx context.Context) error {
	if r.plan.Kind == Native {
		r.hash = dialect.Native
	}
	if r.plan.Kind == Portable {
		r.hash = dialect.Portable
	}
	r.orphans = newOrphans(r.opts.Memory, r.opts.TempDir)
	h := r.header()
	if r.opts.Resume {
		return r.resume(h)
	}
	warm := r.warm(ctx)
	ranges, err := r.cut(ctx)
	warm()
	if err != nil {
		return err
	}
	h = r.header() // cutting may have changed the plan
	for _, rg := range ranges {
		if rg.Lo != nil {
			h.Bounds = append(h.Bounds, rg.Lo)
		}
		h.Null = h.Null || rg.Null
	}
	h.Seed = rand.Uint64() //nolint:gosec // a sample, not a secret
	r.makeTasks(ranges, h.Seed)
	r.journal, err = createJournal(r.opts.Journal, h)
	return err
}

// warm connects to both sides while the ranges are cut: over a far link, connecting takes as long. What
// fails here is told when a worker connects. The returned function waits for the end.
func (r *run) warm(ctx context.Context) (wait func()) {
	var g sync.WaitGroup
	for side := range r.pool {
		g.Go(func() {
			if s, err := r.pool[side].open(ctx); err == nil {
				r.pool[side].put(s)
			}
		})
	}
	return g.Wait
}

func (r *run) header() header {
	h := header{A: r.side[0].Name, B: r.side[1].Name, Key: r.pairing.Key, Where: [2]string{r.pairing.A.Where, r.pairing.B.Where}, Plan: r.plan.Kind, Task: 1, Sample: r.opts.Sample}
	if r.hash != 0 {
		h.Task = hashTask
	}
	for _, c := range r.pairing.Columns {
		h.Columns = append(h.Columns, fmt.Sprintf("%s %s %s %g", c.A.Name, c.Form, c.B.Name, c.Tolerance))
	}
	return h
}

func (r *run) resume(want header) error {
	var got header
	accept := func(h header) error {
		got = h
		h.Bounds, h.Null, h.Plan, h.Task, h.Seed = nil, false, want.Plan, want.Task, 0
		switch {
		case h.A != want.A || h.B != want.B:
			return fmt.Errorf("it compares %s with %s, and not %s with %s: %w", h.A, h.B, want.A, want.B, ErrJournal)
		case !slices.Equal(h.Columns, want.Columns) || h.Key != want.Key || h.Where != want.Where || h.Sample != want.Sample:
			return fmt.Errorf("it was begun with other columns, another key, condition or sample; use the same, or begin anew without --resume: %w", ErrJournal)
		}
		return nil
	}
	journal, res, err := openJournal(r.opts.Journal, accept, r.orphans.add)
	if err != nil {
		return err
	}
	r.journal = journal
	// The plan of the first run goes on: its tasks are those that the journal names.
	r.plan.Kind, r.hash = got.Plan, 0
	switch got.Plan {
	case Native:
		r.hash = dialect.Native
	case Portable:
		r.hash = dialect.Portable
	case Stream, Join:
	default:
		return fmt.Errorf("go on from the journal %s: its plan %q is not known: %w", r.opts.Journal, got.Plan, ErrJournal)
	}
	var keys []dialect.Key
	for _, b := range got.Bounds {
		keys = append(keys, b)
	}
	r.ranged = r.pairing.ordered || len(keys) > 0
	r.makeTasks(between(dialect.Range{}, keys, got.Null), got.Seed)
	r.tasks = slices.DeleteFunc(r.tasks, func(t task) bool {
		done, ok := res.done[t.number]
		for side := range done.Rows {
			r.rows[side] += int64(done.Rows[side])
			r.bytes[side] += int64(done.Bytes[side])
		}
		return ok
	})
	r.before = [2][2]int64{r.rows, r.bytes}
	r.opts.Progress.Note(fmt.Sprintf("going on from %s: %d of %d parts are done", r.opts.Journal, len(res.done), len(res.done)+len(r.tasks)))
	return nil
}

// between turns borders into ranges, and adds that of NULL keys.
func between(in dialect.Range, bounds []dialect.Key, null bool) []dialect.Range {
	var out []dialect.Range
	lo := in.Lo
	for _, b := range bounds {
		out = append(out, dialect.Range{Lo: lo, Hi: b})
		lo = b
	}
	out = append(out, dialect.Range{Lo: lo, Hi: in.Hi})
	if null {
		out = append(out, dialect.Range{Null: true})
	}
	return out
}

// cut asks the side that holds more rows where to cut. Tables without a key, or with one that the two
// sides sort differently, are one range.
func (r *run) cut(ctx context.Context) ([]dialect.Range, error) {
	r.ranged = r.pairing.ordered
	null := false
	for _, f := range append(slices.Clone(r.pairing.A.Key), r.pairing.B.Key...) {
		null = null || !f.Column.NotNull
	}
	if !r.pairing.ordered && !r.pairing.ranked || r.plan.Kind == Join {
		return between(dialect.Range{}, nil, null && r.plan.Kind != Join), nil
	}
	side := 0
	if r.pairing.B.Table.Rows > r.pairing.A.Table.Rows {
		side = 1
	}
	var bounds []dialect.Key
	err := r.retry(ctx, side, func(s dialect.Session) (err error) {
		bounds, err = s.Bounds(ctx, r.relation(side), dialect.Range{}, r.plan.RangeRows, false)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cut the key of %s into ranges: %w", r.side[side].Name, err)
	}
	if !r.pairing.ordered {
		if bounds, err = r.align(ctx, dialect.Range{}, bounds); err != nil {
			return nil, err
		}
		if len(bounds) == 0 {
			r.unrangedPlan()
			return between(dialect.Range{}, nil, null), nil
		}
		r.ranged = true
	}
	return between(dialect.Range{}, bounds, null), nil
}

// makeTasks groups ranges, all of them or a sample.
func (r *run) makeTasks(ranges []dialect.Range, seed uint64) {
	if s := r.opts.Sample; s > 0 && s < 1 {
		// The journal keeps the seed, so that a resumed run makes the same choice.
		random := rand.New(rand.NewPCG(uint64(len(ranges)), seed)) //nolint:gosec // a sample, not a secret
		n := max(1, int(float64(len(ranges))*s+0.5))
		chosen := random.Perm(len(ranges))[:min(n, len(ranges))]
		slices.Sort(chosen)
		sampled := make([]dialect.Range, 0, len(chosen))
		for _, i := range chosen {
			sampled = append(sampled, ranges[i])
		}
		ranges = sampled
	}
	group := 1
	if r.hash != 0 {
		group = hashTask
	}
	for part := range slices.Chunk(ranges, group) {
		r.tasks = append(r.tasks, task{uint64(len(r.tasks)), part})
	}
}

func (r *run) ranges() int {
	n := 0
	for _, t := range r.tasks {
		n += len(t.ranges)
	}
	return n
}

// work lets the workers take the tasks in order.
func (r *run) work(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	queue := make(chan task)
	g.Go(func() error {
		defer close(queue)
		for _, t := range r.tasks {
			select {
			case queue <- t:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range min(r.workers, max(len(r.tasks), 1)) {
		g.Go(func() error {
			w := newWorker(r)
			for t := range queue {
				if err := w.task(ctx, t); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// settle matches the rows that had no partner where they were read.
func (r *run) settle(ctx context.Context, stopped bool) error {
	s := &sink{run: r, final: true}
	sampled := r.opts.Sample > 0 && r.opts.Sample < 1
	if r.pairing.Key == 0 || r.pairing.sorted || !stopped && !sampled {
		if err := r.orphans.each(s); err != nil {
			return err
		}
		return s.flush()
	}
	p := &partners{sink: s, ctx: ctx}
	if err := r.orphans.each(p); err != nil {
		return err
	}
	if err := p.close(); err != nil {
		return err
	}
	return s.flush()
}

// unchanged checks that the tables still have the columns that were read. Rows that were compared while
// a column came or went are no answer.
func (r *run) unchanged(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for side := range r.side {
		g.Go(func() error { return r.sideUnchanged(ctx, side) })
	}
	return g.Wait()
}

func (r *run) sideUnchanged(ctx context.Context, side int) error {
	s := r.side[side]
	var now *dialect.Table
	err := r.again(ctx, func() (err error) {
		now, err = s.Database.Table(ctx, s.Table)
		return err
	}, side)
	if err != nil {
		return fmt.Errorf("read the catalog of %s again: %w", s.Name, err)
	}
	then := r.relation(side).Table
	same := len(now.Columns) == len(then.Columns)
	for i := 0; same && i < len(then.Columns); i++ {
		a, b := then.Columns[i], now.Columns[i]
		same = a.Name == b.Name && a.Type == b.Type
	}
	if !same {
		return fmt.Errorf("the columns of %s changed while it was read; compare again when the migration is over", s.Name)
	}
	return nil
}

// counter counts differences found so far, to end at a limit.
type counter struct {
	mu sync.Mutex
	n  int64
}

func (c *counter) add(n, limit int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n += n
	if limit > 0 && c.n >= limit {
		return errLimit
	}
	return nil
}

// sink turns what a comparison finds into records of the journal. One worker uses it at a time.
type sink struct {
	*run
	records []byte
	found   int64
	final   bool // at the end: a row alone is a difference, whatever the order of its key
}

func (s *sink) changed(a, b []byte, key int) error {
	if s.final && s.within(a, b) {
		return nil
	}
	return s.put(Difference{Kind: Changed, Key: a[:key], A: a, B: b})
}

func (s *sink) alone(side int, cells []byte, key int) error {
	if !s.final && !s.pairing.sorted {
		s.records = appendOrphan(s.records, side, cells, key)
		return s.orphans.add(side, cells, key)
	}
	d := Difference{Kind: OnlyA, Key: cells[:key], A: cells}
	if side == 1 {
		d = Difference{Kind: OnlyB, Key: cells[:key], B: cells}
	}
	return s.put(d)
}

func (s *sink) put(d Difference) error {
	s.records = appendDifference(s.records, d)
	s.found++
	if s.final && len(s.records) > 1<<20 {
		return s.flush()
	}
	return nil
}

// flush writes differences that belong to no task.
func (s *sink) flush() error {
	if err := s.journal.add(s.records); err != nil {
		return err
	}
	s.records = s.records[:0]
	found := s.found
	s.found = 0
	return s.run.found.add(found, s.opts.Limit)
}

// within says whether two rows of one key differ only by what the tolerances allow.
func (r *run) within(a, b []byte) bool {
	if !r.tolerant() {
		return false
	}
	within := true
	err := differing(a, b, func(i int, x, y []byte) {
		t := r.pairing.Columns[i].Tolerance
		within = within && t > 0 && near(x, y, t)
	})
	return err == nil && within
}

func (r *run) tolerant() bool {
	return slices.ContainsFunc(r.pairing.Columns, func(c PairedColumn) bool { return c.Tolerance > 0 })
}

// near says whether two numbers are at most t apart. NULL is near nothing.
func near(x, y []byte, t float64) bool {
	if canon.Tag(x[0]) == canon.Float64 || canon.Tag(x[0]) == canon.Float32 {
		a, okA := canon.Number(x)
		b, okB := canon.Number(y)
		return okA && okB && a-b <= t && b-a <= t
	}
	// A double cannot hold every integer and decimal.
	a, okA := exactNumber(x)
	b, okB := exactNumber(y)
	most, okT := new(big.Rat).SetString(strconv.FormatFloat(t, 'g', -1, 64))
	return okA && okB && okT && a.Sub(a, b).Abs(a).Cmp(most) <= 0
}

// exactNumber is the value of an integer or a finite decimal.
func exactNumber(cell []byte) (*big.Rat, bool) {
	switch canon.Tag(cell[0]) {
	case canon.NegativeInt, canon.PositiveInt, canon.Decimal:
		return new(big.Rat).SetString(canon.Format(cell))
	}
	return nil, false
}
