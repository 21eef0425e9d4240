package pgoracle

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/effect"
)

// TestProbesWithoutTime holds that a statement which ends before the first probe is judged by its locks: the
// probes name their tables all the same.
func TestProbesWithoutTime(t *testing.T) {
	relations := map[uint32]*Relation{20000: {OID: 20000, Schema: "public", Name: "t", Kind: 'r', File: 1, Rows: 1000, Size: 8192}}
	same := &picture{relations: relations, parents: map[uint32][]uint32{}}
	r := &run{
		statement: Statement{SQL: "vacuum t", Targets: []string{"t"}}, targets: []uint32{20000}, outside: true, before: same, after: same,
		locks: []Held{{20000, effect.AccessExclusive, true}},
	}
	done := make(chan struct{})
	close(done)
	var o Oracle // asks no server, as there is no time
	if err := o.probeUntil(t.Context(), r, done); err != nil {
		t.Fatal(err)
	}
	if len(r.probes) != 2 {
		t.Fatalf("%d probes, want one of reads and one of writes", len(r.probes))
	}
	for _, p := range r.probes {
		if p.Relation != 20000 || p.Tries != 0 {
			t.Errorf("%+v names another table, or was tried", p)
		}
	}
	got := Judge(r.evidence())
	if got.Effect.Target != effect.AccessExclusive || len(got.Notes) > 0 {
		t.Errorf("%s, notes %q", got.Effect, got.Notes)
	}
}
