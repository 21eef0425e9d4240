package datadiff_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// typeCase is a type of PostgreSQL with its partners, and values of which is said whether they are the
// same. An empty literal means that the product cannot hold the value; "=" means the literal of
// PostgreSQL.
type typeCase struct {
	pg, my, lite string
	values       []valueCase
}

type valueCase struct {
	pg, my, lite string
	same         bool
}

// alike is a value that all products write in the same way.
func alike(lits ...string) (out []valueCase) {
	for _, l := range lits {
		out = append(out, valueCase{l, l, l, true})
	}
	return out
}

// unlike is a value of PostgreSQL beside another one of the partners.
func unlike(pg, other string) valueCase { return valueCase{pg, other, other, false} }

func typeCases() []typeCase {
	null := append(alike("null"), unlike("null", "''"), unlike("''", "null"), unlike("null", "'<null>'"), unlike("''", "' '"))
	texts := append(slices.Clone(null), alike("'plain'", "'with | bar'", "'Ünïcödé 🦊'", "'  blanks  '", "'line\nend'", "'back\\slash'")...)
	texts = append(texts, unlike("'case'", "'CASE'"), unlike("'a'", "'a '"), unlike("'e'", "'é'"))
	ints := append(alike("null", "0", "-1", "42"), unlike("0", "null"), unlike("1", "-1"))
	return []typeCase{
		{"smallint", "smallint", "smallint", append(slices.Clone(ints), alike("32767", "-32768")...)},
		{"integer", "int", "integer", append(slices.Clone(ints), alike("2147483647", "-2147483648")...)},
		{"bigint", "bigint", "bigint", append(slices.Clone(ints), alike("9223372036854775807", "-9223372036854775808")...)},
		{"numeric(20)", "bigint unsigned", "", append(alike("null", "0", "18446744073709551615"), unlike("18446744073709551615", "18446744073709551614"))},
		{"boolean", "tinyint(1)", "boolean", []valueCase{{"true", "1", "1", true}, {"false", "0", "0", true}, {"null", "null", "null", true}, {"true", "0", "0", false}, {"false", "null", "null", false}}},
		{"numeric(20,6)", "decimal(20,6)", "numeric(20,6)", append(alike("null", "0", "1.5", "0.000001"), valueCase{"-12345678901234.123456", "-12345678901234.123456", "", true}, valueCase{"-12345678901234.123456", "", "-12345678901234.123456", false}, unlike("0.0", "null"), unlike("0.000001", "0.000002"))},
		{"numeric", "decimal(40,10)", "", append(alike("1.10", "1e20", "-0.5"), unlike("1", "1.0000000001"), valueCase{"'NaN'", "null", "", false}, valueCase{"1e30", "999999999999999999999999999999", "", false})},
		{"double precision", "double", "double", append(alike("null", "0", "1.5", "-2.25e300", "1e-300", "0.1", "123456789.12345678"), unlike("1e-15", "9e-15"), unlike("0.1", "0.10000000000000002"), unlike("1e30", "1.0000000000000002e30"), unlike("0.0", "null"),
			valueCase{"'-0'", "0", "0", true}, valueCase{"'Infinity'", "1e308", "1e308", false}, valueCase{"'NaN'", "null", "null", false}, valueCase{"'NaN'", "0", "0", false})},
		{"real", "float", "", append(alike("null", "0", "1.5"), valueCase{"12499.875", "12499.875", "", true}, unlike("12499.875", "12499.9"), unlike("16777216", "16777218"))},
		{"text", "longtext", "text", texts},
		{"varchar(60)", "varchar(60)", "varchar(60)", texts},
		{"text", "varchar(60) charset latin1", "", append(alike("null", "'café'", "'ÿ'"), unlike("'cafe'", "'café'"))},
		{"char(8)", "char(8)", "char(8)", append(alike("null", "'abc'", "'12345678'"), valueCase{"'ab'", "'ab'", "'ab      '", true}, unlike("'ab'", "'ac'"), unlike("''", "null"))},
		{"bytea", "blob", "blob", []valueCase{{`'\x00ff10'`, "x'00ff10'", "x'00ff10'", true}, {`'\x'`, "x''", "x''", true}, {"null", "null", "null", true}, {`'\x'`, "null", "null", false}, {`'\x00'`, "x'0000'", "x'0000'", false}}},
		{"bytea", "varbinary(20)", "", []valueCase{{`'\x00ff10'`, "x'00ff10'", "", true}, {`'\x2000'`, "x'20'", "", false}}},
		{"date", "date", "date", append(alike("null", "'2026-11-27'", "'1000-01-01'", "'9999-12-31'", "'1969-12-31'"), unlike("'2026-11-27'", "'2026-11-28'"), valueCase{"'infinity'", "null", "null", false}, valueCase{"'0044-03-15 BC'", "'0044-03-15'", "'0044-03-15'", false})},
		{"timestamp(6)", "datetime(6)", "timestamp", append(alike("null", "'2026-11-27 10:11:12.123456'", "'1969-12-31 23:59:59.999999'", "'1000-01-01 00:00:00'"), unlike("'2026-11-27 10:11:12.123456'", "'2026-11-27 10:11:12.123457'"), unlike("'2026-11-27 10:11:12'", "'2026-11-27 11:11:12'"),
			valueCase{"'infinity'", "null", "null", false}, valueCase{"'-infinity'", "'1000-01-01'", "'1000-01-01'", false}, valueCase{"'0044-03-15 12:00:00 BC'", "'0044-03-15 12:00:00'", "'0044-03-15 12:00:00'", false}, valueCase{"'1970-01-01'", "'0000-00-00 00:00:00'", "", false}, valueCase{"null", "'0000-00-00 00:00:00'", "", false})},
		{"timestamp(0)", "datetime", "datetime", append(alike("null", "'2026-11-27 10:11:12'"), unlike("'2026-11-27 10:11:12'", "'2026-11-27 10:11:13'"))},
		{"timestamptz", "timestamp(6) null", "timestamptz", []valueCase{{"'2026-11-27 10:00:00+00'", "'2026-11-27 10:00:00'", "'2026-11-27 10:00:00+00:00'", true}, {"'2026-11-27 12:00:00+02'", "'2026-11-27 10:00:00'", "'2026-11-27 12:00:00+02:00'", true},
			{"'2026-11-27 12:00:00+00'", "'2026-11-27 10:00:00'", "'2026-11-27 10:00:00Z'", false}, {"null", "null", "null", true}}},
		{"timestamptz", "datetime(6)", "", []valueCase{{"'2026-11-27 12:00:00+02'", "'2026-11-27 10:00:00'", "", true}, {"'2026-11-27 10:00:00+00'", "'2026-11-27 11:00:00'", "", false}}},
		{"time(6)", "time(6)", "time", append(alike("null", "'10:11:12.123456'", "'00:00:00'", "'23:59:59.999999'"), unlike("'10:11:12'", "'10:11:13'"), valueCase{"'00:00:01'", "'-00:00:01'", "", false})},
		{"uuid", "char(36)", "text", append(alike("null", "'123e4567-e89b-12d3-a456-426614174000'"), valueCase{"'123e4567-e89b-12d3-a456-426614174000'", "'123E4567-E89B-12D3-A456-426614174000'", "'123E4567-E89B-12D3-A456-426614174000'", true}, unlike("'123e4567-e89b-12d3-a456-426614174000'", "'123e4567-e89b-12d3-a456-426614174001'"))},
		{"uuid", "binary(16)", "uuid", []valueCase{{"'123e4567-e89b-12d3-a456-426614174000'", "x'123e4567e89b12d3a456426614174000'", "'123e4567-e89b-12d3-a456-426614174000'", true}, {"'123e4567-e89b-12d3-a456-426614174000'", "x'023e4567e89b12d3a456426614174000'", "'023e4567-e89b-12d3-a456-426614174000'", false}}},
		{"uuid", "uuid", "", append(alike("null", "'123e4567-e89b-12d3-a456-426614174000'"), unlike("'123e4567-e89b-12d3-a456-426614174000'", "'123e4567-e89b-12d3-a456-426614174001'"))},
		{"jsonb", "json", "json", append(alike("null", `'{"a": 1, "b": [true, null, "x"]}'`), valueCase{`'{"b":2,"a":1}'`, `'{"a": 1,  "b": 2}'`, `'{"a":1,"b":2}'`, true}, valueCase{`'1.0'`, `'1'`, `'1'`, true}, unlike(`'{"a": null}'`, `'{}'`), unlike(`'null'`, "null"), unlike(`'[1,2]'`, `'[2,1]'`))},
		{"json", "json", "", append(alike(`'{"a": "ü"}'`), unlike(`'{"a": 1}'`, `'{"a": "1"}'`))},
		{"bit(12)", "bit(12)", "", []valueCase{{"B'000000000101'", "b'101'", "", true}, {"B'000000000101'", "b'111'", "", false}, {"null", "null", "", true}}},
		{"varchar(10)", "enum('small','large')", "text", append(alike("null", "'small'", "'large'"), unlike("'small'", "'large'"))},
		{"text", "set('a','b','c')", "", append(alike("'a,b'", "''"), unlike("'a'", "'a,c'"))},
		{"smallint", "year", "", append(alike("null", "1999", "2026"), unlike("2026", "2025"))},
		{"inet", "varchar(50)", "text", append(alike("null", "'10.0.0.1'", "'2001:db8::1'"), unlike("'10.0.0.1'", "'10.0.0.2'"))},
		{"macaddr", "varchar(50)", "text", append(alike("'08:00:2b:01:02:03'"), unlike("'08:00:2b:01:02:03'", "'08:00:2b:01:02:04'"))},
		{"money", "decimal(12,2)", "", []valueCase{{"'12.34'::money", "12.34", "", true}, {"'-0.01'::money", "0.01", "", false}, {"null", "null", "", true}}},
		{"name", "varchar(63)", "text", append(alike("'some_name'"), unlike("'some_name'", "'Some_name'"))},
		{"oid", "int unsigned", "integer", append(alike("0", "4294967295"), unlike("1", "2"))},
		{"interval", "varchar(60)", "text", append(alike("null"), unlike("'1 day'", "'2 days'"))},
		{"xml", "text", "text", append(alike("'<a>1</a>'"), unlike("'<a>1</a>'", "'<a>2</a>'"))},
		{"point", "varchar(60)", "text", append(alike("'(1,2)'"), unlike("'(1,2)'", "'(1,3)'"))},
		{"int4range", "varchar(60)", "text", append(alike("'[1,5)'"), unlike("'[1,5)'", "'[1,6)'"))},
		{"tsvector", "varchar(60)", "", append(alike("'''a'' ''b'''"), unlike("'''a'''", "'''b'''"))},
	}
}

func TestTypes(t *testing.T) {
	all := stores(t)
	for i, c := range typeCases() {
		for _, other := range []dialect.Kind{dialect.MySQL, dialect.SQLite} {
			typ := c.my
			if other == dialect.SQLite {
				typ = c.lite
			}
			if typ == "" {
				continue
			}
			t.Run(fmt.Sprintf("%s with %s %s", c.pg, other, typ), func(t *testing.T) {
				a, b := all[dialect.Postgres], all[other]
				name := fmt.Sprintf("types_%d", i)
				var rowsA, rowsB, want []string
				for id, v := range c.values {
					lit := v.my
					if other == dialect.SQLite {
						lit = v.lite
					}
					if lit == "" {
						continue
					}
					rowsA = append(rowsA, fmt.Sprintf("(%d, %s)", id, v.pg))
					rowsB = append(rowsB, fmt.Sprintf("(%d, %s)", id, lit))
					if !v.same {
						want = append(want, fmt.Sprintf("changed %d", id))
					}
				}
				a.exec(t, "drop table if exists "+name, fmt.Sprintf("create table %s (id int primary key, v %s)", name, c.pg), fmt.Sprintf("insert into %s values %s", name, strings.Join(rowsA, ", ")))
				b.exec(t, "drop table if exists "+name, fmt.Sprintf("create table %s (id int primary key, v %s)", name, typ), fmt.Sprintf("insert into %s values %s", name, strings.Join(rowsB, ", ")))
				for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable} {
					got, err := compare(t, a.side(name), b.side(name), datadiff.Options{Plan: plan})
					if err != nil && strings.Contains(err.Error(), "cannot be used") {
						continue
					}
					if err != nil {
						t.Fatalf("%s: %v", plan, err)
					}
					slices.Sort(want)
					slices.Sort(got.lines)
					if !slices.Equal(got.lines, want) {
						t.Errorf("%s, compared as %s: %q, want %q", plan, got.Pairing.Columns[1].Form, got.lines, want)
					}
				}
			})
		}
	}
}

// What tools that join text get wrong: two columns whose border moves.
func TestSeparators(t *testing.T) {
	all := stores(t)
	for _, kind := range []dialect.Kind{dialect.Postgres, dialect.MySQL, dialect.SQLite} {
		s := all[kind]
		for _, table := range []string{"sep_a", "sep_b"} {
			s.exec(t, "drop table if exists "+table, "create table "+table+" (id int primary key, x varchar(20), y varchar(20))")
		}
		s.exec(t, "insert into sep_a values (1, 'a|b', 'c'), (2, 'a,b', 'c'), (3, null, 'x'), (4, 'a', null)",
			"insert into sep_b values (1, 'a', 'b|c'), (2, 'a', 'b,c'), (3, '', 'x'), (4, null, 'a')")
		for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable, datadiff.Native, datadiff.Join} {
			got, err := compare(t, s.side("sep_a"), s.side("sep_b"), datadiff.Options{Plan: plan})
			if err != nil && strings.Contains(err.Error(), "cannot be used") {
				continue
			}
			if err != nil {
				t.Fatalf("%s %s: %v", kind, plan, err)
			}
			if got.Changed != 4 {
				t.Errorf("%s %s: %q", kind, plan, got.lines)
			}
		}
	}
}
