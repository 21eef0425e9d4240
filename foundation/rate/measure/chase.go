package measure

import (
	"context"
	"fmt"
	"math/bits"

	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// cacheLine is the distance of the places that random reads visit.
const cacheLine = 64

// node fills a cache line.
type node struct {
	next uint64
	_    [cacheLine/8 - 1]uint64
}

// A circle through all nodes is that of a linear congruential generator modulo a power of two: with an odd
// increment and a multiplier that is 1 modulo 4 it has the full period (Hull and Dobell, 1962), it is
// written in one pass, and where n steps lead follows in log n multiplications, which verifies a walk. The
// multiplier is Knuth's for MMIX; the CPU's prefetchers see no stride in its sequence.
const (
	multiplier = 6364136223846793005
	increment  = 1442695040888963407
)

// jump returns where n steps from x lead: x -> a*x + c composed with itself by doubling.
func jump(x, n, mask uint64) uint64 {
	a, c := uint64(multiplier), uint64(increment)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			x = a*x + c
		}
		a, c = a*a, a*c+c
	}
	return x & mask
}

// place spreads the generator's states over the nodes: its low bits have short periods, which would visit
// the lines of a page in turn. Reversal of the bits is a bijection.
func place(state uint64, width int) uint64 { return bits.Reverse64(state) >> (64 - width) }

// circle makes nodes of which each holds the place of the next.
func circle(width int) []node {
	nodes := make([]node, 1<<width)
	mask := uint64(1)<<width - 1
	for p := range nodes {
		state := place(uint64(p), width) // reversal is its own inverse
		nodes[p].next = place((state*multiplier+increment)&mask, width)
	}
	return nodes
}

// enoughMemory refuses arrays that would push other processes out.
func enoughMemory(size int) error {
	if free, known := host.proc.Memory("MemAvailable"); known && unit.Bytes(size)*2 > free {
		return fmt.Errorf("it needs %s of memory, more than half of the %s that are free; free some", unit.Bytes(size), free)
	}
	return nil
}

func chaseProbe(name, what string, size int) Probe {
	return Probe{Name: name, Kind: rate.Latency, What: what, How: fmt.Sprintf("pointer chase through all cache lines of %d KiB in scattered order, ordinary pages", size>>10), Clock: ThreadCPU, Shared: true, Ceiling: cycle,
		Setup: func(context.Context, Env) (Work, error) {
			if err := enoughMemory(size); err != nil {
				return Work{}, err
			}
			width := bits.Len(uint(size/cacheLine)) - 1
			nodes, mask := circle(width), uint64(size/cacheLine-1)
			at := place(0, width)
			state := uint64(0)
			return Work{
				Run: func(n int) (uint64, error) {
					p := at
					for range n {
						p = nodes[p].next
					}
					at = p
					return p, nil
				},
				Verify: func(n int, sum uint64) error {
					state = jump(state, uint64(n), mask)
					return sameSum(sum, place(state, width))
				},
			}, nil
		}}
}

// independentProbe reads places that follow from a counter, so that many reads are under way at once.
func independentProbe(name, what string, size int) Probe {
	return Probe{Name: name, Kind: rate.Latency, What: what, How: fmt.Sprintf("reads of cache lines of %d MiB in an order that a counter gives, ordinary pages", size>>20), Clock: ThreadCPU, Shared: true, Ceiling: cycle,
		Setup: func(context.Context, Env) (Work, error) {
			if err := enoughMemory(size); err != nil {
				return Work{}, err
			}
			nodes := make([]node, size/cacheLine)
			for i := range nodes {
				nodes[i].next = uint64(i) + 1
			}
			mask := uint64(len(nodes) - 1)
			at, verified := uint64(0), uint64(0)
			return Work{
				Run: func(n int) (uint64, error) {
					var sum uint64
					i := at
					for range n {
						sum += nodes[mix(i)&mask].next
						i++
					}
					at = i
					return sum, nil
				},
				Verify: func(n int, sum uint64) error {
					var want uint64
					for range n {
						want += mix(verified)&mask + 1
						verified++
					}
					return sameSum(sum, want)
				},
			}, nil
		}}
}
