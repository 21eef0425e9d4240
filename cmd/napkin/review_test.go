package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// migrations writes files below a folder of the test and moves there.
func migrations(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

const ordersTable = "CREATE TABLE orders (id bigint PRIMARY KEY, code text);\n"

func TestReviewExitCodes(t *testing.T) {
	migrations(t, map[string]string{
		"schema.sql":   ordersTable,
		"index.sql":    "CREATE INDEX orders_code ON orders (code);\n",
		"safe.sql":     "SET lock_timeout = '1s';\nALTER TABLE orders ADD COLUMN a int;\n",
		"open.sql":     "SELECT 1;\nDO $$ BEGIN\n",
		"ignored.sql":  "-- napkin:ignore lock,queue nobody writes at night\nCREATE INDEX orders_code ON orders (code);\n",
		"m/001_a.sql":  ordersTable,
		"m/002_b.sql":  "CREATE INDEX orders_code ON orders (code);\n",
		"m/README.txt": "no migration",
	})
	tests := []struct {
		name string
		args []string
		code int
		want string // in standard output, or in the error
	}{
		{"a finding", []string{"--schema", "schema.sql", "index.sql"}, 1, "stops writes"},
		{"no finding that counts", []string{"--schema", "schema.sql", "--fail-on", "none", "index.sql"}, 0, "stops writes"},
		{"nothing", []string{"--schema", "schema.sql", "safe.sql"}, 0, "Nothing in 1 migration was found"},
		{"an open quote", []string{"open.sql"}, 1, "cannot be read to its end"},
		{"suppressed", []string{"--schema", "schema.sql", "ignored.sql"}, 0, "Nothing in 1 migration"},
		{"the same change", []string{"m/001_a.sql", "m/002_b.sql"}, 0, "tables that the same change creates"},
		{"a history", []string{"m"}, 1, "stops writes"},
		{"from", []string{"--from", "002_b", "m"}, 1, "stops writes"},
		{"from nowhere", []string{"--from", "003", "m"}, 2, "no migration is called 003"},
		{"no argument", nil, 2, "say what to review"},
		{"no file", []string{"nowhere.sql"}, 2, "there is no such file or folder"},
		{"no SQL", []string{"m/README.txt"}, 2, "does not end in .sql"},
		{"no schema", []string{"--schema", "nowhere.sql", "index.sql"}, 2, "give the file of a dump"},
		{"a wrong version", []string{"--server-version", "old", "index.sql"}, 2, `"old" is no version of a server`},
		{"a wrong product", []string{"--server-version", "mysql-8.0.36", "--dialect", "postgresql", "index.sql"}, 2, "the migrations are written for postgresql"},
		{"two schemas", []string{"--schema", "schema.sql", "--db", "postgres://x/y", "index.sql"}, 2, "give one"},
		{"a wrong tool", []string{"--tool", "gose", "index.sql"}, 2, "--tool"},
		{"no server", []string{"--db", "postgres://nobody@127.0.0.1:1/none", "index.sql"}, 2, "--db"},
		{"a pdf", []string{"-o", "x.pdf", "index.sql"}, 2, "a review is written as"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSession(t)
			code, stdout, stderr := s.run(t, append([]string{"review"}, tt.args...)...)
			flat := strings.Join(strings.Fields(stdout+" "+stderr), " ")
			if code != tt.code || !strings.Contains(flat, tt.want) {
				t.Errorf("exit %d, want %d with %q:\n%s\n%s", code, tt.code, tt.want, stdout, stderr)
			}
		})
	}
}

func TestReviewFormats(t *testing.T) {
	migrations(t, map[string]string{"schema.sql": ordersTable, "index.sql": "CREATE INDEX orders_code ON orders (code);\n"})
	s := newSession(t)
	_, stdout, _ := s.run(t, "review", "--schema", "schema.sql", "--json", "index.sql")
	var r struct {
		SchemaVersion int    `json:"schema_version"`
		Kind          string `json:"kind"`
		Findings      []struct {
			Rule  string
			Facts []struct{ Name, Value string }
		}
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	if r.SchemaVersion == 0 || r.Kind != "review" || len(r.Findings) == 0 || r.Findings[0].Rule != "lock.create-index" || len(r.Findings[0].Facts) < 5 {
		t.Errorf("%+v", r)
	}
	for _, format := range []string{"markdown", "html", "sarif", "text"} {
		code, stdout, stderr := s.run(t, "review", "--schema", "schema.sql", "--format", format, "index.sql")
		if code != 1 || !strings.Contains(stdout, "SHARE on orders") && format != "sarif" || !strings.Contains(stdout, "orders") {
			t.Errorf("%s: exit %d, %s\n%s", format, code, stderr, stdout)
		}
	}
	if code, _, stderr := s.run(t, "review", "--schema", "schema.sql", "-o", "out.sarif", "index.sql"); code != 1 {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if text, err := os.ReadFile("out.sarif"); err != nil || !strings.Contains(string(text), "lock.create-index") {
		t.Errorf("out.sarif: %v", err)
	}
}

// TestReviewSince judges what git says is new, committed or not.
func TestReviewSince(t *testing.T) {
	migrations(t, map[string]string{"m/001_a.sql": ordersTable + "CREATE INDEX first ON orders (code);\n"})
	git := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("git", append([]string{"-c", "user.name=x", "-c", "user.email=x@x", "-c", "commit.gpgsign=false"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-qm", "first")
	if err := os.WriteFile("m/002_b.sql", []byte("CREATE INDEX second ON orders (code);\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := newSession(t)
	code, stdout, stderr := s.run(t, "review", "--since", "HEAD", "--format", "markdown", "m")
	if code != 1 || !strings.Contains(stdout, "002_b.sql") || strings.Contains(stdout, "001_a.sql:") {
		t.Errorf("exit %d: %s\n%s", code, stderr, stdout)
	}
	if code, _, stderr := s.run(t, "review", "--since", "nowhere", "m"); code != 2 || !strings.Contains(stderr, "git knows no commit, branch or tag of that name") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	// A ref is never an option of git.
	if code, _, _ := s.run(t, "review", "--since", "--output=stolen", "m"); code != 2 {
		t.Errorf("a ref that is an option: exit %d", code)
	}
	if _, err := os.Lstat("stolen"); err == nil {
		t.Error("git wrote the file that a ref named")
	}
	// A change without migrations is no failure, and writes its report.
	git("add", ".")
	git("commit", "-qm", "second")
	if code, _, stderr := s.run(t, "review", "--since", "HEAD", "-o", "none.sarif", "m"); code != 0 {
		t.Errorf("nothing new: exit %d: %s", code, stderr)
	}
	if _, err := os.Stat("none.sarif"); err != nil {
		t.Error(err)
	}
	t.Chdir(t.TempDir())
	outside := newSession(t)
	if err := os.WriteFile("new.sql", []byte("SELECT 1;\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := outside.run(t, "review", "--since", "main", "new.sql"); code != 2 || !strings.Contains(stderr, "is not in a git repository") || strings.Count(stderr, "\n") > 1 {
		t.Errorf("outside of a repository: exit %d: %s", code, stderr)
	}
}

// TestReviewSuppressions: one that has expired, is misspelt or meets nothing is told.
func TestReviewSuppressions(t *testing.T) {
	migrations(t, map[string]string{"s.sql": ordersTable, "m.sql": `-- napkin:ignore lock.create-index at night until=2020-01-01
CREATE INDEX a ON orders (code);
-- napkin:ignore lock.create-indx at night
CREATE INDEX b ON orders (code);
-- napkin:ignore compat.drop-table nobody uses it
SELECT 1;
`})
	_, stdout, stderr := newSession(t).run(t, "review", "--schema", "s.sql", "--format", "markdown", "m.sql")
	for _, want := range []string{"the suppression of lock.create-index has expired", "no hazard is called lock.create-indx", "the suppression of compat.drop-table suppresses nothing"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("nothing says %q: %s\n%s", want, stderr, stdout)
		}
	}
}

// TestReviewOutside: a path outside of the working folder is printed so that it can be opened, in all forms.
func TestReviewOutside(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "001_a.sql")
	if err := os.WriteFile(file, []byte("CREATE INDEX orders_code ON orders (code);\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	s := newSession(t)
	for _, format := range []string{"markdown", "json", "sarif"} {
		code, stdout, stderr := s.run(t, "review", "--format", format, folder)
		if code != 1 || !strings.Contains(stdout, filepath.ToSlash(file)) {
			t.Errorf("%s: exit %d, %s does not stand in it: %s", format, code, file, stderr)
		}
		if format == "sarif" && !strings.Contains(stdout, `"uri": "file://`) {
			t.Errorf("no absolute URI:\n%s", stdout)
		}
	}
	if code, _, stderr := s.run(t, "review", file+"x"); code != 2 || !strings.Contains(stderr, filepath.ToSlash(file)+"x: there is no such file or folder") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}
