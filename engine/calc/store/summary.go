package store

import (
	"math"
	"sync/atomic"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/kernel"
)

// Summary is what cells hold, in figures.
type Summary struct {
	Numbers  int64          // cells that hold a number
	Filled   int64          // cells that are not empty
	Blank    int64          // those of them that hold the text of no characters
	Min, Max float64        // of the numbers; 0 where there are none
	Error    cell.ErrorCode // the first error from the top; 0 for none
	total    kernel.Compensated
}

// Sum is the sum of the numbers by the rule of [kernel.Summer], which gives the same bits however it is found.
func (s *Summary) Sum() float64 { return s.total.Value() }

// Join adds the summary of the cells that follow, in the next column or below.
func (s *Summary) Join(next Summary) {
	s.total.AddAll(next.total)
	s.count(&next)
}

// JoinCell is Join of the summary of one cell.
func (s *Summary) JoinCell(b cell.Box) {
	next := Summary{Min: b, Max: b, Numbers: 1, Filled: 1}
	if b == b {
		s.total.AddAll(kernel.Compensated{Sum: b + 0}) // never -0, as what is added to 0
	} else {
		next = Summary{}
		next.see([]cell.Box{b})
		s.total.AddAll(kernel.Compensated{})
	}
	s.count(&next)
}

func (s *Summary) count(next *Summary) {
	if next.Numbers > 0 {
		// Of 0 and -0 the first one stays, however the cells were divided.
		if s.Numbers == 0 || next.Min < s.Min {
			s.Min = next.Min
		}
		if s.Numbers == 0 || next.Max > s.Max {
			s.Max = next.Max
		}
	}
	s.Numbers += next.Numbers
	s.Filled += next.Filled
	s.Blank += next.Blank
	if s.Error == 0 {
		s.Error = next.Error
	}
}

// see counts the cells of a run, without their sum.
func (s *Summary) see(run []cell.Box) {
	next := Summary{Min: math.Inf(1), Max: math.Inf(-1)}
	for _, b := range run {
		if b == b {
			if b < next.Min {
				next.Min = b
			}
			if b > next.Max {
				next.Max = b
			}
			next.Numbers++
			continue
		}
		switch cell.BoxKind(b) {
		case cell.Empty:
			continue
		case cell.Error:
			if next.Error == 0 {
				next.Error = cell.BoxedError(b)
			}
		case cell.Text:
			if cell.BoxedText(b) == 0 {
				next.Blank++
			}
		}
		next.Filled++
	}
	next.Filled += next.Numbers
	s.count(&next)
}

// Running is the summary of rows from one on, to which the rows below are added. The zero Running is of no use; see [Running.Begin].
type Running struct {
	summer kernel.Summer
	seen   Summary
}

// Begin forgets everything, and awaits the cell in this row.
func (r *Running) Begin(row int) {
	r.summer.Start(row)
	r.seen = Summary{}
}

// Add adds rows of a column, the first of which is the awaited one. Whole chunks and tiles are taken from what is known of them, so that it
// takes bounded time for each chunk, and one for those at the ends.
func (r *Running) Add(c *Column, first, last int) {
	var buffer [TileRows]cell.Box
	for row := first; row <= last; {
		i, at := row>>ChunkBits, row&(ChunkRows-1)
		if i >= len(c.chunks) || c.chunks[i] == nil || at >= c.chunks[i].rows() {
			n := min(ChunkRows-at, last-row+1)
			r.summer.Skip(n)
			row += n
			continue
		}
		if at == 0 && row+ChunkRows-1 <= last {
			s := c.chunks[i].known()
			r.summer.AddChunk(s.total)
			r.seen.count(s)
			row += ChunkRows
			continue
		}
		if at%TileRows == 0 && row+TileRows-1 <= last {
			s := c.chunks[i].tile(at / TileRows)
			r.summer.AddTile(s.total.Sum)
			r.seen.count(s)
			row += TileRows
			continue
		}
		run := c.chunks[i].view(at, min(TileRows-at%TileRows, last-row+1), buffer[:])
		r.summer.Add(run)
		r.seen.see(run)
		row += len(run)
	}
}

// Skip passes over n rows as if they were empty.
func (r *Running) Skip(n int) { r.summer.Skip(n) }

// Prefix adds rows of a column, the first of which is the awaited one, and sets dst to the sum after each: those of growing ranges. From
// the first error on they are that. Of what was added so only the sum and the error are counted in [Running.Summary].
func (r *Running) Prefix(c *Column, first int, dst []cell.Box) {
	var buffer [TileRows]cell.Box
	for len(dst) > 0 {
		run := c.View(first, len(dst), buffer[:])
		r.summer.Prefix(dst, run)
		for i, b := range run {
			if r.seen.Error == 0 && (b == b || cell.BoxKind(b) != cell.Error) {
				if s := dst[i]; s-s != 0 {
					dst[i] = cell.BoxError(cell.ErrNum)
				}
				continue
			}
			if r.seen.Error == 0 {
				r.seen.Error = cell.BoxedError(b)
			}
			dst[i] = cell.BoxError(r.seen.Error)
		}
		dst = dst[len(run):]
		first += len(run)
	}
}

// Summary returns the summary of the rows so far.
func (r *Running) Summary() Summary {
	s := r.seen
	s.total = r.summer.Compensated()
	return s
}

// Summarize returns the summary of rows of a column, both ends included.
func (c *Column) Summarize(first, last int) Summary {
	var r Running
	r.Begin(first)
	r.Add(c, first, min(last, c.height-1))
	return r.Summary()
}

// known returns the summary of the whole chunk, found once for each state of it. Several goroutines may ask.
func (c *chunk) known() *Summary {
	if s := c.summary.Load(); s != nil {
		return s
	}
	s := &Summary{}
	var sum kernel.Summer
	for t := range (c.rows() + TileRows - 1) / TileRows {
		tile := c.tile(t)
		sum.AddTile(tile.total.Sum)
		s.count(tile)
	}
	s.total = sum.Compensated()
	c.summary.Store(s)
	return s
}

// tileSummaries are those of the tiles of a chunk; nil where they were not asked for.
type tileSummaries [ChunkRows / TileRows]atomic.Pointer[Summary]

// tile returns the summary of a whole tile, found once for each state of it. Several goroutines may ask.
func (c *chunk) tile(i int) *Summary {
	tiles := c.tiles.Load()
	if tiles == nil {
		tiles = &tileSummaries{}
		if !c.tiles.CompareAndSwap(nil, tiles) {
			tiles = c.tiles.Load()
		}
	}
	if s := tiles[i].Load(); s != nil {
		return s
	}
	s := &Summary{}
	var buffer [TileRows]cell.Box
	run := c.view(i*TileRows, TileRows, buffer[:])
	s.see(run)
	s.total = kernel.Compensated{Sum: kernel.TileSum(run)}
	tiles[i].Store(s)
	return s
}

// changed forgets what is known of rows first to last and of the chunk.
func (c *chunk) changed(first, last int) {
	if c.summary.Load() != nil { // storing costs several times what asking does
		c.summary.Store(nil)
	}
	if tiles := c.tiles.Load(); tiles != nil {
		for i := first / TileRows; i <= last/TileRows; i++ {
			tiles[i].Store(nil)
		}
	}
}
