package datadiff_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Rows whose keys the sides spell differently are found again, so that what differs is confirmed and not
// taken for gone.
func TestRecheckFindsEverySpelling(t *testing.T) {
	all := stores(t)
	for name, c := range map[string]struct {
		a, b         dialect.Kind
		columnA, ofB string
		rowsA, rowsB string
		key          []string
		want         []string
	}{
		"UUIDs in upper case": {dialect.Postgres, dialect.MySQL, "k uuid primary key", "k char(36) collate utf8mb4_bin primary key",
			"('aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeee1', 1), ('aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeee2', 2)",
			"('AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEE1', 1), ('AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEE2', 3), ('AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEE3', 3)", nil,
			[]string{"changed aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeee2", "only in B aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeee3"}},
		"UUIDs of mixed cases without dashes": {dialect.MySQL, dialect.MySQL, "k uuid primary key", "k varchar(40) collate utf8mb4_bin primary key",
			"('aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeee1', 1)", "('AAaaaAAAbbbb4ccc8dddeeeeeeeeeee1', 2), ('aaaaaaaa-bbbb-4CCC-8ddd-eeeeeeeeeee3', 3)", nil,
			[]string{"changed aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeee1", "only in B aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeee3"}},
		"blanks at the end": {dialect.Postgres, dialect.MySQL, "k char(10) primary key", "k varchar(10) collate utf8mb4_nopad_bin primary key",
			"('ab', 1)", "('ab ', 2), ('cd ', 3)", nil, []string{"changed ab", "only in B cd"}},
		"documents": {dialect.Postgres, dialect.MySQL, "k jsonb primary key", "k json not null",
			`('{"a": 1, "b": 2}', 1)`, `('{"b":2,"a":1.0}', 2), ('{"c":1}', 3)`, nil, []string{`changed {"a": 1, "b": 2}`, `only in B {"c": 1}`}},
		"documents of one product": {dialect.MySQL, dialect.MySQL, "k json not null", "k json not null",
			`('{"a": 1, "b": 2}', 1)`, `('{"b":2,"a":1}', 2), ('{"c":1}', 3)`, []string{"k"}, []string{`changed {"a": 1, "b": 2}`, `only in B {"c": 1}`}},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := all[c.a], all[c.b]
			a.exec(t, "drop table if exists spelt_a", "create table spelt_a ("+c.columnA+", v int)", "insert into spelt_a values "+c.rowsA)
			b.exec(t, "drop table if exists spelt_b", "create table spelt_b ("+c.ofB+", v int)", "insert into spelt_b values "+c.rowsB)
			got, err := compare(t, a.side("spelt_a"), b.side("spelt_b"), datadiff.Options{Plan: datadiff.Stream, Recheck: 5 * time.Millisecond, Selection: datadiff.Selection{Key: c.key}})
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got.lines)
			if !slices.Equal(got.lines, c.want) || got.Confirmed != int64(len(c.want)) || got.Transient != 0 || got.Verdict != datadiff.Different {
				t.Errorf("%s: %q, %d confirmed, %d transient; want %q", got.Verdict, got.lines, got.Confirmed, got.Transient, c.want)
			}
		})
	}
}

// forgetful is a database whose look-ups find nothing.
type forgetful struct{ dialect.Database }

func (f forgetful) Open(ctx context.Context) (dialect.Session, error) {
	s, err := f.Database.Open(ctx)
	return forgetfulSession{s}, err
}

type forgetfulSession struct{ dialect.Session }

func (forgetfulSession) Fetch(context.Context, *dialect.Relation, []dialect.Key, dialect.RowFunc) error {
	return nil
}

// A row that was read and that a look-up does not find is not gone for that: it is gone when a reading
// does not find it either.
func TestRecheckDoubtsLookUps(t *testing.T) {
	all := stores(t)
	a, b := all[dialect.Postgres], all[dialect.MySQL]
	fill := func() {
		a.exec(t, "drop table if exists doubt", "create table doubt (k varchar(20) primary key, v int)", "insert into doubt values ('one', 1), ('two', 2)")
		b.exec(t, "drop table if exists doubt", "create table doubt (k varchar(20) collate utf8mb4_general_ci primary key, v int)", "insert into doubt values ('one', 9), ('two', 2), ('three', 3)")
	}
	want := []string{"changed one", "only in B three"}
	for _, blind := range [][2]bool{{true, true}, {true, false}, {false, true}} {
		t.Run(fmt.Sprint(blind), func(t *testing.T) {
			fill()
			sides := [2]datadiff.Side{a.side("doubt"), b.side("doubt")}
			for i := range sides {
				if blind[i] {
					sides[i].Database = forgetful{sides[i].Database}
				}
			}
			got, err := compare(t, sides[0], sides[1], datadiff.Options{Plan: datadiff.Stream, Recheck: 5 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got.lines)
			if got.Verdict != datadiff.Different || !slices.Equal(got.lines, want) || got.Transient != 0 {
				t.Errorf("%s: %q, %d transient", got.Verdict, got.lines, got.Transient)
			}
		})
	}
	// Rows that are deleted while the tables are compared are gone.
	fill()
	sideA, _ := a.watch("doubt", func(int64, dialect.Range) {})
	deleted := false
	sideB := b.side("doubt")
	sideB.Database = deleting{b.db, func() {
		if !deleted {
			deleted = true
			b.exec(t, "delete from doubt where k = 'three'", "update doubt set v = 1 where k = 'one'")
		}
	}}
	got, err := compare(t, sideA, sideB, datadiff.Options{Plan: datadiff.Stream, Recheck: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict != datadiff.Equal || got.Transient != 2 {
		t.Errorf("%s: %q, %d transient", got.Verdict, got.lines, got.Transient)
	}
}

// deleting is a database that does something before it looks rows up.
type deleting struct {
	dialect.Database
	before func()
}

func (d deleting) Open(ctx context.Context) (dialect.Session, error) {
	s, err := d.Database.Open(ctx)
	return deletingSession{s, d.before}, err
}

type deletingSession struct {
	dialect.Session
	before func()
}

func (s deletingSession) Fetch(ctx context.Context, r *dialect.Relation, keys []dialect.Key, row dialect.RowFunc) error {
	s.before()
	return s.Session.Fetch(ctx, r, keys, row)
}

// Rows whose key is NULL are compared also where the key cannot be cut.
func TestNullKeysOfOneRange(t *testing.T) {
	s := stores(t)[dialect.MySQL]
	for _, table := range []string{"nulls_a", "nulls_b"} {
		s.exec(t, "drop table if exists "+table, "create table "+table+" (k json, v int)", "insert into "+table+` values ('{"a": 1}', 1), (null, 2)`)
	}
	s.exec(t, "insert into nulls_b values (null, 3)")
	got, err := compare(t, s.side("nulls_a"), s.side("nulls_b"), datadiff.Options{Plan: datadiff.Stream, Selection: datadiff.Selection{Key: []string{"k"}}})
	if err != nil || got.Verdict != datadiff.Different || !slices.Equal(got.lines, []string{"only in B NULL"}) {
		t.Errorf("%s: %q, %v", got.Verdict, got.lines, err)
	}
}
