package fn

import "github.com/napkin-infra/napkin/engine/calc/cell"

// Env is what functions see of the workbook. An Env is used by one goroutine at a time.
type Env interface {
	Cells

	Dates() cell.Dates
	// Now is the moment of the recalculation as a serial number, the same for all of it.
	Now() float64
	// Rand returns the next random number, from 0 to below 1.
	Rand() float64
	// Here is the cell whose formula is evaluated.
	Here() (sheet, row, col int32)
	// Apply calls a function value. It returns #VALUE! where f is none, and #CALC! where recursion is too deep.
	Apply(f cell.Value, args ...cell.Value) cell.Value
	// Cached returns what build made for the same key, as long as no cell of the areas has changed since. The key
	// must say all that the result depends on besides these cells, the areas' places included. What build returns is
	// shared by goroutines and must not be changed, except that it may make parts of itself when they are first
	// needed. Both may read only cells of the areas.
	Cached(key any, areas []cell.Area, build func() any) any
	// Reach widens an area of one column along the column, as far as all the cells may be read now: none that is
	// added waits for a computation or is being written. At best that is all of the column that is used. The result
	// covers a, and is a where nothing more is known. What is made of it and kept by Cached serves every reference
	// into it.
	Reach(a cell.Area) cell.Area
	// Growing returns what build made when it was first asked for this key since the cells that were read then may have changed, or nil where
	// they may change at any time. It is for areas that begin in the same row and have a few rows more in each formula. What build returns is used
	// by one goroutine.
	Growing(key any, build func() any) any
	// Poll ends the computation of the cell where the recalculation is told to end: it does not return then. Whatever may take
	// longer than some ms calls it on the way; nothing may be left half done there that outlives the cell.
	Poll()
	// Reference reads the text of a reference, in A1 notation or R1C1, as INDIRECT does: a Ref, or #REF!.
	Reference(text string, r1c1 bool) cell.Value
}

// Cells reads the cells of a workbook. Cells that are about to be computed are computed first.
type Cells interface {
	// Cell returns what a cell holds; outside of the sheet it is #REF!.
	Cell(sheet, row, col int32) cell.Value
	// Clip returns the part of the area beyond whose last row and column nothing was ever held, and false where
	// that is no cell. Its first row and column are those of a.
	Clip(a cell.Area) (cell.Area, bool)
	// Used returns how many rows and columns of any sheet ever held something, from the first ones on.
	Used() (rows, cols int32)
	// Boxes gives the cells of the area to f, column by column from the top, in runs of up to 512 cells of one column that
	// begin at (row, col). f must not keep or change a run; it returns false to stop.
	Boxes(a cell.Area, f func(row, col int32, run []cell.Box) bool)
	// Summary returns counts and the sum of the area, from what is known of its chunks where that is fresh.
	Summary(a cell.Area) Summary
	// SummaryBut is Summary where the cells of the areas but count as empty.
	SummaryBut(a cell.Area, but []cell.Area) Summary
	// Strings is the table of the texts in boxes.
	Strings() *cell.Strings

	// Formula returns the text of the formula in a cell, with "=", and false where it has none.
	Formula(sheet, row, col int32) (string, bool)
	// NumberFormat returns the format code of a cell, "General" where it has none.
	NumberFormat(sheet, row, col int32) string
	// Passed returns areas with the cells of an area that a statistic may pass over: of rows that are hidden by hand or by a
	// filter, and with nested those whose formulas call SUBTOTAL or AGGREGATE.
	Passed(a cell.Area, byHand, byFilter, nested bool) []cell.Area
	// SheetName returns the name of a sheet, and "" where there is none.
	SheetName(sheet int32) string
	// SheetIndex returns the sheet of this name, in any case, and false where there is none.
	SheetIndex(name string) (int32, bool)
	// SheetCount returns the number of sheets.
	SheetCount() int
}

// Summary is what an area holds, in figures. The sum is made by [kernel.Summer]'s rule, so that it has the same bits
// however it was found.
type Summary struct {
	Sum      float64
	Numbers  int64          // cells that hold a number
	Filled   int64          // cells that are not empty
	Blank    int64          // those of them that hold the text of no characters
	Min, Max float64        // of the numbers; 0 where there are none
	Error    cell.ErrorCode // of the first cell with an error, column by column; 0 for none
}
