package eval

import (
	"sync/atomic"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn"
)

// maxApply bounds the depth of functions that call each other.
const maxApply = 512

// Env is what a walk needs of the workbook: all that functions need, but for where they are and how functions are
// applied, which the walk knows itself.
type Env interface {
	fn.Cells
	Dates() cell.Dates
	Now() float64
	Rand() float64
	Cached(key any, areas []cell.Area, build func() any) any
	Reach(a cell.Area) cell.Area
	Growing(key any, build func() any) any
	Reference(text string, r1c1 bool) cell.Value
	// Spill returns the area over which the array formula in this cell has spilled, and false where there is none.
	Spill(sheet, row, col int32) (cell.Area, bool)
}

// Walker computes formulas, one at a time.
type Walker struct {
	Env
	sheet, row, col int32
	locals          []cell.Value
	depth           int
	calls           []*fn.Call // free ones
	cells           *cell.Strings
	dates           cell.Dates
	sweeping        *sweeping    // memory that is kept from sweep to sweep
	stop            *atomic.Bool // nil for a walker that nobody stops
}

// NewWalker returns a walker over a workbook. It is for one goroutine.
func NewWalker(env Env) *Walker {
	return &Walker{Env: env, cells: env.Strings(), dates: env.Dates()}
}

// Stopped is what [Walker.Poll] panics with: the cell whose formula was under way. Whoever gave the flag to [Walker.StopBy] recovers
// from it, and uses the walker no more.
type Stopped struct{ Sheet, Row, Col int32 }

// StopBy makes the walker give up, by a panic with [Stopped], what it computes once the flag is set.
func (w *Walker) StopBy(flag *atomic.Bool) { w.stop = flag }

// Poll implements [fn.Env].
func (w *Walker) Poll() {
	if w.stop != nil && w.stop.Load() {
		panic(Stopped{w.sheet, w.row, w.col})
	}
}

// Reset makes the walker ready after a computation that was given up by a panic of its Env.
func (w *Walker) Reset() {
	w.locals, w.depth, w.calls = nil, 0, nil
}

// Here implements [fn.Env].
func (w *Walker) Here() (sheet, row, col int32) { return w.sheet, w.row, w.col }

// Value computes the formula for a cell. In the mode of single values it is one value; in array mode it may be an
// Array. It is never a reference, and never empty: what reads an empty cell is 0. A function is #CALC!, as Excel shows one that nobody calls.
func (f *Formula) Value(w *Walker, sheet, row, col int32) cell.Value {
	v := f.at(w, sheet, row, col, func(v cell.Value) cell.Value {
		if f.Array {
			return w.many(v)
		}
		v = w.intersect(v)
		if v.Kind() == cell.Array {
			return v.Grid().Cells[0]
		}
		return v
	})
	switch {
	case v.Kind() == cell.Lambda:
		return cell.Err(cell.ErrCalc)
	case v.IsBlank():
		return cell.Num(0)
	}
	return v
}

// Raw is [Formula.Value] before references are read.
func (f *Formula) Raw(w *Walker, sheet, row, col int32) cell.Value {
	return f.at(w, sheet, row, col, func(v cell.Value) cell.Value { return v })
}

// at evaluates the formula in a cell, and finishes its value there. Formulas may be evaluated while another one is.
func (f *Formula) at(w *Walker, sheet, row, col int32, finish func(cell.Value) cell.Value) cell.Value {
	outer := *w
	w.sheet, w.row, w.col, w.locals = sheet, row, col, nil
	if f.locals > 0 {
		w.locals = make([]cell.Value, f.locals)
	}
	v := finish(f.root.eval(w))
	w.sheet, w.row, w.col, w.locals, w.depth = outer.sheet, outer.row, outer.col, outer.locals, outer.depth
	return v
}

// node is a compiled expression. The value of eval may be of any kind, [cell.Ref] included.
type node interface{ eval(w *Walker) cell.Value }

type constant struct{ v cell.Value }

func (n *constant) eval(*Walker) cell.Value { return n.v }

type local struct{ slot int }

func (n *local) eval(w *Walker) cell.Value { return w.locals[n.slot] }

// reference is a reference as such.
type reference struct {
	Ref
	single bool
}

func (n *reference) eval(w *Walker) cell.Value {
	first, last := n.First, n.Last
	if first < 0 {
		first, last = w.sheet, w.sheet
	}
	a, ok := n.At(first, w.row, w.col)
	if !ok {
		return cell.Err(cell.ErrRef)
	}
	if first == last {
		return cell.RefTo(a)
	}
	var areas []cell.Area
	for s := first; s <= last; s++ {
		a.Sheet = s
		areas = append(areas, a)
	}
	return cell.RefTo(areas...)
}

// one is the value of one cell, the commonest operand.
type one struct{ Ref }

func (n *one) eval(w *Walker) cell.Value {
	sheet := n.First
	if sheet < 0 {
		sheet = w.sheet
	}
	return w.Cell(sheet, n.R0.At(w.row), n.C0.At(w.col))
}

// value makes one value of a reference where one is needed, or an array in array mode.
type value struct {
	of    node
	array bool
}

func (n *value) eval(w *Walker) cell.Value {
	v := n.of.eval(w)
	if v.Kind() != cell.Ref {
		return v
	}
	if n.array {
		return w.many(v)
	}
	return w.intersect(v)
}

// intersected is the operator @.
type intersected struct{ of node }

func (n *intersected) eval(w *Walker) cell.Value {
	v := w.intersect(n.of.eval(w))
	if v.Kind() == cell.Array {
		return v.Grid().Cells[0]
	}
	return v
}

// intersect makes one value of a reference: its only cell, or the one in the formula's own row or column.
func (w *Walker) intersect(v cell.Value) cell.Value {
	areas := v.Areas()
	if areas == nil {
		return v
	}
	if len(areas) > 1 {
		return cell.Err(cell.ErrValue)
	}
	switch a := areas[0]; {
	case a.Single():
		return w.Cell(a.Sheet, a.R0, a.C0)
	case a.C0 == a.C1 && a.R0 <= w.row && w.row <= a.R1:
		return w.Cell(a.Sheet, w.row, a.C0)
	case a.R0 == a.R1 && a.C0 <= w.col && w.col <= a.C1:
		return w.Cell(a.Sheet, a.R0, w.col)
	}
	return cell.Err(cell.ErrValue)
}

// many makes values of a reference: one, or an array.
func (w *Walker) many(v cell.Value) cell.Value {
	areas := v.Areas()
	if areas == nil {
		return v
	}
	if len(areas) == 1 && areas[0].Single() {
		return w.Cell(areas[0].Sheet, areas[0].R0, areas[0].C0)
	}
	g, code := fn.GridOf(w, v)
	if code != 0 {
		return cell.Err(code)
	}
	return cell.Arr(g)
}

// lift1 applies f to one value or to each of an array.
func (w *Walker) lift1(v cell.Value, f func(cell.Value) cell.Value) cell.Value {
	g := v.Grid()
	if g == nil {
		return f(v)
	}
	out := cell.NewGrid(g.Rows, g.Cols)
	for i, e := range g.Cells {
		w.Poll()
		out.Cells[i] = f(e)
	}
	return cell.Arr(out)
}

// lift2 applies f to two values, or to arrays laid over each other.
func (w *Walker) lift2(a, b cell.Value, f func(a, b cell.Value) cell.Value) cell.Value {
	ga, gb := a.Grid(), b.Grid()
	if ga == nil && gb == nil {
		return f(a, b)
	}
	one := func(v cell.Value) *cell.Grid {
		return &cell.Grid{Rows: 1, Cols: 1, Cells: []cell.Value{v}}
	}
	if ga == nil {
		ga = one(a)
	}
	if gb == nil {
		gb = one(b)
	}
	rows, cols := max(ga.Rows, gb.Rows), max(ga.Cols, gb.Cols)
	if rows*cols > fn.MaxGrid {
		return cell.Err(cell.ErrNum)
	}
	out := cell.NewGrid(rows, cols)
	for r := range rows {
		w.Poll()
		for c := range cols {
			out.Cells[r*cols+c] = f(ga.At(r, c), gb.At(r, c))
		}
	}
	return cell.Arr(out)
}

// arithmetic is + - * / ^.
type arithmetic struct {
	op   byte
	x, y node
	last bool // it is a + or - that stands last in the formula
}

func (n *arithmetic) eval(w *Walker) cell.Value {
	x, y := n.x.eval(w), n.y.eval(w)
	if x.Kind() == cell.Number && y.Kind() == cell.Number {
		return n.of(x.Float(), y.Float())
	}
	return w.lift2(x, y, func(x, y cell.Value) cell.Value {
		x = cell.ToNumber(x, w.dates)
		if x.IsError() {
			return x
		}
		y = cell.ToNumber(y, w.dates)
		if y.IsError() {
			return y
		}
		return n.of(x.Float(), y.Float())
	})
}

func (n *arithmetic) of(x, y float64) cell.Value {
	v := Arithmetic(n.op, x, y)
	if n.last && v.Kind() == cell.Number {
		return cell.Num(cell.Settle(x, v.Float()))
	}
	return v
}

// enclosed is what stands between parentheses that are around the whole formula.
type enclosed struct{ of node }

func (n *enclosed) eval(w *Walker) cell.Value { return n.of.eval(w) }

// Arithmetic is an operator on two numbers: + - * / ^. It is what the kernels must agree with, bit for bit for all but ^.
func Arithmetic(op byte, x, y float64) cell.Value {
	switch op {
	case '+':
		return cell.Num(x + y)
	case '-':
		return cell.Num(x - y)
	case '*':
		return cell.Num(x * y)
	case '/':
		if y == 0 {
			return cell.Err(cell.ErrDiv)
		}
		return cell.Num(x / y)
	}
	return fn.Power(x, y)
}

type negate struct{ of node }

func (n *negate) eval(w *Walker) cell.Value {
	return w.lift1(n.of.eval(w), func(v cell.Value) cell.Value {
		if v = cell.ToNumber(v, w.dates); v.IsError() {
			return v
		}
		return cell.Num(-v.Float())
	})
}

type percent struct{ of node }

func (n *percent) eval(w *Walker) cell.Value {
	return w.lift1(n.of.eval(w), func(v cell.Value) cell.Value {
		if v = cell.ToNumber(v, w.dates); v.IsError() {
			return v
		}
		return cell.Num(v.Float() / 100)
	})
}

type concat struct{ x, y node }

func (n *concat) eval(w *Walker) cell.Value {
	return w.lift2(n.x.eval(w), n.y.eval(w), func(x, y cell.Value) cell.Value {
		if x = cell.ToText(x); x.IsError() {
			return x
		}
		if y = cell.ToText(y); y.IsError() {
			return y
		}
		if len(x.Text())+len(y.Text()) > fn.MaxText && fn.TooLong(x.Text()+y.Text()) {
			return cell.Err(cell.ErrValue)
		}
		return cell.Str(x.Text() + y.Text())
	})
}

type comparison struct {
	op   string
	x, y node
}

func (n *comparison) eval(w *Walker) cell.Value {
	return w.lift2(n.x.eval(w), n.y.eval(w), func(x, y cell.Value) cell.Value { return compare(n.op, x, y) })
}

func compare(op string, x, y cell.Value) cell.Value {
	if x.IsError() {
		return x
	}
	if y.IsError() {
		return y
	}
	if x.Kind() == cell.Lambda || y.Kind() == cell.Lambda {
		return cell.Err(cell.ErrCalc)
	}
	d := cell.CompareOperands(x, y)
	switch op {
	case "=":
		return cell.Truth(d == 0)
	case "<>":
		return cell.Truth(d != 0)
	case "<":
		return cell.Truth(d < 0)
	case "<=":
		return cell.Truth(d <= 0)
	case ">":
		return cell.Truth(d > 0)
	}
	return cell.Truth(d >= 0)
}

// areasOf returns the areas of an operand of a reference operator, or the error it is.
func (w *Walker) areasOf(v cell.Value) ([]cell.Area, cell.Value) {
	if v.Kind() == cell.Ref {
		return v.Areas(), cell.Value{}
	}
	if v.IsError() {
		return nil, v
	}
	return nil, cell.Err(cell.ErrValue)
}

// span is X:Y, the least area that covers both.
type span struct{ x, y node }

func (n *span) eval(w *Walker) cell.Value {
	x, bad := w.areasOf(n.x.eval(w))
	if x == nil {
		return bad
	}
	y, bad := w.areasOf(n.y.eval(w))
	if y == nil {
		return bad
	}
	if len(x) != 1 || len(y) != 1 || x[0].Sheet != y[0].Sheet {
		return cell.Err(cell.ErrValue)
	}
	return cell.RefTo(x[0].Union(y[0]))
}

// shared is "X Y", the cells in both.
type shared struct{ x, y node }

func (n *shared) eval(w *Walker) cell.Value {
	x, bad := w.areasOf(n.x.eval(w))
	if x == nil {
		return bad
	}
	y, bad := w.areasOf(n.y.eval(w))
	if y == nil {
		return bad
	}
	var out []cell.Area
	for _, a := range x {
		for _, b := range y {
			if both, ok := a.Intersect(b); ok {
				out = append(out, both)
			}
		}
	}
	if out == nil {
		return cell.Err(cell.ErrNull)
	}
	return cell.RefTo(out...)
}

// union is (X,Y), the areas of both.
type union struct{ x, y node }

func (n *union) eval(w *Walker) cell.Value {
	x, bad := w.areasOf(n.x.eval(w))
	if x == nil {
		return bad
	}
	y, bad := w.areasOf(n.y.eval(w))
	if y == nil {
		return bad
	}
	return cell.RefTo(append(append([]cell.Area(nil), x...), y...)...)
}

// spilled is X#, the area over which the array formula in X has spilled.
type spilled struct{ of node }

func (n *spilled) eval(w *Walker) cell.Value {
	areas, bad := w.areasOf(n.of.eval(w))
	if areas == nil {
		return bad
	}
	if len(areas) == 1 && areas[0].Single() {
		if a, ok := w.Spill(areas[0].Sheet, areas[0].R0, areas[0].C0); ok {
			return cell.RefTo(a)
		}
	}
	return cell.Err(cell.ErrRef)
}

// named is a defined name. It is compiled as if it stood in the formula's cell.
type named struct {
	node   node
	locals int
}

func (n *named) eval(w *Walker) cell.Value {
	w.Poll()
	if w.depth >= maxApply {
		return cell.Err(cell.ErrNum)
	}
	w.depth++
	outer := w.locals
	w.locals = nil
	if n.locals > 0 {
		w.locals = make([]cell.Value, n.locals)
	}
	v := n.node.eval(w)
	w.locals = outer
	w.depth--
	return v
}
