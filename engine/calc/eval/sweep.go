package eval

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn"
	"github.com/napkin-infra/napkin/engine/calc/kernel"
)

// sweep is SUMPRODUCT of conditions and arithmetic over columns of one height, computed tile by tile without an array in between. It is given up
// where anything is met that it does not know (a text in arithmetic, an error, a shape of its own): then the plain function computes the same from
// the beginning. So it must only be right about numbers, and about which values are equal, less or greater.
type sweep struct {
	plain  *function
	args   []*swept
	leaves []node
	slots  int // buffers that are needed
}

// swept is a part of the expression: a leaf, or an operation on one or two parts.
type swept struct {
	op   byte   // 0 for a leaf, '?' for a comparison, 'n' for -x, '%', or an operator of arithmetic
	cmp  string // of a comparison
	x, y *swept
	leaf int // number of the leaf
	slot int // of the buffer for the result
}

// boundLeaf is what a leaf is in the cell under way.
type boundLeaf struct {
	v      cell.Value
	column bool // the cells of area
	area   cell.Area
}

// sweepOf returns the sweep of a function, and nil where it is none.
func sweepOf(f *function) node {
	s := &sweep{plain: f}
	for _, a := range f.args {
		p := s.part(a)
		if p == nil || p.op == '?' { // what is TRUE or FALSE alone counts as 0
			return nil
		}
		s.args = append(s.args, p)
	}
	return s
}

func (s *sweep) part(n node) *swept {
	p := &swept{leaf: -1, slot: s.slots}
	s.slots++
	switch n := n.(type) {
	case *arithmetic:
		if n.op == '^' {
			return nil
		}
		p.op, p.x, p.y = n.op, s.part(n.x), s.part(n.y)
		if p.x == nil || p.y == nil {
			return nil
		}
	case *comparison:
		p.op, p.cmp, p.x, p.y = '?', n.op, s.part(n.x), s.part(n.y)
		if p.x == nil || p.y == nil || p.x.op == '?' || p.y.op == '?' {
			return nil
		}
	case *negate:
		if p.op, p.x = 'n', s.part(n.of); p.x == nil {
			return nil
		}
	case *percent:
		if p.op, p.x = '%', s.part(n.of); p.x == nil {
			return nil
		}
	case *value:
		return s.part(n.of)
	case *reference, *named, *one, *constant, *function:
		if !flat(n) {
			return nil
		}
		p.leaf = len(s.leaves)
		s.leaves = append(s.leaves, n)
	default:
		return nil
	}
	return p
}

// flat reports whether a leaf is cells, or one value that is not made of many: that would be made twice.
func flat(n node) bool {
	switch n := n.(type) {
	case *constant, *one, *reference, *named:
		return true
	case *value:
		r, ok := n.of.(*reference)
		return flat(n.of) && (!ok || r.single)
	case *arithmetic:
		return flat(n.x) && flat(n.y)
	case *function:
		for _, a := range n.args {
			if r, ok := a.(*reference); ok && !r.single || !flat(a) {
				return false
			}
		}
		return !n.f.Volatile && !n.f.Dynamic
	}
	return false
}

func (s *sweep) eval(w *Walker) cell.Value {
	if v, ok := s.sum(w); ok {
		return v
	}
	return s.plain.eval(w)
}

// sweeping is the memory of a sweep, which a walker keeps.
type sweeping struct {
	w      *Walker
	leaves []boundLeaf
	tiles  [][]float64
	boxes  [2][kernel.Tile]cell.Box
	// Results of comparisons of cells with one value, by the slot of the comparison, and whether they are of the cell under way.
	memo  []*[memos]known
	known []bool
	grown map[*sweep]*grown
	same  []float64 // a constant that numbers are compared with
}

// grown is how far a sweep has come. Products are added one after the other, so that one over the same columns, which only go further down, goes on
// from there.
type grown struct {
	leaves []boundLeaf
	rows   int
	sum    float64
}

// Forget makes the walker take nothing from earlier formulas. Cells that those have read may change then.
func (w *Walker) Forget() {
	if w.sweeping != nil {
		clear(w.sweeping.grown)
	}
}

// follows reports whether a leaf has the same value, or is the same column as far as that goes.
func (l *boundLeaf) follows(before *boundLeaf) bool {
	if l.column || before.column {
		a, b := l.area, before.area
		return l.column && before.column && a.Sheet == b.Sheet && a.R0 == b.R0 && a.C0 == b.C0 && a.R1 >= b.R1
	}
	return l.v.Kind() == before.v.Kind() && math.Float64bits(l.v.Float()) == math.Float64bits(before.v.Float()) && l.v.Text() == before.v.Text() &&
		l.v.True() == before.v.True()
}

// resume returns how many rows were added up already by the formula before, and their sum.
func (m *sweeping) resume(s *sweep) (rows int, sum float64) {
	g := m.grown[s]
	if g == nil {
		return 0, 0
	}
	for i := range m.leaves {
		if !m.leaves[i].follows(&g.leaves[i]) {
			return 0, 0
		}
	}
	return g.rows, g.sum
}

// known is the result of a comparison with a cell.
type known struct {
	bits   uint64
	result float64
	is     bool
}

const memos = 256

// sum computes the formula for a cell, and reports false where the plain function must.
func (s *sweep) sum(w *Walker) (cell.Value, bool) {
	m := w.sweeping
	if m == nil {
		m = &sweeping{w: w}
		w.sweeping = m
	}
	leaves := make([]boundLeaf, len(s.leaves)) // a leaf may be a sweep by itself
	rows := -1
	for i, n := range s.leaves {
		l := &leaves[i]
		l.v = n.eval(w)
		areas := l.v.Areas()
		switch {
		case len(areas) == 1 && areas[0].Single():
			l.v = w.Cell(areas[0].Sheet, areas[0].R0, areas[0].C0)
		case len(areas) == 1 && areas[0].C0 == areas[0].C1:
			l.column, l.area = true, fn.Level(w, areas[0])
			if rows >= 0 && l.area.Rows() != rows {
				return cell.Value{}, false
			}
			rows = l.area.Rows()
			continue
		}
		switch l.v.Kind() {
		case cell.Empty, cell.Number, cell.Text, cell.Bool:
		default:
			return cell.Value{}, false
		}
	}
	if rows < fewSwept {
		return cell.Value{}, false
	}
	for _, p := range s.args {
		if !p.wide(leaves) {
			return cell.Value{}, false
		}
	}
	m.leaves = leaves
	for len(m.tiles) < s.slots {
		m.tiles = append(m.tiles, make([]float64, kernel.Tile))
		m.memo, m.known = append(m.memo, nil), append(m.known, false)
	}
	clear(m.known)
	from, sum := m.resume(s)
	for at := from; at < rows; at += kernel.Tile {
		n := min(kernel.Tile, rows-at)
		var out kernel.Mask // rows where some argument has no number
		product := m.tiles[s.args[0].slot][:n]
		for i, p := range s.args {
			tile := m.tiles[p.slot][:n]
			if p.op != 0 {
				if !m.compute(p, at, n) {
					return cell.Value{}, false
				}
			} else {
				copy(tile, m.read(&leaves[p.leaf], at, n, 0))
				if !kernel.AllNumbers(tile) && !leaveOut(tile, &out) {
					return cell.Value{}, false
				}
			}
			if i > 0 {
				kernel.Mul(product, product, tile)
			}
		}
		if out == (kernel.Mask{}) {
			for _, x := range product {
				sum += x
			}
			continue
		}
		for k, x := range product {
			if !out.Has(k) {
				sum += x
			}
		}
	}
	if m.grown == nil {
		m.grown = map[*sweep]*grown{}
	}
	m.grown[s] = &grown{leaves, rows, sum}
	return cell.Num(sum), true
}

// leaveOut marks the cells that hold no number, and reports false where one holds an error.
func leaveOut(tile []float64, out *kernel.Mask) bool {
	for i, b := range tile {
		if b != b {
			if cell.BoxKind(b) == cell.Error {
				return false
			}
			tile[i] = 0
			out.Set(i)
		}
	}
	return true
}

// fewSwept is how many rows are computed as fast by arrays.
const fewSwept = 16

// wide reports whether a part has a value for each row.
func (p *swept) wide(leaves []boundLeaf) bool {
	if p.op == 0 {
		return leaves[p.leaf].column
	}
	return p.x.wide(leaves) || p.y != nil && p.y.wide(leaves)
}

// read returns n cells of a column from a place on.
func (m *sweeping) read(l *boundLeaf, at, n, buffer int) []cell.Box {
	a := l.area
	a.R0 += int32(at)
	a.R1 = a.R0 + int32(n) - 1
	boxes := m.boxes[buffer][:n]
	m.w.Boxes(a, func(row, _ int32, run []cell.Box) bool {
		copy(boxes[row-a.R0:], run)
		return true
	})
	return boxes
}

// compute sets the tile of a part to its numbers (a condition is 0 or 1), and reports false where it has others.
func (m *sweeping) compute(p *swept, at, n int) bool {
	dst := m.tiles[p.slot][:n]
	var bad kernel.Mask
	switch {
	case p.op == 0:
		kernel.LoadNumber(dst, m.read(&m.leaves[p.leaf], at, n, 0), &bad)
		return bad == kernel.Mask{}
	case p.op == '?':
		return m.compare(p, at, n)
	case p.y == nil:
		if !m.compute(p.x, at, n) {
			return false
		}
		if x := m.tiles[p.x.slot][:n]; p.op == 'n' {
			kernel.Neg(dst, x)
		} else {
			kernel.DivC(dst, x, 100)
		}
		return true
	}
	x, k, ok := m.operand(p.x, at, n)
	if !ok {
		return false
	}
	y, l, ok := m.operand(p.y, at, n)
	if !ok {
		return false
	}
	switch {
	case x == nil && y == nil:
		v := Arithmetic(p.op, k, l)
		kernel.Fill(dst, v.Float())
		return v.Kind() == cell.Number
	case x == nil:
		constantFirst(p.op, dst, k, y, &bad)
	case y == nil:
		constantLast(p.op, dst, x, l, &bad)
	default:
		switch p.op {
		case '+':
			kernel.Add(dst, x, y)
		case '-':
			kernel.Sub(dst, x, y)
		case '*':
			kernel.Mul(dst, x, y)
		case '/':
			kernel.NotDivisor(y, &bad)
			kernel.Div(dst, x, y)
		}
	}
	kernel.NotFinite(dst, &bad)
	return bad == kernel.Mask{}
}

func constantFirst(op byte, dst []float64, k float64, y []float64, bad *kernel.Mask) {
	switch op {
	case '+':
		kernel.AddC(dst, y, k)
	case '-':
		kernel.CSub(dst, y, k)
	case '*':
		kernel.MulC(dst, y, k)
	case '/':
		kernel.NotDivisor(y, bad)
		kernel.CDiv(dst, y, k)
	}
}

func constantLast(op byte, dst, x []float64, k float64, bad *kernel.Mask) {
	switch op {
	case '+':
		kernel.AddC(dst, x, k)
	case '-':
		kernel.SubC(dst, x, k)
	case '*':
		kernel.MulC(dst, x, k)
	case '/':
		if k == 0 {
			bad.Set(0)
		}
		kernel.DivC(dst, x, k)
	}
}

// operand returns an operand of arithmetic as a tile, or nil and one number.
func (m *sweeping) operand(p *swept, at, n int) ([]float64, float64, bool) {
	if p.wide(m.leaves) {
		return m.tiles[p.slot][:n], 0, m.compute(p, at, n)
	}
	v, ok := m.scalar(p)
	if !ok {
		return nil, 0, false
	}
	v = cell.ToNumber(v, m.w.dates)
	return nil, v.Float(), v.Kind() == cell.Number
}

// scalar returns the value of a part that is the same in all rows.
func (m *sweeping) scalar(p *swept) (cell.Value, bool) {
	if p.op == 0 {
		return m.leaves[p.leaf].v, true
	}
	x, ok := m.scalar(p.x)
	if !ok {
		return x, false
	}
	var v cell.Value
	switch p.op {
	case '?':
		y, ok := m.scalar(p.y)
		if !ok {
			return y, false
		}
		v = compare(p.cmp, x, y)
	case 'n':
		v = (&negate{&constant{x}}).eval(m.w)
	case '%':
		v = (&percent{&constant{x}}).eval(m.w)
	default:
		y, ok := m.scalar(p.y)
		if !ok {
			return y, false
		}
		v = (&arithmetic{op: p.op, x: &constant{x}, y: &constant{y}}).eval(m.w)
	}
	return v, !v.IsError()
}

// compare sets the tile of a comparison.
func (m *sweeping) compare(p *swept, at, n int) bool {
	x, y, op := p.x, p.y, p.cmp
	if !x.wide(m.leaves) {
		x, y, op = y, x, mirrored[op]
	}
	dst := m.tiles[p.slot][:n]
	if !y.wide(m.leaves) {
		v, ok := m.scalar(y)
		return ok && m.compareWith(dst, p, x, op, v, at, n)
	}
	// Two columns: of numbers both, or cell by cell.
	if y.op != 0 && x.op == 0 { // computing it would need the buffer of the other
		x, y, op = y, x, mirrored[op]
	}
	a, ok := m.cells(x, at, n, 0)
	if !ok {
		return false
	}
	b, ok := m.cells(y, at, n, 1)
	if !ok {
		return false
	}
	if kernel.AllNumbers(a) && kernel.AllNumbers(b) {
		m.numbers(dst, op, a, b)
		return true
	}
	strings := m.w.cells
	for i := range dst {
		v := compare(op, strings.Value(a[i]), strings.Value(b[i]))
		if v.IsError() {
			return false
		}
		dst[i] = v.Float()
	}
	return true
}

// numbers sets dst to the comparison of numbers. Where two of them may differ in their last digits only, it goes one by one.
func (m *sweeping) numbers(dst []float64, op string, a, b []float64) {
	var near kernel.Mask
	if kernel.NearlyEqual(a, b, &near); near == (kernel.Mask{}) {
		comparisons[op].tiles(dst, a, b)
		return
	}
	for i := range dst {
		dst[i] = compare(op, cell.Num(a[i]), cell.Num(b[i])).Float()
	}
}

// cells returns what is compared: the cells of a column as they are, or numbers.
func (m *sweeping) cells(p *swept, at, n, buffer int) ([]cell.Box, bool) {
	if p.op == 0 {
		return m.read(&m.leaves[p.leaf], at, n, buffer), true
	}
	return m.tiles[p.slot][:n], m.compute(p, at, n)
}

// compareWith sets dst to the comparison of a column with one value.
func (m *sweeping) compareWith(dst []float64, p, x *swept, op string, v cell.Value, at, n int) bool {
	cells, ok := m.cells(x, at, n, 0)
	if !ok {
		return false
	}
	if v.Kind() == cell.Number && kernel.AllNumbers(cells) {
		k := v.Float()
		if k == 0 { // what differs from 0 differs in its digits
			comparisons[op].constant(dst, cells, k)
			return true
		}
		if m.same == nil {
			m.same = make([]float64, kernel.Tile)
		}
		kernel.Fill(m.same[:n], k)
		m.numbers(dst, op, cells, m.same[:n])
		return true
	}
	memo := m.memo[p.slot]
	switch {
	case memo == nil:
		memo = &[memos]known{}
		m.memo[p.slot] = memo
	case !m.known[p.slot]:
		clear(memo[:])
	}
	m.known[p.slot] = true
	strings := m.w.cells
	for i, b := range cells {
		bits := math.Float64bits(b)
		e := &memo[(bits^bits>>47)%memos]
		if !e.is || e.bits != bits {
			r := compare(op, strings.Value(b), v)
			if r.IsError() {
				return false
			}
			*e = known{bits, r.Float(), true}
		}
		dst[i] = e.result
	}
	return true
}

var mirrored = map[string]string{"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

var comparisons = map[string]struct {
	tiles    func(dst, a, b []float64)
	constant func(dst, a []float64, k float64)
}{
	"=":  {kernel.Equal, kernel.EqualC},
	"<>": {kernel.NotEqual, kernel.NotEqualC},
	"<":  {kernel.Less, kernel.LessC},
	"<=": {kernel.LessEqual, kernel.LessEqualC},
	">":  {kernel.Greater, kernel.GreaterC},
	">=": {kernel.GreaterEqual, kernel.GreaterEqualC},
}
