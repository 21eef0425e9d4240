package review_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/foundation/report"
)

// TestRehearsalDecides: what the server did stands above what the lint foresaw, in both directions, and only
// where the rehearsal saw enough.
func TestRehearsalDecides(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	const schema = `create function one() returns int language sql volatile as 'select 1';
create function build() returns void language plpgsql as $$ begin execute 'create index built on orders (code)'; end $$;
create table orders (id bigint primary key, code text, n int);
`
	opt := review.Options{FS: fstest.MapFS{"m.sql": {Data: []byte(`alter table orders add column c int default one();
alter table orders alter column n type bigint;
select build();
create table fresh (id bigint primary key);
create index on fresh (id);
`)}}, Paths: []string{"m.sql"}, Dialect: "postgresql", Schema: []byte(schema), SchemaName: "schema.sql", Today: time.Now()}
	server, err := rehearse.ServerVersion(ctx, rehearse.Options{})
	if err != nil {
		t.Skip("PostgreSQL is not installed; make test installs it: " + err.Error())
	}
	opt.Server = server
	reviewed, err := review.Review(ctx, opt)
	if err != nil {
		t.Fatal(err)
	}
	if f := at(reviewed.Report, "lock.", 1); f == nil || f.Status == report.StatusSuppressed {
		t.Fatal("the lint takes a volatile default for a rewrite; this test needs it to")
	}
	result, err := review.Rehearse(ctx, reviewed, rehearse.Options{Rows: 20_000, Repeats: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	review.AddRehearsal(reviewed, result)
	r := reviewed.Report
	if f := at(r, "lock.", 1); f == nil || f.Status != report.StatusSuppressed || !strings.Contains(f.Suppressed, "refuted by the rehearsal") {
		t.Errorf("the server inlines the function and rewrites nothing: %+v", f)
	}
	if f := at(r, "lock.", 2); f == nil || f.Status == report.StatusSuppressed || !strings.Contains(told(f, "evidence"), "rehearsed: 20,000 rows in public.orders") || f.Confidence < 0.99 {
		t.Errorf("int to bigint rewrites: %+v", f)
	}
	if f := at(r, "lock.rehearsed", 3); f == nil || told(f, "blocks") != "writes" || f.Excerpt == nil || f.Severity != report.High {
		t.Errorf("a function that builds an index: %+v", f)
	}
	for _, f := range r.Findings {
		if f.Primary.StartLine > 3 && strings.HasPrefix(f.Rule, "lock.") {
			t.Errorf("a table of the same change: %s at line %d", f.Rule, f.Primary.StartLine)
		}
	}
	if !strings.Contains(strings.Join(r.Coverage.Notes, "\n"), "refuted the lint at 1 statement and found harm that it had not foreseen at 1 statement") {
		t.Errorf("notes %q", r.Coverage.Notes)
	}
	if _, ok := review.Explain("lock.rehearsed"); !ok {
		t.Error("lock.rehearsed has no page")
	}

	// Too few rows, and another version than the judged one, decide nothing.
	for name, with := range map[string]struct {
		server string
		rows   int64
	}{"few rows": {server, 500}, "another version": {"11", 20_000}} {
		opt.Server = with.server
		reviewed, err := review.Review(ctx, opt)
		if err != nil {
			t.Fatal(err)
		}
		result, err := review.Rehearse(ctx, reviewed, rehearse.Options{Rows: with.rows, Repeats: 1, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		review.AddRehearsal(reviewed, result)
		if f := at(reviewed.Report, "lock.", 1); f == nil || f.Status == report.StatusSuppressed {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func at(r *report.Report, rule string, line int) *report.Finding {
	for i := range r.Findings {
		if f := &r.Findings[i]; strings.HasPrefix(f.Rule, rule) && f.Primary.StartLine == line {
			return f
		}
	}
	return nil
}

func told(f *report.Finding, name string) string {
	for _, x := range f.Facts {
		if x.Name == name {
			return x.Value
		}
	}
	return ""
}
