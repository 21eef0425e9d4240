package reference_test

import (
	"slices"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
)

// TestDates compares periods with dates: their first day with the days of the date.
func TestDates(t *testing.T) {
	const text = `time month 2024-11 to 2025-03
    fiscal: April
a[month] = time >= 2025-01
b[month] = time > 2025-01
c[month] = time <= 2024-12
d[month] = time < 2024-12-02
e[month] = time = FY2025-Q3
f[month] = time != FY2025-Q3
g[month] = time = 2024-12-15
h[month] = (time > 2024-11) and not (time >= 2025-02) or time = 2025-03
i[quarter] = time >= 2024-11
j[week] = time > 2025-03-23
show a, b, c, d, e, f, g, h
show i
show j
`
	r := run(t, text, model.Options{})
	for i, want := range [][]float64{
		{0, 0, 1, 1, 1}, {0, 0, 0, 1, 1}, {1, 1, 0, 0, 0}, {1, 1, 0, 0, 0}, {1, 1, 0, 0, 0}, {0, 0, 1, 1, 1}, {0, 0, 0, 0, 0}, {0, 1, 1, 0, 1},
	} {
		if c := r.Tables[0].Columns[i]; !slices.Equal(c.Values, want) {
			t.Errorf("%s is %v, want %v", c.Title, c.Values, want)
		}
	}
	// The first quarter begins in October, before the axis.
	if q := r.Tables[1].Columns[0].Values; !slices.Equal(q, []float64{0, 1}) {
		t.Errorf("by quarter: %v", q)
	}
	if w := r.Tables[2].Columns[0].Values; w[len(w)-1] != 1 || w[len(w)-2] != 1 || w[len(w)-3] != 0 {
		t.Errorf("by week: %v", w)
	}
}
