package calc

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/graph"
)

// tangle computes cells one by one in the order in which they need each other, which is found by trying: a cell that reads one which is
// not computed yet is given up, and computed again after that one. It is how cells are computed that read each other in no simple
// order, or that read what only values tell. Only a cell that is needed for its own value is in a circle; one that a branch not
// taken would read is not.
type tangle struct {
	r        *run
	e        *env
	done     cellSet
	waits    map[at]bool // tried, and given up for others above on the stack
	inCircle map[at]bool
	arrays   map[at]circled // in how many passes each cell was found in a circle; those of array formulas count
	stack    []at
}

type at struct{ sheet, row, col int32 }

type circled struct{ pass, passes int }

// missing is what the computation of a cell is given up with.
type missing struct{ cells []at }

// mostCircles bounds how many cells in circles are told of.
const mostCircles = 100

// mostMissing bounds how many cells are asked for at once.
const mostMissing = 4096

func (r *run) tangled(ids []graph.ID) error {
	if r.tangle == nil {
		r.tangle = &tangle{r: r, e: r.newEnv(), done: cellSet{}, waits: map[at]bool{}, inCircle: map[at]bool{}, arrays: map[at]circled{}}
		r.tangle.e.pending = r.tangle.pending
	}
	t := r.tangle
	t.leaveCircles(ids)
	for _, id := range ids {
		n := r.b.graph.Node(id)
		for _, a := range r.b.dirty.Of(id) {
			for row := a.R0; row <= a.R1; row++ {
				for col := a.C0; col <= a.C1; col++ {
					if err := t.compute(at{n.Area.Sheet, row, col}); err != nil {
						return err
					}
				}
			}
		}
	}
	if r.b.options.Iterations > 0 && len(t.inCircle) > 0 {
		return t.iterate(ids)
	}
	return nil
}

// leaveCircles forgets that cells were in a circle which are computed anew.
func (t *tangle) leaveCircles(ids []graph.ID) {
	if len(t.inCircle) == 0 {
		return
	}
	mine := map[graph.ID]bool{}
	for _, id := range ids {
		mine[id] = true
	}
	for c := range t.inCircle {
		id, ok := t.r.b.graph.At(c.sheet, c.row, c.col)
		if ok && !t.done.has(c) && mine[id] && within(t.r.b.dirty.Of(id), c.sheet, c.row, c.col) {
			delete(t.inCircle, c)
		}
	}
}

// circles reports the cells that are in circles.
func (r *run) circles() {
	if r.tangle == nil || len(r.tangle.inCircle) == 0 {
		return
	}
	r.Circular, r.inCircles = int64(len(r.tangle.inCircle)), r.tangle.inCircle
	cells := slices.SortedFunc(maps.Keys(r.tangle.inCircle), func(a, b at) int {
		return cmp.Or(cmp.Compare(a.sheet, b.sheet), cmp.Compare(a.col, b.col), cmp.Compare(a.row, b.row))
	})
	for _, c := range cells[:min(len(cells), mostCircles)] {
		r.Circles = append(r.Circles, cell.At(c.sheet, c.row, c.col))
	}
}

// pending gives up the cell under way if cells of the area are still to be computed.
func (t *tangle) pending(a cell.Area) {
	b := t.r.b
	var cells []at
	for _, id := range b.graph.In(a) {
		n := b.graph.Node(id)
		dirty := b.dirty.Of(id)
		if len(dirty) == 0 {
			continue
		}
		if n.Whole {
			if c := (at{n.Area.Sheet, n.Area.R0, n.Area.C0}); !t.done.has(c) {
				cells = append(cells, c)
			}
			continue
		}
		for _, d := range dirty {
			part, ok := d.Intersect(a)
			if !ok {
				continue
			}
			if !t.missing(part, func(row, col int32) bool {
				cells = append(cells, at{part.Sheet, row, col})
				return len(cells) < mostMissing
			}) {
				panic(missing{cells})
			}
		}
	}
	if cells != nil {
		panic(missing{cells})
	}
}

// missing calls f with the cells of an area that are not computed yet, row by row, until it returns false, and reports whether it never did.
func (t *tangle) missing(a cell.Area, f func(row, col int32) bool) bool {
	if a.C0 == a.C1 {
		return t.done.missing(a.Sheet, a.C0, a.R0, a.R1, func(row int32) bool { return f(row, a.C0) })
	}
	first, last := int32(cell.MaxRows), int32(-1) // rows in which any are
	for col := a.C0; col <= a.C1; col++ {
		t.done.missing(a.Sheet, col, a.R0, a.R1, func(row int32) bool {
			first, last = min(first, row), max(last, row)
			return true
		})
	}
	for row := first; row <= last; row++ {
		for col := a.C0; col <= a.C1; col++ {
			if !t.done.has(at{a.Sheet, row, col}) && !f(row, col) {
				return false
			}
		}
	}
	return true
}

// compute computes a cell after all that it needs. A cell on the stack that has been tried waits for those above it, so that all such
// cells need the one on top: if that needs one of them, they are a circle.
func (t *tangle) compute(c at) error {
	stack := append(t.stack[:0], c)
	for steps := 0; len(stack) > 0; steps++ {
		if steps%stopRows == 0 {
			if err := t.r.ended(); err != nil {
				clear(t.waits)
				return err
			}
		}
		c := stack[len(stack)-1]
		var need []at
		if !t.done.has(c) {
			need = t.try(c)
		}
		if need == nil {
			t.done.add(c)
			delete(t.waits, c)
			stack = stack[:len(stack)-1]
			continue
		}
		t.waits[c] = true
		for _, m := range need {
			if t.waits[m] {
				t.circle(stack, m)
				break
			}
			stack = append(stack, m)
		}
	}
	t.stack = stack
	return t.r.ended()
}

// circle takes note of the cells that wait for each other from m to the top of the stack. m is 0 for those that read it.
func (t *tangle) circle(stack []at, m at) {
	b := t.r.b
	from := len(stack) - 1
	for stack[from] != m || !t.waits[stack[from]] {
		from--
	}
	for _, c := range stack[from:] {
		if t.waits[c] {
			t.inCircle[c] = true
			if seen := t.arrays[c]; seen.pass != t.r.Passes {
				t.arrays[c] = circled{t.r.Passes, seen.passes + 1}
			}
		}
	}
	t.done.add(m)
	if id, ok := b.graph.At(m.sheet, m.row, m.col); ok && b.graph.Node(id).Whole {
		t.r.fill(id, cell.Num(0))
		return
	}
	b.column(m.sheet, m.col, m.row).Set(int(m.row), 0)
}

// iterate computes the cells in circles again and again, as far as the workbook asks for it.
func (t *tangle) iterate(ids []graph.ID) error {
	b := t.r.b
	t.e.pending = nil
	defer func() { t.e.pending = t.pending }()
	for range b.options.Iterations {
		if err := t.r.ended(); err != nil {
			return err
		}
		most := 0.0
		for _, id := range ids {
			n := b.graph.Node(id)
			if n.Whole {
				t.r.wholeBy(t.e, id)
				continue
			}
			f := b.templates[n.Formula].formula
			for row := n.Area.R0; row <= n.Area.R1; row++ {
				for col := n.Area.C0; col <= n.Area.C1; col++ {
					t.e.forget()
					c := b.column(n.Area.Sheet, col, row)
					old, box := c.Get(int(row)), b.strings.Box(t.e.value(f, n.Area.Sheet, row, col))
					c.Set(int(row), box)
					switch d := math.Abs(box - old); {
					case d == d:
						most = max(most, d)
					case !sameBox(box, old):
						most = math.Inf(1)
					}
				}
			}
		}
		if most < b.options.MaxChange {
			break
		}
	}
	return nil
}

// try computes a cell, and returns the cells that it needs first, if any.
func (t *tangle) try(c at) (need []at) {
	b := t.r.b
	id, ok := b.graph.At(c.sheet, c.row, c.col)
	if !ok {
		return nil
	}
	n := b.graph.Node(id)
	e := t.e
	e.forget()
	defer func() {
		if p := recover(); p != nil {
			m, ok := p.(missing)
			if !ok {
				panic(p)
			}
			need = m.cells
			e.walker.Reset()
		}
	}()
	if n.Whole {
		t.r.wholeBy(e, id)
		return nil
	}
	v := e.value(b.templates[n.Formula].formula, c.sheet, c.row, c.col)
	b.column(c.sheet, c.col, c.row).Set(int(c.row), b.strings.Box(v))
	t.r.Cells++
	t.r.Trees++
	return nil
}
