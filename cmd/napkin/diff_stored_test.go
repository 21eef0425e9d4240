package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// everyday are values that SQLite takes into columns whose types say something else.
const everyday = `insert into odd values
	(1, 1, '2026-01-01T00:00:00Z', 1767225600, 'true', 'many', 1.5, '{bad', 'x', 'y', x'00ff', 'text'),
	(2, '1', '2026-01-01 00:00:00', null, 1, 1.0, x'61', '{}', 1.5, 3, 'a', 2)`

const odd = `create table odd (id integer primary key, v, d datetime, t timestamp, b boolean, n numeric, x any, j json, i int, r real, tx text, bl blob)`

func TestDiffOfACopyIsEqual(t *testing.T) {
	s := twoFiles(t, odd, everyday, "create table words (k varchar(9) primary key, v)", "insert into words values ('b', 1), ('a', 2.5), (x'00', null)")
	change(t, "b", "create table copy as select * from odd")
	for _, plan := range []string{"stream", "join", "auto"} {
		for _, table := range []string{"odd", "words"} {
			if code, stdout, stderr := s.diff(t, "--table", table, "--plan", plan); code != exitOK {
				t.Errorf("%s of %s: exit %d\n%s\n%s", plan, table, code, stdout, stderr)
			}
		}
	}
	if code, stdout, stderr := s.diff(t, "--table", "odd:copy", "--key", "id"); code != exitOK || !strings.Contains(stdout, "the integer 1 is not") {
		t.Errorf("a copy with types of affinities: exit %d\n%s\n%s", code, stdout, stderr)
	}
}

// Files in two encodings sort the same texts differently, and so do two collations.
func TestDiffOfKeysInTwoOrders(t *testing.T) {
	t.Chdir(t.TempDir())
	s := newSession(t)
	fill := `with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) insert into t
		select char(case i % 3 when 0 then 0x1f9fb when 1 then 0xff21 else 0x41 + i % 2 * 0x20 end) || i, i from n`
	change(t, "a", "pragma encoding = 'UTF-8'", "create table t (k int not null unique, v int)", fill)
	change(t, "b", "pragma encoding = 'UTF-16le'", "create table t (k int collate nocase not null unique, v int)", fill)
	for _, args := range [][]string{{"--range-rows", "100"}, {"--range-rows", "100", "--plan", "stream"}} {
		if code, stdout, stderr := s.diff(t, append(args, "--key", "k")...); code != exitOK {
			t.Errorf("%q: exit %d\n%s\n%s", args, code, stdout, stderr)
		}
	}
	change(t, "b", "update t set v = 0 where v in (3, 1999)", "delete from t where v = 1000")
	if code, stdout, _ := s.diff(t, "--key", "k", "--range-rows", "100"); code != exitFindings || !strings.Contains(stdout, "3 rows differ: 2 changed, 1 only in A") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestDiffTellsStorageClassesApart(t *testing.T) {
	s := twoFiles(t, odd, everyday, "create table loose (v)", "insert into loose values (1)")
	change(t, "b", "update odd set v = '1' where id = 1", "update loose set v = '1'")
	for _, plan := range []string{"stream", "join"} {
		code, stdout, stderr := s.diff(t, "--table", "odd", "--plan", plan)
		if code != exitFindings || !strings.Contains(stdout, "v  1 → '1'") {
			t.Errorf("%s: exit %d\n%s\n%s", plan, code, stdout, stderr)
		}
	}
	if code, stdout, _ := s.diff(t, "--table", "loose"); code != exitFindings {
		t.Errorf("without a key: exit %d\n%s", code, stdout)
	}
	if code, stdout, stderr := s.diff(t, "--table", "odd", "--apply", "--yes"); code != exitOK {
		t.Errorf("the repair: exit %d\n%s\n%s", code, stdout, stderr)
	}
	if code, stdout, _ := s.diff(t, "--table", "odd"); code != exitOK {
		t.Errorf("after the repair: exit %d\n%s", code, stdout)
	}
}

// A value that cannot be read ends in a sentence that names it and the way out, and in nothing to resume.
func TestDiffOfAnUnreadableValue(t *testing.T) {
	s := twoFiles(t)
	change(t, "a", "create table t (id integer primary key, at datetime)", "insert into t values (7, '2026-01-01T00:00:00Z')")
	change(t, "b", "create table t (id integer primary key, at date)", "insert into t values (7, '2026-01-01')")
	code, stdout, stderr := s.diff(t)
	said := strings.Join(strings.Fields(stdout), " ")
	if code != exitError || !strings.Contains(said, `the column at: the text "2026-01-01T00:00:00Z" in the row with the key (7) cannot be read`) || !strings.Contains(said, "--exclude at") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	if strings.Count(said, "read sqlite:a.db") != 1 || strings.Count(said, "a.db t") != 1 {
		t.Errorf("the side is named more than once: %s", said)
	}
	if strings.Contains(stderr, "--resume") {
		t.Errorf("going on is advised: %s", stderr)
	}
	if left, err := filepath.Glob(".napkin/diff/*.journal"); err != nil || len(left) > 0 {
		t.Errorf("the journal is left: %v, %v", left, err)
	}
	if code, stdout, _ := s.diff(t, "--exclude", "at"); code != exitOK {
		t.Errorf("--exclude: exit %d\n%s", code, stdout)
	}
}
