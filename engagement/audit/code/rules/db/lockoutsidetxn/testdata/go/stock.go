package stock

import (
	"context"
	"database/sql"
)

type Store struct{ db *sql.DB }

func take(ctx context.Context, db *sql.DB, id int64) (n int, err error) {
	err = db.QueryRowContext(ctx, "SELECT stock FROM items WHERE id = $1 FOR UPDATE", id).Scan(&n) // want: db.lock-outside-txn
	return n, err
}

func takeSafely(ctx context.Context, tx *sql.Tx, id int64) (n int, err error) {
	err = tx.QueryRowContext(ctx, "SELECT stock FROM items WHERE id = $1 FOR UPDATE", id).Scan(&n)
	return n, err
}

// One statement locks and writes: nothing depends on the lock afterwards.
func claim(ctx context.Context, db *sql.DB) (*sql.Rows, error) {
	return db.QueryContext(ctx, "WITH next AS (SELECT id FROM jobs LIMIT 5 FOR UPDATE SKIP LOCKED) UPDATE jobs SET taken = true FROM next WHERE jobs.id = next.id RETURNING jobs.id")
}

func (s *Store) take(ctx context.Context, id int64) (n int, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT stock FROM items WHERE id = $1 FOR UPDATE", id).Scan(&n) // want: db.lock-outside-txn
	return n, err
}
