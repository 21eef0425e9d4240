package pay

import (
	"database/sql"
	"net/http"
)

func Pay(db *sql.DB, id int) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	tx.Exec("UPDATE orders SET paid = true WHERE id = $1", id)
	http.Get("https://hooks.example.com") // want: db.io-in-txn
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = http.Get("https://hooks.example.com")
	return err
}
