package queries

import "database/sql"

func pairing(db *sql.DB, device int64) *sql.Row {
	return db.QueryRow("SELECT id FROM pairing_codes WHERE device_id = $1", device)
}

func lease(db *sql.DB, device int64) *sql.Row {
	return db.QueryRow("SELECT id FROM leases WHERE device_id = $1", device)
}
