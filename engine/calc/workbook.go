package calc

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/graph"
	"github.com/napkin-infra/napkin/engine/calc/store"
)

// Workbook is sheets of cells with values and formulas.
type Workbook struct {
	sheets         []*Sheet
	own            int // how many of the sheets are the workbook's; behind them are those of others
	byName         map[string]int32
	strings        *cell.Strings
	graph          *graph.Graph
	dirty          *graph.Dirty
	templates      []*template
	byKey          map[string]int32
	names          map[nameKey]formula.Expr
	tables         map[string]eval.Table
	version        uint64 // counts changes of cells
	settled        uint64 // the version after the last recalculation
	recalculations uint64
	cache          cache
	dynamic        map[graph.ID]bool      // nodes that read cells which only values tell
	blocked        map[graph.ID]cell.Area // arrays that have no room, and how much they need
	moved          []cell.Area            // dirty cells of nodes that were taken out by the edit under way
	stats          map[int32]*cost        // by template, where they are asked for
	edited         map[at]bool            // cells that were set after the workbook was opened from a file
	saved          map[at]cell.Area       // cells of dynamic arrays that the file has, by their first cell
	formats        []string               // number formats by style
	options        Options
}

// Options are what the values of a workbook depend on besides its cells.
type Options struct {
	Dates cell.Dates
	// Now is the moment that NOW and TODAY tell, as a serial number.
	Now float64
	// Seed chooses the random numbers. The same seed gives the same number to the same cell.
	Seed uint64
	// Threads is how many processors a recalculation may use; 0 means all.
	Threads int
	// Iterations is how often cells in a circle are computed, and MaxChange the change below which that ends. With 0
	// iterations a circle is 0 and is told of in the [Report].
	Iterations int
	MaxChange  float64
	// Tree computes everything by the tree walk. It is for tests that compare with it.
	Tree bool
	// Heap is how many bytes the objects of the program may take before a recalculation ends with an error; 0 means as many as there are. It
	// is for formulas that make arrays and texts without measure.
	Heap int64
}

type nameKey struct {
	sheet int32 // -1 for the workbook
	name  string
}

// Sheet is one sheet.
type Sheet struct {
	name    string
	columns []column
	rows    int32           // one past the last row that ever held something
	hidden  map[int32]uint8 // rows: 1 by hand, 2 by a filter
}

type column struct {
	store.Column
	version uint64 // that of the workbook when a cell of the column changed last
	indexed bool   // something in the cache was built from it
	styles  styles
}

// New returns an empty workbook with these sheets.
func New(options Options, sheets ...string) (*Workbook, error) {
	if options.Threads <= 0 {
		options.Threads = runtime.GOMAXPROCS(0)
	}
	b := &Workbook{byName: map[string]int32{}, strings: cell.NewStrings(), byKey: map[string]int32{}, names: map[nameKey]formula.Expr{},
		tables: map[string]eval.Table{}, dynamic: map[graph.ID]bool{}, blocked: map[graph.ID]cell.Area{}, options: options}
	for _, name := range sheets {
		key := cell.Fold(name)
		if _, ok := b.byName[key]; ok {
			return nil, fmt.Errorf("two sheets are called %q", name)
		}
		b.byName[key] = int32(len(b.sheets))
		b.sheets = append(b.sheets, &Sheet{name: name})
	}
	b.own = len(b.sheets)
	b.graph = graph.New(len(b.sheets))
	b.dirty = b.graph.NewDirty()
	b.graph.Watch(b.removed, b.added)
	return b, nil
}

// Sheets returns the names of the sheets in their order.
func (b *Workbook) Sheets() []string {
	var out []string
	for _, s := range b.sheets[:b.own] {
		out = append(out, s.name)
	}
	return out
}

// Sheet returns the number of the sheet of this name, in any case, and false where there is none.
func (b *Workbook) Sheet(name string) (int32, bool) {
	i, ok := b.byName[cell.Fold(name)]
	return i, ok && int(i) < b.own
}

// sheetOf is [Workbook.Sheet] for the sheets of other workbooks, too.
func (b *Workbook) sheetOf(name string) (int32, bool) {
	i, ok := b.byName[cell.Fold(name)]
	return i, ok
}

// Strings is the table of the workbook's texts.
func (b *Workbook) Strings() *cell.Strings { return b.strings }

// Define gives a name to a formula, without "=". Relative references are as seen from the first cell of a sheet. Sheet is -1
// for the whole workbook. It must be called before formulas that use the name are set.
func (b *Workbook) Define(sheet int32, name, text string) error {
	e, err := formula.Parse(text, 0, 0)
	if err != nil {
		return fmt.Errorf("the name %s: %w", name, err)
	}
	formula.Walk(e, unwrap)
	b.names[nameKey{sheet, strings.ToLower(name)}] = e
	return nil
}

// unwrap makes references of a name that count from the end of the sheet go up and to the left: as seen from the first cell, the one above
// is in the last row. It is for [formula.Walk].
func unwrap(e formula.Expr) bool {
	r, ok := e.(*formula.Ref)
	if !ok {
		return true
	}
	for _, x := range []*formula.Axis{&r.R0, &r.R1} {
		if !x.Fixed && x.N > cell.MaxRows/2 {
			x.N -= cell.MaxRows
		}
	}
	for _, x := range []*formula.Axis{&r.C0, &r.C1} {
		if !x.Fixed && x.N > cell.MaxCols/2 {
			x.N -= cell.MaxCols
		}
	}
	return true
}

// AddTable defines a table. It must be called before formulas that use it are set.
func (b *Workbook) AddTable(name string, t eval.Table) { b.tables[strings.ToLower(name)] = t }

// Value returns what a cell holds. After edits it is that of the last recalculation.
func (b *Workbook) Value(sheet, row, col int32) cell.Value {
	return b.strings.Value(b.box(sheet, row, col))
}

func (b *Workbook) box(sheet, row, col int32) cell.Box {
	s := b.sheets[sheet]
	if int(col) >= len(s.columns) {
		return cell.BoxEmpty()
	}
	return s.columns[col].Get(int(row))
}

// Used returns the area from the first cell of a sheet to its last row and column that ever held something, and false for an
// empty sheet.
func (b *Workbook) Used(sheet int32) (cell.Area, bool) {
	a := cell.Area{Sheet: sheet, R1: -1, C1: -1}
	for c := range b.sheets[sheet].columns {
		if h := b.sheets[sheet].columns[c].Height(); h > 0 {
			a.R1, a.C1 = max(a.R1, int32(h-1)), int32(c)
		}
	}
	return a, a.R1 >= 0
}

// Formula returns the text of the formula in a cell without "=", and false where it has none.
func (b *Workbook) Formula(sheet, row, col int32) (string, bool) {
	id, ok := b.graph.At(sheet, row, col)
	if !ok {
		return "", false
	}
	n := b.graph.Node(id)
	if !n.Area.Contains(sheet, row, col) {
		return "", false // spilled over from elsewhere
	}
	t := b.templates[n.Formula]
	if n.Whole {
		return formula.Text(t.tree, n.Area.R0, n.Area.C0), true
	}
	return formula.Text(t.tree, row, col), true
}

// column returns a column for writing down to a row, making it where there is none, and takes note that it changes.
func (b *Workbook) column(sheet, col, last int32) *column {
	s := b.sheets[sheet]
	s.rows = max(s.rows, last+1)
	if int(col) >= len(s.columns) {
		s.columns = append(s.columns, make([]column, int(col)+1-len(s.columns))...)
	}
	c := &s.columns[col]
	b.version++
	c.version = b.version
	return c
}

func inside(sheet, row, col int32, sheets int) bool {
	return sheet >= 0 && int(sheet) < sheets && row >= 0 && row < cell.MaxRows && col >= 0 && col < cell.MaxCols
}

// Set puts a value into a cell, in place of what was there. Part of an array formula cannot be changed.
func (b *Workbook) Set(sheet, row, col int32, v cell.Value) error {
	if err := b.take(sheet, row, col); err != nil {
		return err
	}
	b.column(sheet, col, row).Set(int(row), b.strings.Box(v))
	b.dirty.Changed(cell.At(sheet, row, col))
	b.note(sheet, row, col)
	return nil
}

// note takes note of a cell that was set, for [Workbook.Save].
func (b *Workbook) note(sheet, row, col int32) {
	if b.edited != nil {
		b.edited[at{sheet, row, col}] = true
	}
}

// take removes whatever formula fills a cell.
func (b *Workbook) take(sheet, row, col int32) error {
	if !inside(sheet, row, col, b.own) {
		return fmt.Errorf("there is no cell in row %d and column %d", row+1, col+1)
	}
	b.moved = b.moved[:0]
	id, ok := b.graph.At(sheet, row, col)
	if !ok {
		return nil
	}
	n := b.graph.Node(id)
	switch {
	case !n.Area.Contains(sheet, row, col):
		// Something is put where an array has spilled: that has no room any more and is computed again.
		b.unspill(id)
		b.dirty.Node(id, n.Area)
		return nil
	case n.Whole && !n.Area.Single():
		return b.partOf(n, row, col)
	case n.Whole:
		b.unspill(id)
	}
	b.graph.Cut(sheet, row, col)
	return nil
}

// removed and added keep the lists of nodes right when cells go from one to another.
func (b *Workbook) removed(id graph.ID) {
	b.moved = append(b.moved, b.dirty.Of(id)...)
	b.dirty.Done(id)
	delete(b.dynamic, id)
	delete(b.blocked, id)
}

func (b *Workbook) added(id graph.ID) {
	n := b.graph.Node(id)
	if b.templates[n.Formula].formula.Dynamic {
		b.dynamic[id] = true
	}
	for _, a := range b.moved {
		if both, ok := a.Intersect(n.Area); ok {
			b.dirty.Mark(id, both)
		}
	}
}

// SetFormula puts a formula into a cell, without "=", in place of what was there. With array it is a dynamic array formula,
// whose result spills over as many cells as it has; else it has one value.
func (b *Workbook) SetFormula(sheet, row, col int32, text string, array bool) error {
	if !inside(sheet, row, col, b.own) {
		return fmt.Errorf("there is no cell in row %d and column %d", row+1, col+1)
	}
	kind := single
	if array {
		kind = spilling
	}
	t, err := b.intern(sheet, row, col, text, kind)
	if err != nil {
		return fmt.Errorf("%s!%s: %w", b.sheets[sheet].name, cell.Address(row, col), err)
	}
	if err := b.take(sheet, row, col); err != nil {
		return err
	}
	id := b.graph.Put(b.node(t, cell.At(sheet, row, col)))
	b.dirty.Node(id, cell.At(sheet, row, col))
	b.note(sheet, row, col)
	return nil
}

// node makes the node of a template over an area.
func (b *Workbook) node(t int32, a cell.Area) graph.Node {
	f := b.templates[t]
	return graph.Node{Area: a, Reads: f.formula.Refs, Whole: f.kind != single, Formula: t}
}
