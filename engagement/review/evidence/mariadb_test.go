package evidence_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/evidence"
	"github.com/napkin-infra/napkin/engagement/review/matrix"
	"github.com/napkin-infra/napkin/engagement/review/predict"
)

// TestAgreementMariaDB is TestAgreement with MariaDB: harm and work agree for each statement, or it stands
// in the list below.
func TestAgreementMariaDB(t *testing.T) {
	section := matrix.Embedded().Section(matrix.MariaDB)
	if section == nil {
		t.Fatal("nothing was measured on MariaDB")
	}
	asked, harm, work, clauses := 0, 0, 0, 0
	missed := map[string]bool{}
	for _, s := range section.Servers {
		for _, row := range matrix.Rows(matrix.MariaDB) {
			a, ok := matrix.Embedded().Lookup(matrix.MariaDB, row.ID, s.Major)
			if !ok || !a.Exact || a.Refused != "" || !row.On(s.Major) {
				continue
			}
			asked++
			server := predict.Server{Product: predict.MariaDB, Major: s.Major / 100, Minor: s.Major % 100, Patch: -1}
			impacts := evidence.Predict(row, matrix.MariaDB, server)
			got := evidence.Fold(impacts)
			if got.Algorithm == a.Effect.Algorithm && got.Admits == a.Effect.Admits {
				clauses++
			}
			if got.Work == a.Effect.Work {
				work++
			}
			kind := predict.Unknown
			if len(impacts) > 0 {
				kind = impacts[0].Kind
			}
			if got.Harm() == a.Effect.Harm() {
				harm++
				if got.Work != a.Effect.Work || got.Algorithm != a.Effect.Algorithm || got.Admits != a.Effect.Admits {
					t.Logf("%s: %s\n\tpredicted %s (%s), measured %s", row.ID, row.SQL, got, kind, class(a.Effect))
				}
				continue
			}
			missed[row.ID] = true
			if knownMariaDB[row.ID] == "" {
				t.Errorf("%s on %s: %s\n\tpredicted %s (%s), measured %s", row.ID, s.Version, row.SQL, got, kind, class(a.Effect))
			}
		}
	}
	for id := range knownMariaDB {
		if !missed[id] {
			t.Errorf("%s is predicted now; take it from the list", id)
		}
	}
	t.Logf("harm agrees for %d of %d, work for %d, algorithm and lock for %d", harm, asked, work, clauses)
}

// knownMariaDB are statements whose harm is not predicted, and why.
var knownMariaDB = map[string]string{
	"table.charset-convert-same": "the schema does not say what a table's character set is; converting to the one that it has does nothing",
}
