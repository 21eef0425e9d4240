// Package link counts the bytes of network connections and slows them down to a bound.
package link

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Meter counts what goes over the connections it is put around. The zero value is ready. It is safe for
// concurrent use.
type Meter struct {
	received, sent atomic.Int64
	throttle       *Throttle
}

// NewMeter returns a meter whose connections share a throttle; nil for none.
func NewMeter(t *Throttle) *Meter { return &Meter{throttle: t} }

// Received is the number of bytes received so far.
func (m *Meter) Received() int64 { return m.received.Load() }

// Sent is the number of bytes sent so far.
func (m *Meter) Sent() int64 { return m.sent.Load() }

// Wrap puts the meter around a connection.
func (m *Meter) Wrap(c net.Conn) net.Conn { return &conn{c, m} }

type conn struct {
	net.Conn
	m *Meter
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.m.received.Add(int64(n))
	if c.m.throttle != nil {
		c.m.throttle.spend(n)
	}
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.m.sent.Add(int64(n))
	return n, err
}

// Throttle bounds the bytes per second of all connections that share it. A reader that has taken more
// than its share sleeps, so the server is held back by the window of the connection.
type Throttle struct {
	perSecond float64

	mu   sync.Mutex
	free time.Time // when the bytes taken so far are paid for
}

// NewThrottle returns a throttle of so many bytes per second; 0 or less is none.
func NewThrottle(perSecond float64) *Throttle {
	if perSecond <= 0 {
		return nil
	}
	return &Throttle{perSecond: perSecond}
}

// burst is what may be read ahead of the rate, so that sleeps are long enough to be exact.
const burst = 20 * time.Millisecond

func (t *Throttle) spend(n int) {
	t.mu.Lock()
	now := time.Now()
	if t.free.Before(now) {
		t.free = now
	}
	t.free = t.free.Add(time.Duration(float64(n) / t.perSecond * float64(time.Second)))
	wait := t.free.Sub(now)
	t.mu.Unlock()
	if wait > burst {
		time.Sleep(wait)
	}
}
