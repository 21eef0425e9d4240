// Package postgres is PostgreSQL, 12 to 17, as a side of a diff: [Open] gives a [dialect.Database].
//
// Rows are read in the binary form of COPY and turned into canonical cells, without an allocation per
// row and, for most types, without a server-side cast. The forms are those of the send functions of
// PostgreSQL (backend/utils/adt); the frame is that of the manual's page on COPY, "Binary Format".
//
// What can be read of a type is one table, readingsOf: for each form what is selected, how it is
// decoded, what the portable hash takes, and whether the server's own hash is exact.
package postgres
