package mysql

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

func TestTableReadsTheCatalog(t *testing.T) {
	d := open(t)
	run(t, d, "DROP VIEW IF EXISTS test.cat_view", "DROP TABLE IF EXISTS test.cat_child, test.cat, test.cat_hist",
		"CREATE TABLE test.cat (id INT UNSIGNED AUTO_INCREMENT, code VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT 'it''s', n DECIMAL(12,2) DEFAULT 1.5, note TEXT CHARACTER SET utf8mb4, "+
			"twice INT AS (id * 2) VIRTUAL, at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), "+
			"PRIMARY KEY (id, code), UNIQUE KEY by_code (code), UNIQUE KEY by_n (n), UNIQUE KEY by_prefix (code(5)), KEY by_note (note(10), id)) ENGINE=InnoDB",
		"INSERT INTO test.cat (code, n, note) VALUES ('a', 1, REPEAT('x', 100)), ('b', 2, REPEAT('y', 100))",
		"CREATE TABLE test.cat_child (id INT PRIMARY KEY, parent INT UNSIGNED, code VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, CONSTRAINT to_cat FOREIGN KEY (parent, code) REFERENCES test.cat (id, code))",
		"CREATE VIEW test.cat_view AS SELECT id, code FROM test.cat", "ANALYZE TABLE test.cat")
	c, err := d.Table(t.Context(), dialect.TableName{Name: "cat"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Name.String() != "test.cat" || c.View || c.Rows != 2 || c.Bytes <= 0 {
		t.Errorf("%+v", c)
	}
	if !slices.Equal(c.PrimaryKey, []string{"id", "code"}) || !reflect.DeepEqual(c.Unique, [][]string{{"code"}}) {
		t.Errorf("keys %v, %v", c.PrimaryKey, c.Unique)
	}
	var indexes []string
	for _, i := range c.Indexes {
		indexes = append(indexes, i.Name+" "+strings.Join(i.Columns, ","))
	}
	if want := []string{"by_code code", "by_n n", "by_note (`note`(10)),id", "by_prefix (`code`(5))"}; !slices.Equal(indexes, want) {
		t.Errorf("indexes %q", indexes)
	}
	if id := c.Columns[0]; !id.AutoIncrement || !id.NotNull || !id.Sorted || id.Width != 4 || !strings.HasSuffix(id.Type, "unsigned") {
		t.Errorf("%+v", id)
	}
	if code := c.Columns[1]; code.Collation != "utf8mb4_bin" || code.Default != "'it''s'" || code.Sorted {
		t.Errorf("%+v", code)
	}
	if c.Columns[2].Default != "1.50" || c.Columns[3].Default != "" || !c.Columns[4].Generated || !strings.Contains(strings.ToLower(c.Columns[5].Default), "current_timestamp(6)") {
		t.Errorf("%+v", c.Columns[2:])
	}
	child, err := d.Table(t.Context(), dialect.ParseTableName("test.cat_child"))
	if err != nil {
		t.Fatal(err)
	}
	want := []dialect.ForeignKey{{Name: "to_cat", Columns: []string{"parent", "code"}, References: c.Name, RefColumns: []string{"id", "code"}}}
	if !reflect.DeepEqual(child.ForeignKeys, want) {
		t.Errorf("%+v", child.ForeignKeys)
	}
	view, err := d.Table(t.Context(), dialect.TableName{Name: "cat_view"})
	if err != nil || !view.View || len(view.Columns) != 2 {
		t.Errorf("%+v, %v", view, err)
	}
	tables, err := d.Tables(t.Context(), "")
	if err != nil || !slices.Contains(tables, c.Name) || slices.Contains(tables, view.Name) {
		t.Errorf("%v, %v", tables, err)
	}
	if !d.Local() || !strings.Contains(d.Server(), ":") || d.Kind() != dialect.MySQL {
		t.Error(d.Local(), d.Server())
	}
}

// The types and tables that MariaDB has alone.
func TestMariaDBTypes(t *testing.T) {
	d := open(t)
	if !d.mariadb {
		t.Skip("MySQL has none of them")
	}
	run(t, d, "DROP TABLE IF EXISTS test.own", "CREATE TABLE test.own (u UUID PRIMARY KEY, doc JSON, i6 INET6, g POINT, hidden INT INVISIBLE DEFAULT 7) WITH SYSTEM VERSIONING",
		`INSERT INTO test.own (u, doc, i6, g) VALUES ('123e4567-e89b-12d3-a456-426655440000', '{"b": 1.0, "a": "x"}', '::1', POINT(1,2)), ('223e4567-e89b-12d3-a456-426655440000', '[]', NULL, NULL)`,
		`UPDATE test.own SET doc = '{"a": [true, null, "\\u00e9\\n"]}' WHERE u = '223e4567-e89b-12d3-a456-426655440000'`)
	r := relation(t, d, "test.own")
	var names, forms []string
	for _, f := range r.Fields() {
		names, forms = append(names, f.Column.Name), append(forms, f.Form.String())
	}
	if got := strings.Join(names, " "); got != "u doc i6 g hidden" {
		t.Errorf("columns %s", got)
	}
	if got := strings.Join(forms, ", "); got != "uuid, json, text, the product's text, integer" {
		t.Errorf("forms %s", got)
	}
	s := openSession(t, d)
	got := stream(t, s, r, dialect.Range{})
	want := []string{`123e4567-e89b-12d3-a456-426655440000|{"a": "x", "b": 1}|::1|POINT(1 2)|7`, `223e4567-e89b-12d3-a456-426655440000|{"a": [true, null, "é\n"]}|NULL|NULL|7`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	key := canon.AppendUUID(nil, [16]byte{0x22, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x55, 0x44})
	if got := stream(t, s, r, dialect.Range{Hi: key}); len(got) != 1 {
		t.Errorf("%d rows below a UUID", len(got))
	}
	n := 0
	if err := s.Fetch(t.Context(), r, []dialect.Key{key}, func([]byte, int) error { n++; return nil }); err != nil || n != 1 {
		t.Errorf("%d rows of a UUID, %v", n, err)
	}
	if _, ok, err := d.NativeHash(t.Context(), r); ok || err != nil {
		t.Error("documents are text in MariaDB, and equal ones differ in it")
	}
}

// Bytes that a character set has no character for come as they are stored, and differ.
func TestTextThatCannotBeConvertedIsKept(t *testing.T) {
	d := open(t)
	run(t, d, "DROP TABLE IF EXISTS test.broken", "CREATE TABLE test.broken (id INT PRIMARY KEY, g VARCHAR(10) CHARACTER SET gbk)",
		"INSERT INTO test.broken VALUES (1, _gbk x'A2A1'), (2, _gbk x'FEA0'), (3, _gbk x'FEA1'), (4, '?')")
	got := map[string]bool{}
	for _, row := range stream(t, openSession(t, d), relation(t, d, "test.broken"), dialect.Range{}) {
		_, value, _ := strings.Cut(row, "|")
		got[value] = true
	}
	if len(got) != 4 || !got["ⅰ"] || !got["?"] || !got["0xfea1"] {
		t.Errorf("got %v", got)
	}
}

func TestLiterals(t *testing.T) {
	column := func(typ string) dialect.Column {
		return dialect.Column{Name: "c", Type: typ, Code: parseType(typ).code()}
	}
	decimal := func(s string) []byte {
		cell, err := canon.AppendDecimal(nil, s)
		if err != nil {
			t.Fatal(err)
		}
		return cell
	}
	document := func(s string) []byte {
		cell, err := canon.AppendJSON(nil, []byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return cell
	}
	for _, c := range []struct {
		name, typ string
		cell      []byte
		want      string // empty where there is none
	}{
		{"NULL", "int(11)", canon.AppendNull(nil), "NULL"},
		{"unsigned", "bigint(20) unsigned", canon.AppendUint(nil, 1<<64-1), "18446744073709551615"},
		{"decimal", "decimal(12,2)", decimal("-1.10"), "-1.1"},
		{"zero", "decimal(12,2)", decimal("0.00"), "0"},
		{"NaN", "decimal(12,2)", decimal("NaN"), ""},
		{"a decimal of a million digits", "decimal(12,2)", decimal("1e1000000"), ""},
		{"double", "double", canon.AppendFloat64(nil, 0.1), "1e-01"},
		{"float", "float", canon.AppendFloat32(nil, 0.1), "1.0000000149011612e-01"},
		{"date", "date", canon.AppendDate(nil, -719162), "DATE'0001-01-01'"},
		{"date before there are any", "date", canon.AppendDate(nil, canon.NegativeInfinity), ""},
		{"moment", "datetime(6)", canon.AppendTimestamp(nil, -1), "TIMESTAMP'1969-12-31 23:59:59.999999'"},
		{"midnight of a date", "date", canon.AppendTimestamp(nil, 0), "DATE'1970-01-01'"},
		{"zero date", "date", canon.AppendInexact(nil, "0000-00-00"), "_utf8mb4'0000-00-00'"},
		{"time", "time(6)", canon.AppendTime(nil, -1_500_000), "TIME'-00:00:01.5'"},
		{"long time", "time", canon.AppendTime(nil, 839*3_600_000_000), ""},
		{"text", "varchar(20)", canon.AppendText(nil, "plain text"), "_utf8mb4'plain text'"},
		{"a quote", "varchar(20)", canon.AppendText(nil, "it's"), "_utf8mb4 x'69742773'"},
		{"a backslash", "varchar(20)", canon.AppendText(nil, `a\`), "_utf8mb4 x'615c'"},
		{"emoji", "varchar(20)", canon.AppendText(nil, "🎉"), "_utf8mb4 x'f09f8e89'"},
		{"bytes", "blob", canon.AppendBytes(nil, "\x00\xff"), "x'00ff'"},
		{"bits", "bit(11)", canon.AppendBits(nil, []byte{0xff, 0xe0}, 11), "2047"},
		{"UUID in text", "char(36)", canon.AppendUUID(nil, [16]byte{15: 1}), "'00000000-0000-0000-0000-000000000001'"},
		{"UUID in digits", "char(32)", canon.AppendUUID(nil, [16]byte{15: 1}), "'00000000000000000000000000000001'"},
		{"UUID in bytes", "binary(16)", canon.AppendUUID(nil, [16]byte{15: 1}), "x'00000000000000000000000000000001'"},
		{"document", "json", document(`{"b": [1, null], "a": "x"}`), "_utf8mb4 x'7b2261223a202278222c202262223a205b312c206e756c6c5d7d'"},
		{"string as document", "json", document(`"x"`), "_utf8mb4 x'227822'"},
		{"interval", "varchar(20)", canon.AppendInterval(nil, 1, 2, 3), ""},
		{"geometry", "point", canon.AppendInexact(nil, "POINT(1 2)"), ""},
	} {
		got, err := literal(column(c.typ), c.cell)
		if c.want == "" && !errors.Is(err, errNoLiteral) || c.want != "" && (err != nil || got != c.want) {
			t.Errorf("%s: %s, %v; want %s", c.name, got, err, c.want)
		}
	}
}
