package store

import "database/sql"

func visible(db *sql.DB, user int64, email string) (*sql.Rows, error) {
	return db.Query("SELECT DISTINCT p.id FROM projects p LEFT JOIN members m ON m.project_id = p.id LEFT JOIN invites i ON i.project_id = p.id WHERE m.user_id = $1 OR i.email = $2", user, email) // want: db.or-across-joins
}

func one(db *sql.DB, user int64) (*sql.Rows, error) {
	return db.Query("SELECT DISTINCT p.id FROM projects p LEFT JOIN members m ON m.project_id = p.id LEFT JOIN invites i ON i.project_id = p.id WHERE m.user_id = $1 OR m.user_id = $2", user, user)
}
