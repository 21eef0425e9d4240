package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// patience is how long a loopback connection may take to answer before a probe gives up.
const patience = 10 * time.Second

func networkProbes() []Probe {
	return []Probe{
		{Name: rate.TCPRoundTripLoopback, Kind: rate.Latency, What: "round trip over loopback, client and server on one machine", How: "64 bytes to an echo server on 127.0.0.1 and back", Clock: Wall, Ceiling: 500e-9,
			Setup: echo("tcp", 64)},
		{Name: rate.TCPRoundTripLarge, Kind: rate.Latency, What: "round trip of 32 KiB over loopback", How: "32 KiB to an echo server on 127.0.0.1 and back", Clock: Wall, Ceiling: 1e-6,
			Setup: echo("tcp", 32<<10)},
		{Name: rate.UnixRoundTrip, Kind: rate.Latency, What: "round trip over a Unix socket", How: "64 bytes to an echo server on a Unix socket and back", Clock: Wall, Ceiling: 300e-9,
			Setup: echo("unix", 64)},
		{Name: rate.TCPConnect, Kind: rate.Latency, What: "opening and closing a TCP connection over loopback", How: "connecting to 127.0.0.1, reading one byte that greets, closing", Clock: Wall, Ceiling: 1e-6, Single: true,
			Setup: connect},
		{Name: rate.TCPThroughput, Kind: rate.Throughput, Of: "B", What: "one TCP connection over loopback", How: "256 KiB to a reader on 127.0.0.1, which answers with their checksum", Clock: Wall, Each: bulkBlock, Ceiling: coreBandwidth,
			Setup: throughput(plainPair)},
		{Name: rate.HTTPRequestLoopback, Kind: rate.Latency, What: "an HTTP/1.1 request and its answer over loopback, connection kept", How: "GET of some bytes from a net/http server on 127.0.0.1", Clock: Wall, Ceiling: 2e-6,
			Setup: requests},
	}
}

// pair opens a connection between a client and a server of this process.
type pair func(ctx context.Context, network, address string) (client, server net.Conn, err error)

func plainPair(ctx context.Context, network, address string) (client, server net.Conn, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, network, address)
	if err != nil {
		return nil, nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	defer listener.Close()
	type accepted struct {
		conn net.Conn
		err  error
	}
	arrives := make(chan accepted, 1)
	go func() {
		conn, err := listener.Accept()
		arrives <- accepted{conn, err}
	}()
	client, err = (&net.Dialer{Timeout: patience}).DialContext(ctx, network, listener.Addr().String())
	if err != nil {
		listener.Close()
		if a := <-arrives; a.conn != nil {
			a.conn.Close()
		}
		return nil, nil, fmt.Errorf("connect to %s: %w", listener.Addr(), err)
	}
	a := <-arrives
	if a.err != nil {
		client.Close()
		return nil, nil, fmt.Errorf("accept on %s: %w", listener.Addr(), a.err)
	}
	return client, a.conn, nil
}

// echo sends a message that the server sends back with each byte's lowest bit flipped, which an answer out
// of the client's own buffer would not have.
func echo(network string, size int) func(context.Context, Env) (Work, error) {
	return func(ctx context.Context, env Env) (Work, error) {
		address, folder := "127.0.0.1:0", ""
		if network == "unix" {
			var err error
			if folder, err = os.MkdirTemp("", "napkin-socket-*"); err != nil { // short: a socket's path has 107 bytes at most
				return Work{}, err
			}
			address = filepath.Join(folder, "s")
		}
		client, server, err := plainPair(ctx, network, address)
		if err != nil {
			_ = os.RemoveAll(folder)
			return Work{}, err
		}
		var serving sync.WaitGroup
		serving.Go(func() {
			buffer := make([]byte, size)
			for {
				if _, err := io.ReadFull(server, buffer); err != nil {
					return // the client closed, or reports why it did not get its answer
				}
				buffer[0] ^= 1
				buffer[size-1] ^= 1
				if _, err := server.Write(buffer); err != nil {
					return
				}
			}
		})
		message, trip := noise(size, 2), uint64(0)
		return Work{
			Run: func(n int) (uint64, error) {
				if err := client.SetDeadline(time.Now().Add(patience)); err != nil {
					return 0, err
				}
				var sum uint64
				for range n {
					message[0] = byte(trip)
					trip++
					if _, err := client.Write(message); err != nil {
						return 0, fmt.Errorf("send over loopback: %w", err)
					}
					if _, err := io.ReadFull(client, message); err != nil {
						return 0, fmt.Errorf("receive over loopback: %w", err)
					}
					sum += uint64(message[0])
				}
				return sum, nil
			},
			Verify: flippedCounter(),
			Close: func() error {
				client.Close()
				serving.Wait()
				server.Close()
				if folder != "" {
					return os.RemoveAll(folder)
				}
				return nil
			},
		}, nil
	}
}

// flippedCounter knows the sum of the first bytes that come back: the counter with its lowest bit flipped.
func flippedCounter() func(n int, sum uint64) error {
	trip := uint64(0)
	return func(n int, sum uint64) error {
		var want uint64
		for range n {
			want += uint64(byte(trip) ^ 1)
			trip++
		}
		return sameSum(sum, want)
	}
}

// connect counts the greetings, which the server numbers.
func connect(ctx context.Context, _ Env) (Work, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return Work{}, fmt.Errorf("listen on 127.0.0.1: %w", err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for greeting := byte(0); ; greeting++ {
			conn, err := listener.Accept()
			if err != nil {
				return // the listener was closed
			}
			_, _ = conn.Write([]byte{greeting}) // the client sees a missing greeting
			conn.Close()
		}
	})
	dialer, address := &net.Dialer{Timeout: patience}, listener.Addr().String()
	expect := byte(0)
	return Work{
		Run: func(n int) (uint64, error) {
			var sum uint64
			for range n {
				conn, err := dialer.DialContext(ctx, "tcp", address)
				if err != nil {
					return 0, fmt.Errorf("connect over loopback: %w", err)
				}
				var b [1]byte
				if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
					return 0, err
				}
				_, err = io.ReadFull(conn, b[:])
				conn.Close()
				if err != nil {
					return 0, fmt.Errorf("read the greeting over loopback: %w", err)
				}
				sum += uint64(b[0])
			}
			return sum, nil
		},
		Verify: func(n int, sum uint64) error {
			var want uint64
			for range n {
				want += uint64(expect)
				expect++
			}
			return sameSum(sum, want)
		},
		Close: func() error {
			listener.Close()
			serving.Wait()
			return nil
		},
	}, nil
}

const bulkBlock = 256 << 10

// throughput sends numbered blocks; the server answers each with the sum of the words that it read.
func throughput(open pair) func(context.Context, Env) (Work, error) {
	return func(ctx context.Context, _ Env) (Work, error) {
		client, server, err := open(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return Work{}, err
		}
		var serving sync.WaitGroup
		serving.Go(func() {
			buffer := make([]byte, bulkBlock)
			for {
				if _, err := io.ReadFull(server, buffer); err != nil {
					return // the client closed, or reports why
				}
				if _, err := server.Write(bigEndian(sampled(buffer))); err != nil {
					return
				}
			}
		})
		block, sent, verified := noise(bulkBlock, 3), uint64(0), uint64(0)
		plain := sampled(block) - uint64(block[0])
		return Work{
			Run: func(n int) (uint64, error) {
				if err := client.SetDeadline(time.Now().Add(patience)); err != nil {
					return 0, err
				}
				var total uint64
				var answer [8]byte
				for range n {
					block[0] = byte(sent)
					sent++
					if _, err := client.Write(block); err != nil {
						return 0, fmt.Errorf("send over loopback: %w", err)
					}
					if _, err := io.ReadFull(client, answer[:]); err != nil {
						return 0, fmt.Errorf("receive over loopback: %w", err)
					}
					total += firstWord(answer[:])
				}
				return total, nil
			},
			Verify: func(n int, total uint64) error {
				var want uint64
				for range n {
					want += plain + uint64(byte(verified))
					verified++
				}
				return sameSum(total, want)
			},
			Close: func() error {
				client.Close()
				serving.Wait()
				server.Close()
				return nil
			},
		}, nil
	}
}

// sampled sums one byte of each cache line, which costs little beside receiving them.
func sampled(block []byte) uint64 {
	var sum uint64
	for i := 0; i < len(block); i += cacheLine {
		sum += uint64(block[i])
	}
	return sum
}

func bigEndian(v uint64) []byte {
	b := make([]byte, 8)
	for i := range b {
		b[i] = byte(v >> (56 - 8*i))
	}
	return b
}

// requests asks a server for a number, and adds the answers up.
func requests(ctx context.Context, _ Env) (Work, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return Work{}, fmt.Errorf("listen on 127.0.0.1: %w", err)
	}
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := strconv.ParseUint(r.URL.Query().Get("n"), 10, 64)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, strconv.FormatUint(v*7, 10)) // the client sees a missing answer
	})}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) }) // ends when it is closed
	transport := &http.Transport{}
	client := &http.Client{Transport: transport, Timeout: patience}
	base, asked, verified := "http://"+listener.Addr().String()+"/?n=", uint64(0), uint64(0)
	get := func(v uint64) (uint64, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+strconv.FormatUint(v, 10), nil)
		if err != nil {
			return 0, err
		}
		response, err := client.Do(request)
		if err != nil {
			return 0, fmt.Errorf("request over loopback: %w", err)
		}
		body, err := io.ReadAll(response.Body)
		if err = errors.Join(err, response.Body.Close()); err != nil {
			return 0, fmt.Errorf("answer over loopback: %w", err)
		}
		return strconv.ParseUint(string(body), 10, 64)
	}
	return Work{
		Run: func(n int) (uint64, error) {
			var sum uint64
			for range n {
				v, err := get(asked)
				if err != nil {
					return 0, err
				}
				asked++
				sum += v
			}
			return sum, nil
		},
		Verify: func(n int, sum uint64) error {
			var want uint64
			for range n {
				want += verified * 7
				verified++
			}
			return sameSum(sum, want)
		},
		Close: func() error {
			transport.CloseIdleConnections()
			err := server.Close()
			serving.Wait()
			return err
		},
	}, nil
}
