// Package cell is what a cell of a spreadsheet can hold and what Excel does with it: the kinds of values, their
// order and equality, the coercions between them, errors, dates, and the text of a number. Nothing else in
// engine/calc knows these rules.
//
// A [Value] is one value by itself, as functions and the tree walk handle it. In a column each value is one
// float64, a [Box]: numbers stand for themselves, and everything else is a NaN whose payload says what it is,
// which is sound because no cell ever holds a NaN or an infinity: Excel makes an error of them.
package cell
