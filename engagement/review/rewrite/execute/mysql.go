package execute

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/foundation/database"
)

// maria is a session on MySQL or MariaDB.
type maria struct{ conn *client.Conn }

func openMySQL(ctx context.Context, u database.URL) (session, error) {
	conn, err := database.OpenMySQL(ctx, u, database.Options{Application: "napkin recipe", Write: true})
	if err != nil {
		return nil, err
	}
	m := &maria{conn}
	// The server's own mode decides whether values that do not fit are refused; a recipe wants them refused.
	err = m.exec(ctx, "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1, transaction_isolation = 'READ-COMMITTED'")
	if err != nil {
		err = m.exec(ctx, "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1, tx_isolation = 'READ-COMMITTED'")
	}
	if err != nil {
		m.close()
		return nil, fmt.Errorf("prepare the session of a recipe: %w", err)
	}
	return m, nil
}

func (m *maria) close() { _ = m.conn.Close() }

// watch cuts the connection when the context ends, because the driver heeds none.
func (m *maria) watch(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = m.conn.SetDeadline(time.Unix(1, 0)) })
}

func (m *maria) query(ctx context.Context, sql string, args []string) (*mysql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer m.watch(ctx)()
	values := make([]any, len(args))
	for i, a := range args {
		values[i] = a
	}
	result, err := m.conn.Execute(sql, values...)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("%w (%w)", ctx.Err(), err)
	}
	return result, err
}

func (m *maria) exec(ctx context.Context, sql string) error {
	_, err := m.query(ctx, sql, nil)
	return err
}

func (m *maria) claim(ctx context.Context, key string) (bool, error) {
	return m.row1(ctx, "SELECT GET_LOCK(MD5(?), 0)", []string{key})
}

func (m *maria) ask(ctx context.Context, sql string) (bool, error) { return m.row1(ctx, sql, nil) }

func (m *maria) row(ctx context.Context, sql string, args []string) ([]string, bool, error) {
	result, err := m.query(ctx, sql, args)
	if err != nil {
		return nil, false, err
	}
	defer result.Close()
	if result.Resultset == nil || result.RowNumber() == 0 {
		return nil, false, nil
	}
	out := make([]string, result.ColumnNumber())
	for i := range out {
		v, err := result.GetString(0, i)
		if err != nil {
			return nil, false, err
		}
		out[i] = strings.Clone(v) // it lies in memory that the driver uses again
	}
	return out, true, nil
}

func (m *maria) row1(ctx context.Context, sql string, args []string) (bool, error) {
	row, ok, err := m.row(ctx, sql, args)
	return ok && row[0] == "1", err
}

// change loops over what a batch has left, because UPDATE here waits for locked rows for a second.
func (m *maria) change(ctx context.Context, sql string, args []string) (int64, error) {
	if err := m.exec(ctx, "SET SESSION innodb_lock_wait_timeout = 1"); err != nil {
		return 0, err
	}
	result, err := m.query(ctx, sql, args)
	if err != nil {
		return 0, err
	}
	defer result.Close()
	return int64(result.AffectedRows), nil
}

// apply heeds no transaction: each DDL statement commits by itself here. The unit of the server's timeout is a
// second, and the least is one.
func (m *maria) apply(ctx context.Context, sql []string, _ bool, lockTimeout time.Duration) error {
	seconds := int64((lockTimeout + time.Second - 1) / time.Second)
	if lockTimeout == 0 {
		seconds = 86400
	}
	if err := m.exec(ctx, fmt.Sprintf("SET SESSION lock_wait_timeout = %d, innodb_lock_wait_timeout = %d", max(seconds, 1), max(seconds, 1))); err != nil {
		return err
	}
	for _, s := range sql {
		if err := m.exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// Codes of errors: the reference of server error messages of MySQL; those of MariaDB are the same here.
func (m *maria) classify(err error) class {
	var e *mysql.MyError
	if !errors.As(err, &e) {
		return fatal
	}
	switch e.Code {
	case 1205, 1213: // ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK
		return again
	case 1146, 1054, 1091, 1176: // no such table, column, column or key to drop, key
		return absent
	case 1845, 1846, 1800: // ER_ALTER_OPERATION_NOT_SUPPORTED, the same with a reason, ER_UNKNOWN_ALTER_ALGORITHM
		return unsupported
	}
	return fatal
}

func (m *maria) holder(ctx context.Context, _ []rewrite.Lock) string {
	ctx, cancel := ending(ctx)
	defer cancel()
	row, ok, err := m.row(ctx, `SELECT trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, trx_started, NOW()), COALESCE(LEFT(trx_query, 80), 'no statement')
		FROM information_schema.innodb_trx WHERE trx_mysql_thread_id <> CONNECTION_ID() ORDER BY trx_started LIMIT 1`, nil)
	if err != nil || !ok {
		return ""
	}
	return fmt.Sprintf("the oldest transaction of the server is that of connection %s, for %s s: %s", row[0], row[1], strings.TrimSpace(row[2]))
}
