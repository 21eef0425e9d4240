package calc

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/graph"
	"github.com/napkin-infra/napkin/engine/calc/store"
)

// Report is what a recalculation did.
type Report struct {
	Cells  int64 // that were computed, each once for every time
	Steps  int
	Passes int
	// Circles are cells that depend on themselves, up to 100 of them; Circular is how many there are.
	Circles  []cell.Area
	Circular int64
	Took     time.Duration
	// By counts the cells by the executor that computed them.
	Tiles, Waves, Trees int64
	// Tried is how often cells with INDIRECT or OFFSET were computed only to see whether they have changed.
	Tried int64

	inCircles map[at]bool
}

// InCircle reports whether a cell was found to depend on itself.
func (r *Report) InCircle(sheet, row, col int32) bool { return r.inCircles[at{sheet, row, col}] }

// maxPasses bounds how often a recalculation begins anew because the values of formulas decided what others read or how far arrays
// spread.
const maxPasses = 100

// fewPasses is after how many all formulas that read what only values tell are computed anew.
const fewPasses = 3

// Recalculate computes the cells that edits since the last one made stale, and whatever depends on them. Interrupted by the
// context it returns its error within a tenth of a second, also in the midst of one long formula; what is not computed then stays
// stale and is computed by the next call. With more than [Options.Heap] in use it returns an [ErrMemory] that names the cell.
func (b *Workbook) Recalculate(ctx context.Context) (Report, error) {
	began := time.Now()
	b.recalculations++
	r := &run{b: b, ctx: ctx}
	defer b.sweep()
	defer r.tellSpread() // also where it is interrupted
	if b.version != b.settled {
		clear(b.waits)
	}
	b.unblock()
	// Any cell may be one that a formula reads without naming it.
	changed := !b.dirty.Empty() || len(b.dynamic) > 0 && b.version != b.settled
	if changed {
		b.recycle()
		defer r.watch()()
	}
	for changed {
		if r.Passes++; r.Passes > maxPasses {
			n := b.graph.Node(b.dirty.IDs()[0])
			return r.Report, fmt.Errorf("after %d passes formulas still change what others read (INDIRECT, OFFSET or arrays that grow each other), %s!%s among them",
				maxPasses, b.sheets[n.Area.Sheet].name, n.Area)
		}
		if err := r.ended(); err != nil {
			return r.Report, err
		}
		if r.tangle != nil {
			clear(r.tangle.done)
		}
		for _, step := range b.dirty.Plan() {
			if err := r.ended(); err != nil {
				return r.Report, err
			}
			r.Steps++
			if err := r.guard(func() error { return r.step(step) }); err != nil {
				return r.Report, err
			}
		}
		err := r.guard(func() error {
			changed = r.settle()
			return r.ended()
		})
		if err != nil {
			return r.Report, err
		}
	}
	r.circles()
	b.settled = b.version
	r.Took = time.Since(began)
	return r.Report, b.arena.Err()
}

// All makes every formula stale, but for those that keep the values of the file because their functions are not known ([Workbook.Unknown]).
func (b *Workbook) All() {
	before := map[graph.ID][]cell.Area{}
	b.dirty.Empty() // finds what reads the last edits
	b.unknown(func(id graph.ID, _ *graph.Node, _ []string) { before[id] = slices.Clone(b.dirty.Of(id)) })
	b.dirty.All()
	b.keep(before)
}

// Unvalued makes those regions stale in which a cell has no value, because the file holds none, and returns how many they are.
func (b *Workbook) Unvalued() int {
	var ids []graph.ID
	b.graph.All(func(id graph.ID, n *graph.Node) bool {
		for col := n.Area.C0; col <= n.Area.C1; col++ {
			for row := n.Area.R0; row <= n.Area.R1; row++ {
				if cell.BoxKind(b.box(n.Area.Sheet, row, col)) == cell.Empty {
					ids = append(ids, id)
					return true
				}
			}
		}
		return true
	})
	for _, id := range ids {
		b.dirty.Node(id, b.graph.Node(id).Area)
	}
	return len(ids)
}

// Stale returns how many regions are to be computed.
func (b *Workbook) Stale() int { return b.dirty.Len() }

// SetMoment changes what volatile functions tell, and makes the formulas that use them stale.
func (b *Workbook) SetMoment(now float64, seed uint64) {
	b.options.Now, b.options.Seed = now, seed
	var ids []graph.ID
	b.graph.All(func(id graph.ID, n *graph.Node) bool {
		if b.templates[n.Formula].formula.Volatile {
			ids = append(ids, id)
		}
		return true
	})
	for _, id := range ids {
		b.dirty.Node(id, b.graph.Node(id).Area)
	}
	for id := range b.dynamic { // they may read other cells at another moment
		b.dynamic[id] = nil
	}
}

// run is one recalculation.
type run struct {
	b   *Workbook
	ctx context.Context
	interrupt
	Report
	envs []*env // one for each worker
	// spread is arrays whose size changed, and the cells that are other for it.
	spread []cell.Area
	ousted map[graph.ID]int // how often each array has taken cells from others
	tangle *tangle
}

func (r *run) env(i int) *env {
	for len(r.envs) <= i {
		r.envs = append(r.envs, r.newEnv())
	}
	return r.envs[i]
}

// tellSpread makes stale what reads cells that arrays have come to fill or have left.
func (r *run) tellSpread() {
	for _, a := range r.spread {
		r.b.dirty.Changed(a)
	}
	r.spread = r.spread[:0]
}

// settle looks for what became stale by the values of this pass, and reports whether anything did.
func (r *run) settle() bool {
	b := r.b
	r.tellSpread()
	b.unblock()
	if !b.dirty.Empty() {
		return true
	}
	// Formulas that read what only values tell are tried again, and computed with their readers where that gives something else. What
	// this recalculation found in a circle stays as it is.
	ids := make([]graph.ID, 0, len(b.dynamic))
	for id := range b.dynamic {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		n := b.graph.Node(id)
		e := r.env(0)
		e.forget()
		e.pending = nil
		t := b.templates[n.Formula]
		if b.dynamic[id].stands(b) {
			continue
		}
		if t.kind != single {
			if !b.keeps(t, n.Area.Sheet, n.Area.R0, n.Area.C0) && !r.inCircle(n.Area.Sheet, n.Area.R0, n.Area.C0) && r.differs(id, n, e.value(t.formula, n.Area.Sheet, n.Area.R0, n.Area.C0)) {
				b.dirty.Node(id, n.Area)
			}
			continue
		}
		known := e.try()
		for row := n.Area.R0; row <= n.Area.R1; row++ {
			if r.ended() != nil {
				e.tried, e.pending = nil, nil
				return true
			}
			for col := n.Area.C0; col <= n.Area.C1; col++ {
				if r.inCircle(n.Area.Sheet, row, col) {
					known.all = true
					continue
				}
				if b.keeps(t, n.Area.Sheet, row, col) {
					continue
				}
				r.Tried++
				box := b.strings.Box(e.value(t.formula, n.Area.Sheet, row, col))
				if !sameBox(box, b.box(n.Area.Sheet, row, col)) {
					b.dirty.Node(id, cell.At(n.Area.Sheet, row, col))
				}
			}
		}
		b.dynamic[id] = known
		e.tried, e.pending = nil, nil
	}
	if r.Passes >= fewPasses && !b.dirty.Empty() {
		// They read each other, one after the other: all at once they are computed in the order in which they do.
		for _, id := range ids {
			if n := b.graph.Node(id); len(b.templates[n.Formula].formula.Unknown) == 0 {
				b.dirty.Node(id, n.Area)
			}
		}
	}
	return !b.dirty.Empty()
}

func (r *run) inCircle(sheet, row, col int32) bool {
	return r.tangle != nil && r.tangle.inCircle[at{sheet, row, col}]
}

// differs reports whether an array formula of this value would show something else than it does.
func (r *run) differs(id graph.ID, n *graph.Node, v cell.Value) bool {
	b := r.b
	over := n.Area
	if g := v.Grid(); g != nil && b.templates[n.Formula].kind == spilling {
		over.R1, over.C1 = over.R0+int32(g.Rows)-1, over.C0+int32(g.Cols)-1
	}
	if need, ok := b.blocked[id]; ok {
		return need != over
	}
	if over != n.Extent() {
		return true
	}
	for col := over.C0; col <= over.C1; col++ {
		for row := over.R0; row <= over.R1; row++ {
			if !sameBox(b.strings.Box(element(v, int(row-over.R0), int(col-over.C0))), b.box(over.Sheet, row, col)) {
				return true
			}
		}
	}
	return false
}

func (r *run) step(s graph.Step) error {
	b := r.b
	dynamic := false
	for _, id := range s.Nodes {
		if b.templates[b.graph.Node(id).Formula].formula.Dynamic {
			dynamic = true
		}
		b.give(id)
	}
	began := time.Now()
	var err error
	switch {
	case dynamic || s.Wave == graph.Tangled:
		err = r.tangled(s.Nodes)
	case s.Wave != graph.Free:
		err = r.wave(s)
	default:
		id := s.Nodes[0]
		n := b.graph.Node(id)
		if n.Whole {
			r.whole(id)
			err = r.ended()
		} else {
			for _, a := range b.dirty.Of(id) {
				if err = r.free(n, a); err != nil {
					return err
				}
			}
		}
	}
	if err != nil {
		return err
	}
	for _, id := range s.Nodes {
		b.dirty.Done(id)
		b.charge(id, time.Since(began), len(s.Nodes))
	}
	return nil
}

// parallelCells is how many cells of a tree walk make a second worker worth its start, which is some 0.1 ms of processor time. Of a tile program a
// worker takes so many tiles at a time, and so many pieces make a second one worth it.
var (
	parallelCells = 4096
	pieceTiles    = 32
	leastPieces   = 8
)

// free computes cells of a node that do not read each other, column by column.
func (r *run) free(n *graph.Node, a cell.Area) error {
	t := r.b.templates[n.Formula]
	r.Cells += a.Cells()
	if a.R1-a.R0 < leastTiles {
		return r.few(t, a)
	}
	tiles := r.b.lower(t)
	for col := a.C0; col <= a.C1; col++ {
		c := r.b.column(a.Sheet, col, a.R1)
		c.Open(int(a.R0), int(a.R1))
		job := &columnJob{r: r, t: t, n: n, c: c, sheet: a.Sheet, col: col, tiles: tiles}
		if tiles != nil {
			r.env(0).writes(cell.Area{Sheet: a.Sheet, R0: a.R0, C0: col, R1: a.R1, C1: col})
			job.begin(r.env(0), a.R0)
		}
		err := r.split(job, n, a.R0, a.R1)
		if c.indexed { // what was built meanwhile is of cells as they were
			r.b.version++
			c.version = r.b.version
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// few computes a few rows that do not read each other, for which neither tiles nor workers pay. Columns that have few cells stay sparse.
func (r *run) few(t *template, a cell.Area) error {
	e := r.env(0)
	e.forget()
	e.pending = nil
	defer e.writes()
	p := wavePart{a: a, t: t}
	if a.Cells() >= leastTiles { // else its code is not worth its making
		p.scan = r.b.scanned(t)
	}
	for col := a.C0; col <= a.C1; col++ {
		if col%stopRows == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		c := r.b.column(a.Sheet, col, a.R1)
		e.writes(cell.Area{Sheet: a.Sheet, R0: a.R0, C0: col, R1: a.R1, C1: col})
		for row := a.R0; row <= a.R1; row++ {
			box, ok := p.scanned(r.b, row, col)
			if ok {
				r.Waves++
			} else {
				box = r.b.strings.Box(e.value(t.formula, a.Sheet, row, col))
				r.Trees++
			}
			c.Set(int(row), box)
		}
		if c.indexed { // what was built meanwhile is of cells as they were
			r.b.version++
			c.version = r.b.version
		}
	}
	return nil
}

// columnJob is rows of one column of one formula.
type columnJob struct {
	r          *run
	t          *template
	n          *graph.Node
	c          *column
	sheet, col int32
	tiles      *tiles
	constants  []cell.Box // of tiles: what is the same in every row
	lookups    []lookupColumn

	conditionals []conditionalColumn
}

// split gives rows to the workers in pieces of whole tiles. A formula that reads its own columns is computed by one worker: an index over
// such a column would be built while others write to it.
func (r *run) split(job *columnJob, n *graph.Node, first, last int32) error {
	workers := r.b.options.Threads
	if int(last-first) < parallelCells || r.readsOwn(n) {
		workers = 1
	}
	// The tree walk takes a hundred times as long for a cell as a tile program.
	piece := int32(store.TileRows)
	if job.tiles != nil {
		piece *= int32(pieceTiles)
	}
	pieces := int((last-first)/piece) + 1
	if workers = min(workers, pieces); job.tiles != nil && pieces < leastPieces {
		workers = 1
	}
	for i := range workers {
		e := r.env(i)
		e.forget()
		e.pending = nil
		e.writes(cell.Area{Sheet: job.sheet, R0: first, C0: job.col, R1: last, C1: job.col})
		e.grown = e.grown[:0]
		e.askers = askers{}
	}
	next := first
	var mu sync.Mutex
	var failed error
	take := func() (int32, int32, bool) {
		mu.Lock()
		defer mu.Unlock()
		if failed == nil {
			failed = r.ended()
		}
		if next > last || failed != nil {
			return 0, 0, false
		}
		from := next
		next = (from/piece + 1) * piece
		return from, min(next-1, last), true
	}
	work := func(e *env) {
		for {
			from, to, ok := take()
			if !ok {
				return
			}
			_ = r.guard(func() error { // take tells
				job.rows(e, from, to)
				return nil
			})
		}
	}
	if workers == 1 {
		work(r.env(0))
	} else {
		var group sync.WaitGroup
		for i := range workers {
			group.Go(func() { work(r.env(i)) })
		}
		group.Wait()
	}
	for i := range workers {
		r.Tiles += r.env(i).tiles
		r.Trees += r.env(i).trees
		r.env(i).tiles, r.env(i).trees = 0, 0
		r.env(i).writes()
	}
	return failed
}

// readsOwn reports whether a node reads cells in its own columns.
func (r *run) readsOwn(n *graph.Node) bool {
	for _, ref := range n.Reads {
		if ref.First >= 0 && (n.Area.Sheet < ref.First || n.Area.Sheet > ref.Last) {
			continue
		}
		for _, col := range []int32{n.Area.C0, n.Area.C1} {
			if min(ref.C0.At(col), ref.C1.At(col)) <= n.Area.C1 && max(ref.C0.At(col), ref.C1.At(col)) >= n.Area.C0 {
				return true
			}
		}
	}
	return false
}

// rows computes rows of the column.
func (j *columnJob) rows(e *env, first, last int32) {
	if j.tiles != nil {
		j.tileRows(e, first, last)
		return
	}
	j.treeRows(e, first, last)
}

// stopRows is after how many rows of formulas that may each take long the context is asked.
const stopRows = 16

// treeRows computes rows by the tree walk.
func (j *columnJob) treeRows(e *env, first, last int32) {
	e.many = last-first >= leastTiles && !j.r.readsOwn(j.n)
	defer func() { e.many = false }()
	for row := int(first); row <= int(last); {
		slot := j.c.Slot(row, int(last)-row+1)
		for i := range slot {
			if j.r.ended() != nil { // each may read a whole column
				return
			}
			slot[i] = j.r.b.strings.Box(e.value(j.t.formula, j.sheet, int32(row+i), j.col))
		}
		row += len(slot)
	}
	e.trees += int64(last-first) + 1
}

func sameBox(a, b cell.Box) bool { return bitsOf(a) == bitsOf(b) }
