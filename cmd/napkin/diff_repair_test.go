package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/internal/testserver"
)

// oneLine makes what was printed independent of where lines are broken.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// says checks that all parts stand in a text.
func says(t *testing.T, name, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(oneLine(text), part) {
			t.Errorf("%s: it does not say %q\n%s", name, part, text)
		}
	}
}

// TestRepairUnderACondition: a row that stands on both sides, and meets the condition on one only, is
// updated and neither deleted nor inserted.
func TestRepairUnderACondition(t *testing.T) {
	s := twoFiles(t, "create table t (id integer primary key, st int, note text)")
	change(t, "a", "insert into t values (1, 1, 'x'), (2, 2, 'here'), (3, 1, 'three')")
	change(t, "b", "insert into t values (1, 1, 'x'), (2, 1, 'there'), (3, 2, 'three'), (4, 1, 'extra')")
	code, stdout, stderr := s.diff(t, "--where", "st=1", "--apply", "--yes")
	says(t, "apply", stdout+stderr, "t: insert 0, update 2, delete 1", "Repaired: 3 rows differed; compared again, both sides are equal.")
	if code != exitOK {
		t.Errorf("exit %d", code)
	}
	if code, stdout, _ := s.diff(t); code != exitOK {
		t.Errorf("whole tables: exit %d\n%s", code, stdout)
	}
}

// TestRepairOfPartOfTheColumns: only what was compared is changed.
func TestRepairOfPartOfTheColumns(t *testing.T) {
	s := twoFiles(t, "create table t (id integer primary key, v int, note text)", "create table bag (a int, b int, note text)")
	change(t, "a", "insert into t values (1, 1, 'a')", "insert into bag values (1, 2, 'x')")
	change(t, "b", "insert into t values (1, 0, 'kept'), (2, 0, 'lost')", "insert into bag values (1, 2, 'x'), (1, 2, 'y'), (1, 3, 'precious')")
	code, stdout, stderr := s.diff(t, "--table", "bag", "--exclude", "note", "--apply", "--yes")
	says(t, "without a key", stdout+stderr, "none of the rows that differ can be repaired", "has no key")
	if code != exitFindings {
		t.Errorf("without a key: exit %d", code)
	}
	_, stdout, stderr = s.diff(t, "--table", "t", "--exclude", "note", "--apply", "--yes")
	says(t, "with a key", stdout+stderr, "deleted rows of t hold values in columns that were not compared: note", "Repaired: 2 rows differed")
	if code, stdout, _ := s.diff(t, "--table", "t"); code != exitFindings || !strings.Contains(stdout, "1 row differs: 1 changed") || !strings.Contains(stdout, "kept") {
		t.Errorf("the other column: exit %d\n%s", code, stdout)
	}
}

// TestRepairOfAKeyThatIsNotUnique: where several rows have the key, none is touched.
func TestRepairOfAKeyThatIsNotUnique(t *testing.T) {
	s := twoFiles(t, "create table t (id integer primary key, mail text, v int)")
	change(t, "a", "insert into t values (1, 'a', 1), (3, 'b', 1)")
	change(t, "b", "insert into t values (1, 'a', 2), (2, 'a', 3), (3, 'b', 2)")
	_, stdout, stderr := s.diff(t, "--key", "mail", "--columns", "v", "--apply", "--yes")
	says(t, "apply", stdout+stderr, "update 1, delete 0; not repaired: 2", "several rows of the target have its key", "still differ")
}

// TestRepairOfLongValues reads again what the comparison kept the hash of.
func TestRepairOfLongValues(t *testing.T) {
	s := twoFiles(t, "create table t (id integer primary key, x text, v int)")
	const long = "replace(hex(zeroblob(50000)), '0', 'x')"
	change(t, "a", "insert into t values (1, "+long+", 1), (2, "+long+"||'y', 2), (3, "+long+", 3)")
	change(t, "b", "insert into t values (1, "+long+", 2), (2, "+long+"||'z', 2), (4, "+long+", 4)")
	if code, stdout, stderr := s.diff(t, "--apply", "--yes"); code != exitOK {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
}

// TestRepairFile: a file is written when there is something to write, and nobody else's file is.
func TestRepairFile(t *testing.T) {
	s := twoFiles(t, "create table t (id integer primary key, v int)", "insert into t values (1, 1)")
	if err := os.WriteFile("letter.txt", []byte("Dear aunt"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := s.diff(t, "--repair", "letter.txt")
	says(t, "another file", stderr, "letter.txt exists and is no script of a repair")
	if code != exitError {
		t.Errorf("another file: exit %d", code)
	}
	code, stdout, stderr := s.diff(t, "--repair", "fix.sql")
	if _, err := os.Stat("fix.sql"); code != exitOK || err == nil {
		t.Errorf("equal tables: exit %d, %v\n%s", code, err, stdout)
	}
	says(t, "equal tables", stderr, "there is nothing to repair, so fix.sql is not written")
	change(t, "b", "update t set v = 2")
	_, stdout, _ = s.diff(t, "--repair", "fix.sql")
	says(t, "a script", stdout, "in fix.sql: 1 statement: 0 rows inserted, 1 updated, 0 deleted. Review it")
	first, err := os.ReadFile("fix.sql")
	if err != nil {
		t.Fatal(err)
	}
	if code, _, _ := s.diff(t, "--table", "nope", "--repair", "fix.sql"); code != exitError {
		t.Errorf("a table that is not there: exit %d", code)
	}
	if now, err := os.ReadFile("fix.sql"); err != nil || !bytes.Equal(now, first) {
		t.Errorf("the script of before is lost: %v, %.100q", err, now)
	}
	change(t, "b", "insert into t values (5, 5)")
	if _, stdout, _ := s.diff(t, "--repair", "fix.sql"); !strings.Contains(stdout, "2 statements") {
		t.Errorf("a script is not written anew\n%s", stdout)
	}
	if rest, err := filepath.Glob(".napkin-repair*"); err != nil || len(rest) > 0 {
		t.Errorf("left are %v, %v", rest, err)
	}
}

// TestRepairFails: what could not be applied is said below the comparison, which is shown.
func TestRepairFails(t *testing.T) {
	s := twoFiles(t, "create table t (id integer primary key, v int)")
	change(t, "a", "insert into t values (1, 7)")
	change(t, "b", "create trigger no before insert on t begin select raise(abort, 'not today'); end")
	code, stdout, stderr := s.diff(t, "--apply", "--yes")
	says(t, "a trigger that objects", stdout, "Different: 1 row differs.", "1 only in A", "it could not be applied, and nothing was changed", "not today")
	says(t, "a trigger that objects", stderr, "the trigger no of t fires for these statements")
	if code != exitError {
		t.Errorf("exit %d\n%s", code, stderr)
	}
	_, stdout, _ = s.diff(t, "--apply", "--yes", "--json")
	says(t, "JSON", stdout, `"applied": false`, `"error": "it could not be applied`)
}

// TestRepairInterrupted: Ctrl-C while it is applied leaves the comparison to be shown.
func TestRepairInterrupted(t *testing.T) {
	s := twoFiles(t, users, thousand)
	change(t, "b", later)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out, notes bytes.Buffer
	w := s.world(&out, &notes)
	typed := &interrupter{keyboard{strings.NewReader("yes\n")}, cancel}
	w.stdin = typed
	terminal := w.terminal
	w.terminal = func(stream io.Writer) (int, bool) {
		if stream == io.Writer(typed) {
			return 80, true
		}
		return terminal(stream)
	}
	code := run(ctx, w, []string{"diff", "sqlite:a.db", "sqlite:b.db", "--apply"})
	says(t, "interrupted", out.String(), "Different: 100 rows differ.", "it could not be applied: interrupted, and nothing was changed")
	if code != exitInterrupted || strings.Contains(notes.String(), "before there was anything to show") {
		t.Errorf("exit %d\n%s", code, notes.String())
	}
	if code, _, _ := s.diff(t); code != exitFindings {
		t.Errorf("afterwards: exit %d", code)
	}
}

// TestRepairInterruptedAtTheQuestion: Ctrl-C is heard while the question waits for an answer.
func TestRepairInterruptedAtTheQuestion(t *testing.T) {
	s := twoFiles(t, users, thousand)
	change(t, "b", later)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	never, end := io.Pipe()
	defer end.Close()
	var out, notes bytes.Buffer
	w := s.world(&out, &notes)
	typed := &silence{never, cancel}
	w.stdin = typed
	terminal := w.terminal
	w.terminal = func(stream io.Writer) (int, bool) {
		if stream == io.Writer(typed) {
			return 80, true
		}
		return terminal(stream)
	}
	if code := run(ctx, w, []string{"diff", "sqlite:a.db", "sqlite:b.db", "--apply"}); code != exitInterrupted {
		t.Errorf("exit %d", code)
	}
	says(t, "interrupted", out.String(), "Different: 100 rows differ.", "interrupted, and nothing was changed")
}

// silence is a person who presses Ctrl-C and types nothing.
type silence struct {
	io.Reader
	cancel context.CancelFunc
}

func (*silence) Write(p []byte) (int, error) { return len(p), nil }

func (s *silence) Read(p []byte) (int, error) {
	s.cancel()
	return s.Reader.Read(p)
}

// interrupter is a person who types yes and thinks better of it.
type interrupter struct {
	keyboard
	cancel context.CancelFunc
}

func (i *interrupter) Read(p []byte) (int, error) {
	i.cancel()
	return i.keyboard.Read(p)
}

// TestRepairLines: NDJSON lists what was there before the repair, and says so.
func TestRepairLines(t *testing.T) {
	s := twoFiles(t, users, thousand)
	change(t, "b", later)
	code, stdout, stderr := s.diff(t, "--apply", "--yes", "--format", "ndjson")
	if code != exitOK || strings.Count(stdout, "\n") != 100 {
		t.Errorf("exit %d, %d lines", code, strings.Count(stdout, "\n"))
	}
	says(t, "lines", stderr, "the lines are the differences before the repair, which was applied; compared again: equal")
}

// TestRepairWithoutTransactions: a table that keeps half of a repair is not written to.
func TestRepairWithoutTransactions(t *testing.T) {
	maria := testserver.MariaDBFor(t)
	t.Chdir(t.TempDir())
	s := newSession(t)
	fillServer(t, maria.URL, "create database if not exists other", "create table t (id int primary key, v int)", "insert into t values (1, 1), (2, 2)",
		"create table other.t (id int primary key, v int) engine = MyISAM", "insert into other.t values (1, 0), (2, 2)")
	code, stdout, stderr := s.run(t, "diff", maria.URL, maria.URL, "--table", "t:other.t", "--apply", "--yes", "--repair", "fix.sql")
	says(t, "MyISAM", stdout, "Different: 1 row differs.", "it is not applied, because the engine of other.t (MyISAM) has no transactions", "The script is in fix.sql")
	script, err := os.ReadFile("fix.sql")
	if code != exitError || err != nil || !strings.Contains(string(script), "-- WARNING: the engine of other.t (MyISAM) has no transactions") {
		t.Errorf("exit %d, %v\n%s\n%s", code, err, script, stderr)
	}
	if code, _, _ := s.run(t, "diff", maria.URL, maria.URL, "--table", "t:other.t"); code != exitFindings {
		t.Errorf("afterwards: exit %d", code)
	}
}
