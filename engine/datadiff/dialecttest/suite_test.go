package dialecttest_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/dialecttest"
	"github.com/napkin-infra/napkin/engine/datadiff/mysql"
	"github.com/napkin-infra/napkin/engine/datadiff/postgres"
	"github.com/napkin-infra/napkin/engine/datadiff/sqlite"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/internal/testserver"
)

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestPostgres(t *testing.T) {
	u := must(database.Parse(testserver.PostgresFor(t).URL))(t)
	db := must(postgres.Open(t.Context(), u, database.Options{}))(t)
	defer db.Close()
	conn := must(database.OpenPostgres(t.Context(), u, database.Options{Write: true}))(t)
	defer conn.Close(context.Background())
	exec := func(t testing.TB, q string) {
		t.Helper()
		if _, err := conn.Exec(context.Background(), q).ReadAll(); err != nil {
			t.Fatalf("%.200s: %v", q, err)
		}
	}
	exec(t, "create type suite_mood as enum ('glad', 'sad ')")
	exec(t, "create domain suite_short as varchar(30)")
	run(t, db, exec, "analyze ", postgresTypes())
}

func TestMariaDB(t *testing.T) {
	u := must(database.Parse(testserver.MariaDBFor(t).URL))(t)
	db := must(mysql.Open(t.Context(), u, database.Options{}))(t)
	defer db.Close()
	conn := must(database.OpenMySQL(t.Context(), u, database.Options{Write: true}))(t)
	defer conn.Close()
	exec := func(t testing.TB, q string) {
		t.Helper()
		if _, err := conn.Execute(q); err != nil {
			t.Fatalf("%.200s: %v", q, err)
		}
	}
	run(t, db, exec, "analyze table ", mariadbTypes())
}

func TestSQLite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "suite.db")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	u := must(database.Parse("sqlite:" + file))(t)
	db := must(sqlite.Open(t.Context(), u, database.Options{}))(t)
	defer db.Close()
	conn := must(database.OpenSQLite(t.Context(), u, database.Options{Write: true}))(t)
	defer conn.Close()
	exec := func(t testing.TB, q string) {
		t.Helper()
		if _, err := conn.ExecContext(context.Background(), q); err != nil {
			t.Fatalf("%.200s: %v", q, err)
		}
	}
	run(t, db, exec, "analyze ", sqliteTypes())
}

func run(t *testing.T, db dialect.Database, exec func(testing.TB, string), analyze string, types []dialecttest.Type) {
	t.Helper()
	dialecttest.Run(t, dialecttest.Fixture{DB: db, Exec: exec, Types: types, Analyze: func(t testing.TB, table string) {
		t.Helper()
		exec(t, analyze+table)
	}})
}
