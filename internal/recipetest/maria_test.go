package recipetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// TestMariaDB carries out the recipes of MariaDB under load: once as they stand, and once cut off at each step.
func TestMariaDB(t *testing.T) {
	t.Parallel()
	m := testserver.MariaDBFor(t)
	o := options()
	o.Rows, o.Ladder = 1200, rewrite.Ladder{{Tries: 10, LockTimeout: time.Second, Sleep: 50 * time.Millisecond}}
	for _, c := range MariaCases() {
		t.Run(c.Name, func(t *testing.T) {
			steps := 1
			for cut := -1; cut < steps; cut++ {
				r, n, err := MariaTrial(t.Context(), m.URL, c, o, cut)
				steps = n
				if err != nil {
					t.Fatalf("cut off at step %d: %v", cut, err)
				}
				if len(r.Failed) > 0 {
					t.Errorf("%d of %d requests failed, the first: %s", len(r.Failed), r.Requests, r.Failed[0])
				}
				for _, l := range append(r.Schema, r.Rows...) {
					t.Error(fmt.Sprintf("cut off at step %d:", cut), l)
				}
			}
		})
	}
}
