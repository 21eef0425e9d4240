package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/internal/testserver"
)

// TestReviewRehearse goes the whole way: statistics of a server, a file, a rehearsal from it, the report.
func TestReviewRehearse(t *testing.T) {
	server := testserver.PostgresFor(t)
	conn, err := pgx.Connect(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	type answer struct {
		code           int
		stdout, stderr string
	}
	run := func(args ...string) answer {
		t.Helper()
		code, stdout, stderr := newSession(t).run(t, args...)
		return answer{code, stdout, stderr}
	}
	const schema = "create table orders (id bigint primary key, total int, note text);"
	for _, sql := range []string{schema, "insert into orders select i, i % 100, 'confidential ' || i from generate_series(1, 20000) i", "analyze", "create database playground", "create database neighbour"} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	stats := filepath.Join(dir, "stats.json")
	if r := run("review", "stats", "--db", server.URL, "-o", stats); r.code != exitOK || !strings.Contains(r.stderr, "no values of users") {
		t.Fatalf("%d: %s", r.code, r.stderr)
	}
	if text, err := os.ReadFile(stats); err != nil || strings.Contains(string(text), "confidential") || !strings.Contains(string(text), `"orders"`) {
		t.Errorf("the file of statistics: %v\n%s", err, text)
	}
	migrations := filepath.Join(dir, "migrations")
	if err := os.Mkdir(migrations, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"001_init.sql": schema, "002_wide.sql": "alter table orders alter column total type bigint; drop table orders;"} {
		if err := os.WriteFile(filepath.Join(migrations, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := run("review", "--rehearse", "--stats", stats, "--rows", "3000", "--from", "002", "--fail-on", "none", "--json", migrations)
	if r.code != exitOK {
		t.Fatalf("%d: %s", r.code, r.stderr)
	}
	var report struct {
		Sections []struct {
			Title string
			Rows  [][]string
		}
	}
	if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Sections) < 3 || len(report.Sections[0].Rows) != 2 || report.Sections[0].Rows[0][1] != "ACCESS EXCLUSIVE" || !strings.Contains(report.Sections[0].Rows[0][4], " to ") {
		t.Errorf("sections: %+v", report.Sections)
	}
	recipes := report.Sections[len(report.Sections)-1]
	if recipes.Title != "Recipes rehearsed" || len(recipes.Rows) == 0 || recipes.Rows[0][2] != "rehearsed" || recipes.Rows[0][3] == "" {
		t.Errorf("recipes: %+v", recipes)
	}
	if !strings.Contains(r.stdout, "removes the table public.orders with its 20,000 rows") {
		t.Errorf("the loss of rows is not told: %s", r.stdout)
	}

	playground := strings.Replace(server.URL, "/postgres?", "/playground?", 1)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"a flag without a rehearsal": {[]string{"review", "--rows", "10", migrations}, "add --rehearse"},
		"no file":                    {[]string{"review", "--rehearse", "--stats", filepath.Join(dir, "none.json"), migrations}, "none.json"},
		"no marker":                  {[]string{"review", "--rehearse", "--scratch-url", playground, migrations}, "it is not marked as a scratch database"},
		"nobody was asked":           {[]string{"--no-input", "review", "scratch", "mark", playground}, "nothing was done"},
		"others are named":           {[]string{"--no-input", "review", "scratch", "mark", playground}, `the server also holds "neighbour", "postgres" (in use by 1)`},
		"not empty":                  {[]string{"review", "scratch", "mark", "--yes", server.URL}, "is not empty"},
		"no database":                {[]string{"review", "stats", "-o", stats}, "--db postgres://"},
	} {
		if r := run(c.args...); r.code != exitError || !strings.Contains(r.stderr, c.want) {
			t.Errorf("%s: %d, %s", name, r.code, r.stderr)
		}
	}
	if r := run("review", "scratch", "mark", "--yes", playground); r.code != exitOK {
		t.Errorf("mark: %s", r.stderr)
	}
	if r := run("review", "--rehearse", "--scratch-url", playground, "--rows", "500", "--from", "002", "--fail-on", "none", migrations); r.code != exitOK || !strings.Contains(r.stdout, "ACCESS EXCLUSIVE") {
		t.Errorf("on the marked server: %d, %s", r.code, r.stderr)
	}
}

// TestRehearsalInterrupted: Ctrl-C leaves the lint's findings and what was rehearsed, marked as partial.
func TestRehearsalInterrupted(t *testing.T) {
	server := testserver.PostgresFor(t)
	conn, err := pgx.Connect(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "create database playground"); err != nil {
		t.Fatal(err)
	}
	playground := strings.Replace(server.URL, "/postgres?", "/playground?", 1)
	if code, _, stderr := newSession(t).run(t, "review", "scratch", "mark", "--yes", playground); code != exitOK {
		t.Fatal(stderr)
	}
	dir := t.TempDir()
	file, schema := filepath.Join(dir, "m.sql"), filepath.Join(dir, "schema.sql")
	for path, text := range map[string]string{schema: "create table orders (id bigint primary key, total int);", file: "alter table orders alter column total type bigint; select pg_sleep(500);"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asleep := make(chan error, 1)
	go func() { // the interrupt comes when the second statement runs
		for {
			var n int
			err := conn.QueryRow(ctx, "select count(*) from pg_stat_activity where query like '%pg_sleep(500)%' and pid <> pg_backend_pid()").Scan(&n)
			if err != nil || n > 0 {
				asleep <- err
				cancel()
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	code, stdout, stderr := newSession(t).runContext(ctx, "review", "--rehearse", "--scratch-url", playground, "--rows", "500", "--schema", schema, file)
	if err := <-asleep; err != nil {
		t.Fatal(err)
	}
	if code != exitInterrupted || !strings.Contains(stdout, "it was interrupted") || !strings.Contains(stdout, "Do not run as it is") || !strings.Contains(stdout, "rewrites the table") {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
}

// TestRehearsalOfAnotherProduct: one sentence, and the lint as without --rehearse.
func TestRehearsalOfAnotherProduct(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m.sql")
	if err := os.WriteFile(file, []byte("create table a (id int primary key) engine=InnoDB; drop table b;"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]string{{"--dialect", "mysql"}, {"--server-version", "mariadb-10.11"}} {
		code, stdout, stderr := newSession(t).run(t, append([]string{"review", "--rehearse", "--fail-on", "none", file}, more...)...)
		if code != exitOK || !strings.Contains(stderr, "rehearsals are for PostgreSQL only") || !strings.Contains(stdout, "Review of migrations") {
			t.Errorf("%v: exit %d\n%s\n%s", more, code, stdout, stderr)
		}
	}
}
