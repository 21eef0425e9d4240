package datadiff_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// TestAlign compares text keys under collations: they are cut into ranges where both sides hold the
// borders for increasing, and the result is right either way.
func TestAlign(t *testing.T) {
	all := stores(t)
	words := func(n int) []string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf("%s-%d", []string{"apple", "Banana", "cherry", "Zoo", "_x", "élan", "zebra", "Äpfel"}[i%8], i))
		}
		return out
	}
	icu, ci, c := `varchar(60) collate "en-x-icu"`, "varchar(60) collate utf8mb4_general_ci", `varchar(60) collate "C"`
	tests := []struct {
		name   string
		a, b   dialect.Kind
		ta, tb string // types of the key
		keys   []string
		ranged bool
	}{
		{"UUIDs as text on both sides", dialect.MySQL, dialect.MySQL, "char(36) collate utf8mb4_general_ci", "char(36) collate utf8mb4_unicode_ci", uuids(2000), true},
		{"UUIDs as text in two products", dialect.Postgres, dialect.MySQL, "char(36) collate \"en-x-icu\"", "char(36) collate utf8mb4_general_ci", uuids(2000), true},
		{"UUIDs of two types", dialect.Postgres, dialect.MySQL, "uuid", "char(36) collate utf8mb4_general_ci", uuids(2000), true},
		{"UUIDs of MariaDB", dialect.MySQL, dialect.MySQL, "uuid", "uuid", uuids(2000), true},
		{"words of one collation", dialect.Postgres, dialect.Postgres, icu, icu, words(2000), true},
		{"words that ignore case", dialect.MySQL, dialect.MySQL, ci, ci, words(2000), true},
		{"words without case in SQLite", dialect.SQLite, dialect.SQLite, "text collate nocase", "text collate nocase", words(2000), true},
		{"words by bytes and by letters", dialect.Postgres, dialect.MySQL, c, ci, words(2000), false},
		{"words by letters and by bytes", dialect.MySQL, dialect.Postgres, ci, c, words(2000), false},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, b := all[test.a], all[test.b]
			ta, tb := fmt.Sprintf("align_%d_a", i), fmt.Sprintf("align_%d_b", i)
			n := len(test.keys)
			fill := func(s *store, table, key string, value func(i int) (int, bool)) {
				var rows []string
				for i, k := range test.keys {
					if v, there := value(i); there {
						rows = append(rows, fmt.Sprintf("('%s', %d)", k, v))
					}
				}
				s.exec(t, "drop table if exists "+table, fmt.Sprintf("create table %s (k %s not null primary key, v int)", table, key),
					fmt.Sprintf("insert into %s values %s", table, strings.Join(rows, ", ")))
				if s.kind != dialect.SQLite {
					s.exec(t, map[dialect.Kind]string{dialect.Postgres: "analyze ", dialect.MySQL: "analyze table "}[s.kind]+table)
				}
			}
			fill(a, ta, test.ta, func(i int) (int, bool) { return i, i != n/2 })
			fill(b, tb, test.tb, func(i int) (int, bool) {
				if i == n/3 {
					return -1, true
				}
				return i, i != n/4 && i != n-1
			})
			for _, plan := range []datadiff.PlanKind{datadiff.Stream, datadiff.Portable, datadiff.Native} {
				got, err := compare(t, a.side(ta), b.side(tb), datadiff.Options{Plan: plan, RangeRows: 40, Workers: 2})
				if err != nil && strings.Contains(err.Error(), "cannot be used") && plan != datadiff.Stream {
					continue
				}
				if err != nil {
					t.Fatalf("%s: %v", plan, err)
				}
				if got.Changed != 1 || got.OnlyA != 2 || got.OnlyB != 1 {
					t.Errorf("%s: changed %d, only A %d, only B %d; want 1, 2, 1", plan, got.Changed, got.OnlyA, got.OnlyB)
				}
				if ranged := got.Ranges > 10; ranged != test.ranged {
					t.Errorf("%s: %d ranges", plan, got.Ranges)
				}
			}
		})
	}
}

// TestPartOfCollatedKeys compares a sample, and up to a limit, of tables whose sides sort some of the keys
// differently: the partner of a row may lie in a range that is not read.
func TestPartOfCollatedKeys(t *testing.T) {
	all := stores(t)
	a, b := all[dialect.Postgres], all[dialect.MySQL]
	random := rand.New(rand.NewPCG(3, 4))
	rows := make([]string, 0, 3000)
	for i := range cap(rows) {
		k := fmt.Sprintf("%c%06x", 'a'+random.IntN(26), random.IntN(1<<24))
		if i%13 == 0 {
			k = "_" + k
		}
		rows = append(rows, fmt.Sprintf("('%s%d', %d)", k, i, i))
	}
	fill := func(rows []string) {
		for s, key := range map[*store]string{a: `varchar(60) collate "en-x-icu"`, b: "varchar(60) collate utf8mb4_general_ci"} {
			own := rows
			if s == a {
				own = rows[:3000]
			}
			s.exec(t, "drop table if exists part", "create table part (k "+key+" not null primary key, v int)", "insert into part values "+strings.Join(own, ", "))
		}
		a.exec(t, "analyze part")
		b.exec(t, "analyze table part")
	}
	fill(rows)
	alignedRanges := 0
	for i := range 20 {
		got, err := compare(t, a.side("part"), b.side("part"), datadiff.Options{Plan: datadiff.Stream, RangeRows: 40, Sample: 0.2})
		if err != nil {
			t.Fatal(err)
		}
		if got.Verdict != datadiff.Equal {
			t.Fatalf("sample %d of equal tables is %s: changed %d, only A %d, only B %d", i, got.Verdict, got.Changed, got.OnlyA, got.OnlyB)
		}
		alignedRanges = max(alignedRanges, got.Ranges)
	}
	if alignedRanges < 5 {
		t.Errorf("the key was cut into %d ranges", alignedRanges)
	}
	more := slices.Clone(rows)
	for i := range 30 {
		more = append(more, fmt.Sprintf("('m-more-%d', 1)", i))
	}
	fill(more)
	got, err := compare(t, a.side("part"), b.side("part"), datadiff.Options{Plan: datadiff.Stream, RangeRows: 40, Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range got.lines {
		if !strings.Contains(l, "m-more-") {
			t.Errorf("%q is no difference", l)
		}
	}
	if got.OnlyB != 5 || !got.Limited {
		t.Errorf("%d only in B, limited %v", got.OnlyB, got.Limited)
	}
}

func TestLongestIncreasing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		n := random.IntN(10)
		places, ranks := make([]int, n), make([]int64, n)
		for i := range n {
			places[i], ranks[i] = i, random.Int64N(6)
		}
		best := 0
		for set := range 1 << n {
			last, length := int64(-1), 0
			for i := range n {
				if set>>i&1 == 0 {
					continue
				}
				if ranks[i] <= last {
					length = -1
					break
				}
				last, length = ranks[i], length+1
			}
			best = max(best, length)
		}
		got := datadiff.LongestIncreasing(places, ranks)
		for i := 1; i < len(got); i++ {
			if got[i] <= got[i-1] || ranks[got[i]] <= ranks[got[i-1]] {
				t.Fatalf("%v of the ranks %v does not increase", got, ranks)
			}
		}
		if len(got) != best {
			t.Fatalf("%v of the ranks %v is not the longest, which has %d", got, ranks, best)
		}
	}
}
