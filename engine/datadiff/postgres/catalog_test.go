package postgres_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

func TestCatalog(t *testing.T) {
	b := newBench(t, kinds,
		`create table parent (a int, b text collate "POSIX", primary key (b, a))`,
		`create table "Odd ""name" (
			id int generated always as identity primary key, serial serial, a int default 7, b text collate "POSIX", p price, total numeric(10,2) generated always as (a * 2) stored,
			icu text collate "en-x-icu" not null, "dropped" int, v varchar(10) not null, foreign key (b, a) references parent deferrable)`,
		`alter table "Odd ""name" drop column dropped`,
		`create unique index u_good on "Odd ""name" (v, id) include (a)`, `create unique index u_null on "Odd ""name" (a)`,
		`create unique index u_part on "Odd ""name" (v) where id > 5`, `create index i_expr on "Odd ""name" (lower(icu), id desc)`,
		`create table parted (id int, v text) partition by range (id)`, `create table parted_1 partition of parted for values from (0) to (1000)`, `create table parted_2 partition of parted for values from (1000) to (2000)`,
		`insert into parted select i, 'x' from generate_series(0, 1499) i`, `analyze parted_1; analyze parted_2`,
		`create view seen as select 1 as one, 'x'::text as two`, `create materialized view kept as select i from generate_series(1, 10) i`, `create table fresh (id int)`,
		`create schema other`, `create table other.t (id uuid)`, `create sequence counter`)
	odd := b.table(`Odd "name`)
	if odd.Name.Schema != "public" || odd.View || odd.Rows != -1 || odd.Bytes < 0 {
		t.Errorf("%+v", odd)
	}
	var got []string
	for _, c := range odd.Columns {
		got = append(got, fmt.Sprint(c.Name, " ", c.Type, " ", c.NotNull, " ", c.Generated, " ", c.AlwaysIdentity, " ", c.AutoIncrement, " ", c.Collation, " ", c.Sorted))
	}
	want := []string{
		"id integer true false true true  true", "serial integer true false false true  true", "a integer false false false false  true", "b text false false false false POSIX true",
		"p price true false false false  true", "total numeric(10,2) false true false false  true", "icu text true false false false en-x-icu false", "v character varying(10) true false false false C true",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("columns\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if odd.Columns[2].Default != "7" {
		t.Errorf("default %q", odd.Columns[2].Default)
	}
	if !reflect.DeepEqual(odd.PrimaryKey, []string{"id"}) || !reflect.DeepEqual(odd.Unique, [][]string{{"v", "id"}}) {
		t.Errorf("keys %v, %v", odd.PrimaryKey, odd.Unique)
	}
	indexes := []dialect.Index{
		{Name: "i_expr", Columns: []string{"(lower(icu))", "id"}}, {Name: "u_good", Columns: []string{"v", "id"}, Unique: true},
		{Name: "u_null", Columns: []string{"a"}, Unique: true}, {Name: "u_part", Columns: []string{"v"}, Unique: true, Where: "(id > 5)"},
	}
	if !reflect.DeepEqual(odd.Indexes, indexes) {
		t.Errorf("indexes %+v", odd.Indexes)
	}
	if len(odd.ForeignKeys) != 1 || !reflect.DeepEqual(odd.ForeignKeys[0].RefColumns, []string{"b", "a"}) || odd.ForeignKeys[0].References.Name != "parent" || !odd.ForeignKeys[0].Deferrable {
		t.Errorf("foreign keys %+v", odd.ForeignKeys)
	}
	if parent := b.table("parent"); !reflect.DeepEqual(parent.PrimaryKey, []string{"b", "a"}) || parent.Columns[0].Default != "" {
		t.Errorf("%+v", parent)
	}
	if parted := b.table("parted"); parted.Rows != 1500 || parted.Bytes < 16384 || parted.View {
		t.Errorf("the sum of partitions: %d rows, %d bytes", parted.Rows, parted.Bytes)
	}
	if seen, kept := b.table("seen"), b.table("kept"); !seen.View || seen.Rows != -1 || seen.Bytes != -1 || !kept.View || kept.Bytes < 0 {
		t.Errorf("views %+v, %+v", seen, kept)
	}
	if other := b.table("other.t"); other.Name.Schema != "other" || len(other.Columns) != 1 {
		t.Errorf("%+v", other)
	}
	if _, err := b.d.Table(t.Context(), dialect.TableName{Name: "counter"}); err == nil {
		t.Error("a sequence is taken for a table")
	}
	tables, err := b.d.Tables(t.Context(), "")
	if err != nil || fmt.Sprint(tables) != `[public."Odd ""name" public.fresh public.kinds public.parent public.parted]` {
		t.Errorf("%v, %v", tables, err)
	}
	if !b.d.Local() || !strings.HasPrefix(b.d.Product(), "PostgreSQL 1") || !strings.Contains(b.d.Server(), "started") {
		t.Errorf("%v %q %q", b.d.Local(), b.d.Product(), b.d.Server())
	}
}

// TestLiteralsThatDoNotFit: a bound of the other side may lie beyond a column's type, and is compared all
// the same, neither rounded nor cut.
func TestLiteralsThatDoNotFit(t *testing.T) {
	b := newBench(t, `create table t (s smallint, i int, l bigint, n numeric(4,1), c char(3), b bit(3), f boolean, d date, r real)`)
	table := b.table("t")
	decimal := func(text string) []byte {
		cell, err := canon.AppendDecimal(nil, text)
		if err != nil {
			t.Fatal(err)
		}
		return cell
	}
	for _, c := range []struct {
		column string
		cell   []byte
		want   string
	}{
		{"s", canon.AppendInt(nil, 40000), "'40000'::bigint"}, {"i", canon.AppendInt(nil, -3000000000), "'-3000000000'::bigint"}, {"i", canon.AppendInt(nil, -5), "'-5'::integer"},
		{"l", canon.AppendUint(nil, 1<<63), "'9223372036854775808'::numeric"}, {"l", decimal("1.5"), "'1.5'::numeric"}, {"l", decimal("15"), "'15'::bigint"},
		{"n", decimal("12345.678"), "'12345.678'::numeric"}, {"c", canon.AppendText(nil, "abcdef"), "'abcdef'::bpchar"}, {"b", canon.AppendInt(nil, 8), ""}, {"b", canon.AppendInt(nil, 5), `'101'::"bit"`},
		{"f", canon.AppendInt(nil, 2), ""}, {"d", canon.AppendTimestamp(nil, 1), "'1970-01-01 00:00:00.000001'::timestamp"}, {"d", canon.AppendTimestamp(nil, 0), "'1970-01-01'::date"},
		{"r", canon.AppendFloat64(nil, 0.1), "'0.1'::float8"}, {"i", canon.AppendNull(nil), "NULL::integer"},
	} {
		got, err := b.d.Literal(*table.Column(c.column), c.cell)
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s in %s: %s, %v, want %s", canon.Format(c.cell), c.column, got, err, c.want)
			continue
		}
		if got != "" {
			b.value("select count(*) from t where " + c.column + " >= " + got)
		}
	}
}
