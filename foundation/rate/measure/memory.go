package measure

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// sequential memory is read and written in an array that no cache holds on most machines.
const (
	sequentialWords = 16 << 20 // 128 MiB
	blockWords      = 128 << 10
)

func memoryProbes() []Probe {
	sequential := func(name, what, how string, lanes func() int, setup func(lanes int) func(context.Context, Env) (Work, error)) Probe {
		clock := ThreadCPU
		if lanes() > 1 {
			clock = Wall
		}
		return Probe{Name: name, Kind: rate.Throughput, Of: "B", What: what, How: how + ", in blocks of 1 MiB of an array of 128 MiB", Clock: clock, Shared: true, Each: blockWords * 8, Ceiling: coreBandwidth * float64(lanes()), Setup: setup(lanes())}
	}
	one := func() int { return 1 }
	all := func() int { return runtime.GOMAXPROCS(0) }
	const readHow, writeHow, copyHow = "sum of 64-bit words", "writing 64-bit words", "copy of one half into the other"
	return []Probe{
		sequential(rate.MemoryReadSequential, "sequential read of main memory, one core", readHow, one, readMemory),
		sequential(rate.MemoryReadSequentialAll, "sequential read of main memory, all cores", readHow+", a part for each core", all, readMemory),
		sequential(rate.MemoryWriteSequential, "sequential write of main memory, one core", writeHow, one, writeMemory),
		sequential(rate.MemoryWriteSequentialAll, "sequential write of main memory, all cores", writeHow+", a part for each core", all, writeMemory),
		sequential(rate.MemoryCopy, "copy within main memory, one core", copyHow, one, copyMemory),
		sequential(rate.MemoryCopyAll, "copy within main memory, all cores", copyHow+", a part for each core", all, copyMemory),
		independentProbe(rate.MemoryReadIndependent, "a read at a random place of main memory, where the next does not wait for it", 512<<20),
		chaseProbe(rate.MemoryChase512K, "a read that waits for the one before it, within 512 KiB", 512<<10),
		chaseProbe(rate.MemoryChase8M, "a read that waits for the one before it, within 8 MiB", 8<<20),
		chaseProbe(rate.MemoryChase64M, "a read that waits for the one before it, within 64 MiB", 64<<20),
		chaseProbe(rate.MemoryReadRandom, "a read that misses every CPU cache", 512<<20),
	}
}

// array is one lane's share of memory, walked block by block in a circle.
type array struct {
	words []uint64
	at    int
}

// lanesOf splits the array and fills it, so that its pages are there and are not the zero page.
func lanesOf(lanes int) []*array {
	per := max(sequentialWords/lanes/blockWords, 2) * blockWords
	arrays := make([]*array, lanes)
	for i := range arrays {
		arrays[i] = &array{words: make([]uint64, per)}
		for j := range arrays[i].words {
			arrays[i].words[j] = uint64(j) * scatter
		}
	}
	return arrays
}

// next returns the next block and its first index.
func (a *array) next() (block []uint64, first int) {
	first = a.at
	a.at += blockWords
	if a.at >= len(a.words) {
		a.at = 0
	}
	return a.words[first : first+blockWords], first
}

// back returns the first index of the block that was visited so many blocks ago.
func (a *array) back(blocks int) int {
	return ((a.at-blocks*blockWords)%len(a.words) + len(a.words)) % len(a.words)
}

// inLanes runs n operations spread over the lanes and adds up what they return.
func inLanes(arrays []*array, n int, work func(lane int, a *array, n int) uint64) uint64 {
	if len(arrays) == 1 {
		return work(0, arrays[0], n)
	}
	sums := make([]uint64, len(arrays))
	var all sync.WaitGroup
	for i, a := range arrays {
		all.Go(func() { sums[i] = work(i, a, share(n, i, len(arrays))) })
	}
	all.Wait()
	var sum uint64
	for _, s := range sums {
		sum += s
	}
	return sum
}

func share(n, lane, lanes int) int {
	if lane < n%lanes {
		return n/lanes + 1
	}
	return n / lanes
}

// expected repeats the walk without touching memory: what a block sums to follows from its first index.
func expected(arrays []*array, block func(first int) uint64) func(n int) uint64 {
	at := make([]int, len(arrays))
	return func(n int) uint64 {
		var sum uint64
		for i, a := range arrays {
			for range share(n, i, len(arrays)) {
				sum += block(at[i])
				at[i] = (at[i] + blockWords) % len(a.words)
			}
		}
		return sum
	}
}

// arithmetic is the sum of j*scatter for j from first to first+blockWords-1.
func arithmetic(first int) uint64 {
	return scatter * uint64(blockWords*first+blockWords*(blockWords-1)/2)
}

func readMemory(lanes int) func(context.Context, Env) (Work, error) {
	return func(context.Context, Env) (Work, error) {
		arrays := lanesOf(lanes)
		want := expected(arrays, arithmetic)
		return Work{
			Run: func(n int) (uint64, error) {
				return inLanes(arrays, n, func(_ int, a *array, n int) uint64 {
					var sum uint64
					for range n {
						block, _ := a.next()
						sum += sumWords(block)
					}
					return sum
				}), nil
			},
			Verify: func(n int, sum uint64) error { return sameSum(sum, want(n)) },
		}, nil
	}
}

// sumWords has eight sums, so that the loop waits for memory and not for one addition after the other.
func sumWords(words []uint64) uint64 {
	var a, b, c, d, e, f, g, h uint64
	for len(words) >= 8 {
		w := words[:8:8]
		a, b, c, d = a+w[0], b+w[1], c+w[2], d+w[3]
		e, f, g, h = e+w[4], f+w[5], g+w[6], h+w[7]
		words = words[8:]
	}
	return a + b + c + d + e + f + g + h
}

// writeMemory writes a number that grows with each operation, and verifies by reading all that was written
// last: every block must hold one number throughout, and the numbers must add up.
func writeMemory(lanes int) func(context.Context, Env) (Work, error) {
	return func(context.Context, Env) (Work, error) {
		arrays := lanesOf(lanes)
		counts := make([]uint64, lanes)
		work := func(i int, a *array, n int) uint64 {
			for range n {
				block, _ := a.next()
				counts[i]++
				fill(block, counts[i])
			}
			return uint64(n)
		}
		return Work{
			Run: func(n int) (uint64, error) { return inLanes(arrays, n, work), nil },
			Verify: func(n int, _ uint64) error {
				for i, a := range arrays {
					blocks := len(a.words) / blockWords
					for back := range min(share(n, i, lanes), blocks) {
						first := a.back(back + 1)
						if got, want := sumWords(a.words[first:first+blockWords]), (counts[i]-uint64(back))*blockWords; got != want {
							return fmt.Errorf("a block that was written %d blocks ago sums to %d, want %d", back+1, got, want)
						}
					}
				}
				return nil
			},
		}, nil
	}
}

func fill(words []uint64, v uint64) {
	for len(words) >= 8 {
		w := words[:8:8]
		w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7] = v, v, v, v, v, v, v, v
		words = words[8:]
	}
}

// copyMemory copies blocks of the first half into the second, whose content is set to zero after each check.
// Bytes are counted once, as memcpy's are, though they are read and written.
func copyMemory(lanes int) func(context.Context, Env) (Work, error) {
	return func(context.Context, Env) (Work, error) {
		arrays := lanesOf(lanes)
		targets := make([][]uint64, lanes)
		for i, a := range arrays {
			half := len(a.words) / 2 / blockWords * blockWords
			a.words, targets[i] = a.words[:half], a.words[half:half*2]
		}
		work := func(i int, a *array, n int) uint64 {
			for range n {
				block, first := a.next()
				copy(targets[i][first:first+blockWords], block)
			}
			return uint64(n)
		}
		return Work{
			Run: func(n int) (uint64, error) { return inLanes(arrays, n, work), nil },
			Verify: func(n int, _ uint64) error {
				for i, a := range arrays {
					blocks := len(a.words) / blockWords
					for back := range min(share(n, i, lanes), blocks) {
						first := a.back(back + 1)
						block := targets[i][first : first+blockWords]
						if err := sameSum(sumWords(block), arithmetic(first)); err != nil {
							return err
						}
						clear(block[:8]) // an operation that copies nothing is found the next time around
					}
				}
				return nil
			},
		}, nil
	}
}
