package calc

import (
	"fmt"
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn"
	"github.com/napkin-infra/napkin/engine/calc/graph"
)

// SetArray puts an array formula over an area, without "=", in place of what was there. Its value fills the area: one value all of it, an array
// as far as it goes and #N/A beyond. An array formula that was there must lie in the area with all of its cells.
func (b *Workbook) SetArray(a cell.Area, text string) error {
	if !inside(a.Sheet, a.R0, a.C0, len(b.sheets)) || !inside(a.Sheet, a.R1, a.C1, len(b.sheets)) || a.R1 < a.R0 || a.C1 < a.C0 {
		return fmt.Errorf("there are no cells %s", a)
	}
	if a.Cells() > mostFilled {
		return fmt.Errorf("%s!%s: %w", b.sheets[a.Sheet].name, a, tooMany(a))
	}
	t, err := b.intern(a.Sheet, a.R0, a.C0, text, fixed)
	if err != nil {
		return fmt.Errorf("%s!%s: %w", b.sheets[a.Sheet].name, a, err)
	}
	if err := b.clear(a); err != nil {
		return err
	}
	for row := a.R0; row <= a.R1; row++ {
		for col := a.C0; col <= a.C1; col++ {
			b.note(a.Sheet, row, col)
		}
	}
	b.moved = b.moved[:0]
	id := b.graph.Add(b.node(t, a))
	b.dirty.Node(id, a)
	return nil
}

// mostFilled bounds the cells that an array formula fills.
const mostFilled = fn.MaxGrid

func tooMany(a cell.Area) error {
	return fmt.Errorf("an array formula over %s fills %d cells, more than %d", a, a.Cells(), mostFilled)
}

// Clear empties the cells of an area. An array formula that begins in it must lie in it with all of its cells.
func (b *Workbook) Clear(a cell.Area) error {
	if !inside(a.Sheet, a.R0, a.C0, len(b.sheets)) || !inside(a.Sheet, a.R1, a.C1, len(b.sheets)) || a.R1 < a.R0 || a.C1 < a.C0 {
		return fmt.Errorf("there are no cells %s", a)
	}
	if err := b.clear(a); err != nil {
		return err
	}
	b.dirty.Changed(a)
	return nil
}

func (b *Workbook) clear(a cell.Area) error {
	if err := b.keepsHeaders(a); err != nil {
		return err
	}
	ids := b.graph.In(a)
	// Behind the last cell that held something and the last formula there is nothing to clear.
	used, _ := b.Used(a.Sheet)
	for _, id := range ids {
		used = used.Union(b.graph.Node(id).Extent())
	}
	for _, id := range ids {
		if n := b.graph.Node(id); b.templates[n.Formula].kind == fixed && !a.Covers(n.Area) {
			both, _ := n.Area.Intersect(a)
			return b.partOf(n, both.R0, both.C0)
		}
	}
	for _, id := range ids {
		if n := b.graph.Node(id); b.templates[n.Formula].kind == fixed {
			b.moved = b.moved[:0]
			b.graph.Remove(id)
		}
	}
	for row := a.R0; row <= min(a.R1, used.R1); row++ {
		for col := a.C0; col <= min(a.C1, used.C1); col++ {
			if err := b.take(a.Sheet, row, col); err != nil {
				return err
			}
			b.column(a.Sheet, col, row).Set(int(row), cell.BoxEmpty())
			b.note(a.Sheet, row, col)
		}
	}
	return nil
}

// partOf is the refusal to change a cell of an array formula.
func (b *Workbook) partOf(n *graph.Node, row, col int32) error {
	return fmt.Errorf("%s!%s is part of the array formula in %s; change or clear all of it", b.sheets[n.Area.Sheet].name, cell.Address(row, col), n.Area)
}

// whole computes an array formula.
func (r *run) whole(id graph.ID) {
	e := r.env(0)
	e.forget()
	e.pending = nil
	r.wholeBy(e, id)
}

func (r *run) wholeBy(e *env, id graph.ID) {
	b := r.b
	n := b.graph.Node(id)
	if c := (at{n.Area.Sheet, n.Area.R0, n.Area.C0}); r.tangle != nil && r.tangle.arrays[c].passes > 1 {
		// It reads the cells that it fills, but only where it fills them: it would come and go for ever.
		r.tangle.inCircle[c] = true
		r.fill(id, cell.Num(0))
		return
	}
	r.fill(id, e.value(b.templates[n.Formula].formula, n.Area.Sheet, n.Area.R0, n.Area.C0))
}

// fill writes the value of an array formula. Ended in the midst it leaves the rest as it was: the formula stays stale.
func (r *run) fill(id graph.ID, v cell.Value) {
	b := r.b
	n := *b.graph.Node(id)
	if b.templates[n.Formula].kind == spilling {
		r.spill(id, &n, v)
		return
	}
	r.Cells += n.Area.Cells()
	r.Trees += n.Area.Cells()
	for col := n.Area.C0; col <= n.Area.C1 && r.ended() == nil; col++ {
		c := b.column(n.Area.Sheet, col, n.Area.R1)
		c.Open(int(n.Area.R0), int(n.Area.R1))
		for row := n.Area.R0; row <= n.Area.R1; row++ {
			c.Slot(int(row), 1)[0] = b.strings.Box(element(v, int(row-n.Area.R0), int(col-n.Area.C0)))
		}
	}
}

// element is what a cell of an array formula shows: an empty cell of the array is 0.
func element(v cell.Value, row, col int) cell.Value {
	if g := v.Grid(); g != nil {
		v = g.At(row, col)
	}
	if v.IsBlank() {
		return cell.Num(0)
	}
	return v
}

// spill writes the value of a dynamic array formula over as many cells as it has, or #SPILL! where they are not free.
func (r *run) spill(id graph.ID, n *graph.Node, v cell.Value) {
	b := r.b
	before := n.Extent()
	over := n.Area
	if g := v.Grid(); g != nil {
		over.R1, over.C1 = over.R0+int32(g.Rows)-1, over.C0+int32(g.Cols)-1
		yield, ok := b.room(id, over, before)
		if ok && len(yield) > 0 {
			ok = r.ousts(id)
		}
		if ok {
			delete(b.blocked, id)
			for _, other := range yield {
				r.evict(other)
			}
		} else {
			b.blocked[id] = over
			over, v = n.Area, cell.Err(cell.ErrSpill)
		}
	}
	// What the array filled before and does not fill now is empty.
	for col := before.C0; col <= before.C1; col++ {
		c := b.column(before.Sheet, col, before.R1)
		for row := before.R0; row <= before.R1; row++ {
			if !over.Contains(before.Sheet, row, col) {
				c.Set(int(row), cell.BoxEmpty())
			}
		}
	}
	if over != before {
		b.graph.Spread(id, over)
		r.spread = append(r.spread, besides(before, over)...)
	}
	for col := over.C0; col <= over.C1 && r.ended() == nil; col++ {
		c := b.column(over.Sheet, col, over.R1)
		c.Open(int(over.R0), int(over.R1))
		for row := over.R0; row <= over.R1; row++ {
			c.Slot(int(row), 1)[0] = b.strings.Box(element(v, int(row-over.R0), int(col-over.C0)))
		}
	}
	r.Cells += over.Cells()
	r.Trees += over.Cells()
}

// room reports whether the cells of an area are free for the array in its first cell, which fills some of them already. Of two arrays that want the
// same cells the one that comes first in the sheet, by rows, has them, whichever was there before: yield are those that have spilled there and must
// give way.
func (b *Workbook) room(id graph.ID, over, before cell.Area) (yield []graph.ID, ok bool) {
	if over.R1 >= cell.MaxRows || over.C1 >= cell.MaxCols {
		return nil, false
	}
	var spilled []cell.Area
	for _, other := range b.graph.In(over) {
		if other == id {
			continue
		}
		n := b.graph.Node(other)
		if _, meets := n.Area.Intersect(over); meets || b.templates[n.Formula].kind != spilling || !ahead(over, n.Area) || b.waits[id] {
			return nil, false
		}
		yield, spilled = append(yield, other), append(spilled, n.Extent())
	}
	columns := b.sheets[over.Sheet].columns
	for col := over.C0; col <= over.C1 && int(col) < len(columns); col++ {
		for row := over.R0; row <= over.R1; row++ {
			if !before.Contains(over.Sheet, row, col) && !within(spilled, over.Sheet, row, col) && cell.BoxKind(columns[col].Get(int(row))) != cell.Empty {
				return nil, false
			}
		}
	}
	return yield, true
}

// ahead reports whether an area begins before another one, by rows.
func ahead(a, b cell.Area) bool { return a.R0 < b.R0 || a.R0 == b.R0 && a.C0 < b.C0 }

// mostOusted is how often an array may take cells from others in one recalculation.
const mostOusted = 10

// ousts reports whether an array may take cells from others. One that comes and goes with them, because it reads what it takes, may not: until the
// next edit it waits as if it came behind them.
func (r *run) ousts(id graph.ID) bool {
	if r.ousted == nil {
		r.ousted = map[graph.ID]int{}
	}
	if r.ousted[id]++; r.ousted[id] > mostOusted {
		r.b.waits[id] = true
		return false
	}
	return true
}

// evict takes the cells from an array over which it has spilled.
func (r *run) evict(id graph.ID) {
	b := r.b
	over := b.retreat(id)
	b.blocked[id] = over
	b.column(over.Sheet, over.C0, over.R0).Set(int(over.R0), cell.BoxError(cell.ErrSpill))
	r.spread = append(r.spread, over)
}

// unblock makes arrays stale that had no room and have it now.
func (b *Workbook) unblock() {
	for id, over := range b.blocked {
		n := b.graph.Node(id)
		if _, ok := b.room(id, over, n.Area); ok {
			delete(b.blocked, id)
			b.dirty.Node(id, n.Area)
		}
	}
}

// besides returns areas that cover the cells which are in only one of two areas with the same first cell.
func besides(a, b cell.Area) []cell.Area {
	var out []cell.Area
	all := a.Union(b)
	both, _ := a.Intersect(b)
	if below := (cell.Area{Sheet: a.Sheet, R0: both.R1 + 1, C0: all.C0, R1: all.R1, C1: all.C1}); below.R0 <= below.R1 {
		out = append(out, below)
	}
	if right := (cell.Area{Sheet: a.Sheet, R0: all.R0, C0: both.C1 + 1, R1: both.R1, C1: all.C1}); right.C0 <= right.C1 {
		out = append(out, right)
	}
	return out
}

// unspill empties the cells over which an array has spilled, but for its own.
func (b *Workbook) unspill(id graph.ID) {
	if over := b.retreat(id); !over.Single() {
		b.dirty.Changed(over)
	}
}

// retreat empties the cells over which an array has spilled, but for its own, and returns all of them.
func (b *Workbook) retreat(id graph.ID) cell.Area {
	n := *b.graph.Node(id)
	over := n.Extent()
	if over == n.Area {
		return over
	}
	for col := over.C0; col <= over.C1; col++ {
		c := b.column(over.Sheet, col, over.R1)
		for row := over.R0; row <= over.R1; row++ {
			if !n.Area.Contains(over.Sheet, row, col) {
				c.Set(int(row), cell.BoxEmpty())
			}
		}
	}
	b.graph.Spread(id, n.Area)
	return over
}

func bitsOf(b cell.Box) uint64 { return math.Float64bits(b) }
