// Package search finds values in columns and rows of cells: first and last equal ones, approximate ones by Excel's
// binary probing, nearest ones, and whole groups of equal ones.
//
// What is asked of one column a few times is answered by reading it. Then an index is used, made once from all of the
// column that may be read and kept by [Source.Cached] as long as the column stays the same. It holds the positions of
// each value in order, so that every part of the column, growing ones such as $A$2:A2 too, is answered by a binary
// search among the positions of one value. Of a row the index is that of the reference as it is written.
//
// All answers are the same on every path.
package search

import "github.com/napkin-infra/napkin/engine/calc/cell"

// Source is what searching needs of a workbook. It is a part of fn.Env, where the methods are described.
type Source interface {
	Cell(sheet, row, col int32) cell.Value
	Clip(a cell.Area) (cell.Area, bool)
	Boxes(a cell.Area, f func(row, col int32, run []cell.Box) bool)
	Strings() *cell.Strings
	Dates() cell.Dates
	Cached(key any, areas []cell.Area, build func() any) any
	Reach(a cell.Area) cell.Area
	Growing(key any, build func() any) any
}

// The numbers of cells below which reading them is quicker than any index. Of rows there are as many as formulas
// where one is filled down that searches its own row, and nothing should be kept of each.
const (
	smallColumn = 32
	smallRow    = 256
)

// Small reports whether the cells of an area of one column or one row are better read than indexed.
func Small(a cell.Area) bool {
	if a.C0 == a.C1 {
		return a.Rows() < smallColumn
	}
	return a.Cols() < smallRow
}
