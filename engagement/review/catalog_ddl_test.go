package review_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// richSchema has what real schemas have and a table alone does not: other schemas, extensions, types of one's
// own, functions that tables need and functions that need tables, partitions, policies, rules.
var richSchema = []string{
	"create schema sales",
	`create schema "Odd Name"`,
	"create extension pg_trgm with schema public",
	"create extension btree_gist with schema sales",
	"create type sales.stage as enum ('draft', 'it''s sent', 'paid')",
	"create type sales.money_in as (amount numeric(12,2), currency char(3))",
	"create type sales.span as range (subtype = timestamptz)",
	"create domain sales.percent as numeric(5,2) default 0 check (value between 0 and 100)",
	"create sequence sales.invoice_no start 1000 increment 5",
	"create function sales.code() returns text language sql volatile as $$ select md5(random()::text) $$",
	"create function sales.twice(n int) returns int language sql immutable as 'select n * 2'",
	`create table sales.customer (id bigint generated always as identity primary key, name text collate "C" not null, tags text[] default '{}', twice int generated always as (sales.twice(3)) stored) with (fillfactor = 80)`,
	`create table sales.orders (no bigint default nextval('sales.invoice_no') primary key, customer bigint not null references sales.customer on delete cascade deferrable,
	 code text default sales.code(), stage sales.stage not null default 'draft', rate sales.percent, total sales.money_in, at timestamptz not null default now(), during sales.span,
	 constraint rate_there check (rate is not null) no inherit, exclude using gist (customer with =, at with =))`,
	"alter sequence sales.invoice_no owned by sales.orders.no",
	"create index orders_code on sales.orders using gin (code gin_trgm_ops)",
	"create unique index orders_open on sales.orders (lower(code)) where stage <> 'paid'",
	"alter table sales.orders add constraint later check (no > 0) not valid",
	"create function sales.newest() returns sales.orders language sql stable as 'select * from sales.orders order by at desc limit 1'",
	"create function sales.stamp() returns trigger language plpgsql as 'begin new.at := now(); return new; end'",
	"create trigger stamped before update of code on sales.orders for each row when (new.code is not null) execute function sales.stamp()",
	`create table "Odd Name"."Part" (id bigint not null, at date not null, note text not null, primary key (id, at, note)) partition by range (at)`,
	`create table "Odd Name"."Part 2024" partition of "Odd Name"."Part" for values from ('2024-01-01') to ('2025-01-01') partition by list (note)`,
	`create table "Odd Name"."Part 2024 a" partition of "Odd Name"."Part 2024" for values in ('a', 'b')`,
	`create table "Odd Name"."Part rest" partition of "Odd Name"."Part" default`,
	`create index on "Odd Name"."Part" (note)`,
	`create trigger seen after insert on "Odd Name"."Part" for each row execute function sales.stamp()`,
	"create table sales.parent (id int primary key, check (id > 0))",
	"create table sales.child (extra text) inherits (sales.parent)",
	"create view sales.open_orders as select o.*, c.name from sales.orders o join sales.customer c on c.id = o.customer where stage <> 'paid'",
	"create materialized view sales.totals as select customer, count(*) from sales.open_orders group by 1",
	"create unique index totals_customer on sales.totals (customer)",
	"create statistics sales.together (dependencies) on customer, stage from sales.orders",
	"create rule nothing as on delete to sales.parent do instead nothing",
	"alter table sales.customer enable row level security",
	"create policy own on sales.customer for select to public using (name = current_user)",
	"alter table sales.orders replica identity full",
	// Made later than the table that then got it as a default.
	"create function public.later() returns int language sql stable as 'select 7'",
	"alter table sales.customer add column seven int default later()",
	`insert into sales.customer (name) select 'n' || i from generate_series(1, 20000) i`,
	`insert into sales.orders (customer, rate, at) select i, 5, now() + i * interval '1 s' from generate_series(1, 20000) i`,
	"analyze",
}

// TestCatalogComesBack: the DDL of a catalog makes a database whose catalog gives the same DDL.
func TestCatalogComesBack(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	server := testserver.PostgresFor(t)
	admin, err := pgx.Connect(ctx, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx)
	execute := func(conn *pgx.Conn, statements ...string) {
		t.Helper()
		for _, sql := range statements {
			if _, err := conn.Exec(ctx, sql); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		}
	}
	execute(admin, "create database rich", "create database copy")
	url := func(name string) string { return strings.Replace(server.URL, "/postgres?", "/"+name+"?", 1) }
	open := func(name string) *pgx.Conn {
		t.Helper()
		conn, err := pgx.Connect(ctx, url(name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close(context.Background()) })
		return conn
	}
	execute(open("rich"), richSchema...)
	c, err := review.ReadCatalog(ctx, url("rich"))
	if err != nil {
		t.Fatal(err)
	}

	copied := open("copy")
	waiting := statements(c.DDL)
	for len(waiting) > 0 {
		var still []string
		for _, sql := range waiting {
			if _, err := copied.Exec(ctx, sql); err != nil {
				still = append(still, sql+"\n  "+err.Error())
			}
		}
		if len(still) == len(waiting) {
			t.Fatalf("these can not be made:\n%s", strings.Join(still, "\n"))
		}
		waiting = waiting[:0]
		for _, s := range still {
			sql, _, _ := strings.Cut(s, "\n  ERROR")
			waiting = append(waiting, sql)
		}
	}
	again, err := review.ReadCatalog(ctx, url("copy"))
	if err != nil {
		t.Fatal(err)
	}
	have, want := statements(again.DDL), statements(c.DDL)
	slices.Sort(have)
	slices.Sort(want)
	for _, sql := range want {
		if !slices.Contains(have, sql) {
			t.Errorf("lost: %s", sql)
		}
	}
	for _, sql := range have {
		if !slices.Contains(want, sql) {
			t.Errorf("new: %s", sql)
		}
	}

	// A rehearsal makes the same, and the migration's statements find their tables.
	opt := review.Options{FS: fstest.MapFS{"m.sql": {Data: []byte("alter table sales.orders alter column code set not null;\ncreate index on sales.customer (name);\n")}}, Paths: []string{"m.sql"}, Catalog: c, Today: time.Now()}
	reviewed, err := review.Review(ctx, opt)
	if err != nil {
		t.Fatal(err)
	}
	result, err := review.Rehearse(ctx, reviewed, rehearse.Options{Rows: 2000, Repeats: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range result.Problems {
		t.Errorf("problem: %s", p)
	}
	for _, s := range result.Statements {
		if !s.Ran() || s.Rows < 1000 || !s.Effect.Harm() {
			t.Errorf("%s: %s, %d rows, %s", s.SQL, s.Effect, s.Rows, s.Error)
		}
	}
}

// statements cuts DDL where no quoted text is torn: each begins on a line of its own with a verb.
func statements(ddl string) []string {
	var out []string
	for _, s := range strings.Split(ddl, ";\n") {
		if s == "" {
			continue
		}
		if n := len(out); n > 0 && strings.Count(out[n-1], "$function$")%2 == 1 {
			out[n-1] += ";\n" + s
			continue
		}
		out = append(out, s)
	}
	return out
}
