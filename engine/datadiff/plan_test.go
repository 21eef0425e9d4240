package datadiff_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// TestJoinIsForWhatCanBeJoined: columns that a server does not compare exactly, and keys that are unique
// in parts of a table only, are left to the other plans.
func TestJoinIsForWhatCanBeJoined(t *testing.T) {
	s := stores(t)[dialect.Postgres]
	for name, c := range map[string]struct {
		setup []string
		want  [3]int64 // changed, only in A, only in B
	}{
		"json": {[]string{
			"create table join_a (k int primary key, v json)", "create table join_b (k int primary key, v json)",
			`insert into join_a values (1, '{"a": 1}'), (2, '{"a": 2}')`, `insert into join_b values (1, '{"a":1}'), (2, '{"a": 3}')`,
		}, [3]int64{1, 0, 0}},
		"point": {[]string{
			"create table join_a (k int primary key, v point)", "create table join_b (k int primary key, v point)",
			"insert into join_a values (1, '(1,2)')", "insert into join_b values (1, '(1,2)')",
		}, [3]int64{}},
		"inheritance": {[]string{
			"create table join_a (k int primary key, v int)", "create table join_b (k int primary key, v int)", "create table join_c () inherits (join_b)",
			"insert into join_a values (1, 1)", "insert into join_b values (1, 1)", "insert into join_c values (1, 1)",
		}, [3]int64{0, 0, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s.exec(t, append([]string{"drop table if exists join_a, join_b, join_c cascade"}, c.setup...)...)
			for _, plan := range []datadiff.PlanKind{"", datadiff.Stream, datadiff.Native, datadiff.Portable, datadiff.Join} {
				got, err := compare(t, s.side("join_a"), s.side("join_b"), datadiff.Options{Plan: plan})
				if plan == datadiff.Join && name != "point" {
					if err == nil || !strings.Contains(err.Error(), "cannot be used") {
						t.Errorf("join was not refused: %v", err)
					}
					continue
				}
				if err != nil {
					if plan != "" && strings.Contains(err.Error(), "cannot be used") {
						continue
					}
					t.Fatalf("%s: %v", plan, err)
				}
				if found := [3]int64{got.Changed, got.OnlyA, got.OnlyB}; found != c.want {
					t.Errorf("plan %s: found %v, want %v", got.Plan.Kind, found, c.want)
				}
			}
		})
	}
}

// TestSampleIsDrawn: each run looks at other ranges, and at about as many as asked for.
func TestSampleIsDrawn(t *testing.T) {
	s := stores(t)[dialect.SQLite]
	for _, name := range []string{"sample_a", "sample_b"} {
		rows := make([]string, 0, 5000)
		for i := range 5000 {
			rows = append(rows, fmt.Sprintf("(%d, '%s')", i, name))
		}
		s.exec(t, "create table "+name+" (k integer primary key, v text)", "insert into "+name+" values "+strings.Join(rows, ", "))
	}
	seen := map[string]bool{}
	for range 4 {
		got, err := compare(t, s.side("sample_a"), s.side("sample_b"), datadiff.Options{Sample: 0.2, RangeRows: 50})
		if err != nil {
			t.Fatal(err)
		}
		if got.Changed < 500 || got.Changed > 2000 {
			t.Errorf("%d rows were looked at", got.Changed)
		}
		seen[strings.Join(got.lines, " ")] = true
	}
	if len(seen) < 3 {
		t.Errorf("four samples were %d different ones", len(seen))
	}
}

// TestUnknownSizes: a table that was never analyzed is judged by its size.
func TestUnknownSizes(t *testing.T) {
	s := stores(t)[dialect.Postgres]
	s.exec(t, "drop table if exists fresh", "create table fresh (k int primary key, v int) with (autovacuum_enabled = false)", "insert into fresh select n, n from generate_series(1, 20000) n")
	job, err := datadiff.Prepare(t.Context(), s.side("fresh"), s.side("fresh"), datadiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p := job.Plan(); p.Known || p.Rows < 8_000 || p.Rows > 60_000 {
		t.Errorf("%d rows, known %v", p.Rows, p.Known)
	}
}
