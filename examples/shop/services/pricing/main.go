// Command pricing answers what a variant costs now.
package main

import (
	"context"
	"database/sql"
	"log"
	"net/http"
	"os"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/redis/go-redis/v9"
)

func main() {
	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	opts, err := redis.ParseURL(os.Getenv("REDIS_URL"))
	if err != nil {
		log.Fatal(err)
	}
	rdb := redis.NewClient(opts)
	defer rdb.Close()

	store := &Store{db: db}
	srv := &Server{store: store, cache: NewCache(rdb), rules: NewRuleSet()}

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go srv.refreshRules(ctx)

	log.Println("pricing listens on :8080")
	log.Fatal(http.ListenAndServe(":8080", srv.routes()))
}
