package store

import (
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// TestArena fills, writes, compacts and copies columns with memory for all, some and none of their cells.
func TestArena(t *testing.T) {
	for _, limit := range []int64{1 << 40, 1 << 20, 0} {
		a := NewArena(limit, t.TempDir())
		for name, c := range columns {
			random := rand.New(rand.NewPCG(1, 1))
			var col Column
			col.SetArena(a)
			rows := 3*ChunkRows + 1000
			want := make([]cell.Box, rows)
			for i := range want {
				want[i] = c.at(i, random)
				col.Append(want[i])
			}
			check := func(what string, col *Column) {
				t.Helper()
				got := make([]cell.Box, rows)
				col.Read(0, got)
				for i := range got {
					if !same(got[i], want[i]) {
						t.Fatalf("limit %d, %s, %s: row %d is %v, want %v", limit, name, what, i, got[i], want[i])
					}
				}
			}
			check("filled", &col)
			// Several goroutines write rows of their own.
			for round := range 3 {
				col.Open(1000, rows-1)
				var group sync.WaitGroup
				for part := range 4 {
					group.Go(func() {
						for i := 1000 + part; i < rows; i += 4 {
							want[i] = float64(i*round) / 7
							col.Slot(i, 1)[0] = want[i]
						}
					})
				}
				group.Wait()
				check("written", &col)
			}
			copied := col.Clone()
			check("copied", copied)
			for i := 0; i < rows; i += 2 {
				want[i] = c.at(i, random)
				col.Set(i, want[i])
			}
			col.Compact()
			check("compacted", &col)
			col.Clear()
			copied.Clear()
			if col.Height() != 0 || a.Spilled() != 0 || a.heap != 0 {
				t.Errorf("limit %d, %s: cleared, %d bytes are in the file and %d on the heap", limit, name, a.Spilled(), a.heap)
			}
		}
		if used := len(a.regions) > 0; used != (limit < 1<<40) || a.Err() != nil {
			t.Errorf("limit %d: %d regions, %v", limit, len(a.regions), a.Err())
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestArenaWithoutFile keeps cells in memory where there is no file, and says so.
func TestArenaWithoutFile(t *testing.T) {
	a := NewArena(0, filepath.Join(t.TempDir(), "missing"))
	var col Column
	col.SetArena(a)
	for i := range 2 * ChunkRows {
		col.Append(float64(i) / 3)
	}
	if a.Err() == nil || a.Spilled() != 0 || col.Get(ChunkRows+5) != float64(ChunkRows+5)/3 {
		t.Errorf("%v, %d bytes in the file, %v", a.Err(), a.Spilled(), col.Get(ChunkRows+5))
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}
