package postgres_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/portable"
)

// sameHash compares the portable hash that the server computes with that of the cells it sent.
func (b *bench) sameHash(t *testing.T, s dialect.Session, r *dialect.Relation, rows [][]byte) {
	t.Helper()
	form := r.Columns[0].Form
	portably := b.d.HashesPortably(r)
	if portably != form.Portable() {
		t.Errorf("%s: HashesPortably is %v", form, portably)
	}
	if !portably {
		return
	}
	want := dialect.Fingerprint{Rows: int64(len(rows))}
	var h portable.Hasher
	for _, cells := range rows {
		sum, err := h.Row(cells)
		if err != nil {
			t.Fatal(err)
		}
		want.Lo += sum
		if want.Lo < sum {
			want.Hi++
		}
	}
	got := fingerprints(t, s, r, dialect.Portable, dialect.Range{})
	if got[0] != want {
		t.Errorf("%s: the server's portable fingerprint is %+v, that of its rows %+v", form, got[0], want)
	}
	if err := s.GenerateHash(t.Context(), r, dialect.Portable, 5); err != nil {
		t.Errorf("%s: %v", form, err)
	}
}

func fingerprints(t testing.TB, s dialect.Session, r *dialect.Relation, h dialect.Hash, ranges ...dialect.Range) []dialect.Fingerprint {
	t.Helper()
	out := make([]dialect.Fingerprint, len(ranges))
	calls := 0
	err := s.Fingerprints(t.Context(), r, h, ranges, func(i int, f dialect.Fingerprint) error {
		out[i] = f
		calls++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if calls != len(ranges) {
		t.Fatalf("%d of %d ranges", calls, len(ranges))
	}
	return out
}
