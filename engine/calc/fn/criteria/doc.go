// Package criteria is the conditions of COUNTIF, SUMIFS and their family: their grammar, and finding the cells that
// meet them.
//
// A condition of equality is answered from the index of its column (see package search). Several such conditions
// together are answered from an index of their combinations, made when the same columns are asked often enough. Other
// conditions are a part of such a combination where they stay the same from formula to formula, and else are tested
// on the cells that the rarest equality leaves, or on all cells of the columns.
//
// Sums are made in one way only: the matching numbers are added one after the other, column by column and from the
// top. So the result has the same bits whatever way the cells were found. What is kept are running totals of groups
// in this very order, which are the same additions.
package criteria
