package kernel

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Chunk is the number of rows whose sum is kept, a multiple of [Tile].
const Chunk = 1 << 16

// Summer adds the numbers of a column by the one rule that every SUM follows, so that the result has the same bits
// however it was found: in one go, as the last of a growing range, or from sums of chunks that were kept.
//
// The rows of the sheet are divided, by their absolute number from 0, in tiles of [Tile] and chunks of [Chunk] rows.
//   - Within a tile the number in row r is added to lane r%8, in the order of rows. What is no number adds nothing.
//   - The lanes l are added as ((l0+l4)+(l2+l6)) + ((l1+l5)+(l3+l7)).
//   - The sums of tiles are added to that of their chunk, in order, with Neumaier's compensation: see [Compensated].
//   - The sums of chunks are added to the total in the same way, and their compensations to that of the total.
//   - The result is the total and its compensation, rounded once.
//
// Tiles and chunks of which a range covers a part count as if the rest were empty. The rule leaves an error of about
// 64 roundings within a tile and of two beyond, whatever the length of the column.
//
// A sum that overflows is infinite or NaN. The zero Summer is at row 0.
type Summer struct {
	row   int
	lanes [8]float64
	chunk Compensated
	total Compensated
}

// Start forgets everything, and awaits the cell in this row.
func (s *Summer) Start(row int) { *s = Summer{row: row} }

// Row returns the row of the cell that is awaited.
func (s *Summer) Row() int { return s.row }

// Add adds the cells of run, which lie in consecutive rows from the awaited one on.
func (s *Summer) Add(run []cell.Box) {
	for len(run) > 0 {
		n := min(len(run), Tile-s.row%Tile)
		s.within(run[:n])
		s.skip(n)
		run = run[n:]
	}
}

// Prefix adds the cells of run one by one and sets dst to the sums after each: those of growing ranges.
func (s *Summer) Prefix(dst []float64, run []cell.Box) {
	dst = dst[:len(run)]
	for len(run) > 0 {
		n := min(len(run), Tile-s.row%Tile)
		// Of the tree over the lanes only the branch of the cell's own lane changes.
		l := &s.lanes
		pairs := [4]float64{l[0] + l[4], l[1] + l[5], l[2] + l[6], l[3] + l[7]}
		halves := [2]float64{pairs[0] + pairs[2], pairs[1] + pairs[3]}
		for i, x := range run[:n] {
			if x == x {
				j := (s.row + i) & 7
				l[j] += x
				pairs[j&3] = l[j&3] + l[j&3+4]
				halves[j&1] = pairs[j&1] + pairs[j&1+2]
			}
			chunk := s.chunk
			chunk.Add(halves[0] + halves[1])
			if s.total != (Compensated{}) {
				total := s.total
				total.AddAll(chunk)
				chunk = total
			}
			dst[i] = chunk.Value() + 0 // as what is added to 0 is never -0
		}
		s.skip(n)
		run, dst = run[n:], dst[n:]
	}
}

// Skip passes over n rows that hold no number.
func (s *Summer) Skip(n int) {
	if n < Tile-s.row%Tile {
		s.row += n
		return
	}
	s.endTile()
	if s.row/Chunk != (s.row+n)/Chunk {
		s.endChunk()
	}
	s.row += n
}

// skip is Skip within a tile and to its end.
func (s *Summer) skip(n int) {
	s.row += n
	if s.row%Tile == 0 {
		s.endTile()
		if s.row%Chunk == 0 {
			s.endChunk()
		}
	}
}

// within adds cells of one tile to the lanes.
func (s *Summer) within(run []cell.Box) {
	i := 0
	for ; i < len(run) && (s.row+i)&7 != 0; i++ {
		if x := run[i]; x == x {
			s.lanes[(s.row+i)&7] += x
		}
	}
	run = run[i:]
	n := vecSumLanes(run, &s.lanes)
	l := &s.lanes
	for ; n+8 <= len(run); n += 8 {
		b := (*[8]float64)(run[n:])
		for j, x := range b {
			if x == x {
				l[j] += x
			}
		}
	}
	for j, x := range run[n:] {
		if x == x {
			l[j&7] += x
		}
	}
}

func (s *Summer) endTile() {
	s.chunk.Add(combine(&s.lanes))
	s.lanes = [8]float64{}
}

func (s *Summer) endChunk() {
	s.total.AddAll(s.chunk)
	s.chunk = Compensated{}
}

// AddChunk adds a whole chunk by the sum that [ChunkSum] gave for its cells. The awaited row must be the first of a chunk.
func (s *Summer) AddChunk(c Compensated) {
	s.total.AddAll(c)
	s.row += Chunk
}

// AddTile adds a whole tile by the sum that [TileSum] gave for its cells. The awaited row must be the first of a tile.
func (s *Summer) AddTile(sum float64) {
	s.chunk.Add(sum)
	s.row += Tile
	if s.row%Chunk == 0 {
		s.endChunk()
	}
}

// TileSum returns the sum of the cells of one tile, from its first row on: what [Summer.AddTile] takes. There are at
// most [Tile] of them; rows that are left out at the end are empty.
func TileSum(cells []cell.Box) float64 {
	var s Summer
	s.within(cells)
	return combine(&s.lanes)
}

// ChunkSum returns the sum of the cells of one chunk, from its first row on: what [Summer.AddChunk] takes. There are
// at most [Chunk] of them; rows that are left out at the end are empty.
func ChunkSum(cells []cell.Box) Compensated {
	var s Summer
	for len(cells) > 0 {
		n := min(len(cells), Tile)
		s.within(cells[:n])
		s.endTile()
		cells = cells[n:]
	}
	return s.chunk
}

// Compensated returns the sum of the cells so far with its compensation. It does not change the Summer and takes
// constant time, so that the sums of all growing ranges take linear time.
func (s *Summer) Compensated() Compensated {
	chunk, total := s.chunk, s.total
	chunk.Add(combine(&s.lanes))
	total.AddAll(chunk)
	return total
}

// Sum returns the sum of the cells so far, in constant time.
func (s *Summer) Sum() float64 { return s.Compensated().Value() }

// Compensated is a sum and what rounding took from it (A. Neumaier, Rundungsfehleranalyse einiger Verfahren zur
// Summation endlicher Summen, ZAMM 54, 1974). A range of several columns is the sums of the columns put together by
// AddAll, from left to right.
type Compensated struct{ Sum, Lost float64 }

// Add adds x.
func (c *Compensated) Add(x float64) {
	t := c.Sum + x
	if math.Abs(c.Sum) >= math.Abs(x) {
		c.Lost += (c.Sum - t) + x
	} else {
		c.Lost += (x - t) + c.Sum
	}
	c.Sum = t
}

// AddAll adds a sum and its compensation.
func (c *Compensated) AddAll(d Compensated) {
	c.Add(d.Sum)
	c.Lost += d.Lost
}

// Value returns the sum, rounded once.
func (c Compensated) Value() float64 { return c.Sum + c.Lost }
