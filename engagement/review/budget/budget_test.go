package budget

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/unit"
)

func perSecond(n float64) unit.Rate { return unit.Rate{PerSecond: n, Of: "request"} }

func TestLoad(t *testing.T) {
	l := Load{perSecond(2000), 100}
	if got, ok := l.Stall(); !ok || got != 50*time.Millisecond {
		t.Errorf("100 connections at 2000 requests/s stand still after %s, want 50ms", got)
	}
	if got := l.Delayed(100 * time.Millisecond); got != 200 {
		t.Errorf("a tenth of a second delays %v requests, want 200", got)
	}
	if got := l.Timeout(); got != 25*time.Millisecond {
		t.Errorf("timeout %s, want half of 50 ms", got)
	}
	for name, c := range map[string]struct {
		load Load
		want time.Duration
	}{
		"no arrivals": {Load{perSecond(0), 100}, 2 * time.Second},
		"few":         {Load{perSecond(1), 100}, 2 * time.Second},
		"flood":       {Load{perSecond(1e6), 10}, 10 * time.Millisecond},
	} {
		if got := c.load.Timeout(); got != c.want {
			t.Errorf("%s: timeout %s, want %s", name, got, c.want)
		}
	}
	for _, want := range []string{"50 ms", "100 connections", "25 ms", "at most 50 requests"} {
		if !strings.Contains(l.String(), want) {
			t.Errorf("%q does not say %q", l, want)
		}
	}
}

// TestFree compares the formula with a simulation of transactions that come and go.
func TestFree(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for name, length := range map[string]func() float64{
		"exponential": func() float64 { return random.ExpFloat64() * 0.2 },
		"constant":    func() float64 { return 0.3 },
		"few long":    func() float64 { return map[bool]float64{true: 3, false: 0.01}[random.IntN(20) == 0] },
	} {
		t.Run(name, func(t *testing.T) {
			const rate, horizon = 4.0, 40_000.0
			const within = 0.25
			sample := Transactions{Rate: unit.Rate{PerSecond: rate, Of: "transaction"}}
			var ends [][2]float64
			for at := random.ExpFloat64() / rate; at < horizon; at += random.ExpFloat64() / rate {
				l := length()
				sample.Lengths = append(sample.Lengths, seconds(l))
				ends = append(ends, [2]float64{at, at + l})
			}
			free, asked, first := 0, 0, 0
			for at := 10.0; at < horizon-10; at += 1.37 {
				for ends[first][0] < at-5 {
					first++
				}
				ok := true
				for _, e := range ends[first:] {
					if e[0] > at {
						break
					}
					ok = ok && e[1] <= at+within
				}
				asked++
				if ok {
					free++
				}
			}
			seen, formula := float64(free)/float64(asked), sample.Free(seconds(within))
			if math.Abs(seen-formula) > 0.02 {
				t.Errorf("simulated %.3f, by the formula %.3f", seen, formula)
			}
			if got := sample.Tries(seconds(within)); math.Abs(got*formula-1) > 1e-9 {
				t.Errorf("%f tries at a chance of %f", got, formula)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	l := Load{perSecond(100), 100} // half of the pool waits after 500 ms
	long := Transactions{Lengths: []time.Duration{300 * time.Millisecond}, Rate: unit.Rate{PerSecond: 10, Of: "transaction"}}
	timeouts := []time.Duration{2 * time.Second, 50 * time.Millisecond, 400 * time.Millisecond}
	if got := Choose(l, long, timeouts); got.Timeout != 400*time.Millisecond || got.Tries != 1 {
		t.Errorf("chose %+v: 400 ms outlasts every transaction", got)
	}
	if got := Choose(Load{perSecond(1e5), 100}, long, timeouts); got.Timeout != 50*time.Millisecond {
		t.Errorf("chose %+v although only the shortest is near the budget", got)
	}
	endless := Transactions{Lengths: []time.Duration{time.Hour}, Rate: unit.Rate{PerSecond: 1, Of: "transaction"}}
	if s := PlanFor(l, endless, time.Second).String(); !strings.Contains(s, "hardly ever") {
		t.Errorf("%q", s)
	}
	if s := PlanFor(l, long, 200*time.Millisecond).String(); !strings.Contains(s, "2.72 tries") || !strings.Contains(s, "at most 20 requests") {
		t.Errorf("%q", s)
	}
}

// TestStanding: the interval of a hold against 250 ms.
func TestStanding(t *testing.T) {
	load := Load{Arrivals: unit.Rate{PerSecond: 200}, Pool: 50}
	const ms = time.Millisecond
	for _, tt := range []struct {
		low, high time.Duration
		want      Standing
	}{
		{0, 0, FarUnder}, {1 * ms, 24 * ms, FarUnder}, {1 * ms, 25 * ms, Under}, {100 * ms, 249 * ms, Under}, {1 * ms, 250 * ms, MayReach}, {249 * ms, time.Hour, MayReach}, {250 * ms, time.Second, Over},
	} {
		if got := load.Standing(tt.low, tt.high); got != tt.want {
			t.Errorf("%s to %s: %s, want %s", tt.low, tt.high, got, tt.want)
		}
	}
	if got := (Load{Pool: 50}).Standing(time.Hour, time.Hour); got != FarUnder {
		t.Errorf("without requests: %s", got)
	}
	if got := load.Fills(); got != "the pool of 50 at 200/s fills in 250 ms" {
		t.Error(got)
	}
}
