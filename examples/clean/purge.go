package main

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

// purge deletes expired links in small batches until the context ends. The wait is spread, so that the
// replicas do not all come at once.
func purge(ctx context.Context, store *Store) {
	for {
		n, err := store.PurgeExpired(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Warn("purge", "error", err)
		}
		wait := time.Minute + rand.N(20*time.Second)
		if n == 1000 {
			wait = time.Second // more are waiting
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}
