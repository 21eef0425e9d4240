package execute

import (
	"context"
	"fmt"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
)

// backfill goes through the key range by range, twice at most waiting for rows that others hold.
func (r *run) backfill(ctx context.Context, i int, s rewrite.Step) error {
	b := s.Backfill
	rows := b.Rows
	var key []string
	var changed int64
	for {
		if err := r.throttle(ctx); err != nil {
			return err
		}
		bound, more, err := r.s.row(ctx, b.BoundSQL(key != nil, rows), key)
		if err != nil {
			return fmt.Errorf("find the next batch after %v: %w", key, err)
		}
		if !more {
			bound = nil
		}
		start := time.Now()
		n, err := r.batch(ctx, i, s, key, bound)
		changed += n
		if err != nil {
			return fmt.Errorf("change the rows after %v: %w", key, err)
		}
		took := time.Since(start)
		r.tell(Event{What: Batch, Step: i, Rows: changed, Key: bound, Elapsed: took})
		if !more {
			return nil
		}
		key = bound
		rows = nextBatch(rows, took, b.Target)
	}
}

// nextBatch returns the size by which the next batch would take the target if it went like the last one, at
// most twice or half the last size, because one batch says little.
func nextBatch(rows int, took, target time.Duration) int {
	ratio := float64(target) / float64(max(took, time.Millisecond))
	ratio = min(max(ratio, 0.5), 2)
	return min(max(int(float64(rows)*ratio), rewrite.MinBatch), rewrite.MaxBatch)
}

// batch changes the rows of one range, and comes back for those that others held.
func (r *run) batch(ctx context.Context, i int, s rewrite.Step, key, bound []string) (changed int64, err error) {
	b := s.Backfill
	args := append(append([]string{}, key...), bound...)
	update, left := b.UpdateSQL(key != nil, bound != nil), b.LeftSQL(key != nil, bound != nil)
	pause := 10 * time.Millisecond
	for try := 1; ; try++ {
		n, err := r.s.change(ctx, update, args)
		changed += n
		if err == nil {
			if b.Where == "" {
				return changed, nil
			}
			rest, err := r.s.row1(ctx, left, args)
			if err != nil || !rest {
				return changed, err
			}
		} else if r.s.classify(err) != again {
			return changed, err
		}
		if try%10 == 0 {
			r.tell(Event{What: Refused, Step: i, Try: try, Elapsed: pause, Says: "rows of the batch are locked by other transactions; " + r.s.holder(ctx, s.Locks)})
		}
		if err := sleep(ctx, jitter(pause)); err != nil {
			return changed, err
		}
		pause = min(2*pause, time.Second)
	}
}

func (r *run) throttle(ctx context.Context) error {
	for r.Throttle != nil {
		wait, err := r.Throttle(ctx)
		if err != nil {
			return fmt.Errorf("ask whether the backfill may go on: %w", err)
		}
		if wait <= 0 {
			return nil
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
	return ctx.Err()
}
