// Package dialecttest is the one suite that every implementation of package dialect passes.
//
// [Run] holds what the contract says of a product alone. That all products turn the same values into the
// same cells is held by the tests of package datadiff, which compare them in all pairs.
package dialecttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/portable"
)

// Fixture is a database of one product that the suite may fill.
type Fixture struct {
	DB dialect.Database
	// Exec runs a statement on a connection that may write.
	Exec func(t testing.TB, statement string)
	// Analyze refreshes the statistics of a table.
	Analyze func(t testing.TB, table string)
	// Types are the product's types of columns that a key may have.
	Types []Type
}

// keys are tables of 200 rows with keys of several kinds; every other product spells them alike.
var keys = []struct {
	name, columns string
	key           []string
	row           func(i int) string
}{
	{"ints", "k bigint not null primary key, v varchar(20)", []string{"k"}, func(i int) string { return fmt.Sprintf("%d, 'v%d'", i*3-100, i) }},
	{"far", "k bigint not null primary key, v varchar(20)", []string{"k"}, func(i int) string {
		if i == 199 {
			return "9000000000000000000, 'far'"
		}
		return fmt.Sprintf("%d, null", i)
	}},
	{"composite", "a int not null, b int not null, v varchar(20), primary key (a, b)", []string{"a", "b"}, func(i int) string { return fmt.Sprintf("%d, %d, 'v'", i/10, i%10) }},
	{"decimals", "k decimal(12,3) not null primary key, v varchar(20)", []string{"k"}, func(i int) string { return fmt.Sprintf("%d.125, ''", i-50) }},
	{"words", "k varchar(40) not null primary key, v varchar(20)", []string{"k"}, func(i int) string {
		return fmt.Sprintf("'%s %s%d', 'v'", []string{"apple", "Banana", "cherry", "Zoo", "_x", "-y", "~"}[i%7], []string{"", "a", "B", " "}[i%4], i)
	}},
	{"nullable", "k int, v varchar(20)", []string{"k"}, func(i int) string {
		if i%20 == 0 {
			return fmt.Sprintf("null, 'v%d'", i)
		}
		return fmt.Sprintf("%d, 'v%d'", i, i)
	}},
	{"half null", "a int not null, b int, v varchar(20)", []string{"a", "b"}, func(i int) string {
		if i%7 == 0 {
			return fmt.Sprintf("%d, null, 'v'", i/5)
		}
		return fmt.Sprintf("%d, %d, 'v'", i/5, i)
	}},
}

const rows = 200

// Run checks the contract of a product.
func Run(t *testing.T, f Fixture) {
	for i, c := range keys {
		t.Run(c.name, func(t *testing.T) {
			table := fmt.Sprintf("suite_%d", i)
			values := make([]string, 0, rows)
			for i := range rows {
				values = append(values, "("+c.row(i)+")")
			}
			f.Exec(t, "drop table if exists "+table)
			f.Exec(t, fmt.Sprintf("create table %s (%s)", table, c.columns))
			f.Exec(t, fmt.Sprintf("insert into %s values %s", table, strings.Join(values, ", ")))
			f.Analyze(t, table)
			checkKey(t, f, relation(t, f.DB, table, c.key))
		})
	}
	t.Run("look-ups", func(t *testing.T) { checkLookUps(t, f) })
	t.Run("errors", func(t *testing.T) { checkErrors(t, f) })
	t.Run("rates", func(t *testing.T) { checkRates(t, f) })
	t.Run("apply", func(t *testing.T) { checkApply(t, f) })
}

// relation reads a table with the first offer of each column, the key's columns first.
func relation(t *testing.T, db dialect.Database, table string, key []string) *dialect.Relation {
	t.Helper()
	tab, err := db.Table(t.Context(), dialect.TableName{Name: table})
	if err != nil {
		t.Fatal(err)
	}
	r := &dialect.Relation{Table: tab}
	for _, k := range key {
		c := tab.Column(k)
		if c == nil {
			t.Fatalf("no column %s in %+v", k, tab.Columns)
		}
		r.Key = append(r.Key, dialect.Field{Column: *c, Form: db.Offers(*c)[0].Form})
	}
	for _, c := range tab.Columns {
		if !slices.Contains(key, c.Name) {
			r.Columns = append(r.Columns, dialect.Field{Column: c, Form: db.Offers(c)[0].Form})
		}
	}
	return r
}

// use gives f a session of its own.
func use(t *testing.T, db dialect.Database, f func(dialect.Session)) {
	t.Helper()
	s, err := db.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f(s)
}

// read returns the rows of a range, sorted by their bytes, and their keys.
func read(t *testing.T, db dialect.Database, r *dialect.Relation, in dialect.Range) (out []string, keys []dialect.Key) {
	t.Helper()
	use(t, db, func(s dialect.Session) {
		err := s.Stream(t.Context(), r, in, func(cells []byte, key int) error {
			out = append(out, string(cells))
			keys = append(keys, bytes.Clone(cells[:key]))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	slices.Sort(out)
	return out, keys
}

func nullable(r *dialect.Relation) bool {
	return slices.ContainsFunc(r.Key, func(f dialect.Field) bool { return !f.Column.NotNull })
}

// checkKey checks everything that depends on the key of a table.
func checkKey(t *testing.T, f Fixture, r *dialect.Relation) {
	var bounds []dialect.Key
	const part = 30
	for _, exact := range []bool{false, true} {
		use(t, f.DB, func(s dialect.Session) {
			b, err := s.Bounds(t.Context(), r, dialect.Range{}, part, exact)
			if err != nil {
				t.Fatal(err)
			}
			if exact && len(b) == 0 {
				t.Fatal("a range that is too large was not cut")
			}
			bounds = b
		})
		ranges := cut(bounds, nullable(r))
		var all []string
		for _, in := range ranges {
			got, _ := read(t, f.DB, r, in)
			if exact && !in.Null && len(got) > 2*part {
				t.Errorf("a part of %d rows, asked for %d", len(got), part)
			}
			all = append(all, got...)
		}
		slices.Sort(all)
		if len(all) != rows || len(slices.Compact(slices.Clone(all))) != rows {
			t.Errorf("exact %v: the ranges hold %d rows, the table %d", exact, len(all), rows)
		}
		checkPrints(t, f, r, ranges)
		checkRanks(t, f, r, ranges)
	}
	_, keys := read(t, f.DB, r, dialect.Range{})
	checkFetch(t, f, r, keys)
}

// checkRanks checks that the rows of a range have ranks between those of its ends.
func checkRanks(t *testing.T, f Fixture, r *dialect.Relation, ranges []dialect.Range) {
	t.Helper()
	for _, k := range r.Key {
		if !k.Column.Sorted && !k.Column.Ranked {
			return
		}
	}
	for _, in := range ranges {
		if in.Null {
			continue
		}
		_, keys := read(t, f.DB, r, in)
		n := len(keys)
		lo, hi := n, n
		if in.Lo != nil {
			keys = append(keys, in.Lo)
			hi++
		}
		if in.Hi != nil {
			keys = append(keys, in.Hi)
		}
		use(t, f.DB, func(s dialect.Session) {
			ranks, err := s.Ranks(t.Context(), r, keys)
			if err != nil {
				t.Fatal(err)
			}
			for i, rank := range ranks[:n] {
				if in.Lo != nil && rank < ranks[lo] || in.Hi != nil && rank >= ranks[hi] {
					t.Errorf("the key %q has rank %d in a range whose ends have %v", keys[i], rank, ranks[n:])
				}
			}
		})
	}
}

func cut(bounds []dialect.Key, null bool) []dialect.Range {
	var out []dialect.Range
	var lo dialect.Key
	for _, b := range bounds {
		out = append(out, dialect.Range{Lo: lo, Hi: b})
		lo = b
	}
	out = append(out, dialect.Range{Lo: lo})
	if null {
		out = append(out, dialect.Range{Null: true})
	}
	return out
}

// checkPrints compares the hashes of ranges with those of the rows that they hold.
func checkPrints(t *testing.T, f Fixture, r *dialect.Relation, ranges []dialect.Range) {
	t.Helper()
	if f.DB.HashesPortably(r) {
		got := fingerprints(t, f.DB, r, dialect.Portable, ranges)
		for i, in := range ranges {
			held, _ := read(t, f.DB, r, in)
			var want dialect.Fingerprint
			var h portable.Hasher
			for _, row := range held {
				sum, err := h.Row([]byte(row))
				if err != nil {
					t.Fatal(err)
				}
				want.Rows++
				if want.Lo += sum; want.Lo < sum {
					want.Hi++
				}
			}
			if got[i] != want {
				t.Errorf("range %d: the server's portable hash is %+v, that of its rows %+v", i, got[i], want)
			}
		}
	}
	_, ok, err := f.DB.NativeHash(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return
	}
	got := fingerprints(t, f.DB, r, dialect.Native, ranges)
	again := fingerprints(t, f.DB, r, dialect.Native, ranges)
	for i, in := range ranges {
		held, _ := read(t, f.DB, r, in)
		if got[i] != again[i] || got[i].Rows != int64(len(held)) {
			t.Errorf("range %d: native hashes %+v and %+v of %d rows", i, got[i], again[i], len(held))
		}
	}
}

func fingerprints(t *testing.T, db dialect.Database, r *dialect.Relation, h dialect.Hash, ranges []dialect.Range) []dialect.Fingerprint {
	t.Helper()
	out := make([]dialect.Fingerprint, len(ranges))
	use(t, db, func(s dialect.Session) {
		seen := map[int]bool{}
		err := s.Fingerprints(t.Context(), r, h, ranges, func(i int, f dialect.Fingerprint) error {
			if seen[i] {
				t.Errorf("range %d came twice", i)
			}
			seen[i] = true
			out[i] = f
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(seen) != len(ranges) {
			t.Errorf("%d of %d ranges came", len(seen), len(ranges))
		}
	})
	return out
}

// checkFetch looks up every third key, and one that is not there.
func checkFetch(t *testing.T, f Fixture, r *dialect.Relation, keys []dialect.Key) {
	t.Helper()
	var wanted []dialect.Key
	for i := 0; i < len(keys); i += 3 {
		wanted = append(wanted, keys[i])
	}
	missing := dialect.Key{}
	for range r.Key {
		if r.Key[0].Form == dialect.Decimal {
			missing, _ = canon.AppendDecimal(missing, "77777.5")
		} else {
			missing = canon.AppendInt(missing, 77777)
		}
	}
	found := map[string]bool{}
	use(t, f.DB, func(s dialect.Session) {
		err := s.Fetch(t.Context(), r, append(slices.Clone(wanted), missing), func(cells []byte, key int) error {
			found[string(cells[:key])] = true
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	for _, k := range wanted {
		if !found[string(k)] {
			t.Errorf("the row of key %x was not found", k)
		}
	}
	if found[string(missing)] {
		t.Error("a row was found whose key is not there")
	}
}

// errStop is what a test's row function ends a reading with.
var errStop = errors.New("enough")

func checkErrors(t *testing.T, f Fixture) {
	if _, err := f.DB.Table(t.Context(), dialect.TableName{Name: "no_such_table"}); !errors.Is(err, dialect.ErrNoTable) {
		t.Errorf("a missing table: %v", err)
	}
	r := relation(t, f.DB, "suite_0", []string{"k"})
	use(t, f.DB, func(s dialect.Session) {
		err := s.Stream(t.Context(), r, dialect.Range{}, func([]byte, int) error { return errStop })
		if !errors.Is(err, errStop) {
			t.Errorf("the row function's error came back as %v", err)
		}
		if f.DB.Temporary(err) {
			t.Error("the row function's error is taken for one that passes")
		}
	})
	use(t, f.DB, func(s dialect.Session) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		if err := s.Stream(ctx, r, dialect.Range{}, func([]byte, int) error { return nil }); err == nil {
			t.Error("a reading went on after its context had ended")
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("ending took %s", took)
		}
	})
	gone := *r
	gone.Columns = append(slices.Clone(gone.Columns), dialect.Field{Column: dialect.Column{Name: "gone", Type: r.Columns[0].Column.Type, Code: r.Columns[0].Column.Code}, Form: dialect.Text})
	use(t, f.DB, func(s dialect.Session) {
		err := s.Stream(t.Context(), &gone, dialect.Range{}, func([]byte, int) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "gone") || f.DB.Temporary(err) {
			t.Errorf("a missing column: %v", err)
		}
	})
}

func checkRates(t *testing.T, f Fixture) {
	r := relation(t, f.DB, "suite_0", []string{"k"})
	use(t, f.DB, func(s dialect.Session) {
		n := 0
		if err := s.Generate(t.Context(), r, 1000, func(cells []byte, key int) error {
			n++
			first, rest, err := canon.Next(cells)
			if err != nil || len(first) != key || len(rest) == 0 {
				return fmt.Errorf("a made-up row of %d bytes with a key of %d: %w", len(cells), key, err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if n != 1000 {
			t.Errorf("%d made-up rows, asked for 1,000", n)
		}
		if trip, err := s.RoundTrip(t.Context()); err != nil || trip <= 0 {
			t.Errorf("round trip %s, %v", trip, err)
		}
		if err := s.Throughput(t.Context(), 1<<20); err != nil {
			t.Error(err)
		}
		if f.DB.HashesPortably(r) {
			if err := s.GenerateHash(t.Context(), r, dialect.Portable, 1000); err != nil {
				t.Error(err)
			}
		}
	})
}

func checkApply(t *testing.T, f Fixture) {
	f.Exec(t, "drop table if exists suite_apply")
	f.Exec(t, "create table suite_apply (k int not null primary key, v int)")
	f.Exec(t, "insert into suite_apply values (1, 10), (2, 20)")
	count := func() int {
		got, _ := read(t, f.DB, relation(t, f.DB, "suite_apply", []string{"k"}), dialect.Range{})
		return len(got)
	}
	insert, update := "insert into suite_apply values (3, 30)", "update suite_apply set v = 21 where k = 2"
	var unmet *dialect.UnmetError
	err := f.DB.Apply(t.Context(), dialect.Statements(insert, "update suite_apply set v = 1 where k = 99"), nil)
	if !errors.As(err, &unmet) || count() != 2 {
		t.Errorf("a statement that changes nothing: %v, and %d rows", err, count())
	}
	steps := 0
	if err := f.DB.Apply(t.Context(), dialect.Statements(insert, update), func() { steps++ }); err != nil || count() != 3 || steps != 2 {
		t.Errorf("apply: %v, %d rows, %d steps", err, count(), steps)
	}
	// A row that has the new value already is still found.
	if err := f.DB.Apply(t.Context(), dialect.Statements(update), nil); err != nil {
		t.Errorf("an update to the same value: %v", err)
	}
}
