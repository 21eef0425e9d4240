package result_test

import (
	"math"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		values []float64
		share  float64
		want   float64
	}{{[]float64{1, 2, 3, 4}, 0.5, 2.5}, {[]float64{1, 2, 3, 4, 5}, 0.25, 2}, {[]float64{7}, 0.9, 7}, {[]float64{0, 10}, 0.95, 9.5}, {nil, 0.5, math.NaN()}, {[]float64{math.NaN(), 1}, 0.5, math.NaN()}} {
		if got := result.Quantile(c.values, c.share); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%v of %v: %v, want %v", c.share, c.values, got, c.want)
		}
	}
}
