package main

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Link is one short name.
type Link struct {
	ID      int64
	Name    string
	Target  string
	Expires time.Time
}

// ErrNotFound says that there is no such name.
var ErrNotFound = errors.New("no such link")

// Store is the database.
type Store struct {
	db *sql.DB
}

// Target returns where a name leads.
func (s *Store) Target(ctx context.Context, name string) (string, error) {
	var target string
	err := s.db.QueryRowContext(ctx, `SELECT target FROM links WHERE name = $1 AND expires_at > now()`, name).Scan(&target)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNotFound
	}
	return target, err
}

// Page returns up to 100 links of an owner behind an id.
func (s *Store) Page(ctx context.Context, owner, after int64) ([]Link, error) {
	rows, err := s.db.QueryContext(ctx,
		`SELECT id, name, target, expires_at FROM links WHERE owner_id = $1 AND id > $2 ORDER BY id LIMIT 100`, owner, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Link
	for rows.Next() {
		var l Link
		if err := rows.Scan(&l.ID, &l.Name, &l.Target, &l.Expires); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// Add writes links in one statement; a name that is taken is left alone.
func (s *Store) Add(ctx context.Context, owner int64, names, targets []string) (int64, error) {
	res, err := s.db.ExecContext(ctx,
		`INSERT INTO links (owner_id, name, target, expires_at)
		 SELECT $1, n, t, now() + interval '1 year' FROM unnest($2::text[], $3::text[]) AS l (n, t)
		 ORDER BY n ON CONFLICT (name) DO NOTHING`, owner, names, targets)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// PurgeExpired deletes up to 1,000 expired links and returns how many.
func (s *Store) PurgeExpired(ctx context.Context) (int64, error) {
	res, err := s.db.ExecContext(ctx,
		`DELETE FROM links WHERE id IN (
		   SELECT id FROM links WHERE expires_at < now() ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED)`)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Ready reports whether the database answers.
func (s *Store) Ready(ctx context.Context) error { return s.db.PingContext(ctx) }
