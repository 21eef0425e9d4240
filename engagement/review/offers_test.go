package review_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/engagement/review/budget"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/unit"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// TestRecipesFromACatalog: what migrations do not tell is read from the database, and what an earlier statement of the
// change adds counts beside it.
func TestRecipesFromACatalog(t *testing.T) {
	p := testserver.PostgresFor(t)
	conn, err := pgx.Connect(t.Context(), p.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	const setup = `create role teller; create type mood as enum ('a', 'b');
		create table accounts (id bigint primary key, name text, feeling mood); grant select on accounts to teller;
		create table parts (id bigint not null, kind int not null, primary key (id, kind)) partition by range (kind); create table part1 (id bigint not null, kind int not null, primary key (id, kind))`
	if _, err := conn.PgConn().Exec(t.Context(), setup).ReadAll(); err != nil {
		t.Fatal(err)
	}
	c, err := review.ReadCatalog(t.Context(), p.URL)
	if err != nil {
		t.Fatal(err)
	}
	c.Sizes = nil // small tables are silent
	facts, err := review.ReadFacts(t.Context(), p.URL)
	if err != nil {
		t.Fatal(err)
	}
	const change = `alter table accounts rename column name to title;
alter table accounts alter column feeling type text;
alter table parts attach partition part1 for values from (1) to (2);
alter table accounts add column fresh text;
alter table accounts alter column fresh set not null;
`
	opt := review.Options{FS: fstest.MapFS{"a.sql": {Data: []byte(change)}}, Paths: []string{"a.sql"}, Catalog: c, Facts: facts, Today: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)}
	r, err := review.Review(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]string{}
	for _, o := range r.Offers {
		got[o.Line] = o.Refusal
		if o.Refusal == "" {
			got[o.Line] = o.SQL()
		}
	}
	for line, want := range map[int]string{
		1: "GRANT SELECT ON accounts TO teller", 2: "ADD COLUMN feeling_napkin_new text", 3: "kind IS NOT NULL AND kind >= 1 AND kind < 2", 5: "VALIDATE CONSTRAINT accounts_fresh_napkin_not_null",
	} {
		if !strings.Contains(got[line], want) {
			t.Errorf("line %d: %q is missing in %s", line, want, got[line])
		}
	}
}

// TestRecipesOfMariaDB: a definition that MODIFY COLUMN must repeat comes from SHOW CREATE TABLE.
func TestRecipesOfMariaDB(t *testing.T) {
	m := testserver.MariaDBFor(t)
	u, err := database.Parse(m.URL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := database.OpenMySQL(t.Context(), u, database.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Execute("create table orders (id bigint primary key, code varchar(20) not null comment 'a code', total int)"); err != nil {
		t.Fatal(err)
	}
	c, err := review.ReadCatalog(t.Context(), m.URL)
	if err != nil {
		t.Fatal(err)
	}
	c.Sizes = nil
	facts, err := review.ReadFacts(t.Context(), m.URL)
	if err != nil {
		t.Fatal(err)
	}
	opt := review.Options{FS: fstest.MapFS{"a.sql": {Data: []byte("alter table orders drop column code;\n")}}, Paths: []string{"a.sql"}, Catalog: c, Facts: facts}
	r, err := review.Review(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Offers) != 1 || r.Offers[0].Refusal != "" {
		t.Fatalf("%+v", r.Offers)
	}
	if sql := r.Offers[0].SQL(); !strings.Contains(sql, "MODIFY COLUMN `code` varchar(20) COMMENT 'a code'") || !strings.Contains(sql, "DROP COLUMN `code`") {
		t.Errorf("%s", sql)
	}
}

// TestLockBudget: the load bounds the lock timeouts of the steps and stands in the fix and the verdict.
func TestLockBudget(t *testing.T) {
	load := budget.Load{Arrivals: unit.Rate{PerSecond: 1000}, Pool: 100}
	if err := review.CheckLoad(load); err != nil {
		t.Fatal(err)
	}
	r := judge(t, review.Options{Server: "15", Load: &load}, "a.sql", "set lock_timeout = '1s';\nalter table orders alter column code set not null;\n")
	i := 0
	for ; i < len(r.Findings) && r.Findings[i].Rule != "lock.set-not-null"; i++ {
	}
	if i == len(r.Findings) {
		t.Fatal("no finding")
	}
	f := r.Findings[i]
	if !strings.HasPrefix(f.Fix.Rollout, load.String()) || !strings.Contains(f.Fix.SQL, "lock timeout 50 ms") || strings.Contains(f.Fix.SQL, "lock timeout 100 ms") {
		t.Errorf("%s\n%s", f.Fix.Rollout, f.Fix.SQL)
	}
	if !strings.Contains(strings.Join(r.Verdict.Paragraphs, " "), "100 connections waiting") {
		t.Errorf("%v", r.Verdict.Paragraphs)
	}
	for _, bad := range []budget.Load{{}, {Pool: 5}, {Pool: review.MaxPool + 1, Arrivals: unit.Rate{PerSecond: 1}}} {
		if review.CheckLoad(bad) == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// TestOneRecipeForOneStatement: a statement with findings of several hazards has its recipe once, and an accepted one none.
func TestOneRecipeForOneStatement(t *testing.T) {
	const statement = "alter table orders add column u uuid default gen_random_uuid() references customers;\n"
	count := func(r *report.Report) int {
		n := 0
		for _, f := range r.Findings {
			n += strings.Count(f.Fix.SQL, "ADD COLUMN u uuid")
		}
		return n
	}
	if n := count(judge(t, review.Options{Server: "15"}, "a.sql", statement)); n != 1 {
		t.Errorf("the recipe stands %d times", n)
	}
	if n := count(judge(t, review.Options{Server: "15"}, "a.sql", "-- napkin:ignore lock,load,compat,data,concurrent it is empty\n"+statement)); n != 0 {
		t.Errorf("an accepted statement has %d recipes", n)
	}
}
