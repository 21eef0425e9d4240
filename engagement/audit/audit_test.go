package audit

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/progress"
	"github.com/napkin-infra/napkin/foundation/report"
)

// tree writes files into a new folder, old enough for their times to be trusted.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		age(t, p)
	}
	return dir
}

func age(t *testing.T, p string) {
	t.Helper()
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(p, old, old); err != nil {
		t.Fatal(err)
	}
}

// ageAll makes every file of a tree old enough for its time to be trusted.
func ageAll(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(p string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			age(t, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, opt Options) *Result {
	t.Helper()
	opt.Version = "test"
	r, err := Run(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func canonical(t *testing.T, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// shop is a small Rails application with one relation loaded per row.
var shop = map[string]string{
	"app/models/application_record.rb": "class ApplicationRecord < ActiveRecord::Base\nend\n",
	"app/models/order.rb":              "class Order < ApplicationRecord\n  belongs_to :customer\n  has_many :lines\nend\n",
	"app/models/customer.rb":           "class Customer < ApplicationRecord\n  has_many :orders\nend\n",
	"app/models/line.rb":               "class Line < ApplicationRecord\n  belongs_to :order\nend\n",
	"app/controllers/orders_controller.rb": `class OrdersController < ApplicationController
  def index
    @orders = Order.where(open: true).limit(50)
  end
end
`,
	"app/views/orders/index.html.erb": "<% @orders.each do |order| %>\n  <%= order.customer.name %>\n<% end %>\n",
}

func TestFindsAndPatchesAnNPlusOneAcrossFiles(t *testing.T) {
	r := run(t, Options{Root: tree(t, shop), Only: []string{"db.n1-relation"}})
	if len(r.Report.Findings) != 1 {
		t.Fatalf("findings = %d, want 1", len(r.Report.Findings))
	}
	f := r.Report.Findings[0]
	if f.Primary.Path != "app/controllers/orders_controller.rb" || f.Primary.StartLine != 3 {
		t.Errorf("primary = %s:%d, want the query in the controller", f.Primary.Path, f.Primary.StartLine)
	}
	if f.Evidence != 2 {
		t.Errorf("evidence = E%d, want E2: the query is reached from a request", f.Evidence)
	}
	if !strings.Contains(f.Fix.Patch, "+    @orders = Order.where(open: true).limit(50).includes(:customer)") {
		t.Errorf("patch = %q", f.Fix.Patch)
	}
	if len(r.Patches) != 1 {
		t.Errorf("patches = %d, want 1", len(r.Patches))
	}
}

func TestEveryCostInputHasASource(t *testing.T) {
	r := run(t, Options{Root: tree(t, shop)})
	if len(r.Report.Findings) == 0 {
		t.Fatal("no findings")
	}
	for _, f := range r.Report.Findings {
		if f.Cost == nil {
			continue
		}
		for _, in := range f.Cost.Inputs {
			if in.Origin == "" || in.Detail == "" {
				t.Errorf("%s: input %s has origin %q and detail %q", f.Rule, in.Name, in.Origin, in.Detail)
			}
		}
	}
}

func TestRoundTripAndRowsChangeTheCost(t *testing.T) {
	dir := tree(t, shop)
	only := []string{"db.n1-relation"}
	near := run(t, Options{Root: dir, Only: only}).Report.Findings[0].Cost
	far := run(t, Options{Root: dir, Only: only, RTT: 20 * time.Millisecond}).Report.Findings[0].Cost
	if far.Now < 10*near.Now {
		t.Errorf("cost with a round trip of 20 ms = %v ms, with the published one %v ms", far.Now, near.Now)
	}
	files := map[string]string{}
	for k, v := range shop {
		files[k] = v
	}
	files["app/controllers/orders_controller.rb"] = strings.Replace(shop["app/controllers/orders_controller.rb"], ".limit(50)", "", 1)
	dir = tree(t, files)
	few := run(t, Options{Root: dir, Only: only, Rows: map[string]float64{"orders": 20}}).Report.Findings[0].Cost
	many := run(t, Options{Root: dir, Only: only, Rows: map[string]float64{"orders": 1e5}}).Report.Findings[0].Cost
	if many.Now < 1000*few.Now {
		t.Errorf("cost of 1e5 rows = %v ms, of 20 rows = %v ms", many.Now, few.Now)
	}
}

func TestTwoRunsGiveTheSameBytes(t *testing.T) {
	dir := tree(t, shop)
	a := canonical(t, run(t, Options{Root: dir}).Report)
	b := canonical(t, run(t, Options{Root: dir}).Report)
	if a != b {
		t.Error("two runs without a cache differ")
	}
	cache := t.TempDir()
	cold := canonical(t, run(t, Options{Root: dir, CacheDir: cache}).Report)
	warm := canonical(t, run(t, Options{Root: dir, CacheDir: cache}).Report)
	if cold != a || warm != a {
		t.Error("runs with a cache differ from one without")
	}
}

// Archives and copies keep times, and so may whoever edits: an edit is seen all the same.
func TestEditOfSameSizeAndTimeIsSeen(t *testing.T) {
	dir, cache := tree(t, shop), t.TempDir()
	opt := Options{Root: dir, CacheDir: cache, Only: []string{"db.n1-relation"}}
	if n := len(run(t, opt).Report.Findings); n != 1 {
		t.Fatalf("findings = %d, want 1", n)
	}
	p := filepath.Join(dir, "app/views/orders/index.html.erb")
	before, err := os.Stat(p)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(shop["app/views/orders/index.html.erb"], "order.customer.name", "order.customer_name", 1)
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(p, before.ModTime(), before.ModTime()); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(p); err != nil || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		t.Fatalf("size or time changed: %v", err)
	}
	if n := len(run(t, opt).Report.Findings); n != 0 {
		t.Errorf("findings after the edit = %d, want 0", n)
	}
}

func TestChangesAreSeenThroughTheCache(t *testing.T) {
	dir, cache := tree(t, shop), t.TempDir()
	only := []string{"db.n1-relation"}
	if n := len(run(t, Options{Root: dir, CacheDir: cache, Only: only}).Report.Findings); n != 1 {
		t.Fatalf("findings = %d, want 1", n)
	}
	p := filepath.Join(dir, "app/controllers/orders_controller.rb")
	text, _ := os.ReadFile(p)
	if err := os.WriteFile(p, []byte(strings.Replace(string(text), ".limit(50)", ".limit(50).includes(:customer)", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if n := len(run(t, Options{Root: dir, CacheDir: cache, Only: only}).Report.Findings); n != 0 {
		t.Errorf("findings after the fix = %d, want 0", n)
	}
	if n := len(run(t, Options{Root: tree(t, shop), CacheDir: cache, Only: []string{"db.n1-nested"}}).Report.Findings); n != 0 {
		t.Errorf("findings of another rule = %d, want 0", n)
	}
}

// TestReportKeptInTheTreeChangesNothing holds that the folder which the command makes in the audited tree
// is no part of it: the next run finds the kept answer.
func TestReportKeptInTheTreeChangesNothing(t *testing.T) {
	dir, cache := tree(t, shop), t.TempDir()
	before := canonical(t, run(t, Options{Root: dir, CacheDir: cache}).Report)
	if err := os.Mkdir(filepath.Join(dir, ".napkin"), 0o755); err != nil {
		t.Fatal(err)
	}
	all := &stopper{}
	if after := canonical(t, run(t, Options{Root: dir, CacheDir: cache, Progress: all}).Report); after != before {
		t.Errorf("the report differs at byte %d", differs(after, before))
	}
	if len(all.stages) > 0 {
		t.Errorf("stages = %q, want none: nothing changed", all.stages)
	}
}

func TestSuppressionWithReasonHidesAFinding(t *testing.T) {
	files := map[string]string{}
	for k, v := range shop {
		files[k] = v
	}
	files["app/controllers/orders_controller.rb"] = strings.Replace(shop["app/controllers/orders_controller.rb"], ".limit(50)", ".limit(50) # napkin:ignore db.n1-relation shown to one person", 1)
	r := run(t, Options{Root: tree(t, files), Only: []string{"db.n1-relation"}})
	if len(r.Report.Findings) != 1 || r.Report.Findings[0].Status != report.StatusSuppressed {
		t.Errorf("findings = %+v, want the one, marked as suppressed", r.Report.Findings)
	}
	if len(r.Patches) != 0 {
		t.Errorf("patches = %d, want none for what was accepted", len(r.Patches))
	}
}

// stopper cancels a run when a stage begins, and notes the stages.
type stopper struct {
	at     string
	stop   func()
	stages []string
}

func (s *stopper) Note(string) {}

func (s *stopper) Stage(name string, total int64) progress.Stage {
	s.stages = append(s.stages, name)
	if name == s.at {
		s.stop()
	}
	return progress.Silent().Stage(name, total)
}

// TestInterruptedRunIsPartial ends the run at the beginning of each of its stages: what there is by
// then is told, marked as partial.
func TestInterruptedRunIsPartial(t *testing.T) {
	dir := tree(t, shop)
	all := &stopper{}
	run(t, Options{Root: dir, Progress: all})
	if len(all.stages) < 4 {
		t.Fatalf("stages = %q, want at least four", all.stages)
	}
	for _, name := range all.stages {
		ctx, cancel := context.WithCancel(context.Background())
		r, err := Run(ctx, Options{Root: dir, Version: "test", CacheDir: t.TempDir(), Progress: &stopper{at: name, stop: cancel}})
		cancel()
		if err != nil {
			t.Errorf("interrupted at %q: %v", name, err)
			continue
		}
		if !r.Partial || r.Report.Verdict.Partial == "" {
			t.Errorf("interrupted at %q: the report is not marked as partial", name)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err := Run(ctx, Options{Root: dir, Version: "test"}); err != nil && !isContext(err) || err == nil && !r.Partial {
		t.Errorf("interrupted before it began: %v, %v", r, err)
	}
}

func TestCleanRepositoryGetsAShortReport(t *testing.T) {
	r := run(t, Options{Root: "../../examples/clean"}).Report
	for _, f := range r.Findings {
		if f.Severity.Rank() <= report.High.Rank() {
			t.Errorf("%s at %s:%d: %s", f.Rule, f.Primary.Path, f.Primary.StartLine, f.Title)
		}
	}
	if len(r.Findings) > 3 {
		t.Errorf("%d findings in a clean repository", len(r.Findings))
	}
	if !strings.HasPrefix(r.Verdict.Headline, "Little is wrong here") {
		t.Errorf("headline = %q", r.Verdict.Headline)
	}
	var b bytes.Buffer
	if err := report.Markdown(&b, r); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n > 150 {
		t.Errorf("the report of a clean repository has %d lines", n)
	}
}
