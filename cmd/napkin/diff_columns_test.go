package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestDiffOfColumnsOfOneSide(t *testing.T) {
	s := twoFiles(t, users, thousand, "create table plain (id integer primary key)")
	change(t, "a", "alter table users add column gone text")
	change(t, "b", "alter table plain add column doubled int as (id * 2)")
	for _, c := range []struct {
		args string
		want int
		say  string
	}{
		{"--table users", exitFindings, "Different: column gone stands only in A; in the columns that both sides have, no row differs."},
		{"--table users --exclude gone", exitOK, "Equal: the rows are the same on both sides."},
		{"--table users --columns email", exitOK, "Equal: the rows are the same on both sides."},
		{"--table plain", exitOK, "Equal in the columns that both sides have; 1 computed column was not compared."},
		{"--all-tables", exitFindings, "Different: in 1 of 2 tables columns stand on one side only; in the columns that both sides have, no row differs."},
		{"--all-tables", exitFindings, "users different column gone stands only in A; in the others 1,000 rows are the same"},
		{"--all-tables --exclude users.gone", exitOK, "Equal in the columns that both sides have; 1 computed column was not compared."},
		{"--table users --schema-only", exitFindings, "Different: the schemas differ."},
		{"--table plain --schema-only", exitOK, "Equal: the schemas differ in looks only."},
		{"--table users --sample 50%", exitFindings, "column gone stands only in A"},
	} {
		code, stdout, stderr := s.diff(t, strings.Fields(c.args)...)
		if said := strings.Join(strings.Fields(stdout), " "); code != c.want || !strings.Contains(said, c.say) {
			t.Errorf("%s: exit %d, want %d and %q\n%s\n%s", c.args, code, c.want, c.say, stdout, stderr)
		}
	}
	change(t, "b", "create table kept (id integer primary key, filled int default 3)")
	change(t, "a", "create table kept (id integer primary key)")
	for _, args := range [][]string{{"--table", "kept"}, {"--table", "kept", "--schema-only"}} {
		if code, stdout, _ := s.diff(t, args...); code != exitFindings {
			t.Errorf("%q of a column that B fills by itself: exit %d\n%s", args, code, stdout)
		}
	}
	change(t, "b", later, "alter table users add column more text", "alter table users add column other text")
	if code, stdout, _ := s.diff(t, "--table", "users"); code != exitFindings || !strings.Contains(strings.Join(strings.Fields(stdout), " "), "Different: 100 rows differ, and column gone stands only in A and columns more, other stand only in B.") {
		t.Errorf("rows and columns: exit %d\n%s", code, stdout)
	}
	_, stdout, _ := s.diff(t, "--table", "plain", "--json")
	var summary struct {
		Tables []struct {
			Verdict  string
			OnlyB    []string `json:"columns_only_in_b"`
			Computed []string `json:"columns_computed"`
		}
	}
	if err := json.Unmarshal([]byte(stdout), &summary); err != nil || summary.Tables[0].Verdict != "equal" || !slices.Equal(summary.Tables[0].OnlyB, []string{"doubled"}) || !slices.Equal(summary.Tables[0].Computed, []string{"doubled"}) {
		t.Errorf("--json: %v\n%s", err, stdout)
	}
	if s.diff(t, "--table", "users", "--exclude", "updated_at"); !strings.Contains(read(t, ".napkin/diff.html"), "stands only in A") {
		t.Error("the page does not say which column stands on one side")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
