package main

import (
	"fmt"
	"syscall"
	"time"

	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// processStart is when the system started this process: now, less the CPU time that loading the program and
// setting up its packages took. What it waited meanwhile for a CPU or a disk is not in that, and no clock that
// is finer than 10 ms tells it.
func processStart() time.Time {
	now := time.Now()
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return now
	}
	return now.Add(-time.Duration(used.Utime.Nano() + used.Stime.Nano()))
}

// sofar is the run up to now beside its limit: the start of the program, and its work, nil where nobody knows
// the limit of that.
func (f *face) sofar(work limit.Item) limit.Run {
	profile, err := workspace.ThisMachine(f.getenv).Profile()
	if err != nil {
		profile = rate.Embedded() // the verb said so where it used a rate
	}
	start, _ := profile.Get(rate.ProgramStart) // the embedded table has it
	return limit.Run{Start: limit.Start(start), Work: work, Took: f.now().Sub(f.started)}
}

// napkinLine prints the limit of the run and how close it came. It is the last thing that a verb prints, on
// standard error whatever the form of the answer.
func (f *face) napkinLine(work limit.Item) {
	if !f.quiet {
		fmt.Fprintf(f.stderr, "\n%s\n", f.sofar(work))
	}
}

// reported is the work whose limit a report states; nil where it states none, as of rows that were only assumed.
func reported(l *report.Limit) limit.Item {
	if l == nil || l.Seconds <= 0 {
		return nil
	}
	return limit.Bound{Seconds: l.Seconds, By: l.Bound}
}
