package worker

import (
	"context"
	"database/sql"
)

func claim(ctx context.Context, tx *sql.Tx) (*sql.Rows, error) {
	return tx.QueryContext(ctx, `SELECT id FROM jobs WHERE done_at IS NULL ORDER BY id LIMIT 10 FOR UPDATE`) // want: db.skip-locked-missing
}

func claimFree(ctx context.Context, tx *sql.Tx) (*sql.Rows, error) {
	return tx.QueryContext(ctx, `SELECT id FROM jobs WHERE done_at IS NULL ORDER BY id LIMIT 10 FOR UPDATE SKIP LOCKED`)
}

func claimStatus(ctx context.Context, tx *sql.Tx) (*sql.Rows, error) {
	return tx.QueryContext(ctx, `SELECT id FROM mails WHERE status = $1 ORDER BY created_at LIMIT $2 FOR UPDATE`, "new", 5) // want: db.skip-locked-missing
}

// One owner's rows: the lock guards the balance, it is no queue.
func latest(ctx context.Context, tx *sql.Tx, account int64) *sql.Row {
	return tx.QueryRowContext(ctx, `SELECT balance FROM entries WHERE account_id = $1 ORDER BY id DESC LIMIT 1 FOR UPDATE`, account)
}

func one(ctx context.Context, tx *sql.Tx, id int64) *sql.Row {
	return tx.QueryRowContext(ctx, `SELECT id FROM jobs WHERE id = $1 FOR UPDATE`, id)
}
