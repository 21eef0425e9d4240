package rehearse

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engagement/review/effect"
)

// The scene of a queue: another session holds a transaction open for holdFor; the statement comes shortly
// after it began and waits; then arrivals sessions come, evenly until the transaction ends.
const (
	holdFor  = 2 * time.Second
	arrivals = 20
	// mostQueues bounds how many statements the scene is played for.
	mostQueues = 6
	// patience is how long a session that comes waits for its lock.
	patience = "set lock_timeout = '2s'; "
)

// queues runs the migrations once more, each statement with a lock that others wait for behind a
// transaction of another session.
func (r *rehearsal) queues(ctx context.Context, name string) error {
	conn, err := r.connect(ctx, name)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	exec := func(sql string) error {
		_, err := conn.PgConn().Exec(ctx, sql).ReadAll()
		return err
	}
	played := 0
	for _, g := range r.plan.groups {
		if g.transaction {
			if err := exec("begin"); err != nil {
				return err
			}
		}
		had := map[string]effect.Lock{} // by table, what the transaction holds already
		for _, s := range g.steps {
			seen := r.seen[s]
			if s.skip != "" || seen == nil {
				continue
			}
			lock := max(seen.Effect.Target, seen.Effect.Brief)
			var failed error
			if s.subject != "" && lock.BlocksWrites() && had[s.subject] < lock && played < mostQueues {
				played++
				s.result.Queue, failed = r.queue(ctx, name, s, lock, exec)
			} else {
				failed = exec(s.at.Text)
			}
			had[s.subject] = max(had[s.subject], lock)
			if failed != nil && !refused(failed) {
				return failed
			}
			if failed != nil && g.transaction {
				break
			}
		}
		if g.transaction {
			// One that was aborted is rolled back by this.
			if err := exec("commit"); err != nil && !refused(err) {
				return err
			}
		}
	}
	return nil
}

// queue plays the scene for one statement.
func (r *rehearsal) queue(ctx context.Context, name string, s *step, lock effect.Lock, exec func(string) error) (*Queue, error) {
	table := r.plan.catalog.Table(s.subject)
	quoted := pgx.Identifier{table.Schema, table.Name}.Sanitize()
	q := &Queue{Holder: "read", Held: holdFor.Seconds(), Probes: arrivals}
	hold, try := "select 1 from "+quoted+" limit 1", "select 1 from "+quoted+" limit 1"
	if !lock.BlocksReads() {
		// Readers pass this lock; it waits for writers, and writers behind it wait.
		q.Holder, q.Writes = "written", true
		hold = "lock table " + quoted + " in row exclusive mode"
		try = "begin; insert into " + quoted + " select where false; rollback"
	}
	holder, err := r.connect(ctx, name)
	if err != nil {
		return nil, err
	}
	defer holder.Close(context.WithoutCancel(ctx))
	if _, err := holder.PgConn().Exec(ctx, "begin; "+hold).ReadAll(); err != nil {
		return nil, fmt.Errorf("hold %s: %w", quoted, err)
	}
	began := time.Now()
	var group sync.WaitGroup
	var mu sync.Mutex
	var failed error
	var seen []visit
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if failed == nil && err != nil {
			failed = err
		}
	}
	group.Go(func() { // the other's transaction ends
		sleep(ctx, holdFor)
		_, err := holder.PgConn().Exec(ctx, "rollback").ReadAll()
		fail(err)
	})
	const head = holdFor / 10 // the statement is given time to come to wait
	for i := range arrivals {
		group.Go(func() {
			conn, err := r.connect(ctx, name)
			if err != nil {
				fail(err)
				return
			}
			defer conn.Close(context.WithoutCancel(ctx))
			sleep(ctx, time.Until(began.Add(head+(holdFor-head)*time.Duration(i)/arrivals)))
			came := time.Now()
			// In a transaction the statement keeps its lock until all of these have given up.
			_, err = conn.PgConn().Exec(ctx, patience+try).ReadAll()
			waited := time.Since(came)
			var gaveUp *pgconn.PgError
			if err != nil && !errors.As(err, &gaveUp) {
				fail(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, visit{came, waited, gaveUp != nil && gaveUp.Code == "55P03"})
		})
	}
	sleep(ctx, head/4)
	came := time.Now()
	err = exec(s.at.Text)
	q.Waited = min(time.Since(came), holdFor).Seconds()
	// Behind the statement wait those that came before it had its lock or gave up, and went on only then.
	until := began.Add(holdFor)
	if over := time.Now(); over.Before(until) {
		until = over
	}
	group.Wait()
	if failed != nil {
		return nil, failed
	}
	for _, v := range seen {
		q.Longest = max(q.Longest, v.waited.Seconds())
		if v.gaveUp || v.waited > 5*time.Millisecond && v.came.Before(until) && v.came.Add(v.waited).After(until.Add(-10*time.Millisecond)) {
			q.Blocked++
		}
	}
	return q, err
}

// visit is a session that came while the statement waited.
type visit struct {
	came   time.Time
	waited time.Duration
	gaveUp bool
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
