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

func TestNapkinLine(t *testing.T) {
	clock := time.Unix(0, 0)
	m := begin(func() time.Time { clock = clock.Add(4100 * time.Millisecond); return clock })
	got := m.Against(copying).String()
	want := "limit   3.2 s    network: 1.12 GB at 350 MB/s (measured 2026-11-22, this machine)\n" +
		"took    4.1 s    1.28 x the limit"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := m.Against(Series{}).String(); got != "took    8.2 s" {
		t.Errorf("without a limit: %q", got)
	}
}
