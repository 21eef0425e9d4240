package datadiff

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// worker carries out tasks, with one session of each side at a time.
type worker struct {
	*run
	batches [2]batch
	matcher matcher
	sink    sink
	done    taskDone
}

// tooLarge is how many times the planned size a range may have before it is cut again.
const tooLarge = 4

func newWorker(r *run) *worker {
	w := &worker{run: r, matcher: matcher{unique: r.pairing.Unique}, sink: sink{run: r}}
	if r.tolerant() {
		w.matcher.same = r.within
	}
	for side := range w.batches {
		w.batches[side].maxRows = int(tooLarge * r.plan.RangeRows)
		w.batches[side].maxBytes = tooLarge * streamRangeBytes
	}
	return w
}

func (w *worker) task(ctx context.Context, t task) error {
	w.done = taskDone{Task: t.number}
	w.sink.records, w.sink.found = w.sink.records[:0], 0
	var err error
	switch {
	case w.plan.Kind == Join:
		err = w.join(ctx)
	case w.hash != 0:
		err = w.hashed(ctx, t.ranges)
	default:
		for _, rg := range t.ranges {
			if err = w.compare(ctx, rg); err != nil {
				break
			}
		}
	}
	if err != nil {
		return err
	}
	w.mu.Lock()
	for side := range w.rows {
		w.rows[side] += int64(w.done.Rows[side])
		w.bytes[side] += int64(w.done.Bytes[side])
	}
	w.mu.Unlock()
	if err := w.journal.finish(w.sink.records, w.done); err != nil {
		return err
	}
	return w.found.add(w.sink.found, w.opts.Limit)
}

// compare reads a range of both sides and compares it, in parts when it is larger than planned.
func (w *worker) compare(ctx context.Context, rg dialect.Range) error {
	if !w.ranged {
		return w.unordered(ctx, rg)
	}
	large, err := w.read(ctx, rg)
	if err != nil {
		return err
	}
	if large < 0 {
		for side := range w.batches {
			w.done.Rows[side] += uint64(len(w.batches[side].rows))
			w.done.Bytes[side] += uint64(w.batches[side].read)
		}
		w.stage.Bytes(w.batches[0].read + w.batches[1].read)
		w.stage.Add(int64(max(len(w.batches[0].rows), len(w.batches[1].rows))))
		return w.matcher.match(&w.batches[0], &w.batches[1], &w.sink)
	}
	if rg.Null {
		return w.unordered(ctx, rg) // NULLs cannot be cut
	}
	var bounds []dialect.Key
	err = w.retry(ctx, large, func(s dialect.Session) (err error) {
		bounds, err = s.Bounds(ctx, w.relation(large), rg, w.plan.RangeRows, true)
		return err
	})
	if err != nil {
		return fmt.Errorf("cut a range of %s that is larger than planned: %w", w.side[large].Name, err)
	}
	if bounds, err = w.align(ctx, rg, bounds); err != nil {
		return err
	}
	if len(bounds) == 0 {
		return w.unordered(ctx, rg) // one key, too many rows, or two orders
	}
	for _, part := range between(rg, bounds, false) {
		if err := w.compare(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// read fills both batches. It returns the side whose range is larger than planned, or -1.
func (w *worker) read(ctx context.Context, rg dialect.Range) (large int, err error) {
	var over [2]bool
	g, gctx := errgroup.WithContext(ctx)
	for side := range w.batches {
		g.Go(func() error {
			b := &w.batches[side]
			err := w.retry(gctx, side, func(s dialect.Session) error {
				b.reset()
				return s.Stream(gctx, w.relation(side), rg, b.add)
			})
			over[side] = errors.Is(err, errTooLarge)
			if err != nil && !over[side] {
				return fmt.Errorf("read %s: %w", w.side[side].Name, err)
			}
			return err
		})
	}
	err = g.Wait()
	for side := range over {
		if over[side] {
			return side, nil
		}
	}
	return -1, err
}

// unordered compares a range as a multiset of rows, in whatever order they come, with bounded memory.
func (w *worker) unordered(ctx context.Context, rg dialect.Range) error {
	var set *orphans
	var rows, bytes [2]int64
	keyless := w.pairing.Key == 0
	attempt := func(sessions [2]dialect.Session) error {
		set = newOrphans(w.opts.Memory/max(w.workers, 1), w.opts.TempDir)
		rows, bytes = [2]int64{}, [2]int64{}
		g, gctx := errgroup.WithContext(ctx)
		for side := range 2 {
			var short []byte
			g.Go(func() error {
				err := sessions[side].Stream(gctx, w.relation(side), rg, func(cells []byte, key int) (err error) {
					rows[side]++
					bytes[side] += int64(len(cells))
					if len(cells) > longCell {
						if short, err = canon.Shorten(short[:0], cells, key, longCell); err != nil {
							return err
						}
						cells = short
					}
					if keyless {
						key = len(cells)
					}
					w.stage.Bytes(int64(len(cells)))
					if side == 0 {
						w.stage.Add(1)
					}
					return set.add(side, cells, key)
				})
				if err != nil {
					return fmt.Errorf("read %s: %w", w.side[side].Name, err)
				}
				return nil
			})
		}
		return g.Wait()
	}
	err := w.retryBoth(ctx, func(s [2]dialect.Session) error {
		if set != nil {
			_ = set.Close() // of an attempt that failed
		}
		return attempt(s)
	})
	if set != nil {
		defer set.Close()
	}
	if err != nil {
		return err
	}
	for side := range 2 {
		w.done.Rows[side] += uint64(rows[side])
		w.done.Bytes[side] += uint64(bytes[side])
	}
	// The set is complete for keys that sort alike on both sides; else its rest is matched at the end.
	whole := w.pairing.sorted || keyless || rg.Lo == nil && rg.Hi == nil
	into := &unorderedSink{sink: &w.sink, whole: whole}
	err = set.each(into)
	w.mu.Lock()
	w.orphans.Spilled += set.Spilled
	w.mu.Unlock()
	return err
}

// unorderedSink passes on what a multiset of one range found.
type unorderedSink struct {
	sink  *sink
	whole bool
}

func (u *unorderedSink) changed(a, b []byte, key int) error {
	if u.sink.within(a, b) {
		return nil
	}
	if !u.whole && !u.sink.pairing.Unique {
		// Another row of this key may lie in another range.
		if err := u.sink.alone(0, a, key); err != nil {
			return err
		}
		return u.sink.alone(1, b, key)
	}
	return u.sink.put(Difference{Kind: Changed, Key: a[:key], A: a, B: b})
}

func (u *unorderedSink) alone(side int, cells []byte, key int) error {
	if !u.whole {
		return u.sink.alone(side, cells, key)
	}
	d := Difference{Kind: OnlyA, Key: cells[:key], A: cells}
	if side == 1 {
		d = Difference{Kind: OnlyB, Key: cells[:key], B: cells}
	}
	return u.sink.put(d)
}

// join lets the server find the rows without an equal partner, and compares those here.
func (w *worker) join(ctx context.Context) error {
	var set *orphans
	err := w.retry(ctx, 0, func(s dialect.Session) error {
		if set != nil {
			_ = set.Close() // of an attempt that failed
		}
		set = newOrphans(w.opts.Memory, w.opts.TempDir)
		var short []byte
		return s.Join(ctx, w.relation(0), w.relation(1), func(side int, cells []byte, key int) (err error) {
			w.done.Rows[side]++
			w.done.Bytes[side] += uint64(len(cells))
			if len(cells) > longCell {
				if short, err = canon.Shorten(short[:0], cells, key, longCell); err != nil {
					return err
				}
				cells = short
			}
			return set.add(side, cells, key)
		})
	})
	if set != nil {
		defer set.Close()
	}
	if err != nil {
		return fmt.Errorf("join %s with %s: %w", w.side[0].Name, w.side[1].Name, err)
	}
	w.stage.Add(w.plan.Rows)
	return set.each(&unorderedSink{sink: &w.sink, whole: true})
}

// pool keeps sessions of one side between uses.
type pool struct {
	open func(context.Context) (dialect.Session, error)

	mu   sync.Mutex
	free []dialect.Session
}

func (p *pool) get(ctx context.Context) (dialect.Session, error) {
	p.mu.Lock()
	if n := len(p.free); n > 0 {
		s := p.free[n-1]
		p.free = p.free[:n-1]
		p.mu.Unlock()
		return s, nil
	}
	p.mu.Unlock()
	return p.open(ctx)
}

func (p *pool) put(s dialect.Session) {
	p.mu.Lock()
	p.free = append(p.free, s)
	p.mu.Unlock()
}

func (p *pool) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.free {
		_ = s.Close() // nothing is written on it
	}
	p.free = nil
}

// pauses are the times between attempts: a connection that was reset is tried again at once, a server
// that restarts is waited for.
var pauses = []time.Duration{0, 250 * time.Millisecond, time.Second, 3 * time.Second, 6 * time.Second, 12 * time.Second}

// exhaustedError is an error that came again at every attempt.
type exhaustedError struct {
	error
	attempts int
}

func (e exhaustedError) Error() string {
	return fmt.Sprintf("%v (tried %d times)", e.error, e.attempts)
}

func (e exhaustedError) Unwrap() error { return e.error }

// again calls f until it succeeds, fails for good, or has failed too often. sides are those whose
// connections f uses: an error may come from each.
func (r *run) again(ctx context.Context, f func() error, sides ...int) error {
	var err error
	for attempt := 0; ; attempt++ {
		if err = f(); err == nil || ctx.Err() != nil {
			break
		}
		if errors.As(err, new(*fs.PathError)) {
			break // of a file here: a full disk is not a matter of the connection, though its Errno is a net.Error too
		}
		if !slices.ContainsFunc(sides, func(side int) bool { return r.side[side].Database.Temporary(err) }) {
			break
		}
		if attempt == len(pauses) {
			return exhaustedError{err, attempt + 1}
		}
		if attempt == 1 {
			r.opts.Progress.Note(fmt.Sprintf("%s: %v; trying again", r.side[sides[0]].Name, err))
		}
		select {
		case <-ctx.Done():
		case <-time.After(pauses[attempt]):
		}
	}
	if ctx.Err() != nil && err != nil && !errors.Is(err, errTooLarge) {
		return context.Cause(ctx)
	}
	return err
}

// retry gives f a session, and another one after an error that may pass.
func (r *run) retry(ctx context.Context, side int, f func(dialect.Session) error) error {
	return r.again(ctx, func() error {
		s, err := r.pool[side].get(ctx)
		if err != nil {
			return err
		}
		if err := f(s); err != nil {
			_ = s.Close() // it is of no use after an error
			return err
		}
		r.pool[side].put(s)
		return nil
	}, side)
}

// retryBoth gives f a session of each side, and two others after an error that may pass: which of the
// two failed does not matter, because the reading of the other was ended with it.
func (r *run) retryBoth(ctx context.Context, f func([2]dialect.Session) error) error {
	return r.again(ctx, func() error {
		var sessions [2]dialect.Session
		for side := range sessions {
			s, err := r.pool[side].get(ctx)
			if err != nil {
				if side == 1 {
					r.pool[0].put(sessions[0])
				}
				return err
			}
			sessions[side] = s
		}
		err := f(sessions)
		for side, s := range sessions {
			if err != nil {
				_ = s.Close()
			} else {
				r.pool[side].put(s)
			}
		}
		return err
	}, 0, 1)
}
