// Package eval carries out formulas one cell at a time: the tree walk, which every other way to compute must agree
// with.
//
// [Compile] binds a tree of package formula to functions, sheets, names and tables, once for all cells that share the
// tree; [Formula.Value] computes it for one cell. A compiled formula may be used by several goroutines, each with its
// own [Walker].
//
// A formula is compiled for one of two modes. In the mode of single values, that of formulas in plain cells, a
// reference to several cells where one value is needed means the one in the formula's own row or column (implicit
// intersection). In array mode, that of array formulas and of arguments such as those of SUMPRODUCT, it means all of
// them, and the operation is done for each.
package eval
