// Package netproxy is a TCP proxy that behaves as a slow or failing network: a fixed delay, a bandwidth,
// counters, and faults on command. It needs no rights of the system, so tests and benchmarks use it
// anywhere.
//
// Bytes are read, wait in a delay line and are written at their time: delay and bandwidth overlap as on
// a wire, and data is in flight. It models neither loss nor TCP's congestion control over the delay.
package netproxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Options of a proxy. The zero value passes bytes on as they come.
type Options struct {
	// Delay is added to a round trip: half of it to each direction. Opening a connection costs one
	// round trip too, before the first bytes move.
	Delay time.Duration
	// BytesPerSecond bounds each direction, over all connections together; 0 means no bound.
	BytesPerSecond int64
	// Listen is the address to listen on; a free port of 127.0.0.1 when empty.
	Listen string
}

// Proxy passes TCP connections on to one address. Its methods may be called concurrently. Close it.
type Proxy struct {
	to      string
	delay   time.Duration
	address string
	up      direction // from clients to the target
	down    direction
	running sync.WaitGroup
	ctx     context.Context // the life of the proxy, which Close ends
	cancel  context.CancelFunc

	mu       sync.Mutex
	listener net.Listener // nil while it refuses
	links    map[*link]struct{}
	budget   int64         // of a new connection, see ResetAfter
	open     chan struct{} // closed while bytes flow; replaced by Stall
	stalled  bool
}

// direction is what the connections of a proxy share one way.
type direction struct {
	pacer pacer
	bytes atomic.Int64
}

// Start listens and passes connections on to the address to, until Close.
func Start(ctx context.Context, to string, o Options) (*Proxy, error) {
	if o.Delay < 0 || o.BytesPerSecond < 0 {
		return nil, errors.New("start a proxy: delay and bandwidth must not be negative")
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("start a proxy: %w", err)
	}
	p := &Proxy{to: to, delay: o.Delay, address: listener.Addr().String(), links: map[*link]struct{}{}, budget: -1, open: make(chan struct{})}
	close(p.open)
	p.up.pacer.rate, p.down.pacer.rate = o.BytesPerSecond, o.BytesPerSecond
	p.ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	p.listen(listener)
	return p, nil
}

// Address returns the host and port that the proxy listens on.
func (p *Proxy) Address() string { return p.address }

// Bytes returns how many bytes were delivered to the target, and from it to the clients.
func (p *Proxy) Bytes() (up, down int64) { return p.up.bytes.Load(), p.down.bytes.Load() }

// Close cuts all connections and stops listening. It waits until all is quiet.
func (p *Proxy) Close() error {
	p.cancel()
	p.mu.Lock()
	var err error
	if p.listener != nil {
		err = p.listener.Close()
		p.listener = nil
	}
	p.mu.Unlock()
	p.ResetAll()
	p.running.Wait()
	return err
}

// ResetAll resets each connection that is open.
func (p *Proxy) ResetAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.reset()
	}
}

// ResetAfter resets each connection, open ones and those to come, when n more bytes, both ways
// together, were delivered over it. A negative n takes that back.
func (p *Proxy) ResetAfter(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.budget = n
	for l := range p.links {
		l.setBudget(n)
	}
}

// Refuse stops listening, so that new connections are refused, or listens again on the same port. Open
// connections stay.
func (p *Proxy) Refuse(refuse bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case refuse && p.listener != nil:
		err := p.listener.Close()
		p.listener = nil
		return err
	case !refuse && p.listener == nil && p.ctx.Err() == nil:
		listener, err := (&net.ListenConfig{}).Listen(p.ctx, "tcp", p.address)
		if err != nil {
			return fmt.Errorf("listen again: %w", err)
		}
		p.listenLocked(listener)
	}
	return nil
}

// Stall holds all bytes back while connections stay open, as a network does that lost its route; or
// lets them flow again.
func (p *Proxy) Stall(stall bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if stall == p.stalled {
		return
	}
	p.stalled = stall
	if stall {
		p.open = make(chan struct{})
	} else {
		close(p.open)
	}
}

// flowing returns a channel that is closed while bytes may flow.
func (p *Proxy) flowing() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}

func (p *Proxy) listen(listener net.Listener) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listenLocked(listener)
}

func (p *Proxy) listenLocked(listener net.Listener) {
	p.listener = listener
	p.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil { // out of descriptors, or the client has gone again
				sleepUntil(p.ctx, time.Now().Add(10*time.Millisecond))
				continue
			}
			p.running.Go(func() { p.serve(conn.(*net.TCPConn)) })
		}
	})
}
