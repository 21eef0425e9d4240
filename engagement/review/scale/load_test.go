package scale

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/internal/testserver"
)

// TestEveryType loads a table with a column of each type that is known, without statistics.
func TestEveryType(t *testing.T) {
	server := testserver.PostgresFor(t)
	conn := connect(t, server, "postgres")
	types := []string{"smallint", "integer", "bigint", "oid", "numeric", "numeric(6,3)", "numeric(3,0)", "real", "double precision", "money", "boolean",
		"date", "timestamp", "timestamptz(3)", "time", "timetz", "interval", "uuid", "text", "varchar(3)", "char(7)", "name", `"char"`, "json", "jsonb", "bytea",
		"inet", "cidr", "macaddr", "macaddr8", "bit(5)", "bit varying", "tsvector", "tsquery", "xml", "point", "box", "lseg", "line", "circle", "path", "polygon",
		"int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange", "pg_lsn", "int[]", "text[]", "jsonb[]", "uuid[]", "numeric(5,1)[]", "mood", "mood[]", "positive", "point[]", "bytea[]"}
	execute(t, conn, "create type mood as enum ('sad', 'it''s ok')", "create domain positive as int check (value > 0) not null")
	columns := make([]string, len(types))
	for i, c := range types {
		columns[i] = "c" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + " " + c + " not null"
	}
	execute(t, conn, "create table every ("+strings.Join(columns, ", ")+")", "create unique index on every (caa)", "create unique index on every (cac)", "create unique index on every (cas)")
	catalog, err := Read(t.Context(), conn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	g := NewGenerator(catalog, nil, map[string]int64{"public.every": 2000}, 3)
	filled, err := g.Load(t.Context(), conn, nil)
	if err != nil {
		t.Fatal(err)
	}
	if filled[0].Rows != 2000 || len(g.Notes()) > 0 {
		t.Errorf("%+v; %q", filled, g.Notes())
	}
}

func TestRefusals(t *testing.T) {
	server := testserver.PostgresFor(t)
	for name, c := range map[string]struct {
		schema []string
		rows   map[string]int64
		want   map[string]int64
		notes  []string
	}{
		"a check that is not understood, on a column that takes NULL": {
			[]string{"create table t (id int primary key, a int check (a % 2 = 7 % 2 and a > 1000000))"},
			map[string]int64{"t": 100}, map[string]int64{"t": 100}, []string{"a holds NULL or its default"}},
		"the same without NULL, with a default": {
			[]string{"create table t (id int primary key, a text not null default 'x-1' check (a ~ '^x-[0-9]$'))"},
			map[string]int64{"t": 100}, map[string]int64{"t": 100}, []string{"a holds NULL or its default"}},
		"the same without either": {
			[]string{"create table t (id int primary key, a text not null check (a ~ '^x-[0-9]$'))", "create table u (id int primary key)"},
			map[string]int64{"t": 100, "u": 50}, map[string]int64{"t": 0, "u": 50}, []string{"public.t stays empty: new row for relation", "(23514)"}},
		"an exclusion": {
			[]string{"create table t (id int primary key, r int4range not null, exclude using gist (r with &&))"},
			map[string]int64{"t": 100}, map[string]int64{"t": 100}, nil},
		"more rows than a key has room for": {
			[]string{"create table p (id int primary key)", "create table t (p int not null references p, flag bool not null, primary key (p, flag))"},
			map[string]int64{"p": 10, "t": 100}, map[string]int64{"p": 10, "t": 20}, []string{"has 20 rows instead of 100"}},
		"one child each": {
			[]string{"create table p (id int primary key)", "create table t (p int primary key references p)"},
			map[string]int64{"p": 10, "t": 100}, map[string]int64{"p": 10, "t": 10}, []string{"at most as many rows as its parent"}},
		"a circle": {
			[]string{"create table a (id int primary key, b int not null)", "create table b (id int primary key, a int not null references a)", "alter table a add foreign key (b) references b"},
			map[string]int64{"a": 100, "b": 50}, map[string]int64{"a": 100, "b": 50}, []string{"close a circle"}},
		"a key of two columns": {
			[]string{"create table a (x int, y int, primary key (x, y))", "create table t (id int primary key, x int, y int, foreign key (x, y) references a)"},
			map[string]int64{"a": 100, "t": 500}, map[string]int64{"a": 100, "t": 500}, nil},
		"partitions by hash and by list": {
			[]string{"create table h (id int primary key, v text) partition by hash (id)", "create table h0 partition of h for values with (modulus 2, remainder 0)",
				"create table h1 partition of h for values with (modulus 2, remainder 1)",
				"create table l (id int, k text, primary key (id, k)) partition by list (k)", "create table l0 partition of l for values in ('a', 'b')", "create table l1 partition of l for values in ('c')"},
			map[string]int64{"h": 100, "l": 60}, map[string]int64{"h": 100, "l": 60}, nil},
		"a child of a partitioned table": {
			[]string{"create table p (id int, at date, primary key (id, at)) partition by range (at)", "create table p1 partition of p for values from ('2024-01-01') to ('2024-02-01')",
				"create table p2 partition of p for values from ('2024-02-01') to ('2024-03-01')", "create table t (id int primary key, pid int, pat date, foreign key (pid, pat) references p)"},
			map[string]int64{"p": 100, "t": 300}, map[string]int64{"p": 100, "t": 300}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			database := strings.Map(func(r rune) rune {
				if r >= 'a' && r <= 'z' {
					return r
				}
				return '_'
			}, strings.ToLower(name))[:min(len(name), 40)]
			execute(t, connect(t, server, "postgres"), "create database "+database)
			conn := connect(t, server, database)
			execute(t, conn, c.schema...)
			catalog, err := Read(t.Context(), conn, Options{})
			if err != nil {
				t.Fatal(err)
			}
			sizes := map[string]int64{}
			for table, n := range c.rows {
				sizes["public."+table] = n
			}
			g := NewGenerator(catalog, nil, sizes, 1)
			if _, err := g.Load(t.Context(), conn, nil); err != nil {
				t.Fatal(err)
			}
			for table, want := range c.want {
				if got := number(t, conn, "select count(*) from "+table); got != want {
					t.Errorf("%s has %d rows, want %d; %q", table, got, want, g.Notes())
				}
			}
			notes := strings.Join(g.Notes(), "\n")
			for _, want := range c.notes {
				if !strings.Contains(notes, want) {
					t.Errorf("no note says %q: %s", want, notes)
				}
			}
			if len(c.notes) == 0 && notes != "" {
				t.Errorf("notes: %s", notes)
			}
			// The server checks again what it was told not to check.
			for i := range catalog.Tables {
				for _, k := range catalog.Tables[i].Constraints {
					if k.Type == "f" && catalog.Tables[i].PartitionOf == "" {
						table := quote(&catalog.Tables[i])
						execute(t, conn, "alter table "+table+" drop constraint "+quoteName(k.Name), "alter table "+table+" add "+k.Definition)
					}
				}
			}
		})
	}
}
