package lock

import (
	"context"
	"database/sql"
)

func take(ctx context.Context, db *sql.Conn) error {
	_, err := db.ExecContext(ctx, "SELECT pg_advisory_lock($1)", 42) // want: db.long-lock-no-timeout
	return err
}

func try(ctx context.Context, db *sql.Conn) error {
	_, err := db.ExecContext(ctx, "SELECT pg_try_advisory_lock($1)", 42)
	return err
}
