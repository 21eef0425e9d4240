package exec

import (
	"cmp"
	"context"

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
		if err := x.input(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// input fills the array of an input.
func (x *executor) input(ctx context.Context, v *variable) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	f := v.values.filling(v.fill, cancel)
	if v.data.External != nil {
		if x.o.Data == nil {
			return &Unsupported{v.name, "its data comes from outside, and nobody reads it"}
		}
		if err := x.o.Data(ctx, x.m.Vars[v.id], f.cell); err != nil {
			return cmp.Or(f.err, err) // that there is no room on the disk ends the reading too
		}
	}
	for _, b := range v.data.Boxes {
		x.lay(v, b, f.cell)
	}
	return f.done()
}

// lay sets the cells of a box of a table.
func (x *executor) lay(v *variable, b model.Box, cell func(period, position int) *float64) {
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
		*cell(period, position) = b.Value
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
