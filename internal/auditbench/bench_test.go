package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
)

func TestMapLines(t *testing.T) {
	// Line 3 became two lines, two lines were inserted behind line 5, lines 8 and 9 were deleted.
	d := &fileDiff{hunks: []hunk{{3, 1, 3, 2}, {5, 0, 7, 2}, {8, 2, 11, 0}}}
	tests := []struct{ start, end, wantStart, wantEnd int }{
		{1, 2, 1, 2}, {3, 3, 3, 4}, {4, 5, 5, 6}, {6, 7, 9, 10}, {8, 9, 11, 11}, {10, 10, 11, 11}, {2, 6, 2, 9},
	}
	for _, tt := range tests {
		if a, b := d.mapLines(tt.start, tt.end); a != tt.wantStart || b != tt.wantEnd {
			t.Errorf("mapLines(%d, %d) = %d, %d, want %d, %d", tt.start, tt.end, a, b, tt.wantStart, tt.wantEnd)
		}
	}
}

func TestParseDiff(t *testing.T) {
	text := "diff --git a/x.rb b/x.rb\nindex 1..2 100644\n--- a/x.rb\n+++ b/x.rb\n@@ -3 +3,2 @@ def a\n--- b\n+++ c\n+d\n" +
		"diff --git a/old name b/new name\nsimilarity index 90%\nrename from old name\nrename to new name\n--- a/old name\t\n+++ b/new name\t\n@@ -1,0 +2 @@\n+z\n" +
		"diff --git a/n.rb b/n.rb\nnew file mode 100644\n--- /dev/null\n+++ b/n.rb\n@@ -0,0 +1 @@\n+q\n"
	got := parseDiff(text)
	if len(got) != 3 || len(got["x.rb"].hunks) != 1 || got["x.rb"].hunks[0] != (hunk{3, 1, 3, 2}) {
		t.Errorf("x.rb: %+v", got["x.rb"])
	}
	if d := got["old name"]; d == nil || d.newPath != "new name" || d.hunks[0] != (hunk{1, 0, 2, 1}) {
		t.Errorf("renamed: %+v", d)
	}
	if d := got["n.rb"]; d == nil || d.oldPath != "" || d.newPath != "n.rb" {
		t.Errorf("new: %+v", d)
	}
}

func TestAddedIndexes(t *testing.T) {
	tests := []struct{ name, text, added, want string }{
		{"Rails migration", "class A\n  def change\n    add_index :stories, [:user_id, :x]\n  end\nend", "add_index", "stories.user_id"},
		{"Rails migration taken back", "class A\n  def up\n  end\n  def down\n    add_index :stories, :user_id\n  end\nend", "add_index", ""},
		{"Rails schema", "create_table \"web_hooks\" do |t|\n  t.index [\"user_id\", \"x\"], name: \"i\"\nend", "t.index", "web_hooks.user_id"},
		{"SQL over two lines", "CREATE INDEX CONCURRENTLY IF NOT EXISTS\n  builds_idx ON public.\"builds\" USING btree (resource_type_id);", "CREATE INDEX", "public.\"builds\".resource_type_id"},
		{"SQL key", "CREATE TABLE `ReleaseHistory` (\n  `Id` int,\n  KEY `IX_P` (`PreviousReleaseId`)\n)", "KEY", "`ReleaseHistory`.PreviousReleaseId"},
		{"Prisma", "model Order {\n  id Int\n  @@index([userId, createdAt(sort: Desc)])\n  @@map(\"orders\")\n}", "@@index", "Order.userId"},
		{"Laravel", "public function up()\n{\n  Schema::table('likes', function (Blueprint $table) {\n    $table->index('profile_id', 'n');\n  });\n}", "->index", "likes.profile_id"},
		{"Laravel, column", "Schema::create('likes', function ($table) {\n  $table->string('key')->nullable()->index();\n});", "->index", "likes.key"},
		{"JPA", "@Table(name = \"sp_target\", indexes = {\n  @Index(name = \"i\", columnList = \"tenant,last\"),\n})", "@Index", "sp_target.tenant"},
		{"Django", "migrations.AddIndex(\n    model_name=\"order\",\n    index=models.Index(fields=[\"-created_at\"], name=\"x\"),\n)", "models.Index", "order.created_at"},
		{"Alembic", "def upgrade():\n    op.create_index(\"ix\", \"events\", [\"org_id\"])", "create_index", "events.org_id"},
		{"bun", "db.NewCreateIndex().\n  Table(\"statuses\").\n  Index(\"statuses_x_idx\").\n  Column(\"account_id\")", "Table(", "statuses.account_id"},
		{"nothing", "create_table :a do |t|\n  t.string :name\nend", "t.string", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			line := 1 + strings.Count(tt.text[:strings.Index(tt.text, tt.added)], "\n")
			got := ""
			for _, x := range addedIndexes(tt.text, []hunk{{0, 0, line, 1}}) {
				got += x.tables[0] + "." + x.column
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTargetNames(t *testing.T) {
	order := indexTarget{tables: []string{"Order", "orders"}, column: "userId"}
	django := indexTarget{tables: []string{"order"}, column: "customer", model: true}
	tests := []struct {
		t             indexTarget
		table, column string
		want          bool
	}{
		{order, "orders", "user_id", true}, {order, `public."Order"`, "userId", true}, {order, "reorders", "user_id", false}, {order, "orders", "id", false},
		{django, "shop_order", "customer_id", true}, {django, "shop_orderline", "customer_id", false},
	}
	for _, tt := range tests {
		if got := tt.t.isTable(tt.table) && tt.t.isColumn(tt.column); got != tt.want {
			t.Errorf("%v on %s.%s = %v, want %v", tt.t, tt.table, tt.column, got, tt.want)
		}
	}
}

func TestMatches(t *testing.T) {
	c := Case{File: "a.rb", Start: 20, End: 22, Category: "n-plus-1"}
	at := func(category, path string, start, end int) Finding {
		return Finding{Rule: "r", Category: category, Places: []Span{{"other.rb", 1, 1}, {path, start, end}}}
	}
	for name, tt := range map[string]struct {
		f    Finding
		want bool
	}{
		"secondary place": {at("n-plus-1", "a.rb", 27, 30), true}, "too far below": {at("n-plus-1", "a.rb", 28, 30), false},
		"too far above": {at("n-plus-1", "a.rb", 1, 14), false}, "touches from above": {at("n-plus-1", "a.rb", 1, 15), true},
		"other file": {at("n-plus-1", "b.rb", 20, 20), false}, "other family": {at("missing-index", "a.rb", 20, 20), false},
		"same family": {at("aggregate-per-row", "a.rb", 20, 20), true},
	} {
		if got := len(matches(c, nil, []Finding{tt.f})) == 1; got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	hidden := at("n-plus-1", "a.rb", 20, 20)
	hidden.Hidden = true
	if len(matches(c, nil, []Finding{hidden})) != 0 {
		t.Error("a finding that only the appendix lists matches")
	}
}

// TestEndToEnd runs the whole bench on a repository made here, with an audit that reports each line
// that says "slow" and offers to take the word out.
func TestEndToEnd(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	repos := t.TempDir()
	dir := filepath.Join(repos, "thing")
	gitRun := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-c", "user.name=n", "-c", "user.email=n@example.org"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	commit := func(text string) string {
		if err := os.WriteFile(filepath.Join(dir, "a.rb"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		gitRun("add", "-A")
		gitRun("commit", "-q", "-m", "x")
		return gitRun("rev-parse", "HEAD")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	gitRun("init", "-q")
	pad := strings.Repeat("ok\n", 30)
	parent := commit(pad + "slow a\n" + pad + "slow b\n")
	fix := commit("new\n" + pad + "fast a\n" + pad + "slow b\n")

	audits := 0
	b := &bench{store: t.TempDir(), build: "test", log: io.Discard, audit: func(_ context.Context, root, _ string) (*TreeResult, error) {
		audits++
		data, err := os.ReadFile(filepath.Join(root, "a.rb"))
		if err != nil {
			return nil, err
		}
		r := &TreeResult{Lines: strings.Count(string(data), "\n")}
		for i, l := range strings.Split(string(data), "\n") {
			if name, ok := strings.CutPrefix(l, "slow "); ok {
				at := strings.Index(string(data), l)
				text, err := patch.Unified([]patch.Edit{{Path: "a.rb", Start: at, End: at + 4, New: "fast"}}, func(string) ([]byte, error) { return data, nil })
				if err != nil {
					return nil, err
				}
				r.Findings = append(r.Findings, Finding{Rule: "x.slow", Category: "slow", Fingerprint: name, Title: l, Places: []Span{{"a.rb", i + 1, i + 1}},
					Patch: text})
			}
		}
		r.Visible = len(r.Findings)
		return r, nil
	}}
	cases := []Case{
		{ID: "1", Repo: "own/thing", Parent: parent, Fix: fix, File: "a.rb", Start: 33, End: 33, Category: "slow", Needs: "local"},
		{ID: "2", Repo: "own/thing", Parent: parent, Fix: fix, File: "a.rb", Start: 62, End: 62, Category: "slow", Needs: "local"},
		{ID: "3", Repo: "own/thing", Parent: parent, Fix: fix, File: "a.rb", Start: 10, End: 10, Category: "slow", Needs: "schema"},
		{ID: "4", Repo: "own/elsewhere", Parent: parent, Fix: fix, File: "a.rb", Start: 1, End: 1, Category: "slow", Needs: "local"},
		{ID: "5", Repo: "own/thing", Parent: strings.Repeat("0", 40), Fix: fix, File: "a.rb", Start: 1, End: 1, Category: "slow", Needs: "local"},
	}
	for round := range 2 {
		audits = 0
		outcomes, err := b.all(t.Context(), cases, repos, 2)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range outcomes {
			got = append(got, fmt.Sprintf("%s %s patched %v", o.Case.ID, verdict(o), o.Patched()))
		}
		want := "1 hit patched true|2 hit, still reported on the fix patched true|3 missed patched false|" +
			"4 the repository is not at hand patched false|5 the clone has no commit 0000000000 patched false"
		if strings.Join(got, "|") != want {
			t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
		}
		if n := map[int]int{0: 4, 1: 0}[round]; audits != n { // two trees and two patched ones, then none
			t.Errorf("round %d: %d audits, want %d", round, audits, n)
		}
		s := summarize(outcomes)
		if s.Total.Cases != 3 || s.Total.Hits != 2 || s.Total.Silent != 1 || s.NotAtHand != 2 || s.Trees != 1 || s.Visible != 2 || s.passes() {
			t.Errorf("summary %+v", s)
		}
		var md bytes.Buffer
		writeMarkdown(&md, outcomes, s)
		for _, part := range []string{"| local | 2 | 2 | 100 % | 1 | 2 |", "own/elsewhere: the repository is not at hand (4)", "**missed**"} {
			if !strings.Contains(md.String(), part) {
				t.Errorf("the table has no %q:\n%s", part, md.String())
			}
		}
		file := filepath.Join(t.TempDir(), "out.json")
		if err := writeJSON(file, outcomes, s); err != nil {
			t.Fatal(err)
		}
		outcomes[0].Hits = nil
		var changes bytes.Buffer
		if err := writeChanges(&changes, file, outcomes, s); err != nil || !strings.Contains(changes.String(), "- 1 own/thing slow: hit (patch true) to missed") {
			t.Errorf("changes %q, error %v", changes.String(), err)
		}
	}
}
