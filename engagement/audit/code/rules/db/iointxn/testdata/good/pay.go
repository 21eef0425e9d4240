package pay

import (
	"database/sql"
	"net/http"
)

func Pay(db *sql.DB, id int) error {
	http.Get("https://hooks.example.com")
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	tx.Exec("UPDATE orders SET paid = true WHERE id = $1", id)
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = http.Get("https://hooks.example.com")
	return err
}
