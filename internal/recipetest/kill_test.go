package recipetest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if was, err := Child(); was {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

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
	address, err := s.Copy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var cut bool
	if kill {
		cut, err = s.Kill(t.Context(), address, step, Moment(random))
	} else {
		cut, err = s.Terminate(t.Context(), address, step, Moment(random), nil)
	}
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	if !cut {
		t.Errorf("%s: it ran to its end, so that nothing was tested", where)
	}
	undone := false
	if undo {
		if undone, err = s.Undo(t.Context(), address); err != nil {
			t.Fatalf("%s, taken back: %v", where, err)
		}
	}
	if !undone {
		if err := s.Resume(t.Context(), address, nil); err != nil {
			t.Fatalf("%s, resumed: %v", where, err)
		}
	}
	differ, err := s.Still(t.Context(), address, undone)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	for _, l := range differ {
		t.Errorf("%s, undone: %v: %s", where, undone, l)
	}
}
