package database

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// makeSQLite makes a database with one row and closes it.
func makeSQLite(t *testing.T, path, journal string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	db, err := OpenSQLite(t.Context(), URL{Kind: SQLite, Path: path}, Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"pragma journal_mode = " + journal, "create table t (a)", "insert into t values (1)"} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSQLite(t *testing.T) {
	for _, test := range []struct{ name, file, journal, prefix string }{
		{"plain", "shop.db", "delete", "sqlite:"},
		{"in WAL mode", "shop.db", "wal", "sqlite:"},
		{"a name that a URL would escape", "50%20 of what?#&x=1 über.db", "delete", "sqlite:"},
		{"with two slashes before an absolute path", "shop.db", "delete", "sqlite://"},
		{"a path that begins with two slashes", "shop.db", "delete", "sqlite:///"},
		{"without a scheme", "my shop.db", "delete", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), test.file)
			makeSQLite(t, path, test.journal)
			u, err := Parse(test.prefix + path)
			if err != nil {
				t.Fatal(err)
			}
			db, err := OpenSQLite(t.Context(), u, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			var a int
			if err := db.QueryRowContext(t.Context(), "select a from t").Scan(&a); err != nil || a != 1 {
				t.Errorf("%d, %v", a, err)
			}
			for _, statement := range []string{"insert into t values (2)", "drop table t", "create table u (a)"} {
				if _, err := db.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "readonly") {
					t.Errorf("%s: %v", statement, err)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			began := time.Now()
			const endless = "with recursive n(i) as (select 1 union all select i+1 from n) select count(*) from n"
			if err := db.QueryRowContext(ctx, endless).Scan(&a); err == nil || time.Since(began) > 5*time.Second {
				t.Errorf("the end of the context ended a query after %v with %v", time.Since(began), err)
			}
		})
	}
	t.Run("a relative path with a colon", func(t *testing.T) {
		t.Chdir(t.TempDir())
		makeSQLite(t, "a:b.db", "delete")
		u, err := Parse("sqlite:a:b.db")
		if err != nil {
			t.Fatal(err)
		}
		db, err := OpenSQLite(t.Context(), u, Options{})
		if err != nil {
			t.Fatal(err)
		}
		db.Close()
	})
}

func TestSQLiteRefuses(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, path, says string }{
		{"a file that is not there", filepath.Join(dir, "none.db"), "no such file"},
		{"a folder", dir, "not a file"},
		{"a file of another kind", text, "is it a SQLite database?"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := OpenSQLite(t.Context(), URL{Kind: SQLite, Path: test.path}, Options{Write: true})
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %q in it", err, test.says)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "none.db")); !os.IsNotExist(err) {
		t.Error("opening made a file")
	}
}
