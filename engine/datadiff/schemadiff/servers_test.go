package schemadiff_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"os"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/mysql"
	"github.com/napkin-infra/napkin/engine/datadiff/postgres"
	"github.com/napkin-infra/napkin/engine/datadiff/schemadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/sqlite"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// catalog makes tables in a real server of each product and reads them back.
type catalog struct {
	url string
	db  dialect.Database
}

func catalogs(t *testing.T) map[dialect.Kind]catalog {
	t.Helper()
	file := filepath.Join(t.TempDir(), "schema.db")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	out := map[dialect.Kind]catalog{}
	for kind, url := range map[dialect.Kind]string{dialect.Postgres: testserver.PostgresFor(t).URL, dialect.MySQL: testserver.MariaDBFor(t).URL, dialect.SQLite: "sqlite:" + file} {
		u, err := database.Parse(url)
		if err != nil {
			t.Fatal(err)
		}
		var db dialect.Database
		switch kind {
		case dialect.Postgres:
			db, err = postgres.Open(t.Context(), u, database.Options{})
		case dialect.MySQL:
			db, err = mysql.Open(t.Context(), u, database.Options{})
		default:
			db, err = sqlite.Open(t.Context(), u, database.Options{})
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		out[kind] = catalog{url, db}
	}
	return out
}

func (c catalog) table(t *testing.T, name, body string) schemadiff.Side {
	t.Helper()
	u, err := database.Parse(c.url)
	if err != nil {
		t.Fatal(err)
	}
	ddl := []string{"drop table if exists " + name, fmt.Sprintf("create table %s (%s)", name, body)}
	o := database.Options{Write: true}
	for _, q := range ddl {
		switch c.db.Kind() {
		case dialect.Postgres:
			conn, err := database.OpenPostgres(t.Context(), u, o)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Exec(t.Context(), q).ReadAll(); err != nil {
				t.Fatalf("%s: %v", q, err)
			}
			_ = conn.Close(t.Context())
		case dialect.MySQL:
			conn, err := database.OpenMySQL(t.Context(), u, o)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Execute(q); err != nil {
				t.Fatalf("%s: %v", q, err)
			}
			_ = conn.Close()
		default:
			conn, err := database.OpenSQLite(t.Context(), u, o)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.ExecContext(t.Context(), q); err != nil {
				t.Fatalf("%s: %v", q, err)
			}
			_ = conn.Close()
		}
	}
	table, err := c.db.Table(t.Context(), dialect.TableName{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return schemadiff.Side{Kind: c.db.Kind(), Table: table}
}

// TestServers compares tables as the catalogs of real servers tell them.
func TestServers(t *testing.T) {
	all := catalogs(t)
	pg, my, lite := dialect.Postgres, dialect.MySQL, dialect.SQLite
	for name, c := range map[string]struct {
		kinds [2]dialect.Kind
		a, b  string
		want  []string // kind and object
	}{
		"the same under two products": {[2]dialect.Kind{pg, my},
			"id bigint primary key, n int not null, amount numeric(12,2), at timestamp(6) not null, seen timestamptz, name varchar(80) not null, ok boolean not null default true, body text, doc jsonb, f double precision, r real, u uuid, b bytea",
			"id bigint primary key, n int not null, amount decimal(12,2), at datetime(6) not null, seen timestamp(6) null, name varchar(80) not null, ok tinyint(1) not null default 1, body longtext, doc json, f double, r float, u uuid, b longblob", nil},
		"the same under one":   {[2]dialect.Kind{pg, pg}, "id int generated always as identity primary key, x text default 'a', y int generated always as (1 + 2) stored", "id int generated always as identity primary key, x text default 'a', y int generated always as (1 + 2) stored", nil},
		"narrower integer":     {[2]dialect.Kind{pg, my}, "id bigint primary key, n bigint", "id bigint primary key, n int", []string{"type n"}},
		"shorter text":         {[2]dialect.Kind{my, pg}, "id int primary key, s varchar(80)", "id int primary key, s varchar(40)", []string{"type s"}},
		"fewer decimals":       {[2]dialect.Kind{pg, my}, "id int primary key, d numeric(12,4)", "id int primary key, d decimal(10,2)", []string{"type d"}},
		"whole seconds":        {[2]dialect.Kind{pg, my}, "id int primary key, at timestamp(6)", "id int primary key, at datetime", []string{"type at"}},
		"time zone":            {[2]dialect.Kind{pg, pg}, "id int primary key, at timestamptz", "id int primary key, at timestamp", []string{"type at"}},
		"unsigned":             {[2]dialect.Kind{my, my}, "id int primary key, n int unsigned", "id int primary key, n int", []string{"type n"}},
		"nullability":          {[2]dialect.Kind{pg, my}, "id int primary key, n int", "id int primary key, n int not null", []string{"nullability n"}},
		"default":              {[2]dialect.Kind{pg, my}, "id int primary key, n int default 1", "id int primary key, n int default 2", []string{"default n"}},
		"one column more":      {[2]dialect.Kind{pg, my}, "id int primary key, extra text", "id int primary key", []string{"column only in A extra"}},
		"renamed":              {[2]dialect.Kind{pg, my}, "id int primary key, email_address varchar(50), n int", "id int primary key, email_adress varchar(50), n int", []string{"column renamed email_address"}},
		"no primary key":       {[2]dialect.Kind{pg, my}, "id int primary key", "id int not null", []string{"primary key (id)"}},
		"another collation":    {[2]dialect.Kind{my, my}, "id int primary key, s varchar(20) collate utf8mb4_bin", "id int primary key, s varchar(20) collate utf8mb4_general_ci", []string{"collation s"}},
		"a unique index":       {[2]dialect.Kind{pg, my}, "id int primary key, n int not null, unique (n)", "id int primary key, n int not null", []string{"unique index (n)"}},
		"SQLite has no bounds": {[2]dialect.Kind{pg, lite}, "id bigint primary key, s varchar(80), n smallint", "id integer primary key, s text, n integer", nil},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := all[c.kinds[0]].table(t, "schema_a", c.a), all[c.kinds[1]].table(t, "schema_b", c.b)
			var got []string
			changes := schemadiff.Compare(a, b)
			for _, change := range changes {
				got = append(got, string(change.Kind)+" "+change.Object)
				if change.Text == "" || strings.HasSuffix(change.Text, ".") || change.Severity.String() == "unknown" {
					t.Errorf("%+v", change)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q: %+v", got, c.want, changes)
			}
		})
	}
}
