package review_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// rules are those that a migration is reported under, by the facts of a live database.
func rules(t *testing.T, c *review.Catalog, migration string) (ids []string, r *report.Report) {
	t.Helper()
	r, err := review.Lint(t.Context(), review.Options{FS: fstest.MapFS{"m.sql": {Data: []byte(migration)}}, Paths: []string{"m.sql"}, Catalog: c, Today: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		ids = append(ids, f.Rule)
	}
	return ids, r
}

func has(ids []string, id string) bool {
	for _, have := range ids {
		if have == id {
			return true
		}
	}
	return false
}

func TestPostgresCatalog(t *testing.T) {
	server := testserver.PostgresFor(t)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, sql := range []string{
		"create domain short as text check (length(value) < 9)",
		"create function steady() returns int language sql stable as 'select count(*)::int from pg_class'",
		`create table "Big" (id bigint primary key, code varchar(20), note text, checked int, constraint there check (checked is not null), constraint later check (id > 0) not valid)`,
		`insert into "Big" select i, i, i, i from generate_series(1, 30000) i`,
		"create table tiny (id bigint primary key, code text)",
		"insert into tiny select i, i from generate_series(1, 10) i",
		"create table p (id bigint not null) partition by range (id)",
		"create table p_default partition of p default",
		"insert into p select i from generate_series(1, 30000) i",
		`create unique index bad on "Big" (code)`,
		"update pg_index set indisvalid = false where indexrelid = 'bad'::regclass",
		`create view v as select code from "Big"`,
		"analyze",
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	c, err := review.ReadCatalog(ctx, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if c.Dialect != schema.Postgres || c.Server.Major < 11 || c.TimeZone == "" || strings.Contains(c.Name, "password") {
		t.Errorf("%+v", c)
	}
	for _, tt := range []struct{ sql, rule string }{
		{`alter table "Big" alter column note set not null`, "lock.set-not-null"},
		{`alter table "Big" alter column code type varchar(10)`, "lock.alter-type-rewrite"},
		{`alter table "Big" add constraint u unique using index bad`, "concurrent.invalid-index"},
		{`alter table "Big" add column s short`, "lock.add-column-constrained-domain"},
		{`alter table "Big" drop column code`, "compat.view-on-table"},
		{"create table p_1 partition of p for values from (100000) to (200000)", "lock.create-partition-beside-default"},
		{`create index on "Big" (note)`, "lock.create-index"},
	} {
		if ids, _ := rules(t, c, tt.sql+";"); !has(ids, tt.rule) {
			t.Errorf("%s: %v, not %s", tt.sql, ids, tt.rule)
		}
	}
	for _, tt := range []struct{ sql, rule string }{
		{`alter table "Big" alter column checked set not null`, "lock.set-not-null"},
		{`alter table "Big" add column n int default steady()`, "lock.add-column-volatile-default"},
		{`alter table "Big" alter column code type varchar(40)`, "lock.alter-type-rewrite"},
		{"create index on tiny (code)", "lock.create-index"},
	} {
		if ids, r := rules(t, c, tt.sql+";"); has(ids, tt.rule) {
			t.Errorf("%s: %v", tt.sql, ids)
		} else if strings.Contains(tt.sql, "tiny") && !strings.Contains(strings.Join(r.Coverage.Notes, " "), "small tables the locks are not reported: public.tiny") {
			t.Errorf("nothing says that tiny is small: %v", r.Coverage.Notes)
		}
	}
	_, r := rules(t, c, `create index on "Big" (note);`)
	for _, f := range r.Findings {
		if f.Rule == "lock.create-index" && (f.Cost == nil || f.Cost.Inputs[0].Value < 20000 || f.Cost.Inputs[0].Origin != report.Read) {
			t.Errorf("the cost is %+v", f.Cost)
		}
	}
}

func TestMariaDBCatalog(t *testing.T) {
	server := testserver.MariaDBFor(t)
	u, err := database.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := database.OpenMySQL(t.Context(), u, database.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, sql := range []string{
		"create table big (id bigint primary key, code varchar(20), total int) engine=innodb",
		"insert into big select seq, seq, seq from seq_1_to_30000",
		"create table tiny (id int primary key, total int) engine=innodb",
		"analyze table big, tiny",
	} {
		if _, err := conn.Execute(sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	c, err := review.ReadCatalog(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if c.Server.Product != "MariaDB" || c.Sizes["big"].Rows < 10000 {
		t.Errorf("%+v", c)
	}
	if ids, _ := rules(t, c, "alter table big modify total bigint;"); !has(ids, "mysql.copy") {
		t.Errorf("%v", ids)
	}
	if ids, _ := rules(t, c, "alter table tiny modify total bigint;"); has(ids, "mysql.copy") {
		t.Errorf("%v", ids)
	}
}

func TestCatalogOfSQLite(t *testing.T) {
	if _, err := review.ReadCatalog(t.Context(), "sqlite:x.db"); err == nil || !strings.Contains(err.Error(), "SQLite") {
		t.Errorf("%v", err)
	}
}
