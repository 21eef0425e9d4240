package rate

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"sort"
	"syscall"
	"time"
)

// probe measures one rate. sample takes one sample of the rate's value; setup makes what samples need
// and returns how to clear it away.
type probe struct {
	name  string
	kind  Kind
	of    string
	what  string
	how   string
	setup func(context.Context) (sample func() (float64, error), cleanup func(), err error)
}

const (
	// probeBudget is the time for the samples of one probe: six probes stay under two seconds with
	// their set-up.
	probeBudget = 220 * time.Millisecond
	minSamples  = 5
	maxSamples  = 400
)

// Measure runs the probes on this machine and returns their rates; fsync and file reads are those of
// the file system that dir is on ("" for the folder of temporary files). It takes under two seconds
// of wall time on an idle machine, writes at most 32 MiB below dir and removes them.
//
// A probe that fails, for instance on a read-only disk, is left out and its error joined into the
// returned one; the rates of the others are still good.
func Measure(ctx context.Context, dir string, today time.Time) ([]Rate, error) {
	var rates []Rate
	var failed []error
	for _, p := range probes(dir) {
		if err := ctx.Err(); err != nil {
			return rates, errors.Join(append(failed, err)...)
		}
		r, err := p.run(ctx)
		if err != nil {
			failed = append(failed, fmt.Errorf("measure %s: %w", p.name, err))
			continue
		}
		r.Date = today.Format(time.DateOnly)
		rates = append(rates, r)
	}
	return rates, errors.Join(failed...)
}

// run takes samples until the budget is spent. The value is the median, because a machine that is
// busy with other work makes some samples slow; the range is the 5th to 95th percentile.
func (p probe) run(ctx context.Context) (Rate, error) {
	sample, cleanup, err := p.setup(ctx)
	if err != nil {
		return Rate{}, err
	}
	defer cleanup()
	var samples []float64
	for start := time.Now(); len(samples) < minSamples || len(samples) < maxSamples && time.Since(start) < probeBudget; {
		if err := ctx.Err(); err != nil {
			return Rate{}, err
		}
		v, err := sample()
		if err != nil {
			return Rate{}, err
		}
		samples = append(samples, v)
	}
	sort.Float64s(samples)
	at := func(q float64) float64 { return samples[int(q*float64(len(samples)-1)+0.5)] }
	return Rate{
		Name: p.name, Kind: p.kind, Of: p.of, What: p.what, Value: at(0.5), Low: at(0.05), High: at(0.95),
		Origin: Measured, Source: fmt.Sprintf("%s; median and 5th to 95th percentile of %d samples.", p.how, len(samples)),
	}, nil
}

func probes(dir string) []probe {
	none := func() {}
	return []probe{
		{name: MemoryReadSequential, kind: Throughput, of: "B", what: "sequential read of main memory, one core",
			how: "Sum of a 64 MiB array of 64-bit words",
			setup: func(context.Context) (func() (float64, error), func(), error) {
				words := make([]uint64, 8<<20)
				for i := range words {
					words[i] = uint64(i)
				}
				return func() (float64, error) { return readMemory(words), nil }, none, nil
			}},
		{name: Syscall, kind: Latency, what: "a trivial system call", how: "getppid, 2,000 calls a sample",
			setup: func(context.Context) (func() (float64, error), func(), error) {
				return func() (float64, error) {
					const calls = 2000
					start := time.Now()
					for range calls {
						syscall.Getppid()
					}
					return time.Since(start).Seconds() / calls, nil
				}, none, nil
			}},
		{name: TCPRoundTripLoopback, kind: Latency, what: "round trip over loopback, client and server on one machine",
			how: "One byte to an echo server on 127.0.0.1 and back, 20 trips a sample", setup: echo},
		{name: Fsync, kind: Latency, what: "making a small write durable", how: "An 8 KiB write and fsync in one file",
			setup: func(context.Context) (func() (float64, error), func(), error) { return fsyncFile(dir) }},
		{name: FileReadCached, kind: Throughput, of: "B", what: "sequential read of a file in the page cache",
			how:   "A 32 MiB file just written, read in blocks of 128 KiB",
			setup: func(context.Context) (func() (float64, error), func(), error) { return cachedFile(dir) }},
		{name: HashSHA1, kind: Throughput, of: "B", what: "SHA-1, one core", how: "4 MiB a sample",
			setup: func(context.Context) (func() (float64, error), func(), error) {
				block := make([]byte, 4<<20)
				return func() (float64, error) {
					start := time.Now()
					sum := sha1.Sum(block)
					block[0] ^= sum[0] // the result is used, so the work cannot be dropped
					return float64(len(block)) / time.Since(start).Seconds(), nil
				}, none, nil
			}},
	}
}

func readMemory(words []uint64) float64 {
	start := time.Now()
	// Four sums, so that the loop waits for memory and not for one addition after the other.
	var a, b, c, d uint64
	for i := 0; i+4 <= len(words); i += 4 {
		a, b, c, d = a+words[i], b+words[i+1], c+words[i+2], d+words[i+3]
	}
	took := time.Since(start).Seconds()
	runtime.KeepAlive(a + b + c + d) // the sums are used, so the reads cannot be dropped
	return float64(len(words)*8) / took
}

func echo(ctx context.Context) (func() (float64, error), func(), error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		conn, err := listener.Accept()
		if err != nil {
			return // the client below reports why it could not connect
		}
		defer conn.Close()
		_, _ = io.Copy(conn, conn) // ends when the client closes; the client sees any error first
	}()
	client, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", listener.Addr().String())
	if err != nil {
		listener.Close()
		<-served
		return nil, nil, err
	}
	cleanup := func() {
		client.Close()
		listener.Close()
		<-served
	}
	buf := []byte{1}
	return func() (float64, error) {
		const trips = 20
		if err := client.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
			return 0, err
		}
		start := time.Now()
		for range trips {
			if _, err := client.Write(buf); err != nil {
				return 0, err
			}
			if _, err := io.ReadFull(client, buf); err != nil {
				return 0, err
			}
		}
		return time.Since(start).Seconds() / trips, nil
	}, cleanup, nil
}

func fsyncFile(dir string) (func() (float64, error), func(), error) {
	file, err := os.CreateTemp(dir, "napkin-fsync-*")
	if err != nil {
		return nil, nil, err
	}
	block := make([]byte, 8<<10)
	return func() (float64, error) {
		start := time.Now()
		if _, err := file.WriteAt(block, 0); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
		return time.Since(start).Seconds(), nil
	}, removeAfter(file), nil
}

func cachedFile(dir string) (func() (float64, error), func(), error) {
	file, err := os.CreateTemp(dir, "napkin-read-*")
	if err != nil {
		return nil, nil, err
	}
	cleanup := removeAfter(file)
	block := make([]byte, 128<<10)
	const blocks = 256
	for range blocks {
		if _, err := file.Write(block); err != nil {
			cleanup()
			return nil, nil, err
		}
	}
	return func() (float64, error) {
		start := time.Now()
		for i := range int64(blocks) {
			if _, err := file.ReadAt(block, i*int64(len(block))); err != nil {
				return 0, err
			}
		}
		return float64(blocks*len(block)) / time.Since(start).Seconds(), nil
	}, cleanup, nil
}

func removeAfter(file *os.File) func() {
	return func() {
		file.Close()
		os.Remove(file.Name())
	}
}
