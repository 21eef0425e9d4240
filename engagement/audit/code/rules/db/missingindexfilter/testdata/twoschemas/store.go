package store

import "database/sql"

func byLabel(db *sql.DB, n string) *sql.Row {
	return db.QueryRow("SELECT id FROM devices WHERE label = $1", n) // want: db.missing-index-filter
}
