package store

import "database/sql"

type Store struct{ db *sql.DB }

func (s *Store) Names() ([]string, error) {
	rows, err := s.db.Query("SELECT name FROM users") // want: go.rows-leak
	if err != nil {
		return nil, err
	}
	var out []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

func (s *Store) CloseLate() error {
	rows, err := s.db.Query("SELECT name FROM users") // want: go.rows-leak
	if err != nil {
		return err
	}
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return rows.Close()
}

func (s *Store) Silent() error {
	rows, err := s.db.Query("SELECT name FROM users")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() { // want: go.rows-leak
		var n string
		_ = rows.Scan(&n)
	}
	return nil
}
