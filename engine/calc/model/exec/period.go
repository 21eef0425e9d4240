package exec

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/napkin-infra/napkin/engine/calc/model"
)

// period runs a recurrence whose variables read each other across positions: period by period, each variable over all positions before the
// next, with its roll-ups.
func (x *executor) period(ctx context.Context, s *sweep, needed map[*variable]bool) error {
	var all []*variable
	for _, v := range s.vars {
		if !needed[v] {
			continue
		}
		all = append(all, v)
		for _, k := range v.sinks {
			if needed[k] {
				all = append(all, k)
			}
		}
	}
	for _, v := range all {
		if v.values == nil {
			v.values = newArray(x.pool, v.periods, v.positions)
		}
		v.open = true
		for period := range v.periods {
			for block := range v.values.blocks {
				v.values.open(period, block)
			}
		}
	}
	var runs []*run
	for _, v := range all {
		if v.fold != nil {
			continue
		}
		r, err := x.prepare(s, []*variable{v}, needed)
		if err != nil {
			return err
		}
		runs = append(runs, r)
	}
	if len(runs) == 0 {
		return nil
	}
	crews := make([]*crew, len(runs))
	for i, r := range runs {
		crews[i] = newCrew(ctx, r)
	}
	periods := runs[0].periods
	for i := range periods {
		t := i
		if s.dir == model.Backward {
			t = periods - 1 - i
		}
		for _, c := range crews {
			if err := c.period(ctx, t); err != nil {
				return err
			}
		}
	}
	for _, v := range all {
		v.open = false
		if err := v.values.sealAll(); err != nil {
			return err
		}
	}
	return nil
}

// crew computes one variable, period after period.
type crew struct {
	r       *run
	workers []*worker
	pieces  []piece
}

func newCrew(ctx context.Context, r *run) *crew {
	blocks := (r.space.size + blockCells - 1) / blockCells
	c := &crew{r: r}
	n := min(slabs, blocks)
	for i := range n {
		c.pieces = append(c.pieces, piece{blocks: [2]int{blocks * i / n, blocks * (i + 1) / n}})
	}
	for range min(r.x.o.Threads, n) {
		c.workers = append(c.workers, r.worker(ctx))
	}
	return c
}

// period computes one period.
func (c *crew) period(ctx context.Context, t int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := c.r
	gatheredBy := make([][]gathered, len(c.pieces))
	next := atomic.Int64{}
	work := func(w *worker) {
		for {
			k := int(next.Add(1)) - 1
			if k >= len(c.pieces) {
				return
			}
			for _, s := range r.sinks {
				gatheredBy[k] = append(gatheredBy[k], newGathered(s.agg, t, 1, s.v.positions))
			}
			for block := c.pieces[k].blocks[0]; block < c.pieces[k].blocks[1]; block++ {
				w.block, w.period = block, t
				width := min(blockCells, r.space.size-block*blockCells)
				w.compute(r.cut(block, width), gatheredBy[k])
				r.x.done.Add(int64(width))
			}
		}
	}
	if len(c.workers) == 1 || r.space.size < 4*blockCells {
		work(c.workers[0])
	} else {
		var group sync.WaitGroup
		for _, w := range c.workers {
			group.Go(func() { work(w) })
		}
		group.Wait()
	}
	for _, w := range c.workers {
		if w.err != nil {
			return w.err
		}
	}
	for i, s := range r.sinks {
		total := newGathered(s.agg, t, 1, s.v.positions)
		for k := range c.pieces {
			s.join(&total, &gatheredBy[k][i])
		}
		s.finish(&total)
		for block := range s.v.values.blocks {
			copy(s.v.values.open(t, block), total.sum[block*blockCells:])
		}
	}
	return nil
}
