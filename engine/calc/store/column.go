package store

import (
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// The sizes of the parts of a column, in rows.
const (
	ChunkBits = 16
	ChunkRows = 1 << ChunkBits
	TileRows  = 512
)

// Column is one column of cells, empty below its last one. The zero Column is empty.
//
// Several goroutines may read a column at the same time. While cells are written nobody else may read or write, except
// that goroutines may write disjoint rows that [Column.Open] has prepared.
type Column struct {
	chunks []*chunk
	height int // one past the last row that was ever set
	arena  *Arena
}

// SetArena says where memory for cells that are written from now on comes from. Without it that is the heap.
func (c *Column) SetArena(a *Arena) { c.arena = a }

// Height returns one past the last row that ever held something.
func (c *Column) Height() int { return c.height }

// Get returns the box in a row.
func (c *Column) Get(row int) cell.Box {
	i := row >> ChunkBits
	if i >= len(c.chunks) || c.chunks[i] == nil {
		return cell.BoxEmpty()
	}
	return c.chunks[i].get(row & (ChunkRows - 1))
}

// Set puts a box in a row.
func (c *Column) Set(row int, b cell.Box) {
	ch := c.chunk(row >> ChunkBits)
	ch.set(c.arena, row&(ChunkRows-1), b)
	c.height = max(c.height, row+1)
}

// chunk returns chunk i, making it where there is none.
func (c *Column) chunk(i int) *chunk {
	if i >= len(c.chunks) {
		c.chunks = append(c.chunks, make([]*chunk, i+1-len(c.chunks))...)
	}
	if c.chunks[i] == nil {
		c.chunks[i] = &chunk{}
	}
	return c.chunks[i]
}

// View returns the boxes of rows from row on, at least one and at most n, up to the end of a tile or chunk, whichever the form of
// the chunk makes cheap. The slice may be the column's own memory, or buffer, which must have room for min(n, 512); it must not
// be changed and is valid until the column is.
func (c *Column) View(row, n int, buffer []cell.Box) []cell.Box {
	i, at := row>>ChunkBits, row&(ChunkRows-1)
	n = min(n, ChunkRows-at)
	if i >= len(c.chunks) || c.chunks[i] == nil {
		return Empties(n)
	}
	return c.chunks[i].view(at, n, buffer)
}

var empties = func() (e [TileRows]cell.Box) {
	for i := range e {
		e[i] = cell.BoxEmpty()
	}
	return e
}()

// Empties returns up to n empty boxes, at most 512. They must not be changed.
func Empties(n int) []cell.Box { return empties[:min(n, TileRows)] }

// Read copies the rows from row on to dst.
func (c *Column) Read(row int, dst []cell.Box) {
	var buffer [TileRows]cell.Box
	for len(dst) > 0 {
		n := copy(dst, c.View(row, len(dst), buffer[:]))
		dst = dst[n:]
		row += n
	}
}

// Gather sets dst to the boxes of rows in any order. That of a row below 0 is empty.
func (c *Column) Gather(rows []int32, dst []cell.Box) {
	for i, row := range rows {
		if k := int(row >> ChunkBits); k >= 0 && k < len(c.chunks) && c.chunks[k] != nil {
			ch, at := c.chunks[k], int(row&(ChunkRows-1))
			if ch.form == plain && at < len(ch.boxes) {
				dst[i] = ch.boxes[at]
			} else {
				dst[i] = ch.get(at)
			}
			continue
		}
		dst[i] = cell.BoxEmpty()
	}
}

// Open prepares the rows from first to last, both included, for [Column.Slot] and for being written by several goroutines.
func (c *Column) Open(first, last int) {
	for i := first >> ChunkBits; i <= last>>ChunkBits; i++ {
		end := ChunkRows
		if i == last>>ChunkBits {
			end = last&(ChunkRows-1) + 1
		}
		ch := c.chunk(i)
		ch.plain(c.arena, end)
		ch.changed(max(first-i<<ChunkBits, 0), end-1)
	}
	c.height = max(c.height, last+1)
}

// Slot returns the memory of rows that [Column.Open] has prepared: at most n, up to the end of the chunk.
func (c *Column) Slot(row, n int) []cell.Box {
	ch, at := c.chunks[row>>ChunkBits], row&(ChunkRows-1)
	return ch.boxes[at:min(at+n, len(ch.boxes))]
}

// Append puts a box below the last row of the column. It is the fastest way to fill one.
func (c *Column) Append(b cell.Box) {
	i, at := c.height>>ChunkBits, c.height&(ChunkRows-1)
	if i >= len(c.chunks) || c.chunks[i] == nil || c.chunks[i].form != plain || at != len(c.chunks[i].boxes) {
		if at == 0 && i > 0 && i == len(c.chunks) && c.chunks[i-1] != nil && c.arena.scarce() {
			c.chunks[i-1].compact(c.arena)
		}
		c.Set(c.height, b)
		return
	}
	ch := c.chunks[i]
	if at == cap(ch.boxes) {
		ch.plain(c.arena, at+1)
		ch.boxes[at] = b
	} else {
		ch.boxes = append(ch.boxes, b)
	}
	ch.changed(at, at)
	c.height++
}

// Trim lowers the height past empty cells at the end.
func (c *Column) Trim() {
	for c.height > 0 && cell.BoxKind(c.Get(c.height-1)) == cell.Empty {
		c.height--
	}
}

// Clear empties the column.
func (c *Column) Clear() {
	for _, ch := range c.chunks {
		if ch != nil {
			c.arena.drop(ch)
		}
	}
	*c = Column{arena: c.arena}
}

// Clone returns a copy that shares nothing with c but the arena.
func (c *Column) Clone() *Column {
	out := &Column{height: c.height, chunks: make([]*chunk, len(c.chunks)), arena: c.arena}
	for i, ch := range c.chunks {
		if ch == nil {
			continue
		}
		n := &chunk{form: ch.form, at: slices.Clone(ch.at), n: ch.n, ints: ch.ints, base: ch.base, scale: ch.scale}
		if n.boxes = c.arena.take(len(ch.boxes)); n.boxes != nil {
			n.mapped = true
			n.boxes = n.boxes[:copy(n.boxes, ch.boxes)]
		} else {
			n.boxes = slices.Clone(ch.boxes)
		}
		c.arena.count(n)
		out.chunks[i] = n
	}
	return out
}

// Bytes returns how much memory the cells take.
func (c *Column) Bytes() int64 {
	n := int64(cap(c.chunks)) * 8
	for _, ch := range c.chunks {
		if ch != nil {
			n += ch.bytes()
		}
	}
	return n
}

// Forms counts the chunks by the name of their form.
func (c *Column) Forms() map[string]int {
	m := map[string]int{}
	for _, ch := range c.chunks {
		if ch != nil {
			m[ch.form.String()]++
		}
	}
	return m
}

// Compact keeps each chunk in the smallest form that holds it exactly.
func (c *Column) Compact() {
	for _, ch := range c.chunks {
		if ch != nil {
			ch.compact(c.arena)
		}
	}
}
