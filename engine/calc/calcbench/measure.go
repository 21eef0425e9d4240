package calcbench

import (
	"context"
	"runtime"
	"syscall"
	"time"

	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Row is one measurement.
type Row struct {
	Bar  string `json:"bar"`  // B2 and so on
	What string `json:"what"` // what was done
	// CPU and Wall are seconds of the run that took the least CPU.
	CPU  float64 `json:"cpu_seconds"`
	Wall float64 `json:"wall_seconds,omitempty"`
	Runs int     `json:"runs,omitempty"`
	// Limit is the least CPU seconds (see OfWall) at the machine's base rates, 0 where none is stated; By is its arithmetic.
	Limit float64 `json:"limit_seconds,omitempty"`
	By    string  `json:"limit_by,omitempty"`
	// OfWall: the limit is of wall time, because what bounds the work is no processor.
	OfWall bool `json:"limit_of_wall,omitempty"`
	// Amount is what was measured where that is no time: bytes, a ratio, a number of differing cells.
	Amount float64 `json:"amount,omitempty"`
	Of     string  `json:"of,omitempty"`
	Target string  `json:"target,omitempty"` // what it must be, in words
	Holds  *bool   `json:"holds,omitempty"`  // nil where nothing is asked for
	Note   string  `json:"note,omitempty"`
}

// Ratio returns CPU, or wall time where the limit is of that, over the limit, and 0 where no limit is known.
func (r *Row) Ratio() float64 {
	switch {
	case r.Limit <= 0:
		return 0
	case r.OfWall:
		return r.Wall / r.Limit
	}
	return r.CPU / r.Limit
}

// within sets what the CPU seconds may be at most.
func (r *Row) within(most time.Duration) {
	holds := r.CPU <= most.Seconds()
	r.Target, r.Holds = "at most "+unit.Duration(most), &holds
}

// cost is what a piece of work took.
type cost struct{ cpu, wall float64 }

// used returns the CPU seconds that this process has taken.
func used() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// timed runs a piece of work once.
func timed(do func() error) (cost, error) {
	began, before := time.Now(), used()
	err := do()
	return cost{used() - before, time.Since(began).Seconds()}, err
}

// best runs a piece of work several times and returns the run with the least CPU seconds. Before, where not nil, makes each run ready and is not
// measured.
func best(ctx context.Context, runs int, before, do func() error) (cost, error) {
	var least cost
	for i := range runs {
		if err := ctx.Err(); err != nil {
			return cost{}, err
		}
		if before != nil {
			if err := before(); err != nil {
				return cost{}, err
			}
		}
		runtime.GC()
		c, err := timed(do)
		if err != nil {
			return cost{}, err
		}
		if i == 0 || c.cpu < least.cpu {
			least = c
		}
	}
	return least, nil
}

// measure states the limit of a piece of work, runs it, and adds the row to the report.
func (b *bench) measure(row Row, work limit.Item, runs int, before, do func() error) (*Row, error) {
	b.announce(&row, work)
	c, err := best(b.ctx, runs, before, do)
	if err != nil {
		return nil, err
	}
	row.CPU, row.Wall, row.Runs = c.cpu, c.wall, runs
	return b.add(row), nil
}

// announce says what comes and its limit.
func (b *bench) announce(row *Row, work limit.Item) {
	if work == nil {
		b.say("%s %s: no limit is known", row.Bar, row.What)
		return
	}
	least := work.Least()
	row.Limit, row.By = least.Seconds, least.By
	b.say("%s %s: limit %s (%s)", row.Bar, row.What, unit.Seconds(least.Seconds), least.By)
}

func (b *bench) add(row Row) *Row {
	b.report.Rows = append(b.report.Rows, row)
	return &b.report.Rows[len(b.report.Rows)-1]
}
