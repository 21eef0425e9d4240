package calc

import (
	"cmp"
	"math/bits"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/fn"
	"github.com/napkin-infra/napkin/engine/calc/fn/search"
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/kernel"
	"github.com/napkin-infra/napkin/engine/calc/store"
	"github.com/napkin-infra/napkin/engine/calc/vm"
)

// env is the workbook as one walker sees it.
type env struct {
	b            *Workbook
	walker       *eval.Walker
	tiles, trees int64  // cells computed by each
	draws        uint64 // random numbers drawn by the cell under way
	prefix       prefixes
	frame        vm.Frame
	inputs       []vm.Input
	buffers      [][]cell.Box
	bad          []kernel.Mask
	writing      []cell.Area // cells that are being written, none of which is read but by a wave
	grown        []grown     // growing ranges by input
	lookup       *lookupBuffer
	askers       askers
	spare        []cell.Box   // see buffer
	runs         [][]cell.Box // buffers for reading runs of cells
	many         bool         // the same formula is computed for many rows, so that an index pays

	tried *tried // where the reads of formulas are taken note of
	// pending, where set, is asked for cells that are not computed yet, and does not return if there are any.
	pending func(a cell.Area)
}

var _ eval.Env = (*env)(nil)

// newEnv returns the workbook as a walker sees it that nobody stops; those of a recalculation are made by [run.newEnv].
func (b *Workbook) newEnv() *env {
	e := &env{b: b}
	e.walker = eval.NewWalker(e)
	return e
}

// forget makes formulas read anew what those before have read: it may change.
func (e *env) forget() {
	e.prefix.forget()
	e.walker.Forget()
}

// buffer returns room for n boxes of a tile, until the next call.
func (e *env) buffer(n int) []cell.Box {
	if e.spare == nil {
		e.spare = make([]cell.Box, store.TileRows)
	}
	return e.spare[:n]
}

// writes says which cells are being written from now on.
func (e *env) writes(areas ...cell.Area) { e.writing = append(e.writing[:0], areas...) }

// try has the reads of the formulas that follow taken note of.
func (e *env) try() *tried {
	t := &tried{version: e.b.version, columns: map[sheetColumn]bool{}, extents: map[int32]extent{}}
	e.tried = t
	e.pending = func(a cell.Area) { t.read(e.b, a) }
	return t
}

// readAny takes note of a read of what is not known by columns.
func (e *env) readAny() {
	if e.tried != nil {
		e.tried.all = true
	}
}

// value computes a formula for a cell.
func (e *env) value(f *eval.Formula, sheet, row, col int32) cell.Value {
	e.draws = 0
	return f.Value(e.walker, sheet, row, col)
}

// Cell implements [fn.Cells].
func (e *env) Cell(sheet, row, col int32) cell.Value {
	if !inside(sheet, row, col, len(e.b.sheets)) {
		return cell.Err(cell.ErrRef)
	}
	if e.pending != nil {
		e.pending(cell.At(sheet, row, col))
	}
	s := e.b.sheets[sheet]
	if int(col) >= len(s.columns) {
		return cell.Value{}
	}
	return e.b.strings.Value(s.columns[col].Get(int(row)))
}

// Clip implements [fn.Cells].
func (e *env) Clip(a cell.Area) (cell.Area, bool) {
	if a.Sheet < 0 || int(a.Sheet) >= len(e.b.sheets) {
		return a, false
	}
	if e.pending != nil {
		e.pending(a)
	}
	// All columns of a sheet end where the longest does, so that ranges side by side stay of one height.
	sheet := e.b.sheets[a.Sheet]
	a.R1, a.C1 = min(a.R1, sheet.rows-1), min(a.C1, int32(len(sheet.columns))-1)
	return a, a.R0 <= a.R1 && a.C0 <= a.C1
}

// Used implements [fn.Cells].
func (e *env) Used() (rows, cols int32) {
	e.readAny()
	for _, s := range e.b.sheets {
		rows, cols = max(rows, s.rows), max(cols, int32(len(s.columns)))
	}
	return rows, cols
}

// Boxes implements [fn.Cells].
func (e *env) Boxes(a cell.Area, f func(row, col int32, run []cell.Box) bool) {
	if e.pending != nil {
		e.pending(a)
	}
	columns := e.b.sheets[a.Sheet].columns
	// Who is given cells may read others, so that there is a buffer for each of those under way.
	var buffer []cell.Box
	if last := len(e.runs) - 1; last >= 0 {
		buffer, e.runs = e.runs[last], e.runs[:last]
	} else {
		buffer = make([]cell.Box, store.TileRows)
	}
	e.boxes(columns, a, buffer, f)
	e.runs = append(e.runs, buffer)
}

// boxes is Boxes with a buffer for cells that are not in memory as they are.
func (e *env) boxes(columns []column, a cell.Area, buffer []cell.Box, f func(row, col int32, run []cell.Box) bool) {
	for c := a.C0; c <= a.C1; c++ {
		var col *column
		if int(c) < len(columns) {
			col = &columns[c]
		}
		for r := int(a.R0); r <= int(a.R1); {
			n := min(int(a.R1)-r+1, store.TileRows)
			run := store.Empties(n)
			if col != nil {
				run = col.View(r, n, buffer)
			}
			if !f(int32(r), c, run) {
				return
			}
			r += len(run)
		}
	}
}

// Summary implements [fn.Cells].
func (e *env) Summary(a cell.Area) fn.Summary {
	if e.pending != nil {
		e.pending(a)
	}
	columns := e.b.sheets[a.Sheet].columns
	var total store.Summary
	if a.R0 == a.R1 {
		for c := a.C0; c <= a.C1 && int(c) < len(columns); c++ {
			total.JoinCell(columns[c].Get(int(a.R0)))
		}
		return summary(total)
	}
	for c := a.C0; c <= a.C1 && int(c) < len(columns); c++ {
		total.Join(e.prefix.of(&columns[c], int(a.R0), int(a.R1)))
	}
	return summary(total)
}

func summary(s store.Summary) fn.Summary {
	return fn.Summary{Sum: s.Sum(), Numbers: s.Numbers, Filled: s.Filled, Blank: s.Blank, Min: s.Min, Max: s.Max, Error: s.Error}
}

// SummaryBut implements [fn.Cells].
func (e *env) SummaryBut(a cell.Area, but []cell.Area) fn.Summary {
	if len(but) == 0 {
		return e.Summary(a)
	}
	if e.pending != nil {
		e.pending(a)
	}
	columns := e.b.sheets[a.Sheet].columns
	var total store.Summary
	for ; a.C0 <= a.C1 && int(a.C0) < len(columns); a.C0++ {
		var running store.Running
		running.Begin(int(a.R0))
		next := a.R0
		cell.Area{Sheet: a.Sheet, R0: a.R0, C0: a.C0, R1: a.R1, C1: a.C0}.Without(but, func(part cell.Area) {
			running.Skip(int(part.R0 - next))
			running.Add(&columns[a.C0].Column, int(part.R0), int(part.R1))
			next = part.R1 + 1
		})
		total.Join(running.Summary())
	}
	return summary(total)
}

// Strings implements [fn.Cells].
func (e *env) Strings() *cell.Strings { return e.b.strings }

// Dates implements [eval.Env].
func (e *env) Dates() cell.Dates { return e.b.options.Dates }

// Now implements [eval.Env].
func (e *env) Now() float64 { return e.b.options.Now }

// Rand implements [eval.Env]. The number depends on the seed, the cell and how many the cell has drawn before, and on nothing
// else, so that it is the same whatever is computed in which order.
func (e *env) Rand() float64 {
	sheet, row, col := e.walker.Here()
	e.draws++
	h := mix(e.b.options.Seed ^ 0x9E3779B97F4A7C15)
	h = mix(h ^ uint64(uint32(sheet))<<32 ^ uint64(uint32(row)))
	h = mix(h ^ uint64(uint32(col))<<32 ^ e.draws)
	return float64(h>>11) / (1 << 53)
}

// mix scatters bits: a multiplication to 128 bits whose halves are joined, twice.
func mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^0xA0761D6478BD642F, 0xE7037ED1A0B428DB)
	x = hi ^ lo
	hi, lo = bits.Mul64(x^0x8EBC6AF09C88C6E3, 0x589965CC75374CC3)
	return hi ^ lo
}

// Cached implements [eval.Env].
func (e *env) Cached(key any, areas []cell.Area, build func() any) any {
	for _, a := range areas {
		if e.pending != nil {
			e.pending(a)
		}
	}
	v := e.b.cached(key, areas, build)
	if e.many {
		if c, ok := v.(*search.Column); ok {
			c.Expect()
		}
	}
	return v
}

// Growing implements [eval.Env].
func (e *env) Growing(key any, build func() any) any {
	if e.pending != nil {
		return nil
	}
	return e.prefix.growing(key, build)
}

// Reach implements [eval.Env]. While cells are computed in the order in which they need each other nothing is known of their neighbours.
func (e *env) Reach(a cell.Area) cell.Area {
	columns := e.b.sheets[a.Sheet].columns
	if e.pending != nil {
		return a
	}
	wide := a
	switch {
	case a.C0 == a.C1 && int(a.C0) < len(columns):
		wide.R0, wide.R1 = 0, max(a.R1, int32(columns[a.C0].Height())-1)
	case a.R0 == a.R1 && a.C0 != a.C1:
		wide.C0, wide.C1 = 0, max(a.C1, int32(len(columns))-1)
	}
	for _, w := range e.writing {
		if _, ok := wide.Intersect(w); ok {
			return a
		}
	}
	return wide
}

// Reference implements [eval.Env].
func (e *env) Reference(text string, r1c1 bool) cell.Value {
	sheet, row, col := e.walker.Here()
	parse := formula.Parse
	if r1c1 {
		parse = formula.ParseR1C1
	}
	text = strings.TrimPrefix(strings.TrimSpace(text), "=")
	if !r1c1 {
		text = withoutZeros(text)
	}
	tree, err := parse(text, row, col)
	if err != nil {
		return cell.Err(cell.ErrRef)
	}
	switch tree.(type) {
	case *formula.Ref, *formula.Name, *formula.Structured, *formula.Binary, *formula.Unary:
	default:
		return cell.Err(cell.ErrRef)
	}
	v := eval.Compile(tree, resolver{e.b}, eval.Options{Sheet: sheet, Row: row, Col: col}).Raw(e.walker, sheet, row, col)
	if v.Kind() != cell.Ref {
		return cell.Err(cell.ErrRef)
	}
	return v
}

// leadingZeros are those of a row number behind the letters of a column, as in A01.
var leadingZeros = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(^|[:$])(\$?[A-Za-z]{1,3}\$?)0+([1-9])`)
})

// withoutZeros takes the zeros out of row numbers, with which a text may name cells though no formula does.
func withoutZeros(text string) string {
	at := strings.LastIndexByte(text, '!') + 1
	return text[:at] + leadingZeros().ReplaceAllString(text[at:], "$1$2$3")
}

// Spill implements [eval.Env].
func (e *env) Spill(sheet, row, col int32) (cell.Area, bool) {
	e.readAny()
	id, ok := e.b.graph.At(sheet, row, col)
	if !ok {
		return cell.Area{}, false
	}
	n := e.b.graph.Node(id)
	// An array formula of the old kind has an area to refer to as well, by its first cell.
	if k := e.b.templates[n.Formula].kind; k == single || n.Area.R0 != row || n.Area.C0 != col {
		return cell.Area{}, false
	}
	if e.pending != nil {
		e.pending(n.Area)
	}
	return n.Extent(), true
}

// Formula implements [fn.Cells].
func (e *env) Formula(sheet, row, col int32) (string, bool) {
	e.readAny()
	text, ok := e.b.Formula(sheet, row, col)
	return "=" + text, ok
}

// NumberFormat implements [fn.Cells].
func (e *env) NumberFormat(sheet, row, col int32) string {
	e.readAny()
	return e.b.NumberFormat(sheet, row, col)
}

// Passed implements [fn.Cells].
func (e *env) Passed(a cell.Area, byHand, byFilter, nested bool) []cell.Area {
	e.readAny()
	var out []cell.Area
	want := uint8(0)
	if byHand {
		want |= hiddenByHand
	}
	if byFilter {
		want |= hiddenByFilter
	}
	list := e.b.sheets[a.Sheet].hiddenRows()
	first, _ := slices.BinarySearchFunc(list, a.R0, func(h hiddenRow, row int32) int { return cmp.Compare(h.row, row) })
	for _, h := range list[first:] {
		if h.row > a.R1 {
			break
		}
		if h.how&want == 0 {
			continue
		}
		if n := len(out) - 1; n >= 0 && out[n].R1+1 == h.row {
			out[n].R1++
			continue
		}
		out = append(out, cell.Area{Sheet: a.Sheet, R0: h.row, C0: a.C0, R1: h.row, C1: a.C1})
	}
	if nested {
		for _, id := range e.b.graph.In(a) {
			n := e.b.graph.Node(id)
			if both, ok := n.Area.Intersect(a); ok && e.b.templates[n.Formula].aggregates {
				out = append(out, both)
			}
		}
	}
	return out
}

// SheetName implements [fn.Cells].
func (e *env) SheetName(sheet int32) string {
	if sheet < 0 || int(sheet) >= len(e.b.sheets) {
		return ""
	}
	return e.b.sheets[sheet].name
}

// SheetIndex implements [fn.Cells].
func (e *env) SheetIndex(name string) (int32, bool) { return e.b.Sheet(name) }

// SheetCount implements [fn.Cells].
func (e *env) SheetCount() int { return e.b.own }

// prefixes remembers the last summaries that began at the same rows, so that growing ranges ($A$1:A2, $A$1:A3, ...) cost what their new
// rows cost. It is sound as long as rows once read do not change, and is emptied before they may.
type prefixes struct {
	list  []prefix
	next  int         // the one that makes room
	grown map[any]any // see [env.Growing]
}

// mostGrown is of how many areas is remembered how they grow.
const mostGrown = 256

func (p *prefixes) growing(key any, build func() any) any {
	v, ok := p.grown[key]
	if !ok {
		if len(p.grown) >= mostGrown {
			clear(p.grown)
		}
		if p.grown == nil {
			p.grown = map[any]any{}
		}
		v = build()
		p.grown[key] = v
	}
	return v
}

// mostPrefixes is how many columns growing ranges of one formula may have, and fewSummed how many rows are not worth remembering.
const (
	mostPrefixes = 16
	fewSummed    = 64
)

type prefix struct {
	column     *column
	version    uint64
	start, end int // rows that the running summary has seen, end not included
	running    store.Running
}

// of returns the summary of rows first to last of a column.
func (p *prefixes) of(c *column, first, last int) store.Summary {
	last = min(last, c.Height()-1)
	if last < first {
		return store.Summary{}
	}
	if last-first < fewSummed {
		return c.Summarize(first, last)
	}
	for i := range p.list {
		q := &p.list[i]
		if q.column == c && q.start == first && q.end <= last+1 && q.version == c.version {
			q.running.Add(&c.Column, q.end, last)
			q.end = last + 1
			return q.running.Summary()
		}
	}
	if len(p.list) < mostPrefixes {
		p.list = append(p.list, prefix{})
		p.next = len(p.list) - 1
	} else {
		p.next = (p.next + 1) % len(p.list)
	}
	q := &p.list[p.next]
	*q = prefix{column: c, version: c.version, start: first, end: last + 1}
	q.running.Begin(first)
	q.running.Add(&c.Column, first, last)
	return q.running.Summary()
}

func (p *prefixes) forget() {
	p.list = p.list[:0]
	p.grown = nil
}
