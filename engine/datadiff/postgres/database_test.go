package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/postgres"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// bench is a server with a database, a session, and a connection that may write.
type bench struct {
	t    testing.TB
	url  string
	d    *postgres.Database
	conn *pgconn.PgConn
}

func newBench(t testing.TB, statements ...string) *bench {
	t.Helper()
	server := testserver.PostgresFor(t)
	conn, err := pgconn.Connect(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	u, err := database.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, url: server.URL, conn: conn}
	for _, s := range statements {
		b.exec(s)
	}
	if b.d, err = postgres.Open(t.Context(), u, database.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.d.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) exec(sql string) {
	b.t.Helper()
	if _, err := b.conn.Exec(b.t.Context(), sql).ReadAll(); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
}

// value is the first value of a query.
func (b *bench) value(sql string) string {
	b.t.Helper()
	results, err := b.conn.Exec(b.t.Context(), sql).ReadAll()
	if err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
	return string(results[len(results)-1].Rows[0][0])
}

func (b *bench) table(name string) *dialect.Table {
	b.t.Helper()
	t, err := b.d.Table(b.t.Context(), dialect.ParseTableName(name))
	if err != nil {
		b.t.Fatal(err)
	}
	return t
}

// relation reads a table in the best forms; keys names the columns of the key.
func (b *bench) relation(name string, keys ...string) *dialect.Relation {
	b.t.Helper()
	t := b.table(name)
	r := &dialect.Relation{Table: t}
	for _, k := range keys {
		c := *t.Column(k)
		r.Key = append(r.Key, dialect.Field{Column: c, Form: b.d.Offers(c)[0].Form})
	}
	for _, c := range t.Columns {
		if !slices.Contains(keys, c.Name) {
			r.Columns = append(r.Columns, dialect.Field{Column: c, Form: b.d.Offers(c)[0].Form})
		}
	}
	return r
}

func (b *bench) session() dialect.Session {
	b.t.Helper()
	s, err := b.d.Open(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.t.Error(err)
		}
	})
	return s
}

// collect returns a RowFunc that keeps rows, and them.
func collect() (dialect.RowFunc, *[][]byte) {
	var out [][]byte
	return func(cells []byte, _ int) error {
		out = append(out, bytes.Clone(cells))
		return nil
	}, &out
}

// format prints the cells of a row.
func format(t testing.TB, cells []byte) string {
	t.Helper()
	var parts []string
	for len(cells) > 0 {
		cell, rest, err := canon.Next(cells)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, canon.Format(cell))
		cells = rest
	}
	return strings.Join(parts, " | ")
}

const kinds = `
	create type mood as enum ('sad', 'it''s "ok"', 'happy');
	create domain price as numeric(12,2) not null default 0;
	create domain code as text check (value <> 'bad');
	create type pair as (a int, b text);
	create table kinds (kind text primary key);`

// typed are columns of a type with values that go wrong easily.
var typed = []struct{ name, typ, values string }{
	{"boolean", "boolean", "(true),(false)"},
	{"smallint", "smallint", "(0),(-32768),(32767)"},
	{"integer", "integer", "(0),(-2147483648),(2147483647)"},
	{"bigint", "bigint", "(0),(-9223372036854775808),(9223372036854775807)"},
	{"oid", "oid", "(0),(4294967295)"},
	{"numeric", "numeric", "(0),(1.10),(-0.00),(-0.000012),(1e30),(1e-300),(123456789012345678901234567890.1234567890),('NaN'),('Infinity'),('-Infinity'),(10000),(100.00)"},
	{"numeric12_2", "numeric(12,2)", "(0),(1.10),(-1234567890.01),(10000)"},
	{"numeric18", "numeric(18,0)", "(0),(-999999999999999999),(10000),(1)"},
	{"price", "price", "(0),(1.50),(-12.34)"},
	{"money", "money", "(0),('-1234.50'),(92233720368547758.07)"},
	{"real", "real", "(0),('-0'),(0.1),(12499.875),('NaN'),('Infinity'),('-Infinity'),(1e-45),(3.4028235e38)"},
	{"double", "double precision", "(0),('-0'),(0.1),(1e-15),(9e-15),('NaN'),('Infinity'),('-Infinity'),(5e-324),(1.7976931348623157e308)"},
	{"text", "text", `(''),('a'),('A'),(' a '),('<null>'),('a|b'),('it''s'),('back\slash'),('\x41'),(E'tab\tnew\nline'),('é'),('😀'),('NULL'),('1:a')`},
	{"varchar", "varchar(20)", `(''),('a '),('😀')`},
	{"code", "code", `('x'),('it''s')`},
	{"char", "char(5)", `(''),('a'),('a b'),('é'),('😀')`},
	{"onechar", `"char"`, `('a'),('')`},
	{"name", "name", `('x'),('it''s')`},
	{"mood", "mood", `('sad'),('it''s "ok"')`},
	{"bytea", "bytea", `(''),('\x00'),('\x00ff5c27'),('abc')`},
	{"uuid", "uuid", `('550e8400-e29b-41d4-a716-446655440000'),('00000000-0000-0000-0000-000000000000'),('ffffffff-ffff-ffff-ffff-ffffffffffff')`},
	{"date", "date", `('1970-01-01'),('1969-12-31'),('0044-03-15 BC'),('0001-01-01'),('0001-12-31 BC'),('infinity'),('-infinity'),('12026-02-28'),('5874897-12-31'),('4713-01-01 BC')`},
	{"time", "time", `('00:00'),('23:59:59.999999'),('24:00:00'),('00:00:00.000001')`},
	{"timestamp", "timestamp", `('1970-01-01 00:00'),('1969-12-31 23:59:59.999999'),('2026-11-27 10:00:00.123456'),('0044-03-15 12:00:00.000001 BC'),('infinity'),('-infinity'),('12026-02-28 01:02:03.000009'),('290000-01-01 00:00:00.000001'),('4713-01-01 00:00 BC'),('2100-01-01 00:00:00.000001')`},
	{"timestamptz", "timestamptz", `('1970-01-01 00:00+02'),('2026-11-27 10:00:00.5+05:30'),('0044-03-15 12:00:00 BC'),('infinity'),('-infinity')`},
	{"interval", "interval", `('0'),('1 mon'),('30 days'),('-1 mon 2 days -03:04:05.000006'),('-0.000001 s'),('178000000 years'),('1000000 hours')`},
	{"bit", "bit(5)", `(B'00000'),(B'10110'),(B'11111')`},
	{"bit64", "bit(64)", `(B'1000000000000000000000000000000000000000000000000000000000000001')`},
	{"varbit", "varbit", `(B''),(B'0'),(B'00'),(B'101100111')`},
	{"json", "json", `('{"b": 1.50, "a": [null, true, false, "x\"\\\n\u00e9"], "c": {}}'),('null'),('"text"'),('12e3'),('[]')`},
	{"jsonb", "jsonb", `('{"b": 1.50, "a": [null, true]}'),('null'),('"it''s"'),('-0.10'),('[[[1]]]')`},
	{"inet", "inet", `('10.0.0.1'),('10.0.0.1/8'),('::1')`},
	{"cidr", "cidr", `('10.0.0.0/8'),('192.168.1.0/24')`},
	{"macaddr", "macaddr", `('08:00:2b:01:02:03')`},
	{"ints", "int[]", `('{}'),('{1,NULL,3}'),('[2:3]={4,5}'),('{{1,2},{3,4}}'),('[0:1][-1:0]={{1,2},{3,NULL}}')`},
	{"texts", "text[]", `('{}'),('{"a","b,c","it''s","q\"\\","NULL",NULL,""}')`},
	{"prices", "price[]", `('{1.50,2}')`},
	{"moods", "mood[]", `('{sad,happy}')`},
	{"stamps", "timestamptz[]", `('{2026-11-27 10:00:00+02,infinity}')`},
	{"bytes", "bytea[]", `('{"\\x00ff"}')`},
	{"docs", "jsonb[]", `('{"{\"a\": 1}",NULL}')`},
	{"timetz", "timetz", `('10:00:00+02'),('24:00:00-01')`},
	{"range", "int4range", `('[1,5)'),('empty')`},
	{"point", "point", `('(1,2)')`},
	{"pair", "pair", `('(1,"a b")'),('(,)')`},
	{"tsvector", "tsvector", `('a fat cat'),('')`},
	{"xid", "xid", `('1'),('4294967295')`},
	{"tid", "tid", `('(0,1)')`},
}

func typedBench(t testing.TB) *bench {
	b := newBench(t, kinds)
	for _, c := range typed {
		null := ",(null)"
		if c.typ == "price" {
			null = ""
		}
		b.exec(fmt.Sprintf(`create table t_%s (id int generated always as identity primary key, v %s); insert into t_%[1]s (v) values %[3]s%[4]s; analyze t_%[1]s`, c.name, c.typ, c.values, null))
	}
	return b
}

// TestEveryTypeInEveryForm streams each type in each form that it offers. The values of a form come
// back as literals, equal to what is stored; its portable hash is that of package portable.
func TestEveryTypeInEveryForm(t *testing.T) {
	b := typedBench(t)
	for _, c := range typed {
		t.Run(c.name, func(t *testing.T) {
			r := b.relation("t_"+c.name, "id")
			column := r.Columns[0].Column
			offers := b.d.Offers(column)
			if last := offers[len(offers)-1]; last.Form != dialect.Inexact {
				t.Errorf("the last resort is %s", last.Form)
			}
			for _, offer := range offers {
				b.roundTrip(t, c.name, r, offer.Form)
			}
		})
	}
}

// TestCitext: text without regard to case is read by its bytes, and not hashed natively.
func TestCitext(t *testing.T) {
	b := newBench(t)
	if b.value(`select count(*) from pg_available_extensions where name = 'citext'`) == "0" {
		t.Skip("the server has no extension citext")
	}
	b.exec(`create extension citext; create table t_citext (id int primary key, v citext); insert into t_citext values (1, 'Ab'), (2, 'aB '), (3, null)`)
	r := b.relation("t_citext", "id")
	if r.Columns[0].Form != dialect.Text || r.Columns[0].Column.Sorted {
		t.Errorf("%+v", r.Columns[0])
	}
	if _, ok, err := b.d.NativeHash(t.Context(), r); ok || err != nil {
		t.Errorf("a native hash: %v %v", ok, err)
	}
	for _, form := range []dialect.Form{dialect.Text, dialect.Inexact} {
		b.roundTrip(t, "citext", r, form)
	}
	left := b.relation("t_citext", "id")
	left.Key, left.Columns = left.Columns, nil
	if err := b.session().Join(t.Context(), left, left, func(int, []byte, int) error { return nil }); err != nil {
		t.Error(err)
	}
}

// refuses says which values are legitimately no value of a form: text that is no UUID, or no JSON.
func refuses(typ string, form dialect.Form) bool {
	switch form {
	case dialect.UUID, dialect.JSON:
		return typ != "uuid" && typ != "json" && typ != "jsonb"
	case dialect.Timestamp:
		return typ == "date" // its last year is too late
	}
	return false
}

func (b *bench) roundTrip(t *testing.T, typ string, r *dialect.Relation, form dialect.Form) {
	r.Columns[0].Form = form
	s, err := b.d.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	row, rows := collect()
	err = s.Stream(t.Context(), r, dialect.Range{}, row)
	if refuses(typ, form) {
		if err == nil || !strings.Contains(err.Error(), "column v") {
			t.Errorf("%s: an error that names the column is due, got %v", form, err)
		}
		return
	}
	if err != nil {
		t.Errorf("%s: %v", form, err)
		return
	}
	column := r.Columns[0].Column
	for _, cells := range *rows {
		id, value, err := canon.Next(cells)
		if err != nil {
			t.Fatal(err)
		}
		literal, err := b.d.Literal(column, value)
		if err != nil {
			t.Errorf("%s: %s: %v", form, canon.Format(value), err)
			continue
		}
		// Types without equality are compared as text: json is written anew, so as jsonb.
		cast := ""
		switch {
		case typ == "json":
			cast = "::jsonb"
		case form == dialect.Inexact || typ == "point" || typ == "xid":
			cast = "::text"
		case typ == "text" && form == dialect.TextTrimmed, typ == "varchar" && form == dialect.TextTrimmed:
			cast = "::text::char(99)"
		case form == dialect.Timestamp && typ == "date":
			cast = "::timestamp"
		}
		if testing.Verbose() {
			t.Logf("%s %s", form, literal)
		}
		if got := b.value(fmt.Sprintf("select (v%s is not distinct from (%s)%s)::text from t_%s where id = %s", cast, literal, cast, typ, canon.Format(id))); got != "true" {
			t.Errorf("%s: the literal %s is not the value of row %s", form, literal, canon.Format(id))
		}
	}
	b.sameHash(t, s, r, *rows)
	made, generated := collect()
	if err := s.Generate(t.Context(), r, 7, made); err != nil || len(*generated) != 7 {
		t.Errorf("%s: generate: %d rows, %v", form, len(*generated), err)
	}
}
