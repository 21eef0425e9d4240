package repair_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/mysql"
	"github.com/napkin-infra/napkin/engine/datadiff/postgres"
	"github.com/napkin-infra/napkin/engine/datadiff/sqlite"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// side is an empty database of a test: the dialect, and a connection that runs any statement.
type side struct {
	db  dialect.Database
	run func(sql string) error
	// client is the program that runs scripts, and careless one that goes on after an error; both are to be
	// given the script on standard input.
	client, careless []string
}

// server makes sides, each with a database or schema of its own.
type server struct {
	name string
	open func(t *testing.T) *side
}

func servers(t *testing.T) []server {
	t.Helper()
	return []server{postgresServer(t), mariaServer(t), {"SQLite", openSQLite}}
}

func parse(t *testing.T, url string) database.URL {
	t.Helper()
	u, err := database.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func postgresServer(t *testing.T) server {
	t.Helper()
	url, n := testserver.PostgresFor(t).URL, 0
	return server{"PostgreSQL", func(t *testing.T) *side {
		t.Helper()
		n++
		u := parse(t, fmt.Sprintf("%s&search_path=s%d", url, n))
		conn, err := database.OpenPostgres(t.Context(), u, database.Options{Write: true})
		if err != nil {
			t.Fatal(err)
		}
		s := &side{run: func(sql string) error {
			_, err := conn.Exec(t.Context(), sql).ReadAll()
			return err
		}}
		base, _, _ := strings.Cut(url, "&search_path")
		s.client = []string{"psql", "-q", base}
		s.careless = s.client
		s.exec(t, fmt.Sprintf("create schema s%d", n))
		if s.db, err = postgres.Open(t.Context(), u, database.Options{Write: true}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.db.Close() })
		return s
	}}
}

func mariaServer(t *testing.T) server {
	t.Helper()
	url, n := testserver.MariaDBFor(t).URL, 0
	return server{"MariaDB", func(t *testing.T) *side {
		t.Helper()
		n++
		first, err := database.OpenMySQL(t.Context(), parse(t, url), database.Options{Write: true})
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("s%d", n)
		if _, err := first.Execute("create database " + name); err != nil {
			t.Fatal(err)
		}
		first.Close()
		u := parse(t, url[:len(url)-len("test")]+name)
		conn, err := database.OpenMySQL(t.Context(), u, database.Options{Write: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		s := &side{run: func(sql string) error {
			_, err := conn.Execute(sql)
			return err
		}}
		server, _, _ := strings.Cut(strings.TrimPrefix(url, "mysql://napkin@"), "/")
		host, port, _ := strings.Cut(server, ":")
		s.client = []string{"mariadb", "--no-defaults", "-h", host, "-P", port, "-u", "napkin", name}
		s.careless = append(slices.Clone(s.client), "--force")
		if s.db, err = mysql.Open(t.Context(), u, database.Options{Write: true}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.db.Close() })
		return s
	}}
}

func openSQLite(t *testing.T) *side {
	t.Helper()
	path := filepath.Join(t.TempDir(), "side.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	u := parse(t, "sqlite:"+path)
	conn, err := database.OpenSQLite(t.Context(), u, database.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &side{run: func(sql string) error {
		_, err := conn.ExecContext(t.Context(), sql)
		return err
	}}
	s.client = []string{"sqlite3", "-bail", path}
	s.careless = []string{"sqlite3", path}
	s.exec(t, "pragma synchronous = off")
	if s.db, err = sqlite.Open(t.Context(), u, database.Options{Write: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.db.Close() })
	return s
}

func (s *side) exec(t *testing.T, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if err := s.run(sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// pair makes relations of a table of two sides: the primary key, and the columns that both have, in the
// best form that both offer.
func pair(t *testing.T, a, b *side, name string) (left, right *dialect.Relation) {
	t.Helper()
	tables := [2]*dialect.Table{}
	for i, s := range []*side{a, b} {
		table, err := s.db.Table(t.Context(), dialect.TableName{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		tables[i] = table
	}
	left, right = &dialect.Relation{Table: tables[0]}, &dialect.Relation{Table: tables[1]}
	for _, x := range tables[0].Columns {
		y := tables[1].Column(x.Name)
		if y == nil {
			continue
		}
		form, offers := dialect.Inexact, b.db.Offers(*y)
		for _, o := range a.db.Offers(x) {
			if slices.ContainsFunc(offers, func(p dialect.Offer) bool { return p.Form == o.Form }) {
				form = o.Form
				break
			}
		}
		f, g := dialect.Field{Column: x, Form: form}, dialect.Field{Column: *y, Form: form}
		if slices.Contains(tables[1].PrimaryKey, y.Name) {
			left.Key, right.Key = append(left.Key, f), append(right.Key, g)
		} else {
			left.Columns, right.Columns = append(left.Columns, f), append(right.Columns, g)
		}
	}
	return left, right
}

// read returns the rows of a table, cells by key.
func (s *side) read(t *testing.T, r *dialect.Relation) map[string][]string {
	t.Helper()
	session, err := s.db.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	all := map[string][]string{}
	err = session.Stream(t.Context(), r, dialect.Range{}, func(cells []byte, key int) error {
		k := string(cells[:key])
		all[k] = append(all[k], string(cells[key:]))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
