package calc

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/graph"
)

// SetArray puts an array formula over an area, without "=". Its value fills the area: one value all of it, an array as far as it
// goes and #N/A beyond.
func (b *Workbook) SetArray(a cell.Area, text string) error {
	t, err := b.intern(a.Sheet, a.R0, a.C0, text, fixed)
	if err != nil {
		return err
	}
	for row := a.R0; row <= a.R1; row++ {
		for col := a.C0; col <= a.C1; col++ {
			if err := b.take(a.Sheet, row, col); err != nil {
				return err
			}
		}
	}
	id := b.graph.Add(b.node(t, a))
	b.dirty.Node(id, a)
	return nil
}

// whole computes an array formula.
func (r *run) whole(id graph.ID) {
	e := r.env(0)
	e.prefix.forget()
	e.pending = nil
	r.wholeBy(e, id)
}

func (r *run) wholeBy(e *env, id graph.ID) {
	b := r.b
	n := *b.graph.Node(id)
	t := b.templates[n.Formula]
	v := e.value(t.formula, n.Area.Sheet, n.Area.R0, n.Area.C0)
	if t.kind == spilling {
		r.spill(id, &n, v)
		return
	}
	r.Cells += n.Area.Cells()
	r.Trees += n.Area.Cells()
	for col := n.Area.C0; col <= n.Area.C1; col++ {
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
		if b.room(id, over, before) {
			delete(b.blocked, id)
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
	for col := over.C0; col <= over.C1; col++ {
		c := b.column(over.Sheet, col, over.R1)
		c.Open(int(over.R0), int(over.R1))
		for row := over.R0; row <= over.R1; row++ {
			c.Slot(int(row), 1)[0] = b.strings.Box(element(v, int(row-over.R0), int(col-over.C0)))
		}
	}
	r.Cells += over.Cells()
	r.Trees += over.Cells()
	if over != before {
		b.graph.Spread(id, over)
		r.spread = append(r.spread, besides(before, over)...)
	}
}

// room reports whether the cells of an area are free for the array in its first cell, which fills some of them already.
func (b *Workbook) room(id graph.ID, over, before cell.Area) bool {
	if over.R1 >= cell.MaxRows || over.C1 >= cell.MaxCols {
		return false
	}
	for _, other := range b.graph.In(over) {
		if other != id {
			return false
		}
	}
	columns := b.sheets[over.Sheet].columns
	for col := over.C0; col <= over.C1 && int(col) < len(columns); col++ {
		for row := over.R0; row <= over.R1; row++ {
			if !before.Contains(over.Sheet, row, col) && cell.BoxKind(columns[col].Get(int(row))) != cell.Empty {
				return false
			}
		}
	}
	return true
}

// unblock makes arrays stale that had no room and have it now.
func (b *Workbook) unblock() {
	for id, over := range b.blocked {
		if n := b.graph.Node(id); b.room(id, over, n.Area) {
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
	n := *b.graph.Node(id)
	over := n.Extent()
	if over == n.Area {
		return
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
	b.dirty.Changed(over)
}

func bitsOf(b cell.Box) uint64 { return math.Float64bits(b) }
