package dialect

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"time"
)

// Database is one side of a diff. Its methods may be called from many goroutines.
type Database interface {
	Kind() Kind
	// Product is its name and version for a person: "PostgreSQL 15.18", "MariaDB 10.11.19".
	Product() string
	// Server describes the server and, where a statement cannot reach across them, the database. Two sides
	// that are described differently are two. Two that are described alike may still be: copies of one
	// machine have the names and numbers of it, and so has a standby. See Same.
	Server() string
	// Same proves that another database is on this very server (and, where a statement cannot reach across
	// them, is the same database), so that one statement can read both: a mark that lives in the memory of
	// the server is set through one and seen through the other. SQLite attaches any file.
	Same(ctx context.Context, other Database) (bool, error)
	// Local says whether the server runs on this machine, and so shares its processors with us.
	Local() bool

	// Tables lists the tables (not views) of a schema, or of the default one, by name.
	Tables(ctx context.Context, schema string) ([]TableName, error)
	// Find lists the tables and views that have a name, in whatever schema, so that somebody who left the
	// schema out can be told of them.
	Find(ctx context.Context, name string) ([]TableName, error)
	// Unlisted says why Tables may leave out some that the account may not see; empty when it does not.
	Unlisted(ctx context.Context, schema string) (why string, err error)
	// Table reads the catalog. A missing table is [ErrNoTable].
	Table(ctx context.Context, name TableName) (*Table, error)

	// Offers lists the forms in which a column can be read, the most faithful first. It is never empty:
	// the last resort is Inexact.
	Offers(c Column) []Offer
	// Literal writes a canonical cell as a literal of the type of a column, NULL included: for bounds,
	// look-ups and repairs. The cell may be of any form that the column offers.
	Literal(c Column, cell []byte) (string, error)
	// Quote quotes a name of one part.
	Quote(name string) string
	// QuoteTable quotes the name of a table.
	QuoteTable(n TableName) string

	// NativeHash says under which identity the product can hash the rows of a relation by a function of
	// its own. Two sides with the same identity give equal rows equal hashes; ok is false where it cannot.
	// The identity states everything that the hash depends on: product, version where it matters, types
	// of the columns in order, and what the function gives for fixed values on this server.
	NativeHash(ctx context.Context, r *Relation) (identity string, ok bool, err error)
	// HashesPortably says whether the server itself can compute the portable hash of a relation whose
	// forms are all portable.
	HashesPortably(r *Relation) bool

	// CanJoin says why [Session.Join] could not compare two relations exactly; nil where it can. An error
	// wraps [ErrCannot].
	CanJoin(a, b *Relation) error

	// Snapshot makes the sessions opened from now on read one state of the database, until release is
	// called. The text says which: a position in the log, where there is one. [ErrNoSnapshot] where the
	// product or the account cannot share one.
	Snapshot(ctx context.Context) (position string, release func() error, err error)
	// Open opens a session, read-only.
	Open(ctx context.Context) (Session, error)

	// Around reads what acts when rows of the tables are written. What the account may not see is not in it.
	Around(ctx context.Context, tables []TableName) (*Surroundings, error)
	// Begin are the statements that begin a transaction for a repair, with the settings that literals are
	// written for. Apply runs them first, and so does a script that a person runs.
	Begin() []string
	// Apply runs statements in one transaction on a connection that may write. Each must change exactly
	// one row; where one does not, everything is rolled back and the error is an [*UnmetError]. An error
	// of the sequence does so too. After any error but [ErrUncertain] nothing was changed. progress, if
	// not nil, is called after each statement.
	Apply(ctx context.Context, statements iter.Seq2[string, error], progress func()) error

	// Temporary says whether an error is one of the connection or of the moment (reset, shutdown,
	// timeout, deadlock, too many connections), so that the same request may succeed later.
	Temporary(err error) bool
	Close() error
}

// RowFunc receives one row: cells holds those of the key in its first key bytes, and behind them the
// others. The bytes are valid until it returns. An error ends the reading and is returned by the
// session's method, wrapped or not.
type RowFunc func(cells []byte, key int) error

// Session is one connection, used by one goroutine at a time. After an error of any method the session
// is of no more use and is to be closed. Methods end promptly when ctx does.
type Session interface {
	// Bounds cuts a range into parts of about rows rows each and returns the borders between them in the
	// product's order, none twice, none the bounds of the range themselves. It reads statistics, samples
	// or an index, never all rows. With exact, it must cut: the range is known to hold more than rows
	// rows, and the parts must hold no more than twice that, as far as equal keys allow.
	Bounds(ctx context.Context, r *Relation, in Range, rows int64, exact bool) ([]Key, error)
	// Ranks places keys in the order in which the product's conditions on ranges hold its rows: the rank
	// of one is less than that of another where the product takes it for less, and the same where it
	// takes them for equal. The columns of the key are [Column.Sorted] or [Column.Ranked]. No row is read.
	Ranks(ctx context.Context, r *Relation, keys []Key) ([]int64, error)
	// Stream reads the rows of a range in any order. An error about a value names the column.
	Stream(ctx context.Context, r *Relation, in Range, row RowFunc) error
	// Fingerprints hashes ranges on the server, and calls emit for each of them in any order.
	Fingerprints(ctx context.Context, r *Relation, h Hash, ranges []Range, emit func(i int, f Fingerprint) error) error
	// Fetch reads the rows with the given keys, each key once among them, in any order. It gives every row
	// whose key Stream would give as these cells, however the value is spelt in the table, and no other: a
	// row that it does not give is taken for one that is gone. Keys with no row are passed over, also those
	// of which the product has no value.
	Fetch(ctx context.Context, r *Relation, keys []Key, row RowFunc) error
	// Join reads the rows of two relations of this server that have no equal partner in the other, as
	// the product compares keys and values by bytes: side is 0 for a and 1 for b. It may give rows that
	// are equal. Keys of both are unique. [ErrCannot] where a pair of columns cannot be compared exactly.
	Join(ctx context.Context, a, b *Relation, row func(side int, cells []byte, key int) error) error

	// Generate answers with n rows of the relation's columns that the server makes up, of about the
	// types and widths that the table has, and so costs what reading n rows costs, less the table's scan.
	// It reads no table.
	Generate(ctx context.Context, r *Relation, n int64, row RowFunc) error
	// GenerateHash hashes n made-up rows on the server.
	GenerateHash(ctx context.Context, r *Relation, h Hash, n int64) error
	// RoundTrip measures one exchange that does nothing.
	RoundTrip(ctx context.Context) (time.Duration, error)
	// Throughput makes the server send about n bytes that cost it next to nothing.
	Throughput(ctx context.Context, n int64) error

	Close() error
}

// Hash is a way to hash rows on a server.
type Hash uint8

// Hashes.
const (
	Native   Hash = iota + 1 // the product's own, see Database.NativeHash
	Portable                 // that of package portable, the same on all products
)

// Fingerprint is the number of rows of a range and the sum of their hashes, modulo 2^128.
type Fingerprint struct {
	Rows   int64
	Hi, Lo uint64
}

// Errors that a caller tells apart.
var (
	ErrNoTable    = errors.New("there is no such table")
	ErrNoSnapshot = errors.New("a snapshot cannot be shared here")
	ErrCannot     = errors.New("the product cannot do this exactly")
)

// UnmetError is returned by Apply for a statement that did not change exactly one row.
type UnmetError struct {
	Statement string
	Rows      int64
}

// Error implements error.
func (e *UnmetError) Error() string {
	return "a statement changed " + strconv.FormatInt(e.Rows, 10) + " rows and not one: the row is no longer what was compared, or rows refer to it that were not compared; nothing was applied: " + e.Statement
}
