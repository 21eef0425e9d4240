package store

import "database/sql"

type Store struct{ db *sql.DB }

func (s *Store) Deferred() error {
	rows, err := s.db.Query("SELECT name FROM users")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *Store) PassedOn() ([]string, error) {
	rows, err := s.db.Query("SELECT name FROM users")
	if err != nil {
		return nil, err
	}
	return collect(rows)
}

func (s *Store) Returned() (*sql.Rows, error) {
	rows, err := s.db.Query("SELECT name FROM users")
	return rows, err
}

func (s *Store) ToTheEnd() (n int, err error) {
	rows, err := s.db.Query("SELECT name FROM users")
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			rows.Close()
			return 0, err
		}
		n++
	}
	return n, rows.Err()
}

func search(c *Index) {
	hits, err := c.Query("name")
	if err == nil {
		hits.Next()
	}
}
