package limit

import (
	"math"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/rate"
)

var (
	network = rate.Rate{Name: "network", Kind: rate.Throughput, Value: 350e6, Of: "B", Origin: rate.Measured, Date: "2026-11-22"}
	trip    = rate.Rate{Name: "trip", Kind: rate.Latency, Value: 0.5e-3, Origin: rate.Published, Date: "2026-11-23"}
	copying = Work{Name: "network", Amount: 1.12e9, Rate: network}                // 3.2 s
	asking  = Work{Name: "database", Amount: 2000, Of: "round trips", Rate: trip} // 1 s
)

func TestCombine(t *testing.T) {
	const byNetwork = "network: 1.12 GB at 350 MB/s (measured 2026-11-22, this machine)"
	const byDatabase = "database: 2k round trips of 500 µs (published, 2026-11-23)"
	lanes := copying
	lanes.Lanes = 4
	for name, c := range map[string]struct {
		item Item
		want float64
		by   string
	}{
		"throughput":         {copying, 3.2, byNetwork},
		"latency":            {asking, 1, byDatabase},
		"four lanes":         {lanes, 0.8, "network: 1.12 GB at 350 MB/s x 4 (measured 2026-11-22, this machine)"},
		"series adds":        {Series{copying, asking}, 4.2, byNetwork},
		"overlap is longest": {Overlapped{asking, copying}, 3.2, byNetwork},
		"nested":             {Overlapped{copying, Series{asking, asking, asking, asking}}, 4, byDatabase},
		// The series is longer than its parts, but the one part to make faster is the copy.
		"longest piece of work": {Series{asking, Overlapped{copying, asking}, asking}, 5.2, byNetwork},
		"nothing":               {Series{}, 0, ""},
		"no rate":               {Work{Name: "x", Amount: 5}, 0, ""},
	} {
		got := c.item.Least()
		if math.Abs(got.Seconds-c.want) > 1e-9 || got.By != c.by {
			t.Errorf("%s: %v s by %q, want %v s by %q", name, got.Seconds, got.By, c.want, c.by)
		}
	}
}

var start = rate.Rate{Name: rate.ProgramStart, Kind: rate.Latency, Value: 0.04, Low: 0.02, Origin: rate.Measured, Date: "2026-11-28", Samples: &rate.Samples{Floor: 0.03}}

func TestNapkinLine(t *testing.T) {
	published := start
	published.Samples, published.Origin = nil, rate.Published
	little := Work{Name: "network", Amount: 7000, Rate: network} // 20 µs
	for name, c := range map[string]struct {
		run   Run
		want  string
		ratio float64
	}{
		"work": {Run{Start(start), copying, 4100 * time.Millisecond},
			"limit   3.23 s    network: 1.12 GB at 350 MB/s (measured 2026-11-22, this machine)\n" +
				"took    4.1 s     1.27 x the limit", 4.1 / 3.23},
		"little work": {Run{Start(start), little, 35 * time.Millisecond},
			"limit   30 ms    starting the program: 1 process of 30 ms (measured 2026-11-28, this machine)\n" +
				"took    35 ms    no ratio: the work is too little to tell from the start, 20 µs at least (network: 7 kB at 350 MB/s (measured 2026-11-22, this machine))", 0},
		"no work": {Run{Start(published), Series{}, 35 * time.Millisecond},
			"limit   20 ms    starting the program: 1 process of 20 ms (published, 2026-11-28)\n" +
				"took    35 ms    no ratio: there is no work to speak of beside the start", 0},
		"a bound from elsewhere": {Run{Start(start), Bound{Seconds: 3.2, By: "what was told"}, 3230 * time.Millisecond},
			"limit   3.23 s    what was told\ntook    3.23 s    1 x the limit", 1},
		"an unknown limit": {Run{Start(start), nil, 8200 * time.Millisecond}, "took    8.2 s", 0},
	} {
		if got := c.run.String(); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
		j := c.run.JSON()
		if ratio, ok := c.run.Ratio(); math.Abs(ratio-c.ratio) > 1e-3 || ok != (c.ratio > 0) || j.Ratio != ratio {
			t.Errorf("%s: ratio %v, %v, in JSON %v; want %v", name, ratio, ok, j.Ratio, c.ratio)
		}
		if math.Abs(j.Seconds-j.Start-j.Work) > 1e-12 || j.Took != c.run.Took.Seconds() || j.Says == "" {
			t.Errorf("%s: JSON %+v", name, j)
		}
	}
}

func TestMeter(t *testing.T) {
	clock := time.Unix(0, 0)
	m := begin(func() time.Time { clock = clock.Add(4100 * time.Millisecond); return clock })
	if got := m.Against(copying); got.Took != 4100*time.Millisecond || math.Abs(got.Bound.Seconds-3.2) > 1e-9 {
		t.Errorf("%+v", got)
	}
}
