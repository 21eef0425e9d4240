// Package search finds values in columns and rows of cells: first and last equal ones, approximate ones by Excel's
// binary probing, nearest ones, and whole groups of equal ones.
//
// What is asked of one column once is answered by reading it. From the second time on an index is used, made once
// from all of the column that may be read and kept by [Source.Cached] as long as the column stays the same. It holds the
// positions of each value in order, so that every part of the column, growing ones such as $A$2:A2 too, is
// answered by a binary search among the positions of one value.
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
}

// Small is the number of cells below which reading them is quicker than any index.
const Small = 32
