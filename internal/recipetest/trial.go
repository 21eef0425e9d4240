package recipetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/rewrite/execute"
)

// Result of a trial under load.
type Result struct {
	Seen
	Took    time.Duration // the recipe
	Tries   int           // for locks that did not come
	Schema  []string      // differences of the catalogs, which should be none
	Rows    []string      // differences of the rows
	Batches int
}

// some is a number of requests in which each session of the load has had its turn.
const some = 15

// Trial carries the recipe out while the load goes on, and compares with the plain statement on a copy that
// has seen the same writes.
func (s *Stand) Trial(ctx context.Context, work func(address string, observe func(execute.Event)) error) (Result, error) {
	var r Result
	address, err := s.Copy(ctx)
	if err != nil {
		return r, err
	}
	defer s.Back(address)
	requests := orders("orders")
	if s.Before != nil {
		requests = *s.Before
	}
	load, err := StartLoad(ctx, address, requests, LoadOptions{Writers: s.Options.Writers, Readers: s.Options.Readers, Rate: s.Options.Rate, LockTimeout: s.Stall(), Rows: s.Options.Rows})
	if err != nil {
		return r, err
	}
	load.Await(ctx, some) // before the first step
	observe := func(e execute.Event) {
		switch e.What {
		case execute.Refused:
			r.Tries++
		case execute.Batch:
			r.Batches++
		case execute.Started:
			if next, ok := s.After[e.ID]; ok {
				load.Switch(next)
				load.Await(ctx, some)
			}
		}
	}
	start := time.Now()
	err = work(address, observe)
	r.Took = time.Since(start)
	load.Await(ctx, some) // and after the last
	err = errors.Join(err, load.Stop())
	r.Seen = load.Seen()
	if err != nil {
		return r, err
	}
	return r, s.judge(ctx, address, load, requests, &r)
}

// judge compares a database that has been through the recipe with a copy that has been through the load alone
// and then through the plain statement.
func (s *Stand) judge(ctx context.Context, address string, load *Load, requests Requests, r *Result) error {
	plain, err := s.Copy(ctx)
	if err != nil {
		return err
	}
	defer s.Back(plain)
	if err := load.Replay(ctx, plain, requests); err != nil {
		return err
	}
	if err := run(ctx, plain, s.Recipe.Plain...); err != nil {
		return fmt.Errorf("the plain statement after the load: %w", err)
	}
	if r.Schema, err = s.Compare(ctx, address); err != nil {
		return err
	}
	want, err := Checksums(ctx, plain, s.Skip...)
	if err != nil {
		return err
	}
	got, err := Checksums(ctx, address, s.Skip...)
	if err != nil {
		return err
	}
	r.Rows = Difference(want, got)
	return nil
}

// Hold begins a transaction that has read the table of the load and does nothing more, as a report or a forgotten
// session would; it ends after the time given, or when release is called.
func Hold(ctx context.Context, address string, length time.Duration) (release func(), err error) {
	conn, err := connect(ctx, address)
	if err != nil {
		return nil, err
	}
	if _, err := conn.PgConn().Exec(ctx, "BEGIN; SELECT count(*) FROM orders").ReadAll(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		pause(ctx, length)
		_ = conn.Close(context.WithoutCancel(ctx))
	}()
	return func() { cancel(); <-ended }, nil
}

// RunPlain runs the statements of a change as they stand.
func RunPlain(ctx context.Context, address string, statements []string) error {
	return run(ctx, address, statements...)
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
