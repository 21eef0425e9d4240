package postgres

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/database"
)

// Database is a PostgreSQL database, of versions 12 to 17. It implements [dialect.Database].
type Database struct {
	url     database.URL
	options database.Options

	product  string
	major    int
	server   string
	local    bool
	encoding string // of the server: "UTF8"
	// collation of the database, which columns without one of their own have, and whether it sorts bytes.
	collation string
	bytewise  bool
	probe     string // what hash_record_extended gives for fixed values; empty before version 14

	catalog   *pgconn.PgConn // one at a time: hold catalogMu
	catalogMu sync.Mutex

	mu       sync.RWMutex // guards what is below
	types    map[uint32]typeInfo
	snapshot string
}

var _ dialect.Database = (*Database)(nil)

// Open connects and learns what the server is.
func Open(ctx context.Context, u database.URL, o database.Options) (*Database, error) {
	o.Write = false
	d := &Database{url: u, options: o, types: map[uint32]typeInfo{}}
	conn, err := d.connect(ctx, o)
	if err != nil {
		return nil, err
	}
	d.catalog = conn
	if err := d.learn(ctx); err != nil {
		_ = d.Close()
		return nil, fmt.Errorf("open %s: %w", u, err)
	}
	return d, nil
}

// settings of each connection. Compiling an expression costs more than the ranges here are worth; rows
// that a policy would hide are an error, because a diff that leaves them out in silence is wrong.
const settings = "set jit = off; set standard_conforming_strings = on; set bytea_output = hex; set row_security = off; set idle_in_transaction_session_timeout = 0"

func (d *Database) connect(ctx context.Context, o database.Options) (*pgconn.PgConn, error) {
	conn, err := database.OpenPostgres(ctx, d.url, o)
	if err != nil {
		return nil, err
	}
	if err := exec(ctx, conn, settings); err != nil {
		_ = conn.Close(ctx)
		return nil, fmt.Errorf("connect to %s: %w", d.url, err)
	}
	return conn, nil
}

// exec runs statements that give no rows that anybody reads.
func exec(ctx context.Context, conn *pgconn.PgConn, sql string) error {
	return conn.Exec(ctx, sql).Close()
}

// query runs one statement and hands over its rows as text; nil is NULL. The slices are valid until row
// returns.
func query(ctx context.Context, conn *pgconn.PgConn, sql string, row func(values [][]byte) error) error {
	results := conn.Exec(ctx, sql)
	for results.NextResult() {
		reader := results.ResultReader()
		for reader.NextRow() {
			if err := row(reader.Values()); err != nil {
				// The rest of the answer is worth nothing: end the statement with its connection.
				closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
				_ = conn.CancelRequest(closing)
				_ = results.Close()
				cancel()
				return err
			}
		}
	}
	return results.Close()
}

// queryCatalog is query on the connection for the catalog, which is made anew when it was lost.
func (d *Database) queryCatalog(ctx context.Context, sql string, row func(values [][]byte) error) error {
	d.catalogMu.Lock()
	defer d.catalogMu.Unlock()
	if d.catalog.IsClosed() {
		conn, err := d.connect(ctx, d.options)
		if err != nil {
			return err
		}
		d.catalog = conn
	}
	return query(ctx, d.catalog, sql, row)
}

func (d *Database) learn(ctx context.Context) error {
	version := d.catalog.ParameterStatus("server_version")
	version, _, _ = strings.Cut(version, " ")
	d.product = "PostgreSQL " + version
	d.major = majorOf(version)
	if d.major < 12 {
		return fmt.Errorf("PostgreSQL %s is not supported; 12 is the oldest version that is", version)
	}
	d.encoding = d.catalog.ParameterStatus("server_encoding")
	d.local = localAddress(d.catalog.Conn().RemoteAddr())
	provider, locale := "'c'", "null"
	switch {
	case d.major >= 17:
		provider, locale = "datlocprovider", "datlocale"
	case d.major >= 15:
		provider, locale = "datlocprovider", "daticulocale"
	}
	err := d.queryCatalog(ctx, "select "+provider+", coalesce("+locale+", datcollate), oid::text, pg_postmaster_start_time()::text from pg_catalog.pg_database where datname = current_database()", func(v [][]byte) error {
		d.collation = string(v[1])
		d.bytewise = bytewise(v[0], d.collation)
		// A copy of a server, or its standby, has its system identifier: only the moment at which it
		// started tells it apart.
		d.server = "postgres started " + string(v[3]) + ", database " + string(v[2])
		return nil
	})
	if err != nil {
		return err
	}
	// The identifier is for those that may read it: two servers may start in one microsecond.
	_ = d.queryCatalog(ctx, "select system_identifier::text from pg_catalog.pg_control_system()", func(v [][]byte) error {
		d.server += ", system " + string(v[0])
		return nil
	})
	if d.major < 14 {
		return nil
	}
	return d.queryCatalog(ctx, "select "+probeHash, func(v [][]byte) error {
		d.probe = string(v[0])
		return nil
	})
}

// majorOf reads 15 from 15.18, 17beta1 and 18devel.
func majorOf(version string) int {
	n := 0
	for n < len(version) && version[n] >= '0' && version[n] <= '9' {
		n++
	}
	major, _ := strconv.Atoi(version[:n]) // 0 is refused as too old
	return major
}

// bytewise says whether a collation sorts text by its bytes (in UTF-8, also by its code points).
func bytewise(provider []byte, locale string) bool {
	switch string(provider) {
	case "b":
		return true
	case "c":
		switch strings.ToLower(locale) {
		case "c", "posix", "c.utf8", "c.utf-8":
			return true
		}
	}
	return false
}

// localAddress says whether an address is of this machine.
func localAddress(a net.Addr) bool {
	switch a := a.(type) {
	case *net.UnixAddr:
		return true
	case *net.TCPAddr:
		if a.IP.IsLoopback() {
			return true
		}
		own, err := net.InterfaceAddrs()
		if err != nil {
			return false
		}
		for _, o := range own {
			if n, ok := o.(*net.IPNet); ok && n.IP.Equal(a.IP) {
				return true
			}
		}
	}
	return false
}

// Kind implements [dialect.Database].
func (d *Database) Kind() dialect.Kind { return dialect.Postgres }

// Product implements [dialect.Database].
func (d *Database) Product() string { return d.product }

// Server implements [dialect.Database].
func (d *Database) Server() string { return d.server }

// Same implements [dialect.Database] by an advisory lock of a random number, which a transaction of one
// takes and the other must see. Such locks live in the memory of one server; its standbys do not have them.
func (d *Database) Same(ctx context.Context, other dialect.Database) (same bool, err error) {
	o, ok := other.(*Database)
	if !ok || o.server != d.server {
		return false, nil
	}
	holder, err := d.connect(ctx, d.options)
	if err != nil {
		return false, err
	}
	defer func() { _ = closeConn(holder) }() // which ends the transaction
	var number [8]byte
	_, _ = rand.Read(number[:]) // it never fails
	hi, lo := binary.BigEndian.Uint32(number[:]), binary.BigEndian.Uint32(number[4:])
	key := strconv.FormatInt(int64(uint64(hi)<<32|uint64(lo)), 10)
	if err := exec(ctx, holder, "begin; select pg_catalog.pg_try_advisory_xact_lock("+key+"::bigint)"); err != nil {
		return false, fmt.Errorf("ask whether both sides are one server: %w", err)
	}
	err = o.queryCatalog(ctx, fmt.Sprintf(`select count(*) from pg_catalog.pg_locks where locktype = 'advisory' and granted and classid = %d and objid = %d and objsubid = 1
		and database = (select oid from pg_catalog.pg_database where datname = current_database())`, hi, lo), func(v [][]byte) error {
		same = string(v[0]) != "0"
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("ask whether both sides are one server: %w", err)
	}
	return same, nil
}

// Local implements [dialect.Database].
func (d *Database) Local() bool { return d.local }

// Close ends the connection for the catalog. Sessions and snapshots are closed on their own.
func (d *Database) Close() error {
	d.catalogMu.Lock()
	defer d.catalogMu.Unlock()
	return closeConn(d.catalog)
}

// closeConn says good-bye within a second.
func closeConn(conn *pgconn.PgConn) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := conn.Close(ctx); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Snapshot implements [dialect.Database]. A connection of its own holds the snapshot.
func (d *Database) Snapshot(ctx context.Context) (position string, release func() error, err error) {
	holder, err := d.connect(ctx, d.options)
	if err != nil {
		return "", nil, err
	}
	id := ""
	err = exec(ctx, holder, "begin isolation level repeatable read, read only")
	if err == nil {
		err = query(ctx, holder, "select pg_catalog.pg_export_snapshot()", func(v [][]byte) error {
			id = string(v[0])
			return nil
		})
	}
	if err != nil {
		_ = closeConn(holder)
		if d.Temporary(err) || ctx.Err() != nil {
			return "", nil, fmt.Errorf("share a snapshot: %w", err)
		}
		return "", nil, fmt.Errorf("%w: %w", dialect.ErrNoSnapshot, err)
	}
	// Where the log stands is told on a connection of its own: an account may not be allowed to ask, and
	// a failed statement would end the holder's transaction.
	_ = d.queryCatalog(ctx, "select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn() else pg_catalog.pg_current_wal_lsn() end::text", func(v [][]byte) error {
		position = string(v[0])
		return nil
	})
	d.mu.Lock()
	d.snapshot = id
	d.mu.Unlock()
	return position, func() error {
		d.mu.Lock()
		if d.snapshot == id {
			d.snapshot = ""
		}
		d.mu.Unlock()
		return closeConn(holder)
	}, nil
}

// Open implements [dialect.Database].
func (d *Database) Open(ctx context.Context) (dialect.Session, error) {
	conn, err := d.connect(ctx, d.options)
	if err != nil {
		return nil, err
	}
	d.mu.RLock()
	snapshot := d.snapshot
	d.mu.RUnlock()
	if snapshot != "" {
		if err := exec(ctx, conn, "begin isolation level repeatable read, read only; set transaction snapshot "+quoteText(snapshot)); err != nil {
			_ = closeConn(conn)
			return nil, fmt.Errorf("take the shared snapshot: %w", err)
		}
	}
	return &session{d: d, conn: conn}, nil
}
