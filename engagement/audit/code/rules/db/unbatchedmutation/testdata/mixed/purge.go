package purge

import "database/sql"

func purge(db *sql.DB) error {
	_, err := db.Exec("DELETE FROM events WHERE created_at < now() - interval '90 days'") // want: db.unbatched-mutation
	return err
}

func purgeBatch(db *sql.DB) error {
	_, err := db.Exec("DELETE FROM events WHERE id IN (SELECT id FROM events WHERE created_at < now() - interval '90 days' LIMIT 5000)")
	return err
}

func purgeOwn(db *sql.DB, id int64) error {
	_, err := db.Exec("DELETE FROM events WHERE account_id = $1 AND created_at < now()", id)
	return err
}
