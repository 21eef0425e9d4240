package scale

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// runs makes times of a law with the given relative noise.
func runs(law func(n float64) float64, noise float64, repeats int, random *rand.Rand, sizes ...float64) []Sample {
	var all []Sample
	for _, n := range sizes {
		for range repeats {
			all = append(all, Sample{Rows: n, Seconds: law(n) * math.Exp(noise*random.NormFloat64())})
		}
	}
	return all
}

// TestCoverage extrapolates laws whose truth is known: nine of ten next runs must lie inside, and the
// interval must not be wider than it has to.
func TestCoverage(t *testing.T) {
	for name, c := range map[string]struct {
		law    func(n float64) float64
		growth Growth
		noise  float64
		widest float64
	}{
		"a scan":                       {func(n float64) float64 { return 0.01 + 1e-7*n }, Linear, 0.08, 3},
		"a rewrite without fixed part": {func(n float64) float64 { return 2e-6 * n }, Linear, 0.05, 2},
		"an index build":               {func(n float64) float64 { return 3e-8 * n * math.Log2(n) }, Sorting, 0.08, 3},
		"rows that cost more and more": {func(n float64) float64 { return 1e-6 * math.Pow(n, 1.05) }, Linear, 0.05, 3},
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			inside, trials, widest := 0, 2000, 0.0
			for range trials {
				p := Fit(runs(c.law, c.noise, 3, random, 1e5, 3e5, 1e6), c.growth, 3e6, SameMachine)
				if !p.Estimated() {
					t.Fatal(p.NotEstimated)
				}
				if truth := c.law(3e6) * math.Exp(c.noise*random.NormFloat64()); p.Low <= truth && truth <= p.High {
					inside++
				}
				widest = max(widest, p.Ratio())
			}
			if part := float64(inside) / float64(trials); part < 0.9 {
				t.Errorf("%.1f %% inside the interval of 90 %%", part*100)
			}
			if widest > c.widest {
				t.Errorf("an interval is %.2f times as high as low", widest)
			}
		})
	}
}

func TestFitFindsTheLine(t *testing.T) {
	for name, c := range map[string]struct {
		samples []Sample
		growth  Growth
		want    Model
	}{
		"exact":             {[]Sample{{1000, 2}, {2000, 3}, {4000, 5}}, Linear, Model{Linear, 1, 0.001}},
		"through zero":      {[]Sample{{1000, 1}, {2000, 2}}, Linear, Model{Linear, 0, 0.001}},
		"no negative part":  {[]Sample{{1000, 0.9}, {2000, 2.1}}, Linear, Model{Linear, 0, 0.00096353}},
		"does not grow":     {[]Sample{{1000, 2}, {2000, 2}, {4000, 2}}, Linear, Model{Linear, 2, 0}},
		"shrinks":           {[]Sample{{1000, 2.1}, {2000, 2}, {4000, 1.9}}, Linear, Model{Linear, 1.9933, 0}},
		"n log n":           {[]Sample{{1024, 1.1024}, {4096, 1.4915}}, Sorting, Model{Sorting, 1, 1e-5}},
		"nothing is no run": {[]Sample{{1000, 2}, {2000, 3}, {4000, 5}, {0, 7}, {5000, 0}}, Linear, Model{Linear, 1, 0.001}},
	} {
		p := Fit(c.samples, c.growth, 1e6, SameMachine)
		if !p.Estimated() {
			t.Errorf("%s: %s", name, p.NotEstimated)
		}
		if math.Abs(p.Model.Fixed-c.want.Fixed) > 0.001 || math.Abs(p.Model.PerUnit-c.want.PerUnit) > 0.01*c.want.PerUnit+1e-12 {
			t.Errorf("%s: %+v, want %+v", name, p.Model, c.want)
		}
	}
}

func TestNotEstimated(t *testing.T) {
	for want, samples := range map[string][]Sample{
		"not run":       nil,
		"one size only": {{1000, 1}, {1000, 1.1}},
		"a line":        {{1000, 1}, {1000, 20}, {2000, 1}, {2000, 40}, {3000, 0.5}},
	} {
		if p := Fit(samples, Linear, 1e6, SameMachine); p.Estimated() || !strings.Contains(p.NotEstimated, want) || p.High != 0 {
			t.Errorf("want %q, got %+v", want, p)
		}
	}
	if p := Fit([]Sample{{1, 1}, {2, 2}}, Linear, 0, SameMachine); p.Estimated() {
		t.Errorf("a time for no known number of rows: %+v", p)
	}
}

func TestIntervalsWiden(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	samples := runs(func(n float64) float64 { return 1e-6 * n }, 0.05, 3, random, 1e5, 3e5, 1e6)
	near, far := Fit(samples, Linear, 2e6, SameMachine), Fit(samples, Linear, 2e9, SameMachine)
	if near.Ratio() >= far.Ratio() || far.Ratio() > 30 {
		t.Errorf("from a thousand times fewer rows %.2f, from half %.2f", far.Ratio(), near.Ratio())
	}
	slower := Fit(samples, Linear, 2e6, Machine{Ratio: 2, Spread: 0.3})
	if math.Abs(slower.Median/near.Median-2) > 1e-9 || slower.Ratio() <= near.Ratio() {
		t.Errorf("on a machine half as fast %+v, here %+v", slower, near)
	}
}

func TestStudent(t *testing.T) {
	for freedom, want := range map[int]float64{1: 6.314, 5: 2.015, 16: 1.746, 20: 1.725, 30: 1.697, 1000: 1.646} {
		if got := student95(freedom); math.Abs(got-want) > 0.002 {
			t.Errorf("%d degrees of freedom: %.4f, want %.3f", freedom, got, want)
		}
	}
}

func TestCompare(t *testing.T) {
	measured := func(name string, v float64, kind rate.Kind) rate.Rate {
		return rate.Rate{Name: name, Kind: kind, Value: v, Origin: rate.Measured, Date: time.Unix(0, 0).Format(time.DateOnly)}
	}
	here := rate.NewProfile(measured("hash.sha1", 1e9, rate.Throughput), measured("memory.read.random", 100e-9, rate.Latency), measured("fsync", 1e-3, rate.Latency))
	production := rate.NewProfile(measured("hash.sha1", 2e9, rate.Throughput), measured("memory.read.random", 50e-9, rate.Latency), measured("fsync", 9e-3, rate.Latency))
	if m := Compare(here, production); math.Abs(m.Ratio-0.5) > 1e-9 || m.Spread < 0.1 {
		t.Errorf("a machine twice as fast: %+v", m)
	}
	if m := Compare(here, nil); m != SameMachine {
		t.Errorf("without a profile: %+v", m)
	}
	if m := Compare(here, rate.Embedded()); m.Ratio != 1 || !strings.Contains(m.Basis, "no measured rate") {
		t.Errorf("published rates stand for a machine: %+v", m)
	}
}

func TestFloor(t *testing.T) {
	table := &Table{Rows: 1e6, Heap: 1e9, IndexBytes: 1e8}
	rates := rate.NewProfile(
		rate.Rate{Name: rate.DiskReadSequential, Kind: rate.Throughput, Value: 1e8, Of: "B"},
		rate.Rate{Name: rate.PostgresSeqScan, Kind: rate.Throughput, Value: 1e9, Of: "B"},
		rate.Rate{Name: rate.PostgresScanRows, Kind: rate.Throughput, Value: 1e7, Of: "row"},
		rate.Rate{Name: rate.PostgresIndexBuild, Kind: rate.Throughput, Value: 5e5, Of: "row"},
	)
	for name, c := range map[string]struct {
		s      Signature
		memory float64
		want   float64
		by     string
	}{
		"a scan in memory":  {Signature{Passes: 1}, 2e9, 1, "reading the table:"},
		"a scan from disk":  {Signature{Passes: 1}, 1e8, 10, "from disk"},
		"an index":          {Signature{Passes: 1, Indexes: 1}, 2e9, 2.1, "sorting"},
		"a rewrite":         {Signature{Passes: 1, Rewrite: true, WAL: 1000}, 2e9, 21, "writing"},
		"of a catalog only": {Signature{}, 2e9, 0, ""},
	} {
		b := Floor(c.s, table, 0, rates)
		if c.memory > 0 {
			b = Floor(c.s, table, bytes64(c.memory), rates)
		}
		if math.Abs(b.Seconds-c.want) > 1e-6 || !strings.Contains(b.By, c.by) {
			t.Errorf("%s: %v s by %q, want %v by %q", name, b.Seconds, b.By, c.want, c.by)
		}
	}
}
