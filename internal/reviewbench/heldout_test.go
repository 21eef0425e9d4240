package main

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/foundation/scratch"
)

// TestHeldOutAccepted runs each statement of the second held-out set on its schema: one that the server refuses
// would measure nothing.
func TestHeldOutAccepted(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every statement")
	}
	ctx := t.Context()
	server, err := scratch.StartPostgres(ctx, "autovacuum=off")
	if errors.Is(err, scratch.ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	admin, err := pgx.Connect(ctx, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx)
	connect := func(database string) *pgx.Conn {
		config := admin.Config().Copy()
		config.Database = database
		conn, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	// The simple protocol takes a schema of many statements, and a single one outside a transaction.
	run := func(conn *pgx.Conn, sql string) error {
		_, err := conn.PgConn().Exec(ctx, sql).ReadAll()
		return err
	}
	must := func(conn *pgx.Conn, sql string) {
		if err := run(conn, sql); err != nil {
			t.Fatal(err)
		}
	}
	must(admin, "create database held_out")
	must(admin, "create database trial")
	conn := connect("held_out")
	defer conn.Close(ctx)
	must(conn, heldOutSchema2)
	seen := map[string]bool{}
	for _, h := range heldOut2 {
		if seen[h.sql] {
			t.Errorf("twice: %s", h.sql)
		}
		seen[h.sql] = true
		// The target must be there beforehand, else nobody could wait for it.
		must(conn, "begin; select from "+h.target+" limit 1")
		err := run(conn, h.sql)
		must(conn, "rollback")
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code == "25001" { // not inside a transaction: in a database of its own
			must(admin, "drop database trial")
			must(admin, "create database trial")
			trial := connect("trial")
			must(trial, heldOutSchema2)
			err = run(trial, h.sql)
			trial.Close(ctx)
		}
		if err != nil {
			t.Errorf("%s: %v", h.sql, err)
		}
	}
}
