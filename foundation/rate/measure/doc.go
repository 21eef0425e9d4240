// Package measure finds the base rates of the machine at hand: memory, CPU, system calls, loopback
// network, disk. The rates of databases are measured by the same harness from foundation/database/dbrate.
//
// A [Probe] is one rate. Its work runs in slices of 1 to 5 ms, so that a neighbour's time slice spoils
// few of them, and after each slice the work proves itself: it returned a checksum of what it did, which
// is compared with one that was found in another way (a closed form, a second implementation, a read of
// the file). Work that was skipped, by the compiler or by mistake, is an error and never a rate; so is a
// rate above what hardware can do ([Probe.Ceiling]).
//
// What a rate's value is depends on what bounds it. Work that only needs the CPU is timed by the CPU time
// it used, and its value is that of the fastest tenth of its slices: both survive a busy machine, where
// wall time doubles. Work that waits for something, a disk or another process, is timed by the wall clock
// and its value is the median. Clocks are monotonic; a change of the date does nothing.
//
// Each rate carries the floor, the median and the 95th percentile of its samples, a bootstrap interval of
// its value, the conditions (CPU, kernel, file system, pressure, steal, limit of the control group), and
// a verdict: quiet, noisy or invalid. docs/rates.md tells the rules.
//
// The package writes only below the folder it is given and removes what it wrote. It keeps nothing.
package measure

import (
	"context"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// Clock says how the work of a probe is timed, and with it how its value is chosen.
type Clock int

// Clocks of probes.
const (
	// Wall is for work that waits: the value is the median of the samples.
	Wall Clock = iota
	// ThreadCPU is for work that one thread does without waiting: CPU time of that thread, fastest tenth.
	ThreadCPU
	// ProcessCPU is for CPU work of several goroutines: CPU time of the process, fastest tenth.
	ProcessCPU
)

// Probe measures one rate.
type Probe struct {
	Name string // of the rate, as in the published table
	Kind rate.Kind
	Of   string // what a throughput counts: "B", "row"
	What string // one line for a reader, as in the published table
	How  string // what one operation of the probe is: the first half of the rate's source

	Clock Clock
	// Each is the amount of Of that one operation does, 1 if zero; a latency has none.
	Each float64
	// Ceiling is what no hardware can do, in the unit of the value: a latency below it or a throughput
	// above it is an error.
	Ceiling float64
	// Shared marks work whose speed depends on caches or memory that other cores, and other guests of a host,
	// use too. It is set up and measured in several rounds apart in time, which must agree.
	Shared bool
	// Single makes each operation a sample of its own. It is for operations that wait, whose 95th percentile
	// means something.
	Single bool
	// Setup makes what the work needs, anew for each round. It is not timed.
	Setup func(ctx context.Context, env Env) (Work, error)
}

// Work is a probe made ready.
type Work struct {
	// Run does n operations and returns a checksum of what they did.
	Run func(n int) (sum uint64, err error)
	// Verify says whether sum is what n operations must give. It is called once after each Run, before the
	// next, and finds the sum in another way than Run does.
	Verify func(n int, sum uint64) error
	// Prepare, if not nil, is called before each Run and not timed.
	Prepare func() error
	// Each, if not zero, stands before that of the probe, for amounts that only Setup can know.
	Each float64
	// Close, if not nil, removes what Setup made. It is called once, also after failures and at Ctrl-C.
	Close func() error
}

// Env is what probes are given.
type Env struct {
	Dir   string // disk probes write below it
	Quick bool   // smaller files and tables
}

// Group is probes that need one thing, such as a server, which is made before the first of them.
type Group struct {
	Name   string // "memory", "postgres"
	Disk   bool   // its probes wait for the disk, so that a busy one disturbs them
	Probes []Probe
	// Open, if not nil, makes what the probes share. Close is called when they are done, if it is not nil.
	Open func(ctx context.Context, env Env) (close func() error, err error)
}

// Groups returns all that this package can measure, in the order in which it is best measured.
func Groups() []Group {
	return []Group{
		{Name: "cpu", Probes: concat(systemProbes(), syncProbes(), hashProbes(), sortProbes(), formatProbes(), []Probe{xmlProbe()}, compressProbes())},
		{Name: "memory", Probes: concat(memoryProbes(), touchProbes())},
		{Name: "network", Probes: concat(networkProbes(), tlsProbes())},
		{Name: "disk", Disk: true, Probes: diskProbes()},
	}
}

func concat(lists ...[]Probe) []Probe {
	var all []Probe
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
