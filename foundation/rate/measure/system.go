package measure

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// Ceilings that many probes share. A load unit reads at most two times 64 bytes a cycle, and no core ran at
// more than 10 GHz; so the first is above the level-one cache of any of them. The second is a cycle of that
// clock.
const (
	coreBandwidth = 1.28e12 // bytes a second
	cycle         = 0.1e-9  // seconds
)

// simple is a probe whose set-up cannot fail and leaves nothing to remove.
func simple(run func(n int) uint64, want func(n int) uint64) func(context.Context, Env) (Work, error) {
	return func(context.Context, Env) (Work, error) {
		return Work{
			Run:    func(n int) (uint64, error) { return run(n), nil },
			Verify: func(n int, sum uint64) error { return sameSum(sum, want(n)) },
		}, nil
	}
}

func times(each uint64) func(int) uint64 {
	return func(n int) uint64 { return uint64(n) * each }
}

func systemProbes() []Probe {
	return []Probe{
		{Name: rate.Syscall, Kind: rate.Latency, What: "a trivial system call", How: "getppid", Clock: ThreadCPU, Ceiling: 5e-9,
			Setup: func(context.Context, Env) (Work, error) {
				parent := uint64(syscall.Getppid())
				return Work{
					Run: func(n int) (uint64, error) {
						var sum uint64
						for range n {
							sum += uint64(syscall.Getppid())
						}
						return sum, nil
					},
					Verify: func(n int, sum uint64) error { return sameSum(sum, times(parent)(n)) },
				}, nil
			}},
		{Name: rate.ClockRead, Kind: rate.Latency, What: "reading the clock without a system call (vDSO)", How: "time.Now", Clock: ThreadCPU, Ceiling: 1e-9,
			Setup: readClock},
		{Name: rate.ContextSwitch, Kind: rate.Latency, What: "switch from one thread to another that waited for it", How: "half of a byte's way through two pipes between two threads and back, free to run on two cores",
			Clock: Wall, Ceiling: 50e-9, Setup: switchThreads},
		{Name: rate.ProcessStart, Kind: rate.Latency, What: "starting a small process", How: "starting echo, reading what it prints and waiting for its end", Clock: Wall, Ceiling: 20e-6, Single: true,
			Setup: startProcesses},
	}
}

// readClock counts readings that are not before the one ahead of them, which all are.
func readClock(context.Context, Env) (Work, error) {
	return Work{
		Run: func(n int) (uint64, error) {
			var forward uint64
			last := time.Now()
			for range n {
				now := time.Now()
				if !now.Before(last) {
					forward++
				}
				last = now
			}
			return forward, nil
		},
		Verify: func(n int, sum uint64) error { return sameSum(sum, uint64(n)) },
	}, nil
}

// switchThreads passes a byte between two threads. The pipes are blocking descriptors of the kernel and not
// files of the runtime, which would park goroutines and not threads.
func switchThreads(context.Context, Env) (Work, error) {
	var there, back [2]int
	if err := syscall.Pipe(there[:]); err != nil {
		return Work{}, fmt.Errorf("make a pipe: %w", err)
	}
	if err := syscall.Pipe(back[:]); err != nil {
		_ = syscall.Close(there[0])
		_ = syscall.Close(there[1])
		return Work{}, fmt.Errorf("make a pipe: %w", err)
	}
	for _, fd := range []int{there[0], there[1], back[0], back[1]} {
		syscall.CloseOnExec(fd)
	}
	var partner sync.WaitGroup
	partner.Go(func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		var b [1]byte
		for {
			if n, err := syscall.Read(there[0], b[:]); n != 1 || err != nil {
				return // the other end was closed
			}
			b[0]++
			if _, err := syscall.Write(back[1], b[:]); err != nil {
				return
			}
		}
	})
	var next byte
	return Work{
		// One operation is one switch, so a trip there and back is two.
		Run: func(n int) (uint64, error) {
			var sum uint64
			var b [1]byte
			for range (n + 1) / 2 {
				b[0] = next
				if _, err := syscall.Write(there[1], b[:]); err != nil {
					return 0, fmt.Errorf("write to a pipe: %w", err)
				}
				if _, err := syscall.Read(back[0], b[:]); err != nil {
					return 0, fmt.Errorf("read from a pipe: %w", err)
				}
				next = b[0] // one more than was sent
				sum++
			}
			return sum<<8 | uint64(next), nil
		},
		Verify: tripCounter(),
		Close: func() error {
			_ = syscall.Close(there[1])
			partner.Wait()
			for _, fd := range []int{there[0], back[0], back[1]} {
				_ = syscall.Close(fd)
			}
			return nil
		},
	}, nil
}

// tripCounter knows where a byte that grows by one each trip must stand.
func tripCounter() func(n int, sum uint64) error {
	trips := uint64(0)
	return func(n int, sum uint64) error {
		each := uint64(n+1) / 2
		trips += each
		return sameSum(sum, each<<8|trips&0xff)
	}
}

func startProcesses(ctx context.Context, _ Env) (Work, error) {
	path, err := exec.LookPath("echo")
	if err != nil {
		return Work{}, fmt.Errorf("there is no program echo to start: %w", err)
	}
	begin := uint64(0)
	return Work{
		Run: func(n int) (uint64, error) {
			var sum uint64
			for i := range uint64(n) {
				out, err := exec.CommandContext(ctx, path, strconv.FormatUint(begin+i, 10)).Output()
				if err != nil {
					return 0, fmt.Errorf("start %s: %w", path, err)
				}
				v, err := strconv.ParseUint(strings.TrimSpace(string(out)), 10, 64)
				if err != nil {
					return 0, fmt.Errorf("%s printed %q", path, out)
				}
				sum += v
			}
			return sum, nil
		},
		Verify: func(n int, sum uint64) error {
			m := uint64(n)
			want := m*begin + m*(m-1)/2
			begin += m
			return sameSum(sum, want)
		},
	}, nil
}
