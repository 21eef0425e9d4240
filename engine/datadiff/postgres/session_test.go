package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/postgres"
	"github.com/napkin-infra/napkin/foundation/database"
)

func TestBounds(t *testing.T) {
	b := newBench(t,
		`create table outlier (id bigint primary key)`, `insert into outlier select i from generate_series(1, 100000) i`, `insert into outlier values (9000000000000000000)`,
		`create table words (w text primary key)`, `insert into words select md5(i::text) from generate_series(1, 20000) i`,
		`create table pairs (a int, b timestamp, primary key (b, a))`, `insert into pairs select i % 7, '2020-01-01'::timestamp + i / 50 * interval '1 s' from generate_series(1, 20000) i on conflict do nothing`,
		`create table equal (k int not null)`, `insert into equal select case when i <= 500 then 1 when i <= 1100 then 2 else i end from generate_series(1, 2000) i`,
		`create table big (id bigint primary key, pad text)`, `insert into big select i * 3, repeat('x', 900) from generate_series(1, 100000) i`,
		`create view seen as select * from outlier`,
		`analyze`)
	for _, c := range []struct {
		name, table, where string
		keys               []string
		rows               int64
		exact              bool
		least, most        int   // borders
		largest            int64 // rows of a range
	}{
		{name: "an outlier does not matter", table: "outlier", keys: []string{"id"}, rows: 4000, exact: true, least: 24, most: 26, largest: 4000},
		{name: "small, so exact", table: "outlier", keys: []string{"id"}, rows: 4000, least: 24, most: 26, largest: 4000},
		{name: "with a condition", table: "outlier", where: "id % 10 = 0 -- tens", keys: []string{"id"}, rows: 1000, exact: true, least: 9, most: 10, largest: 1000},
		{name: "text", table: "words", keys: []string{"w"}, rows: 1000, exact: true, least: 19, most: 19, largest: 1000},
		{name: "two columns", table: "pairs", keys: []string{"b", "a"}, rows: 100, exact: true, least: 20, most: 40, largest: 100},
		{name: "equal keys stay together", table: "equal", keys: []string{"k"}, rows: 100, exact: true, least: 9, most: 10, largest: 600},
		{name: "a sample of pages", table: "big", keys: []string{"id"}, rows: 10000, least: 5, most: 20, largest: 40000},
		{name: "a view, cut", table: "seen", keys: []string{"id"}, rows: 50000, exact: true, least: 1, most: 2, largest: 50001},
		{name: "a view is not read for it", table: "seen", keys: []string{"id"}, rows: 50000},
		{name: "no key", table: "outlier", rows: 10, exact: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := b.session()
			r := b.relation(c.table, c.keys...)
			r.Where = c.where
			borders, err := s.Bounds(t.Context(), r, dialect.Range{}, c.rows, c.exact)
			if err != nil {
				t.Fatal(err)
			}
			if len(borders) < c.least || len(borders) > c.most {
				t.Fatalf("%d borders, want %d to %d", len(borders), c.least, c.most)
			}
			for i, f := range fingerprints(t, s, r, dialect.Native, between(borders)...) {
				if f.Rows > max(c.largest, 1) && c.largest > 0 || f.Rows == 0 {
					t.Errorf("range %d has %d rows", i, f.Rows)
				}
			}
			for _, in := range between(borders)[:min(len(borders), 1)] {
				inner, err := s.Bounds(t.Context(), r, in, max(c.rows/4, 1), c.exact)
				if err != nil || c.exact && c.table != "equal" && len(inner) == 0 {
					t.Errorf("%d borders inside a range: %v", len(inner), err)
				}
			}
		})
	}
}

func TestFetch(t *testing.T) {
	b := newBench(t,
		`create table t (id int primary key, w text not null, u text not null, a int, b timestamp)`,
		`insert into t select i, 'w' || i || repeat(' ', i % 2), case when i % 2 = 0 then upper(md5(i::text)::uuid::text) else md5(i::text)::uuid::text end, nullif(i % 10, 0), '2020-01-01'::timestamp + i * interval '1 s' from generate_series(1, 2000) i`)
	read := func(r *dialect.Relation) (keys []dialect.Key) {
		s := b.session()
		for _, in := range []dialect.Range{{}, {Null: true}} {
			err := s.Stream(t.Context(), r, in, func(cells []byte, key int) error {
				keys = append(keys, append(dialect.Key{}, cells[:key]...))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return keys
	}
	for _, c := range []struct {
		name string
		keys []string
		form dialect.Form
	}{
		{"integer", []string{"id"}, dialect.Int}, {"integer as decimal", []string{"id"}, dialect.Decimal}, {"text", []string{"w"}, dialect.Text},
		{"text without blanks at the end", []string{"w"}, dialect.TextTrimmed}, {"text as UUID in both cases", []string{"u"}, dialect.UUID},
		{"its text", []string{"id"}, dialect.Inexact}, {"two columns, one with NULL", []string{"a", "b"}, dialect.Int},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := b.relation("t", c.keys...)
			r.Key[0].Form = c.form
			r.Columns = nil
			keys := read(r)
			if len(keys) != 2000 {
				t.Fatalf("%d keys", len(keys))
			}
			row, rows := collect()
			if err := b.session().Fetch(t.Context(), r, keys, row); err != nil {
				t.Fatal(err)
			}
			if len(*rows) != len(keys) {
				t.Errorf("%d rows of %d keys", len(*rows), len(keys))
			}
			r.Where = "id <= 10"
			row, rows = collect()
			if err := b.session().Fetch(t.Context(), r, keys[:100], row); err != nil {
				t.Fatal(err)
			}
			if len(*rows) != 10 && c.keys[0] != "a" {
				t.Errorf("%d rows where a condition leaves 10", len(*rows))
			}
		})
	}
}

func TestJoin(t *testing.T) {
	b := newBench(t, `create schema other`,
		`create table t (k text collate "en-x-icu" primary key, v int, iv interval, j jsonb, f float8, arr int[])`, `create table other.t (k text primary key, v int, iv interval, j jsonb, f float8, arr int[])`,
		`insert into t values ('same', 1, '1 mon', '{"a": 1.0, "b": 2}', 0, '{1}'), ('changed', 1, null, null, null, null), ('null', null, null, null, null, null), ('only a', 1, null, null, null, null), ('month', 1, '1 mon', null, null, null), ('bounds', 1, null, null, null, '{1}')`,
		`insert into other.t values ('same', 1, '1 mon', '{"b": 2, "a": 1}', '-0', '{1}'), ('changed', 2, null, null, null, null), ('null', 0, null, null, null, null), ('only b', 1, null, null, null, null), ('month', 1, '30 days', null, null, null), ('bounds', 1, null, null, null, '[0:0]={1}')`,
		`create table odd (k text primary key, v bigint, iv interval, j json, f float8, arr int[])`)
	var got []string
	left, right := b.relation("t", "k"), b.relation("other.t", "k")
	err := b.session().Join(t.Context(), left, right, func(side int, cells []byte, key int) error {
		got = append(got, fmt.Sprintf("%d %s", side, format(t, cells[:key])))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := strings.Join(got, ", ")
	for _, want := range []string{"0 changed", "1 changed", "0 null", "1 null", "0 only a", "1 only b", "0 month", "1 month", "0 bounds", "1 bounds"} {
		if strings.Count(seen, want) != 1 {
			t.Errorf("%q is missing in %s", want, seen)
		}
	}
	if len(got) != 10 {
		t.Errorf("%d rows: %s", len(got), seen)
	}
	if err := b.session().Join(t.Context(), left, b.relation("odd", "k"), nil); !errors.Is(err, dialect.ErrCannot) {
		t.Errorf("an integer and a bigint, jsonb and json: %v", err)
	}
	if err := b.session().Join(t.Context(), b.relation("odd", "k"), b.relation("odd", "k"), nil); !errors.Is(err, dialect.ErrCannot) {
		t.Errorf("json: %v", err)
	}
}

func TestApply(t *testing.T) {
	b := newBench(t, `create table t (id int primary key, v text)`, `insert into t values (1, 'a'), (2, 'b')`)
	calls := 0
	if err := b.d.Apply(t.Context(), dialect.Statements(`update t set v = 'c' where id = 1 and v = 'a'`, `delete from t where id = 2`, `insert into t values (3, 'd')`), func() { calls++ }); err != nil || calls != 3 {
		t.Fatalf("%d calls, %v", calls, err)
	}
	want := "1c 3d"
	check := func(when string) {
		t.Helper()
		if got := b.value(`select string_agg(id || v, ' ' order by id) from t`); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	check("applied")
	var unmet *dialect.UnmetError
	if err := b.d.Apply(t.Context(), dialect.Statements(`delete from t where id = 1`, `update t set v = 'x' where id = 99`), nil); !errors.As(err, &unmet) || unmet.Rows != 0 {
		t.Errorf("no row: %v", err)
	}
	check("a statement met no row")
	if err := b.d.Apply(t.Context(), dialect.Statements(`delete from t where id > 0`), nil); !errors.As(err, &unmet) || unmet.Rows != 2 {
		t.Errorf("two rows: %v", err)
	}
	check("a statement met two rows")
	if err := b.d.Apply(t.Context(), dialect.Statements(`delete from t where id = 1`, `insert into t values (3, 'twice')`), nil); err == nil || b.d.Temporary(err) {
		t.Errorf("a duplicate: %v", err)
	}
	check("a statement failed")
}

func TestSnapshot(t *testing.T) {
	b := newBench(t, `create table t (id int primary key)`, `insert into t values (1)`)
	position, release, err := b.d.Snapshot(t.Context())
	if err != nil || position == "" {
		t.Fatalf("%q, %v", position, err)
	}
	s := b.session()
	b.exec(`insert into t values (2)`)
	r := b.relation("t", "id")
	if f := fingerprints(t, s, r, dialect.Native, dialect.Range{})[0]; f.Rows != 1 {
		t.Errorf("an open session sees %d rows", f.Rows)
	}
	if f := fingerprints(t, b.session(), r, dialect.Native, dialect.Range{})[0]; f.Rows != 1 {
		t.Errorf("a new session sees %d rows", f.Rows)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	if f := fingerprints(t, b.session(), r, dialect.Native, dialect.Range{})[0]; f.Rows != 2 {
		t.Errorf("after its release a session sees %d rows", f.Rows)
	}
}

func TestErrors(t *testing.T) {
	b := newBench(t, `create table t (id int primary key, a text, b text)`, `insert into t select i, 'x', 'y' from generate_series(1, 200000) i`,
		`create table gone (id int primary key)`, `create table changed (id int primary key, v int)`,
		`create role reader login`, `create table secret (id int primary key)`, `grant usage on schema public to reader`,
		`create table policed (id int primary key)`, `alter table policed enable row level security`, `grant select on policed to reader`)
	none := func([]byte, int) error { return nil }
	gone, changed := b.relation("gone", "id"), b.relation("changed", "id")
	secret, policed := b.relation("secret", "id"), b.relation("policed", "id")
	b.exec(`drop table gone; alter table changed drop column v`)
	if err := b.session().Stream(t.Context(), gone, dialect.Range{}, none); !errors.Is(err, dialect.ErrNoTable) {
		t.Errorf("a dropped table: %v", err)
	}
	if _, err := b.d.Table(t.Context(), dialect.TableName{Name: "gone"}); !errors.Is(err, dialect.ErrNoTable) {
		t.Errorf("no table: %v", err)
	}
	if err := b.session().Stream(t.Context(), changed, dialect.Range{}, none); err == nil || !strings.Contains(err.Error(), `"v"`) {
		t.Errorf("a dropped column: %v", err)
	}
	u, err := database.Parse(strings.Replace(b.url, "napkin@", "reader@", 1))
	if err != nil {
		t.Fatal(err)
	}
	reader, err := postgres.Open(t.Context(), u, database.Options{StatementTimeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for _, c := range []struct {
		name, before string
		r            *dialect.Relation
		where        string
		want         string
		temporary    bool
	}{
		{name: "no right", r: secret, want: "GRANT SELECT"},
		{name: "a policy", r: policed, want: "row-level security"},
		{name: "bad syntax", r: secret, where: "id = = 1", want: "syntax"},
		{name: "too slow", before: `alter table policed disable row level security; insert into policed values (1)`, r: policed, where: "pg_sleep(5) is not null", want: "statement timeout", temporary: true},
	} {
		b.exec(c.before)
		s, err := reader.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r := *c.r
		r.Where = c.where
		err = s.Stream(t.Context(), &r, dialect.Range{}, none)
		if err == nil || !strings.Contains(err.Error(), c.want) || reader.Temporary(err) != c.temporary {
			t.Errorf("%s: %v, temporary %v", c.name, err, reader.Temporary(err))
		}
		_ = s.Close()
	}
	r := b.relation("t", "id")
	stop := errors.New("enough")
	s := b.session()
	start := time.Now()
	if err := s.Stream(t.Context(), r, dialect.Range{}, func([]byte, int) error { return stop }); !errors.Is(err, stop) || time.Since(start) > 5*time.Second {
		t.Errorf("an error of the row: %v after %v", err, time.Since(start))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	slow := *r
	slow.Where = "pg_sleep(0.01) is not null"
	start = time.Now()
	if err := b.session().Stream(ctx, &slow, dialect.Range{}, none); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second || b.d.Temporary(err) {
		t.Errorf("a context that ended: %v after %v", err, time.Since(start))
	}
	deadline := time.Now().Add(10 * time.Second)
	for b.value(`select count(*) from pg_stat_activity where state = 'active' and query like 'COPY%'`) != "0" {
		if time.Now().After(deadline) {
			t.Fatal("a statement that nobody waits for still runs on the server")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if _, err := b.d.Literal(r.Columns[0].Column, canon.AppendText(nil, "a\x00b")); !errors.Is(err, dialect.ErrCannot) {
		t.Errorf("a zero byte: %v", err)
	}
	long, _ := canon.Shorten(nil, canon.AppendText(nil, strings.Repeat("x", 100)), 0, 10)
	if _, err := b.d.Literal(r.Columns[0].Column, long); !errors.Is(err, dialect.ErrCannot) {
		t.Errorf("a digest: %v", err)
	}
}

// TestStreamAllocates nothing for each row.
func TestStreamAllocates(t *testing.T) {
	b := newBench(t, `create table t (id bigint primary key, n numeric(12,2), d timestamp, u uuid, w text, arr int[], x inet)`,
		`insert into t select i, i * 1.01, now(), md5(i::text)::uuid, 'w' || i, array[i, i], '10.0.0.1' from generate_series(1, 20000) i`)
	r := b.relation("t", "id")
	s := b.session()
	read := func() {
		n := 0
		if err := s.Stream(t.Context(), r, dialect.Range{}, func([]byte, int) error { n++; return nil }); err != nil || n != 20000 {
			t.Fatalf("%d rows, %v", n, err)
		}
	}
	if allocs := testing.AllocsPerRun(3, read); allocs > 500 {
		t.Errorf("%.0f allocations for 20,000 rows", allocs)
	}
	if _, err := s.RoundTrip(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Throughput(t.Context(), 1<<20); err != nil {
		t.Error(err)
	}
}
