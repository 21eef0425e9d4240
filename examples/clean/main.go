// Command shortener keeps short names for long addresses.
package main

import (
	"context"
	"database/sql"
	"errors"
	_ "expvar" // counters on /debug/vars of the default mux, served on the private port
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

func main() {
	if err := run(); err != nil {
		slog.Error("shortener ends", "error", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	db, err := open(os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer db.Close()

	store := &Store{db: db}
	public := newServer(":8080", routes(store, NewChecker()))
	private := newServer(":9090", http.DefaultServeMux)

	var wg sync.WaitGroup
	wg.Go(func() { purge(ctx, store) })
	wg.Go(func() { serve(private) })
	wg.Go(func() {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		for _, s := range []*http.Server{public, private} {
			if err := s.Shutdown(drain); err != nil {
				slog.Warn("shut down", "address", s.Addr, "error", err)
			}
		}
	})
	serve(public)
	stop()
	wg.Wait()
	return nil
}

// open returns a bounded pool whose statements and locks end by themselves.
func open(url string) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.ConnectTimeout = 2 * time.Second
	cfg.RuntimeParams["statement_timeout"] = "5000"
	cfg.RuntimeParams["lock_timeout"] = "1000"
	cfg.RuntimeParams["idle_in_transaction_session_timeout"] = "10000"
	cfg.RuntimeParams["application_name"] = "shortener"
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(20)
	db.SetMaxIdleConns(20)
	db.SetConnMaxLifetime(30 * time.Minute)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, nil
}

func newServer(addr string, h http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: 2 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       75 * time.Second,
	}
}

func serve(s *http.Server) {
	if err := s.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		slog.Error("serve", "address", s.Addr, "error", err)
	}
}
