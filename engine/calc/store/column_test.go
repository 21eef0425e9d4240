package store

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

func same(a, b cell.Box) bool { return math.Float64bits(a) == math.Float64bits(b) }

// columns fill columns in the shapes that the forms are for.
var columns = map[string]struct {
	at   func(i int, random *rand.Rand) cell.Box
	rows int
	form string
}{
	"constant":      {func(int, *rand.Rand) cell.Box { return 7 }, ChunkRows, "constant"},
	"sequence":      {func(i int, _ *rand.Rand) cell.Box { return 5 + 0.5*float64(i) }, 70000, "sequence"},
	"runs":          {func(i int, _ *rand.Rand) cell.Box { return float64(i / 1000) }, 70000, "runs"},
	"small numbers": {func(_ int, r *rand.Rand) cell.Box { return float64(r.IntN(200)) }, 70000, "int8"},
	"cents":         {func(_ int, r *rand.Rand) cell.Box { return float64(r.IntN(30000)) / 100 }, 70000, "int16"},
	"large numbers": {func(_ int, r *rand.Rand) cell.Box { return float64(r.IntN(1 << 30)) }, 70000, "int32"},
	"any numbers":   {func(_ int, r *rand.Rand) cell.Box { return r.NormFloat64() }, 70000, "plain"},
	"few":           {func(i int, _ *rand.Rand) cell.Box { return [2]cell.Box{cell.BoxEmpty(), 3}[b2i(i%1000 == 17)] }, 70000, "sparse"},
	"mixed": {func(i int, r *rand.Rand) cell.Box {
		return [4]cell.Box{1.5, cell.BoxText(3), cell.BoxBool(true), cell.BoxError(cell.ErrNA)}[r.IntN(4)]
	}, 70000, "plain"},
	"negative zero": {func(i int, _ *rand.Rand) cell.Box { return [2]float64{math.Copysign(0, -1), 1}[i%2] }, 70000, "plain"},
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestForms holds that a column in its smallest form gives back every bit, by each way to read it, and can be written to.
func TestForms(t *testing.T) {
	for name, c := range columns {
		random := rand.New(rand.NewPCG(1, 1))
		var col Column
		want := make([]cell.Box, c.rows)
		for i := range want {
			want[i] = c.at(i, random)
			col.Set(i, want[i])
		}
		before := col.Summarize(0, c.rows-1)
		col.Compact()
		if col.Forms()[c.form] == 0 {
			t.Errorf("%s: forms %v, want %s", name, col.Forms(), c.form)
		}
		check := func() {
			t.Helper()
			got := make([]cell.Box, c.rows+10)
			col.Read(0, got)
			for i := range got {
				w := cell.BoxEmpty()
				if i < c.rows {
					w = want[i]
				}
				if !same(got[i], w) || !same(col.Get(i), w) {
					t.Fatalf("%s: row %d is %x and %x, want %x", name, i, got[i], col.Get(i), w)
				}
			}
			rows, gathered := make([]int32, 100), make([]cell.Box, 100)
			for i := range rows {
				rows[i] = int32(random.IntN(c.rows + 100))
			}
			rows[0], rows[1] = 1<<20, -1
			col.Gather(rows, gathered)
			for i, row := range rows {
				want := cell.BoxEmpty()
				if row >= 0 {
					want = col.Get(int(row))
				}
				if !same(gathered[i], want) {
					t.Fatalf("%s: row %d is gathered as %x, want %x", name, row, gathered[i], want)
				}
			}
		}
		check()
		if after := col.Summarize(0, c.rows-1); after != before {
			t.Errorf("%s: the summary is %v, and was %v", name, after, before)
		}
		for range 50 {
			i := random.IntN(c.rows)
			want[i] = cell.Box(random.IntN(1000))
			col.Set(i, want[i])
		}
		check()
	}
}

// TestSummaries holds that a sum has the same bits however it is found: at once, growing, with and without sums of chunks.
func TestSummaries(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var col Column
	for i := range 3*ChunkRows + 100 {
		col.Set(i, random.NormFloat64()*math.Exp(10*random.NormFloat64()))
	}
	for range 50 {
		first := random.IntN(ChunkRows + 10)
		last := first + random.IntN(2*ChunkRows)
		whole := col.Summarize(first, last)
		var r Running
		r.Begin(first)
		for row := first; row <= last; {
			n := 1 + random.IntN(100000)
			r.Add(&col, row, min(row+n-1, last))
			row += n
		}
		grown := r.Summary()
		if grown != whole {
			t.Fatalf("rows %d to %d: %v at once, %v in parts", first, last, whole, grown)
		}
	}
}

func TestSparse(t *testing.T) {
	var c Column
	c.Set(900000, 1)
	c.Set(5, 2)
	if c.Bytes() > 4096 {
		t.Errorf("two cells take %d bytes", c.Bytes())
	}
	if c.Get(900000) != 1 || c.Get(5) != 2 || cell.BoxKind(c.Get(6)) != cell.Empty || c.Height() != 900001 {
		t.Error("cells are other than set")
	}
}

// TestSummaryOfParts holds that the summary of any rows has the same bits whether it is found from tiles and chunks that are known, or from the
// cells, and follows every change.
func TestSummaryOfParts(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for name, c := range columns {
		var col Column
		for i := range c.rows {
			col.Set(i, c.at(i, random))
		}
		for round := range 60 {
			first := random.IntN(c.rows)
			last := first + random.IntN(c.rows-first+1000)
			if round%3 == 0 {
				first, last = first&^(TileRows-1), last|(TileRows-1)
			}
			got := col.Summarize(first, last)
			fresh := col.Clone()
			want := Running{}
			want.Begin(first)
			for row := first; row <= min(last, fresh.Height()-1); row++ {
				want.Add(fresh, row, row)
			}
			w := want.Summary()
			if got != w || !same(got.Min, w.Min) || !same(got.Max, w.Max) || !same(got.Sum(), w.Sum()) {
				t.Fatalf("%s: rows %d to %d: %+v, want %+v", name, first, last, got, w)
			}
			switch row := random.IntN(c.rows); round % 4 {
			case 0:
				col.Set(row, float64(round))
			case 1:
				col.Open(row, min(row+700, c.rows-1))
				for i, slot := 0, col.Slot(row, 700); i < len(slot); i++ {
					slot[i] = cell.BoxBool(true)
				}
			case 2:
				col.Append(1e6)
			case 3:
				col.Compact()
			}
		}
	}
}

// TestJoinCell holds that a row added cell by cell has the bits of its columns joined.
func TestJoinCell(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	boxes := []cell.Box{0, math.Copysign(0, -1), 1e300, -1e300, 0.1, 1e-300, cell.BoxEmpty(), cell.BoxText(0), cell.BoxText(4), cell.BoxBool(true), cell.BoxError(cell.ErrNA), 3, -7.25}
	for round := range 2000 {
		n := len(boxes)
		if round%2 == 0 {
			n = 8 // without errors
		}
		row := random.IntN(2 * ChunkRows)
		var got, want Summary
		for range 1 + random.IntN(12) {
			b := boxes[random.IntN(n)]
			var c Column
			c.Set(row, b)
			want.Join(c.Summarize(row, row))
			got.JoinCell(b)
		}
		if got != want || !same(got.Min, want.Min) || !same(got.Max, want.Max) || !same(got.Sum(), want.Sum()) {
			t.Fatalf("row %d: %+v, want %+v", row, got, want)
		}
	}
}
