package measure

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// TestRounds holds that what differs from one set-up to the next is in the interval of a rate and not only in
// its value, and that each round is set up and cleared away by itself.
func TestRounds(t *testing.T) {
	for name, c := range map[string]struct {
		each      []time.Duration // what a slice takes in each round
		value     float64
		low, high float64
		noisy     bool
	}{
		"alike":          {[]time.Duration{2000, 2000, 2000}, 2000e-9, 2000e-9, 2000e-9, false},
		"one is slower":  {[]time.Duration{2000, 2000, 2500}, 2000e-9, 2000e-9, 2500e-9, true},
		"all are unlike": {[]time.Duration{2500, 1500, 2000}, 2000e-9, 1500e-9, 2500e-9, true},
	} {
		round, now, closed := -1, time.Duration(0), 0
		clock := func() time.Duration {
			now += c.each[round]
			return now
		}
		p := honest()
		p.Clock, p.Single = ThreadCPU, true
		setup := p.Setup
		p.Setup = func(ctx context.Context, env Env) (Work, error) {
			round++
			work, err := setup(ctx, env)
			work.Close = func() error { closed++; return nil }
			return work, err
		}
		h := harness{probe: p, turns: len(c.each), budget: 100 * time.Microsecond, clocks: clocks{clock, clock, clock}}
		for range h.turns {
			if err := h.round(t.Context(), Env{}); err != nil {
				t.Fatal(err)
			}
		}
		r, err := h.judge(rate.Conditions{})
		if err != nil {
			t.Fatal(err)
		}
		s := r.Samples
		near := func(got, want float64) bool { return got > want*0.999 && got < want*1.001 }
		if !near(r.Value, c.value) || !near(s.ValueLow, c.low) || !near(s.ValueHigh, c.high) || c.noisy && r.Verdict == rate.Quiet {
			t.Errorf("%s: %v within %v..%v is %s, want %+v", name, r.Value, s.ValueLow, s.ValueHigh, r.Verdict, c)
		}
		if len(s.Rounds) != 3 || closed != 3 || s.N < minSlices || !slices.ContainsFunc(s.Rounds, func(v float64) bool { return v == r.Value }) {
			t.Errorf("%s: rounds %v of %d samples, %d closed", name, s.Rounds, s.N, closed)
		}
	}
}

// TestSharedHasRounds holds that all work on shared caches and memory is measured in rounds, and no other is.
func TestSharedHasRounds(t *testing.T) {
	for _, g := range Groups() {
		for _, p := range g.Probes {
			h, quick := newHarness(p, g.Disk, Env{}), newHarness(p, g.Disk, Env{Quick: true})
			if (h.turns > 1) != p.Shared || h.turns%2 == 0 || h.turns > roundsOfShared || quick.budget >= h.budget {
				t.Errorf("%s: %d rounds of %v, quick %v", p.Name, h.turns, h.budget, quick.budget)
			}
		}
	}
}
