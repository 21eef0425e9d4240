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
func (a *array) seal(period, block int) error {
	c := a.chunk(period, block)
	if c.form != formOpen {
		return nil
	}
	c.form = formFloat
	if a.coded {
		c.encode()
		if c.form != formFloat {
			a.pool.give(c.f)
			c.f = nil
		}
	}
	return a.pool.keep(c)
}

// sealAll seals what is open.
func (a *array) sealAll() error {
	for period := 0; period < a.periods; period += a.rows {
		for block := range a.blocks {
			if err := a.seal(period, block); err != nil {
				return err
			}
		}
	}
	return nil
}

// encode finds a smaller form that gives back the same bits.
func (c *chunk) encode() {
	low, high, zero := math.Inf(1), math.Inf(-1), false
	for _, v := range c.f {
		if v-v != 0 || v == 0 && math.Signbit(v) {
			return
		}
		low, high = min(low, v), max(high, v)
		zero = zero || v == 0
	}
	if low == high {
		c.form, c.k = formConst, low
		return
	}
	if math.Abs(low) > 1<<50 || math.Abs(high) > 1<<50 {
		return
	}
	for _, scale := range [...]float64{1, 0.5, 0.25, 0.1, 0.01, 0.001} {
		steps := (high - low) / scale
		if steps >= 1<<32 {
			return
		}
		middle := math.Round((low + high) / 2 / scale)
		base := middle * scale
		if !c.exact(base, scale) {
			continue
		}
		c.base, c.scale = base, scale
		switch {
		case steps < 1<<8-2:
			c.form, c.i8 = formInt8, integers[int8](c.f, base, scale)
		case steps < 1<<16-2:
			c.form, c.i16 = formInt16, integers[int16](c.f, base, scale)
		case steps < 1<<32-2:
			c.form, c.i32 = formInt32, integers[int32](c.f, base, scale)
		}
		return
	}
}

func (c *chunk) exact(base, scale float64) bool {
	inverse := 1 / scale
	for _, v := range c.f {
		i := math.Round((v - base) * inverse)
		if float64(i*scale)+base != v {
			return false
		}
	}
	return true
}

func integers[I int8 | int16 | int32](f []float64, base, scale float64) []I {
	out := make([]I, len(f))
	inverse := 1 / scale
	for i, v := range f {
		out[i] = I(math.Round((v - base) * inverse))
	}
	return out
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
