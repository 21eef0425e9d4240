// Package postgres reads rows of PostgreSQL in the binary form of COPY and turns their fields into
// canonical cells, without an allocation per row and without a server-side cast.
//
// The forms are those of the send functions of PostgreSQL 14 to 17 (backend/utils/adt); the frame is
// that of the manual's page on COPY, "Binary Format".
package postgres
