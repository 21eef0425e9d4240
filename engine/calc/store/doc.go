// Package store keeps columns of cells.
//
// A [Column] is cut into chunks of 65,536 rows, each of which is kept in the smallest form that holds it exactly: one value, a
// sequence, runs, integers with a scale, a few cells among many equal ones, or plain boxes of 8 bytes. Reading gives boxes
// (see package cell) whatever the form; writing makes a chunk plain.
package store
