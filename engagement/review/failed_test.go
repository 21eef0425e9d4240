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

// TestFailuresAreFindings: a statement that the server refuses by its own fault is a finding of high severity; one that only the
// scratch server or its rows refuse is none.
func TestFailuresAreFindings(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	server, err := rehearse.ServerVersion(ctx, rehearse.Options{})
	if err != nil {
		t.Skip("PostgreSQL is not installed; make test installs it: " + err.Error())
	}
	const before = "create table t (id int primary key, n int); create table u (id int primary key);"
	opt := review.Options{FS: fstest.MapFS{"m.sql": {Data: []byte(`begin;
select no_such_function();
alter table t add column n int;
select 1/0;
update t set nosuch = 1 where id = 1;
commit;
create extension no_such_extension;
alter table t add check (n < 0 and n > 0);
alter system set work_mem = '64kB';
alter table u add column z int;
alter table gone add column z int;
alter table u add column z int;
create table made (id int, e no_such_type);
insert into made values (1);
`)}}, Paths: []string{"m.sql"}, Dialect: "postgresql", Schema: []byte(before), SchemaName: "schema.sql", Today: time.Now(), Server: server}
	reviewed, err := review.Review(ctx, opt)
	if err != nil {
		t.Fatal(err)
	}
	result, err := review.Rehearse(ctx, reviewed, rehearse.Options{Rows: 20, Repeats: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	review.AddRehearsal(reviewed, result)
	r := reviewed.Report
	for line, want := range map[int]bool{2: true, 3: true, 4: true, 5: true, 7: false, 8: false, 9: false, 10: false, 11: true, 12: true, 13: true, 14: false} {
		f := at(r, "engine.rehearsal-failed", line)
		if (f != nil) != want {
			t.Errorf("line %d: %+v", line, f)
		}
		if f != nil && (f.Severity != report.High || f.Excerpt == nil || !strings.Contains(f.Claim, "the server says: ") || strings.Contains(f.Claim, "taken back") != (line < 6)) {
			t.Errorf("line %d: %+v", line, f)
		}
	}
	if !strings.HasPrefix(r.Verdict.Headline, "Do not run as it is") {
		t.Errorf("the headline: %s", r.Verdict.Headline)
	}
	if !strings.Contains(strings.Join(r.Coverage.Notes, "\n"), "could not tell of ") {
		t.Errorf("notes %q", r.Coverage.Notes)
	}
	if _, ok := review.Explain("engine.rehearsal-failed"); !ok {
		t.Error("engine.rehearsal-failed has no page")
	}
}
