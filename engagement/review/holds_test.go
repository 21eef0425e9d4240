package review_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/foundation/report"
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
	if c.ran, err = review.Rehearse(t.Context(), c.opt, rehearse.Options{Statistics: statistics, Rows: 3000, Repeats: 2, Seed: 1}); err != nil {
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
