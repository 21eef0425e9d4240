package xlsx

import "github.com/napkin-infra/napkin/engine/calc/cell"

// Sink takes the cells of one sheet. Its methods are called by one goroutine at a time, those of the sinks of other
// sheets at the same moment by others. An error stops the reading and is returned with the place of the cell.
type Sink interface {
	// Cell is called for each cell element, in the order of the file, which is mostly but not always by rows and
	// columns. A cell with a shared formula that stands before the formula's text comes right after that. c and all that it points
	// to are the reader's, and good until the call returns. A cell may have neither value nor formula, only a style.
	// A file may name a cell twice; the last one counts.
	Cell(c *Cell) error
	// HiddenRow is called for each hidden row, before the row's cells.
	HiddenRow(row int32) error
	// End is called after the last cell.
	End(e *SheetEnd) error
}

// Cell is one cell as the file has it.
type Cell struct {
	Row, Col int32 // from 0
	Style    uint32
	Value    cell.Box // the cached value where there is a formula; texts are numbers in [File.Strings]
	Formula  Formula
}

// FormulaKind is how a cell is computed.
type FormulaKind uint8

// The kinds of formulas.
const (
	NoFormula FormulaKind = iota
	Normal                // Text is the cell's own formula
	Shared                // the formula of another cell, moved
	Array                 // entered with Ctrl+Shift+Enter; Text fills Area
	Dynamic               // a dynamic array; Area is what it filled when the file was saved
	DataTable             // a what-if table fills Area; see Inputs
)

// Formula is how a cell is computed.
type Formula struct {
	Kind FormulaKind
	// Text is the formula without "=", as UTF-8. It is empty for kinds Shared and DataTable. Functions newer than the
	// format have their prefix, as in _xlfn.XLOOKUP.
	Text []byte
	// Always says that the formula is computed anew each time (ca="1").
	Always bool
	// Group numbers the shared formulas of a sheet in the order of their texts, from 0. It is -1 for cells that share
	// nothing. The cell whose formula is shared has kind Normal and a group.
	Group int32
	// RowShift and ColShift are how far a cell of kind Shared is from the one with the text: relative references move by so much.
	RowShift, ColShift int32
	// Area is what a formula of kind Array, Dynamic or DataTable fills. Its sheet is the index in the workbook.
	Area cell.Area
	// Inputs is set for kind DataTable.
	Inputs *Inputs
}

// Inputs are the cells into which a what-if table puts its values (ECMA-376 part 1, 18.3.1.40).
type Inputs struct {
	Cells   []cell.Area // one or two single cells; with two, the first takes the values of the top row
	ByRow   bool        // with one input: its values stand in the row above the area, else in the column left of it
	Deleted bool        // an input cell is gone, the table is #REF!
}

// SheetEnd is what is known at the end of a sheet.
type SheetEnd struct {
	Any      bool        // a cell has a value or a formula
	Used     cell.Area   // the smallest area of all that have
	Cells    int64       // cell elements
	Formulas int64       // cells with a formula
	Filters  []cell.Area // areas, headers included, of filters by which rows are hidden; see also [Table.Filter]
}
