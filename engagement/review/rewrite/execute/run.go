// Package execute carries out the recipes of package rewrite on a server.
//
// A run asks the server which steps are done and goes on after the last of them, so that the way to
// resume a run that was cut off, in whatever way, is to run it again. One run at a time works on a table: it
// holds an advisory lock, which the server frees when the session is gone, so that a second run waits until
// the server has noticed the death of the first.
//
// A step that blocks is sent as one message from BEGIN to COMMIT, so that its locks are held for no round
// trip. When a lock does not come in time, the transaction is rolled back, the run sleeps with nothing open,
// and asks again by the step's ladder.
//
// The connection must be one to the server itself: a pooler that changes servers between transactions
// (PgBouncer's transaction mode) breaks settings and advisory locks.
package execute

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/foundation/database"
)

// Runner runs recipes on one database. Its fields are not changed during a run; runs on different tables may
// go on at once.
type Runner struct {
	URL database.URL
	// People is called for steps that people do (deployments and tools) and returns when they have been done. When it
	// is nil such a step ends the run with a [Waiting] error, unless Confirmed holds it.
	People    func(context.Context, rewrite.Step) error
	Confirmed map[string]bool // IDs of steps that people have done
	// Observe is told what happens, from the goroutine of Run. It may be nil.
	Observe func(Event)
	// Throttle is asked before each batch of a backfill how long to wait, for example for replicas to catch up;
	// 0 means go on. It may be nil.
	Throttle func(context.Context) (time.Duration, error)
}

// What is what an [Event] tells.
type What string

// Events.
const (
	Resumed   What = "resumed"   // steps before this one have been done
	Started   What = "started"   // of a step
	Refused   What = "refused"   // a lock did not come in time, or a deadlock; the run sleeps and tries again
	Cleared   What = "cleared"   // the remains of a failed try
	Otherwise What = "otherwise" // the server cannot run a statement this way; the next way is tried
	Batch     What = "batch"     // of a backfill is done
	Done      What = "done"      // with a step
	Undone    What = "undone"    // a step was taken back
	Occupied  What = "occupied"  // another run, or what the server still runs of a dead one, holds the table
)

// Event is something that happened.
type Event struct {
	What    What
	Step    int // index
	ID      string
	Try     int           // of Refused, counted from 1
	Rows    int64         // changed so far by a backfill
	Key     []string      // the last key of a batch
	Elapsed time.Duration // of Done: the step; of Batch: the batch; of Refused: the sleep to come
	Says    string        // of Refused: who holds the lock; of Otherwise: the reason
}

// Waiting is the error of a run that has come to a step which people do.
type Waiting struct{ Step rewrite.Step }

func (w *Waiting) Error() string {
	return fmt.Sprintf("The next step is not one of the database: %s. %s When that is done, run the recipe again and confirm the step %q.", w.Step.Title, w.Step.Says, w.Step.ID)
}

// Violation is the error of a recipe that the data forbid; nothing has been changed.
type Violation struct{ rewrite.Question }

func (v *Violation) Error() string { return v.Says }

// PastReturn is the error of an undoing that comes too late; nothing has been taken back.
type PastReturn struct {
	Recipe string
	Step   rewrite.Step
}

func (p *PastReturn) Error() string {
	return fmt.Sprintf("undo %q: the step %q is done or has begun, and there is no way back from it; go on to the end", p.Recipe, p.Step.ID)
}

// run is one run.
type run struct {
	Runner
	recipe rewrite.Recipe
	s      session
}

// Run carries out the steps of the recipe that are not done yet. Its error says at which step it stopped and
// what to do; in every case running it again goes on from there.
func (r Runner) Run(ctx context.Context, recipe rewrite.Recipe) error {
	return r.with(ctx, recipe, func(run *run) error {
		next, err := run.next(ctx)
		if err != nil {
			return err
		}
		if next == 0 {
			if err := run.preflight(ctx); err != nil {
				return err
			}
		} else if next < len(recipe.Steps) {
			run.tell(Event{What: Resumed, Step: next})
		}
		for i := next; i < len(recipe.Steps); i++ {
			if err := run.step(ctx, i); err != nil {
				return err
			}
		}
		return nil
	})
}

// Undo takes back the steps that are done, from the last one. It refuses after the point of no return.
func (r Runner) Undo(ctx context.Context, recipe rewrite.Recipe) error {
	return r.with(ctx, recipe, func(run *run) error {
		next, err := run.next(ctx)
		if err != nil {
			return err
		}
		for i := range next {
			if s := recipe.Steps[i]; s.NoReturn {
				return &PastReturn{Recipe: recipe.Title, Step: s}
			}
		}
		if begun, err := run.begun(ctx, next); err != nil || begun {
			return errors.Join(err, &PastReturn{Recipe: recipe.Title, Step: recipe.Steps[next]})
		}
		// A step that was cut off may have left something without being done: its undoing does no harm.
		for i := min(next, len(recipe.Steps)-1); i >= 0; i-- {
			s := recipe.Steps[i]
			if i == next && s.Clear != nil {
				rest := rewrite.Step{ID: s.ID, Title: "Undo: " + s.Title, Clear: s.Clear, Ladder: s.Ladder}
				if err := run.climb(ctx, i, rest); err != nil {
					return fmt.Errorf("undo the step %q: %w", s.ID, err)
				}
			}
			if recipe.Product != rewrite.PostgreSQL && i >= next {
				continue // its statements fail where there is nothing to take back
			}
			for _, sql := range s.Undo {
				take := rewrite.Step{ID: s.ID, Title: "Undo: " + s.Title, SQL: []string{sql}, Ladder: s.Ladder}
				if err := run.climb(ctx, i, take); err != nil {
					return fmt.Errorf("undo the step %q: %w", s.ID, err)
				}
			}
			run.tell(Event{What: Undone, Step: i})
		}
		return nil
	})
}

// begun returns whether step i has no way back and was cut off in the middle: outside a transaction it may have
// changed something, which its Clear tells, and a backfill may have changed rows.
func (r *run) begun(ctx context.Context, i int) (bool, error) {
	if i >= len(r.recipe.Steps) || !r.recipe.Steps[i].NoReturn {
		return false, nil
	}
	s := r.recipe.Steps[i]
	if s.Clear == nil {
		return s.Kind == rewrite.Batches, nil
	}
	return r.s.ask(ctx, s.Clear.If)
}

// State returns the index of the first step that is not done: 0 at the start, len(recipe.Steps) when the recipe
// has been carried out and says so.
func (r Runner) State(ctx context.Context, recipe rewrite.Recipe) (int, error) {
	next := 0
	err := r.with(ctx, recipe, func(run *run) (err error) {
		next, err = run.next(ctx)
		return err
	})
	return next, err
}

// with opens a session, claims the recipe for it, and runs f.
func (r Runner) with(ctx context.Context, recipe rewrite.Recipe, f func(*run) error) error {
	if len(recipe.Steps) == 0 {
		return errors.New("the recipe has no steps")
	}
	s, err := open(ctx, r.URL)
	if err != nil {
		return err
	}
	defer s.close()
	run := &run{Runner: r, recipe: recipe, s: s}
	key := "napkin recipe: " + recipe.Title
	pause := 10 * time.Millisecond // a session that has just died is gone after some milliseconds
	for told := false; ; told = true {
		claimed, err := s.claim(ctx, key)
		if err != nil {
			return fmt.Errorf("claim %q: %w", recipe.Title, err)
		}
		if claimed {
			break
		}
		if !told {
			run.tell(Event{What: Occupied})
		}
		if err := sleep(ctx, pause); err != nil {
			return fmt.Errorf("another session works at %q; wait for it or end it: %w", recipe.Title, err)
		}
		pause = min(2*pause, 200*time.Millisecond)
	}
	return f(run)
}

func (r *run) tell(e Event) {
	if r.Observe == nil {
		return
	}
	if e.ID == "" && e.Step < len(r.recipe.Steps) {
		e.ID = r.recipe.Steps[e.Step].ID
	}
	r.Observe(e)
}

// next finds the last step that is done, from the end, and returns the index after it.
func (r *run) next(ctx context.Context) (int, error) {
	for i := len(r.recipe.Steps) - 1; i >= 0; i-- {
		s := r.recipe.Steps[i]
		if s.Done == "" {
			continue
		}
		done, err := r.s.ask(ctx, s.Done)
		if err != nil && r.s.classify(err) != absent {
			return 0, fmt.Errorf("ask whether the step %q is done: %w", s.ID, err)
		}
		if err == nil && done {
			return i + 1, nil
		}
	}
	return 0, nil
}

func (r *run) preflight(ctx context.Context) error {
	for _, q := range r.recipe.Preflight {
		found, err := r.s.ask(ctx, q.SQL)
		if err != nil {
			return fmt.Errorf("ask before the first step (%s): %w", q.SQL, err)
		}
		if found {
			return &Violation{q}
		}
	}
	return nil
}

// step carries out one step.
func (r *run) step(ctx context.Context, i int) error {
	s := r.recipe.Steps[i]
	start := time.Now()
	r.tell(Event{What: Started, Step: i})
	var err error
	switch s.Kind {
	case rewrite.Deploy, rewrite.Tool:
		err = r.people(ctx, s)
	case rewrite.Batches:
		err = r.backfill(ctx, i, s)
	default:
		err = r.climb(ctx, i, s)
	}
	if w := (*Waiting)(nil); errors.As(err, &w) {
		return err
	}
	if err != nil {
		return fmt.Errorf("step %d of %d (%s): %w", i+1, len(r.recipe.Steps), s.Title, err)
	}
	if s.Done != "" {
		done, err := r.s.ask(ctx, s.Done)
		if err != nil {
			return fmt.Errorf("ask whether the step %q is done: %w", s.ID, err)
		}
		if !done {
			return fmt.Errorf("step %d of %d (%s): it ran without an error, but the server does not show its result; has something else changed the table meanwhile?", i+1, len(r.recipe.Steps), s.Title)
		}
	}
	r.tell(Event{What: Done, Step: i, Elapsed: time.Since(start)})
	return nil
}

func (r *run) people(ctx context.Context, s rewrite.Step) error {
	switch {
	case r.Confirmed[s.ID]:
		return nil
	case r.People == nil:
		return &Waiting{s}
	}
	return r.People(ctx, s)
}

// climb tries the statements of a step up its ladder.
func (r *run) climb(ctx context.Context, i int, s rewrite.Step) error {
	ladder := s.Ladder
	if len(ladder) == 0 {
		ladder = rewrite.Ladder{{Tries: 1}}
	}
	ways := append([][]string{s.SQL}, s.Otherwise...)
	for try := 0; ; {
		rung, ok := ladder.Try(try)
		if !ok {
			return fmt.Errorf("the lock did not come in %d tries; see which sessions hold long transactions on the table, and run the recipe again", try)
		}
		done, err := r.clear(ctx, i, s, rung.LockTimeout)
		if err == nil && !done {
			err = r.s.apply(ctx, ways[0], s.Transaction, rung.LockTimeout)
		}
		if err == nil {
			return nil
		}
		switch r.s.classify(err) {
		case again:
			try++
			pause := jitter(rung.Sleep)
			r.tell(Event{What: Refused, Step: i, Try: try, Elapsed: pause, Says: r.s.holder(ctx, s.Locks)})
			if err := sleep(ctx, pause); err != nil {
				return err
			}
		case unsupported:
			if len(ways) == 1 {
				return err
			}
			ways = ways[1:]
			r.tell(Event{What: Otherwise, Step: i, Says: err.Error()})
		default:
			return err
		}
	}
}

// clear removes what an earlier try left behind, and returns whether that has finished the step.
func (r *run) clear(ctx context.Context, i int, s rewrite.Step, lockTimeout time.Duration) (done bool, err error) {
	if s.Clear == nil {
		return false, nil
	}
	left, err := r.s.ask(ctx, s.Clear.If)
	if err != nil || !left {
		return false, err
	}
	if err := r.s.apply(ctx, s.Clear.SQL, false, lockTimeout); err != nil {
		return false, fmt.Errorf("remove what an earlier try left behind: %w", err)
	}
	r.tell(Event{What: Cleared, Step: i})
	if s.Done == "" {
		return false, nil
	}
	return r.s.ask(ctx, s.Done)
}

// jitter varies a pause by a fifth either way, so that two ladders do not climb in step.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
