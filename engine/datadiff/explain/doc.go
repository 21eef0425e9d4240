// Package explain says what the differences of a column have in common: "all 12,000 differ by exactly
// +1 h (B is later)".
//
// A [Column] is told every changed pair of a column. It tests each pair against all rules that its kind
// of value can obey and counts those that explain it wholly; nothing is sampled. [Column.Findings] says
// which rules explain a good part of the pairs, with the number. A sentence claims what was counted and
// no cause behind it, except where it names one as a possibility.
//
// The memory of a Column does not grow with the number of pairs: parameters such as the difference of
// two numbers are counted in a table of fixed size (see sketch), which gives exact counts as long as it
// is not full, and sound lower bounds after that; such a count is printed with "at least".
package explain
