package render

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff"
)

// TestRepairInWords: the headline and the line of a repair say what became of the differences.
func TestRepairInWords(t *testing.T) {
	for _, c := range []struct {
		name   string
		repair *Repair
		want   []string
		never  string
	}{
		{"applied", &Repair{Target: "sqlite:b.db", Applied: true, Statements: 1, Updates: 1, Verdict: datadiff.Equal}, []string{"Repaired: 2 rows differed; compared again, both sides are equal.", "Applied to sqlite:b.db: 1 statement: 0 rows inserted, 1 updated, 0 deleted."}, "Different"},
		{"applied in part", &Repair{Applied: true, Statements: 1, Updates: 1, Skipped: 1, Verdict: datadiff.Different}, []string{"Different: 2 rows differ. That was before the repair; compared again, they still differ.", "1 not repaired"}, ""},
		{"applied and unknown", &Repair{Applied: true, Statements: 1, Verdict: datadiff.Unknown}, []string{"whether they are equal now could not be told"}, ""},
		{"written", &Repair{Target: "b", File: "fix.sql", Statements: 2, Inserts: 1, Deletes: 1}, []string{"Repair of b in fix.sql: 2 statements: 1 row inserted, 0 updated, 1 deleted. Review it"}, "not applied"},
		{"declined", &Repair{Target: "b", Statements: 2, Deletes: 2}, []string{"Repair of b, which was not applied: 2 statements"}, " in :"},
		{"impossible", &Repair{Target: "b", Skipped: 2, Notes: []string{"why"}}, []string{"none of 2 rows can be repaired.", "Why."}, "0 statements"},
		{"failed", &Repair{Target: "b", File: "fix.sql", Statements: 2, Error: "it could not be applied: no"}, []string{"But it could not be applied: no.", "The script is in fix.sql."}, ""},
		{"without statements", &Repair{Target: "b", Error: "there is no repair: no"}, []string{"Repair of b: there is no repair: no."}, "0 statements"},
		{"nothing", &Repair{Target: "b"}, nil, "Repair of"},
	} {
		s := &Summary{Verdict: datadiff.Different, Tables: []Table{{Name: "t", Verdict: datadiff.Different, Differences: Counts{Changed: 2}}}, Repair: c.repair}
		var b strings.Builder
		if err := Text(&b, s, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(b.String()), " ")
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, b.String())
			}
		}
		if c.never != "" && strings.Contains(text, c.never) {
			t.Errorf("%s: %q in\n%s", c.name, c.never, b.String())
		}
		if sentence := repairSentence(c.repair); !strings.HasSuffix(sentence, ".") || strings.HasPrefix(sentence, " ") {
			t.Errorf("%s: %q", c.name, sentence)
		}
	}
}
