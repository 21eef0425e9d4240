package execute

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/foundation/database"
)

type postgres struct{ conn *pgconn.PgConn }

func openPostgres(ctx context.Context, u database.URL) (session, error) {
	conn, err := database.OpenPostgres(ctx, u, database.Options{Application: "napkin recipe", Write: true})
	if err != nil {
		return nil, err
	}
	p := &postgres{conn}
	settings := []string{
		"SET statement_timeout = 0",
		"SET standard_conforming_strings = on",
		// Where policies would hide rows from this role, a statement fails instead of seeing a part of them.
		"SET row_security = off",
		// A run whose process hangs must not keep a transaction open.
		"SET idle_in_transaction_session_timeout = '30s'",
		// From PostgreSQL 14: a statement ends when its client is gone, and frees the table for the next run.
		"SELECT set_config(name, '1s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'",
	}
	for _, s := range settings {
		// Not every operating system can watch a connection; then the server takes longer to notice.
		if err := p.exec(ctx, s); err != nil && !strings.Contains(s, "client_connection_check_interval") {
			p.close()
			return nil, fmt.Errorf("prepare the session of a recipe (%s): %w", s, err)
		}
	}
	return p, nil
}

func (p *postgres) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = p.conn.Close(ctx)
}

func (p *postgres) exec(ctx context.Context, sql string) error {
	_, err := p.conn.Exec(ctx, sql).ReadAll()
	return err
}

func (p *postgres) claim(ctx context.Context, key string) (bool, error) {
	return p.row1(ctx, "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", []string{key})
}

func (p *postgres) ask(ctx context.Context, sql string) (bool, error) { return p.row1(ctx, sql, nil) }

func (p *postgres) row(ctx context.Context, sql string, args []string) ([]string, bool, error) {
	result := p.query(ctx, sql, args)
	if result.Err != nil || len(result.Rows) == 0 {
		return nil, false, result.Err
	}
	out := make([]string, len(result.Rows[0]))
	for i, v := range result.Rows[0] {
		out[i] = string(v)
	}
	return out, true, nil
}

func (p *postgres) query(ctx context.Context, sql string, args []string) *pgconn.Result {
	values := make([][]byte, len(args))
	for i, a := range args {
		values[i] = []byte(a)
	}
	return p.conn.ExecParams(ctx, sql, values, nil, nil, nil).Read()
}

func (p *postgres) row1(ctx context.Context, sql string, args []string) (bool, error) {
	row, ok, err := p.row(ctx, sql, args)
	return ok && row[0] == "t", err
}

func (p *postgres) change(ctx context.Context, sql string, args []string) (int64, error) {
	result := p.query(ctx, sql, args)
	return result.CommandTag.RowsAffected(), result.Err
}

func (p *postgres) apply(ctx context.Context, sql []string, transaction bool, lockTimeout time.Duration) error {
	limit := fmt.Sprintf("lock_timeout = %d", lockTimeout.Milliseconds())
	if !transaction {
		if err := p.exec(ctx, "SET "+limit); err != nil {
			return err
		}
		for _, s := range sql {
			if err := p.exec(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
	// One message: the locks are not held while anything travels.
	all := append([]string{"BEGIN", "SET LOCAL " + limit}, sql...)
	err := p.exec(ctx, strings.Join(append(all, "COMMIT"), ";\n"))
	if err != nil && !p.conn.IsClosed() {
		undo, cancel := ending(ctx)
		defer cancel()
		err = errors.Join(err, p.exec(undo, "ROLLBACK"))
	}
	return err
}

// Codes of errors: appendix A of PostgreSQL's manual.
func (p *postgres) classify(err error) class {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return fatal
	}
	switch e.Code {
	case "55P03", "40P01", "40001": // lock_not_available, deadlock_detected, serialization_failure
		return again
	case "42P01", "42703", "42704", "3F000": // undefined table, column, object; invalid schema
		return absent
	}
	return fatal
}

func (p *postgres) holder(ctx context.Context, locks []rewrite.Lock) string {
	ctx, cancel := ending(ctx)
	defer cancel()
	var tables []string
	for _, l := range locks {
		tables = append(tables, l.Table.String())
	}
	row, ok, err := p.row(ctx, `
		SELECT a.pid, date_trunc('milliseconds', clock_timestamp() - a.xact_start), a.state, left(regexp_replace(a.query, '\s+', ' ', 'g'), 80)
		FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
		WHERE l.granted AND l.relation = ANY (SELECT to_regclass(n)::oid FROM unnest(string_to_array($1, E'\n')) AS n) AND l.pid <> pg_backend_pid()
		ORDER BY a.xact_start LIMIT 1`, []string{strings.Join(tables, "\n")})
	if err != nil || !ok {
		return ""
	}
	return fmt.Sprintf("the oldest transaction on the table is that of process %s, for %s (%s): %s", row[0], row[1], row[2], row[3])
}
