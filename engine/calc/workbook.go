package calc

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/fn"
	"github.com/napkin-infra/napkin/engine/calc/format"
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/graph"
	"github.com/napkin-infra/napkin/engine/calc/store"
)

// Workbook is sheets of cells with values and formulas.
type Workbook struct {
	sheets         []*Sheet
	own            int // how many of the sheets are the workbook's; behind them are those of others
	links          int // to other workbooks
	byName         map[string]int32
	strings        *cell.Strings
	graph          *graph.Graph
	dirty          *graph.Dirty
	templates      []*template
	byKey          map[string]int32
	names          map[nameKey]formula.Expr
	defined        []string // the names as they were written
	tables         map[string]eval.Table
	version        uint64 // counts changes of cells
	settled        uint64 // the version after the last recalculation
	recalculations uint64
	cache          cache
	dynamic        map[graph.ID]*tried    // nodes that read cells which only values tell; nil where they must be tried
	blocked        map[graph.ID]cell.Area // arrays that have no room, and how much they need
	waits          map[graph.ID]bool      // arrays that do not take the cells of arrays behind them, see run.ousts
	moved          []cell.Area            // dirty cells of nodes that were taken out by the edit under way
	stats          map[int32]*cost        // by template, where they are asked for
	edited         map[at]bool            // cells that were set after the workbook was opened from a file
	saved          map[at]cell.Area       // cells of dynamic arrays that the file has, by their first cell
	filled         filled                 // columns that formulas filled when the workbook was opened
	formats        []string               // number formats by style
	fresh          bool                   // the file does not say that its values are not to be trusted
	given          map[at]bool            // cells with functions that are not known which do not have the value of the file any more
	options        Options
	arena          *store.Arena // nil without Options.Memory
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
	// Memory is how many bytes of cells are kept in memory; what is more goes to a file in Folder ("" means the system's for temporary
	// files). 0 means all. Texts, formulas and indexes are not counted. A workbook with a limit is to be closed.
	Memory int64
	Folder string
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
	hidden  map[int32]uint8 // rows: how they are hidden
	// hiddenRows is hidden in the order of rows. It does not change once a file is read.
	hiddenRows func() []hiddenRow
	bare       bool // a chart sheet or another one without cells
}

// How a row is hidden.
const (
	hiddenByHand = 1 << iota
	hiddenByFilter
)

type hiddenRow struct {
	row int32
	how uint8
}

func newSheet(name string) *Sheet {
	s := &Sheet{name: name}
	s.hiddenRows = sync.OnceValue(func() []hiddenRow {
		var list []hiddenRow
		for row, how := range s.hidden {
			list = append(list, hiddenRow{row, how})
		}
		slices.SortFunc(list, func(a, b hiddenRow) int { return cmp.Compare(a.row, b.row) })
		return list
	})
	return s
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
		tables: map[string]eval.Table{}, dynamic: map[graph.ID]*tried{}, blocked: map[graph.ID]cell.Area{}, waits: map[graph.ID]bool{}, options: options}
	if options.Memory > 0 {
		b.arena = store.NewArena(options.Memory, options.Folder)
	}
	for _, name := range sheets {
		key := cell.Fold(name)
		if _, ok := b.byName[key]; ok {
			return nil, fmt.Errorf("two sheets are called %q", name)
		}
		b.byName[key] = int32(len(b.sheets))
		b.sheets = append(b.sheets, newSheet(name))
	}
	b.own = len(b.sheets)
	b.graph = graph.New(len(b.sheets))
	b.dirty = b.graph.NewDirty()
	b.graph.Watch(b.removed, b.added)
	return b, nil
}

// Close gives the memory of [Options.Memory] back. The workbook is of no use after it.
func (b *Workbook) Close() error { return b.arena.Close() }

// Spilled is how many bytes of cells lie in a file because there was no room in memory.
func (b *Workbook) Spilled() int64 { return b.arena.Spilled() }

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
		// A name may stand for several areas, side by side: the titles to print are such ones. In formulas they are between parentheses.
		union, own := formula.Parse("("+text+")", 0, 0)
		if own != nil {
			return fmt.Errorf("the name %s: %w", name, err)
		}
		e = union
	}
	formula.Walk(e, unwrap)
	b.names[nameKey{sheet, strings.ToLower(name)}] = e
	b.defined = append(b.defined, name)
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
func (b *Workbook) AddTable(name string, t eval.Table) {
	t.Name = name
	b.tables[strings.ToLower(name)] = t
}

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

// NumberFormat returns the code of the number format of a cell, "General" where it has none.
func (b *Workbook) NumberFormat(sheet, row, col int32) string {
	columns := b.sheets[sheet].columns
	if int(col) < len(columns) {
		if style := columns[col].styles.at(row); int(style) < len(b.formats) {
			return b.formats[style]
		}
	}
	return "General"
}

// Shown returns what a cell holds as its number format shows it in a column that is wide enough: a date as a date.
func (b *Workbook) Shown(sheet, row, col int32) string {
	v := b.Value(sheet, row, col)
	if v.IsError() {
		return v.Code().String()
	}
	f, err := format.Parse(b.NumberFormat(sheet, row, col))
	if v.Kind() == cell.Empty || err != nil {
		return cell.ToText(v).Text()
	}
	return f.Text(v, b.options.Dates)
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
	return b.formula(sheet, row, col, formula.Text)
}

func (b *Workbook) formula(sheet, row, col int32, text func(e formula.Expr, row, col int32) string) (string, bool) {
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
		return t.text(text, n.Area.R0, n.Area.C0), true
	}
	return t.text(text, row, col), true
}

// column returns a column for writing down to a row, making it where there is none, and takes note that it changes.
func (b *Workbook) column(sheet, col, last int32) *column {
	s := b.sheets[sheet]
	s.rows = max(s.rows, last+1)
	s.widen(col, b.arena)
	c := &s.columns[col]
	b.version++
	c.version = b.version
	return c
}

// widen makes columns up to one.
func (s *Sheet) widen(col int32, a *store.Arena) {
	for int(col) >= len(s.columns) {
		s.columns = append(s.columns, column{})
		s.columns[len(s.columns)-1].SetArena(a)
	}
}

func inside(sheet, row, col int32, sheets int) bool {
	return sheet >= 0 && int(sheet) < sheets && row >= 0 && row < cell.MaxRows && col >= 0 && col < cell.MaxCols
}

// Set puts a value into a cell, in place of what was there. Part of an array formula cannot be changed, nor can
// the header of a table in a workbook that was opened from a file.
func (b *Workbook) Set(sheet, row, col int32, v cell.Value) error {
	if !inside(sheet, row, col, b.own) {
		return fmt.Errorf("there is no cell in row %d and column %d", row+1, col+1)
	}
	if v.Kind() == cell.Text && len(v.Text()) > fn.MaxText {
		if n := len(utf16.Encode([]rune(v.Text()))); n > fn.MaxText {
			return fmt.Errorf("a cell holds at most 32,767 characters, and this text has %d", n)
		}
	}
	if v.Kind() != cell.Text || b.Value(sheet, row, col).Text() != v.Text() {
		if err := b.keepsHeaders(cell.At(sheet, row, col)); err != nil {
			return err
		}
	}
	if err := b.take(sheet, row, col); err != nil {
		return err
	}
	b.column(sheet, col, row).Set(int(row), b.strings.Box(v))
	b.dirty.Changed(cell.At(sheet, row, col))
	b.note(sheet, row, col)
	return nil
}

// keepsHeaders refuses to change headers of tables: a table has its columns' names for itself, formulas refer to them, and a file where the two
// are not the same is damaged.
func (b *Workbook) keepsHeaders(a cell.Area) error {
	if b.edited == nil {
		return nil
	}
	for _, t := range b.tables {
		headers := t.Area
		headers.R1 = headers.R0
		if both, ok := headers.Intersect(a); ok && t.Header {
			return fmt.Errorf("%s!%s is a header of the table %s, whose columns have their names there; rename it in Excel",
				b.sheets[a.Sheet].name, cell.Address(both.R0, both.C0), t.Name)
		}
	}
	return nil
}

// knows refuses a formula with sheets, workbooks or tables that there are not: Excel would not take it, and repairs a file that has it.
func (b *Workbook) knows(tree formula.Expr) error {
	if b.edited == nil {
		return nil
	}
	var err error
	sheets := func(on formula.Sheets) {
		number, numeral := strconv.Atoi(on.External)
		switch {
		case !on.Given || on.External == "0":
		case on.External != "" && (numeral != nil || number < 1 || number > b.links):
			err = fmt.Errorf("there is no link to a workbook [%s]", on.External)
		case on.External == "":
			for _, name := range []string{on.First, on.Last} {
				if _, ok := b.Sheet(name); !ok && name != "" {
					err = fmt.Errorf("there is no sheet %q; %s", name, alternatives(name, b.Sheets()))
				}
			}
		}
	}
	formula.Walk(tree, func(e formula.Expr) bool {
		switch e := e.(type) {
		case *formula.Ref:
			sheets(e.Sheets)
		case *formula.BadRef:
			sheets(e.Sheets)
		case *formula.Name:
			sheets(e.Sheets)
		case *formula.Structured:
			sheets(e.Sheets)
			if _, ok := b.tables[strings.ToLower(e.Table)]; !ok && e.Sheets.External == "" {
				err = fmt.Errorf("there is no table %q", e.Table)
				if e.Table == "" {
					err = errors.New("the cell is in no table whose columns it could name")
				}
			}
		}
		return err == nil
	})
	return err
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
	if s := b.sheets[sheet]; s.bare {
		return fmt.Errorf("the sheet %q has no cells: it is a chart or a dialog", s.name)
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
	delete(b.waits, id)
}

func (b *Workbook) added(id graph.ID) {
	n := b.graph.Node(id)
	if b.templates[n.Formula].formula.Dynamic {
		b.dynamic[id] = nil
	}
	for _, a := range b.moved {
		if both, ok := a.Intersect(n.Area); ok {
			b.dirty.Mark(id, both)
		}
	}
}

// EnterFormula puts a formula into a cell, without "=", in place of what was there, as Excel takes what is typed: where it may have more than one
// value it is a dynamic array formula.
func (b *Workbook) EnterFormula(sheet, row, col int32, text string) error {
	if !inside(sheet, row, col, b.own) {
		return fmt.Errorf("there is no cell in row %d and column %d", row+1, col+1)
	}
	tree, err := formula.Parse(text, row, col)
	array := err == nil && eval.Spills(tree, resolver{b}, eval.Options{Sheet: sheet, Row: row, Col: col})
	return b.SetFormula(sheet, row, col, text, array)
}

// SetFormula puts a formula into a cell, without "=", in place of what was there. With array it is a dynamic array formula,
// whose result spills over as many cells as it has; else it has one value, and an area is the cell in the formula's own row or column.
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
	if err := b.knows(b.templates[t].tree); err != nil {
		return fmt.Errorf("%s!%s: %w", b.sheets[sheet].name, cell.Address(row, col), err)
	}
	if err := b.keepsHeaders(cell.At(sheet, row, col)); err != nil {
		return err
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
