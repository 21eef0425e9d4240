package datadiff_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// keyCase is a table keyed in a way that breaks simpler tools. Rows are lists of literals of the key
// columns; the value column v is added. The last three rows are planted: changed, only in A, only in B.
type keyCase struct {
	name    string
	columns map[dialect.Kind]string // definition of the key columns
	after   string                  // constraint, e.g. ", primary key (k)"
	key     []string                // --key, when there is no constraint
	rows    []string                // "literal" or "literal, literal"
	lits    map[dialect.Kind]func(string) string
	// noKey: compared as a multiset.
	noKey bool
}

func all(def string) map[dialect.Kind]string {
	return map[dialect.Kind]string{dialect.Postgres: def, dialect.MySQL: def, dialect.SQLite: def}
}

func numbers(from, to, step int64) []string {
	var out []string
	for i := from; i <= to; i += step {
		out = append(out, fmt.Sprint(i))
	}
	return out
}

func quoted(words ...string) []string {
	out := make([]string, 0, len(words))
	for _, w := range words {
		out = append(out, "'"+strings.ReplaceAll(w, "'", "''")+"'")
	}
	return out
}

func mixedWords() []string {
	var words []string
	for _, w := range []string{"apple", "Banana", "cherry", "Émile", "emil", "zoo", "Zoo2", "user-1@ex.com", "user_1@ex.com", "🦊 fox", "😀", "ä", "Öl", "_x", "-x", "~", "100", "20", "3"} {
		for i := range 6 {
			words = append(words, fmt.Sprintf("%s%d", w, i))
		}
	}
	return words
}

func uuids(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", uint32(i)*2654435761, i*7919%65536, i%4096, i*31%4096, i*i))
	}
	return out
}

func keyCases() []keyCase {
	dates := func() (out []string) {
		for i := range 60 {
			out = append(out, fmt.Sprintf("'20%02d-%02d-%02d 10:%02d:00.%06d'", 10+i%15, 1+i%12, 1+i%28, i, i*1000+1))
		}
		return out
	}()
	composite := func() (out []string) {
		for a := range 5 {
			for b := range 5 {
				for c := range 4 {
					out = append(out, fmt.Sprintf("%d, '%c', %d", a, 'a'+rune(b), c))
				}
			}
		}
		return out
	}()
	decimals := func() (out []string) {
		for i := range 60 {
			out = append(out, fmt.Sprintf("%d.%03d", i-30, i*17%1000))
		}
		return append(out, "0.001", "123456789012345.5")
	}()
	return []keyCase{
		{name: "dense integers", columns: all("k bigint not null"), after: ", primary key (k)", rows: numbers(1, 100, 1)},
		{name: "an outlier at 9e18", columns: all("k bigint not null"), after: ", primary key (k)", rows: append(numbers(1, 100, 1), "9000000000000000000")},
		{name: "negative integers", columns: all("k bigint not null"), after: ", primary key (k)", rows: append(numbers(-50, 50, 1), "-9223372036854775807")},
		{name: "unsigned 64 bits", columns: map[dialect.Kind]string{dialect.Postgres: "k numeric(20) not null", dialect.MySQL: "k bigint unsigned not null"}, after: ", primary key (k)",
			rows: append(numbers(1, 60, 1), "18446744073709551615", "9223372036854775808")},
		{name: "integer with decimal", columns: map[dialect.Kind]string{dialect.Postgres: "k bigint not null", dialect.MySQL: "k decimal(20,0) not null", dialect.SQLite: "k numeric not null"}, after: ", primary key (k)", rows: numbers(-20, 60, 1)},
		{name: "decimals", columns: all("k decimal(20,3) not null"), after: ", primary key (k)", rows: decimals},
		{name: "moments", columns: map[dialect.Kind]string{dialect.Postgres: "k timestamp(6) not null", dialect.MySQL: "k datetime(6) not null", dialect.SQLite: "k timestamp not null"}, after: ", primary key (k)", rows: dates},
		{name: "text under C and utf8mb4_bin", columns: map[dialect.Kind]string{dialect.Postgres: `k varchar(60) collate "C" not null`, dialect.MySQL: "k varchar(60) collate utf8mb4_bin not null", dialect.SQLite: "k text not null"}, after: ", primary key (k)", rows: quoted(mixedWords()...)},
		{name: "text under en_US and general_ci", columns: map[dialect.Kind]string{dialect.Postgres: `k varchar(60) collate "en-x-icu" not null`, dialect.MySQL: "k varchar(60) collate utf8mb4_general_ci not null", dialect.SQLite: "k text collate nocase not null"}, after: ", primary key (k)", rows: quoted(slices.DeleteFunc(mixedWords(), func(s string) bool { return strings.HasPrefix(s, "😀") })...)},
		{name: "uuid native with text", columns: map[dialect.Kind]string{dialect.Postgres: "k uuid not null", dialect.MySQL: "k char(36) not null", dialect.SQLite: "k text not null"}, after: ", primary key (k)", rows: quoted(uuids(80)...)},
		{name: "uuid native with binary(16)", columns: map[dialect.Kind]string{dialect.Postgres: "k uuid not null", dialect.MySQL: "k binary(16) not null", dialect.SQLite: "k uuid not null"}, after: ", primary key (k)", rows: quoted(uuids(80)...),
			lits: map[dialect.Kind]func(string) string{dialect.MySQL: func(s string) string { return "x" + strings.ReplaceAll(s, "-", "") }}},
		{name: "uuid of MariaDB", columns: map[dialect.Kind]string{dialect.Postgres: "k uuid not null", dialect.MySQL: "k uuid not null"}, after: ", primary key (k)", rows: quoted(uuids(80)...)},
		{name: "composite of three", columns: map[dialect.Kind]string{dialect.Postgres: `a int not null, b varchar(5) collate "C" not null, c int not null`, dialect.MySQL: "a int not null, b varchar(5) collate utf8mb4_bin not null, c int not null", dialect.SQLite: "a int not null, b text not null, c int not null"},
			after: ", primary key (a, b, c)", rows: composite},
		{name: "unique index instead of a primary key", columns: all("k bigint not null"), after: ", unique (k)", rows: numbers(1, 100, 1)},
		{name: "NULL keys", columns: all("k bigint"), key: []string{"k"}, rows: append(numbers(1, 60, 1), "null", "61", "62")},
		{name: "duplicate keys", columns: all("k bigint not null"), key: []string{"k"}, rows: append(numbers(1, 40, 1), "7", "7", "8", "8")},
		{name: "one key, very often", columns: all("k bigint not null"), key: []string{"k"}, rows: slices.Repeat([]string{"5"}, 90)},
		{name: "no key at all", columns: all("k bigint"), noKey: true, rows: append(numbers(1, 60, 1), "null", "null", "3")},
	}
}

func TestKeys(t *testing.T) {
	all := stores(t)
	pairs := [][2]dialect.Kind{{dialect.Postgres, dialect.MySQL}, {dialect.MySQL, dialect.Postgres}, {dialect.Postgres, dialect.SQLite}, {dialect.SQLite, dialect.MySQL},
		{dialect.Postgres, dialect.Postgres}, {dialect.MySQL, dialect.MySQL}, {dialect.SQLite, dialect.SQLite}}
	for i, c := range keyCases() {
		for _, pair := range pairs {
			if c.columns[pair[0]] == "" || c.columns[pair[1]] == "" {
				continue
			}
			a, b := all[pair[0]], all[pair[1]]
			name := fmt.Sprintf("%s/%s-%s", c.name, pair[0], pair[1])
			t.Run(name, func(t *testing.T) {
				ta, tb := fmt.Sprintf("keys_%d_a", i), fmt.Sprintf("keys_%d_b", i)
				n := len(c.rows)
				// The last but two is changed, the last but one only in A, the last only in B.
				c.make(t, a, ta, func(i int) (int, bool) { return i, i != n-1 })
				c.make(t, b, tb, func(i int) (int, bool) {
					if i == n-3 {
						return -1, true
					}
					return i, i != n-2
				})
				c.check(t, a.side(ta), b.side(tb), n)
				// The same rows: equal, whatever the plan.
				c.make(t, b, tb, func(i int) (int, bool) { return i, i != n-1 })
				for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable, datadiff.Native, datadiff.Join} {
					got, err := compare(t, a.side(ta), b.side(tb), datadiff.Options{Plan: plan, RangeRows: 10, Selection: datadiff.Selection{Key: c.key}})
					if err != nil && strings.Contains(err.Error(), "cannot be used") {
						continue
					}
					if err != nil {
						t.Fatalf("%s: %v", plan, err)
					}
					if got.Verdict != datadiff.Equal {
						t.Errorf("%s: equal tables are %s: %v", plan, got.Verdict, got.lines)
					}
				}
			})
		}
	}
}

// make creates a table; of gives the value of row i, and whether it is there.
func (c keyCase) make(t *testing.T, s *store, table string, of func(i int) (int, bool)) {
	t.Helper()
	rows := make([]string, 0, len(c.rows))
	for i, key := range c.rows {
		value, there := of(i)
		if !there {
			continue
		}
		if f := c.lits[s.kind]; f != nil {
			key = f(key)
		}
		rows = append(rows, fmt.Sprintf("(%s, %d)", key, value))
	}
	s.exec(t, "drop table if exists "+table, fmt.Sprintf("create table %s (%s, v int%s)", table, c.columns[s.kind], c.after),
		fmt.Sprintf("insert into %s values %s", table, strings.Join(rows, ", ")))
	switch s.kind {
	case dialect.Postgres:
		s.exec(t, "analyze "+table)
	case dialect.MySQL:
		s.exec(t, "analyze table "+table)
	}
}

func (c keyCase) check(t *testing.T, a, b datadiff.Side, n int) {
	t.Helper()
	for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable, datadiff.Native, datadiff.Join} {
		for _, rows := range []int64{10, 1000} {
			got, err := compare(t, a, b, datadiff.Options{Plan: plan, RangeRows: rows, Workers: 2, Memory: 2000, Selection: datadiff.Selection{Key: c.key}})
			if err != nil && strings.Contains(err.Error(), "cannot be used") {
				continue
			}
			if err != nil {
				t.Fatalf("%s: %v", plan, err)
			}
			if got.Verdict != datadiff.Different {
				t.Errorf("%s, %d rows a range: the verdict is %s", plan, rows, got.Verdict)
			}
			changed, onlyA, onlyB := c.expect(n)
			if got.Changed != changed || got.OnlyA != onlyA || got.OnlyB != onlyB {
				t.Errorf("%s, %d rows a range: changed %d, only A %d, only B %d; want %d, %d, %d: %q", plan, rows, got.Changed, got.OnlyA, got.OnlyB, changed, onlyA, onlyB, got.lines)
			}
			if plan == datadiff.Stream && (got.Rows[0] != int64(n-1) || got.Rows[1] != int64(n-1)) {
				t.Errorf("%s: read %v rows, each side has %d", plan, got.Rows, n-1)
			}
		}
	}
}

// expect counts the planted differences by the keys' meaning: without a key a changed row is one row lost
// and one gained, and rows of one key pair up.
func (c keyCase) expect(n int) (changed, onlyA, onlyB int64) {
	if c.noKey {
		return 0, 2, 2
	}
	last := c.rows[n-3:]
	same := last[1] == last[2]
	if same {
		return 2, 0, 0
	}
	return 1, 1, 1
}
