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
		switch sides[1].(type) {
		case *stored, *number:
		default:
			continue // it may rest on variables of this sweep, which come later
		}
		if ok && u.m.same && u.times.single && u.flat == nil {
			return &fused{u, sides[1]}
		}
	}
	return nil
}

// fusedTile is where the parts of a tile lead, which is the same in every period.
type fusedTile struct {
	lo, n int
	run   int // where the vector of sums begins, within a period of its sink
	price int // the position of the price, -1 where it must be evaluated
	ones  []int
}

// fusedPlan is the tiles of a block.
type fusedPlan struct {
	block int // plus one
	ok    bool
	run   *sink
	ones  []*sink
	tiles []fusedTile
}

// planFused finds where the tiles of the block lead.
func (w *worker) planFused(p *fusedPlan, f *fused, c *computed, tiles [][2]int) {
	p.block, p.ok, p.run, p.ones, p.tiles = w.block+1, false, nil, p.ones[:0], p.tiles[:0]
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
					return
				}
				one.ones = append(one.ones, l.at)
				ones++
			default:
				return
			}
		}
		if price, ok := f.price.(*stored); ok && price.flat != nil && price.times.single {
			if l := w.lead(price.mapID, price.m); l.kind == leadOne && l.at != nowhere {
				one.price = l.at
			}
		}
		if p.run == nil || ones != len(p.ones) {
			return
		}
		p.tiles = append(p.tiles, one)
	}
	p.ok = true
}

// fused computes a block and period of such a product, and reports false where it must be computed in steps.
func (w *worker) fused(i int, c *computed, tiles [][2]int, g []gathered) bool {
	f, p := c.fused, &w.plans[i]
	if p.block != w.block+1 {
		w.planFused(p, f, c, tiles)
	}
	period := int(f.units.times.list[w.period][0].period)
	if !p.ok || period == outsidePeriod {
		return false
	}
	a := f.units.of.values
	chunk, err := w.chunk(a, period, w.block)
	if err != nil {
		w.err = err
		return true
	}
	row := period % a.rows * a.width(w.block)
	run := &g[p.run.v.place]
	base := (w.period - run.from) * p.run.v.positions
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
		var price []float64
		if prices != nil && tile.price >= 0 {
			price = w.filled(prices[tile.price])
		} else {
			w.top = 0
			x := f.price.eval(w)
			if price = x.v; price == nil {
				price = w.filled(x.k)
			}
			// What the price read from the disk may have taken the place of the units.
			if chunk, err = w.chunk(a, period, w.block); err != nil {
				w.err = err
				return true
			}
		}
		from := row + tile.lo
		acc, sum := run.sum[base+tile.run:base+tile.run+tile.n], 0.0
		switch chunk.form {
		case formFloat, formOpen:
			sum = kernel.MulRoll(acc, chunk.f[from:from+w.n], price)
		case formInt8:
			sum = kernel.MulRollInt8(acc, chunk.i8[from:from+w.n], chunk.base, chunk.scale, price)
		case formInt16:
			sum = kernel.MulRollInt16(acc, chunk.i16[from:from+w.n], chunk.base, chunk.scale, price)
		case formInt32:
			sum = kernel.MulRollInt32(acc, chunk.i32[from:from+w.n], chunk.base, chunk.scale, price)
		default:
			sum = kernel.MulRoll(acc, chunk.cells(from, w.n, w.take()), price)
		}
		for k, s := range p.ones {
			one := &g[s.v.place]
			one.sum[(w.period-one.from)*s.v.positions+tile.ones[k]] += sum
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
