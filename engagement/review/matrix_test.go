package review_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/engagement/review/matrix"
)

// TestAlarms holds the lint to the statements of the matrix as measured on PostgreSQL 15: an alarm is a
// finding that says that somebody waits for work. make bench-review measures anew, with a peer and a set
// that was held out.
func TestAlarms(t *testing.T) {
	const major, precision, recall = 15, 0.95, 0.97
	var hit, wrong, missed int
	for _, row := range matrix.Rows(matrix.Postgres) {
		a, ok := matrix.Embedded().Lookup(matrix.Postgres, row.ID, major)
		if !ok || !a.Exact || a.Refused != "" || !row.On(major) {
			continue
		}
		session := row.Session
		if session != "" {
			session += ";\n"
		}
		r, err := review.Lint(t.Context(), review.Options{
			FS: fstest.MapFS{"m.sql": {Data: []byte(session + row.SQL + ";\n")}}, Paths: []string{"m.sql"}, Dialect: "postgresql", Server: "15", Today: time.Now(),
			Schema: []byte(matrix.Fixture(matrix.Postgres, matrix.FixtureRows(matrix.Postgres)) + ";\n" + row.Setup + ";\n"), SchemaName: "fixture.sql",
		})
		if err != nil {
			t.Fatalf("%s: %v", row.ID, err)
		}
		alarm := false
		for _, f := range r.Findings {
			facts := map[string]string{}
			for _, x := range f.Facts {
				facts[x.Name] = x.Value
			}
			alarm = alarm || facts["work"] != "catalog only" && (facts["blocks"] == "reads and writes" || facts["blocks"] == "writes")
		}
		switch harm := a.Effect.Harm(); {
		case alarm && harm:
			hit++
		case alarm:
			wrong++
			t.Logf("false alarm: %s: %s", row.ID, row.SQL)
		case harm:
			missed++
			t.Logf("missed: %s: %s", row.ID, row.SQL)
		}
	}
	if hit == 0 {
		t.Skip("nothing was measured on this version")
	}
	p, r := float64(hit)/float64(hit+wrong), float64(hit)/float64(hit+missed)
	t.Logf("%d true, %d false alarms, %d misses: precision %.3f, recall %.3f", hit, wrong, missed, p, r)
	if p < precision || r < recall {
		t.Errorf("precision %.3f, recall %.3f", p, r)
	}
}
