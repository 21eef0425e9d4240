package pgoracle

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review/effect"
)

// Held is a lock on a relation that was there before the statement.
type Held struct {
	Relation uint32
	Lock     effect.Lock
	// Through says that it was held to the end of the transaction, or, of a statement that runs in several
	// transactions, for most of its time.
	Through bool
}

// held reads the locks of the observed session in its transaction.
func (o *Oracle) held(ctx context.Context, before *picture) ([]Held, error) {
	rows, err := o.subject.Query(ctx, `select relation, mode from pg_locks
		where pid = pg_backend_pid() and locktype = 'relation' and granted
		and database = (select oid from pg_database where datname = current_database())`)
	if err != nil {
		return nil, err
	}
	var locks []Held
	var relation uint32
	var mode string
	_, err = pgx.ForEachRow(rows, []any{&relation, &mode}, func() error {
		if before.relations[relation] == nil {
			return nil
		}
		lock, err := effect.ParseLock(mode)
		locks = append(locks, Held{relation, lock, true})
		return err
	})
	return locks, err
}

// The sampler runs in one query until the statement has ended or the time is over. In the database of the
// statement its snapshot would keep CREATE INDEX CONCURRENTLY waiting, so there the time is short.
const (
	chunkElsewhere = time.Second
	chunkBeside    = 4 * time.Millisecond
)

// sampler watches the locks of a session and tells each change of their set with the time since the
// query began, in microseconds. It ends when the state of the session has changed and is not active. A
// loop in the server sees far more than one of queries.
const sampler = `do $$
declare
	last text; now text; began timestamptz := clock_timestamp(); n int := 0; idle bool;
begin
	loop
		select string_agg(relation || ' ' || mode || ' ' || granted, ',') into now
		from pg_locks where pid = %[1]d and locktype = 'relation' and database = %[2]d;
		n := n + 1;
		if n = 1 or now is distinct from last then
			raise notice '%% %%', (extract(epoch from clock_timestamp() - began) * 1000000)::bigint, coalesce(now, '');
			last := now;
		end if;
		perform pg_stat_clear_snapshot();
		select state_change::text <> '%[5]s' and state <> 'active' into idle from pg_stat_get_activity(%[1]d);
		exit when idle or clock_timestamp() - began > interval '%[3]d microseconds';
		%[4]s
	end loop;
	raise notice 'end %% %%', (extract(epoch from clock_timestamp() - began) * 1000000)::bigint, n;
end $$`

// sample begins to sample the locks of the observed session, which does nothing until its statement. The
// function that it returns waits for the end of that, and gives the run what was seen.
func (o *Oracle) sample(ctx context.Context, r *run) (func() error, error) {
	pause, chunk := "", chunkElsewhere
	if o.options.Interval > 0 {
		pause = fmt.Sprintf("perform pg_sleep(%f);", o.options.Interval.Seconds())
	}
	if o.beside {
		chunk = chunkBeside
	}
	var since string
	err := o.watcher.QueryRow(ctx, "select coalesce(state_change::text, '') from pg_stat_get_activity($1)", o.subject.PgConn().PID()).Scan(&since)
	if err != nil {
		return nil, err
	}
	query := fmt.Sprintf(sampler, o.subject.PgConn().PID(), o.database, chunk.Microseconds(), pause, since)
	o.mu.Lock()
	o.samples, o.sampling = nil, make(chan struct{})
	sampling := o.sampling
	o.mu.Unlock()
	var stop atomic.Bool
	ended := make(chan error, 1)
	go func() {
		for {
			if _, err := o.watcher.PgConn().Exec(ctx, query).ReadAll(); err != nil || stop.Load() {
				ended <- err
				return
			}
		}
	}()
	select {
	case <-sampling:
	case err := <-ended:
		if err == nil {
			err = errors.New("the sampler ended early")
		}
		return nil, err
	}
	return func() error {
		stop.Store(true)
		err := <-ended
		o.mu.Lock()
		defer o.mu.Unlock()
		r.spans, r.samples = spans(o.samples, r.before)
		return err
	}, nil
}

// sampled takes a notice of the sampler. The caller holds the mutex.
func (o *Oracle) sampled(notice string) {
	o.samples = append(o.samples, notice)
	if o.sampling != nil {
		close(o.sampling)
		o.sampling = nil
	}
	if o.locked != nil && o.concerns(notice) {
		close(o.locked)
		o.locked = nil
	}
}

// concerns says whether a notice of the sampler tells of a lock on one of the relations that are held.
func (o *Oracle) concerns(notice string) bool {
	for _, lock := range strings.FieldsFunc(notice, func(r rune) bool { return r == ',' }) {
		if fields := strings.Fields(lock); len(fields) >= 3 {
			oid, err := strconv.ParseUint(fields[len(fields)-3], 10, 32)
			if err == nil && oid >= firstUserOID {
				return true
			}
		}
	}
	return false
}

// firstUserOID is the first identity of what users make (FirstNormalObjectId).
const firstUserOID = 16384

// span is how long a set of locks was seen.
type span struct {
	micros int64
	locks  []Held // Through is not set
	waits  []Held // asked for and not granted
}

// spans reads the notices of the sampler.
func spans(notices []string, before *picture) (list []span, samples int) {
	var began int64
	var current *span
	finish := func(at int64) {
		if current != nil && (len(current.locks) > 0 || len(current.waits) > 0) {
			current.micros = at - began
			list = append(list, *current)
		}
		current = nil
	}
	for _, notice := range notices {
		first, rest, _ := strings.Cut(notice, " ")
		if first == "end" {
			at, n, _ := strings.Cut(rest, " ")
			micros, _ := strconv.ParseInt(at, 10, 64) // written by the loop above
			finish(micros)
			count, _ := strconv.Atoi(n)
			samples += count
			continue
		}
		micros, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			continue // a notice of somebody else, as an extension may send
		}
		finish(micros)
		began, current = micros, &span{}
		for _, lock := range strings.Split(rest, ",") {
			fields := strings.Fields(lock)
			if len(fields) != 3 {
				continue
			}
			oid, _ := strconv.ParseUint(fields[0], 10, 32)
			mode, err := effect.ParseLock(fields[1])
			if err != nil || before.relations[uint32(oid)] == nil {
				continue
			}
			if fields[2] == "true" {
				current.locks = append(current.locks, Held{Relation: uint32(oid), Lock: mode})
			} else {
				current.waits = append(current.waits, Held{Relation: uint32(oid), Lock: mode})
			}
		}
	}
	return list, samples
}

// outlast turns the spans of a statement that runs in several transactions into its locks: a lock that was
// held for at least half of the time in which the statement had any on the same relation is held through.
func (r *run) outlast() {
	times, any := map[Held]int64{}, map[uint32]int64{}
	for _, s := range r.spans {
		relations := map[uint32]bool{}
		for _, l := range s.locks {
			times[l] += s.micros
			relations[l.Relation] = true
		}
		for oid := range relations {
			any[oid] += s.micros
		}
	}
	// What was waited for was had, as the statement has succeeded. Where that was all that was seen, the
	// wait was for the lock that the work then went on under.
	for _, s := range r.spans {
		for _, l := range s.waits {
			if _, seen := times[l]; !seen {
				times[l] = any[l.Relation]
			}
		}
	}
	for l, micros := range times {
		l.Through = 2*micros >= any[l.Relation]
		r.locks = append(r.locks, l)
	}
}
