package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// history copies the folder of migrations in testdata to where the test stands.
func history(t *testing.T) {
	t.Helper()
	source, err := filepath.Abs(filepath.Join("testdata", "rewrite"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.CopyFS("migrations", os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
}

func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// TestReviewRewrite: each dangerous statement has one recipe in the report, and --rewrite writes them in every form.
func TestReviewRewrite(t *testing.T) {
	history(t)
	s := newSession(t)
	code, stdout, stderr := s.run(t, "review", "--server-version", "15", "--pool", "50", "--rate", "200/s", "--json", "--rewrite", "safe", "migrations")
	if code != 1 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	var r struct {
		System   []struct{ Group, Name, Value string }
		Findings []struct {
			Rule string
			Fix  struct{ Summary, SQL, Rollout, Rollback string }
		}
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	facts := map[string]string{}
	for _, f := range r.System {
		facts[f.Name] = f.Value
	}
	if got := facts["for statements whose work others wait for"]; got != "3 of 4" {
		t.Errorf("recipes of statements whose work others wait for: %q", got)
	}
	if got := facts["for statements that break code or write many rows"]; got != "1 of 2" {
		t.Errorf("recipes of the others: %q", got)
	}
	if !strings.Contains(facts["lock budget"], "50 connections waiting after 250 ms") {
		t.Errorf("lock budget: %q", facts["lock budget"])
	}
	fixes := map[string]int{}
	all := ""
	for _, f := range r.Findings {
		if f.Fix.SQL != "" {
			fixes[f.Rule]++
			all += f.Fix.SQL + f.Fix.Rollout
		}
		all += f.Fix.Summary
	}
	for _, rule := range []string{"lock.create-index", "lock.set-not-null", "lock.alter-type-rewrite", "compat.drop-column"} {
		if fixes[rule] != 1 {
			t.Errorf("%d findings of %s hold SQL", fixes[rule], rule)
		}
	}
	for _, want := range []string{
		"CREATE INDEX CONCURRENTLY orders_code_idx ON orders (code);", "migrations/0002_change.sql:2: Create the index", "There is no way back from step 2.",
		"A lock that stops 200/s", "No recipe for migrations/0003_more.sql:2: There is no recipe for a constraint of the type EXCLUDE", "No recipe for migrations/0003_more.sql:3: Both names",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if n := strings.Count(all, "ADD COLUMN total_napkin_new"); n != 1 {
		t.Errorf("the recipe of one statement stands in %d places", n)
	}
	files := filesIn(t, "safe")
	if len(files) != 14 || !slices.ContainsFunc(files, func(n string) bool { return strings.HasSuffix(n, "_deploy.txt") }) {
		t.Errorf("%d files: %v", len(files), files)
	}
	if !strings.Contains(stderr, "wrote 14 files of 4 recipes to safe (plain); not rehearsed; 2 statements have none") {
		t.Errorf("it said: %s", stderr)
	}
	// Nothing is overwritten.
	code, _, stderr = s.run(t, "review", "--server-version", "15", "--rewrite", "safe", "migrations")
	if code != 2 || !strings.Contains(stderr, "is there already and nothing was written") {
		t.Errorf("a second time: exit %d, %s", code, stderr)
	}
	for form, want := range map[string]string{"goose": "-- +goose NO TRANSACTION", "dbmate": "-- migrate:up transaction:false", "sqlx": "-- no-transaction", "flyway": "executeInTransaction=false", "psql": "\\set ON_ERROR_STOP on"} {
		code, _, stderr := s.run(t, "review", "--server-version", "15", "--rewrite", form, "--rewrite-as", form, "migrations")
		if code != 1 {
			t.Fatalf("%s: exit %d, %s", form, code, stderr)
		}
		found := false
		for _, n := range filesIn(t, form) {
			text, err := os.ReadFile(filepath.Join(form, n))
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(text), want)
		}
		if !found {
			t.Errorf("no file of %s holds %q", form, want)
		}
	}
	if n := len(filesIn(t, "psql")); n != 4 {
		t.Errorf("%d scripts for psql, want one for each recipe", n)
	}
}

// TestReviewRewriteText: on a terminal the SQL is folded, and other forms hold it whole.
func TestReviewRewriteText(t *testing.T) {
	history(t)
	s := newSession(t)
	_, stdout, _ := s.run(t, "review", "--server-version", "15", "migrations")
	if !strings.Contains(stdout, "more lines; the other formats hold all") || strings.Contains(stdout, "DROP COLUMN IF EXISTS total_napkin_old") {
		t.Errorf("not folded:\n%s", stdout)
	}
	for _, format := range []string{"markdown", "html"} {
		_, stdout, _ := s.run(t, "review", "--server-version", "15", "--format", format, "migrations")
		if !strings.Contains(stdout, "total_napkin_new") || !strings.Contains(stdout, "A deployment: It must not read it") {
			t.Errorf("%s is not whole", format)
		}
	}
}

func TestReviewRewriteFlags(t *testing.T) {
	migrations(t, map[string]string{"safe.sql": "SET lock_timeout = '1s';\nSELECT 1;\n"})
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"a pool alone", []string{"--pool", "50"}, 2, "give both"},
		{"a rate alone", []string{"--rate", "50/s"}, 2, "give both"},
		{"no rate", []string{"--pool", "50", "--rate", "often"}, 2, "--rate"},
		{"rate of nothing", []string{"--pool", "50", "--rate", "0/s"}, 2, "give no lock budget"},
		{"a form without a folder", []string{"--rewrite-as", "goose"}, 2, "give --rewrite"},
		{"a wrong form", []string{"--rewrite", "x", "--rewrite-as", "gose"}, 2, "--rewrite-as"},
		{"nothing to write", []string{"--rewrite", "x"}, 0, "nothing was written"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSession(t)
			code, stdout, stderr := s.run(t, append([]string{"review", "safe.sql"}, tt.args...)...)
			if code != tt.code || !strings.Contains(strings.Join(strings.Fields(stdout+" "+stderr), " "), tt.want) {
				t.Errorf("exit %d, want %d with %q: %s %s", code, tt.code, tt.want, stdout, stderr)
			}
			if _, err := os.Stat("x"); err == nil {
				t.Error("a folder was made")
			}
		})
	}
}
