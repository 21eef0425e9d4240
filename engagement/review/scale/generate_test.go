package scale

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/scratch"
	"github.com/napkin-infra/napkin/internal/testserver"
)

func connect(t *testing.T, server *scratch.Postgres, name string) *pgconn.PgConn {
	t.Helper()
	u, err := database.Parse(strings.Replace(server.URL, "/postgres?", "/"+name+"?", 1))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := database.OpenPostgres(t.Context(), u, database.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func execute(t *testing.T, conn *pgconn.PgConn, statements ...string) {
	t.Helper()
	if err := run(t.Context(), conn, statements...); err != nil {
		t.Fatal(err)
	}
}

func number(t *testing.T, conn *pgconn.PgConn, query string) (n int64) {
	t.Helper()
	results, err := conn.Exec(t.Context(), query).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if _, err := fmt.Sscan(string(results[0].Rows[0][0]), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// sourceSchema has the shapes that the generator does not favour: skewed widths, few and many distinct
// values, values in and out of order, keys of several columns.
var sourceSchema = []string{
	`create type mood as enum ('sad', 'ok', 'happy')`,
	`create domain percent as int check (value between 0 and 100)`,
	`create table country (code char(2) primary key, name text not null unique)`,
	`create table person (
		id bigint generated always as identity primary key,
		email varchar(80) not null,
		country char(2) references country,
		born date, mood mood not null default 'ok', score percent,
		balance numeric(12,2) not null check (balance >= 0),
		bio text, settings jsonb, tags text[], active bool not null,
		token uuid not null, seen timestamptz, at inet, ratio double precision, raw bytea,
		parent bigint references person,
		lower_email text generated always as (lower(email)) stored)`,
	`create unique index person_email on person (lower(email))`,
	`create index person_seen on person (seen)`,
	`create table membership (
		person bigint not null references person, team int not null, role text not null check (role in ('owner', 'member')),
		since timestamp not null, until timestamp, check (until > since), primary key (person, team))`,
	`create table event (id bigint not null, at timestamp not null, kind text, primary key (id, at)) partition by range (at)`,
	`create table event_2023 partition of event for values from ('2023-01-01') to ('2024-01-01')`,
	`create table event_2024 partition of event for values from ('2024-01-01') to ('2025-01-01')`,
}

const sourceRows = 60_000

var sourceFill = []string{
	`insert into country select chr(65 + i / 26) || chr(65 + i % 26), 'Country ' || i from generate_series(0, 199) i`,
	fmt.Sprintf(`insert into person (email, country, born, mood, score, balance, bio, settings, tags, active, token, seen, at, ratio, raw, parent)
	select 'User' || i || '@example' || (i %% 7) || '.com',
	 case when i %% 10 < 3 then 'AA' when i %% 10 < 9 then chr(65 + (i * 7919 / 26) %% 7) || chr(65 + i * 31 %% 26) end,
	 case when i %% 4 > 0 then date '1950-01-01' + (i * 7919) %% 20000 end,
	 case when i %% 20 = 0 then 'sad' else 'happy' end::mood, i %% 101, ((i * 7919) %% 100000) / 7.0,
	 case when i %% 2 = 0 then repeat(md5(i::text), 1 + (i %% 17) * (i %% 3)) end,
	 jsonb_build_object('theme', i %% 3, 'name', md5(i::text), 'list', repeat('x', i %% 200)),
	 array_fill('tag' || i %% 50, array[i %% 4]), i %% 10 > 0, md5(i::text)::uuid, timestamptz '2024-01-01' + i * interval '1 minute',
	 '10.0.0.0'::inet + (i * 7919) %% 65536, (i * 7919) %% 1000 / 3.0, decode(repeat(md5(i::text), 2), 'hex'), nullif(i / 3, 0)
	from generate_series(1, %d) i`, sourceRows),
	fmt.Sprintf(`insert into membership select 1 + i / 3, i %% 3, case when i %% 3 = 0 then 'owner' else 'member' end,
	 timestamp '2024-01-01' + i * interval '1 hour' , case when i %% 5 = 0 then timestamp '2024-01-02' + i * interval '1 hour' end from generate_series(0, %d) i`, sourceRows),
	`insert into event select i, timestamp '2023-01-01' + i * interval '30 minutes', 'kind ' || i % 5 from generate_series(0, 30000) i`,
	"vacuum analyze",
}

// TestShapesComeBack makes rows from the statistics of a table and compares the statistics of the rows.
func TestShapesComeBack(t *testing.T) {
	server := testserver.PostgresFor(t, "autovacuum=off")
	admin := connect(t, server, "postgres")
	execute(t, admin, "create database source")
	source := connect(t, server, "source")
	execute(t, source, sourceSchema...)
	execute(t, admin, "create database copy template template0", "create database half template template0")
	execute(t, source, sourceFill...)
	target, err := Read(t.Context(), source, Options{Now: time.Unix(1700000000, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if p := target.Table("person"); p == nil || p.Rows != sourceRows {
		t.Fatalf("the statistics say %+v of the table person", p)
	}
	for _, c := range []struct {
		name   string
		factor float64
	}{{"copy", 1}, {"half", 0.5}} {
		t.Run(c.name, func(t *testing.T) {
			conn := connect(t, server, c.name)
			execute(t, conn, sourceSchema...)
			filled := fill(t, conn, target, c.factor, 7)
			for table, wanted := range map[string]float64{"public.person": sourceRows, "public.membership": sourceRows + 1, "public.event_2023": 17520} {
				if got := float64(filled[table].Rows); math.Abs(got-wanted*c.factor) > 2 {
					t.Errorf("%s has %v rows, want %v; %s", table, got, wanted*c.factor, filled[table].Reason)
				}
			}
			got, err := Read(t.Context(), conn, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range []string{"person", "membership", "event_2023"} {
				for _, column := range target.Table(table).Columns {
					if column.Shape == nil || column.Generated {
						continue
					}
					compareShapes(t, table+"."+column.Name, column, got.Table(table).Column(column.Name).Shape, c.factor)
				}
			}
			keysHold(t, conn)
		})
	}
}

func fill(t *testing.T, conn *pgconn.PgConn, target *Statistics, factor float64, seed uint64) map[string]Filled {
	t.Helper()
	catalog, err := Read(t.Context(), conn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[string]int64{}
	for i := range target.Tables {
		if sizes[target.Tables[i].Key()] = int64(target.Tables[i].Rows); target.Tables[i].Rows > 1000 { // small tables stay
			sizes[target.Tables[i].Key()] = int64(math.Round(target.Tables[i].Rows * factor))
		}
	}
	g := NewGenerator(catalog, target, sizes, seed)
	filled, err := g.Load(t.Context(), conn, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range g.Notes() {
		t.Log(n)
	}
	all := map[string]Filled{}
	for _, f := range filled {
		all[f.Table] = f
	}
	return all
}

// The tolerances are those of the server's own sample of 30,000 rows, with room for what shapes do not
// hold.
func compareShapes(t *testing.T, name string, source Column, got *Shape, factor float64) {
	t.Helper()
	want := source.Shape
	if got == nil {
		t.Errorf("%s: no shape", name)
		return
	}
	if math.Abs(got.NullFraction-want.NullFraction) > 0.02 {
		t.Errorf("%s: %.3f are NULL, want %.3f", name, got.NullFraction, want.NullFraction)
	}
	if d := math.Abs(float64(got.Width - want.Width)); d > 0.1*float64(want.Width)+2 {
		t.Errorf("%s: width %d, want %d", name, got.Width, want.Width)
	}
	rows := sourceRows * factor
	// What the ANALYZE of two samples says of numbers of distinct values is within a third.
	if a, b := got.distinct(rows), want.distinct(rows); (a/b > 1.5 || b/a > 1.5) && math.Abs(a-b) > 3 && want.Low == "" {
		t.Errorf("%s: %v distinct values, want %v", name, a, b)
	}
	if len(source.Labels) == 0 && source.Base != "bool" && math.Abs(got.Correlation-want.Correlation) > 0.15 && len(want.Frequencies) == 0 {
		t.Errorf("%s: correlation %.2f, want %.2f", name, got.Correlation, want.Correlation)
	}
	if len(want.Frequencies) > 0 && want.Frequencies[0] > 0.05 && (len(got.Frequencies) == 0 || math.Abs(got.Frequencies[0]-want.Frequencies[0]) > 0.03) {
		t.Errorf("%s: the most common value has %v, want %.3f", name, got.Frequencies, want.Frequencies[0])
	}
}

// keysHold has the server check what was loaded with checks off.
func keysHold(t *testing.T, conn *pgconn.PgConn) {
	t.Helper()
	for _, q := range []string{
		"select count(*) from person p where country is not null and not exists (select 1 from country c where c.code = p.country)",
		"select count(*) from person p where parent is not null and not exists (select 1 from person q where q.id = p.parent)",
		"select count(*) from membership m where not exists (select 1 from person p where p.id = m.person)",
		"select count(*) from membership where until <= since",
	} {
		if n := number(t, conn, q); n != 0 {
			t.Errorf("%d rows: %s", n, q)
		}
	}
	if number(t, conn, "select count(until) from membership") == 0 {
		t.Error("the column with a check on two columns is all NULL")
	}
	execute(t, conn, "insert into person (email, balance, active, token) values ('new@example.com', 1, true, md5('x')::uuid)")
}

func TestSameSeedSameRows(t *testing.T) {
	catalog := &Statistics{Tables: []Table{{Schema: "public", Name: "t", Kind: "table", Columns: []Column{
		{Name: "id", Type: "bigint", Base: "int8", Category: "N", NotNull: true},
		{Name: "name", Type: "text", Base: "text", Category: "S", Shape: &Shape{Width: 20, Distinct: -0.5, NullFraction: 0.25, Frequencies: []float64{0.1}}},
	}, Constraints: []Constraint{{Name: "t_pkey", Type: "p", Columns: []string{"id"}}}}}}
	text := func(seed uint64) string {
		g := NewGenerator(catalog, catalog, map[string]int64{"public.t": 1000}, seed)
		var out bytes.Buffer
		f := g.tables["public.t"]
		if _, err := out.ReadFrom(&rows{columns: f.columns, n: f.rows}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if first, second := text(1), text(1); first != second {
		t.Error("the same seed makes other rows")
	}
	if text(1) == text(2) {
		t.Error("another seed makes the same rows")
	}
	if n := strings.Count(text(1), "\n"); n != 1000 {
		t.Errorf("%d rows", n)
	}
}

// TestTiltedLengths holds the mean of lengths to what the server knows of the column.
func TestTiltedLengths(t *testing.T) {
	skewed := []int{32, 32, 32, 64, 64, 96, 128, 256, 512, 1024}
	for _, c := range []struct {
		lengths    []int
		want, mean float64
	}{
		{skewed, 224, 224}, {skewed, 150, 150}, {skewed, 400, 400}, {skewed, 40, 52}, {skewed, 2000, 1004},
		{[]int{7}, 12, 7}, {[]int{7, 7, 7}, 3, 7}, {[]int{0, 1}, 0.5, 0.5}, {[]int{10, 1 << 20}, 30000, 30000},
	} {
		got := tilted(c.lengths, c.want)
		if m := mean(got); math.Abs(m-c.mean) > 0.03*c.mean {
			t.Errorf("lengths %v tilted to a mean of %v have %.1f, want %v", c.lengths, c.want, m, c.mean)
		}
		if slices.ContainsFunc(got, func(n int) bool { return !slices.Contains(c.lengths, n) }) {
			t.Errorf("lengths %v tilted to a mean of %v hold others: %v", c.lengths, c.want, got)
		}
	}
}
