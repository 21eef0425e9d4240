package main

import (
	"database/sql"
	"log"
	"net/http"
)

func main() {
	db, err := sql.Open("pgx", "postgres://localhost/shop") // want: db.pool-unbounded
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/", handler{db})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

type handler struct{ db *sql.DB }

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {}
