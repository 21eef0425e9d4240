package recipetest

import (
	"fmt"
	"math/rand/v2"
	"testing"
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
