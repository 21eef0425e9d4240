package exec

import (
	"context"

	"github.com/napkin-infra/napkin/engine/calc/kernel"
	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// filling is an array whose cells come in any order, as rows of a file do. A chunk is laid out when the first of its cells comes; of those
// that lie open the oldest is sealed when the memory for them is used up, and opened again where a cell comes late.
type filling struct {
	a    *array
	fill float64
	open []int // chunks that lie open, the oldest first
	most int
	err  error
	none float64 // where cells go after an error
}

// leastOpen is how many chunks lie open at least while an array is filled.
const leastOpen = 16

// filling returns a new array of a variable to be filled.
func (x *executor) filling(v *variable) *filling {
	v.values = newArray(x.pool, v)
	chunk := int64(v.values.rows) * blockCells * 8
	return &filling{a: v.values, fill: v.fill, most: int(max(x.o.Memory/2/chunk, leastOpen))}
}

// cell returns the place of a cell, to be used before the next one is asked for.
func (f *filling) cell(period, position int) *float64 {
	block := position / blockCells
	index := period/f.a.rows*f.a.blocks + block
	c := &f.a.chunks[index]
	if c.form != formOpen {
		if f.err == nil {
			f.err = f.layOpen(index)
		}
		if f.err != nil {
			return &f.none
		}
	}
	return &c.f[period%f.a.rows*f.a.width(block)+position%blockCells]
}

func (f *filling) layOpen(index int) error {
	if len(f.open) >= f.most {
		oldest := f.open[0]
		f.open = f.open[1:]
		if err := f.seal(oldest); err != nil {
			return err
		}
	}
	f.open = append(f.open, index)
	period, block := index/f.a.blocks*f.a.rows, index%f.a.blocks
	c := &f.a.chunks[index]
	cells := f.a.pool.take(f.a.height(period) * f.a.width(block))
	if c.form == formNone {
		kernel.Fill(cells, f.fill)
	} else {
		var r reader
		have, err := r.chunk(f.a, period, block)
		if err != nil {
			return err
		}
		copy(cells, have.cells(0, len(cells), cells))
		f.a.pool.release(c)
	}
	c.form, c.f = formOpen, cells
	return nil
}

func (f *filling) seal(index int) error {
	return f.a.seal(index/f.a.blocks*f.a.rows, index%f.a.blocks)
}

// end seals what lies open. Chunks for which no cell came are one number.
func (f *filling) end() error {
	for _, index := range f.open {
		if f.err == nil {
			f.err = f.seal(index)
		}
	}
	for i := range f.a.chunks {
		if c := &f.a.chunks[i]; c.form == formNone {
			c.form, c.k = formConst, f.fill
		}
	}
	return f.err
}

// load makes arrays of inputs.
func (x *executor) load(ctx context.Context, needed map[*variable]bool) error {
	for _, v := range x.p.vars {
		if v.data == nil || !needed[v] {
			continue
		}
		f := x.filling(v)
		if v.data.External != nil {
			if x.o.Data == nil {
				return &Unsupported{v.name, "its data comes from outside, and nobody reads it"}
			}
			if err := x.o.Data(ctx, x.m.Vars[v.id], f.cell); err != nil {
				return err
			}
		}
		for _, b := range v.data.Boxes {
			if err := x.lay(ctx, v, b, f); err != nil {
				return err
			}
		}
		if err := f.end(); err != nil {
			return err
		}
	}
	return nil
}

// layPace is after how many cells of a table the context is asked.
const layPace = 1 << 16

// lay sets the cells of a box of a table.
func (x *executor) lay(ctx context.Context, v *variable, b model.Box, f *filling) error {
	at := append([]int32(nil), b.Low...)
	for n := 1; ; n++ {
		if n%layPace == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		position := 0
		for i, d := range v.dims {
			position = position*x.m.Dims[d].Len() + int(at[i])
		}
		period := 0
		if v.grain != calendar.None {
			period = int(at[len(at)-1])
		}
		*f.cell(period, position) = b.Value
		i := len(at) - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] <= b.High[i] {
				break
			}
			at[i] = b.Low[i]
		}
		if i < 0 {
			return f.err
		}
	}
}
