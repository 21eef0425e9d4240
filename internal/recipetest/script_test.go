package recipetest

import (
	"context"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/catalog"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/script"
	base "github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// asScript runs a recipe in psql.
func asScript(t *testing.T, s *Stand, psql string, one bool) {
	differ, err := s.Script(t.Context(), psql, one)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range differ {
		t.Error(l)
	}
}

// psqlSays is inPsql for tests.
func psqlSays(t *testing.T, psql, address, text string) (string, int) {
	t.Helper()
	out, status, err := inPsql(t.Context(), psql, address, text)
	if err != nil {
		t.Fatal(err)
	}
	return out, status
}

// prepared returns a case by its name, made ready, and psql.
func prepared(t *testing.T, name string) (*Stand, string) {
	t.Helper()
	d, major := databases(t)
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed (it comes with PostgreSQL)")
	}
	for _, c := range Cases(major) {
		if c.Name == name {
			s, err := Prepare(t.Context(), d, c, options())
			if err != nil {
				t.Fatal(err)
			}
			return s, psql
		}
	}
	t.Fatalf("no case %q", name)
	return nil, ""
}

// forbidden checks that a database has the schema of the beginning.
func forbidden(t *testing.T, s *Stand, address string) {
	t.Helper()
	got, err := Snapshot(t.Context(), address, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range Difference(s.First, got) {
		t.Error("changed although the data forbid it:", l)
	}
}

// TestScriptAsks: where the data forbid the change, the script and the first migration end with a sentence and change
// nothing.
func TestScriptAsks(t *testing.T) {
	s, psql := prepared(t, "not null")
	address, err := s.Copy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Back(address)
	if err := run(t.Context(), address, "UPDATE orders SET customer = NULL WHERE id = 7"); err != nil {
		t.Fatal(err)
	}
	text, err := script.Psql(s.Recipe, "")
	if err != nil {
		t.Fatal(err)
	}
	files, err := script.Files(s.Recipe, script.Plain, script.Numbered(1), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{text, "\\set ON_ERROR_STOP on\n" + files[0].Content} {
		out, code := psqlSays(t, psql, address, c)
		if code != 3 || !strings.Contains(out, s.Recipe.Preflight[0].Says) {
			t.Errorf("status %d: %s", code, out)
		}
		forbidden(t, s, address)
	}
	// Standard input stops as a file does.
	cmd := exec.CommandContext(t.Context(), psql, "-X", address)
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err == nil || cmd.ProcessState.ExitCode() != 3 {
		t.Errorf("from standard input: %v, %s", err, out)
	}
	forbidden(t, s, address)
}

// TestScriptComesAgain: a step whose lock is not free is tried again, by the script and by each migration, and nobody waits for
// the whole time.
func TestScriptComesAgain(t *testing.T) {
	s, psql := prepared(t, "check")
	for name, text := range texts(t, s.Recipe) {
		address, err := s.Copy(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Back(address)
		conn, err := connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "BEGIN; SELECT count(*) FROM orders"); err != nil {
			t.Fatal(err)
		}
		freed := make(chan error)
		go func() { freed <- freeAtSleep(t.Context(), address, conn) }()
		out, code := psqlSays(t, psql, address, text)
		if code != 0 || !strings.Contains(out, "try 1 of 50") {
			t.Errorf("%s: status %d: %s", name, code, out)
		}
		if err := <-freed; err != nil {
			t.Error(err)
		}
		if differ, err := s.Compare(t.Context(), address); err != nil || len(differ) > 0 {
			t.Errorf("%s: %v %v", name, differ, err)
		}
	}
}

// freeAtSleep ends a session, which holds a lock, as soon as another sleeps between two tries.
func freeAtSleep(ctx context.Context, address string, holder *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	defer func() { _ = holder.Close(context.WithoutCancel(ctx)) }()
	watch, err := connect(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = watch.Close(context.WithoutCancel(ctx)) }()
	for {
		asleep, err := lines(ctx, watch, "SELECT 'asleep' FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'")
		if err != nil || len(asleep) > 0 {
			return err
		}
		pause(ctx, 5*time.Millisecond)
	}
}

// texts are the script of a recipe and its migrations one after the other.
func texts(t *testing.T, r rewrite.Recipe) map[string]string {
	t.Helper()
	text, err := script.Psql(r, "")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{"script": text}
	for _, tool := range script.Tools() {
		files, err := script.Files(r, tool, script.Numbered(1), "")
		if err != nil {
			t.Fatal(err)
		}
		all := "\\set ON_ERROR_STOP on\n"
		for _, f := range files {
			if strings.HasSuffix(f.Name, ".sql") && !strings.HasSuffix(f.Name, ".down.sql") {
				all += strings.Split(strings.Split(f.Content, "-- +goose Down")[0], "-- migrate:down")[0]
			}
		}
		out[string(tool)] = all
	}
	return out
}

// TestScriptResumes: a script that was cut off, with an invalid index left behind, goes on when it is run again.
func TestScriptResumes(t *testing.T) {
	s, psql := prepared(t, "unique")
	address, err := s.Copy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Back(address)
	text, err := script.Psql(s.Recipe, "")
	if err != nil {
		t.Fatal(err)
	}
	// A build that a reader's transaction holds up, and that is cut off, leaves an invalid index.
	conn, err := connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "BEGIN; UPDATE orders SET note = note WHERE id = 1"); err != nil {
		t.Fatal(err)
	}
	build := ""
	for _, step := range s.Recipe.Steps {
		if step.Clear != nil {
			build = step.SQL[0]
		}
	}
	if err := run(t.Context(), address, "SET statement_timeout = '300ms'", build); err == nil {
		t.Fatal("the build was not held up")
	}
	_ = conn.Close(context.WithoutCancel(t.Context()))
	out, code := psqlSays(t, psql, address, text)
	if code != 0 {
		t.Fatalf("status %d: %s", code, out)
	}
	if differ, err := s.Compare(t.Context(), address); err != nil || len(differ) > 0 {
		t.Errorf("%v %v", differ, err)
	}
	// A second run at the same time is refused.
	if conn, err = connect(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	if _, err := conn.Exec(t.Context(), "SELECT pg_advisory_lock(hashtextextended($1, 0))", "napkin recipe: "+s.Recipe.Title); err != nil {
		t.Fatal(err)
	}
	if out, code := psqlSays(t, psql, address, text); code != 3 || !strings.Contains(out, "Another session is at work") {
		t.Errorf("beside another run: status %d, %s", code, out)
	}
}

// TestMariaDBFiles runs the plain files of each recipe of MariaDB by its client: what stands in them must run as it stands.
func TestMariaDBFiles(t *testing.T) {
	m := testserver.MariaDBFor(t)
	at, err := url.Parse(m.URL)
	if err != nil {
		t.Fatal(err)
	}
	client, err := exec.LookPath("mariadb")
	if err != nil {
		t.Skip("the client mariadb is not installed (it comes with MariaDB)")
	}
	for _, c := range MariaCases() {
		t.Run(c.Name, func(t *testing.T) {
			name := "f_" + strings.ReplaceAll(c.Name, " ", "_")
			for _, db := range []string{name, name + "_plain"} {
				if err := mariaRun(t.Context(), m.URL, "CREATE DATABASE "+db); err != nil {
					t.Fatal(err)
				}
				if err := mariaRun(t.Context(), database(m.URL, db), append(mariaTables(1200), c.Setup...)...); err != nil {
					t.Fatal(err)
				}
			}
			u, err := base.Parse(database(m.URL, name))
			if err != nil {
				t.Fatal(err)
			}
			facts, err := catalog.Read(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			r, err := rewrite.Build(c.Change, facts, rewrite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := script.Psql(r, ""); err == nil {
				t.Error("a script for psql was written")
			}
			files, err := script.Files(r, script.Plain, script.Numbered(1), "")
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				if !strings.HasSuffix(f.Name, ".sql") {
					continue
				}
				cmd := exec.CommandContext(t.Context(), client, "--no-defaults", "--protocol=tcp", "--host="+at.Hostname(), "--port="+at.Port(), "--user="+at.User.Username(), name)
				cmd.Stdin = strings.NewReader(f.Content)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v: %s\n%s", f.Name, err, out, f.Content)
				}
			}
			if err := mariaRun(t.Context(), database(m.URL, name+"_plain"), r.Plain...); err != nil {
				t.Fatal(err)
			}
			wantSchema, wantRows, err := mariaSnapshot(t.Context(), database(m.URL, name+"_plain"))
			if err != nil {
				t.Fatal(err)
			}
			schema, rows, err := mariaSnapshot(t.Context(), database(m.URL, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range append(Difference(wantSchema, schema), Difference(wantRows, rows)...) {
				t.Error(l)
			}
		})
	}
}
