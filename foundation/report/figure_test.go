package report

import "testing"

// TestSavings holds that a saving over time is told in one unit, and only where the frequency is known.
func TestSavings(t *testing.T) {
	for _, c := range []struct {
		cost Cost
		want string
	}{
		{Cost{Unit: "ms", Event: "request", PerDay: 5_250_000}, "saves 60.8 ms of request time per second"},
		{Cost{Unit: "ms", Event: "request", PerDay: 86_400_000 * 2.99}, "saves 2.99 s of request time per second"},
		{Cost{Unit: "s", PerDay: 86_400}, "saves 1 s per second"},
		{Cost{Unit: "ms", Event: "request", PerDay: 5_250_000, Inputs: []Input{{Name: "f", Value: 10, Unit: "1/s", Origin: Assumed}}}, ""},
		{Cost{Unit: "ms", Event: "request", PerDay: 86_400, Inputs: []Input{{Name: "f", Value: 10, Unit: "1/s", Origin: Flag}}}, "saves 1 ms of request time per second"},
		{Cost{Unit: "MB", Event: "request", PerDay: 52_000}, "saves 52 GB per day"},
		{Cost{Unit: "statements", PerDay: 1000, Dollars: 40}, "saves 1,000 statements per day, $40 per month"},
		{Cost{Unit: "ms"}, ""},
	} {
		if got := c.cost.savings(); got != c.want {
			t.Errorf("%v per day: %q, want %q", c.cost.PerDay, got, c.want)
		}
	}
}

func TestGainNamesNoRatioBeyondItsInputs(t *testing.T) {
	for _, c := range []struct {
		now, fixed float64
		want       string
	}{{3.6e6, 0.5, "over 10,000 times less"}, {50_000, 5, "10,000 times less"}, {100, 4, "25 times less"}, {100, 82, "18 % less"}, {7, 0, "gone"}} {
		if got := (&Cost{Now: c.now, Fixed: c.fixed}).gain(); got != c.want {
			t.Errorf("%v -> %v: %q, want %q", c.now, c.fixed, got, c.want)
		}
	}
}

func TestQuantityReadsLikeAUnit(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit string
		want string
	}{{3.6e6, "ms", "1 h"}, {100_000, "row/s", "100,000 rows/s"}, {10, "1/s", "10/s"}, {2e6, "/s", "2 million/s"}, {6e6, "B/s", "6 million B/s"}, {1, "statements", "1 statement"}} {
		if got := Quantity(c.v, c.unit); got != c.want {
			t.Errorf("%v %s: %q, want %q", c.v, c.unit, got, c.want)
		}
	}
	for v, want := range map[float64]string{1e5: "100 s", 1e6: "1,000 s", 60_000: "1 min", 100: "100 ms"} {
		if got := axisQuantity(v, "ms"); got != want {
			t.Errorf("%v ms on an axis: %q, want %q", v, got, want)
		}
	}
}

func TestKnobsLeaveOutWhatChangesNothing(t *testing.T) {
	table := "rows of orders; give --rows orders=N"
	c := Cost{Formula: "N x B / S + M / K", Inputs: []Input{
		{Name: "N", Value: 1e6, Unit: "rows", Origin: Assumed, Detail: table}, {Name: "B", Value: 200, Unit: "B", Origin: Published},
		{Name: "f", Value: 10, Unit: "1/s", Origin: Assumed}, {Name: "M", Value: 1e6, Unit: "rows", Origin: Assumed, Detail: table},
	}}
	knobs := c.knobs()
	if len(knobs) != 1 || len(knobs[0]) != 2 || knobs[0][1].Name != "M" {
		t.Errorf("%+v", knobs)
	}
	if got := c.ratio(); got != "" {
		t.Errorf("a ratio of guesses: %q", got)
	}
	c.Formula += " x f"
	if len(c.knobs()) != 2 {
		t.Error("a frequency in the formula is left out")
	}
}
