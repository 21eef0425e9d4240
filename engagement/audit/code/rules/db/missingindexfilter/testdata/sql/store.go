package store

import "database/sql"

const bySerial = `SELECT id, label FROM devices WHERE serial_number = $1` // want: db.missing-index-filter

func session(db *sql.DB, token string) *sql.Row {
	return db.QueryRow("SELECT id FROM sessions WHERE token = $1 AND device = $2", token, "x")
}

func device(db *sql.DB, n string) *sql.Row { return db.QueryRow(bySerial, n) }

func expire(db *sql.DB) error {
	_, err := db.Exec("DELETE FROM devices WHERE seen_at < $1 AND online = false", 0) // want: db.missing-index-filter
	return err
}
