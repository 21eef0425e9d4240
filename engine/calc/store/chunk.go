package store

import (
	"math"
	"slices"
	"sort"
	"sync/atomic"
	"unsafe"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// form is how a chunk keeps its cells.
type form uint8

const (
	fill     form = iota // every cell is boxes[0]; no boxes: empty
	sparse               // cells at[i] are boxes[i], every other cell is empty
	plain                // boxes, the rest of the chunk is empty
	sequence             // boxes[0] + i*boxes[1], for len rows, the rest is empty
	runs                 // cells from at[i] on are boxes[i], up to at[i+1]
	ints8                // base + scale*i8[i]
	ints16
	ints32
)

func (f form) String() string {
	return [...]string{"constant", "sparse", "plain", "sequence", "runs", "int8", "int16", "int32"}[f]
}

// maxSparse is how many cells a sparse chunk holds before it becomes plain.
const maxSparse = 256

// chunk is up to 65,536 cells of a column. The zero chunk is empty.
type chunk struct {
	form  form
	boxes []cell.Box
	at    []uint16 // sparse, runs
	n     int      // sequence, ints: how many rows
	ints  any      // []int8, []int16 or []int32
	base  float64  // ints: value = float64(base+i) / scale
	scale float64
	// mapped is set where boxes lie in the file of the arena.
	mapped bool
	// counted is how many bytes on the heap the arena knows of.
	counted int

	// Of the cells as they are; nil where they were not asked for.
	summary atomic.Pointer[Summary]
	tiles   atomic.Pointer[tileSummaries]
}

func (c *chunk) get(i int) cell.Box {
	switch c.form {
	case plain:
		if i < len(c.boxes) {
			return c.boxes[i]
		}
	case fill:
		if len(c.boxes) > 0 {
			return c.boxes[0]
		}
	case sparse:
		if j, ok := slices.BinarySearch(c.at, uint16(i)); ok {
			return c.boxes[j]
		}
	case runs:
		j := sort.Search(len(c.at), func(j int) bool { return int(c.at[j]) > i })
		return c.boxes[j-1]
	case sequence:
		if i < c.n {
			return c.boxes[0] + float64(float64(i)*c.boxes[1])
		}
	case ints8:
		if i < c.n {
			return (c.base + float64(c.ints.([]int8)[i])) / c.scale
		}
	case ints16:
		if i < c.n {
			return (c.base + float64(c.ints.([]int16)[i])) / c.scale
		}
	case ints32:
		if i < c.n {
			return (c.base + float64(c.ints.([]int32)[i])) / c.scale
		}
	}
	return cell.BoxEmpty()
}

func (c *chunk) set(a *Arena, i int, b cell.Box) {
	c.changed(i, i)
	switch {
	case c.form == plain && i < len(c.boxes):
		c.boxes[i] = b
		return
	case c.form == fill && len(c.boxes) == 0:
		c.form = sparse
		fallthrough
	case c.form == sparse:
		j, ok := slices.BinarySearch(c.at, uint16(i))
		if ok {
			c.boxes[j] = b
			return
		}
		if cell.BoxKind(b) == cell.Empty {
			return
		}
		// A column that is filled from its top is plain from the first cell on.
		if len(c.at) < maxSparse && i != len(c.at) {
			c.at, c.boxes = slices.Insert(c.at, j, uint16(i)), slices.Insert(c.boxes, j, b)
			return
		}
	}
	c.plain(a, i+1)
	c.boxes[i] = b
}

// plain makes the chunk plain with at least n boxes.
func (c *chunk) plain(a *Arena, n int) {
	if c.mapped {
		a.touch(c.boxes)
	}
	if c.form == plain && len(c.boxes) >= n {
		return
	}
	rows := max(n, c.rows())
	if c.form == plain && cap(c.boxes) >= rows {
		old := len(c.boxes)
		c.boxes = c.boxes[:rows]
		fillEmpty(c.boxes[old:])
		return
	}
	boxes := a.take(rows)
	c.mapped = boxes != nil
	if c.mapped {
		boxes = boxes[:rows]
	} else {
		spare := rows
		if rows > 1024 {
			spare = rows / 4
		}
		boxes = make([]cell.Box, rows, min(max(rows+spare, 8), ChunkRows))
	}
	if c.form == plain {
		copy(boxes, c.boxes)
		fillEmpty(boxes[len(c.boxes):])
	} else {
		for i := 0; i < rows; i += TileRows {
			part := boxes[i:min(i+TileRows, rows)]
			copy(part, c.view(i, len(part), part))
		}
	}
	c.form, c.boxes, c.at, c.ints = plain, boxes, nil, nil
	a.count(c)
}

func fillEmpty(b []cell.Box) {
	for i := range b {
		b[i] = cell.BoxEmpty()
	}
}

// rows returns one past the last cell that may be anything but empty.
func (c *chunk) rows() int {
	switch c.form {
	case plain:
		return len(c.boxes)
	case sparse:
		if len(c.at) == 0 {
			return 0
		}
		return int(c.at[len(c.at)-1]) + 1
	case sequence, ints8, ints16, ints32:
		return c.n
	case fill:
		if len(c.boxes) == 0 {
			return 0
		}
	}
	return ChunkRows
}

// view returns cells from i on, at least one and at most n; see [Column.View].
func (c *chunk) view(i, n int, buffer []cell.Box) []cell.Box {
	if c.form == plain {
		if i < len(c.boxes) {
			return c.boxes[i:min(i+n, len(c.boxes))]
		}
		return Empties(n)
	}
	if i >= c.rows() {
		return Empties(n)
	}
	n = min(n, TileRows)
	dst := buffer[:n]
	switch c.form {
	case fill:
		for j := range dst {
			dst[j] = c.boxes[0]
		}
	case sparse:
		copy(dst, empties[:n])
		j, _ := slices.BinarySearch(c.at, uint16(i))
		for ; j < len(c.at) && int(c.at[j]) < i+n; j++ {
			dst[int(c.at[j])-i] = c.boxes[j]
		}
	case runs:
		j := sort.Search(len(c.at), func(j int) bool { return int(c.at[j]) > i }) - 1
		for k := range dst {
			for j+1 < len(c.at) && int(c.at[j+1]) <= i+k {
				j++
			}
			dst[k] = c.boxes[j]
		}
	case sequence:
		dst = dst[:min(n, c.n-i)]
		start, step := c.boxes[0], c.boxes[1]
		for k := range dst {
			dst[k] = start + float64(float64(i+k)*step)
		}
	case ints8:
		dst = dst[:min(n, c.n-i)]
		decode(dst, c.ints.([]int8)[i:], c.base, c.scale)
	case ints16:
		dst = dst[:min(n, c.n-i)]
		decode(dst, c.ints.([]int16)[i:], c.base, c.scale)
	case ints32:
		dst = dst[:min(n, c.n-i)]
		decode(dst, c.ints.([]int32)[i:], c.base, c.scale)
	}
	return dst
}

func decode[I int8 | int16 | int32](dst []cell.Box, src []I, base, scale float64) {
	src = src[:len(dst)]
	if scale == 1 {
		for i, v := range src {
			dst[i] = base + float64(v)
		}
		return
	}
	for i, v := range src {
		dst[i] = (base + float64(v)) / scale
	}
}

// bytes is what a chunk takes, in memory and in the file.
func (c *chunk) bytes() int64 {
	n := int64(c.held()) + 160
	if c.mapped {
		n += slotBytes
	}
	if tiles := c.tiles.Load(); tiles != nil {
		n += int64(unsafe.Sizeof(*tiles))
		for i := range tiles {
			if tiles[i].Load() != nil {
				n += int64(unsafe.Sizeof(Summary{}))
			}
		}
	}
	return n
}

// held is how many bytes of cells lie on the heap.
func (c *chunk) held() int {
	n := cap(c.at) * 2
	if !c.mapped {
		n += cap(c.boxes) * 8
	}
	switch ints := c.ints.(type) {
	case []int8:
		n += len(ints)
	case []int16:
		n += 2 * len(ints)
	case []int32:
		n += 4 * len(ints)
	}
	return n
}

// compact is [chunk.smallest] with account of the memory.
func (c *chunk) compact(a *Arena) {
	boxes, mapped := c.boxes, c.mapped
	c.smallest()
	if mapped && c.form != plain {
		// Small forms hold no part of the boxes.
		c.mapped = false
		a.give(boxes)
	}
	a.count(c)
}

// smallest chooses the smallest form. A form is taken only if it gives back the same bits.
func (c *chunk) smallest() {
	if c.form != plain {
		return
	}
	b := c.boxes
	for len(b) > 0 && math.Float64bits(b[len(b)-1]) == math.Float64bits(cell.BoxEmpty()) {
		b = b[:len(b)-1]
	}
	if len(b) == 0 {
		c.form, c.boxes = fill, nil
		return
	}
	changes, filled, numbers := 0, 0, true
	for i, v := range b {
		if i > 0 && math.Float64bits(v) != math.Float64bits(b[i-1]) {
			changes++
		}
		if v != v {
			numbers = false
		}
		if cell.BoxKind(v) != cell.Empty {
			filled++
		}
	}
	switch {
	case changes == 0 && len(b) == ChunkRows:
		c.form, c.boxes = fill, []cell.Box{b[0]}
		return
	case filled <= maxSparse && filled < len(b)/8:
		c.toSparse(b, filled)
		return
	case numbers && len(b) > 2 && c.toSequence(b):
		return
	case changes < len(b)/32:
		c.toRuns(b, changes)
		return
	case numbers && c.toInts(b):
		return
	}
	if cap(c.boxes) > len(b)+len(b)/8 && !c.mapped {
		c.boxes = slices.Clone(b)
	} else {
		c.boxes = b
	}
}

func (c *chunk) toSparse(b []cell.Box, n int) {
	at, boxes := make([]uint16, 0, n), make([]cell.Box, 0, n)
	for i, v := range b {
		if cell.BoxKind(v) != cell.Empty {
			at, boxes = append(at, uint16(i)), append(boxes, v)
		}
	}
	c.form, c.at, c.boxes = sparse, at, boxes
}

func (c *chunk) toSequence(b []cell.Box) bool {
	start, step := b[0], b[1]-b[0]
	for i, v := range b {
		if v != start+float64(float64(i)*step) || v == 0 && math.Signbit(v) {
			return false
		}
	}
	c.form, c.boxes, c.n = sequence, []cell.Box{start, step}, len(b)
	return true
}

func (c *chunk) toRuns(b []cell.Box, changes int) {
	at, boxes := make([]uint16, 0, changes+2), make([]cell.Box, 0, changes+2)
	for i, v := range b {
		if i == 0 || math.Float64bits(v) != math.Float64bits(b[i-1]) {
			at, boxes = append(at, uint16(i)), append(boxes, v)
		}
	}
	if len(b) < ChunkRows {
		at, boxes = append(at, uint16(len(b))), append(boxes, cell.BoxEmpty())
	}
	c.form, c.at, c.boxes = runs, at, boxes
}

// toInts tries integers of 8, 16 and 32 bits with up to four decimals.
func (c *chunk) toInts(b []cell.Box) bool {
	least, most := slices.Min(b), slices.Max(b)
	if math.Abs(least) > 1<<40 || math.Abs(most) > 1<<40 {
		return false
	}
	for _, scale := range []float64{1, 10, 100, 1000, 10000} {
		low, high := math.Round(least*scale), math.Round(most*scale)
		exact := true
		for _, v := range b {
			if math.Round(v*scale)/scale != v || v == 0 && math.Signbit(v) {
				exact = false
				break
			}
		}
		if !exact {
			continue
		}
		switch spread := high - low; {
		case spread < 1<<8:
			base := low + 128
			c.form, c.ints, c.base = ints8, encode[int8](b, base, scale), base
		case spread < 1<<16:
			base := low + 1<<15
			c.form, c.ints, c.base = ints16, encode[int16](b, base, scale), base
		case spread < 1<<32:
			base := low + 1<<31
			c.form, c.ints, c.base = ints32, encode[int32](b, base, scale), base
		default:
			return false
		}
		c.scale, c.n, c.boxes = scale, len(b), nil
		return true
	}
	return false
}

func encode[I int8 | int16 | int32](b []cell.Box, base, scale float64) []I {
	out := make([]I, len(b))
	for i, v := range b {
		out[i] = I(math.Round(v*scale) - base)
	}
	return out
}
