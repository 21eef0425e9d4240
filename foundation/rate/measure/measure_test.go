package measure

import (
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// TestEveryProbe runs each probe for a moment on this machine. Speeds are not asserted; that they are of this
// world is.
func TestEveryProbe(t *testing.T) {
	dir := t.TempDir()
	if err := OnDisk(dir); err != nil {
		t.Skip(err)
	}
	result, err := Run(t.Context(), Options{Groups: Groups(), Dir: dir, Quick: true, Today: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range result.Refused {
		t.Errorf("%s was refused: %v", r.Name, r.Reason)
	}
	for _, r := range result.Rates {
		published, _ := rate.Embedded().Get(r.Name)
		if r.Value < published.Low/100 || r.Value > published.High*100 {
			t.Errorf("%s: %s is out of this world; published %s", r.Name, r, published)
		}
		s := r.Samples
		if r.Low > r.Value || r.Value > r.High || s.N < minSlices || s.ValueLow > r.Value || s.ValueHigh < r.Value {
			t.Errorf("%s: %v is not within %v..%v or %v..%v of %d samples", r.Name, r.Value, r.Low, r.High, s.ValueLow, s.ValueHigh, s.N)
		}
		if r.Origin != rate.Measured || r.Date != "2026-11-28" || r.Verdict == "" || r.Conditions.CPU == "" || r.Conditions.Cores == 0 {
			t.Errorf("%s: %+v", r.Name, r)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%d files left behind", len(left))
	}
}

// TestPublishedPartners holds that each rate that is measured here has a published one of its kind, that its
// line for a reader is the same, and that no two probes have one name.
func TestPublishedPartners(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range Groups() {
		for _, p := range g.Probes {
			published, ok := rate.Embedded().Get(p.Name)
			if !ok || published.Kind != p.Kind || published.Of != p.Of {
				t.Errorf("%s: published is %+v", p.Name, published)
			}
			if seen[p.Name] || p.What == "" || p.How == "" || p.Ceiling <= 0 {
				t.Errorf("%s: twice, or without a line for a reader or a ceiling", p.Name)
			}
			seen[p.Name] = true
		}
	}
}

func TestWords(t *testing.T) {
	o := Options{Groups: Groups(), Words: []string{"fsync", "hash.sha"}}
	if n, err := o.Count(); n != 3 || err != nil {
		t.Errorf("%d probes, %v; want fsync and two hashes", n, err)
	}
	o.Words = append(o.Words, "warp")
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), `"warp"`) {
		t.Errorf("an unknown word: %v", err)
	}
}

// TestInterrupt ends the context within a probe: no rate comes back, and what the probe and its group made is
// closed.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, closed := honest(), []string{}
	setup := p.Setup
	p.Setup = func(ctx context.Context, env Env) (Work, error) {
		work, err := setup(ctx, env)
		run := work.Run
		work.Run = func(n int) (uint64, error) { cancel(); return run(n) }
		work.Close = func() error { closed = append(closed, "probe"); return nil }
		return work, err
	}
	g := Group{Name: "g", Probes: []Probe{honest(), p}, Open: func(context.Context, Env) (func() error, error) {
		return func() error { closed = append(closed, "group"); return nil }, nil
	}}
	result, err := Run(ctx, Options{Groups: []Group{g}, Quick: true})
	if !errors.Is(err, context.Canceled) || len(result.Rates) != 0 {
		t.Errorf("%d rates, %v", len(result.Rates), err)
	}
	if !slices.Equal(closed, []string{"probe", "group"}) {
		t.Errorf("closed: %v", closed)
	}
}

// TestGroupThatDoesNotOpen holds that its probes are refused as one, and counted as done.
func TestGroupThatDoesNotOpen(t *testing.T) {
	done, closed := 0, false
	g := Group{Name: "server", Probes: []Probe{honest(), honest()}, Open: func(context.Context, Env) (func() error, error) {
		return func() error { closed = true; return nil }, errors.New("no server")
	}}
	result, err := Run(t.Context(), Options{Groups: []Group{g}, Quick: true, Done: func() { done++ }})
	if err != nil || len(result.Refused) != 1 || result.Refused[0].Name != "server" || done != 2 || !closed {
		t.Errorf("%+v, %v, %d done, closed %v", result, err, done, closed)
	}
}

// TestBootstrap compares intervals with those of the plain method, which draws and sorts.
func TestBootstrap(t *testing.T) {
	samples := make([]float64, 201)
	for i := range samples {
		samples[i] = float64(i)
	}
	low, high := bootstrap(samples, 0.5)
	// The median of 201 uniform samples has a standard error of 0.5/sqrt(201) of the range: 7.1 ranks.
	if math.Abs(low-(100-13.9)) > 4 || math.Abs(high-(100+13.9)) > 4 {
		t.Errorf("median: %v to %v, want about 86 to 114", low, high)
	}
	if low, high := bootstrap(samples, fastQuantile); low > 20 || high < 20 || high-low > 25 {
		t.Errorf("fastest tenth: %v to %v", low, high)
	}
	if low, high := bootstrap([]float64{2, 2, 2}, 0.5); low != 2 || high != 2 {
		t.Errorf("three equal samples: %v to %v", low, high)
	}
}

// TestCircle walks small circles to their end: each place once, and where a jump says.
func TestCircle(t *testing.T) {
	for width := 3; width <= 12; width++ {
		nodes, seen, at := circle(width), map[uint64]bool{}, place(0, width)
		for steps := range uint64(len(nodes)) {
			if want := place(jump(0, steps, uint64(len(nodes)-1)), width); at != want {
				t.Fatalf("width %d: step %d is at %d, a jump says %d", width, steps, at, want)
			}
			seen[at] = true
			at = nodes[at].next
		}
		if len(seen) != len(nodes) || at != place(0, width) {
			t.Errorf("width %d: %d of %d places, ends at %d", width, len(seen), len(nodes), at)
		}
	}
}

// TestBinaryFormat holds that the two directions agree on all records.
func TestBinaryFormat(t *testing.T) {
	list := records()
	document, err := binaryWriter(nil, list)
	if err != nil {
		t.Fatal(err)
	}
	got, err := binaryReader(document)
	if err != nil || digest(got) != digest(list) || got[17].Customer != list[17].Customer || !slices.Equal(got[17].Tags, list[17].Tags) {
		t.Errorf("%v, %+v", err, got[17])
	}
}

// TestHost reads this machine's own files, where there are some.
func TestHost(t *testing.T) {
	if host.proc.Read("stat") == "" {
		t.Skip("no /proc here")
	}
	if before, after := host.cpuTicks(), host.cpuTicks(); before.all == 0 || before.busy == 0 || after.all < before.all {
		t.Errorf("ticks %+v, then %+v", before, after)
	}
	cpu, ok := host.proc.TreeCPU(os.Getpid())
	if !ok || cpu < 0 {
		t.Errorf("own CPU time %v, %v", cpu, ok)
	}
	if _, ok := host.proc.TreeCPU(-1); ok {
		t.Error("a process that is not there has CPU time")
	}
}

// TestMeanOf holds the mean and its margin to the closed form of the numbers 0 to n-1.
func TestMeanOf(t *testing.T) {
	const n = 400
	samples := make([]float64, n)
	for i := range samples {
		samples[i] = float64(i)
	}
	mean, margin := meanOf(samples)
	if want := 1.96 * math.Sqrt(float64(n*(n+1))/12/n); math.Abs(mean-(n-1)/2.0) > 1e-9 || math.Abs(margin/want-1) > 1e-9 {
		t.Errorf("%v ± %v, want %v ± %v", mean, margin, (n-1)/2.0, want)
	}
}
