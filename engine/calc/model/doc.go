// Package model holds a model of variables over dimensions and time that has been checked: the contract between the
// language (package lang) and what evaluates it (package reference, and the executor over tiles).
//
// [Check] makes a [Model] of a parsed file. In a Model every name is resolved, every reference says for each dimension
// of its variable which items it reads, and the variables stand in an order in which they can be evaluated: a list of
// [Step], of which some are recurrences that run along time. Nothing is computed and no data of variables is read: a
// variable of 1e12 cells is a few hundred bytes. What an evaluator needs to know:
//
//   - A cell of a variable is given by one item of each of its dimensions, in their order, and by a period of its
//     grain. Its number ([Model.CellNumber]) counts periods slowest, then the first dimension, the last one fastest.
//   - All values are float64. A comparison gives 1 or 0; a condition holds unless it is 0. Divisions and functions
//     follow IEEE 754: 1/0 is +Inf and 0/0 is NaN, which stands for "no value". Negative zero equals zero and is
//     printed as zero.
//   - Aggregations named "formula" do not reach the evaluator: Check has replaced them by hidden variables that apply
//     the formula to inputs which were rolled up.
//   - What is shown (`show revenue by Region, year`) is a hidden variable over just these dimensions, so an evaluator
//     computes outputs as it computes everything else.
//   - A sum is compensated (Neumaier) in the order of cell numbers; an evaluator that adds in another order agrees
//     with it to about one unit in the last place of the sum of magnitudes, which is what a comparison must allow.
//
// A Model is not changed after Check and may be read by several goroutines.
package model
