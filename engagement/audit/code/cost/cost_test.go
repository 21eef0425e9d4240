package cost

import (
	"math"
	"testing"

	"github.com/napkin-infra/napkin/foundation/report"
)

// TestDollars: a price needs a rate that the user gave, counts processor time only, and says where it
// comes from.
func TestDollars(t *testing.T) {
	guess := func(string) (float64, string) { return 1e6, "like any other" }
	if c := (&Model{Guess: guess}).Scan("orders", "request"); c.Dollars != 0 {
		t.Errorf("without --rps a scan costs $%v a month", c.Dollars)
	}
	m := &Model{Guess: guess, RPS: 200}
	scan := m.Scan("orders", "request")
	// 200 ms of scanning x 200 a second = 40 processors x 730 h x $0.045.
	if want := (scan.Now - scan.Fixed) / 1000 * 200 * 730 * 0.045; math.Abs(scan.Dollars-want) > 1e-6 || scan.Dollars < 1000 {
		t.Errorf("a scan costs $%v a month, want $%v", scan.Dollars, want)
	}
	if c := m.Scan("orders", "run"); c.Dollars != 0 {
		t.Errorf("a scan of a task costs $%v a month at a rate of requests", c.Dollars)
	}
	rows := Assume("R", 50, "rows", "")
	n1 := m.PerRow(rows, 1, 1, "request")
	// The round trips are waiting: only q of each of the 49 statements counts.
	if want := 49 * m.Statement().Value / 1000 * 200 * 730 * 0.045; math.Abs(n1.Dollars-want) > 1e-6 {
		t.Errorf("an N+1 costs $%v a month, want $%v", n1.Dollars, want)
	}
	rare := m.AtRate(m.PerRow(rows, 1, 1, "request"), m.Traffic(1, "a form"))
	if math.Abs(rare.Dollars-n1.Dollars/10) > 1e-6 {
		t.Errorf("a form at a tenth of the rate costs $%v, want $%v", rare.Dollars, n1.Dollars/10)
	}
	prices := 0
	for _, in := range m.ScanAndSort("orders", rows, "request").Inputs {
		if in.Name == "p" && in.Origin == report.Published {
			prices++
		}
	}
	if prices != 1 {
		t.Errorf("the price stands %d times among the inputs", prices)
	}
}
