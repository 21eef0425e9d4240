package recipetest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// turns chooses how a run is cut off and what comes after: by turns its session is ended or its process killed, and
// it is resumed or taken back.
type turns struct {
	n      int
	random *rand.Rand
}

// cutOff is one trial.
func (n *turns) cutOff(t *testing.T, s *Stand, step int) {
	n.n++
	kill, undo, random := n.n%4 == 0, n.n%3 == 0, n.random
	t.Helper()
	where := fmt.Sprintf("cut off at the step %q (killed: %v)", s.Recipe.Steps[step].ID, kill)
	cut, err := s.CutOff(t.Context(), step, kill, undo, Moment(random))
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	if !cut.Off {
		t.Errorf("%s: it ran to its end, so that nothing was tested", where)
	}
	for _, l := range cut.Differ {
		t.Errorf("%s, undone: %v: %s", where, cut.Undone, l)
	}
}

// TestUndoClears takes back a REINDEX CONCURRENTLY that was cut off: the invalid index that it leaves must go.
func TestUndoClears(t *testing.T) {
	t.Parallel()
	d, major := databases(t)
	c := named(t, major, "reindex key")
	if major < c.Since {
		t.Skipf("PostgreSQL %d has no REINDEX CONCURRENTLY", major)
	}
	s, err := Prepare(t.Context(), d, c, options())
	if err != nil {
		t.Fatal(err)
	}
	cut, err := s.CutOff(t.Context(), 0, false, true, 20*time.Millisecond)
	if err != nil || !cut.Off || !cut.Undone {
		t.Fatalf("%+v, %v", cut, err)
	}
	for _, l := range cut.Differ {
		t.Error(l)
	}
}
