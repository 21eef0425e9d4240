package store

import (
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/kernel"
)

// Summary is what cells hold, in figures.
type Summary struct {
	Numbers  int64          // cells that hold a number
	Filled   int64          // cells that are not empty
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

func (s *Summary) count(next *Summary) {
	if next.Numbers > 0 {
		if s.Numbers == 0 {
			s.Min, s.Max = next.Min, next.Max
		} else {
			s.Min, s.Max = min(s.Min, next.Min), max(s.Max, next.Max)
		}
	}
	s.Numbers += next.Numbers
	s.Filled += next.Filled
	if s.Error == 0 {
		s.Error = next.Error
	}
}

// see counts the cells of a run, without their sum.
func (s *Summary) see(run []cell.Box) {
	for _, b := range run {
		if b == b {
			if s.Numbers == 0 {
				s.Min, s.Max = b, b
			} else if b < s.Min {
				s.Min = b
			} else if b > s.Max {
				s.Max = b
			}
			s.Numbers++
			s.Filled++
			continue
		}
		switch cell.BoxKind(b) {
		case cell.Empty:
			continue
		case cell.Error:
			if s.Error == 0 {
				s.Error = cell.BoxedError(b)
			}
		}
		s.Filled++
	}
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

// Add adds rows of a column, the first of which is the awaited one. Whole chunks are taken from what is known of them.
func (r *Running) Add(c *Column, first, last int) {
	var buffer [TileRows]cell.Box
	for row := first; row <= last; {
		i, at := row>>ChunkBits, row&(ChunkRows-1)
		if i >= len(c.chunks) || c.chunks[i] == nil {
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
		run := c.chunks[i].view(at, min(ChunkRows-at, last-row+1), buffer[:])
		r.summer.Add(run)
		r.seen.see(run)
		row += len(run)
	}
}

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
	var buffer [TileRows]cell.Box
	for at := 0; at < ChunkRows; {
		run := c.view(at, ChunkRows-at, buffer[:])
		if at >= c.rows() {
			sum.Skip(ChunkRows - at)
			break
		}
		sum.Add(run)
		s.see(run)
		at += len(run)
	}
	s.total = sum.Compensated()
	c.summary.Store(s)
	return s
}
