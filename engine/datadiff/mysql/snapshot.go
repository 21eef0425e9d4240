package mysql

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// snapshotConnections is the number of sessions that can share a snapshot.
const snapshotConnections = 8

// Snapshot implements [dialect.Database].
//
// A transaction's view of the data cannot be given to another connection. So eight are opened, and their
// transactions started, while FLUSH TABLES WITH READ LOCK holds all writes; it is released at once, after
// a few round trips. The sessions opened afterwards are those eight, each once; then Open fails with
// [dialect.ErrNoSnapshot]. The lock needs the right RELOAD (in MySQL 8 also FLUSH_TABLES).
//
// FLUSH TABLES waits for statements that run, and writes wait behind it: it is given five seconds.
func (d *Database) Snapshot(ctx context.Context) (position string, release func() error, err error) {
	d.mu.Lock()
	taken := d.shared
	d.mu.Unlock()
	if taken {
		return "", nil, fmt.Errorf("one is held already: %w", dialect.ErrNoSnapshot)
	}
	locker, err := d.connect(ctx, d.options)
	if err != nil {
		return "", nil, err
	}
	defer locker.close()
	var held []*conn
	defer func() {
		if err != nil {
			for _, c := range held {
				_ = c.close()
			}
		}
	}()
	for range snapshotConnections {
		c, err := d.connect(ctx, d.options)
		if err != nil {
			return "", nil, err
		}
		held = append(held, c)
		if _, err := c.exec(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"); err != nil {
			return "", nil, err
		}
	}
	if position, err = d.freeze(ctx, locker, held); err != nil {
		return "", nil, err
	}
	d.mu.Lock()
	d.snapshot, d.shared = held, true
	d.mu.Unlock()
	return position, d.releaseSnapshot, nil
}

// freeze starts the transactions of connections under a lock, and says where the log stood.
func (d *Database) freeze(ctx context.Context, locker *conn, held []*conn) (position string, err error) {
	for _, s := range []string{"SET SESSION lock_wait_timeout = 5", "FLUSH TABLES WITH READ LOCK"} {
		if _, err := locker.exec(ctx, s); err != nil {
			return "", fmt.Errorf("%w: %w", dialect.ErrNoSnapshot, explainLock(s, err))
		}
	}
	for _, c := range held {
		if _, err := c.exec(ctx, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"); err != nil {
			return "", err
		}
	}
	position = d.position(ctx, locker)
	_, err = locker.exec(ctx, "UNLOCK TABLES")
	return position, err
}

// explainLock says what to do where the moment's lock cannot be had.
func explainLock(statement string, err error) error {
	advice := ""
	var my *mysql.MyError
	if errors.As(err, &my) {
		switch my.Code {
		case errAccessDenied:
			advice = "; a snapshot of this product needs a lock on all tables for a moment: GRANT RELOAD ON *.* to the account, or leave out --snapshot and let rows that differ be read again"
		case errLockWait:
			advice = "; a statement or transaction has held a table for more than five seconds: try again, or leave out --snapshot"
		}
	}
	return fmt.Errorf("%s: %w%s", statement, err, advice)
}

// position is where the binary log stands; empty without one, or without the right to know.
func (d *Database) position(ctx context.Context, c *conn) string {
	statements := []string{"SELECT @@gtid_binlog_pos"}
	if !d.mariadb {
		statements = []string{"SELECT @@global.gtid_executed"}
	}
	for _, s := range append(statements, "SHOW MASTER STATUS", "SHOW BINARY LOG STATUS") {
		rows, err := c.exec(ctx, s)
		if err != nil || len(rows) == 0 || rows[0][0].text == "" {
			continue
		}
		if strings.HasPrefix(s, "SELECT") {
			return "GTID " + strings.ReplaceAll(rows[0][0].text, "\n", "")
		}
		return rows[0][0].text + ":" + rows[0][1].text
	}
	return ""
}

// fromSnapshot takes a connection of the snapshot; held is false when none is shared.
func (d *Database) fromSnapshot() (c *conn, held bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.shared {
		return nil, false, nil
	}
	if len(d.snapshot) == 0 {
		return nil, false, fmt.Errorf("open a session: the %d connections that share the snapshot are in use: %w", snapshotConnections, dialect.ErrNoSnapshot)
	}
	c = d.snapshot[len(d.snapshot)-1]
	d.snapshot = d.snapshot[:len(d.snapshot)-1]
	return c, true, nil
}

// returnToSnapshot takes back the connection of a session that was closed in order. It is false when the
// snapshot was released.
func (d *Database) returnToSnapshot(c *conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shared {
		d.snapshot = append(d.snapshot, c)
	}
	return d.shared
}

func (d *Database) releaseSnapshot() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for _, c := range d.snapshot {
		errs = append(errs, c.close())
	}
	d.snapshot, d.shared = nil, false
	return errors.Join(errs...)
}
