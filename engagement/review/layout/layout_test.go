package layout

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// TestTools reads a folder of each tool: order, the part that applies the change, and the transaction.
func TestTools(t *testing.T) {
	tests := []struct {
		folder string
		tool   Tool
		want   []string // file, number of statements, wrap, in a transaction
	}{
		{"plain", Plain, []string{"add.sql 2 each by itself false"}},
		{"folder", Plain, []string{"001_init.sql 1 each by itself false", "002_index.sql 1 each by itself false"}},
		{"golang-migrate", GolangMigrate, []string{"000002_note.up.sql 2 as one query true", "000010_index.up.sql 1 as one query false"}},
		{"goose", Goose, []string{"20240101000000_orders.sql 2 in one transaction true", "20240102000000_index.sql 1 each by itself false"}},
		{"dbmate", Dbmate, []string{"20240101000000_orders.sql 1 in one transaction true", "20240102000000_index.sql 2 as one query true"}},
		{"flyway", Flyway, []string{"V1__orders.sql 1 in one transaction true", "V1_2__index.sql 1 each by itself false", "V1_10__fill.sql 2 each by itself false", "R__views.sql 1 in one transaction true"}},
		{"diesel", Diesel, []string{"2024-01-01-000000_orders/up.sql 1 in one transaction true", "2024-01-02-000000_index/up.sql 1 as one query false"}},
		{"sqlx", Sqlx, []string{"20240101000000_orders.sql 1 in one transaction true", "20240102000000_index.sql 1 as one query false"}},
		{"prisma", Prisma, []string{"20240101000000_init/migration.sql 1 as one query false", "20240102000000_note/migration.sql 2 as one query true"}},
		{"rails", Rails, []string{"add_note.sql 3 in one transaction true"}},
		{"django", Django, []string{"0002_note.sql 3 each by itself false", "0003_index.sql 1 each by itself false"}},
		{"products", Plain, []string{"001_orders.sql 1 each by itself false"}},
	}
	for _, tt := range tests {
		t.Run(tt.folder, func(t *testing.T) {
			h, err := Read(os.DirFS("testdata"), []string{tt.folder}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if h.Tool != tt.tool {
				t.Errorf("the tool is %s, not %s", h.Tool, tt.tool)
			}
			var got []string
			for _, m := range h.Migrations {
				if m.Err != nil {
					t.Error(m.Err)
				}
				if m.Why == "" || m.Dialect != schema.Postgres {
					t.Errorf("%s: %s, %q", m.Path, m.Dialect, m.Why)
				}
				name := path.Base(m.Path)
				if tt.tool == Diesel || tt.tool == Prisma {
					name = path.Base(path.Dir(m.Path)) + "/" + name
				}
				got = append(got, fmt.Sprintf("%s %d %s %v", name, len(m.Script.Statements), m.Wrap, m.InTransaction()))
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// TestFlywayBaseline: a database that exists runs the versioned migrations and not the baseline.
func TestFlywayBaseline(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range []string{"B3__base.sql", "V1__a.sql", "V2__b.sql", "V3__c.sql", "V4__d.sql"} {
		files["m/"+name] = &fstest.MapFile{Data: []byte("CREATE TABLE t (id int);")}
	}
	for _, tt := range []struct {
		paths []string
		want  string
		note  string
	}{
		{[]string{"m"}, "V1__a.sql V2__b.sql V3__c.sql V4__d.sql", "was not judged"},
		{[]string{"m/B3__base.sql", "m/V2__b.sql"}, "V2__b.sql B3__base.sql", "because it was named"},
	} {
		h, err := Read(files, tt.paths, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range h.Migrations {
			got = append(got, path.Base(m.Path))
		}
		if strings.Join(got, " ") != tt.want || len(h.Notes) != 1 || !strings.Contains(h.Notes[0], tt.note) {
			t.Errorf("%v: %v, notes %q", tt.paths, got, h.Notes)
		}
	}
}

// TestTwoTools: sqlx and golang-migrate name reversible migrations alike.
func TestTwoTools(t *testing.T) {
	files := fstest.MapFS{"migrations/20240101000000_a.up.sql": &fstest.MapFile{Data: []byte("CREATE TABLE t (id int);")}, "m/000001_a.up.sql": &fstest.MapFile{Data: []byte("CREATE TABLE t (id int);")}}
	for p, want := range map[string]Tool{"migrations": Sqlx, "m": ""} {
		h, err := Read(files, []string{p}, Options{})
		if err != nil || h.Tool != GolangMigrate || h.OtherTool != want {
			t.Errorf("%s: %+v, %v", p, h, err)
		}
	}
	if h, err := Read(files, []string{"migrations"}, Options{Tool: Sqlx}); err != nil || h.OtherTool != "" {
		t.Errorf("a tool that is given leaves no doubt: %+v, %v", h, err)
	}
}

// TestPassedOver: a file that exists and is none to review gets the reason.
func TestPassedOver(t *testing.T) {
	files := fstest.MapFS{"m/1_a.up.sql": {Data: []byte("SELECT 1;")}, "m/1_a.down.sql": {Data: []byte("SELECT 1;")}, "m/notes.txt": {}, "null": {Mode: fs.ModeDevice}}
	for p, want := range map[string]string{"m/1_a.down.sql": "undoes a migration", "m/notes.txt": "does not end in .sql", "null": "no regular file"} {
		if _, err := Read(files, []string{p}, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", p, err)
		}
	}
	h, err := Read(files, []string{"m/1_a.down.sql", "m/1_a.up.sql"}, Options{})
	if err != nil || len(h.Migrations) != 1 || len(h.Notes) != 1 || !strings.Contains(h.Notes[0], "m/1_a.down.sql was not read") {
		t.Errorf("%+v, %v", h, err)
	}
}

func TestProducts(t *testing.T) {
	h, err := Read(os.DirFS("testdata"), []string{"products"}, Options{Dialect: schema.MySQL})
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Migrations) != 1 || h.Migrations[0].Path != "products/mysql/001_orders.sql" || h.Migrations[0].InTransaction() {
		t.Errorf("got %+v", h.Migrations)
	}
	if h, err = Read(os.DirFS("testdata"), []string{"products"}, Options{}); err != nil || len(h.Notes) != 1 || !strings.Contains(h.Notes[0], "--dialect mysql") {
		t.Errorf("the other product is not named: %v %v", h.Notes, err)
	}
}

func TestNothingToRead(t *testing.T) {
	for _, tt := range []struct{ path, want string }{
		{"nowhere", "review nowhere: there is no such file or folder"},
		{"prisma/migration_lock.toml", "review prisma/migration_lock.toml: its name does not end in .sql, so that it is taken for no migration"},
	} {
		if _, err := Read(os.DirFS("testdata"), []string{tt.path}, Options{}); err == nil || err.Error() != tt.want {
			t.Errorf("%v, not %s", err, tt.want)
		}
	}
}

func TestBrokenFile(t *testing.T) {
	h, err := Read(os.DirFS("testdata"), []string{"broken"}, Options{Dialect: schema.Postgres})
	if err != nil {
		t.Fatal(err)
	}
	m := h.Migrations[0]
	if m.Err == nil || m.Err.Error() != "broken/001_open.sql:2:4: this dollar quote has no end; a closing $$ is missing" || len(m.Script.Statements) != 1 {
		t.Errorf("%v, %d statements", m.Err, len(m.Script.Statements))
	}
}

func TestOutside(t *testing.T) {
	outside := []string{"CREATE INDEX CONCURRENTLY i ON t (a)", "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", "DROP INDEX CONCURRENTLY i", "VACUUM", "VACUUM FULL t",
		"REINDEX TABLE CONCURRENTLY t", "REINDEX (VERBOSE) INDEX CONCURRENTLY i", "REINDEX DATABASE d", "CREATE DATABASE d", "ALTER SYSTEM SET a = 1", "ALTER TABLE p DETACH PARTITION c CONCURRENTLY"}
	inside := []string{"CREATE INDEX i ON t (a)", "REFRESH MATERIALIZED VIEW CONCURRENTLY v", "ALTER TABLE t ADD c int", "REINDEX TABLE t", "DROP TABLE t", "ANALYZE t"}
	check := func(sql string, want bool) {
		m := Parse("x.sql", []byte(sql), Plain, schema.Postgres, "")
		if got := Outside(&m.Script.Statements[0]); got != want {
			t.Errorf("%s: %v", sql, got)
		}
	}
	for _, sql := range outside {
		check(sql, true)
	}
	for _, sql := range inside {
		check(sql, false)
	}
}
