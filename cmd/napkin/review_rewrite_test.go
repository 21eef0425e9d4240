package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/offer"
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
	if len(files) < 14 || !slices.ContainsFunc(files, func(n string) bool { return strings.HasSuffix(n, "_deploy.txt") }) {
		t.Errorf("%d files: %v", len(files), files)
	}
	if !strings.Contains(stderr, fmt.Sprintf("wrote %d files of 4 recipes to safe (plain); not rehearsed; 2 statements have none", len(files))) {
		t.Errorf("it said: %s", stderr)
	}
	// Nothing is overwritten.
	code, _, stderr = s.run(t, "review", "--server-version", "15", "--rewrite", "safe", "migrations")
	if code != 2 || !strings.Contains(stderr, "is there already and nothing was written") {
		t.Errorf("a second time: exit %d, %s", code, stderr)
	}
	// Between whole numbers there is no room for more migrations, and there is between times.
	code, _, stderr = s.run(t, "review", "--server-version", "15", "--rewrite", "goose", "--rewrite-as", "goose", "migrations")
	if code != 2 || !strings.Contains(stderr, "there is no room for") {
		t.Errorf("between whole numbers: exit %d, %s", code, stderr)
	}
	for i, n := range filesIn(t, "migrations") {
		if err := os.Rename(filepath.Join("migrations", n), filepath.Join("migrations", fmt.Sprintf("2026010%d000000", i+1)+n[4:])); err != nil {
			t.Fatal(err)
		}
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
			if in := strings.TrimPrefix(n, "V"); in <= "20260102000000_" && form != "psql" && form != "flyway" || in >= "20260103" {
				t.Errorf("%s does not stand between its migration and the next one", n)
			}
			if ending := filepath.Ext(n); ending == ".sql" && !strings.HasSuffix(n, ".down.sql") && !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(string(text), "\n--", "")), " "), "In place of the statement at migrations/20260102000000_change.sql:") {
				t.Errorf("%s does not say what it replaces:\n%s", n, text)
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
	if !strings.Contains(stdout, "more lines; --format markdown shows all") || strings.Contains(stdout, "DROP COLUMN IF EXISTS total_napkin_old") {
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

// TestReviewRewriteNames: the files come behind the migration that they replace and before the next one.
func TestReviewRewriteNames(t *testing.T) {
	tests := []struct {
		form, at string
		others   []string
		n        int
		want     string // what the names begin with, or a part of the error
	}{
		{"goose", "20260101120000_a.sql", []string{"20260102000000_b.sql"}, 2, "20260101120001 20260101120002"},
		{"goose", "00007_a.sql", []string{"00006_z.sql"}, 2, "00008 00009"},
		{"sqlx", "7_a.up.sql", []string{"9_b.up.sql"}, 1, "8"},
		{"sqlx", "7_a.up.sql", []string{"9_b.up.sql"}, 2, "no room for 2 migrations between 7_a.up.sql and 9_b.up.sql"},
		{"dbmate", "add.sql", nil, 1, "begins with no version"},
		{"flyway", "V2__a.sql", []string{"V1__z.sql", "V3__b.sql"}, 2, "2.1 2.2"},
		{"flyway", "V2__a.sql", []string{"V2.1__b.sql"}, 2, "2.0.1 2.0.2"},
		{"flyway", "V1_10__a.sql", []string{"V1_9__z.sql"}, 1, "1.10.1"},
		{"goose", "20260101_a/up.sql", nil, 1, "20260102"},
		{"plain", "0002_a.sql", []string{"0003_b.sql", "0002_a.down.sql"}, 2, "0002_a_001 0002_a_002"},
		{"plain", "a.sql", []string{"a_0.sql"}, 2, "would not sort"},
		{"psql", "a.sql", []string{"a_0.sql"}, 1, "a_001"},
	}
	for _, tt := range tests {
		t.Run(tt.form+" "+tt.at, func(t *testing.T) {
			root := t.TempDir()
			for _, n := range append(tt.others, tt.at) {
				path := filepath.Join(root, "m", filepath.FromSlash(n))
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			names := recipeNames{root: root, as: tt.form, used: map[string]int{}}
			got := ""
			begin, err := names.of(&offer.Offer{Path: "m/" + tt.at}, tt.n)
			if err != nil {
				got = err.Error()
			} else {
				var all []string
				for i := range tt.n {
					all = append(all, begin(i))
				}
				got = strings.Join(all, " ")
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestReviewRewriteFolder: the folder of the migrations, and one that holds the versions, are refused.
func TestReviewRewriteFolder(t *testing.T) {
	migrations(t, map[string]string{
		"m/20260101000000_a.sql":     "CREATE TABLE t (id bigint PRIMARY KEY, n int);\n",
		"m/20260102000000_b.sql":     "SET lock_timeout = '1s';\nCREATE INDEX t_n ON t (n);\n",
		"there/20260102000001_c.sql": "SELECT 1;\n",
	})
	args := func(more ...string) []string {
		return append([]string{"review", "m", "--server-version", "15", "--rewrite-as", "goose"}, more...)
	}
	s := newSession(t)
	for dir, want := range map[string]string{"m": "is the folder of the migrations", "there": "which is there already"} {
		if code, _, stderr := s.run(t, args("--rewrite", dir)...); code != 2 || !strings.Contains(strings.Join(strings.Fields(stderr), " "), want) {
			t.Errorf("%s: exit %d, %s", dir, code, stderr)
		}
	}
	if code, _, stderr := s.run(t, args("--rewrite", "m", "--rewrite-live")...); code != 1 {
		t.Errorf("asked for: exit %d, %s", code, stderr)
	}
	if got := filesIn(t, "m"); len(got) != 3 || !strings.HasPrefix(got[2], "20260102000001_") {
		t.Errorf("files: %v", got)
	}
}
