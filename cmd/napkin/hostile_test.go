package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/report"
)

// TestDeepNesting holds that no file overflows a stack, in any language, by brackets, by keywords, by
// operators or by indentation.
func TestDeepNesting(t *testing.T) {
	const deep, lines = 100_000, 40_000
	nest := func(before, open, middle, closing, after string, n int) string {
		return before + strings.Repeat(open, n) + middle + strings.Repeat(closing, n) + after
	}
	indented := func(head string, n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i) + head + "\n")
		}
		return b.String() + strings.Repeat(" ", n) + "pass\n"
	}
	u := newTool(t)
	files := orders()
	maps.Copy(files, map[string]string{
		"deep/brackets.rb": nest("x = ", "[", "1", "]", "\n", deep), "deep/if.rb": nest("def f\n", "if a\n", "b\n", "end\n", "end\n", lines),
		"deep/not.rb": nest("x = ", "!", "a", "", "\n", deep), "deep/plus.rb": nest("x = a", " +\na", "", "", "\n", lines), "deep/calls.rb": nest("x = a", ".\nb()", "", "", "\n", lines),
		"deep/brackets.py": nest("x = ", "(", "1", ")", "\n", deep), "deep/indent.py": indented("if a:", 900), "deep/lambda.py": nest("x = ", "lambda: ", "1", "", "\n", lines),
		"deep/minus.py": nest("x = ", "-", "a", "", "\n", deep), "deep/assign.py": nest("", "a =\\\n", "1", "", "\n", lines),
		"deep/brackets.ts": nest("const x = ", "[\n", "1", "]\n", ";\n", deep), "deep/arrow.ts": nest("const x = ", "a =>\n", "1", "", ";\n", lines),
		"deep/choice.ts": nest("const x = ", "a ?\nb : ", "c", "", ";\n", lines), "deep/else.ts": nest("if (a) {}", "\nelse if (a) {}", "", "", "\n", lines/2), "deep/tags.jsx": nest("const x = ", "<a>\n", "", "</a>\n", ";\n", lines),
		"deep/brackets.php": nest("<?php\n$x = ", "[\n", "1", "]\n", ";\n", deep), "deep/not.php": nest("<?php\n$x = ", "!\n", "$a", "", ";\n", lines), "deep/calls.php": nest("<?php\n$x = $a", "\n->b()", "", "", ";\n", lines),
		"deep/Brackets.java": nest("class A { int x = ", "(\n", "1", ")\n", "; }\n", deep), "deep/Else.java": nest("class A { void f() { if (a) {}", "\nelse if (a) {}", "", "", " } }\n", lines/2), "deep/Plus.java": nest("class A { int x = a", " +\na", "", "", "; }\n", lines),
		"deep/brackets.go": nest("package a\nvar x = ", "(", "1", ")", "\n", deep), "deep/not.go": nest("package a\nvar x = ", "!", "a", "", "\n", deep), "deep/pointer.go": nest("package a\nvar x ", "*", "a", "", "\n", deep),
		"deep/brackets.yaml": nest("a: ", "[", "1", "]", "\n", deep), "deep/sequence.yaml": nest("", "- ", "a", "", "\n", deep), "deep/map.yaml": nest("", "? ", "a", "", "\n", deep),
		"deep/package.json": nest("", `{"a":`, "1", "}", "\n", deep), "deep/tsconfig.json": nest("", "[", "1", "]", "\n", deep),
		"deep/brackets.tf": nest("x = ", "[", "1", "]", "\n", deep), "deep/blocks.tf": nest("", "a {\n", "", "}\n", "", lines), "deep/nginx.conf": nest("", "http {\n", "", "}\n", "", lines),
		"deep/Dockerfile": nest("FROM a\nRUN b", " && b", "", "", "\n", lines), "deep/page.html.erb": nest("", "<% if a %>\n", "", "<% end %>\n", "", lines/2),
		"deep/migrations/0001_a.up.sql": nest("CREATE TABLE t (a int CHECK (", "(", "1", ")", "));\n", deep), "deep/migrations/0002_b.up.sql": nest("UPDATE t SET a = ", "CASE WHEN a THEN ", "1", " END", ";\n", lines),
		"deep/prisma/schema.prisma": nest("model A {\n  x Int @default(", "f(", "1", ")", ")\n}\n", deep),
	})
	dir := plant(t, files)
	began := time.Now()
	a := u.run(t, "audit", "-v", dir)
	t.Logf("%d files in %v", len(files), time.Since(began).Round(time.Millisecond))
	if a.code != exitOK {
		t.Fatal(a)
	}
	if took := time.Since(began); took > 2*time.Minute {
		t.Errorf("it took %v", took)
	}
	r := kept(t, dir)
	if finds(r, ordersRule, "app/controllers/orders_controller.rb") == nil {
		t.Error("the application beside the deep files is not audited")
	}
	for _, say := range []string{"nested more than", "with parts that were not understood"} {
		if !a.says(say) {
			t.Errorf("the coverage does not say %q\n%s", say, a.stdout)
		}
	}
}

// TestTwoApplications holds that a Rails and a Django application in one repository are both audited,
// each against its own schema: equal names of tables are no relation.
func TestTwoApplications(t *testing.T) {
	u := newTool(t)
	files := map[string]string{}
	for name, text := range orders() {
		files["shop/"+name] = text
	}
	maps.Copy(files, map[string]string{
		"billing/manage.py":        "import django\n",
		"billing/requirements.txt": "Django==5.0\n",
		"billing/invoices/models.py": "from django.db import models\n\n\nclass Customer(models.Model):\n    name = models.CharField(max_length=80)\n\n\n" +
			"class Invoice(models.Model):\n    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)\n    open = models.BooleanField(default=True)\n",
		"billing/invoices/migrations/0001_initial.py": "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    dependencies = []\n    operations = [\n" +
			"        migrations.CreateModel('Customer', fields=[('id', models.BigAutoField(primary_key=True)), ('name', models.CharField(max_length=80))]),\n" +
			"        migrations.CreateModel('Invoice', fields=[('id', models.BigAutoField(primary_key=True)), ('open', models.BooleanField(default=True)),\n" +
			"            ('customer', models.ForeignKey('invoices.Customer', on_delete=models.CASCADE))]),\n    ]\n",
		"billing/invoices/views.py": "from django.http import JsonResponse\n\nfrom .models import Invoice\n\n\ndef index(request):\n" +
			"    rows = Invoice.objects.filter(open=True)[:500]\n    return JsonResponse([{'customer': i.customer.name} for i in rows], safe=False)\n",
		"billing/invoices/urls.py": "from django.urls import path\n\nfrom . import views\n\nurlpatterns = [path('invoices/', views.index)]\n",
	})
	dir := plant(t, files)
	a := u.run(t, "audit", dir)
	if a.code != exitOK {
		t.Fatal(a)
	}
	r := kept(t, dir)
	for _, at := range []string{"shop/app/controllers/orders_controller.rb", "billing/invoices/views.py"} {
		if finds(r, ordersRule, at) == nil {
			t.Errorf("the relation loaded per row in %s is not found\n%s", at, a.stdout)
		}
	}
	databases := 0
	for _, fact := range r.System {
		if fact.Group == "databases" {
			databases++
			if !strings.Contains(fact.Value, "2 tables") {
				t.Errorf("%s: %s, want the two tables of its own application", fact.Name, fact.Value)
			}
		}
	}
	if databases != 2 {
		t.Errorf("%d databases are told apart, want 2: %+v", databases, r.System)
	}
}

// TestConflictingMigrations holds that histories with two heads are read and told.
func TestConflictingMigrations(t *testing.T) {
	django := func(on, operation string) string {
		return "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    dependencies = [" + on + "]\n    operations = [" + operation + "]\n"
	}
	alembic := func(id, on, body string) string {
		return fmt.Sprintf("from alembic import op\nimport sqlalchemy as sa\n\nrevision = %q\ndown_revision = %s\n\n\ndef upgrade():\n    %s\n\n\ndef downgrade():\n    pass\n", id, on, body)
	}
	u := newTool(t)
	for name, files := range map[string]map[string]string{
		"Django": {
			"manage.py": "import django\n", "requirements.txt": "Django==5.0\n",
			"shop/models.py":                  "from django.db import models\n\n\nclass Item(models.Model):\n    name = models.TextField()\n    a = models.IntegerField()\n    b = models.IntegerField()\n",
			"shop/migrations/0001_initial.py": django("", "migrations.CreateModel('Item', fields=[('id', models.BigAutoField(primary_key=True)), ('name', models.TextField())])"),
			"shop/migrations/0002_a.py":       django("('shop', '0001_initial')", "migrations.AddField('Item', 'a', models.IntegerField(default=0))"),
			"shop/migrations/0002_b.py":       django("('shop', '0001_initial')", "migrations.AddField('Item', 'b', models.IntegerField(default=0))"),
		},
		"Alembic": {
			"requirements.txt":           "SQLAlchemy==2.0\nalembic==1.13\n",
			"alembic/versions/1_i.py":    alembic("aaa1", "None", "op.create_table('items', sa.Column('id', sa.Integer, primary_key=True))"),
			"alembic/versions/0002_a.py": alembic("bbb2", "'aaa1'", "op.add_column('items', sa.Column('a', sa.Integer))"),
			"alembic/versions/0002_b.py": alembic("ccc3", "'aaa1'", "op.add_column('items', sa.Column('b', sa.Integer))"),
		},
	} {
		a := u.run(t, "audit", plant(t, files))
		if a.code != exitOK || !a.says("were never joined: the history has 2 heads") || !a.says("0002_a.py and") {
			t.Errorf("%s: two heads are not told\n%s", name, a)
		}
	}
}

// large writes an application that takes seconds to audit.
func large(t *testing.T, files int) string {
	t.Helper()
	dir := plant(t, orders())
	var body strings.Builder
	for i := range 150 {
		fmt.Fprintf(&body, "  def step_%d(list)\n    list.each { |x| x.total = x.price * %d + [1, 2, 3].sum { |y| y * x.count } }\n  end\n\n", i, i)
	}
	if err := os.Mkdir(filepath.Join(dir, "lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range files {
		// Each file differs, so that none is answered by the tree of another.
		text := fmt.Sprintf("class Step%d\n%send\n", i, body.String())
		if err := os.WriteFile(filepath.Join(dir, "lib", fmt.Sprintf("step_%d.rb", i)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestInterrupt sends SIGINT to the process in the middle of its work.
func TestInterrupt(t *testing.T) {
	u := newTool(t)
	dir := large(t, 200)
	interrupted := func(signals int) answer {
		t.Helper()
		cmd := u.command("audit", dir)
		var out, notes bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &notes
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// The folder of the cache is made when the files begin to be read.
		cache := filepath.Join(u.home, "cache", "napkin", "audit")
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
			if _, err := os.Stat(cache); err == nil {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s is not made; what is there: %v", cache, tree(u.home))
			}
		}
		time.Sleep(100 * time.Millisecond)
		for range signals {
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		sent := time.Now()
		err := cmd.Wait()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if took := time.Since(sent); took > 5*time.Second {
			t.Errorf("it ended %v after the signal", took)
		}
		return answer{cmd.ProcessState.ExitCode(), out.String(), notes.String()}
	}
	a := interrupted(1)
	if a.code != exitInterrupted || !a.says("interrupted") {
		t.Fatal(a)
	}
	if r := keptAs(t, dir, "audit-partial.json"); r.Verdict.Partial == "" {
		t.Errorf("the report is not marked as partial: %+v", r.Verdict)
	}
	for name, words := range map[string]string{"audit-partial.html": "interrupted", "audit-partial.md": "interrupted", "audit-partial.sarif": "interrupted"} {
		if text, err := os.ReadFile(filepath.Join(dir, ".napkin", name)); err != nil || !bytes.Contains(text, []byte(words)) {
			t.Errorf("%s does not say that the run was interrupted (%v)", name, err)
		}
	}
	if err := os.RemoveAll(filepath.Join(u.home, "cache")); err != nil {
		t.Fatal(err)
	}
	if a := interrupted(2); a.code != exitInterrupted {
		t.Errorf("after two signals: %s", a)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".napkin", ".writing-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("half-written files are left: %v %v", left, err)
	}
	a = u.run(t, "audit", dir)
	if a.code != exitOK || a.says("interrupted") {
		t.Errorf("the run after the interrupted ones: %s", a)
	}
	if r := kept(t, dir); r.Verdict.Partial != "" || finds(r, ordersRule, "app/controllers/orders_controller.rb") == nil {
		t.Errorf("the report after the interrupted runs: %+v, %d findings", r.Verdict, len(r.Findings))
	}
}

func tree(dir string) (out []string) {
	_ = filepath.WalkDir(dir, func(path string, _ os.DirEntry, _ error) error {
		out = append(out, path)
		return nil
	})
	return out
}

// TestSecretsAreMasked puts secrets where findings quote the source: beside what is wrong, in it, and
// in files that can not be parsed. No output shows one, patch files excepted.
func TestSecretsAreMasked(t *testing.T) {
	const (
		password = "Zq81xT-hunter2"
		token    = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
		urlWord  = "p4ssW0rd-77x"
		deep     = "s3cr3t-Yy42-Kb"
	)
	u := newTool(t)
	files := orders()
	// Beside the line that is patched.
	files["app/controllers/orders_controller.rb"] = "class OrdersController < ApplicationController\n  API_TOKEN = \"" + token + "\"\n" +
		"  def index\n    @orders = Order.where(open: true).limit(500)\n  end\n  DB_PASSWORD = \"" + password + "\"\nend\n"
	files["app/services/rates.rb"] = "class Rates\n  def quote\n    Net::HTTP.get(URI(\"https://shop:" + urlWord + "@rates.example.com/v1?api_key=" + deep + "\"))\n" +
		"    Faraday.new(url: \"https://shop:" + urlWord + "@rates.example.com\").get(\"/x\")\n    Redis.new(url: \"redis://:" + urlWord + "@cache:6379\").keys(\"*\")\n  end\nend\n"
	files["docker-compose.yml"] = "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: " + password + "\n" +
		"  web:\n    build: .\n    depends_on: [db]\n    environment:\n      DATABASE_URL: postgres://shop:" + urlWord + "@db/shop\n      SECRET_KEY_BASE: " + deep + "\n"
	files["config/database.yml"] = "production:\n  adapter: postgresql\n  pool: 5\n  password: " + password + "\n  url: postgres://shop:" + urlWord + "@db/shop\n"
	files["k8s/web.yaml"] = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n" +
		"    spec:\n      containers:\n        - name: web\n          image: web:1\n          ports: [{containerPort: 3000}]\n          env:\n            - name: DB_PASSWORD\n              value: " + password + "\n---\n" +
		"apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {app: web}\n  ports: [{port: 80}]\n"
	files["k8s/broken.yaml"] = "kind: Secret\n  stringData: {password: " + password + "\n : " + deep + "\n"
	files["terraform/db.tf"] = "resource \"aws_db_instance\" \"shop\" {\n  engine = \"postgres\"\n  instance_class = \"db.t3.micro\"\n  password = \"" + password + "\"\n  allocated_storage = 20\n}\n"
	files["terraform/broken.tf"] = "password = \"" + password + "\n"
	files["Dockerfile"] = "FROM ruby:3.3\nENV API_KEY=" + token + "\nCOPY . .\nRUN bundle install\nENV DB_PASSWORD=" + password + "\nCMD bundle exec puma\n"
	files["services/api/go.mod"] = "module example.com/api\n\ngo 1.22\n"
	files["services/api/main.go"] = "package main\n\nimport (\n\t\"database/sql\"\n\t\"net/http\"\n)\n\nfunc main() {\n" +
		"\tdb, _ := sql.Open(\"pgx\", \"postgres://shop:" + urlWord + "@db/shop\")\n\tresp, _ := http.Get(\"https://x:" + urlWord + "@example.com\")\n\t_ = resp\n\t_ = db\n\thttp.ListenAndServe(\":80\", nil)\n}\n"
	dir := plant(t, files)
	a := u.run(t, "audit", "-v", dir)
	if a.code != exitOK {
		t.Fatal(a)
	}
	r := kept(t, dir)
	seen := map[string]bool{}
	for _, f := range r.Findings {
		seen[f.Primary.Path] = true
	}
	for _, at := range []string{"app/controllers/orders_controller.rb", "app/services/rates.rb", "docker-compose.yml", "k8s/web.yaml", "terraform/db.tf", "Dockerfile", "services/api/main.go"} {
		if !seen[at] {
			t.Errorf("nothing is found in %s: the test shows nothing about its secrets; found in %v", at, slices.Sorted(maps.Keys(seen)))
		}
	}
	if f := finds(r, ordersRule, "app/controllers/orders_controller.rb"); f != nil && (f.Fix.Patch != "" || !strings.Contains(f.Fix.Summary, "kept as a file only")) {
		t.Errorf("the patch beside two secrets stands in the report: %q, %q", f.Fix.Summary, f.Fix.Patch)
	}
	patches := filepath.Join(dir, ".napkin/patches")
	kept, err := filepath.Glob(filepath.Join(patches, "*.patch"))
	if err != nil || len(kept) == 0 {
		t.Errorf("no patch is kept: %v", err)
	}
	if err := os.RemoveAll(patches); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{password, token, urlWord, deep} {
		leaks(t, s, a, filepath.Join(dir, ".napkin"))
	}
	for _, format := range []string{"text", "json", "markdown", "html", "sarif"} {
		a := u.run(t, "audit", "--format", format, dir)
		for _, s := range []string{password, token, urlWord, deep} {
			leaks(t, s, a)
		}
	}
}

// TestNothingIsExecuted audits a tree in which whatever a careless tool would run leaves a mark.
func TestNothingIsExecuted(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("skipped: git is not installed, and a repository is needed")
	}
	u := newTool(t)
	dir := plant(t, orders())
	mark := filepath.Join(t.TempDir(), "executed")
	touch := "touch " + mark
	hook := filepath.Join(dir, "hook.sh")
	plantIn(t, dir, map[string]string{
		"hook.sh":          "#!/bin/sh\n" + touch + "\n",
		"Makefile":         "X := $(shell " + touch + ")\nall:\n\t" + touch + "\n",
		"Rakefile":         "system('" + touch + "')\n",
		"Gemfile":          "system('" + touch + "')\ngem 'rails'\n",
		"setup.py":         "import os\nos.system('" + touch + "')\n",
		"conftest.py":      "import os\nos.system('" + touch + "')\n",
		"package.json":     `{"scripts": {"preinstall": "` + touch + `", "postinstall": "` + touch + `"}}`,
		"composer.json":    `{"scripts": {"pre-install-cmd": "` + touch + `"}}`,
		".envrc":           touch + "\n",
		"config/routes.rb": "`" + touch + "`\nRails.application.routes.draw do\n  resources :orders\nend\n",
		"db/extra.rb":      "at_exit { system('" + touch + "') }\n",
		".gitattributes":   "*.rb filter=evil diff=evil\n",
		"bin/git":          "#!/bin/sh\n" + touch + "\n",
		"bin/ruby":         "#!/bin/sh\n" + touch + "\n",
	})
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "a"},
		{"config", "core.fsmonitor", hook}, {"config", "core.hooksPath", dir}, {"config", "core.pager", hook}, {"config", "core.editor", hook},
		{"config", "filter.evil.smudge", hook}, {"config", "filter.evil.clean", hook}, {"config", "diff.evil.textconv", hook}, {"config", "diff.external", hook},
		{"config", "core.sshCommand", hook}, {"config", "alias.status", "!" + hook},
	} {
		cmd := exec.Command(git, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	for _, name := range []string{"hook.sh", "bin/git", "bin/ruby", ".git/hooks/post-index-change", ".git/hooks/pre-commit", "post-index-change", "fsmonitor-watchman"} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err != nil {
			if err := os.WriteFile(path, []byte("#!/bin/sh\n"+touch+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// The trap must be able to close: git itself runs the monitor.
	status := exec.Command(git, "status")
	status.Dir = dir
	_ = status.Run()
	if _, err := os.Stat(mark); err != nil {
		t.Fatal("git status did not run the monitor: the test would show nothing")
	}
	if err := os.Remove(mark); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"audit", dir}, {"audit", "."}, {"audit", "--format", "html", "-o", filepath.Join(t.TempDir(), "r.html"), dir}} {
		cmd := u.command(args...)
		cmd.Dir = dir
		cmd.Env = append(cmd.Env, "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"), "PAGER="+hook, "BROWSER="+hook)
		cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
		if err := cmd.Run(); err != nil {
			t.Errorf("napkin %v: %v", args, err)
		}
	}
	if finds(kept(t, dir), ordersRule, "app/controllers/orders_controller.rb") == nil {
		t.Error("the tree was not audited")
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("something of the audited tree was executed")
	}
}

// TestFailOnCountsARealFinding holds the exit codes on a real audit.
func TestFailOnCountsARealFinding(t *testing.T) {
	u := newTool(t)
	dir := plant(t, orders())
	for severity, code := range map[string]int{"none": exitOK, "critical": exitOK, string(report.High): exitFindings} {
		if a := u.run(t, "audit", "--fail-on", severity, dir); a.code != code {
			t.Errorf("--fail-on %s: %s", severity, a)
		}
	}
}
