// Package scale says how long work on a large table takes from runs on small ones.
//
// It has three parts. [Read] takes the statistics of a database over a read-only connection: schema,
// sizes, the shape of every column, settings, rates of writing. [NewGenerator] makes rows of that shape
// in another database that has the schema already, at any size: the same share of NULLs, widths,
// distinct values and physical order, with unique keys, foreign keys and the CHECK constraints that can
// be understood. [Fit] lays a line through the times of the same work at several sizes and says what
// interval the time at the production's size lies in; [Floor] says what no server can undercut.
//
// # Users' values
//
// Statistics hold shapes and no values: widths, counts, frequencies, and the least and greatest value of
// numbers and times. Values of other types never leave the server; their lengths are computed there.
// Only with [Options.Values] are the most common values and the bounds of histograms read, and they are
// then in the file.
//
// # What rows made from statistics are not
//
// Columns are independent of each other but for keys, constraints and the columns of one index whose number
// of combinations is known ([Joint]), so that a query with two conditions meets other numbers of rows than
// on the original. Text is made of words that compress about as text does. Nothing is known of dead rows
// and free space; a copy is as dense as a table that was just loaded.
package scale
