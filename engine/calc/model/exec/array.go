package exec

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/kernel"
)

const (
	blockCells = 4096 // positions of a chunk
	chunkRows  = 16   // periods of a chunk, or fewer
)

// array is the values of a variable over periods and positions.
type array struct {
	periods, positions int
	rows               int // periods of a chunk
	blocks             int // chunks side by side
	chunks             []chunk
	pool               *pool
	coded              bool // try smaller forms
}

// form is how a chunk keeps its cells.
type form uint8

const (
	formNone form = iota // not computed yet
	formOpen             // being written, as float64
	formConst
	formFloat
	formInt8
	formInt16
	formInt32
)

// chunk is the cells of some periods and positions, a row for each period.
type chunk struct {
	form        form
	k           float64 // of formConst
	base, scale float64 // of integers: base + scale*i
	f           []float64
	i8          []int8
	i16         []int16
	i32         []int32
	spilled     bool
	at          int64 // in the file
	bytes       int
	room        int // bytes that are its own in the file from at on
	sum         uint64
}

func newArray(p *pool, periods, positions int) *array {
	a := &array{periods: periods, positions: positions, rows: min(chunkRows, periods), pool: p, coded: p.coded}
	a.blocks = (positions + blockCells - 1) / blockCells
	a.chunks = make([]chunk, (periods+a.rows-1)/a.rows*a.blocks)
	return a
}

// width is the number of positions of a block.
func (a *array) width(block int) int { return min(blockCells, a.positions-block*blockCells) }

func (a *array) chunk(period, block int) *chunk { return &a.chunks[period/a.rows*a.blocks+block] }

// height is the number of periods of the chunk that a period is in.
func (a *array) height(period int) int {
	first := period / a.rows * a.rows
	return min(a.rows, a.periods-first)
}

// open makes a chunk ready to be written and returns the row of a period.
func (a *array) open(period, block int) []float64 {
	c := a.chunk(period, block)
	w := a.width(block)
	if c.form == formNone {
		c.form, c.f = formOpen, a.pool.take(a.height(period)*w)
	}
	i := period % a.rows * w
	return c.f[i : i+w]
}

// seal keeps a chunk that is wholly written in its smallest form, on disk where there is no more room.
func (a *array) seal(period, block int) error { return a.sealChunk(a.chunk(period, block)) }

func (a *array) sealChunk(c *chunk) error {
	if c.form != formOpen {
		return nil
	}
	c.form = formFloat
	if a.coded {
		c.encode(a.pool)
		if c.form != formFloat {
			a.pool.give(c.f)
			c.f = nil
		}
	}
	return a.pool.keep(c)
}

// fill seals all chunks of some periods, from the first of a chunk on, with values that are at hand, and takes over their memory.
func (a *array) fill(from int, values []float64) error {
	for first := 0; first < len(values); first += a.rows * a.positions {
		part := values[first:min(first+a.rows*a.positions, len(values))]
		period := from + first/a.positions
		if a.blocks == 1 { // laid out as in a chunk
			c := a.chunk(period, 0)
			c.form, c.f = formOpen, part
		}
		for block := range a.blocks {
			for i := 0; a.blocks > 1 && i < len(part)/a.positions; i++ {
				copy(a.open(period+i, block), part[i*a.positions+block*blockCells:])
			}
			if err := a.seal(period, block); err != nil {
				return err
			}
		}
	}
	if a.blocks > 1 {
		a.pool.give(values)
	}
	return nil
}

// encode finds a smaller form that gives back the same bits.
func (c *chunk) encode(p *pool) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range c.f {
		if v-v != 0 || v == 0 && math.Signbit(v) {
			return
		}
		low, high = min(low, v), max(high, v)
	}
	if low == high {
		c.form, c.k = formConst, low
		return
	}
	if math.Abs(low) > 1<<50 || math.Abs(high) > 1<<50 {
		return
	}
	for _, scale := range [...]float64{1, 0.5, 0.25, 0.1, 0.01, 0.001} {
		if c.integers(p, low, high, scale) {
			return
		}
	}
}

// integers makes integers of the cells where they are whole steps of a scale, as small ones as hold their range.
func (c *chunk) integers(p *pool, low, high, scale float64) bool {
	steps := (high - low) / scale
	ok := false
	switch {
	case steps < 1<<8-2:
		c.base = baseOf(low, high, scale, 1<<7)
		if c.i8, ok = codes[int8](p, c.f, c.base, scale); ok {
			c.form = formInt8
		}
	case steps < 1<<16-2:
		c.base = baseOf(low, high, scale, 1<<15)
		if c.i16, ok = codes[int16](p, c.f, c.base, scale); ok {
			c.form = formInt16
		}
	case steps < 1<<32-2:
		c.base = baseOf(low, high, scale, 1<<31)
		if c.i32, ok = codes[int32](p, c.f, c.base, scale); ok {
			c.form = formInt32
		}
	}
	c.scale = scale
	return ok
}

// baseOf is what the integer 0 stands for: 0 where integers below most hold all values so, because it costs nothing to decode, else the
// middle of them.
func baseOf(low, high, scale, most float64) float64 {
	if low/scale > 1-most && high/scale < most-1 {
		return 0
	}
	return math.Round((low+high)/2/scale) * scale
}

// codes are the integers from which the values come back to the bit, if there are such.
func codes[I int8 | int16 | int32](p *pool, values []float64, base, scale float64) ([]I, bool) {
	inverse := 1 / scale
	code := func(v float64) (float64, bool) {
		c := math.RoundToEven((v - base) * inverse)
		return c, float64(c*scale)+base == v
	}
	for _, v := range values[:min(len(values), 16)] { // most of what is not of this scale shows here, before there is memory for codes
		if _, ok := code(v); !ok {
			return nil, false
		}
	}
	out := takeIntegers[I](p, len(values))
	for i, v := range values {
		c, ok := code(v)
		if !ok {
			giveIntegers(p, out)
			return nil, false
		}
		out[i] = I(c)
	}
	return out, true
}

// cells reads cells of a chunk from i on into dst, or returns the chunk's own memory.
func (c *chunk) cells(i, n int, dst []float64) []float64 {
	dst = dst[:n]
	switch c.form {
	case formFloat, formOpen:
		return c.f[i : i+n]
	case formConst:
		kernel.Fill(dst, c.k)
	case formInt8:
		kernel.DecodeInt8(dst, c.i8[i:i+n], c.base, c.scale)
	case formInt16:
		kernel.DecodeInt16(dst, c.i16[i:i+n], c.base, c.scale)
	case formInt32:
		kernel.DecodeInt32(dst, c.i32[i:i+n], c.base, c.scale)
	}
	return dst
}

func (c *chunk) at0(i int) float64 {
	switch c.form {
	case formConst:
		return c.k
	case formInt8:
		return float64(float64(c.i8[i])*c.scale) + c.base
	case formInt16:
		return float64(float64(c.i16[i])*c.scale) + c.base
	case formInt32:
		return float64(float64(c.i32[i])*c.scale) + c.base
	}
	return c.f[i]
}

// value reads one cell.
func (a *array) value(r *reader, period, position int) (float64, error) {
	block := position / blockCells
	c, err := r.chunk(a, period, block)
	if err != nil {
		return 0, err
	}
	return c.at0(period%a.rows*a.width(block) + position%blockCells), nil
}

// bytes is the size of the values in their forms, on disk or in memory.
func (a *array) bytes() int64 {
	n := int64(0)
	for i := range a.chunks {
		if c := &a.chunks[i]; c.spilled {
			n += int64(c.bytes)
		} else {
			n += int64(len(c.content()))
		}
	}
	return n
}
