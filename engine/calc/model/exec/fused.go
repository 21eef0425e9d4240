package exec

import (
	"sync/atomic"

	"github.com/napkin-infra/napkin/engine/calc/kernel"
	"github.com/napkin-infra/napkin/engine/calc/model"
)

// fused is a product that nobody needs but sums of it: units times price, rolled up. It is decoded, multiplied and added in one pass
// over each tile.
type fused struct {
	units *stored // over the same positions
	price node
	plans []atomic.Pointer[fusedPlan] // of each block
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
		switch sides[1].(type) {
		case *stored, *number:
		default:
			continue // it may rest on variables of this sweep, which come later
		}
		if ok && u.m.same && u.times.single && u.flat == nil {
			return &fused{u, sides[1], make([]atomic.Pointer[fusedPlan], u.of.values.blocks)}
		}
	}
	return nil
}

// fusedTile is where the parts of a tile lead, which is the same in every period.
type fusedTile struct {
	lo, n int
	run   int // where the vector of sums begins, within a period of its sink
	price int // the position of the price, -1 where it must be evaluated
}

// fusedPlan is the tiles of a block. It is made by the first worker that comes to the block.
type fusedPlan struct {
	run   *sink   // of vectors, nil where the block must be computed in steps
	ones  []*sink // of the sum of a tile
	tiles []fusedTile
	at    []int // for each tile and each of ones the position in a period of the sink
}

// planFused finds where the tiles of the block lead.
func (w *worker) planFused(f *fused, c *computed, tiles [][2]int) *fusedPlan {
	p, inSteps := &fusedPlan{}, &fusedPlan{}
	for t, bounds := range tiles {
		w.tile, w.lo, w.hi = t, bounds[0], bounds[1]
		w.n = w.hi - w.lo
		one := fusedTile{lo: w.lo, n: w.n, price: -1}
		ones := 0
		for _, s := range c.sinks {
			l := w.lead(s.id, s.m)
			switch {
			case l.kind == leadRun && (p.run == nil && t == 0 || p.run == s):
				p.run = s
				one.run = l.at
			case l.kind == leadOne && l.at != nowhere:
				if t == 0 {
					p.ones = append(p.ones, s)
				}
				if ones == len(p.ones) || p.ones[ones] != s {
					return inSteps
				}
				p.at = append(p.at, l.at)
				ones++
			default:
				return inSteps
			}
		}
		if price, ok := f.price.(*stored); ok && price.flat != nil && price.times.single {
			if l := w.lead(price.mapID, price.m); l.kind == leadOne && l.at != nowhere {
				one.price = l.at
			}
		}
		if p.run == nil || ones != len(p.ones) {
			return inSteps
		}
		p.tiles = append(p.tiles, one)
	}
	return p
}

// fused computes a block and period of such a product, and reports false where it must be computed in steps.
func (w *worker) fused(c *computed, tiles [][2]int, g []gathered) bool {
	f := c.fused
	p := f.plans[w.block].Load()
	if p == nil {
		p = w.planFused(f, c, tiles)
		f.plans[w.block].Store(p)
	}
	period := int(f.units.times.list[w.period][0].period)
	if p.run == nil || period == outsidePeriod {
		return false
	}
	a := f.units.of.values
	chunk, err := w.chunk(a, period, w.block)
	if err != nil {
		w.err = err
		return true
	}
	row := period % a.rows * a.width(w.block)
	into := func(s *sink) []float64 {
		one := &g[s.v.place]
		return one.sum[(w.period-one.from)*s.v.positions:]
	}
	run := into(p.run)
	var prices []float64
	if stored, ok := f.price.(*stored); ok && stored.flat != nil && stored.times.single {
		if at := int(stored.times.list[w.period][0].period); at != outsidePeriod {
			prices = stored.flat[at*stored.of.positions:]
		}
	}
	for t := range p.tiles {
		tile := &p.tiles[t]
		w.tile, w.lo, w.n = t, tile.lo, tile.n
		w.hi = w.lo + w.n
		w.top = 0
		var price operand
		if prices != nil && tile.price >= 0 {
			price.k = prices[tile.price]
		} else {
			price = f.price.eval(w)
		}
		sum := w.mulRoll(run[tile.run:tile.run+tile.n], chunk, row+tile.lo, price)
		for k, s := range p.ones {
			into(s)[p.at[t*len(p.ones)+k]] += sum
		}
	}
	return true
}

// mulRoll adds the products of a chunk's cells from one on and a price to acc, and returns their sum.
func (w *worker) mulRoll(acc []float64, units *chunk, from int, price operand) float64 {
	to := from + len(acc)
	if price.v == nil {
		switch units.form {
		case formFloat, formOpen:
			return kernel.MulCRoll(acc, units.f[from:to], price.k)
		case formInt8:
			return kernel.MulCRollInt8(acc, units.i8[from:to], units.base, units.scale, price.k)
		case formInt16:
			return kernel.MulCRollInt16(acc, units.i16[from:to], units.base, units.scale, price.k)
		case formInt32:
			return kernel.MulCRollInt32(acc, units.i32[from:to], units.base, units.scale, price.k)
		}
		return kernel.MulCRoll(acc, units.cells(from, len(acc), w.take()), price.k)
	}
	switch units.form {
	case formFloat, formOpen:
		return kernel.MulRoll(acc, units.f[from:to], price.v)
	case formInt8:
		return kernel.MulRollInt8(acc, units.i8[from:to], units.base, units.scale, price.v)
	case formInt16:
		return kernel.MulRollInt16(acc, units.i16[from:to], units.base, units.scale, price.v)
	case formInt32:
		return kernel.MulRollInt32(acc, units.i32[from:to], units.base, units.scale, price.v)
	}
	return kernel.MulRoll(acc, units.cells(from, len(acc), w.take()), price.v)
}
