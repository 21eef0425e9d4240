// Package pgoracle runs a statement on a PostgreSQL server and observes what it does: which locks it
// takes on which relations and for how long, whom they keep waiting, and what work it does that grows
// with the table.
//
// No SQL is parsed; the server is asked, in ways that fail differently, because each alone is wrong
// somewhere:
//
//   - The server's own words at client_min_messages = debug1: rewriting and verifying a table, building an
//     index, validating a foreign key, a scan that a constraint made unnecessary. They are silent on the
//     scan of a default partition and on VACUUM FULL.
//   - pg_locks of the session itself when the statement has ended and its transaction has not. It misses
//     what a statement releases that runs in several transactions.
//   - pg_locks sampled by a second session while the statement runs, for just those.
//   - Reads and writes tried by a third session, with a short lock_timeout, on the table, on those its
//     foreign keys refer to and on what else is locked. That is what an application would feel.
//   - The files of relations before and after. A new file may be empty (TRUNCATE), and an index that is
//     made anew under a new identity may keep its old file.
//   - Rows read by sequential scans and rows written, by the counters of the transaction.
//   - The distance that the write-ahead log moved, which counts what the whole server wrote.
//
// [Judge] combines them. Where they contradict each other, a note of the [Observation] says so.
//
// The package changes what the statement changes and nothing else. It does not know whether a database is
// one to experiment on: the caller must. It works on versions 11 to 18.
package pgoracle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Options of an [Oracle]. The zero value suits a rehearsal.
type Options struct {
	// ProbeTimeout is how long a probe waits for a lock before it counts as blocked; 0 means 60 ms. Only
	// time spent waiting counts, so on a server where nobody else works a few milliseconds tell as much.
	ProbeTimeout time.Duration
	// Interval is the time between two samples of pg_locks; 0 means 2 ms, less than 0 means without a
	// pause, which takes a core of the server and sees locks that are held for a tenth of a millisecond.
	Interval time.Duration
	// Hold makes a statement that runs in several transactions wait behind an open transaction that has
	// written to its targets, until its locks were seen or a moment has passed. On a private server that
	// makes what is seen of short statements certain; Took then holds the wait.
	Hold bool
}

// Statement is what is to be observed.
type Statement struct {
	SQL string // one statement
	// Targets names the tables that it is about, with schema where needed; an index stands for its table.
	// Names that do not exist yet are no error. Without any, the relation with the strongest lock is taken.
	Targets []string
}

// Oracle is three sessions on one database. It is for one goroutine at a time. Close it.
type Oracle struct {
	subject  *pgx.Conn // runs the statement
	watcher  *pgx.Conn // samples locks
	probe    *pgx.Conn // tries to read and write
	options  Options
	open     bool // a transaction of the caller is open in subject
	old      bool // the server has a statistics collector, before version 15
	database uint32
	beside   bool // watcher is in the database of the statement

	mu       sync.Mutex
	messages []*pgconn.Notice // of the statement that runs
	samples  []string         // the notices of the sampler
	sampling chan struct{}    // closed at the first of them
	locked   chan struct{}    // closed at the first that tells of a lock
	notes    []string         // of connecting
}

// Connect opens the three sessions.
func Connect(ctx context.Context, config *pgx.ConnConfig, options Options) (*Oracle, error) {
	if options.ProbeTimeout == 0 {
		options.ProbeTimeout = 60 * time.Millisecond
	}
	if options.Interval == 0 {
		options.Interval = 2 * time.Millisecond
	}
	o := &Oracle{options: options}
	var err error
	if o.subject, err = connect(ctx, config, &o.mu, func(n *pgconn.Notice) { o.messages = append(o.messages, n) }); err != nil {
		return nil, err
	}
	if err := o.others(ctx, config); err != nil {
		o.Close(ctx)
		return nil, err
	}
	// The words of the server are compared in English. Where the language may not be chosen, the other
	// oracles must do.
	if _, err := o.subject.Exec(ctx, "set lc_messages = 'C'"); err != nil {
		o.notes = append(o.notes, "the language of the server's messages cannot be set, so they may not have been understood: "+err.Error())
	}
	return o, nil
}

// others opens the sessions beside the one that is observed.
func (o *Oracle) others(ctx context.Context, config *pgx.ConnConfig) (err error) {
	elsewhere := config.Copy()
	elsewhere.Database = "postgres"
	sampled := func(n *pgconn.Notice) { o.sampled(n.Message) }
	if o.watcher, err = connect(ctx, elsewhere, &o.mu, sampled); err != nil {
		o.beside = true
		if o.watcher, err = connect(ctx, config, &o.mu, sampled); err != nil {
			return err
		}
	}
	if o.probe, err = connect(ctx, config, &o.mu, func(*pgconn.Notice) {}); err != nil {
		return err
	}
	if _, err := o.probe.Exec(ctx, fmt.Sprintf("set lock_timeout = %d", max(o.options.ProbeTimeout.Milliseconds(), 1))); err != nil {
		return fmt.Errorf("prepare the probes: %w", err)
	}
	var version int
	var database string
	err = o.subject.QueryRow(ctx, "select current_setting('server_version_num')::int, oid, datname from pg_database where datname = current_database()").Scan(&version, &o.database, &database)
	if err != nil {
		return fmt.Errorf("ask the server for its version: %w", err)
	}
	o.old = version < 150000
	o.beside = o.beside || database == elsewhere.Database
	return nil
}

func connect(ctx context.Context, config *pgx.ConnConfig, mu *sync.Mutex, notice func(*pgconn.Notice)) (*pgx.Conn, error) {
	c := config.Copy()
	c.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		mu.Lock()
		defer mu.Unlock()
		notice(n)
	}
	// Statements change the tables that cached plans would be of.
	c.DefaultQueryExecMode = pgx.QueryExecModeExec
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("connect to observe: %w", err)
	}
	return conn, nil
}

// Close ends the sessions. A transaction that is open is rolled back.
func (o *Oracle) Close(ctx context.Context) {
	for _, conn := range []*pgx.Conn{o.subject, o.watcher, o.probe} {
		if conn != nil {
			_ = conn.Close(ctx)
		}
	}
}

// Exec runs statements in the session that is observed, unobserved: settings, what went before.
func (o *Oracle) Exec(ctx context.Context, sql string) error {
	_, err := o.subject.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// Begin opens a transaction that the following statements are observed in. Their locks add up, as they
// do in a migration that runs in one transaction.
func (o *Oracle) Begin(ctx context.Context) error {
	if o.open {
		return errors.New("begin: a transaction is open")
	}
	if err := o.Exec(ctx, "begin"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	o.open = true
	return nil
}

// Commit ends the transaction of Begin.
func (o *Oracle) Commit(ctx context.Context) error { return o.end(ctx, "commit") }

// Rollback ends the transaction of Begin and takes back what its statements did.
func (o *Oracle) Rollback(ctx context.Context) error { return o.end(ctx, "rollback") }

func (o *Oracle) end(ctx context.Context, how string) error {
	if !o.open {
		return errors.New(how + ": no transaction is open")
	}
	o.open = false
	if err := o.Exec(ctx, how); err != nil {
		return fmt.Errorf("%s: %w", how, err)
	}
	return nil
}

// ErrOutside is wrapped by the error of [Oracle.Observe] for a statement that refuses to run in the
// transaction that the caller has opened.
var ErrOutside = errors.New("the statement cannot run in a transaction")

// Observe runs a statement and says what it did. Where no transaction is open, the statement has one of
// its own, which is committed, or none if it cannot run in one. The error of the statement itself is a
// *pgconn.PgError; the statement has then changed nothing, unless it runs in several transactions.
func (o *Oracle) Observe(ctx context.Context, s Statement) (*Observation, error) {
	return o.observe(ctx, s, true)
}

// Try is Observe of a statement whose own transaction is rolled back. kept says that the statement
// cannot run in one, so that its changes stay.
func (o *Oracle) Try(ctx context.Context, s Statement) (observation *Observation, kept bool, err error) {
	observation, err = o.observe(ctx, s, false)
	return observation, observation != nil && observation.Effect.OutsideTransaction, err
}

func (o *Oracle) observe(ctx context.Context, s Statement, commit bool) (*Observation, error) {
	before, err := o.look(ctx, !o.open)
	if err != nil {
		return nil, fmt.Errorf("read the catalogs before the statement: %w", err)
	}
	r := &run{statement: s, before: before}
	if r.targets, err = o.resolve(ctx, s.Targets, before); err != nil {
		return nil, err
	}
	if o.open {
		err = o.inside(ctx, r)
		if isCode(err, activeTransaction) {
			return nil, fmt.Errorf("%w: %w", ErrOutside, err)
		}
	} else {
		err = o.alone(ctx, r, commit)
		if isCode(err, activeTransaction) {
			r.outside = true
			err = o.outside(ctx, r)
		}
	}
	if err != nil {
		return nil, err
	}
	observation := Judge(r.evidence())
	observation.Notes = append(observation.Notes, o.notes...)
	return observation, nil
}

// activeTransaction is the code of "cannot run inside a transaction block".
const activeTransaction = "25001"

func isCode(err error, code string) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == code
}

// alone observes a statement in a transaction of its own.
func (o *Oracle) alone(ctx context.Context, r *run, commit bool) error {
	if err := o.Exec(ctx, "begin"); err != nil {
		return err
	}
	err := o.inside(ctx, r)
	if err == nil && commit {
		return o.Exec(ctx, "commit")
	}
	if rolled := o.Exec(context.WithoutCancel(ctx), "rollback"); err == nil {
		err = rolled
	}
	return err
}

// inside observes a statement in a transaction that is open, which leaves time to ask all that can be
// asked while its locks are held.
func (o *Oracle) inside(ctx context.Context, r *run) error {
	if err := o.count(ctx, r, &r.countsBefore, false); err != nil {
		return err
	}
	if err := o.execute(ctx, r, nil); err != nil {
		return err
	}
	var err error
	if r.locks, err = o.held(ctx, r.before); err != nil {
		return fmt.Errorf("read the locks of the statement: %w", err)
	}
	if err := o.count(ctx, r, &r.countsAfter, false); err != nil {
		return err
	}
	if r.after, err = o.look(ctx, false); err != nil {
		return fmt.Errorf("read the catalogs after the statement: %w", err)
	}
	if err := o.sizes(ctx, r); err != nil {
		return err
	}
	return o.probeAll(ctx, r)
}

// outside observes a statement that runs in transactions of its own. Probes run beside it.
func (o *Oracle) outside(ctx context.Context, r *run) error {
	if err := o.count(ctx, r, &r.countsBefore, true); err != nil {
		return err
	}
	release := func() error { return nil }
	if o.options.Hold {
		var err error
		if release, err = o.hold(ctx, r); err != nil {
			return err
		}
	}
	done := make(chan struct{})
	probed := make(chan error, 1)
	go func() {
		err := release()
		if err == nil {
			err = o.probeUntil(ctx, r, done)
		}
		probed <- err
	}()
	err := o.execute(ctx, r, func() { close(done) })
	if failed := <-probed; err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	r.outlast()
	if err := o.flush(ctx, r); err != nil {
		return err
	}
	if err := o.count(ctx, r, &r.countsAfter, true); err != nil {
		return err
	}
	if r.after, err = o.look(ctx, false); err != nil {
		return fmt.Errorf("read the catalogs after the statement: %w", err)
	}
	return o.sizes(ctx, r)
}

// execute runs the statement while its locks are sampled, and calls ended when it has ended.
func (o *Oracle) execute(ctx context.Context, r *run, ended func()) error {
	if ended == nil {
		ended = func() {}
	}
	stop := sync.OnceFunc(ended)
	defer stop()
	if err := o.Exec(ctx, "set client_min_messages = debug1"); err != nil {
		return err
	}
	if err := o.lsn(ctx, &r.walBefore); err != nil {
		return err
	}
	sampler, err := o.sample(ctx, r)
	if err != nil {
		return err
	}
	o.mu.Lock()
	o.messages = nil
	o.mu.Unlock()
	began := time.Now()
	_, failed := o.subject.PgConn().Exec(ctx, r.statement.SQL).ReadAll()
	r.took = time.Since(began)
	stop()
	o.mu.Lock()
	for _, m := range o.messages {
		r.messages = append(r.messages, m.Message)
	}
	o.mu.Unlock()
	sampled := sampler()
	if failed != nil {
		// The setting went with the transaction where there was one.
		_ = o.Exec(context.WithoutCancel(ctx), "reset client_min_messages")
		return failed
	}
	if sampled != nil {
		return fmt.Errorf("sample the locks of the statement: %w", sampled)
	}
	if err := o.lsn(ctx, &r.walAfter); err != nil {
		return err
	}
	return o.Exec(ctx, "reset client_min_messages")
}

func (o *Oracle) lsn(ctx context.Context, at *int64) error {
	// The difference to 0/0 is the position in bytes.
	if err := o.subject.QueryRow(ctx, "select (pg_current_wal_insert_lsn() - '0/0')::bigint").Scan(at); err != nil {
		return fmt.Errorf("read the position of the write-ahead log: %w", err)
	}
	return nil
}

// resolve looks the named targets up.
func (o *Oracle) resolve(ctx context.Context, names []string, before *picture) (targets []uint32, err error) {
	for _, name := range names {
		var oid *uint32
		if err := o.subject.QueryRow(ctx, "select to_regclass($1)::oid", name).Scan(&oid); err != nil {
			return nil, fmt.Errorf("look the table %s up: %w", name, err)
		}
		if oid == nil {
			continue
		}
		if rel := before.relations[*oid]; rel != nil && rel.Table != 0 {
			*oid = rel.Table
		}
		targets = append(targets, *oid)
	}
	return targets, nil
}

// quote writes the name of a relation for use in a statement.
func (r *Relation) quote() string { return pgx.Identifier{r.Schema, r.Name}.Sanitize() }

// firstLine shortens a statement for an error.
func firstLine(sql string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(sql), "\n")
	if len(line) > 80 {
		line = line[:80] + "..."
	}
	return line
}
