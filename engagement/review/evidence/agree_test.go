package evidence_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/evidence"
	"github.com/napkin-infra/napkin/engagement/review/matrix"
	"github.com/napkin-infra/napkin/engagement/review/predict"
)

// TestAgreement holds predictions to what was measured on every version: harm for each statement, or the
// statement stands in the list below with the reason. Harm is what findings are made of.
func TestAgreement(t *testing.T) {
	section := matrix.Embedded().Section(matrix.Postgres)
	if section == nil {
		t.Skip("nothing was measured on PostgreSQL")
	}
	asked, agreed, sameLocks := 0, 0, 0
	missed := map[string]bool{}
	for _, row := range matrix.Rows(matrix.Postgres) {
		for _, s := range section.Servers {
			a, ok := matrix.Embedded().Lookup(matrix.Postgres, row.ID, s.Major)
			if !ok || !a.Exact || a.Refused != "" || !row.On(s.Major) {
				continue
			}
			asked++
			impacts := evidence.Predict(row, matrix.Postgres, predict.Server{Product: predict.PostgreSQL, Major: s.Major, Patch: -1})
			got := evidence.Fold(impacts)
			if got.Held() == a.Effect.Held() && got.Work == a.Effect.Work {
				sameLocks++
			}
			if got.Harm() == a.Effect.Harm() {
				agreed++
				continue
			}
			missed[row.ID] = true
			if known[row.ID] == "" {
				kind := predict.Unknown
				if len(impacts) > 0 {
					kind = impacts[0].Kind
				}
				t.Errorf("%s on %d: %s\n\tpredicted %s (%s), measured %s", row.ID, s.Major, row.SQL, got, kind, class(a.Effect))
			}
		}
	}
	for id := range known {
		if !missed[id] {
			t.Errorf("%s is predicted now; take it from the list", id)
		}
	}
	t.Logf("harm agrees for %d of %d, lock and work for %d", agreed, asked, sameLocks)
}

func class(e effect.Effect) string { return e.Class().String() }

// known are statements whose harm is not predicted, and why.
var known = map[string]string{
	"add-column.volatile-function-default": "from version 12 on the server inlines an SQL function of a constant, whatever it was declared",
	"index.set-tablespace-default":         "the schema does not say in which tablespace an index lies; moving it where it is does nothing",
	"storage.tablespace-default":           "likewise for a table",
}
