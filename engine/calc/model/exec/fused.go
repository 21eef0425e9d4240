package exec

import (
	"slices"
	"sync/atomic"

	"github.com/napkin-infra/napkin/engine/calc/kernel"
	"github.com/napkin-infra/napkin/engine/calc/model"
)

// fused is a product that nobody needs but sums of it: units times price, rolled up. It is decoded, multiplied and added in one pass
// over each tile.
type fused struct {
	units *stored // over the same positions
	price node
	// onDisk: units are not all in memory. A worker has few chunks of them at hand.
	onDisk bool
	plans  []atomic.Pointer[fusedPlan] // of each block
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
			a := u.of.values
			onDisk := slices.ContainsFunc(a.chunks, func(c chunk) bool { return c.spilled })
			return &fused{u, sides[1], onDisk, make([]atomic.Pointer[fusedPlan], a.blocks)}
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

// fusedPlan is the tiles of a block.
type fusedPlan struct {
	run   *sink   // of vectors, nil where the block must be computed in steps
	ones  []*sink // of the sum of a tile
	tiles []fusedTile
	at    []int // for each tile and each of ones the position in a period of the sink
	known bool  // each tile has one price at a place that is known
}

// planFused finds where the tiles of the block lead.
func (w *worker) planFused(f *fused, c *computed, tiles [][2]int) *fusedPlan {
	p, inSteps := &fusedPlan{known: true}, &fusedPlan{}
	_, number := f.price.(*number)
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
		p.known = p.known && (number || one.price >= 0)
		p.tiles = append(p.tiles, one)
	}
	return p
}

// fusedPlan returns the plan of the block, which the first worker that comes to it makes.
func (w *worker) fusedPlan(c *computed, tiles [][2]int) *fusedPlan {
	at := &c.fused.plans[w.block]
	p := at.Load()
	if p == nil {
		p = w.planFused(c.fused, c, tiles)
		at.Store(p)
	}
	return p
}

// mostAbreast is how many blocks go through the periods side by side at most.
const mostAbreast = 4

// abreast is how many blocks from one on are computed side by side, period by period. Where all that is computed are sums of products,
// each row of sums then stays in the first-level cache for so many blocks instead of one. It does not change the order in which any sum
// is made.
func (w *worker) abreast(block int, p piece) int {
	for n := range min(mostAbreast, p.blocks[1]-block) {
		w.block = block + n
		width := min(blockCells, w.run.space.size-w.block*blockCells)
		w.cuts[0] = w.run.cut(w.cuts[0][:0], w.block, width)
		for _, c := range w.run.vars {
			if c.fused == nil || !w.fusedPlan(c, w.cuts[0]).known || c.fused.onDisk {
				return max(n, 1)
			}
		}
	}
	return min(mostAbreast, p.blocks[1]-block)
}

// fused computes a block and period of such a product, and reports false where it must be computed in steps.
func (w *worker) fused(c *computed, tiles [][2]int, g []gathered) bool {
	f, p := c.fused, w.fusedPlan(c, tiles)
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
			// What the price read from the disk may have taken the place of the units.
			if chunk, err = w.chunk(a, period, w.block); err != nil {
				w.err = err
				return true
			}
		}
		sum := w.mulRoll(run[tile.run:tile.run+tile.n], chunk, row+tile.lo, price)
		for k, s := range p.ones {
			into(s)[p.at[t*len(p.ones)+k]] += sum
		}
	}
	return true
}

// prefetchAhead is how far ahead codes of a byte are asked for. The rows of sums that come from the second cache keep the processor from
// seeing by itself where it goes on; cells of more bytes come in so many lines that asking for them only gets in the way.
const prefetchAhead = 2048

// mulRoll adds the products of a chunk's cells from one on and a price to acc, and returns their sum.
func (w *worker) mulRoll(acc []float64, units *chunk, from int, price operand) float64 {
	to := from + len(acc)
	if units.form == formInt8 {
		ahead := min(from+prefetchAhead, len(units.i8))
		kernel.Prefetch(units.i8[ahead:min(ahead+len(acc), len(units.i8))])
	}
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
