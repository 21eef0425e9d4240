package queries

import "database/sql"

// The unique index on (reader_id, shelf_id) finds the rows.
func bookmark(db *sql.DB, reader, article int64) *sql.Row {
	return db.QueryRow("SELECT id FROM bookmarks WHERE reader_id = $1 AND article_id = $2", reader, article)
}

// The partial index finds the rows, for the query states its predicate.
func rating(db *sql.DB, reader, article int64) *sql.Row {
	return db.QueryRow("SELECT id FROM ratings WHERE reader_id = $1 AND article_id = $2 AND removed_at IS NULL", reader, article)
}

// The partial index does not hold the rows that were removed.
func excerpt(db *sql.DB, reader, article int64) *sql.Row {
	return db.QueryRow("SELECT id FROM excerpts WHERE reader_id = $1 AND article_id = $2", reader, article)
}

func purge(db *sql.DB, article int64) error {
	_, err := db.Exec("DELETE FROM articles WHERE id = $1", article)
	return err
}
