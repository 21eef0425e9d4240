package datadiff_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/mysql"
	"github.com/napkin-infra/napkin/engine/datadiff/postgres"
	"github.com/napkin-infra/napkin/engine/datadiff/sqlite"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/scratch"
)

// The servers are started once, by the first test that asks, and stopped at the end.
var (
	startOnce sync.Once
	startErr  error
	pgServer  *scratch.Postgres
	myServer  *scratch.MariaDB
)

func TestMain(m *testing.M) {
	code := m.Run()
	if pgServer != nil {
		if err := pgServer.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if myServer != nil {
		if err := myServer.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func servers(t testing.TB) {
	t.Helper()
	startOnce.Do(func() {
		if pgServer, startErr = scratch.StartPostgres(context.Background()); startErr != nil {
			return
		}
		myServer, startErr = scratch.StartMariaDB(context.Background(), "max-allowed-packet=256M")
	})
	if errors.Is(startErr, scratch.ErrNotInstalled) && os.Getenv("CI") != "true" {
		t.Skip(startErr.Error())
	}
	if startErr != nil {
		t.Fatal(startErr)
	}
}

// store is a database of one product that a test may write to.
type store struct {
	kind dialect.Kind
	url  string
	db   dialect.Database
}

func openURL(t testing.TB, raw string, o database.Options) dialect.Database {
	t.Helper()
	u, err := database.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	var db dialect.Database
	switch u.Kind {
	case database.Postgres:
		db, err = postgres.Open(t.Context(), u, o)
	case database.MySQL:
		db, err = mysql.Open(t.Context(), u, o)
	default:
		db, err = sqlite.Open(t.Context(), u, o)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// stores opens one database of each product.
func stores(t testing.TB) map[dialect.Kind]*store {
	t.Helper()
	servers(t)
	file := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	out := map[dialect.Kind]*store{}
	for kind, url := range map[dialect.Kind]string{dialect.Postgres: pgServer.URL, dialect.MySQL: myServer.URL, dialect.SQLite: "sqlite:" + file} {
		out[kind] = &store{kind: kind, url: url, db: openURL(t, url, database.Options{})}
	}
	return out
}

// exec runs statements on a connection that may write.
func (s *store) exec(t testing.TB, statements ...string) {
	t.Helper()
	ctx := context.Background()
	u, err := database.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	fail := func(q string, err error) {
		if err != nil {
			if len(q) > 300 {
				q = q[:300] + "..."
			}
			t.Fatalf("%s: %s: %v", s.kind, q, err)
		}
	}
	o := database.Options{Write: true}
	switch s.kind {
	case dialect.Postgres:
		conn, err := database.OpenPostgres(ctx, u, o)
		fail("connect", err)
		defer conn.Close(ctx)
		for _, q := range statements {
			_, err := conn.Exec(ctx, q).ReadAll()
			fail(q, err)
		}
	case dialect.MySQL:
		conn, err := database.OpenMySQL(ctx, u, o)
		fail("connect", err)
		defer conn.Close()
		for _, q := range statements {
			_, err := conn.Execute(q)
			fail(q, err)
		}
	default:
		conn, err := database.OpenSQLite(ctx, u, o)
		fail("connect", err)
		defer conn.Close()
		for _, q := range statements {
			_, err := conn.ExecContext(ctx, q)
			fail(q, err)
		}
	}
}

func (s *store) side(table string) datadiff.Side {
	return datadiff.Side{Database: s.db, Table: dialect.ParseTableName(table), Name: string(s.kind) + " " + table}
}

// compared is the answer of a run: its result, and each difference as a line.
type compared struct {
	*datadiff.Result
	lines []string
}

func compare(t testing.TB, a, b datadiff.Side, o datadiff.Options) (compared, error) {
	t.Helper()
	job, err := datadiff.Prepare(t.Context(), a, b, o)
	if err != nil {
		return compared{}, err
	}
	var c compared
	c.Result, err = job.Run(t.Context(), func(d datadiff.Difference) error {
		c.lines = append(c.lines, line(d))
		return nil
	})
	return c, err
}

// line writes a difference as "kind key".
func line(d datadiff.Difference) string {
	cells, err := datadiff.Cells(d.Key)
	if err != nil {
		return err.Error()
	}
	words := make([]string, 0, len(cells))
	for _, c := range cells {
		words = append(words, canon.Format(c))
	}
	return d.Kind.String() + " " + strings.Join(words, ",")
}
