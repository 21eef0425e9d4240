package exec

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/napkin-infra/napkin/engine/calc/kernel"
	"github.com/napkin-infra/napkin/engine/calc/model"
)

const (
	tileCells = 1024
	// longRow is from what length of the last dimension on tiles end where a row does, so that what does not vary along it is one
	// number for the tile.
	longRow = 256
	// slabs is how many pieces the positions are cut into where the periods cannot be: a fixed number, so that sums are put together
	// alike whatever the number of threads.
	slabs = 32
	// mostGathered bounds the numbers that all slabs together gather.
	mostGathered = 1 << 26
	// mostFlat bounds a variable that is read by other positions than its own.
	mostFlat = 1 << 27
	// flatShare is the part of the memory allowed that such a variable may take.
	flatShare = 8
)

// run is one sweep made ready.
type run struct {
	x       *executor
	s       *sweep
	space   space
	periods int
	vars    []*computed
	maps    []*mapping
	sinks   []*sink
}

// computed is a variable of a sweep made ready.
type computed struct {
	v     *variable
	node  node
	ring  int // rows kept at hand, 0 for none
	fused *fused
	sinks []*sink
}

// worker computes blocks, one at a time.
type worker struct {
	reader
	run      *run
	ctx      context.Context
	period   int
	block    int
	lo, hi   int // of the tile within the block
	n        int
	tile     int
	now      []operand
	rings    [][][]float64
	scratch  [][]float64
	top      int
	tileVars [][]float64
	ready    []bool // variables that are computed for the block and period
	leads    [][]cachedLead
	cuts     [mostAbreast][][2]int // tiles of the blocks at hand
	at       []int
	err      error
}

type cachedLead struct {
	block int // plus one
	lead  lead
}

func (w *worker) take() []float64 {
	if w.top == len(w.scratch) {
		w.scratch = append(w.scratch, make([]float64, tileCells))
	}
	b := w.scratch[w.top][:w.n]
	w.top++
	return b
}

// protect keeps values of a variable from being overwritten: where they lie in scratch memory, that and the variable's own change places.
func (w *worker) protect(i int, v []float64) {
	for j := range w.scratch {
		if &v[0] == &w.scratch[j][0] {
			w.scratch[j], w.tileVars[i] = w.tileVars[i], w.scratch[j]
			return
		}
	}
}

// items is the places of the items at the first position of the tile.
func (w *worker) items() []int {
	w.run.space.items(w.block*blockCells+w.lo, w.at)
	return w.at
}

// lead is where the positions of the tile lead by a mapping. It is found once for each block.
func (w *worker) lead(id int, m *mapping) lead {
	list := &w.leads[id]
	for len(*list) <= w.tile {
		*list = append(*list, cachedLead{})
	}
	c := &(*list)[w.tile]
	if c.block != w.block+1 {
		var room []int32
		if c.lead.list != nil {
			room = c.lead.list[:cap(c.lead.list)]
		}
		if len(room) < w.n && !m.same {
			room = make([]int32, tileCells)
		}
		c.lead = m.leads(&w.run.space, w.block*blockCells+w.lo, w.n, w.at, room)
		if c.lead.kind != leadAny {
			c.lead.list = room
		}
		c.block = w.block + 1
	}
	return c.lead
}

// read reads positions side by side of an array.
func (w *worker) read(a *array, period, position int) []float64 {
	block, at := position/blockCells, position%blockCells
	c, err := w.chunk(a, period, block)
	if err != nil {
		w.err = err
		return w.take()
	}
	width := a.width(block)
	row := period % a.rows * width
	if at+w.n <= width {
		switch {
		case c.form != formFloat && c.form != formOpen:
			return c.cells(row+at, w.n, w.take())
		case c == a.chunk(period, block):
			return c.f[row+at : row+at+w.n]
		}
		// It came from the disk, and makes room for others before the formula is at its end.
		dst := w.take()
		copy(dst, c.f[row+at:])
		return dst
	}
	dst := w.take()
	first := width - at
	copy(dst[:first], c.cells(row+at, first, dst[:first]))
	c, err = w.chunk(a, period, block+1)
	if err != nil {
		w.err = err
		return dst
	}
	width = a.width(block + 1)
	rest := dst[first:]
	copy(rest, c.cells(period%a.rows*width, len(rest), rest))
	return dst
}

// cut appends the tiles of a block to out.
func (r *run) cut(out [][2]int, block, width int) [][2]int {
	row := r.space.last
	if row < longRow {
		row = 1 << 62
	}
	for lo := 0; lo < width; {
		at := block*blockCells + lo
		n := min(tileCells, width-lo, row-at%row)
		out = append(out, [2]int{lo, lo + n})
		lo += n
	}
	return out
}

func (r *run) worker(ctx context.Context) *worker {
	w := &worker{run: r, ctx: ctx, now: make([]operand, len(r.vars)), rings: make([][][]float64, len(r.vars)), leads: make([][]cachedLead, len(r.maps)), ready: make([]bool, len(r.vars)), at: make([]int, len(r.space.lengths))}
	for i, c := range r.vars {
		w.tileVars = append(w.tileVars, make([]float64, tileCells))
		for range c.ring {
			w.rings[i] = append(w.rings[i], make([]float64, blockCells))
		}
	}
	return w
}

// compute computes all variables in a block and period. Of what is gathered, g has one for each sink.
func (w *worker) compute(tiles [][2]int, g []gathered) {
	r := w.run
	left := len(r.vars)
	for i, c := range r.vars {
		if w.ready[i] = c.fused != nil && w.fused(c, tiles, g); w.ready[i] {
			left--
		}
	}
	if left == 0 {
		return
	}
	for t, bounds := range tiles {
		w.tile, w.lo, w.hi = t, bounds[0], bounds[1]
		w.n = w.hi - w.lo
		for i, c := range r.vars {
			if w.ready[i] {
				continue
			}
			w.top = 0
			x := c.node.eval(w)
			var dst []float64
			switch {
			case c.v.data != nil: // it is read, to be rolled up
			case c.v.stored:
				dst = c.v.values.open(w.period, w.block)[w.lo:w.hi]
			case c.ring > 0:
				dst = w.rings[i][w.period%c.ring][w.lo:w.hi]
			}
			switch {
			case dst == nil:
				w.now[i] = x
				if x.v != nil {
					w.protect(i, x.v)
				}
			case x.v == nil:
				kernel.Fill(dst, x.k)
				w.now[i] = x
			default:
				copy(dst, x.v)
				w.now[i] = operand{v: dst}
			}
			if dst != nil && c.v.stored && c.ring > 0 {
				copy(w.rings[i][w.period%c.ring][w.lo:w.hi], dst)
			}
			for _, s := range c.sinks {
				s.add(w, &g[s.v.place], w.now[i])
			}
		}
	}
}

// piece is blocks and periods that one worker computes in order.
type piece struct {
	blocks  [2]int // from, to
	periods [2]int
}

// pieces cuts the work, into chunks of periods where no two pieces then gather for the same period, and tells so. It depends on the model
// alone.
func (r *run) pieces() (out []piece, apart bool) {
	blocks := (r.space.size + blockCells - 1) / blockCells
	if chunks := (r.periods + chunkRows - 1) / chunkRows; !r.s.lags && chunks >= 8 {
		for c := range chunks {
			out = append(out, piece{[2]int{0, blocks}, [2]int{c * chunkRows, min((c+1)*chunkRows, r.periods)}})
		}
		return out, true
	}
	n := min(slabs, blocks)
	for _, s := range r.sinks {
		n = max(min(n, mostGathered/max(r.periods*s.v.positions, 1)), 1)
	}
	for i := range n {
		out = append(out, piece{[2]int{blocks * i / n, blocks * (i + 1) / n}, [2]int{0, r.periods}})
	}
	return out, false
}

// work computes a piece: block by block through the chunks of periods, so that recurrences have their last periods at hand and each chunk is
// written, and read, once.
func (w *worker) work(p piece, g []gathered) error {
	r := w.run
	backward := r.s.dir == model.Backward
	chunks := (p.periods[1] - p.periods[0] + chunkRows - 1) / chunkRows
	for block, n := p.blocks[0], 0; block < p.blocks[1]; block += n {
		n = w.abreast(block, p)
		cells := 0
		for i := range n {
			width := min(blockCells, r.space.size-(block+i)*blockCells)
			w.cuts[i] = r.cut(w.cuts[i][:0], block+i, width)
			cells += width
		}
		for i := range chunks {
			if backward {
				i = chunks - 1 - i
			}
			from := p.periods[0] + i*chunkRows
			to := min(from+chunkRows, p.periods[1])
			for k := range to - from {
				w.period = from + k
				if backward {
					w.period = to - 1 - k
				}
				for i := range n {
					w.block = block + i
					w.compute(w.cuts[i], g)
				}
			}
			if w.err != nil {
				return w.err
			}
			for _, c := range r.vars {
				for i := range n {
					if c.v.stored && c.v.data == nil {
						if err := c.v.values.seal(from, block+i); err != nil {
							return err
						}
					}
				}
			}
			if err := w.ctx.Err(); err != nil {
				return err
			}
			r.x.done.Add(int64(to-from) * int64(cells) * int64(len(r.vars)))
		}
	}
	return nil
}

// do runs the sweep.
func (r *run) do(ctx context.Context) error {
	pieces, apart := r.pieces()
	gatheredBy := make([][]gathered, len(pieces))
	for _, s := range r.sinks {
		s.v.values = newArray(r.x.pool, s.v.periods, s.v.positions)
	}
	next := atomic.Int64{}
	threads := min(r.x.o.Threads, len(pieces))
	errs := make([]error, threads)
	var group sync.WaitGroup
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	for i := range threads {
		group.Go(func() {
			w := r.worker(stop)
			for {
				k := int(next.Add(1)) - 1
				if k >= len(pieces) {
					return
				}
				err := w.piece(pieces[k], &gatheredBy[k])
				if err == nil && apart {
					err = r.keep(gatheredBy[k])
					gatheredBy[k] = nil
				}
				if err != nil {
					errs[i] = err
					cancel()
					return
				}
			}
		})
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	if apart {
		return nil
	}
	total := gatheredBy[0]
	for i, s := range r.sinks {
		for k := range pieces[1:] {
			s.join(&total[i], &gatheredBy[k+1][i])
			r.x.pool.give(gatheredBy[k+1][i].sum)
		}
	}
	return r.keep(total)
}

// piece computes a piece and what it gathers for each sink.
func (w *worker) piece(p piece, g *[]gathered) error {
	for _, s := range w.run.sinks {
		*g = append(*g, newGathered(w.run.x.pool, s.agg, p.periods[0], p.periods[1]-p.periods[0], s.v.positions))
	}
	return w.work(p, *g)
}

// keep makes results of what was gathered, for each sink in periods of its own.
func (r *run) keep(all []gathered) error {
	for i, s := range r.sinks {
		g := &all[i]
		s.finish(g)
		if err := s.v.values.fill(g.from, g.sum); err != nil {
			return err
		}
	}
	return nil
}
