// Package repair turns the differences between two tables into SQL that makes the rows of the target
// those of the source.
//
// Every statement changes exactly one row, or the target is no longer what was compared: it names the
// row by its key and repeats the old values that it replaces or deletes, and an insertion looks whether
// the key is free. [dialect.Database.Apply] rolls everything back where one does not.
//
// The order is that in which the constraints can be checked after each statement: a row is inserted
// before the rows that refer to it and deleted after them, across tables and within one, and a unique
// value is freed before it is taken. It is found on the graph of the rows themselves and not of the
// tables, so that tables that refer to each other are no obstacle as long as their rows do not. Where
// rows wait for one another in a circle (two swap their unique values), one of them is parked: a column
// of it is set to NULL, or to a value that is in neither set, and gets its own in a second statement.
//
// What cannot be repaired is never guessed. Such a row, and every row that needs it, is handed to the
// caller with the reason: [Skipped].
//
// What it does not see: triggers, check constraints, cascades, unique indexes on expressions, rows that
// were not compared. Where one of them objects, a statement fails and nothing is applied.
//
// Tables without foreign keys and without unique values beside their key are streamed. Of the others
// the differing rows are held in memory, about a kilobyte each, until the end.
package repair
