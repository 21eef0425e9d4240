package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/napkin-infra/napkin/engine/datadiff/render"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// twoFiles makes two SQLite databases in a folder of their own, which becomes the current one, and runs
// the same statements in both. The files are a.db and b.db.
func twoFiles(t *testing.T, both ...string) *session {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, side := range []string{"a", "b"} {
		change(t, side, both...)
	}
	return newSession(t)
}

// change runs statements in a.db or b.db.
func change(t *testing.T, side string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", side+".db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

const (
	users = `create table users (id integer primary key, email text not null, balance real, updated_at timestamp)`
	// thousand fills users with a thousand rows.
	thousand = `insert into users with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000)
		select i, 'u' || i || '@ex.com', i * 1.5, datetime('2026-01-01', '+' || i || ' minutes') from n`
	later = `update users set updated_at = datetime(updated_at, '+1 hour') where id % 10 = 0`
)

func (s *session) diff(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return s.run(t, append([]string{"diff", "sqlite:a.db", "sqlite:b.db"}, args...)...)
}

func TestDiffExitCodes(t *testing.T) {
	s := twoFiles(t, users, thousand, "create table spare (id integer primary key)")
	for _, c := range []struct {
		name   string
		change string // of B
		args   string
		want   int
		say    []string // on either stream
	}{
		{"equal", "", "--table users --plan stream", exitOK, []string{"Equal", "1,000 rows", "took"}},
		{"all tables, equal", "", "--all-tables", exitOK, []string{"Equal: the rows of all 2 tables"}},
		{"no table named, and several there", "", "", exitError, []string{"--table or --all-tables", "spare, users"}},
		{"a table that is not there", "", "--table user", exitError, []string{"A has no table user; there: spare, users", "Could not tell"}},
		{"two names written as columns are", "", "--table users=people", exitError, []string{"a table that has two names is written a:b"}},
		{"a column that is not there", "", "--table users --exclude mail", exitError, []string{"--exclude mail: none of the tables"}},
		{"a condition that is no SQL", "", "--table users --where id=nope", exitError, []string{"Could not tell", "nope"}},
		{"a plan that cannot be used", "", "--table users --plan native", exitError, []string{"the plan native cannot be used"}},
		{"two ways to say which tables", "", "--table users --all-tables", exitError, []string{"exclude each other"}},
		{"the schemas", "", "--table users --schema-only", exitOK, []string{"Equal: the schemas"}},
		{"different", later, "--table users", exitFindings, []string{"100 rows differ", "all 100 differ by exactly +1 h (B is later)", "id 10", "'2026-01-01 00:10:00' → '2026-01-01 01:10:00'"}},
		{"the column left out", "", "--table users --exclude updated_at", exitOK, []string{"Equal"}},
		{"only other columns", "", "--table users --columns email,balance", exitOK, []string{"Equal"}},
		{"rows that are the same", "", "--table users --where id<10", exitOK, []string{"Equal", "where id<10"}},
		{"at most five", "", "--table users --limit 5", exitFindings, []string{"at least 5 rows differ", "there may be more"}},
		{"another key", "", "--table users --key email", exitFindings, []string{"100 rows differ", "key email (--key)"}},
		{"a sample", "", "--table users --sample 50% --range-rows 100", exitFindings, []string{"Only a sample was compared: 50 %"}},
		{"a sample without a difference", "", "--table users --exclude updated_at --sample 50% --range-rows 100 --confidence 99%", exitOK, []string{"No difference in the sample", "with 99 % confidence fewer than"}},
		{"one unknown among different ones", "", "--table users --table nope", exitError, []string{"Could not tell for 1 of 2 tables. Different: 100 rows"}},
		{"a table of one side", "create table more (id integer primary key)", "--all-tables", exitFindings, []string{"tables only in B  more", "1 table stands on one side only"}},
	} {
		if c.change != "" {
			change(t, "b", c.change)
		}
		code, stdout, stderr := s.diff(t, strings.Fields(c.args)...)
		if code != c.want {
			t.Errorf("%s: exit %d, want %d\n%s\n%s", c.name, code, c.want, stdout, stderr)
		}
		all := strings.Join(strings.Fields(stdout+stderr), " ")
		for _, say := range c.say {
			if !strings.Contains(all, strings.Join(strings.Fields(say), " ")) {
				t.Errorf("%s: it does not say %q\n%s\n%s", c.name, say, stdout, stderr)
			}
		}
	}
}

func TestDiffWithoutAnAnswer(t *testing.T) {
	s := twoFiles(t, users)
	for _, c := range []struct {
		args []string
		say  string
	}{
		{[]string{"sqlite:a.db"}, "1 were given"},
		{[]string{"shop", "sqlite:b.db"}, "neither a URL of a database nor a file"},
		{[]string{"sqlite:a.db", "oracle://x/y"}, "are not known"},
		{[]string{"sqlite:a.db", "sqlite:nope.db"}, "B: open sqlite:nope.db"},
		{[]string{"sqlite:a.db", "postgres://u:secret@127.0.0.1:1/x"}, "u:xxxxx@127.0.0.1:1"},
		{[]string{"sqlite:a.db", "mysql://u:secret@127.0.0.1:1/x"}, "u:xxxxx@127.0.0.1:1"},
		{[]string{"sqlite:a.db", "sqlite:b.db", "--resume"}, "nothing to go on from"},
		{[]string{"sqlite:a.db", "sqlite:b.db", "--apply", "--no-input"}, "add --yes"},
		{[]string{"sqlite:a.db", "sqlite:b.db", "--apply"}, "no terminal"},
		{[]string{"sqlite:a.db", "sqlite:b.db", "--sample", "120%"}, "above 0 and up to 1"},
		{[]string{"sqlite:a.db", "sqlite:b.db", "--tolerance", "balance"}, "column=number"},
		{[]string{"sqlite:a.db", "sqlite:b.db", "--tolerance", "email=1"}, "a tolerance is for numbers"},
		{[]string{"sqlite:a.db", "sqlite:b.db", "--map", "mail"}, "a=b"},
		{[]string{"sqlite:a.db", "sqlite:b.db", "-o", "x.zip"}, ".ndjson"},
		{[]string{"sqlite:a.db", "sqlite:b.db", "-o", "/nonexistent/x.json"}, "write the answer"},
		{[]string{"sqlite:a.db", "sqlite:b.db", "--explain", "--format", "html"}, "text or JSON"},
		{[]string{"sqlite:a.db", "sqlite:b.db", "--repair", "/nonexistent/x.sql"}, "write the repair"},
	} {
		code, stdout, stderr := s.run(t, append([]string{"diff"}, c.args...)...)
		if code != exitError || !strings.Contains(stdout+stderr, c.say) {
			t.Errorf("%q: exit %d, want %d and %q\n%s\n%s", c.args, code, exitError, c.say, stdout, stderr)
		}
		if strings.Contains(stdout+stderr, "secret") {
			t.Errorf("%q prints the password\n%s\n%s", c.args, stdout, stderr)
		}
	}
}

func TestDiffForms(t *testing.T) {
	s := twoFiles(t, users, thousand)
	change(t, "b", later)
	_, stdout, _ := s.diff(t, "--json")
	var summary struct {
		SchemaVersion int    `json:"schema_version"`
		Verdict       string `json:"verdict"`
		Tables        []struct {
			Differences struct{ Changed int }
		}
		Limit limit.RunJSON
	}
	if err := json.Unmarshal([]byte(stdout), &summary); err != nil || summary.Limit.Took <= 0 || summary.Limit.Says == "" || summary.SchemaVersion != render.SchemaVersion || summary.Verdict != "different" || summary.Tables[0].Differences.Changed != 100 {
		t.Errorf("--json: %v, %+v", err, summary)
	}
	code, stdout, stderr := s.diff(t, "--format", "ndjson", "--quiet")
	if code != exitFindings || stderr != "" || strings.Count(stdout, "\n") != 100 {
		t.Errorf("ndjson: exit %d, %d lines, %q", code, strings.Count(stdout, "\n"), stderr)
	}
	if want := `{"table":"users","kind":"changed","state":"seen once","key":{"id":10},"columns":{"updated_at":{"a":"2026-01-01 00:10:00","b":"2026-01-01 01:10:00"}}}`; !strings.HasPrefix(stdout, want+"\n") {
		t.Errorf("ndjson begins %.200s", stdout)
	}
	for name, begin := range map[string]string{"r.html": "<!doctype html>", "r.md": "# ", "r.ndjson": `{"table"`, "r.json": "{\n", "r.txt": "a  sqlite"} {
		code, stdout, stderr := s.diff(t, "-o", name)
		data, err := os.ReadFile(name)
		if code != exitFindings || err != nil || stdout != "" || !strings.HasPrefix(strings.ToLower(string(data)), begin) {
			t.Errorf("-o %s: exit %d, %v, %d bytes printed, file begins %.20q\n%s", name, code, err, len(stdout), data, stderr)
		}
	}
	for _, kept := range []string{"diff.html", "diff.md", "diff.json"} {
		if info, err := os.Stat(filepath.Join(".napkin", kept)); err != nil || info.Size() == 0 {
			t.Errorf("%s is not kept: %v", kept, err)
		}
	}
	if left, err := filepath.Glob(".napkin/diff/*.journal"); err != nil || len(left) > 0 {
		t.Errorf("journals of finished runs are left: %v, %v", left, err)
	}
}

func TestDiffExplains(t *testing.T) {
	s := twoFiles(t, users, thousand)
	code, stdout, stderr := s.diff(t, "--explain")
	if code != exitOK {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	for _, say := range []string{"key        id (primary key)", "predicted", "limit", "stream", "not possible", "measured A", "updated_at  the stored value", "No row of any table was read"} {
		if !strings.Contains(stdout, say) {
			t.Errorf("--explain does not say %q\n%s", say, stdout)
		}
	}
	_, stdout, _ = s.diff(t, "--explain", "--json")
	var forecast render.Forecast
	if err := json.Unmarshal([]byte(stdout), &forecast); err != nil || len(forecast.Tables) != 1 || len(forecast.Tables[0].Plans) != 4 || forecast.Tables[0].Seconds <= 0 {
		t.Errorf("--explain --json: %v, %s", err, stdout)
	}
	if code, stdout, _ := s.diff(t, "--explain", "--table", "nope"); code != exitError || !strings.Contains(stdout, "cannot be compared") {
		t.Errorf("--explain of a table that is not there: exit %d\n%s", code, stdout)
	}
}

func TestDiffMapsAndTolerates(t *testing.T) {
	s := twoFiles(t)
	change(t, "a", "create table users (id integer primary key, mail text, amount real)", "insert into users values (1, 'a', 1.0), (2, 'b', 2.0)")
	change(t, "b", "create table people (id integer primary key, email text, amount real)", "insert into people values (1, 'a', 1.0000000001), (2, 'b', 2.0)")
	args := []string{"--table", "users:people", "--map", "mail=email"}
	if code, stdout, _ := s.diff(t, args...); code != exitFindings || !strings.Contains(stdout, "users:people  different") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	code, stdout, stderr := s.diff(t, append(args, "--tolerance", "amount=1e-9")...)
	if code != exitOK || !strings.Contains(stdout, "at most 1e-09 apart count as equal") {
		t.Errorf("with a tolerance: exit %d\n%s\n%s", code, stdout, stderr)
	}
	// Without --map the renamed columns are said to be left out.
	if _, stdout, _ := s.diff(t, args[:2]...); !strings.Contains(stdout, "only A has it: mail") || !strings.Contains(stdout, "only B has it: email") {
		t.Errorf("columns of one side are not said\n%s", stdout)
	}
}

func TestDiffWithoutAKey(t *testing.T) {
	s := twoFiles(t, "create table log (msg text, n int)", "insert into log values ('x', 1), ('x', 1), ('y', null)")
	change(t, "b", "insert into log values ('x', 1)")
	code, stdout, _ := s.diff(t)
	if code != exitFindings || !strings.Contains(stdout, "1 row differs: 1 only in B") || !strings.Contains(strings.Join(strings.Fields(stdout), " "), "as a multiset") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestDiffRepairs(t *testing.T) {
	parts := []string{"create table teams (id integer primary key, name text unique)", "create table members (id integer primary key, team int references teams(id), name text)", "create table log (msg text)"}
	rows := []string{"insert into teams values (1, 'red'), (2, 'blue'), (3, 'new')", "insert into members values (1, 1, 'ann'), (2, 3, 'bob')", "insert into log values ('x'), ('y')"}
	s := twoFiles(t, append(parts, rows...)...)
	change(t, "b", "delete from members where id = 2", "delete from teams where id = 3", "update teams set name = 'green' where id = 1",
		"insert into members values (9, 2, 'zoe')", "update log set msg = 'z' where msg = 'y'")
	code, stdout, stderr := s.diff(t, "--all-tables", "--repair", "fix.sql")
	script, err := os.ReadFile("fix.sql")
	if code != exitFindings || err != nil || !strings.Contains(stdout, "in fix.sql: ") {
		t.Fatalf("--repair: exit %d, %v\n%s\n%s", code, err, stdout, stderr)
	}
	if team, member := bytes.Index(script, []byte("INSERT INTO main.`teams`")), bytes.Index(script, []byte("INSERT INTO main.`members`")); team < 0 || member < team {
		t.Errorf("a row is inserted before the one that it refers to\n%s", script)
	}
	if code, _, _ := s.diff(t, "--all-tables"); code != exitFindings {
		t.Errorf("--repair alone changed something: exit %d", code)
	}
	code, stdout, stderr = s.diff(t, "--all-tables", "--apply", "--yes")
	if code != exitOK || !strings.Contains(stderr, "members: insert 1, update 0, delete 1") || !strings.Contains(strings.Join(strings.Fields(stdout), " "), "Compared again: equal.") {
		t.Errorf("--apply: exit %d\n%s\n%s", code, stdout, stderr)
	}
	if code, stdout, _ := s.diff(t, "--all-tables"); code != exitOK {
		t.Errorf("after the repair: exit %d\n%s", code, stdout)
	}
}

func TestDiffAppliesOnlyAfterAYes(t *testing.T) {
	s := twoFiles(t, users, thousand)
	change(t, "b", later)
	for answer, want := range map[string]int{"": exitFindings, "no\n": exitFindings, "y\n": exitFindings, "yes\n": exitOK} {
		var out, notes bytes.Buffer
		typed := &keyboard{strings.NewReader(answer)}
		w := s.world(&out, &notes)
		w.stdin = typed
		terminal := w.terminal
		w.terminal = func(stream io.Writer) (int, bool) {
			if stream == io.Writer(typed) {
				return 80, true
			}
			return terminal(stream)
		}
		code := run(t.Context(), w, []string{"diff", "sqlite:b.db", "sqlite:a.db", "--apply", "--direction", "b-to-a"})
		if code != want || !strings.Contains(notes.String(), "Type yes to apply") {
			t.Errorf("answer %q: exit %d, want %d\n%s\n%s", answer, code, want, out.String(), notes.String())
		}
		if code != exitOK && !strings.Contains(notes.String(), "nothing was applied") {
			t.Errorf("answer %q: %s", answer, notes.String())
		}
		if want == exitOK {
			change(t, "b", later) // for the next answer
		}
	}
}

// keyboard is a terminal that a person types on.
type keyboard struct{ *strings.Reader }

func (*keyboard) Write(p []byte) (int, error) { return len(p), nil }

func TestDiffInterrupted(t *testing.T) {
	s := twoFiles(t, users, thousand)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code, _, stderr := s.runContext(ctx, "diff", "sqlite:a.db", "sqlite:b.db")
	if code != exitInterrupted || !strings.Contains(stderr, "interrupted") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

func TestCommandLineIsQuotedAndMasked(t *testing.T) {
	u, err := database.Parse("postgres://u:secret@h/db?x=1")
	if err != nil {
		t.Fatal(err)
	}
	d := comparing{face: &face{args: []string{"diff", "postgres://u:secret@h/db?x=1", "sqlite:b.db", "--where", "name = 'it''s'"}}, urls: []string{"postgres://u:secret@h/db?x=1", "sqlite:b.db"}}
	d.sides[0].url = u
	d.sides[1].url = database.URL{Kind: database.SQLite, Path: "b.db"}
	want := `napkin diff 'postgres://u:xxxxx@h/db?x=1' sqlite:b.db --where 'name = '\''it'\'''\''s'\''' --resume`
	if got := d.commandLine(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestDiffBetweenProducts compares PostgreSQL with MariaDB through the command.
func TestDiffBetweenProducts(t *testing.T) {
	pg, maria := testserver.PostgresFor(t), testserver.MariaDBFor(t)
	t.Chdir(t.TempDir())
	s := newSession(t)
	rows := make([]string, 0, 500)
	for i := range 500 {
		rows = append(rows, fmt.Sprintf("(%d, 'u%d', '2026-01-01 00:%02d:%02d', %d.25)", i, i, i/60, i%60, i))
	}
	fillServer(t, pg.URL, "create table users (id bigint primary key, name text not null, at timestamp not null, amount numeric(12,2))", "insert into users values "+strings.Join(rows, ","))
	fillServer(t, maria.URL, "create table users (id bigint primary key, name varchar(50) not null, at datetime(6) not null, amount decimal(12,2))", "insert into users values "+strings.Join(rows, ","))
	if code, stdout, stderr := s.run(t, "diff", pg.URL, maria.URL); code != exitOK {
		t.Fatalf("equal tables: exit %d\n%s\n%s", code, stdout, stderr)
	}
	fillServer(t, maria.URL, "update users set at = at + interval 1 hour where id < 120", "delete from users where id = 300")
	code, stdout, stderr := s.run(t, "diff", pg.URL, maria.URL, "--recheck", "50ms")
	if code != exitFindings || !strings.Contains(stdout, "all 120 differ by exactly +1 h") || !strings.Contains(stdout, "121 confirmed") || !strings.Contains(stdout, "1 only in A") {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	code, stdout, stderr = s.run(t, "diff", pg.URL, maria.URL, "--recheck", "0", "--apply", "--yes", "--max-mb-per-s", "100")
	if code != exitOK {
		t.Errorf("--apply: exit %d\n%s\n%s", code, stdout, stderr)
	}
}

// TestDiffResumes cuts a slow comparison off and goes on from its journal.
func TestDiffResumes(t *testing.T) {
	pg := testserver.PostgresFor(t)
	t.Chdir(t.TempDir())
	s := newSession(t)
	fillServer(t, pg.URL, "create schema other",
		"create table big (id bigint primary key, v text)", "insert into big select i, repeat('x', 100) from generate_series(1, 40000) i", "create table other.big (like big including all)",
		"insert into other.big select * from big", "update other.big set v = 'y' where id in (3, 39999)", "analyze")
	args := []string{"diff", pg.URL, pg.URL, "--table", "big:other.big", "--plan", "stream", "--range-rows", "500", "--workers", "1", "--recheck", "0"}
	ctx, cancel := context.WithCancel(t.Context())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		defer cancel()
		for range 2000 {
			found, _ := filepath.Glob(".napkin/diff/*.journal")
			if len(found) == 1 {
				if info, err := os.Stat(found[0]); err == nil && info.Size() > 2000 {
					time.Sleep(300 * time.Millisecond)
					return
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	code, stdout, stderr := s.runContext(ctx, append(args, "--max-mb-per-s", "3")...)
	cancel()
	<-watched
	if code != exitInterrupted || !strings.Contains(stderr, "go on from there with\n  napkin diff") || !strings.Contains(stderr, "--resume") {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	if code, stdout, stderr := s.run(t, append(args, "--resume", "--exclude", "v")...); code != exitError || !strings.Contains(strings.Join(strings.Fields(stdout), " "), "begun with other columns") {
		t.Errorf("a journal of other columns is gone on from: exit %d\n%s\n%s", code, stdout, stderr)
	}
	code, stdout, stderr = s.run(t, append(args, "--resume")...)
	if code != exitFindings || !strings.Contains(stdout, "2 rows differ") || !strings.Contains(strings.Join(strings.Fields(stdout), " "), "of them by earlier runs)") || !strings.Contains(stderr, "going on from") || strings.Contains(stderr, "the limit") {
		t.Errorf("--resume: exit %d\n%s\n%s", code, stdout, stderr)
	}
	if left, err := filepath.Glob(".napkin/diff/*.journal"); err != nil || len(left) > 0 {
		t.Errorf("the journal is left: %v, %v", left, err)
	}
}

// fillServer runs statements on a server.
func fillServer(t *testing.T, url string, statements ...string) {
	t.Helper()
	u, err := database.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	o := database.Options{Write: true}
	if u.Kind == database.Postgres {
		conn, err := database.OpenPostgres(t.Context(), u, o)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.WithoutCancel(t.Context()))
		for _, s := range statements {
			if _, err := conn.Exec(t.Context(), s).ReadAll(); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	conn, err := database.OpenMySQL(t.Context(), u, o)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, s := range statements {
		if _, err := conn.Execute(s); err != nil {
			t.Fatal(err)
		}
	}
}
