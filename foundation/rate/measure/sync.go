package measure

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/napkin-infra/napkin/foundation/rate"
)

func syncProbes() []Probe {
	var mutex sync.Mutex
	var counter atomic.Uint64
	return []Probe{
		{Name: rate.MutexUncontended, Kind: rate.Latency, What: "locking and unlocking a mutex that nobody else wants", How: "sync.Mutex, one goroutine", Clock: ThreadCPU, Ceiling: cycle,
			Setup: simple(func(n int) uint64 {
				var sum uint64
				for range n {
					mutex.Lock()
					sum++
					mutex.Unlock()
				}
				return sum
			}, times(1))},
		{Name: rate.MutexContended, Kind: rate.Latency, What: "locking and unlocking a mutex that all cores want", How: "sync.Mutex around an increment, a goroutine for each core and at least two", Clock: Wall, Shared: true, Ceiling: cycle,
			Setup: simple(contend, times(1))},
		{Name: rate.AtomicAdd, Kind: rate.Latency, What: "an atomic addition, one core", How: "atomic.Uint64.Add", Clock: ThreadCPU, Ceiling: cycle,
			Setup: simple(func(n int) uint64 {
				before := counter.Load()
				for range n {
					counter.Add(1)
				}
				return counter.Load() - before
			}, times(1))},
		{Name: rate.ChannelSend, Kind: rate.Latency, What: "sending and receiving through a buffered channel without a switch", How: "channel of 64 integers, one goroutine", Clock: ThreadCPU, Ceiling: cycle,
			Setup: simple(func(n int) uint64 {
				c := make(chan uint64, 64)
				var sum uint64
				for range n {
					c <- 3
					sum += <-c
				}
				return sum
			}, times(3))},
		{Name: rate.GoroutineSwitch, Kind: rate.Latency, What: "switch from one goroutine to another", How: "half of an integer's way through two unbuffered channels between two goroutines and back, on one core", Clock: ProcessCPU, Ceiling: 1e-9,
			Setup: onOneCore(switchGoroutines)},
		{Name: rate.GoroutineStart, Kind: rate.Latency, What: "starting a goroutine and waiting for its end", How: "one goroutine after the other, on one core", Clock: ProcessCPU, Ceiling: 1e-9,
			Setup: onOneCore(simple(func(n int) uint64 {
				var sum uint64
				var one sync.WaitGroup
				for range n {
					one.Add(1)
					go func() { sum++; one.Done() }()
					one.Wait()
				}
				return sum
			}, times(1)))},
		{Name: rate.MapGet, Kind: rate.Latency, What: "look-up in a hash map of a million integers, keys at random", How: "Go map of 64-bit integers", Clock: ThreadCPU, Shared: true, Ceiling: cycle,
			Setup: lookUp},
		{Name: rate.MemoryAllocate, Kind: rate.Latency, What: "allocating 64 bytes, with what collecting them costs", How: "a new value of 64 bytes, kept for 1,024 further ones", Clock: ProcessCPU, Ceiling: cycle,
			Setup: allocate},
	}
}

// onOneCore keeps the runtime to one core while a probe runs: two goroutines on two cores wake threads, which
// is another rate.
func onOneCore(setup func(context.Context, Env) (Work, error)) func(context.Context, Env) (Work, error) {
	return func(ctx context.Context, env Env) (Work, error) {
		work, err := setup(ctx, env)
		if err != nil {
			return work, err
		}
		cores, close := runtime.GOMAXPROCS(1), work.Close
		work.Close = func() error {
			runtime.GOMAXPROCS(cores)
			if close == nil {
				return nil
			}
			return close()
		}
		return work, nil
	}
}

func contend(n int) uint64 {
	lanes := max(2, runtime.GOMAXPROCS(0))
	var mutex sync.Mutex
	var sum uint64
	var all sync.WaitGroup
	for lane := range lanes {
		share := n / lanes
		if lane == 0 {
			share += n % lanes
		}
		all.Go(func() {
			for range share {
				mutex.Lock()
				sum++
				mutex.Unlock()
			}
		})
	}
	all.Wait()
	return sum
}

func switchGoroutines(context.Context, Env) (Work, error) {
	there, back := make(chan uint64), make(chan uint64)
	var partner sync.WaitGroup
	partner.Go(func() {
		for v := range there {
			back <- v + 1
		}
	})
	var next uint64
	return Work{
		Run: func(n int) (uint64, error) {
			trips := uint64(0)
			for range (n + 1) / 2 {
				there <- next & 0xff
				next = <-back
				trips++
			}
			return trips<<8 | next&0xff, nil
		},
		Verify: tripCounter(),
		Close: func() error {
			close(there)
			partner.Wait()
			return nil
		},
	}, nil
}

// lookUp walks the keys in a scattered order: i times an odd number covers all residues of a power of two.
func lookUp(context.Context, Env) (Work, error) {
	const size = 1 << 20
	table := make(map[uint64]uint64, size)
	for i := range uint64(size) {
		table[mix(i)] = i
	}
	at, verified := uint64(0), uint64(0)
	return Work{
		Run: func(n int) (uint64, error) {
			var sum uint64
			for range n {
				sum += table[mix(at*scatter%size)]
				at++
			}
			return sum, nil
		},
		Verify: func(n int, sum uint64) error {
			var want uint64
			for range n {
				want += verified * scatter % size
				verified++
			}
			return sameSum(sum, want)
		},
	}, nil
}

// scatter is an odd number near the golden section of 2^32, so that its multiples spread.
const scatter = 2654435761

// mix is the finalizer of splitmix64 (Steele, Lea and Flood, OOPSLA 2014), a bijection.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

type sixtyFour [8]uint64

func allocate(context.Context, Env) (Work, error) {
	kept := make([]*sixtyFour, 1024)
	made, verified := uint64(0), uint64(0)
	return Work{
		Run: func(n int) (uint64, error) {
			var sum uint64
			for range n {
				slot := &kept[made%1024]
				if *slot != nil {
					sum += (*slot)[3]
				}
				*slot = &sixtyFour{3: made}
				made++
			}
			return sum, nil
		},
		// Each allocation reads what was written 1,024 before it.
		Verify: func(n int, sum uint64) error {
			var want uint64
			for range n {
				if verified >= 1024 {
					want += verified - 1024
				}
				verified++
			}
			return sameSum(sum, want)
		},
	}, nil
}
