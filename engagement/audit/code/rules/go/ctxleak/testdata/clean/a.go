package a

import (
	"context"
	"time"
)

func deferred(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return run(ctx)
}

func given(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	return ctx, cancel
}

func stored(s *server, ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	s.cancel = cancel
	go s.run(ctx)
}

func tick(done chan bool) {
	t := time.NewTicker(time.Minute)
	for {
		select {
		case <-t.C:
		case <-done:
			return
		}
	}
}
