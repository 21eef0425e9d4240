package testserver

import (
	"context"
	"sync"
	"testing"
)

// Shared is a server that the tests of a package have together, because starting one takes longer than most of them.
// The first test that asks starts it, and TestMain stops it. What tests leave on the server is theirs to keep apart.
type Shared[S server] struct {
	// Start starts the server; its context never ends.
	Start func(context.Context) (S, error)

	once sync.Once
	s    S
	err  error
}

// For returns the server. Where none is installed it skips the test as [PostgresFor] does.
func (h *Shared[S]) For(t testing.TB) S {
	t.Helper()
	h.once.Do(func() { h.s, h.err = h.Start(context.Background()) })
	orEnd(t, h.err)
	return h.s
}

// Stop stops the server if a test has started it. Call it once, when all tests have ended.
func (h *Shared[S]) Stop() error {
	started := true
	h.once.Do(func() { started = false })
	if started && h.err == nil {
		return h.s.Stop()
	}
	return nil // where the start failed, the tests have said so
}
