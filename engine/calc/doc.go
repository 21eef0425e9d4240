// Package calc is a calculation engine for workbooks of millions of formulas.
//
// A [Workbook] holds sheets of typed columns (package store) and formulas as regions that share one tree (packages
// formula and graph). [Workbook.Recalculate] computes what edits made stale, and only that, by one of three executors: tiles
// of 512 rows where a formula is arithmetic (package vm), waves where cells of a region read each other in one
// direction, and the tree walk (package eval) for the rest. All three agree: the tree walk decides, and whatever a tile
// cannot decide for a cell is left to it.
//
// A Workbook is used by one goroutine at a time; it takes the cores that it is given itself.
package calc
