package exec

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestLoading sets cells in random order, again and again, with few chunks open and most of them on disk.
func TestLoading(t *testing.T) {
	const periods, positions = 40, 9000
	for name, p := range map[string]*pool{
		"in memory": {budget: 1 << 30, coded: true},
		"coded":     {budget: 1 << 17, coded: true},
		"plain":     {budget: 1 << 19},
	} {
		t.Run(name, func(t *testing.T) {
			p.free, p.folder = map[int][][]float64{}, t.TempDir()
			defer p.close()
			a := newArray(p, periods, positions)
			l := newLoading(a, 7)
			l.most = 2
			want := make([]float64, periods*positions)
			for i := range want {
				want[i] = 7
			}
			r := rand.New(rand.NewPCG(1, 2))
			for range 400 { // the last block of the first periods is never set
				period, position := r.IntN(periods), r.IntN(2*blockCells)
				if period >= 2*chunkRows {
					position = r.IntN(positions)
				}
				for i := position; i < min(position+50, positions); i++ {
					x := float64(r.IntN(100))
					if period == 3 {
						x = r.Float64()
					}
					*l.cell(period, i) = x
					want[period*positions+i] = x
				}
			}
			if err := l.end(); err != nil {
				t.Fatal(err)
			}
			if (p.spilled > 0) != (name != "in memory") {
				t.Errorf("%d bytes on disk", p.spilled)
			}
			kept := int64(0)
			for i := range a.chunks {
				kept += int64(len(a.chunks[i].content()))
			}
			if p.kept != kept {
				t.Errorf("%d bytes are said to be kept, and %d are", p.kept, kept)
			}
			var rd reader
			for i, x := range want {
				got, err := a.value(&rd, i/positions, i%positions)
				if err != nil || got != x {
					t.Fatalf("cell %d is %v, %v; want %v", i, got, err, x)
				}
			}
		})
	}
}

// TestLoadingDamaged opens a chunk again whose place in the file has changed.
func TestLoadingDamaged(t *testing.T) {
	p := &pool{free: map[int][][]float64{}, folder: t.TempDir()}
	defer p.close()
	l := newLoading(newArray(p, 40, 10), 0)
	l.most = 1
	*l.cell(0, 3) = 1.5
	*l.cell(20, 3) = 1
	if _, err := p.file.WriteAt([]byte{1, 2, 3}, 0); err != nil {
		t.Fatal(err)
	}
	*l.cell(0, 4) = 1
	if err := l.end(); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("the load ended with %v", err)
	}
}
