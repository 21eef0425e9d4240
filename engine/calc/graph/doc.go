// Package graph keeps which formulas read which cells, by regions.
//
// A node is a rectangle of cells that share one formula in its relative form, or one cell with a formula of its own. Its
// edges are the formula's references with their ends: fixed or relative in each direction. So what a million filled-down
// cells read is one rectangle, and which of them depend on some cells is arithmetic on intervals; nothing is kept per cell
// (the idea of compressed formula graphs, arXiv 2302.05482).
//
// [Graph.Dirty] tells which cells are to be computed again after a change, [Graph.Plan] in which order.
package graph
