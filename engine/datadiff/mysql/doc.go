// Package mysql reads MySQL 8 and MariaDB 10.5 and later into canonical cells: it implements
// [dialect.Database] and [dialect.Session].
//
// Connecting (handshake, accounts, TLS) is go-mysql's; rows are read by this package, from the same
// network connection, in the binary protocol. The text protocol prints a FLOAT with six digits, and so
// cannot serve; and a driver that makes a value of each cell costs five times as much as the server
// takes to send it.
//
// Sessions read with the time zone +00:00 and without a character set of results: the server hands out
// the bytes that it stores, and text in a character set other than UTF-8 is converted by an expression
// that falls back on the stored bytes where there is no such character. Nothing is replaced by "?".
//
// A statement is ended by closing its connection, which a server notices when it next sends something.
// So that a hash over millions of rows ends too, the connection is killed from another one; that is
// left out where a proxy stands between, because there the number of a connection may be another's.
package mysql
