// Package myoracle runs a statement on a MariaDB server and observes what it does to InnoDB tables: the
// mildest ALGORITHM and LOCK clauses that are accepted, who waits, and what work is done that grows with
// the table.
//
// As with pgoracle, the server is asked in ways that fail differently. Accepted clauses alone mislead:
// ALGORITHM=INSTANT is accepted for PARTITION BY, which copies all rows. So a rebuild is judged by the
// identities of tables in information_schema.innodb_sys_tables, an index build by those of indexes, reading
// and writing by the counters of the session, and waiting by another session that tries without patience
// to read and to write while the statement runs.
//
// Asking for the clauses runs the statement several times, so the caller says how the schema is made anew.
// What is measured holds for MariaDB. MySQL 8 has other rules (its own INSTANT, no NOCOPY), and nothing
// here says what it does.
package myoracle

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Statement is what is to be observed.
type Statement struct {
	SQL    string // one statement
	Target string // the table that it is about
	// Session is run before in the same session.
	Session string
}

// Observation is what a statement did, with the evidence.
type Observation struct {
	Effect effect.Effect
	Took   time.Duration // of the statement without clauses
	Reads  Probe
	Writes Probe
}

// Probe counts the tries of another session while the statement ran.
type Probe struct {
	Tries, Blocked int
	// Waited is the part of Watched in which tries were refused. A try that is refused is over sooner than
	// one that is not, so that numbers of tries would make a moment look long.
	Waited, Watched time.Duration
}

// waits says whether tries were refused for three quarters of the time: an exclusive lock for a moment, which each
// ALTER TABLE takes at its end, is no waiting while work goes on. That moment is the same for small and large
// tables, about 20 ms, and so may be a third of the time of a short statement.
func (p Probe) waits() bool { return p.Tries >= 4 && 4*p.Waited >= 3*p.Watched }

// add counts a try that ended the given time after the one before it.
func (p *Probe) add(blocked bool, took time.Duration) {
	p.Tries++
	p.Watched += took
	if blocked {
		p.Blocked++
		p.Waited += took
	}
}

// Oracle is two sessions on one database. It is for one goroutine at a time. Close it.
type Oracle struct {
	subject, probe *client.Conn
	stop           func() bool
	// Renew makes the schema anew with small or full tables. The sessions stay in the database.
	Renew func(ctx context.Context, full bool) error
}

// Connect opens the sessions. They end with ctx.
func Connect(ctx context.Context, url database.URL) (*Oracle, error) {
	o := &Oracle{}
	var err error
	if o.subject, err = open(ctx, url); err != nil {
		return nil, err
	}
	if o.probe, err = open(ctx, url); err == nil {
		_, err = o.probe.Execute("set session lock_wait_timeout = 0, innodb_lock_wait_timeout = 1")
	}
	if err != nil {
		o.Close()
		return nil, fmt.Errorf("connect to observe: %w", err)
	}
	o.stop = context.AfterFunc(ctx, func() {
		_ = o.subject.Conn.Close()
		_ = o.probe.Conn.Close()
	})
	return o, nil
}

func open(ctx context.Context, url database.URL) (*client.Conn, error) {
	conn, err := database.OpenMySQL(ctx, url, database.Options{Write: true})
	if err != nil {
		return nil, err
	}
	// A migration runs under the settings of the server, and strictness decides what an ALTER TABLE may do.
	if _, err := conn.Execute("set session sql_mode = default, time_zone = default"); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// Close ends the sessions.
func (o *Oracle) Close() {
	if o.stop != nil {
		o.stop()
	}
	for _, conn := range []*client.Conn{o.subject, o.probe} {
		if conn != nil {
			_ = conn.Close()
		}
	}
}

// Exec runs statements in the observed session, one at a time, unobserved.
func (o *Oracle) Exec(statements ...string) error {
	for _, sql := range statements {
		if strings.TrimSpace(sql) == "" {
			continue
		}
		if _, err := o.subject.Execute(sql); err != nil {
			return err
		}
	}
	return nil
}

// Observe runs the statement on full tables as it is, then on small ones with clauses. The error of the
// statement itself is a *mysql.MyError.
func (o *Oracle) Observe(ctx context.Context, s Statement) (*Observation, error) {
	if err := o.prepare(ctx, s, true); err != nil {
		return nil, err
	}
	observation, err := o.plain(ctx, s)
	if err != nil {
		return nil, err
	}
	e := &observation.Effect
	if e.Algorithm, e.Admits, err = o.clauses(ctx, s); err != nil {
		return nil, err
	}
	if e.Admits != effect.UnknownAdmits {
		// The server's promise is better than what was seen of a short statement, most of which may be the
		// moment of its exclusive lock.
		e.WaitsRead, e.WaitsWrite = false, false
	}
	return observation, ctx.Err()
}

func (o *Oracle) prepare(ctx context.Context, s Statement, full bool) error {
	_ = o.Exec("unlock tables") // of the statement before
	if err := o.Renew(ctx, full); err != nil {
		return fmt.Errorf("make the schema anew: %s", err.Error()) // no error of the statement
	}
	if err := o.Exec(strings.Split(s.Session, ";\n")...); err != nil {
		return fmt.Errorf("prepare the session: %s", err.Error())
	}
	return nil
}

// plain runs the statement as it is.
func (o *Oracle) plain(ctx context.Context, s Statement) (*Observation, error) {
	before, err := o.look(false)
	if err != nil {
		return nil, err
	}
	started, done, probed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	observation := &Observation{}
	go func() { probed <- o.probeUntil(ctx, s.Target, observation, started, done) }()
	<-started
	began := time.Now()
	_, failed := o.subject.Execute(s.SQL)
	observation.Took = time.Since(began)
	close(done)
	if err := <-probed; err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, failed
	}
	after, err := o.look(true)
	if err != nil {
		return nil, err
	}
	// What the session still holds keeps others waiting until it lets go: LOCK TABLES.
	heldRead, err := o.try(s.Target, false)
	if err != nil {
		return nil, err
	}
	heldWrite, err := o.try(s.Target, true)
	if err != nil {
		return nil, err
	}
	e := &observation.Effect
	if err := o.judge(s, e, before, after); err != nil {
		return nil, err
	}
	// A statement without work is over in the moment of its exclusive lock.
	works := e.Work != 0
	e.WaitsRead, e.WaitsWrite = heldRead || works && observation.Reads.waits(), heldWrite || works && observation.Writes.waits()
	return observation, nil
}

// try reads nothing or writes nothing. Other errors than that of the timeout mean that the lock was had.
func (o *Oracle) try(table string, write bool) (blocked bool, err error) {
	sql := "select 1 from " + table + " limit 1"
	if write {
		sql = "delete from " + table + " where 1 = 0"
	}
	_, err = o.probe.Execute(sql)
	var refused *mysql.MyError
	if errors.As(err, &refused) {
		return refused.Code == mysql.ER_LOCK_WAIT_TIMEOUT, nil
	}
	return false, err
}

func (o *Oracle) probeUntil(ctx context.Context, table string, observation *Observation, started chan<- struct{}, done <-chan struct{}) error {
	close(started)
	began := time.Now()
	last := map[bool]time.Time{false: began, true: began}
	for {
		for _, p := range []struct {
			probe *Probe
			write bool
		}{{&observation.Reads, false}, {&observation.Writes, true}} {
			blocked, err := o.try(table, p.write)
			select {
			case <-done: // it may have ended before
				return err
			case <-ctx.Done():
				return ctx.Err()
			default:
			}
			if err != nil {
				return fmt.Errorf("probe %s: %w", table, err)
			}
			now := time.Now()
			p.probe.add(blocked, now.Sub(last[p.write]))
			last[p.write] = now
		}
	}
}

// judge decides which work was done from what is different.
func (o *Oracle) judge(s Statement, e *effect.Effect, before, after *picture) error {
	e.WAL = unit.Bytes(after.redo - before.redo)
	e.RowsRead = after.read - before.read
	written := after.written - before.written
	rows := before.rows[s.Target]
	for name, id := range after.tables {
		if _, there := before.ids[id]; there || before.bases[base(name)] == 0 || before.gone(base(name), after) == 0 {
			continue
		}
		filled, err := o.filled(name)
		if err != nil {
			return err
		}
		if filled {
			e.Work |= effect.Rewrite
		}
	}
	if _, there := after.rows[s.Target]; there && before.bases[s.Target] > 0 && after.bases[s.Target] == 0 {
		e.Work |= effect.Rewrite // it has gone to another engine
	}
	for id, table := range after.indexes {
		if _, there := before.indexes[id]; !there && before.ids[table] != "" && rows > 0 {
			e.Work |= effect.IndexBuild
		}
	}
	if e.Work.Has(effect.Rewrite) {
		return nil // copying reads and writes every row
	}
	e.RowsWritten = written
	switch {
	case rows > 0 && written >= rows/2:
		e.Work |= effect.Modify
	case rows > 0 && e.RowsRead >= rows/2:
		e.Work |= effect.Scan
	}
	return nil
}

// alterTable splits ALTER TABLE name from what follows.
var (
	alterTable  = regexp.MustCompile(`(?is)^(alter\s+table\s+(?:if\s+exists\s+)?\S+)\s+(.*)$`)
	partitionBy = regexp.MustCompile(`(?is)^(partition\s+by|remove\s+partitioning)\b`)
	indexDDL    = regexp.MustCompile(`(?is)^(create\s+(?:unique\s+|fulltext\s+|spatial\s+)?|drop\s+)index\b`)
)

// with adds clauses to a statement that has them, and returns false for others.
func with(sql string, a effect.Algorithm, l effect.Admits) (string, bool) {
	lock := ""
	if l != effect.UnknownAdmits {
		lock = "LOCK=" + l.String()
	}
	if m := alterTable.FindStringSubmatch(sql); m != nil {
		if lock != "" {
			lock = ", " + lock
		}
		separator := ", "
		if partitionBy.MatchString(m[2]) {
			separator = " "
		}
		return m[1] + " ALGORITHM=" + a.String() + lock + separator + m[2], true
	}
	if indexDDL.MatchString(sql) {
		return sql + " ALGORITHM=" + a.String() + " " + lock, true
	}
	return "", false
}

// refusals are the codes with which a server refuses a clause: ER_ALTER_OPERATION_NOT_SUPPORTED and the
// same with a reason. A statement whose form has no place for clauses is a syntax error with them.
const (
	notSupported       = 1845
	notSupportedReason = 1846
)

// clauses finds the cheapest algorithm that is accepted, and with it the mildest lock.
func (o *Oracle) clauses(ctx context.Context, s Statement) (effect.Algorithm, effect.Admits, error) {
	fresh := false
	accepted := func(a effect.Algorithm, l effect.Admits) (ok, has bool, err error) {
		sql, has := with(s.SQL, a, l)
		if !has {
			return false, false, nil
		}
		if !fresh {
			if err := o.prepare(ctx, s, false); err != nil {
				return false, true, err
			}
			fresh = true
		}
		_, err = o.subject.Execute(sql)
		var refused *mysql.MyError
		switch {
		case err == nil:
			fresh = false
			return true, true, nil
		case !errors.As(err, &refused):
			return false, true, err
		case refused.Code == notSupported || refused.Code == notSupportedReason:
			return false, true, nil
		case refused.Code == mysql.ER_PARSE_ERROR:
			return false, false, nil
		}
		return false, true, fmt.Errorf("%s: %w", sql, err)
	}
	for _, a := range effect.Algorithms() {
		ok, has, err := accepted(a, effect.UnknownAdmits)
		if err != nil || !has {
			return effect.NoAlgorithm, effect.UnknownAdmits, err
		}
		if !ok {
			continue
		}
		for _, l := range effect.AllAdmits() {
			ok, _, err := accepted(a, l)
			if err != nil || ok {
				return a, l, err
			}
		}
		return a, effect.UnknownAdmits, nil
	}
	return effect.NoAlgorithm, effect.UnknownAdmits, nil
}
