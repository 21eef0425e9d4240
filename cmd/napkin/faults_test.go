package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/scratch"
)

// These tests run the built command on trees that are wrong in one way each.

// tool is the built command with a home of its own.
type tool struct {
	binary  string
	home    string
	account *syscall.Credential // to run as; nil for this process's
}

var builtOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "napkin-built-")
	if err != nil {
		return "", err
	}
	builtIn = dir
	binary := filepath.Join(dir, "napkin")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return binary, os.Chmod(dir, 0o755)
})

var builtIn string

func TestMain(m *testing.M) {
	code := m.Run()
	if builtIn != "" {
		os.RemoveAll(builtIn)
	}
	os.Exit(code)
}

func newTool(t *testing.T) *tool {
	t.Helper()
	binary, err := builtOnce()
	if err != nil {
		t.Fatal(err)
	}
	return &tool{binary: binary, home: t.TempDir()}
}

func (u *tool) command(args ...string) *exec.Cmd {
	cmd := exec.Command(u.binary, args...)
	cmd.Env = []string{"HOME=" + u.home, "XDG_CACHE_HOME=" + filepath.Join(u.home, "cache"), "PATH=" + os.Getenv("PATH")}
	if u.account != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: u.account}
	}
	return cmd
}

// answer is what one run said and left.
type answer struct {
	code           int
	stdout, stderr string
}

func (a answer) String() string {
	return fmt.Sprintf("exit %d\n%s\n%s", a.code, a.stdout, a.stderr)
}

// says holds when the words stand in the text, wherever its lines break.
func (a answer) says(words string) bool {
	return strings.Contains(strings.Join(strings.Fields(a.stdout+" "+a.stderr), " "), words)
}

func (u *tool) run(t *testing.T, args ...string) answer {
	t.Helper()
	cmd := u.command(args...)
	var out, notes bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &notes
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	a := answer{cmd.ProcessState.ExitCode(), out.String(), notes.String()}
	if strings.Contains(a.stderr, "panic:") || strings.Contains(a.stderr, "goroutine ") {
		t.Fatalf("the command crashed: %s", a)
	}
	return a
}

// kept reads the report that a run left in the folder.
func kept(t *testing.T, root string) *report.Report { return keptAs(t, root, "audit.json") }

func keptAs(t *testing.T, root, name string) *report.Report {
	t.Helper()
	f, err := os.Open(filepath.Join(root, ".napkin", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := report.ReadJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// plant writes files, given by their paths, into a new folder.
func plant(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	plantIn(t, dir, files)
	return dir
}

func plantIn(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// orders is a small Rails application whose list loads a customer for each order.
func orders() map[string]string {
	return map[string]string{
		"Gemfile":                         "gem 'rails'\n",
		"app/models/order.rb":             "class Order < ApplicationRecord\n  belongs_to :customer\nend\n",
		"app/models/customer.rb":          "class Customer < ApplicationRecord\n  has_many :orders\nend\n",
		"config/routes.rb":                "Rails.application.routes.draw do\n  resources :orders\nend\n",
		"app/views/orders/index.html.erb": "<% @orders.each do |order| %>\n  <%= order.customer.name %>\n<% end %>\n",
		"app/controllers/orders_controller.rb": "class OrdersController < ApplicationController\n" +
			"  def index\n    @orders = Order.where(open: true)\n      .order(:id)\n      .limit(500)\n  end\nend\n",
		"db/schema.rb": "ActiveRecord::Schema[7.1].define(version: 1) do\n" +
			"  create_table \"customers\" do |t|\n    t.string \"name\"\n  end\n" +
			"  create_table \"orders\" do |t|\n    t.bigint \"customer_id\"\n    t.boolean \"open\"\n    t.index [\"customer_id\"], name: \"c\"\n  end\nend\n",
	}
}

const ordersRule = "db.n1-relation"

// finds reports whether the kept report names the rule at a file.
func finds(r *report.Report, rule, path string) *report.Finding {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Rule == rule && f.Primary.Path == path {
			return f
		}
	}
	return nil
}

func TestFaultyPaths(t *testing.T) {
	u := newTool(t)
	file := filepath.Join(t.TempDir(), "a.rb")
	if err := os.WriteFile(file, []byte("class A\nend\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path string
		code int
		say  string
	}{
		"empty folder":                 {t.TempDir(), exitError, "holds no files"},
		"file":                         {file, exitError, "it is a file; give the folder of the code base"},
		"missing folder":               {filepath.Join(t.TempDir(), "nowhere"), exitError, "no such file or directory; give the root of a code base"},
		"no repository":                {plant(t, orders()), exitOK, "is not the root of a git repository"},
		"nothing that the audit reads": {plant(t, map[string]string{"notes.txt": "hello\n"}), exitError, "holds one file, and it is no application source"},
	} {
		a := u.run(t, "audit", c.path)
		if a.code != c.code || !a.says(c.say) {
			t.Errorf("%s: want exit %d and %q\n%s", name, c.code, c.say, a)
		}
		if c.code == exitError && (a.stdout != "" || strings.Count(a.stderr, "\n") != 1) {
			t.Errorf("%s: an error is one line on standard error\n%s", name, a)
		}
	}
}

// TestFaultyFiles puts broken files beside a sound application: the application is audited, and each
// broken file is named with what is wrong with it.
func TestFaultyFiles(t *testing.T) {
	u := newTool(t)
	dir := plant(t, orders())
	plantIn(t, dir, map[string]string{
		"lib/binary.rb":   "\x7fELF\x00\x01\x02\x03" + strings.Repeat("\x00\xff\x10", 1000),
		"lib/bytes.rb":    "class Bytes\n  NAME = \"\xff\xfe\xc3\"\nend\n",
		"lib/mark.rb":     "\xef\xbb\xbfclass Mark\nend\n",
		"lib/conflict.rb": "class C\n<<<<<<< HEAD\n  A = 1\n=======\n  A = 2\n>>>>>>> other\nend\n",
		"lib/broken.rb":   "class Broken\n  def a(\n",
		"compose.yml":     "services:\n  a: [\n",
	})
	big, err := os.Create(filepath.Join(dir, "lib/huge.rb"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(big.Truncate(200<<20), big.Close()); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "lib/pipe.rb"), 0o644); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	a := u.run(t, "audit", dir)
	if a.code != exitOK {
		t.Fatal(a)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
	for _, say := range []string{
		"lib/binary.rb: binary content", "lib/conflict.rb: holds merge-conflict markers (line 2)",
		"lib/huge.rb: too large: 200.0 MiB", "compose.yml: can not be parsed",
	} {
		if !a.says(say) {
			t.Errorf("the coverage does not say %q\n%s", say, a.stdout)
		}
	}
	for _, sound := range []string{"lib/bytes.rb:", "lib/mark.rb:"} {
		if a.says(sound) {
			t.Errorf("%s is said to be unreadable\n%s", sound, a.stdout)
		}
	}
	if finds(kept(t, dir), ordersRule, "app/controllers/orders_controller.rb") == nil {
		t.Errorf("the application beside the broken files is not audited\n%s", a.stdout)
	}
}

// TestForeignLineEnds holds that files with CRLF and a byte order mark are audited as others are, and
// that their patches apply and keep the line ends.
func TestForeignLineEnds(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("skipped: git is not installed; it judges whether the patches apply")
	}
	u := newTool(t)
	files := orders()
	for name, text := range files {
		files[name] = "\xef\xbb\xbf" + strings.ReplaceAll(text, "\n", "\r\n")
	}
	dir := plant(t, files)
	const at = "app/controllers/orders_controller.rb"
	if a := u.run(t, "audit", dir); a.code != exitOK {
		t.Fatal(a)
	}
	f := finds(kept(t, dir), ordersRule, at)
	if f == nil {
		t.Fatal("the relation that is loaded per row is not found")
	}
	for _, l := range f.Excerpt.Lines {
		if strings.ContainsAny(l, "\r\ufeff") {
			t.Errorf("the excerpt shows line ends: %q", l)
		}
	}
	patches, err := filepath.Glob(filepath.Join(dir, ".napkin/patches/*.patch"))
	if err != nil || len(patches) == 0 {
		t.Fatalf("no patches: %v", err)
	}
	for _, p := range patches {
		cmd := exec.Command(git, "apply", "--whitespace=nowarn", p)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git apply %s: %v\n%s", filepath.Base(p), err, out)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, at))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(text, []byte("\n")) != bytes.Count(text, []byte("\r\n")) || !bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		t.Errorf("the patch changed line ends or the byte order mark: %q", text)
	}
	u.run(t, "audit", dir)
	if finds(kept(t, dir), ordersRule, at) != nil {
		t.Error("the finding is still there after its patch")
	}
}

const secret = "hunter2-Zq81xT"

// TestLinksAreNotFollowed puts a secret outside of the tree and links to it from inside.
func TestLinksAreNotFollowed(t *testing.T) {
	u := newTool(t)
	outside := plant(t, map[string]string{
		"evil.rb":                              "# " + secret + "\nOrder.all.each { |o| o.customer.name + '" + secret + "' }\n",
		"app/controllers/orders_controller.rb": "class OrdersController\n  X = '" + secret + "'\nend\n",
	})
	files := orders()
	delete(files, "app/controllers/orders_controller.rb")
	dir := plant(t, files)
	for link, to := range map[string]string{
		"loop": ".", "lib/up": "..", "lib/outside": outside, "app/controllers": filepath.Join(outside, "app/controllers"),
		"app/evil.rb": filepath.Join(outside, "evil.rb"), "broken.rb": "nowhere.rb", "self.rb": "self.rb",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, link)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	a := u.run(t, "audit", "-v", dir)
	if a.code != exitOK || !a.says("a symbolic link, which is never followed") {
		t.Error(a)
	}
	leaks(t, secret, a, filepath.Join(dir, ".napkin"), u.home)
	// A workspace that is a link out of the tree is not written through.
	if err := os.RemoveAll(filepath.Join(dir, ".napkin")); err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(dir, ".napkin")); err != nil {
		t.Fatal(err)
	}
	if a := u.run(t, "audit", dir); a.code != exitOK || !a.says("not a folder") {
		t.Error(a)
	}
	if entries, err := os.ReadDir(elsewhere); err != nil || len(entries) > 0 {
		t.Errorf("%d files were written through the link: %v", len(entries), err)
	}
}

// leaks fails the test for each output that holds the secret.
func leaks(t *testing.T, secret string, a answer, folders ...string) {
	t.Helper()
	if strings.Contains(a.stdout+a.stderr, secret) {
		t.Errorf("the secret is printed\n%s", a)
	}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, e os.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			if i := bytes.Index(data, []byte(secret)); i >= 0 {
				t.Errorf("%s holds the secret: %q", path, data[max(0, i-80):min(len(data), i+80)])
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// unprivileged is a tool that runs as somebody who is not root, and a folder that they own.
func unprivileged(t *testing.T) (u *tool, dir string) {
	t.Helper()
	u = newTool(t)
	account, err := scratch.Unprivileged()
	if err != nil {
		t.Skipf("skipped: %v", err)
	}
	dir, err = os.MkdirTemp("", "napkin-faults-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
			if err == nil && e.IsDir() {
				_ = os.Chmod(path, 0o755)
			}
			return nil
		})
		os.RemoveAll(dir)
	})
	u.home = filepath.Join(dir, "home")
	u.account = account
	if err := errors.Join(os.Chmod(dir, 0o755), os.Mkdir(u.home, 0o755), os.Mkdir(filepath.Join(dir, "project"), 0o755)); err != nil {
		t.Fatal(err)
	}
	if account != nil {
		if err := os.Chown(u.home, int(account.Uid), int(account.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	return u, filepath.Join(dir, "project")
}

func TestUnreadableFiles(t *testing.T) {
	u, dir := unprivileged(t)
	plantIn(t, dir, orders())
	plantIn(t, dir, map[string]string{"lib/closed.rb": "class Closed\nend\n", "lib/closed/a.rb": "class A\nend\n"})
	for path, mode := range map[string]os.FileMode{"lib/closed.rb": 0, "lib/closed": 0} {
		if err := os.Chmod(filepath.Join(dir, path), mode); err != nil {
			t.Fatal(err)
		}
	}
	if u.account != nil {
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	a := u.run(t, "audit", dir)
	if a.code != exitOK || !a.says("lib/closed.rb: can not be read: permission denied") || !a.says("The folder lib/closed can not be read: permission denied") {
		t.Error(a)
	}
	if finds(kept(t, dir), ordersRule, "app/controllers/orders_controller.rb") == nil {
		t.Error("the application beside the unreadable files is not audited")
	}
}

func TestReadOnlyFolder(t *testing.T) {
	u, dir := unprivileged(t)
	plantIn(t, dir, orders())
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	a := u.run(t, "audit", dir)
	if a.code != exitOK || !a.says("is not kept in") || !a.says("customer") {
		t.Error(a)
	}
	if _, err := os.Stat(filepath.Join(dir, ".napkin")); err == nil {
		t.Error("something was written")
	}
}
