// Package sqlite is the SQLite dialect of the diff.
//
// A session is a connection of its own to the file, opened read-only. It calls the C interface of
// modernc.org/sqlite directly and not through database/sql: the driver there boxes each value, copies
// each text, and turns the text of columns declared DATE or TIMESTAMP into something else. Here a value
// goes from SQLite's memory into the cell, so that reading a row allocates nothing. What is left, the
// virtual machine of SQLite translated to Go, costs about a microsecond a row of ten columns.
//
// SQLite gives types to values and not to columns. What a column is read as is decided from its declared
// type; a value that cannot be read so is an error that names the column, the value and the key. Declared
// types and storage classes go together like this:
//
//	Int            INTEGER. Booleans are 0 and 1, the words are an error
//	Decimal        INTEGER, TEXT, and REAL, of which the shortest text that gives the same double is taken
//	Float64        REAL, INTEGER that a double holds. SQLite stores NaN as NULL
//	Float32        the same, rounded to four bytes
//	Text           TEXT by its bytes, INTEGER as its digits
//	Bytes          BLOB only
//	UUID           TEXT of 36 characters in one case, BLOB of 16 bytes
//	Date           TEXT 2026-11-27
//	Time           TEXT 12:00, 12:00:00 or with up to six digits behind the point, signed, hours without bound
//	Timestamp      TEXT of a date, or of both with a blank or a T between them; a time zone is an error
//	TimestampZone  the same, with Z or an offset; without one it is UTC
//	Bits           INTEGER in a column BIT(n), TEXT of 0 and 1 in a text column
//	JSON           TEXT, INTEGER, REAL
//	Inexact        TEXT, and INTEGER and REAL by their digits; a BLOB stays one, and equals no text
//	Stored         all, each as a cell of its class
//
// Stored is for two files: like columns of them (see storage in types.go) are compared by class and bytes,
// so that a copy is equal whatever its columns hold. It does not fold what SQLite keeps apart: 1.0 in a
// column without a type is not 1, while one of affinity NUMERIC has made both an INTEGER before it stored
// them. Columns that SQLite itself holds to one class, those of STRICT tables and another name for the
// rowid, are read by their type, which costs less and can be hashed.
//
// Years are of four digits or more, with a minus sign before Christ as ISO 8601 counts (-0043 is 44 BC);
// infinity and -infinity are read as PostgreSQL's. More digits than microseconds are an error: nothing is
// rounded in silence.
//
// A table without a declared key has none: its rowid is not offered, because a VACUUM may change it. A
// PRIMARY KEY of a table with rowids may hold NULLs unless it is INTEGER or NOT NULL, and then its
// columns are not NotNull.
package sqlite
