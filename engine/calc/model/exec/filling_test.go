package exec

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// TestFilling fills arrays in random order, over and over, with and without room for them.
func TestFilling(t *testing.T) {
	const periods, positions = 40, 3*blockCells + 100
	for _, c := range []struct {
		name   string
		budget int64
		coded  bool
		fill   float64
		value  func(r *rand.Rand) float64
		spills bool
	}{
		{"room", 1 << 30, true, 0, func(r *rand.Rand) float64 { return float64(r.IntN(50)) }, false},
		{"no room", 0, true, 7, func(r *rand.Rand) float64 { return float64(r.IntN(50)) }, true},
		{"cents", 0, true, 0, func(r *rand.Rand) float64 { return float64(r.IntN(5000)) / 100 }, true},
		{"plain", 1 << 20, false, 0, func(r *rand.Rand) float64 { return r.Float64() }, true},
		{"forms that change", 1 << 18, true, math.NaN(), func(r *rand.Rand) float64 {
			return []float64{1, 300, 70_000, 0.1, math.Pi, math.Copysign(0, -1), math.Inf(1)}[min(r.IntN(20), 6)]
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &pool{free: map[int][][]float64{}, budget: c.budget, coded: c.coded, folder: t.TempDir()}
			defer p.close()
			a := newArray(p, periods, positions)
			f := a.filling(c.fill, func() { t.Error("it failed") })
			f.most = 2
			want := make([]float64, periods*positions)
			for i := range want {
				want[i] = c.fill
			}
			r := rand.New(rand.NewPCG(1, 2))
			for range 400 {
				period, position := r.IntN(periods-8), r.IntN(positions)
				for range r.IntN(200) {
					at := f.cell(period, position)
					if i := period*positions + position; math.Float64bits(*at) != math.Float64bits(want[i]) {
						t.Fatalf("cell %d of period %d was %v, is %v", position, period, want[i], *at)
					} else {
						want[i] = c.value(r)
						*at = want[i]
					}
					position = min(position+r.IntN(3), positions-1)
				}
			}
			if err := f.done(); err != nil {
				t.Fatal(err)
			}
			var rd reader
			for i := range want {
				got, err := a.value(&rd, i/positions, i%positions)
				if err != nil {
					t.Fatal(err)
				}
				if math.Float64bits(got) != math.Float64bits(want[i]) {
					t.Fatalf("cell %d of period %d is %v, want %v", i%positions, i/positions, got, want[i])
				}
			}
			if (p.spilled > 0) != c.spills || p.open != 0 {
				t.Errorf("%d bytes went to the file, %d are open", p.spilled, p.open)
			}
			if most := int64(len(a.chunks)) * chunkRows * blockCells * 8; p.end > most {
				t.Errorf("the file has %d bytes, the array whole %d", p.end, most)
			}
		})
	}
}

// TestFillingFails has no folder for what does not fit.
func TestFillingFails(t *testing.T) {
	p := &pool{free: map[int][][]float64{}, coded: true, folder: filepath.Join(t.TempDir(), "missing")}
	a := newArray(p, 100, 10*blockCells)
	failed := false
	f := a.filling(0, func() { failed = true })
	for period := range 100 {
		for position := range 10 * blockCells {
			*f.cell(period, position) = float64(period + position)
		}
	}
	if err := f.done(); err == nil || !failed || !strings.Contains(err.Error(), "memory allowed is used up") {
		t.Errorf("it failed: %v, with %v", failed, err)
	}
}
