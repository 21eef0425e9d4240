package review_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/engagement/review/budget"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/unit"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// rehearsedChange is a change and its rehearsal against the statistics of a real table.
type rehearsedChange struct {
	opt review.Options
	ran *rehearse.Result
}

// rehearseChange rehearses statements on a table of 20,000 rows, of which the rehearsal holds at most 3,000.
func rehearseChange(t *testing.T, change string) rehearsedChange {
	t.Helper()
	p := testserver.PostgresFor(t)
	conn, err := pgx.Connect(t.Context(), p.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	const table = "create table orders (id bigint primary key, total int not null, note text);"
	for _, sql := range []string{table, "insert into orders select i, i % 100, 'n' || i from generate_series(1, 20000) i", "analyze"} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	statistics, err := scale.Read(t.Context(), conn.PgConn(), scale.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := rehearsedChange{opt: review.Options{FS: fstest.MapFS{"a.sql": {Data: []byte(change)}}, Paths: []string{"a.sql"}, Schema: []byte(table), SchemaName: "schema.sql", Server: "15",
		Today: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)}}
	reviewed, err := review.Review(t.Context(), c.opt)
	if err != nil {
		t.Fatal(err)
	}
	if c.ran, err = review.Rehearse(t.Context(), reviewed, rehearse.Options{Statistics: statistics, Rows: 3000, Repeats: 2, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	return c
}

// report is that of the review with the rehearsal.
func (c rehearsedChange) report(t *testing.T) *report.Report {
	t.Helper()
	r, err := review.Review(t.Context(), c.opt)
	if err != nil {
		t.Fatal(err)
	}
	review.AddRehearsal(r, c.ran)
	return r.Report
}

func findingOf(t *testing.T, r *report.Report, rule string) *report.Finding {
	t.Helper()
	for i := range r.Findings {
		if r.Findings[i].Rule == rule {
			return &r.Findings[i]
		}
	}
	t.Fatalf("no finding of %s", rule)
	return nil
}

// TestHoldsInFindings: what a rehearsal found of the time stands in the findings, for programs too.
func TestHoldsInFindings(t *testing.T) {
	c := rehearseChange(t, "alter table orders alter column total type bigint;\nalter table orders add check (total > 1000);\n")
	r := c.report(t)
	f := findingOf(t, r, "lock.alter-type-rewrite")
	if len(f.Holds) != 1 {
		t.Fatalf("%d holds", len(f.Holds))
	}
	h := f.Holds[0]
	if h.Path != "a.sql" || h.StartLine != 1 || h.Lock != "ACCESS EXCLUSIVE" || !(h.Low > 0 && h.High > h.Low) || h.Floor <= 0 || h.Bound == "" || h.Origin != report.Measured || !strings.HasPrefix(h.Basis, "rehearsed on PostgreSQL") || h.NotEstimated != "" {
		t.Errorf("%+v", h)
	}
	if !strings.Contains(f.Claim, "The lock is held "+c.held(0)) {
		t.Errorf("claim: %s", f.Claim)
	}
	if why := findingOf(t, r, "lock.add-check").Holds; len(why) != 1 || !strings.Contains(why[0].NotEstimated, "is violated by some row") || why[0].High != 0 {
		t.Errorf("of a statement that failed: %+v", why)
	}
	var asJSON struct{ Findings []report.Finding }
	var asSARIF struct {
		Runs []struct {
			Results []struct {
				RuleID     string
				Properties struct{ Holds []report.Hold }
			}
		}
	}
	for _, form := range []struct {
		write func(io.Writer, *report.Report) error
		into  any
	}{{report.JSON, &asJSON}, {report.SARIF, &asSARIF}} {
		var b bytes.Buffer
		if err := form.write(&b, r); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b.Bytes(), form.into); err != nil {
			t.Fatal(err)
		}
	}
	if got := findingOf(t, &report.Report{Findings: asJSON.Findings}, f.Rule).Holds; len(got) != 1 || got[0] != h {
		t.Errorf("JSON: %+v", got)
	}
	found := false
	for _, result := range asSARIF.Runs[0].Results {
		found = found || result.RuleID == f.Rule && len(result.Properties.Holds) == 1 && result.Properties.Holds[0] == h
	}
	if !found {
		t.Errorf("SARIF has not %+v", h)
	}
}

// held is the interval of a statement as reports print it.
func (c rehearsedChange) held(i int) string { return rehearse.Interval(c.ran.Statements[i].Held) }

// TestSeverityFollowsTheLockBudget: the same lock is an outage under one load and nothing under another.
func TestSeverityFollowsTheLockBudget(t *testing.T) {
	c := rehearseChange(t, "alter table orders alter column total type bigint;\nalter table orders drop column note;\n")
	held := c.ran.Statements[0].Held
	if !held.Estimated() {
		t.Fatal(held.NotEstimated)
	}
	for _, tt := range []struct {
		name   string
		fills  float64 // seconds
		want   report.Severity
		says   string
		unsaid string
	}{
		{"far more than the lock takes", 100 * held.High, report.Low, "no reason to act", ""},
		{"more than it takes", 2 * held.High, report.High, "fills in", "no reason to act"},
		{"within the interval", (held.Low + held.High) / 2, report.High, "fills in", "no reason to act"},
		{"less than it takes", held.Low / 2, report.Critical, "fills in", "no reason to act"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c.opt.Load = &budget.Load{Pool: 100, Arrivals: unit.Rate{PerSecond: 100 / tt.fills}}
			r := c.report(t)
			f := findingOf(t, r, "lock.alter-type-rewrite")
			if f.Severity != tt.want || !strings.Contains(f.Claim, "; "+c.opt.Load.Fills()+".") || !strings.Contains(f.Claim, tt.says) || tt.unsaid != "" && strings.Contains(f.Claim, tt.unsaid) {
				t.Errorf("%s: %s", f.Severity, f.Claim)
			}
			if got := f.Holds[0].Budget; math.Abs(got-tt.fills) > 1e-3*tt.fills+1e-8 {
				t.Errorf("budget %g s, want %g", got, tt.fills)
			}
			if drop := findingOf(t, r, "compat.drop-column"); drop.Severity != report.Medium {
				t.Errorf("code that breaks is no question of time, and %s", drop.Severity)
			}
			if first := r.Findings[0].Severity; first.Rank() > tt.want.Rank() {
				t.Errorf("the first finding is %s", first)
			}
			if stop := strings.Contains(r.Verdict.Headline, "Do not run"); stop == (tt.want == report.Low) {
				t.Errorf("headline: %s", r.Verdict.Headline)
			}
		})
	}
}

// TestLockBudgetWithoutRehearsal: the sizes of a catalog and published rates give an interval, unless something behind in
// the transaction takes a time that nobody knows.
func TestLockBudgetWithoutRehearsal(t *testing.T) {
	p := testserver.PostgresFor(t)
	conn, err := pgx.Connect(t.Context(), p.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	for _, sql := range []string{"create table orders (id bigint primary key, code text)", "insert into orders select i, 'c' || i from generate_series(1, 30000) i", "analyze"} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	catalog, err := review.ReadCatalog(t.Context(), p.URL)
	if err != nil {
		t.Fatal(err)
	}
	const index = "create index on orders (code);\n" // 30,000 rows at 300,000 to 5,000,000 a second
	for _, tt := range []struct {
		name, sql string
		load      budget.Load
		want      report.Severity
		says      string
	}{
		{"no load", index, budget.Load{}, report.High, "The lock is held 6 ms to 100 ms by published rates."},
		{"a small load", index, budget.Load{Pool: 100, Arrivals: unit.Rate{PerSecond: 10}}, report.Low, "100 ms by published rates; the pool of 100 at 10/s fills in 10 s. That is far under it"},
		{"a load that fills the pool at once", index, budget.Load{Pool: 5, Arrivals: unit.Rate{PerSecond: 5000}}, report.Critical, "fills in 1 ms."},
		{"with a catalog change behind", "begin;\n" + index + "alter table orders add column x int;\ncommit;\n", budget.Load{Pool: 100, Arrivals: unit.Rate{PerSecond: 10}}, report.Low, "far under"},
		{"with an update behind", "begin;\n" + index + "update orders set code = 'x' where id = 1;\ncommit;\n", budget.Load{Pool: 100, Arrivals: unit.Rate{PerSecond: 10}}, report.High, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opt := review.Options{Catalog: catalog}
			if tt.load.Pool > 0 {
				opt.Load = &tt.load
			}
			f := findingOf(t, judge(t, opt, "a.sql", tt.sql), "lock.create-index")
			if f.Severity != tt.want || !strings.Contains(f.Claim, tt.says) || tt.says == "" && len(f.Holds) > 0 {
				t.Errorf("%s: %s %+v", f.Severity, f.Claim, f.Holds)
			}
		})
	}
}
