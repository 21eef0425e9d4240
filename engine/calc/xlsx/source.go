package xlsx

import "github.com/napkin-infra/napkin/engine/calc/cell"

// Source says what the sheets of a workbook hold now.
type Source interface {
	// Sheet returns what a sheet holds now, by its index in [Workbook]; nil where it is as in the file. It is asked more
	// than once.
	Sheet(sheet int) SheetSource
}

// SheetSource says what the cells of a sheet hold now. Its methods are called by one goroutine.
type SheetSource interface {
	// Edits returns the cells that are to have another formula, a constant instead of a formula, or a place in the file
	// that they do not have: by rows, then columns, none twice. It may be called more than once.
	Edits() []Edit
	// Value returns the value of a cell, texts as numbers in [File.Strings]; false leaves the cell as it is. It is called
	// for each cell of the file, in the file's order, and for each edit that the file has no cell for; all over again
	// where a first pass shows that the calculation chain must go. Values that are those of the file change
	// no byte. Errors newer than #GETTING_DATA are written as Excel does, as #VALUE! with metadata that tell which, and without
	// them where the file has no such metadata yet.
	Value(row, col int32) (cell.Box, bool)
	// Area returns what the array formula in a cell fills now; false leaves it as it is. The cells that an array
	// has come to fill and the file does not have are edits.
	Area(row, col int32) (cell.Area, bool)
	// Formula returns the formula of a cell without "=". It is called for the cells that shared the formula of a cell
	// which is edited, each of which gets a formula of its own.
	Formula(row, col int32) string
}

// Edit is a cell whose formula changes, or which the file does not have.
type Edit struct {
	Row, Col int32
	Formula  string     // without "="; "" for a value
	Array    *cell.Area // with a formula: it is an array formula that fills this area
	Dynamic  bool       // with Array: it is a dynamic one
	Spilled  bool       // the value is part of what the array formula of another cell fills
	Style    uint32     // of a cell that the file does not have; 0 is that of its row
}

// before reports the order of rows, then columns.
func (e *Edit) before(row, col int32) bool { return e.Row < row || e.Row == row && e.Col < col }
