package inventory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
)

func list(t *testing.T, dir string) *Listing {
	t.Helper()
	l, err := List(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func (l *Listing) entry(p string) Entry {
	if i, ok := l.known[p]; ok {
		return l.Entries[i]
	}
	return Entry{Skip: "not listed"}
}

func TestTrackedAndUntrackedFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.rb": "1", "b.rb": "2", "vendor/x.rb": "3", "gone.rb": "4", ".gitignore": "/tmp\n*.log\n!keep.log\n", "tmp/kept.rb": "5", "Gemfile": ""})
	git(t, dir, "init", "-q")
	git(t, dir, "add", "-A", "-f")
	write(t, dir, map[string]string{
		"new.rb": "5", "deep/down/new.rb": "6", "keep.log": "7", "b.rb": "changed",
		"tmp/ignored.rb": "8", "x.log": "9", "excluded.rb": "10", "node_modules/x/index.js": "11", "log/y.rb": "12", "other/.git/HEAD": "13", "other/z.rb": "14",
	})
	write(t, dir, map[string]string{".git/info/exclude": "excluded.rb\n"})
	if err := os.Remove(filepath.Join(dir, "gone.rb")); err != nil {
		t.Fatal(err)
	}
	l := list(t, dir)
	if got := strings.Join(pathsOf(l), " "); got != ".gitignore Gemfile a.rb b.rb deep/down/new.rb keep.log new.rb tmp/kept.rb vendor/x.rb" || !l.Git {
		t.Errorf("listed %q (git %v)", got, l.Git)
	}
	if b, err := l.Read("b.rb"); err != nil || string(b) != "changed" {
		t.Errorf("Read = %q, %v: want the working tree's content", b, err)
	}
	for _, want := range []string{"1 file that git tracks is deleted", "3 files are not tracked by git", "1 repository inside this one was not entered (other)"} {
		if notes := strings.Join(l.Notes, "\n"); !strings.Contains(notes, want) {
			t.Errorf("notes = %q, want %q", notes, want)
		}
	}
}

// TestNothingOfTheRepositoryRuns plants the settings by which a repository can make git run programs.
func TestNothingOfTheRepositoryRuns(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.rb": "1", ".gitattributes": "*.rb filter=evil\n"})
	git(t, dir, "init", "-q")
	git(t, dir, "add", "-A")
	mark := filepath.Join(dir, "ran")
	for _, key := range []string{"core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "core.pager", "core.sshCommand"} {
		git(t, dir, "config", key, "touch "+mark)
	}
	list(t, dir)
	if _, err := os.Stat(mark); err == nil {
		t.Fatal("a command of the repository's configuration ran")
	}
}

func TestLinksAreNeverFollowed(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, map[string]string{"secret.rb": "password", "dir/secret.rb": "password"})
	for _, tracked := range []bool{false, true} {
		t.Run(fmt.Sprintf("tracked %v", tracked), func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"app/a.rb": "1", "real/b.rb": "2"})
			if tracked {
				git(t, dir, "init", "-q")
				git(t, dir, "add", "-A")
				// The folder is replaced by a link after it was added: its file must not be read through it.
				if err := os.RemoveAll(filepath.Join(dir, "real")); err != nil {
					t.Fatal(err)
				}
				write(t, outside, map[string]string{"b.rb": "password"})
				link(t, outside, filepath.Join(dir, "real"))
			}
			link(t, filepath.Join(outside, "secret.rb"), filepath.Join(dir, "file.rb"))
			link(t, outside, filepath.Join(dir, "folder"))
			link(t, ".", filepath.Join(dir, "loop"))
			link(t, "../app", filepath.Join(dir, "app", "self"))
			if tracked {
				git(t, dir, "add", "file.rb", "folder", "loop", "app/self")
			}
			l := list(t, dir)
			for _, e := range l.Entries {
				if b, err := l.Read(e.Path); err == nil && strings.Contains(string(b), "password") {
					t.Errorf("%s was read through a link", e.Path)
				}
			}
			for _, p := range []string{"file.rb", "folder", "loop", "app/self"} {
				if e := l.entry(p); !strings.Contains(e.Skip, "symbolic link") {
					t.Errorf("%s: skip = %q, want a symbolic link", p, e.Skip)
				}
			}
			if _, err := l.Read("folder/secret.rb"); err == nil {
				t.Error("a path behind a link was read")
			}
		})
	}
}

func link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Skip("this file system has no symbolic links: " + err.Error())
	}
}

func TestLinkedFoldersAreNamed(t *testing.T) {
	outside := t.TempDir()
	for _, tracked := range []bool{false, true} {
		dir := t.TempDir()
		write(t, dir, map[string]string{"a.rb": "1", "real/b.rb": "2"})
		for name, target := range map[string]string{"db": outside, "inside": "real", "nowhere": "missing", "b.rb": "a.rb"} {
			if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		if tracked {
			git(t, dir, "init", "-q")
			git(t, dir, "add", "-A")
		}
		if notes := strings.Join(list(t, dir).Notes, "\n"); !strings.Contains(notes, "2 symbolic links to folders were not entered (db, inside)") {
			t.Errorf("tracked %v: notes = %q", tracked, notes)
		}
	}
}

func TestRootsThatCanNotBeAudited(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"file.rb": "1"})
	git(t, dir, "init", "-q", "--bare", "bare.git")
	for _, tt := range []struct{ root, want string }{
		{"nowhere", "does not exist"}, {"file.rb", "is a file"}, {"bare.git", "bare git repository"},
	} {
		_, err := List(t.Context(), filepath.Join(dir, tt.root), Options{})
		if !errors.Is(err, ErrNotAuditable) || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s: error = %v, want one that says %q", tt.root, err, tt.want)
		}
	}
}

func TestSkipsHaveReasons(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"big.rb": strings.Repeat("a = 1\n", 100_000), "db/structure.sql": strings.Repeat("-- x\n", 200_000), "small.rb": "x", "locked.rb": "x"})
	if err := os.Truncate(filepath.Join(dir, "small.rb"), 200<<20); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.rb"), 0o644); err != nil {
		t.Skip("this system has no named pipes: " + err.Error())
	}
	l := list(t, dir)
	for p, want := range map[string]string{"big.rb": "too large: 586 KiB", "small.rb": "too large: 200.0 MiB", "pipe.rb": "not a regular file", "db/structure.sql": ""} {
		if got := l.entry(p).Skip; !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: skip = %q, want %q", p, got, want)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "locked.rb"), 0); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		t.Log("running as root, who can read every file: the unreadable file is not checked here")
	} else if _, err := l.Read("locked.rb"); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("unreadable file: %v", err)
	}
	if _, err := l.Read("big.rb"); err == nil {
		t.Error("a file with a reason to be skipped was read")
	}
}

func TestFileThatGrewSinceIsRefused(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.rb": "1"})
	l := list(t, dir)
	write(t, dir, map[string]string{"a.rb": strings.Repeat("x", 600<<10)})
	if _, err := l.Read("a.rb"); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("error = %v, want too large", err)
	}
}

func TestWalkPassesByInstalledAndBuiltCode(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"package.json": "{}", "src/a.ts": "", "node_modules/x/index.js": "", "dist/a.js": "", "src/dist/b.ts": "", ".venv/lib/x.py": ""})
	l := list(t, dir)
	if got := strings.Join(pathsOf(l), " "); got != "package.json src/a.ts src/dist/b.ts" {
		t.Errorf("listed %q", got)
	}
	if notes := strings.Join(l.Notes, "\n"); !strings.Contains(notes, "3 folders were of installed or built code") && !strings.Contains(notes, "of installed or built code") {
		t.Errorf("notes = %q", notes)
	}
}

func TestWorktreeFileIsNotFollowed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.rb": "1", ".git": "gitdir: /somewhere/else\n"})
	l := list(t, dir)
	if l.Git || !strings.Contains(strings.Join(l.Notes, "\n"), "linked working tree or a submodule") {
		t.Errorf("git %v, notes %q", l.Git, l.Notes)
	}
}

func TestSubmodulesAreNamed(t *testing.T) {
	sub, dir := t.TempDir(), t.TempDir()
	write(t, sub, map[string]string{"x.rb": "1"})
	git(t, sub, "init", "-q")
	git(t, sub, "add", "-A")
	git(t, sub, "commit", "-q", "-m", "x")
	write(t, dir, map[string]string{"a.rb": "1"})
	git(t, dir, "init", "-q")
	git(t, dir, "submodule", "--quiet", "add", sub, "libs/sub")
	l := list(t, dir)
	if notes := strings.Join(l.Notes, "\n"); !strings.Contains(notes, "1 submodule was not read") || !strings.Contains(notes, "libs/sub") {
		t.Errorf("notes = %q", notes)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.rb": "1"})
	l, err := List(ctx, dir, Options{})
	if !errors.Is(err, context.Canceled) || l == nil {
		t.Errorf("listing %v, error %v: want a listing and context.Canceled", l, err)
	}
}

func TestInspect(t *testing.T) {
	code := "def a\n  b\nend\n"
	tests := []struct {
		name, src, lang string
		role            project.Role
		want            Content
	}{
		{"plain", code, "ruby", project.App, Content{Lines: 3}},
		{"binary", "\x89PNG\x00\x00", "ruby", project.App, Content{Skip: "binary content"}},
		{"UTF-16", "\xFF\xFEa\x00", "ruby", project.App, Content{Skip: "UTF-16 text; only UTF-8 is read"}},
		{"byte order mark", "\xEF\xBB\xBF" + code, "ruby", project.App, Content{Lines: 3, BOM: true}},
		{"one bad byte", "# caf\xe9\n" + code, "ruby", project.App, Content{Lines: 4, Note: "1 byte is not valid UTF-8"}},
		{"not text", strings.Repeat("\xe9\xe9ab\n", 100), "ruby", project.App, Content{Lines: 100, Skip: "not text: 200 of 500 bytes are not valid UTF-8"}},
		{"conflict", code + "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n", "ruby", project.App, Content{Lines: 8, Skip: "holds merge-conflict markers (line 4)"}},
		{"heading that looks like a marker", "Title\n=======\n<<<<<<< quoted\n", "ruby", project.App, Content{Lines: 3}},
		{"generated Go", "// Code generated by sqlc. DO NOT EDIT.\n\npackage db\n", "go", project.App, Content{Lines: 3, Generated: true}},
		{"generated marker in a string", "puts 'Code generated by hand. DO NOT EDIT.'\n", "ruby", project.App, Content{Lines: 1}},
		{"schema.rb says it is generated and is read", "# This file is auto-generated from the current state of the database.\n", "ruby", project.Migration, Content{Lines: 1}},
		{"minified", strings.Repeat("a(b);", 2000), "javascript", project.App, Content{Lines: 1, Generated: true}},
		{"deep", strings.Repeat("(", 100_000), "go", project.App, Content{Lines: 1, Skip: "nested more than 2000 brackets deep", Deepest: 100_000}},
	}
	for _, tt := range tests {
		got := Inspect([]byte(tt.src), tt.role, tt.lang)
		if tt.want.Deepest == 0 {
			got.Deepest = 0
		}
		if got != tt.want {
			t.Errorf("%s: %+v\nwant %+v", tt.name, got, tt.want)
		}
	}
}

func TestRoles(t *testing.T) {
	tree := []string{"go.mod", "apps/api/manage.py", "apps/web/package.json", "packages/db/package.json", "services/pay/composer.json", "backend/pom.xml"}
	tests := map[string]project.Role{
		"app/models/user.rb":                                       project.App,
		"app/models/vendor/product.rb":                             project.App,
		"apps/vendor/models.py":                                    project.App,
		"internal/db/query.go":                                     project.App,
		"cmd/server/main.go":                                       project.App,
		"apps/api/plane/app/views/workspace/member.py":             project.App,
		"app/tasks/maintenance/backfill_task.rb":                   project.App,
		"config/initializers/elasticsearch.rb":                     project.App,
		"backend/src/main/java/org/acme/test/TestRunner.java":      project.App,
		"app/services/tools/hammer.rb":                             project.App,
		"redash/tasks.py":                                          project.App,
		"src/pkg/jobmonitor/redis.go":                              project.App,
		"vendor/github.com/x/y.go":                                 project.Vendored,
		"services/pay/vendor/autoload.php":                         project.Vendored,
		"apps/web/node_modules/x/index.js":                         project.Vendored,
		"apps/web/public/jquery.js":                                project.Vendored,
		"public/js/app.js":                                         project.Vendored,
		"api/v1/user.pb.go":                                        project.Generated,
		"apps/web/package-lock.json":                               project.Generated,
		"web/app.min.js":                                           project.Generated,
		"pnpm-lock.yaml":                                           project.Generated,
		"internal/db/query_test.go":                                project.Test,
		"spec/models/user_spec.rb":                                 project.Test,
		"app/models/user.test.ts":                                  project.Test,
		"apps/api/plane/tests/conftest.py":                         project.Test,
		"backend/src/test/java/org/acme/FooTest.java":              project.Test,
		"backend/src/main/java/org/acme/FooTests.java":             project.Test,
		"database/factories/UserFactory.php":                       project.Test,
		"cypress/support/index.js":                                 project.Test,
		"docker-compose.test.yml":                                  project.Test,
		"docs/conf.py":                                             project.Docs,
		"README.md":                                                project.Docs,
		"db/migrate/20200101000000_create_users.rb":                project.Migration,
		"db/schema.rb":                                             project.Migration,
		"db/structure.sql":                                         project.Migration,
		"apps/api/plane/db/migrations/0001_initial.py":             project.Migration,
		"migrations/versions/abc_add.py":                           project.Migration,
		"database/migrations/2018_04_16_002611_create.php":         project.Migration,
		"packages/db/prisma/schema.prisma":                         project.Migration,
		"packages/db/prisma/migrations/1/migration.sql":            project.Migration,
		"src/migrations/1600-AddUser.ts":                           project.Migration,
		"backend/src/main/resources/db/migration/V1__init.sql":     project.Migration,
		"atc/db/migration/migrations/1602860421_add_x.up.sql":      project.Migration,
		"scripts/sql/apolloconfigdb.sql":                           project.Migration,
		"make/migrations/postgresql/0050_2.2.0_schema.up.sql":      project.Migration,
		"internal/db/bundb/migrations/20211113114307_init.go":      project.Migration,
		"db/seeds.rb":                                              project.Seed,
		"database/seeders/UserSeeder.php":                          project.Seed,
		"saleor/core/management/commands/populatedb.py":            project.Seed,
		"packages/db/prisma/seed.ts":                               project.Seed,
		"lib/tasks/downloads.rake":                                 project.Script,
		"apps/api/plane/db/management/commands/fix.py":             project.Script,
		"scripts/fix.py":                                           project.Script,
		"apps/web/scripts/build.ts":                                project.Script,
		"examples/demo/main.go":                                    project.Script,
		"examples/docker-compose.yml":                              project.Script,
		".github/workflows/ci.yml":                                 project.Script,
		"app/views/users/index.html.erb":                           project.Template,
		"app/views/users/show.json.jbuilder":                       project.Template,
		"resources/views/home.blade.php":                           project.Template,
		"docker-compose.yml":                                       project.Config,
		"make/photon/exporter/Dockerfile":                          project.Config,
		"config/deploy/web.yaml.erb":                               project.Config,
		"hawkbit-runtime/docker/docker-compose-monolith-mysql.yml": project.Config,
		"infra/main.tf":                                            project.Config,
	}
	c := NewClassifier(tree)
	for p, want := range tests {
		if got := c.Role(p, languageOf(p)); got != want {
			t.Errorf("%s is %v, want %v", p, got, want)
		}
	}
}
