package exec

import (
	"context"

	"github.com/napkin-infra/napkin/engine/calc/kernel"
	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// load makes arrays of inputs.
func (x *executor) load(ctx context.Context, needed map[*variable]bool) error {
	for _, v := range x.p.vars {
		if v.data == nil || !needed[v] {
			continue
		}
		v.values = newArray(x.pool, v.periods, v.positions)
		l := newLoading(v.values, v.fill)
		if v.data.External != nil {
			if x.o.Data == nil {
				return &Unsupported{v.name, "its data comes from outside, and nobody reads it"}
			}
			if err := x.o.Data(ctx, x.m.Vars[v.id], l.cell); err != nil {
				return err
			}
		}
		for _, b := range v.data.Boxes {
			x.lay(v, b, l)
		}
		if err := l.end(); err != nil {
			return err
		}
	}
	return nil
}

// lay sets the cells of a box of a table.
func (x *executor) lay(v *variable, b model.Box, l *loading) {
	at := append([]int32(nil), b.Low...)
	for {
		position := 0
		for i, d := range v.dims {
			position = position*x.m.Dims[d].Len() + int(at[i])
		}
		period := 0
		if v.grain != calendar.None {
			period = int(at[len(at)-1])
		}
		*l.cell(period, position) = b.Value
		i := len(at) - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] <= b.High[i] {
				break
			}
			at[i] = b.Low[i]
		}
		if i < 0 {
			return
		}
	}
}

// loading is an array whose cells are set in any order. Only so many chunks are open at a time, so that values that come in the order of
// periods never lie in memory as float64 all at once; an earlier one that is wanted again is opened again.
type loading struct {
	a    *array
	fill float64
	open []int // of the array's chunks, the one that has been open longest first
	most int
	now  int // the chunk at hand
	none float64
	err  error
}

// leastLoading is how many bytes of chunks are open at least before one is sealed. There are always those for values in the order of periods,
// and for values in the order of positions.
const leastLoading = 256 << 20

func newLoading(a *array, fill float64) *loading {
	most := max(leastLoading/(8*blockCells*chunkRows), 2*a.blocks, 2*len(a.chunks)/max(a.blocks, 1))
	if budget := a.pool.budget / (8 * blockCells * chunkRows); int64(most) > budget {
		most = max(int(budget), 8) // no more than may be kept at all
	}
	return &loading{a: a, fill: fill, most: most, now: -1}
}

// cell returns a cell to be set, until the next call. After an error, which end tells of, it is of no array.
func (l *loading) cell(period, position int) *float64 {
	a, block := l.a, position/blockCells
	i := period/a.rows*a.blocks + block
	if i != l.now {
		if !l.enter(i, period, block) {
			return &l.none
		}
	}
	return &a.chunks[i].f[period%a.rows*a.width(block)+position%blockCells]
}

// enter opens a chunk.
func (l *loading) enter(i, period, block int) bool {
	c := &l.a.chunks[i]
	if l.err != nil {
		return false
	}
	if c.form != formOpen {
		if len(l.open) == l.most {
			if l.err = l.a.sealChunk(&l.a.chunks[l.open[0]]); l.err != nil {
				return false
			}
			l.open = append(l.open[:0], l.open[1:]...)
		}
		if c.form == formNone {
			l.a.open(period, block)
			kernel.Fill(c.f, l.fill)
		} else if l.err = l.a.reopen(c, l.a.height(period)*l.a.width(block)); l.err != nil {
			return false
		}
		l.open = append(l.open, i)
	}
	l.now = i
	return true
}

// end seals what is open, and makes a number of what nobody set.
func (l *loading) end() error {
	for i := range l.a.chunks {
		c := &l.a.chunks[i]
		switch {
		case l.err != nil:
			return l.err
		case c.form == formOpen:
			l.err = l.a.sealChunk(c)
		case c.form == formNone:
			c.form, c.k = formConst, l.fill
		}
	}
	return l.err
}
