package netproxy

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// link is one connection through the proxy: a client's and the one to the target.
type link struct {
	ctx    context.Context // the life of the link, which reset ends
	cancel context.CancelFunc
	client *net.TCPConn

	mu     sync.Mutex
	target *net.TCPConn // nil until it is dialled
	budget int64        // bytes until the reset; negative: none
}

// segment is a piece of data in flight.
type segment struct {
	data []byte // empty: the sender has ended its side
	due  time.Time
}

const (
	segmentSize = 64 << 10
	inFlight    = 512 // segments of a direction of a connection: 32 MiB, 10 Gbit/s at 20 ms
	// ahead is how far a reader runs ahead of the wire, so that it does not sleep for each segment.
	ahead = time.Millisecond
)

var segments = sync.Pool{New: func() any { return new([segmentSize]byte) }}

// serve passes one connection on until it ends.
func (p *Proxy) serve(client *net.TCPConn) {
	l := &link{client: client}
	l.ctx, l.cancel = context.WithCancel(p.ctx)
	p.mu.Lock()
	l.budget = p.budget
	p.links[l] = struct{}{}
	p.mu.Unlock()
	var running sync.WaitGroup
	defer func() {
		running.Wait()
		l.close()
		p.mu.Lock()
		delete(p.links, l)
		p.mu.Unlock()
	}()
	// The kernel has accepted at once. On a wire the client may send after a round trip, and the target
	// sees the connection half of one later.
	if l.ctx.Err() != nil || !sleepUntil(l.ctx, time.Now().Add(p.delay)) {
		l.reset()
		return
	}
	up, down := make(chan segment, inFlight), make(chan segment, inFlight)
	running.Go(func() { l.read(client, up, &p.up.pacer, p.delay/2) })
	if !sleepUntil(l.ctx, time.Now().Add(p.delay/2)) {
		l.reset()
		return
	}
	conn, err := (&net.Dialer{}).DialContext(l.ctx, "tcp", p.to)
	if err != nil {
		l.reset()
		return
	}
	target := conn.(*net.TCPConn)
	l.setTarget(target)
	running.Go(func() { l.read(target, down, &p.down.pacer, p.delay/2) })
	running.Go(func() { l.write(p, target, up, &p.up) })
	running.Go(func() { l.write(p, client, down, &p.down) })
}

// read puts what arrives into the delay line, at the pace of the direction.
func (l *link) read(from *net.TCPConn, line chan<- segment, pace *pacer, delay time.Duration) {
	for {
		buf := segments.Get().(*[segmentSize]byte)
		n, err := from.Read(buf[:])
		if n > 0 {
			sent := pace.reserve(time.Now(), n)
			select {
			case line <- segment{buf[:n], sent.Add(delay)}:
			case <-l.ctx.Done():
				return
			}
			if !sleepUntil(l.ctx, sent.Add(-ahead)) {
				return
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			select {
			case line <- segment{due: time.Now().Add(delay)}:
			case <-l.ctx.Done():
			}
			return
		case err != nil:
			l.reset()
			return
		}
	}
}

// write delivers the delay line.
func (l *link) write(p *Proxy, to *net.TCPConn, line <-chan segment, d *direction) {
	for {
		var s segment
		select {
		case s = <-line:
		case <-l.ctx.Done():
			return
		}
		if !sleepUntil(l.ctx, s.due) {
			return
		}
		select {
		case <-p.flowing():
		case <-l.ctx.Done():
			return
		}
		if len(s.data) == 0 {
			_ = to.CloseWrite() // fails where the other side has gone, which its reader sees
			return
		}
		allowed, last := l.spend(len(s.data))
		n, err := to.Write(s.data[:allowed])
		d.bytes.Add(int64(n))
		segments.Put((*[segmentSize]byte)(s.data[:segmentSize]))
		if err != nil || last {
			l.reset()
			return
		}
	}
}

// spend takes n bytes from the budget. It returns how many may pass, and whether the link is reset then.
func (l *link) spend(n int) (allowed int, last bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.budget < 0 {
		return n, false
	}
	if int64(n) >= l.budget {
		n = int(l.budget)
	}
	l.budget -= int64(n)
	return n, l.budget == 0
}

func (l *link) setBudget(n int64) {
	l.mu.Lock()
	l.budget = n
	l.mu.Unlock()
	if n == 0 {
		l.reset()
	}
}

// setTarget keeps the connection to the target, or closes it where the link was reset meanwhile.
func (l *link) setTarget(target *net.TCPConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.target = target
	if l.ctx.Err() != nil {
		_ = target.Close()
	}
}

// reset ends both connections with RST, in whatever state they are.
func (l *link) reset() {
	l.mu.Lock()
	_ = l.client.SetLinger(0)
	if l.target != nil {
		_ = l.target.SetLinger(0)
	}
	l.mu.Unlock()
	l.close()
}

// close ends both connections. Errors are those of connections that have ended already.
func (l *link) close() {
	l.cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.client.Close()
	if l.target != nil {
		_ = l.target.Close()
	}
}
