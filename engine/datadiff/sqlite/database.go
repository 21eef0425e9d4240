package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"modernc.org/libc"
	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/database"
)

// Database is the file of a SQLite database.
type Database struct {
	url     database.URL
	options database.Options
	path    string // absolute
	product string

	mu       sync.Mutex
	snapshot *snapshot // that sessions read; nil when none
}

var _ dialect.Database = (*Database)(nil)

// Open opens a file, which must be there. Only Apply writes to it.
func Open(ctx context.Context, u database.URL, o database.Options) (*Database, error) {
	o.Write = false
	db, err := database.OpenSQLite(ctx, u, o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	var version, tables string
	err = db.QueryRowContext(ctx, "SELECT sqlite_version(), (SELECT count(*) FROM sqlite_schema)").Scan(&version, &tables)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", u, err)
	}
	path, err := filepath.Abs(u.Path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", u, err)
	}
	return &Database{url: u, options: o, path: path, product: "SQLite " + version}, nil
}

// Kind implements dialect.Database.
func (d *Database) Kind() dialect.Kind { return dialect.SQLite }

// Product implements dialect.Database.
func (d *Database) Product() string { return d.product }

// Server implements dialect.Database. A session attaches any other file.
func (d *Database) Server() string { return "sqlite" }

// Same implements dialect.Database.
func (d *Database) Same(_ context.Context, other dialect.Database) (bool, error) {
	_, ok := other.(*Database)
	return ok, nil
}

// Local implements dialect.Database: the library is part of this process.
func (d *Database) Local() bool { return true }

// NativeHash implements dialect.Database. SQLite has no function that hashes a row.
func (d *Database) NativeHash(context.Context, *dialect.Relation) (identity string, ok bool, err error) {
	return "", false, nil
}

// HashesPortably implements dialect.Database. The hashing is done in this process, where SQLite runs, and
// costs what reading the rows costs and their hash.
func (d *Database) HashesPortably(r *dialect.Relation) bool {
	for _, f := range r.Fields() {
		if !f.Form.Portable() {
			return false
		}
	}
	return true
}

// Unlisted implements dialect.Database. Who can read the file sees all of it.
func (d *Database) Unlisted(context.Context, string) (why string, err error) { return "", nil }

// Temporary implements dialect.Database.
func (d *Database) Temporary(err error) bool {
	if errors.Is(err, errTimeout) {
		return true
	}
	code := 0
	var ours *Error
	var theirs *driver.Error
	if errors.As(err, &ours) {
		code = ours.Code
	} else if errors.As(err, &theirs) {
		code = theirs.Code()
	}
	switch code & 0xff {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_PROTOCOL:
		return true
	}
	return false
}

// Close implements dialect.Database. A snapshot ends with its release.
func (d *Database) Close() error { return nil }

// Open implements dialect.Database.
func (d *Database) Open(ctx context.Context) (dialect.Session, error) {
	c, err := openConn(d.path, d.options.StatementTimeout)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.snapshot != nil {
		if err := d.snapshot.enter(ctx, c); err != nil {
			c.close()
			return nil, err
		}
	}
	return &session{d: d, c: c, inSnapshot: d.snapshot != nil}, nil
}

// snapshot is a reading transaction that is held open, so that others can read the same state.
type snapshot struct {
	holder *conn
	wal    uintptr // the library's snapshot of a database with a write-ahead log; 0 without one
}

// Snapshot implements dialect.Database. With a write-ahead log the sessions read the position of the log
// that it has now, while writers go on. Without one, the transaction that is held open keeps every writer
// from committing until release.
func (d *Database) Snapshot(ctx context.Context) (position string, release func() error, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.snapshot != nil {
		return "", nil, fmt.Errorf("%s: a snapshot is held already: %w", d.url, dialect.ErrNoSnapshot)
	}
	c, err := openConn(d.path, d.options.StatementTimeout)
	if err != nil {
		return "", nil, err
	}
	s := &snapshot{holder: c}
	position, err = s.take(ctx)
	if err != nil {
		s.end()
		return "", nil, fmt.Errorf("%s: %w", d.url, err)
	}
	d.snapshot = s
	var once sync.Once
	return position, func() error {
		once.Do(func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.snapshot = nil
			s.end()
		})
		return nil
	}, nil
}

func (s *snapshot) take(ctx context.Context) (position string, err error) {
	c, mode := s.holder, ""
	if err := c.exec(ctx, "BEGIN"); err != nil {
		return "", err
	}
	// The first reading fixes the state.
	if err := c.exec(ctx, "SELECT count(*) FROM sqlite_schema"); err != nil {
		return "", err
	}
	if err := c.query(ctx, "PRAGMA journal_mode", func(s *stmt) error { mode = s.string(0); return nil }); err != nil {
		return "", err
	}
	if mode != "wal" {
		return "a reading transaction that keeps writers out", nil
	}
	if rc := c.named("main", func(name uintptr) int32 { return lib.Xsqlite3_snapshot_get(c.tls, c.db, name, c.out) }); rc != lib.SQLITE_OK {
		// An empty log has no position: nothing was written since it began.
		return "", fmt.Errorf("%w: the write-ahead log gives no position (%w); it has none before the first write", dialect.ErrNoSnapshot, c.error(rc))
	}
	s.wal = c.answer()
	return "a position of the write-ahead log", nil
}

// enter makes a new connection read the state.
func (s *snapshot) enter(ctx context.Context, c *conn) error {
	// A connection learns from its first reading that there is a log.
	if err := c.exec(ctx, "SELECT count(*) FROM sqlite_schema"); err != nil {
		return err
	}
	if err := c.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	if s.wal == 0 {
		return c.exec(ctx, "SELECT count(*) FROM sqlite_schema")
	}
	if rc := c.named("main", func(name uintptr) int32 { return lib.Xsqlite3_snapshot_open(c.tls, c.db, name, s.wal) }); rc != lib.SQLITE_OK {
		return fmt.Errorf("enter the snapshot: %w", c.error(rc))
	}
	return nil
}

func (s *snapshot) end() {
	if s.wal != 0 {
		lib.Xsqlite3_snapshot_free(s.holder.tls, s.wal)
	}
	s.holder.close()
}

// named calls a function of the library with a string.
func (c *conn) named(s string, f func(name uintptr) int32) int32 {
	name, err := libc.CString(s)
	if err != nil {
		return lib.SQLITE_NOMEM
	}
	defer libc.Xfree(c.tls, name)
	return f(name)
}
