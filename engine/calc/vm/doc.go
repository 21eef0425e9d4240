// Package vm computes expressions over columns, a tile of [kernel.Tile] elements at a time, in registers that fit the
// first-level cache.
//
// A [Builder] takes the expression of a formula or a model variable, operator by operator, and Compile makes a
// [Program] of it: equal subexpressions once, constants folded, a*b+c and its like as one loop, and at most
// [Registers] tiles alive at a time. [Program.Run] computes a column from columns and single values.
//
// A program is exact or silent. It knows numbers and booleans only, and marks each element about which it cannot be sure:
// operands of another kind, a zero divisor, a result or a compared value that is no finite number. What it does not mark has
// the bits that the tree walk (package eval) computes; what it marks, the caller computes by the tree walk. Both sides of a
// Select are computed, and an error on the side not taken marks too.
//
// A loaded cell may hold anything, and what counts is where it is used: arithmetic takes an empty cell as 0 and
// booleans as 0 and 1; an order takes an empty cell as 0 and marks booleans, which Excel puts behind all numbers;
// a Select gives numbers and 0 for an empty cell, as a cell that shows the result does; Min and Max, which skip what is
// no number, mark all but numbers.
package vm
