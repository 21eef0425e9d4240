package mysql

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/database"
)

// Database is a MySQL or MariaDB server with a default database. It is safe for concurrent use.
type Database struct {
	url     database.URL
	options database.Options

	product, version string // "MariaDB", "10.11.19"
	mariadb          bool
	server, schema   string
	crc32c           bool   // the server has the function
	probe            string // what its hash gives for fixed values

	kills sync.WaitGroup // of statements whose context ended

	asking  sync.Mutex
	control *conn // for the catalog; nil until it is needed, or after an error

	mu       sync.Mutex
	snapshot []*conn // those left to hand out
	shared   bool    // a snapshot is held
}

var _ dialect.Database = (*Database)(nil)

// Open connects to the server to learn what it is. The connection is kept for questions to the catalog;
// [Database.Open] opens others.
func Open(ctx context.Context, u database.URL, o database.Options) (*Database, error) {
	d := &Database{url: u, options: o}
	c, err := d.connect(ctx, o)
	if err != nil {
		return nil, err
	}
	d.control = c
	if err := d.learn(ctx, c); err != nil {
		_ = c.close()
		return nil, fmt.Errorf("look at %s: %w", u, err)
	}
	return d, nil
}

var versionNumber = regexp.MustCompile(`\d+\.\d+\.\d+`)

func (d *Database) learn(ctx context.Context, c *conn) error {
	rows, err := c.exec(ctx, "SELECT VERSION(), @@hostname, @@port, @@server_id, DATABASE()")
	if err != nil {
		return err
	}
	v := rows[0]
	d.mariadb = strings.Contains(strings.ToLower(v[0].text), "mariadb")
	d.product, d.version = "MySQL", versionNumber.FindString(strings.TrimPrefix(v[0].text, "5.5.5-"))
	if d.mariadb {
		d.product = "MariaDB"
	}
	d.server = "mysql " + v[1].text + ":" + v[2].text + " id " + v[3].text
	d.schema = v[4].text
	if !d.mariadb {
		rows, err := c.exec(ctx, "SELECT @@server_uuid")
		if err != nil {
			return err
		}
		d.server += " " + rows[0][0].text
	}
	// A server without CRC32C says so by an error, and goes on.
	hash := crcHash(hashProbe)
	if rows, err = c.exec(ctx, "SELECT "+hash); err == nil {
		d.crc32c = true
	} else if rows, err = c.exec(ctx, "SELECT "+portableHash(hashProbe)); err != nil {
		return err
	}
	d.probe = rows[0][0].text
	return nil
}

// connect opens a connection and makes its settings. A timeout of statements is set here, because the
// two products name it differently.
func (d *Database) connect(ctx context.Context, o database.Options) (*conn, error) {
	timeout := o.StatementTimeout
	o.StatementTimeout = 0
	lib, err := database.OpenMySQL(ctx, d.url, o)
	if err != nil {
		return nil, err
	}
	c := newConn(lib)
	// Results are sent as they are stored; what is not UTF-8 is converted by an expression.
	settings := []string{"SET NAMES utf8mb4", "SET SESSION character_set_results = NULL"}
	mariadb := strings.Contains(strings.ToLower(lib.GetServerVersion()), "mariadb")
	if !mariadb {
		settings = append(settings, "SET SESSION information_schema_stats_expiry = 0")
	}
	if timeout > 0 {
		if mariadb {
			settings = append(settings, "SET SESSION max_statement_time = "+strconv.FormatFloat(timeout.Seconds(), 'f', 3, 64))
		} else {
			settings = append(settings, "SET SESSION max_execution_time = "+strconv.FormatInt(max(timeout.Milliseconds(), 1), 10))
		}
	}
	for _, s := range settings {
		if _, err := c.exec(ctx, s); err != nil {
			_ = c.close()
			return nil, fmt.Errorf("connect to %s: %s: %w", d.url, s, err)
		}
	}
	rows, err := c.exec(ctx, "SELECT CONNECTION_ID()")
	if err != nil {
		_ = c.close()
		return nil, fmt.Errorf("connect to %s: %w", d.url, err)
	}
	// A proxy has a number of its own for the connection, and the server's may be another client's soon.
	if id := lib.GetConnectionID(); rows[0][0].text == strconv.FormatUint(uint64(id), 10) {
		c.id = id
	}
	return c, nil
}

// ask runs a question to the catalog. After an error the connection is opened anew by the next one.
func (d *Database) ask(ctx context.Context, statement string) ([][]value, error) {
	d.asking.Lock()
	defer d.asking.Unlock()
	if d.control == nil {
		c, err := d.connect(ctx, d.options)
		if err != nil {
			return nil, err
		}
		d.control = c
	}
	rows, err := d.control.exec(ctx, statement)
	if err != nil {
		_ = d.control.close()
		d.control = nil
	}
	return rows, err
}

// kill ends a statement whose connection was given up, from another connection. It is the best that can
// be done, and fails silently: the server ends the statement anyway when it next writes.
func (d *Database) kill(id uint32) {
	if id == 0 {
		return
	}
	d.kills.Add(1)
	go func() {
		defer d.kills.Done()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		o := d.options
		o.Wrap = nil
		lib, err := database.OpenMySQL(ctx, d.url, o)
		if err != nil {
			return
		}
		c := newConn(lib)
		_, _ = c.exec(ctx, "KILL "+strconv.FormatUint(uint64(id), 10))
		_ = c.close()
	}()
}

// Kind is [dialect.MySQL], for MariaDB too.
func (d *Database) Kind() dialect.Kind { return dialect.MySQL }

// Product implements [dialect.Database].
func (d *Database) Product() string { return d.product + " " + d.version }

// Server names the server by host, port and numbers, which a copy of it in another network can share.
// Statements reach across its databases.
func (d *Database) Server() string { return d.server }

// Same implements [dialect.Database] by a lock of a random name, which one takes and the other must see. Such
// locks are of one server, and not even its cluster or its replicas know them.
func (d *Database) Same(ctx context.Context, other dialect.Database) (same bool, err error) {
	o, ok := other.(*Database)
	if !ok || o.server != d.server {
		return false, nil
	}
	name := sqlString("napkin " + rand.Text())
	if _, err := d.ask(ctx, "SELECT GET_LOCK("+name+", 0)"); err != nil {
		return false, explain("ask whether both sides are one server", err)
	}
	rows, err := o.ask(ctx, "SELECT IS_USED_LOCK("+name+") IS NOT NULL")
	if err != nil {
		return false, explain("ask whether both sides are one server", err)
	}
	_, err = d.ask(ctx, "SELECT RELEASE_LOCK("+name+")")
	return rows[0][0].number() == 1, explain("ask whether both sides are one server", err)
}

// Local says whether the URL names this machine.
func (d *Database) Local() bool {
	u, err := url.Parse(d.url.String())
	if err != nil {
		return false
	}
	host := u.Hostname()
	return host == "" || host == "localhost" || u.Query().Has("socket") || net.ParseIP(host).IsLoopback()
}

// Offers implements [dialect.Database].
func (d *Database) Offers(c dialect.Column) []dialect.Offer { return offers(c) }

// Literal implements [dialect.Database]. A TIMESTAMP is written in UTC: who runs the statement sets
// time_zone to '+00:00' first.
func (d *Database) Literal(c dialect.Column, cell []byte) (string, error) { return literal(c, cell) }

// Quote implements [dialect.Database].
func (d *Database) Quote(name string) string { return quote(name) }

// QuoteTable implements [dialect.Database].
func (d *Database) QuoteTable(n dialect.TableName) string { return quoteTable(n) }

// NativeHash implements [dialect.Database]. Where the server has CRC32C (MariaDB 10.8), the hash of a row
// is 64 bits made of its CRC32 and CRC32C; else 60 bits of MD5 of the product's own texts.
func (d *Database) NativeHash(_ context.Context, r *dialect.Relation) (identity string, ok bool, err error) {
	if !hashesNatively(r) {
		return "", false, nil
	}
	return d.identity(r), true, nil
}

// HashesPortably implements [dialect.Database].
func (d *Database) HashesPortably(r *dialect.Relation) bool {
	for _, f := range r.Fields() {
		if !f.Form.Portable() {
			return false
		}
	}
	return true
}

// Open opens a session. While a snapshot is shared, it is one of the connections that read it.
func (d *Database) Open(ctx context.Context) (dialect.Session, error) {
	c, held, err := d.fromSnapshot()
	if err != nil {
		return nil, err
	}
	if !held {
		if c, err = d.connect(ctx, d.options); err != nil {
			return nil, err
		}
	}
	return &session{d: d, c: c, held: held}, nil
}

// Temporary implements [dialect.Database].
func (d *Database) Temporary(err error) bool { return temporary(err) }

// Close closes the connections that are not sessions.
func (d *Database) Close() error {
	var errs []error
	d.asking.Lock()
	if d.control != nil {
		errs = append(errs, d.control.close())
		d.control = nil
	}
	d.asking.Unlock()
	d.mu.Lock()
	for _, c := range d.snapshot {
		errs = append(errs, c.close())
	}
	d.snapshot, d.shared = nil, false
	d.mu.Unlock()
	d.kills.Wait()
	return errors.Join(errs...)
}
