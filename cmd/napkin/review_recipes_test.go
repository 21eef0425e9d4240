package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/internal/testserver"
)

// guarded is a database in which nobody may make functions, which is what the recipe for types does and its statement not.
const guarded = `create table orders (id bigint primary key, total int, code text, note text);
create function forbid() returns event_trigger language plpgsql as $$ begin raise exception 'functions come from the platform team'; end $$;
create event trigger no_functions on ddl_command_start when tag in ('CREATE FUNCTION') execute function forbid();
`

// rehearsed is the part of a report in JSON that tells of recipes.
type rehearsed struct {
	System   []struct{ Name, Value string }
	Findings []struct {
		Rule    string
		Primary struct{ Path string }
		Facts   []struct{ Name, Value string }
		Fix     struct{ Summary, SQL string }
	}
	Sections []struct {
		Title, Text string
		Rows        [][]string
	}
}

func rehearsal(t *testing.T, args ...string) (r rehearsed, stderr string) {
	t.Helper()
	code, stdout, stderr := newSession(t).run(t, append([]string{"review", "--rehearse", "--server-version", "15", "--rows", "500", "--from", "002", "--fail-on", "none", "--json"}, args...)...)
	if code != exitOK {
		t.Fatalf("%d: %s", code, stderr)
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	return r, stderr
}

// TestRecipeThatFailsItsRehearsal: it stands neither in its finding nor in the files, and the finding says what the server
// said and what to do. Generated rows that break a new rule are no failure of the recipe.
func TestRecipeThatFailsItsRehearsal(t *testing.T) {
	testserver.PostgresFor(t)
	migrations(t, map[string]string{
		"m/001_init.sql": guarded,
		"m/002_type.sql": "alter table orders alter column total type bigint;\n", "m/003_index.sql": "create index on orders (code);\n",
		"m/004_rule.sql": "alter table orders add constraint never check (id < 0);\n", "m/005_wrong.sql": "create index on orders ((note || now()));\n",
		"m/006_more.sql": "alter table orders add exclude (code with =);\nalter table nowhere add column a int;\nalter table orders add column b int;\n",
	})
	r, stderr := rehearsal(t, "--rewrite", "safe", "m")
	want := map[string][]string{ // of each migration: what its finding says
		"m/002_type.sql":  {"failed its rehearsal: step 2 of", "functions come from the platform team", "Do not carry it out"},
		"m/003_index.sql": {"stands below, rehearsed."},
		"m/004_rule.sql":  {"stands below, rehearsed without rows.", "break the rule", "ask there before the first step"},
		"m/005_wrong.sql": {"failed its rehearsal", "must be marked IMMUTABLE", "statement itself fails on the scratch server as well"},
	}
	for _, f := range r.Findings {
		parts, ok := want[f.Primary.Path]
		if !ok || !strings.HasPrefix(f.Rule, "lock.") {
			continue
		}
		for _, part := range parts {
			if !strings.Contains(f.Fix.Summary, part) {
				t.Errorf("%s: %q is missing in %q", f.Primary.Path, part, f.Fix.Summary)
			}
		}
		if failed := strings.Contains(parts[0], "failed"); failed == (f.Fix.SQL != "") {
			t.Errorf("%s: SQL %q", f.Primary.Path, f.Fix.SQL)
		}
		delete(want, f.Primary.Path)
	}
	if len(want) > 0 {
		t.Errorf("without a finding: %v", want)
	}
	for _, f := range r.System {
		if f.Name == "for statements whose work others wait for" && f.Value != "2 of 5" || f.Name == "that failed their rehearsal" && f.Value != "2" {
			t.Errorf("%s: %s", f.Name, f.Value)
		}
	}
	told := r.Sections[len(r.Sections)-1]
	if !strings.HasSuffix(told.Text, "which stop nobody by their work and need none: 1.") || len(told.Rows) != 6 {
		t.Errorf("%s: %s %d rows", told.Title, told.Text, len(told.Rows))
	}
	for place, outcome := range map[string]string{
		"m/002_type.sql:1": "failed its rehearsal: step 2", "m/003_index.sql:1": "rehearsed", "m/004_rule.sql:1": "rehearsed without rows: ", "m/005_wrong.sql:1": "The statement itself: the server says: functions in index expression",
		"m/006_more.sql:1": "no recipe for a constraint of the type EXCLUDE", "m/006_more.sql:2": `The statement itself: the server says: relation "nowhere" does not exist`,
	} {
		if !slices.ContainsFunc(told.Rows, func(row []string) bool { return row[0] == place && strings.Contains(row[2], outcome) }) {
			t.Errorf("%s: no row with %q in %v", place, outcome, told.Rows)
		}
	}
	files := filesIn(t, "safe")
	if len(files) != 4 || slices.ContainsFunc(files, func(n string) bool { return strings.Contains(n, "type") }) {
		t.Errorf("files: %v", files)
	}
	for _, n := range files {
		text, err := os.ReadFile(filepath.Join("safe", n))
		if mark := "-- Rehearsed on PostgreSQL "; err != nil || !strings.Contains(string(text), mark) {
			t.Errorf("%s does not say %q: %v\n%s", n, mark, err, text)
		}
	}
	if !strings.Contains(stderr, "wrote 4 files of 2 recipes to safe (plain); 1 statements have none, 2 recipes did not pass their rehearsal") {
		t.Errorf("it said: %s", stderr)
	}
	// What is in the way of the files is said before the rehearsal.
	if code, _, stderr := newSession(t).run(t, "review", "--rehearse", "--from", "002", "--rewrite", "safe", "m"); code != exitError || !strings.Contains(stderr, "is there already") || strings.Contains(stderr, "scratch") {
		t.Errorf("a second time: %d, %s", code, stderr)
	}
}
