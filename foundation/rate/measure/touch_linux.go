package measure

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// touchProbes measure what fresh memory costs when it is first written to: the system finds a page and clears it. In a virtual
// machine a page that its host has never given costs far more, once; no probe can see that twice.
func touchProbes() []Probe {
	const block, page = 1 << 20, 4 << 10
	return []Probe{{Name: rate.MemoryTouch, Kind: rate.Throughput, Of: "B", What: "first write to memory that the system has just given, page by page, one core",
		How: "a word in each 4 KiB of a new mapping of 1 MiB", Clock: ThreadCPU, Shared: true, Each: block, Ceiling: coreBandwidth,
		Setup: func(context.Context, Env) (Work, error) {
			return Work{
				Run: func(n int) (uint64, error) {
					var sum uint64
					for range n {
						memory, err := unix.Mmap(-1, 0, block, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
						if err != nil {
							return 0, fmt.Errorf("map 1 MiB: %w", err)
						}
						for i := 0; i < block; i += page {
							sum += uint64(memory[i]) + 1 // the system gives cleared pages
							memory[i] = 0xA5
						}
						if err := unix.Munmap(memory); err != nil {
							return 0, fmt.Errorf("unmap 1 MiB: %w", err)
						}
					}
					return sum, nil
				},
				Verify: func(n int, sum uint64) error { return sameSum(sum, times(block/page)(n)) },
			}, nil
		}}}
}
