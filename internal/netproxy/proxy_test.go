package netproxy

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"
)

// serve runs handle for each connection to a new address.
func serve(t *testing.T, handle func(*net.TCPConn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn.(*net.TCPConn))
			}()
		}
	}()
	return listener.Addr().String()
}

func echo(c *net.TCPConn) { _, _ = io.Copy(c, c) }

// send writes size bytes, of little memory: a large buffer takes its time to be made.
func send(c *net.TCPConn, size int64) {
	buf := make([]byte, 64<<10)
	for size > 0 {
		n, err := c.Write(buf[:min(size, int64(len(buf)))])
		if err != nil {
			return
		}
		size -= int64(n)
	}
}

func start(t *testing.T, to string, o Options) *Proxy {
	t.Helper()
	p, err := Start(t.Context(), to, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func dial(t *testing.T, p *Proxy) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn)
}

// roundTrip sends one byte and waits for it.
func roundTrip(c net.Conn, wait time.Duration) error {
	if err := c.SetDeadline(time.Now().Add(wait)); err != nil {
		return err
	}
	if _, err := c.Write([]byte{1}); err != nil {
		return err
	}
	_, err := io.ReadFull(c, make([]byte, 1))
	return err
}

func TestDelayIsThatOfARoundTrip(t *testing.T) {
	p := start(t, serve(t, echo), Options{Delay: 40 * time.Millisecond})
	began := time.Now()
	c := dial(t, p)
	for i, want := range []time.Duration{80 * time.Millisecond, 40 * time.Millisecond, 40 * time.Millisecond} {
		if err := roundTrip(c, 5*time.Second); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < want || took > want+30*time.Millisecond {
			t.Errorf("round trip %d took %v, want %v", i, took, want)
		}
		began = time.Now()
	}
}

func TestDelayHoldsNothingUp(t *testing.T) {
	const size = 8 << 20
	p := start(t, serve(t, func(c *net.TCPConn) { send(c, size) }), Options{Delay: 100 * time.Millisecond})
	began := time.Now()
	if n, err := io.Copy(io.Discard, dial(t, p)); err != nil || n != size {
		t.Fatal(n, err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("8 MiB with 100 ms of delay and no bound took %v", took)
	}
	if up, down := p.Bytes(); up != 0 || down != size {
		t.Errorf("counted %d and %d bytes", up, down)
	}
}

func TestRateOverAllConnections(t *testing.T) {
	for _, test := range []struct {
		rate        string
		connections int
		delay       time.Duration
	}{{"50Mbit", 1, 0}, {"50Mbit", 4, 20 * time.Millisecond}, {"1Gbit", 1, 0}, {"1Gbit", 4, 20 * time.Millisecond}} {
		t.Run(test.rate, func(t *testing.T) {
			rate, err := ParseRate(test.rate)
			if err != nil {
				t.Fatal(err)
			}
			size := rate / int64(test.connections)
			p := start(t, serve(t, func(c *net.TCPConn) { send(c, size) }), Options{BytesPerSecond: rate, Delay: test.delay})
			var running sync.WaitGroup
			began := time.Now()
			for range test.connections {
				c := dial(t, p)
				running.Go(func() {
					if n, err := io.Copy(io.Discard, c); err != nil || n != size {
						t.Error(n, err)
					}
				})
			}
			running.Wait()
			want := time.Second + 2*test.delay // connecting, and the way
			if took := time.Since(began); took < want*95/100 || took > want*105/100 {
				t.Errorf("a second's worth of bytes took %v", took)
			}
		})
	}
}

func TestHalfCloseReachesTheTarget(t *testing.T) {
	p := start(t, serve(t, func(c *net.TCPConn) {
		all, _ := io.ReadAll(c)
		_, _ = c.Write(all)
	}), Options{Delay: 5 * time.Millisecond})
	c := dial(t, p)
	if _, err := c.Write([]byte("all of it")); err != nil {
		t.Fatal(err)
	}
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); err != nil || string(got) != "all of it" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestFaults(t *testing.T) {
	to := serve(t, echo)
	t.Run("reset all", func(t *testing.T) {
		p := start(t, to, Options{})
		c := dial(t, p)
		if err := roundTrip(c, 5*time.Second); err != nil {
			t.Fatal(err)
		}
		p.ResetAll()
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("read: %v", err)
		}
		if err := roundTrip(dial(t, p), 5*time.Second); err != nil {
			t.Errorf("a new connection: %v", err)
		}
	})
	t.Run("reset after", func(t *testing.T) {
		p := start(t, to, Options{})
		p.ResetAfter(4) // two round trips of a byte each way
		c := dial(t, p)
		for range 2 {
			if err := roundTrip(c, 5*time.Second); err != nil && !errors.Is(err, syscall.ECONNRESET) {
				t.Fatal(err)
			}
		}
		if err := roundTrip(c, 5*time.Second); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("the third round trip: %v", err)
		}
		if up, down := p.Bytes(); up != 2 || down != 2 {
			t.Errorf("%d and %d bytes passed", up, down)
		}
		p.ResetAfter(-1)
		c = dial(t, p)
		for range 5 {
			if err := roundTrip(c, 5*time.Second); err != nil {
				t.Errorf("taken back: %v", err)
			}
		}
	})
	t.Run("refuse", func(t *testing.T) {
		p := start(t, to, Options{})
		old := dial(t, p)
		if err := roundTrip(old, 5*time.Second); err != nil {
			t.Fatal(err)
		}
		if err := p.Refuse(true); err != nil {
			t.Fatal(err)
		}
		if _, err := net.Dial("tcp", p.Address()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dial: %v", err)
		}
		if err := roundTrip(old, 5*time.Second); err != nil {
			t.Errorf("the open connection: %v", err)
		}
		if err := p.Refuse(false); err != nil {
			t.Fatal(err)
		}
		if err := roundTrip(dial(t, p), 5*time.Second); err != nil {
			t.Errorf("after it: %v", err)
		}
	})
	t.Run("stall", func(t *testing.T) {
		p := start(t, to, Options{})
		c := dial(t, p)
		if err := roundTrip(c, 5*time.Second); err != nil {
			t.Fatal(err)
		}
		p.Stall(true)
		var timeout net.Error
		if err := roundTrip(c, 100*time.Millisecond); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("while stalled: %v", err)
		}
		p.Stall(false)
		if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			t.Errorf("the byte that was held back: %v", err)
		}
	})
}

func TestParseRate(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "500kbit": 62_500, "50Mbit": 6_250_000, "1.5Gbit": 187_500_000} {
		if got, err := ParseRate(text); err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"50", "Mbit", "-1Mbit", "0Mbit", "50MB", "NaNMbit", "InfGbit"} {
		if got, err := ParseRate(text); err == nil {
			t.Errorf("%q was read as %d", text, got)
		}
	}
}
