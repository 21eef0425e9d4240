package exec

import (
	"github.com/napkin-infra/napkin/engine/calc/kernel"
	"github.com/napkin-infra/napkin/engine/calc/model"
)

// fused is a product that nobody needs but sums of it: units times price, rolled up. It is decoded, multiplied and added in one pass
// over each tile.
type fused struct {
	units *stored // over the same positions
	price node
}

// fuse finds whether a variable is such a product.
func (r *run) fuse(c *computed, readInSweep bool) *fused {
	b, ok := c.node.(*binary)
	if !ok || b.op != model.Mul || c.v.stored || c.ring > 0 || readInSweep || len(c.sinks) == 0 {
		return nil
	}
	for _, s := range c.sinks {
		if s.agg != model.Sum {
			return nil
		}
	}
	for _, sides := range [][2]node{{b.x, b.y}, {b.y, b.x}} {
		u, ok := sides[0].(*stored)
		if ok && u.m.same && u.times.single && u.flat == nil {
			return &fused{u, sides[1]}
		}
	}
	return nil
}

// fused computes a tile of such a product, and reports false where it must be computed in steps.
func (w *worker) fused(f *fused, c *computed, g []gathered) bool {
	period := int(f.units.times.list[w.period][0].period)
	if period == outsidePeriod {
		return false
	}
	var run *gathered
	at := 0
	for _, s := range c.sinks {
		switch l := w.lead(s.id, s.m); l.kind {
		case leadAny:
			return false
		case leadRun:
			if run != nil {
				return false
			}
			run = &g[s.v.place]
			at = (w.period-run.from)*s.v.positions + l.at
		}
	}
	if run == nil {
		return false
	}
	a := f.units.of.values
	chunk, err := w.chunk(a, period, w.block)
	if err != nil {
		w.err = err
		return true
	}
	from := period%a.rows*a.width(w.block) + w.lo
	w.top = 0
	price := f.price.eval(w)
	if price.v == nil {
		price.v = w.filled(price.k)
	}
	acc, sum := run.sum[at:at+w.n], 0.0
	switch chunk.form {
	case formFloat, formOpen:
		sum = kernel.MulRoll(acc, chunk.f[from:from+w.n], price.v)
	case formInt8:
		sum = kernel.MulRollInt8(acc, chunk.i8[from:from+w.n], chunk.base, chunk.scale, price.v)
	case formInt16:
		sum = kernel.MulRollInt16(acc, chunk.i16[from:from+w.n], chunk.base, chunk.scale, price.v)
	case formInt32:
		sum = kernel.MulRollInt32(acc, chunk.i32[from:from+w.n], chunk.base, chunk.scale, price.v)
	default:
		sum = kernel.MulRoll(acc, chunk.cells(from, w.n, w.take()), price.v)
	}
	for _, s := range c.sinks {
		if l := w.lead(s.id, s.m); l.kind == leadOne && l.at != nowhere {
			t := &g[s.v.place]
			t.sum[(w.period-t.from)*s.v.positions+l.at] += sum
		}
	}
	return true
}

// filled is a tile of one number. The last one is kept, because it is often asked for again.
func (w *worker) filled(k float64) []float64 {
	if len(w.one) < w.n || w.one[0] != k {
		if w.one == nil {
			w.one = make([]float64, tileCells)
		}
		w.one = w.one[:tileCells]
		kernel.Fill(w.one, k)
	}
	return w.one[:w.n]
}
