// Package repair turns the differences between two tables into SQL that makes the rows of the target
// those of the source.
//
// Every statement changes exactly one row, or the target is no longer what was compared: it names the
// row by its key and repeats the old values that it replaces or deletes, and an insertion looks whether
// the key is free. [dialect.Database.Apply] rolls everything back where one does not, and so does a
// [Script], which checks each statement itself.
//
// The order is that in which the constraints can be checked after each statement: a row is inserted
// before the rows that refer to it and deleted after them, across tables and within one, and a unique
// value is freed before it is taken. It is found on the graph of the rows themselves and not of the
// tables, so that tables that refer to each other are no obstacle as long as their rows do not. Where
// rows wait for one another in a circle (two swap their unique values), one of them is parked: a column
// of it is set to NULL, or to a value that is in neither set, and gets its own in a second statement.
// No column is set aside where a CHECK, a domain, or for a value a trigger, may refuse what it would hold.
//
// A row that does not meet the predicate of a partial unique index takes no value of it. A predicate that
// cannot be read is taken to be met by all rows: what may be in the way of another is parked, or skipped. So
// are rows under an exclusion constraint that are equal in what it compares by =.
//
// What cannot be repaired is never guessed. Such a row, and every row that needs it, is handed to the
// caller with the reason: [Skipped]. So is what would lose data:
//
//   - a row is not deleted, nor a value changed that rows refer to, where a foreign key would take rows
//     along (ON DELETE CASCADE, SET NULL, ...) that were not compared; rows that were compared are let go
//     first, and the statement looks that none refers any more;
//   - in a table without a key, no row is written when some columns, or not all rows, were compared, and
//     none is deleted while a row that is missing cannot be inserted;
//   - a row is not deleted while one that was to take its unique value cannot be inserted;
//   - where several rows have the key, none of them is touched: see [Resolver].
//
// What it does not see: whether a row meets the check constraints, the order that unique indexes on expressions
// ask for and what triggers do (both are named), and what the account may not see in the catalog. Where one of them objects, a statement fails
// and nothing is applied.
//
// Tables with a key, without foreign keys and without unique values beside their key, are streamed. Of the
// others the differing rows are held in memory until the end, up to [MostHeld]. Statements are kept in a
// [Spool], on disk.
package repair
