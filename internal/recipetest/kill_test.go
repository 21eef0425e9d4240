package recipetest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/napkin-infra/napkin/internal/testserver"
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

// TestCutOff cuts each recipe off at each of its steps, by turns by ending its session and by killing its process,
// and by turns resumes it and takes it back.
func TestCutOff(t *testing.T) {
	p := testserver.PostgresFor(t)
	o := options()
	o.Rows = 500
	random := rand.New(rand.NewPCG(1, 2))
	turn := 0
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			s, err := Prepare(t.Context(), p.URL, c, o)
			if err != nil {
				t.Fatal(err)
			}
			for step := range s.Recipe.Steps {
				turn++
				cutOff(t, s, step, turn%5 == 0, turn%3 == 0, random)
			}
			if err := s.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// cutOff is one trial.
func cutOff(t *testing.T, s *Stand, step int, kill, undo bool, random *rand.Rand) {
	t.Helper()
	where := fmt.Sprintf("cut off at the step %q (killed: %v)", s.Recipe.Steps[step].ID, kill)
	address, err := s.Copy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if kill {
		_, err = s.Kill(t.Context(), address, step, Moment(random))
	} else {
		_, err = s.Terminate(t.Context(), address, step, Moment(random), nil)
	}
	if err != nil {
		t.Fatalf("%s: %v", where, err)
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
