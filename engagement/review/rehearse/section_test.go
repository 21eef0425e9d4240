package rehearse

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/scale"
)

// TestByRates: a time by rates that bounds says so, and one above the interval says which of the two holds.
func TestByRates(t *testing.T) {
	for name, c := range map[string]struct {
		floor float64
		holds bool
		want  []string
		not   string
	}{
		"a bound":             {1, true, []string{"at least 1 s, reading"}, "above"},
		"no bound":            {1, false, []string{"1 s, reading"}, "at least"},
		"a bound above":       {9, true, []string{"at least 9 s", "to be believed"}, "published"},
		"no bound, and above": {9, false, []string{"9 s, reading", "the interval, which was measured and holds"}, "at least"},
		"no work":             {0, true, nil, "s"},
	} {
		s := Statement{Effect: effect.Effect{Work: effect.Rewrite}, Floor: c.floor, FloorBy: "reading the table", FloorHolds: c.holds, Duration: scale.Prediction{Low: 2, Median: 3, High: 4}}
		got := s.byRates()
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q lacks %q", name, got, want)
			}
		}
		if strings.Contains(got, c.not) {
			t.Errorf("%s: %q holds %q", name, got, c.not)
		}
	}
}
