package measure

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// Options of a run.
type Options struct {
	Groups []Group
	Words  []string // measure only rates whose name holds one of them; none means all
	Dir    string   // probes write below it; "" for the folder of temporary files
	Quick  bool     // a third of the time for each probe, smaller files and tables
	Today  time.Time
	// Began, if not nil, is called before each probe, and before a group's servers are started, with what
	// is being done: a line for a progress bar.
	Began func(what string)
	// Done, if not nil, is called after each probe.
	Done func()
}

// Refusal is a rate that could not be measured, or a group of them.
type Refusal struct {
	Name   string // of the rate or of the group
	Reason error  // a sentence
}

// Result of a run.
type Result struct {
	Rates   []rate.Rate // in the order of measurement
	Refused []Refusal
	Sampled time.Duration // what the probes were given for their samples, all together
}

// Budgets of one probe, the time for its samples, half as much again for one of several rounds. Some 90 probes
// stay within the promise of 60 and 20 seconds with their set-up.
const (
	fullBudget  = 300 * time.Millisecond
	quickBudget = 80 * time.Millisecond
)

// Run measures. A probe that fails is refused and the others go on; only the end of ctx ends the run, and
// then the result is empty and the error that of ctx: a profile is whole or it is not there.
//
// Probes run one after the other, since each would be the noise of the next.
func Run(ctx context.Context, o Options) (Result, error) {
	groups, err := selectWords(o.Groups, o.Words)
	if err != nil {
		return Result{}, err
	}
	var result Result
	env := Env{Dir: o.Dir, Quick: o.Quick}
	machine := describe(o.Dir)
	for _, g := range groups {
		if err := o.group(ctx, g, env, machine, &result); err != nil {
			return Result{}, err
		}
	}
	return result, nil
}

// Count returns how many probes a run with these options has, and an error where a word selects none.
func (o Options) Count() (int, error) {
	groups, err := selectWords(o.Groups, o.Words)
	n := 0
	for _, g := range groups {
		n += len(g.Probes)
	}
	return n, err
}

func (o Options) group(ctx context.Context, g Group, env Env, machine rate.Conditions, result *Result) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if g.Open != nil {
		if o.Began != nil {
			o.Began("starting " + g.Name)
		}
		closeGroup, err := g.Open(ctx, env)
		if err != nil && closeGroup != nil {
			err = errors.Join(err, closeGroup())
		}
		if ctx.Err() != nil {
			if err == nil && closeGroup != nil {
				_ = closeGroup() // the end of the context is the error
			}
			return ctx.Err()
		}
		if err != nil {
			result.Refused = append(result.Refused, Refusal{g.Name, err})
			for range g.Probes {
				o.done()
			}
			return nil
		}
		if closeGroup != nil {
			defer func() {
				if failed := closeGroup(); failed != nil {
					result.Refused = append(result.Refused, Refusal{g.Name, fmt.Errorf("clear away: %w", failed)})
				}
			}()
		}
	}
	machine.IdleCPU, machine.IdleIO = host.idle(ctx, idleMoment)
	return o.probes(ctx, g, env, machine, result)
}

// probes measures those of a group: all of them once, then those of several rounds again and again, so that
// time passes between the rounds of one.
func (o Options) probes(ctx context.Context, g Group, env Env, machine rate.Conditions, result *Result) error {
	harnesses := make([]harness, len(g.Probes))
	failed := make([]error, len(g.Probes))
	for turn := range roundsOfShared {
		for i, p := range g.Probes {
			h := &harnesses[i]
			if turn == 0 {
				*h = newHarness(p, g.Disk, env)
			}
			if turn >= h.turns || failed[i] != nil {
				continue
			}
			if o.Began != nil {
				o.Began(p.Name)
			}
			failed[i] = h.round(ctx, env)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			result.Sampled += h.budget
			if turn == h.turns-1 || failed[i] != nil {
				o.done()
			}
		}
	}
	for i, p := range g.Probes {
		r, err := rate.Rate{}, failed[i]
		if err == nil {
			r, err = harnesses[i].judge(machine)
		}
		if err != nil {
			result.Refused = append(result.Refused, Refusal{p.Name, err})
			continue
		}
		r.Date = o.Today.Format(time.DateOnly)
		result.Rates = append(result.Rates, r)
	}
	return nil
}

func (o Options) done() {
	if o.Done != nil {
		o.Done()
	}
}

// selectWords keeps the probes whose name holds one of the words.
func selectWords(groups []Group, words []string) ([]Group, error) {
	if len(words) == 0 {
		return groups, nil
	}
	used := make([]bool, len(words))
	var selected []Group
	for _, g := range groups {
		var probes []Probe
		for _, p := range g.Probes {
			hit := false
			for i, w := range words {
				if strings.Contains(p.Name, w) {
					used[i], hit = true, true
				}
			}
			if hit {
				probes = append(probes, p)
			}
		}
		if len(probes) > 0 {
			g.Probes = probes
			selected = append(selected, g)
		}
	}
	if i := slices.Index(used, false); i >= 0 {
		return nil, fmt.Errorf("no rate that can be measured has %q in its name; docs/rates.md lists them all", words[i])
	}
	return selected, nil
}

const (
	// sliceAim is the length of a slice: the clocks' own cost, some 100 ns, is nothing in it, and a neighbour's
	// time slice spoils few of them.
	sliceAim = 2 * time.Millisecond
	// sliceOfMany is the aim for work of several goroutines, so that each slice holds its share of the garbage
	// collector's work.
	sliceOfMany = 5 * time.Millisecond
	// idleMoment is how long the harness does nothing at the beginning of a group, to see what others do.
	idleMoment = 100 * time.Millisecond
	minSlices  = 11
	maxSlices  = 3000
	// roundsOfShared is how often a probe of shared caches or memory is set up and measured, with half of a
	// probe's budget each time. Within one round its samples agree and yet tell of one placement of its pages and
	// of one moment of the caches, which neighbours on the host use too and nobody reports. Odd, so that one
	// of the rounds is the median.
	roundsOfShared = 3
)

// clocks are what a harness reads. Each returns the time since some moment and never runs backwards.
type clocks struct {
	wall, thread, process func() time.Duration
}

// harness runs one probe, in one round or in several.
type harness struct {
	probe  Probe
	disk   bool          // the probe's group works on the disk
	turns  int           // how many rounds the probe is measured in
	budget time.Duration // of a round
	clocks clocks

	rounds []round
	seen   seen // of all rounds
}

// round is the samples of a probe from one set-up: seconds per operation.
type round struct {
	samples []float64
	n       int // operations in a slice
}

func newHarness(p Probe, disk bool, env Env) harness {
	h := harness{probe: p, disk: disk, turns: 1, budget: fullBudget, clocks: systemClocks()}
	if env.Quick {
		h.budget = quickBudget
	}
	if p.Shared {
		h.turns, h.budget = roundsOfShared, h.budget/2
	}
	return h
}

// round sets the probe up and takes samples until the budget is spent.
func (h *harness) round(ctx context.Context, env Env) (err error) {
	if h.probe.Clock == ThreadCPU {
		// The CPU time of a thread is that of this goroutine only while the goroutine stays on it. Others are
		// free: a goroutine that holds a thread switches by way of the kernel.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	if h.turns > 1 {
		debug.FreeOSMemory() // so that this round's memory is not that of the one before
	}
	work, err := h.probe.Setup(ctx, env)
	if work.Close != nil {
		defer func() {
			if failed := work.Close(); failed != nil && err == nil {
				err = fmt.Errorf("clear away: %w", failed)
			}
		}()
	}
	if err != nil {
		return err
	}
	if work.Each > 0 {
		h.probe.Each = work.Each
	}
	runtime.GC() // the set-up's garbage is not the probe's
	n, err := h.calibrate(work)
	if err != nil {
		return err
	}
	watch := startWatch()
	var samples []float64
	least := (minSlices + h.turns - 1) / h.turns
	for began := h.clocks.wall(); len(samples) < least || len(samples) < maxSlices && h.clocks.wall()-began < h.budget; {
		if err := ctx.Err(); err != nil {
			return err
		}
		took, err := h.slice(work, n)
		if err != nil {
			return err
		}
		samples = append(samples, took.Seconds()/float64(n))
	}
	h.seen.add(watch)
	h.rounds = append(h.rounds, round{samples, n})
	return nil
}

// calibrate finds how many operations fill a slice.
func (h *harness) calibrate(work Work) (int, error) {
	if h.probe.Single {
		_, err := h.slice(work, 1)
		return 1, err
	}
	n, aim := 1, sliceAim
	if h.probe.Clock == ProcessCPU {
		aim = sliceOfMany
	}
	for {
		took, err := h.slice(work, n)
		if err != nil {
			return 0, err
		}
		if took >= aim/2 {
			// A hiccup makes a short slice look long; then the cost of beginning a slice would be counted as work.
			again, err := h.slice(work, n)
			if err != nil {
				return 0, err
			}
			took = min(took, again)
		}
		if took >= aim/2 {
			return max(1, int(float64(n)*float64(aim)/float64(took))), nil
		}
		if n > 1<<40 {
			return 0, fmt.Errorf("a million million operations took %v: the probe does nothing", took)
		}
		// At most eightfold: the first operations are slow and tell little of the next.
		n = min(n*8, max(n+1, int(float64(n)*float64(aim)/float64(max(took, time.Microsecond)))+1))
	}
}

// slice times n operations and verifies them.
func (h *harness) slice(work Work, n int) (time.Duration, error) {
	if work.Prepare != nil {
		if err := work.Prepare(); err != nil {
			return 0, err
		}
	}
	clock := h.clocks.wall
	switch h.probe.Clock {
	case ThreadCPU:
		clock = h.clocks.thread
	case ProcessCPU:
		clock = h.clocks.process
	}
	began := clock()
	sum, err := work.Run(n)
	took := clock() - began
	if err != nil {
		return 0, err
	}
	if err := work.Verify(n, sum); err != nil {
		return 0, fmt.Errorf("the work does not verify, so its time means nothing: %w", err)
	}
	if took < 0 {
		return 0, errors.New("the clock ran backwards; measure again")
	}
	return took, nil
}

// sameSum is the Verify of most probes.
func sameSum(got, want uint64) error {
	if got != want {
		return fmt.Errorf("checksum %016x, want %016x", got, want)
	}
	return nil
}
