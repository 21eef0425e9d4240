package measure

import (
	"context"
	"fmt"
	"hash/fnv"
	"os/exec"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// Program is how the calling program starts itself to print something and end.
type Program struct {
	Path   string   // absolute
	Args   []string // such that it does nothing else
	Prints string   // all of its standard output, which proves that it ran
}

// Start returns the group of what only the program itself can measure: its start, below which no run of it takes.
// What it links and what its packages make before main is in that, and the system's work to load it.
func Start(p Program) Group {
	return Group{Name: "program", Probes: []Probe{{
		Name: rate.ProgramStart, Kind: rate.Latency, What: "starting napkin, a static program of 65 MB that builds its tables when it starts",
		How: "starting napkin version, reading what it prints and waiting for its end", Clock: Wall, Ceiling: 20e-6, Single: true,
		Setup: p.setup,
	}}}
}

func (p Program) setup(ctx context.Context, _ Env) (Work, error) {
	digest := func(text []byte) uint64 {
		h := fnv.New64a()
		_, _ = h.Write(text) // never fails
		return h.Sum64()
	}
	return Work{
		Run: func(n int) (uint64, error) {
			var sum uint64
			for range n {
				out, err := exec.CommandContext(ctx, p.Path, p.Args...).Output()
				if err != nil {
					return 0, fmt.Errorf("start %s: %w", p.Path, err)
				}
				sum += digest(out)
			}
			return sum, nil
		},
		Verify: func(n int, sum uint64) error { return sameSum(sum, times(digest([]byte(p.Prints)))(n)) },
	}, nil
}
