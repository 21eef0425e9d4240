// Package billion holds the workloads of the executor of models on a thousand million cells: roll-ups, a recurrence, and variables that do
// not fit into memory.
package billion

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"syscall"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/kernel"
	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/exec"
	"github.com/napkin-infra/napkin/engine/calc/model/exec/hugepage"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// Size is the model's: products x stores x days.
type Size struct{ Products, Stores, Days int }

// Billion is 1.024e9 cells.
var Billion = Size{1000, 1000, 1024}

// Cells is the number of cells of a variable over all dimensions.
func (s Size) Cells() int64 { return int64(s.Products) * int64(s.Stores) * int64(s.Days) }

const head = `model "A billion cells"
time day 2024-01-01 to %s
dimension Product = P1..P%d
dimension Store = S1..S%d
input units[Product, Store, day] from csv "units"
input price[Product, day] from csv "price"
`

// The three workloads, each behind the head.
const (
	rollups = `revenue = units * price
show revenue by Product
show revenue by Store
show revenue by day`
	recurrence = `expected[Product, Store, day] = 0.9 * expected[previous] + 0.1 * units
    time: final
show expected by day`
	// Each of these is read at periods that are not computed yet, so that it must be stored: units, x and y.
	stored = `x = units * price / 3
y = x[next] - x
z = y / (2 + abs(y[final]))
show z by Product
show z by Store
show z by day`
)

// Workload is one of the three, with its inputs in a form.
type Workload struct {
	Name string // "roll-ups", "recurrence" or "stored"
	What string // for a reader
	// Plain keeps float64, 8 bytes a cell; else a cell of the input takes a byte.
	Plain bool
}

// The workloads.
var (
	RollUpsFloat = Workload{"roll-ups", "units x price, three roll-ups, from float64", true}
	RollUpsCoded = Workload{"roll-ups", "units x price, three roll-ups, from coded integers", false}
	Recurrence   = Workload{"recurrence", "a recurrence along time", false}
	Stored       = Workload{"stored", "three variables over all cells, stored", false}
)

// Read is how many bytes of the input over all cells a workload reads.
func (w Workload) Read(s Size) int64 {
	if w.Plain {
		return 8 * s.Cells()
	}
	return s.Cells()
}

// Figure is what one workload took.
type Figure struct {
	Wall, CPU time.Duration // of the sweeps over all cells, without making the inputs
	Read      int64         // bytes of values that the sweeps read
	Bandwidth float64       // bytes a second
	Spilled   int64
	Resident  int64 // greatest resident memory of the process
	Digest    float64
}

// Options of a measurement.
type Options struct {
	Size    Size
	Threads int
	Memory  int64 // bytes of values that are kept in memory, see [exec.Options]
	Folder  string
}

// Run measures one workload.
func Run(ctx context.Context, w Workload, o Options) (Figure, error) {
	texts := map[string]string{"roll-ups": rollups, "recurrence": recurrence, "stored": stored}
	last := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, o.Size.Days-1)
	text := fmt.Sprintf(head, last.Format("2006-01-02"), o.Size.Products, o.Size.Stores) + texts[w.Name]
	file, err := lang.Parse(lang.Source{Name: w.Name, Text: text})
	if err != nil {
		return Figure{}, err
	}
	m, err := model.Check(ctx, file, model.Options{})
	if err != nil {
		return Figure{}, err
	}
	var cpu time.Duration
	r, err := exec.Run(ctx, m, exec.Options{Threads: o.Threads, Memory: o.Memory, Folder: o.Folder, Plain: w.Plain, Sample: -1, Data: data(o.Size), Loaded: func() {
		runtime.GC() // what making the inputs left behind is not the workload's
		cpu = processor()
	}})
	if err != nil {
		return Figure{}, err
	}
	f := Figure{CPU: processor() - cpu, Spilled: r.Stats.Spilled}
	for _, s := range r.Stats.Sweeps {
		f.Wall += s.Took
		f.Read += s.Read
	}
	f.Bandwidth = float64(f.Read) / f.Wall.Seconds()
	if f.Digest, err = digest(m, r); err != nil {
		return f, err
	}
	f.Resident = resident()
	return f, r.Close()
}

// data makes the inputs: 0 to 19 pieces, and prices in cents.
func data(s Size) exec.Data {
	return func(_ context.Context, v *model.Var, cell func(period, position int) *float64) error {
		h := uint64(v.ID) + 1
		positions := int(v.Cells) / s.Days
		for period := range s.Days {
			for position := range positions {
				h ^= h << 13
				h ^= h >> 7
				h ^= h << 17
				if v.Name == "units" {
					*cell(period, position) = float64(h >> 32 % 20)
				} else {
					*cell(period, position) = float64(500+h>>32%4500) / 100
				}
			}
		}
		return nil
	}
}

// digest is a number that any other value of the outputs would change.
func digest(m *model.Model, r *exec.Result) (float64, error) {
	var rd exec.Reader
	sum := 0.0
	for _, out := range m.Outputs {
		for _, c := range out.Columns {
			v := m.Vars[c.View]
			for period := range m.Periods(v.Grain) {
				for position := range int(v.Cells) / m.Periods(v.Grain) {
					x, err := r.Values(&rd, c.View, period, position)
					if err != nil {
						return 0, err
					}
					sum = math.FMA(sum, 0.999, x)
				}
			}
		}
	}
	return sum, nil
}

// ReadBandwidth is how many bytes a second the threads read of main memory together, the best of a few passes.
func ReadBandwidth(threads int) float64 {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	const words = 32 << 20
	memory := make([]float64, words)
	hugepage.Advise(memory)
	for i := range memory {
		memory[i] = 1
	}
	best := 0.0
	sums := make([]float64, threads)
	for range 5 {
		began := time.Now()
		done := make(chan int)
		for t := range threads {
			go func() {
				part := memory[words*t/threads : words*(t+1)/threads]
				for len(part) > 0 {
					n := min(len(part), 1<<16)
					sums[t] += kernel.Sum(part[:n])
					part = part[n:]
				}
				done <- t
			}()
		}
		for range threads {
			<-done
		}
		best = max(best, 8*words/time.Since(began).Seconds())
	}
	return best
}

func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func resident() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Maxrss << 10
}
