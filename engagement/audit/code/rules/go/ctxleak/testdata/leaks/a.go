package a

import (
	"context"
	"time"
)

func dropped(ctx context.Context) context.Context {
	ctx, _ = context.WithTimeout(ctx, time.Minute) // want: go.ctx-leak
	return ctx
}

func early(ctx context.Context, skip bool) error {
	ctx, cancel := context.WithCancel(ctx) // want: go.ctx-leak
	if skip {
		return nil
	}
	err := run(ctx)
	cancel()
	return err
}

func tick(done chan bool) {
	t := time.NewTicker(time.Minute) // want: go.ctx-leak
	for {
		select {
		case <-t.C:
		case <-done:
			return
		}
	}
}

func wait(events chan int) {
	for {
		select {
		case <-events:
		case <-time.After(10 * time.Minute): // want: go.ctx-leak
			return
		}
	}
}
