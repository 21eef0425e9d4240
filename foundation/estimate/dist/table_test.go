package dist

import (
	"math"
	"testing"
)

// TestTable compares the tables with the quantile functions, at the ends of pieces, within them, and at
// the last coordinates.
func TestTable(t *testing.T) {
	coordinates := []uint32{0, 1, 1<<20 - 1, 1 << 20, 1<<31 - 1, 1 << 31, math.MaxUint32, math.MaxUint32 - 1<<20, math.MaxUint32 - 1<<20 + 1}
	for x := uint64(7); x < 1<<32; x += 40_009 {
		coordinates = append(coordinates, uint32(x), uint32(x>>7), ^uint32(x>>7))
	}
	out := make([]float64, len(coordinates))
	for _, c := range []struct {
		name string
		d    Dist
		size func(v float64) float64 // what an error is compared with
		want float64
	}{
		{"lognormal", Lognormal{Mu: 3, Sigma: 0.7}, math.Abs, 1e-9},
		{"narrow lognormal", Lognormal{Mu: -20, Sigma: 0.001}, math.Abs, 1e-9},
		{"lognormal of sigma 1", Lognormal{Mu: -7, Sigma: 1}, math.Abs, 2e-9},
		{"wide lognormal", Lognormal{Mu: 1, Sigma: 4}, math.Abs, 1e-7},
		{"normal", Normal{Mu: 5, Sigma: 3}, func(float64) float64 { return 3 }, 1e-9},
		{"logit-normal", LogitNormal{Mu: 2, Sigma: 1}, math.Abs, 1e-9},
		{"wide logit-normal", LogitNormal{Mu: -2, Sigma: 4}, math.Abs, 1e-7},
		{"exponential", Exponential{M: 2}, math.Abs, 1e-9},
	} {
		table := newTable(c.d)
		if table == nil {
			t.Errorf("%s: there is no table", c.name)
			continue
		}
		table.draw(c.d, coordinates, out)
		worst, at := 0.0, 0.0
		for i, x := range coordinates {
			want := c.d.Quantile(probability(x))
			if e := math.Abs(out[i]-want) / c.size(want); !(e <= worst) {
				worst, at = e, probability(x)
			}
		}
		if !(worst < c.want) {
			t.Errorf("%s: the table is off by %.3g at the quantile %v", c.name, worst, at)
		}
	}
}

// TestTableRises holds that a greater coordinate never gives a smaller draw.
func TestTableRises(t *testing.T) {
	for _, d := range []Dist{Lognormal{Sigma: 4}, Lognormal{Sigma: 0.01}, Normal{Sigma: 1}, LogitNormal{Sigma: 3}, Exponential{M: 1}} {
		table := newTable(d)
		var coordinates []uint32
		for x := uint64(0); x < 1<<32; x += 9_973 {
			coordinates = append(coordinates, uint32(x))
		}
		out := make([]float64, len(coordinates))
		table.draw(d, coordinates, out)
		for i := 1; i < len(out); i++ {
			if out[i] < out[i-1] {
				t.Fatalf("%+v falls from %v to %v at the coordinate %d", d, out[i-1], out[i], coordinates[i])
			}
		}
	}
}

// TestNoTable holds what a table cannot represent.
func TestNoTable(t *testing.T) {
	for _, d := range []Dist{Uniform{High: 1}, Beta{A: 2, B: 3}, Empirical{[]float64{1, 2}}, Lognormal{Sigma: 9}, Lognormal{Mu: 709, Sigma: 3}} {
		if newTable(d) != nil {
			t.Errorf("%+v has a table", d)
		}
	}
}
