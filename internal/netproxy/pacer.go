package netproxy

import (
	"context"
	"sync"
	"time"
)

// credit is how far a direction that fell behind may catch up. Timers wake late by up to some
// milliseconds on a busy machine; without a credit each such delay would lower the rate. A pause in the
// traffic earns the credit too, which is at most 2 % of a second.
const credit = 20 * time.Millisecond

// pacer is the bandwidth of a direction: a clock that each byte moves forward.
type pacer struct {
	rate int64 // bytes per second; 0: no bound

	mu   sync.Mutex
	next time.Time // when the wire is free
}

// reserve gives the wire to n bytes, and returns when the last of them has left, not before now.
func (p *pacer) reserve(now time.Time, n int) time.Time {
	if p.rate == 0 {
		return now
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next.IsZero() {
		p.next = now
	}
	if earliest := now.Add(-credit); p.next.Before(earliest) {
		p.next = earliest
	}
	p.next = p.next.Add(time.Duration(float64(n) / float64(p.rate) * float64(time.Second)))
	if p.next.Before(now) {
		return now
	}
	return p.next
}

// sleepUntil returns at t, or false when ctx ends before.
func sleepUntil(ctx context.Context, t time.Time) bool {
	wait := time.Until(t)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
