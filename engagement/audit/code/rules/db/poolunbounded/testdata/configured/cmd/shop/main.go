package main

import (
	"database/sql"
	"log"
	"net/http"

	"example.org/shop/conf"
)

type config struct {
	Shop struct {
		Name string

		DB conf.Pool `validate:"required"`
	}
}

func check(err error, what string) {
	if err != nil {
		log.Fatal(what, err)
	}
}

func main() {
	var c config
	url, err := c.Shop.DB.URL()
	check(err, "read the configuration")
	db, err := sql.Open("mysql", url) // want: db.pool-unbounded
	check(err, "open the database")
	http.Handle("/", handler{db})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

type handler struct{ db *sql.DB }

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {}
