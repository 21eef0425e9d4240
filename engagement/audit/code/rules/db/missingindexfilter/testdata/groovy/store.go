package store

import "database/sql"

func bySerial(db *sql.DB, n string) *sql.Row {
	return db.QueryRow("SELECT id, label FROM devices WHERE serial_number = $1", n)
}
