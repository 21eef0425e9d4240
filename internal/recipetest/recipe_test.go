package recipetest

import (
	"math/rand/v2"
	"os/exec"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/execute"
)

// short is the ladder of tests: many short tries.
func short() rewrite.Ladder {
	return rewrite.Ladder{{Tries: 50, LockTimeout: 100 * time.Millisecond, Sleep: 50 * time.Millisecond}}
}

// options are those of tests: small tables, a moderate load.
func options() Options {
	return Options{Rows: 2500, Writers: 3, Readers: 3, Rate: 300, Ladder: short(), Batch: 100 * time.Millisecond}
}

// TestRecipes carries out each recipe: while writers and readers use the table, cut off at each step, and as a script
// in psql. Two cases go on at once: much of a trial is waiting.
func TestRecipes(t *testing.T) {
	d, major := databases(t)
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Log("psql is not installed (it comes with PostgreSQL): scripts are not run")
	}
	two := make(chan struct{}, 2)
	for i, c := range Cases(major) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			if major < c.Since {
				refused(t, d, c)
				return
			}
			s, err := Prepare(t.Context(), d, c, options())
			if err != nil {
				t.Fatal(err)
			}
			t.Run("load", func(t *testing.T) { underLoad(t, s) })
			t.Run("cut off", func(t *testing.T) {
				turns := &turns{n: 7 * i, random: rand.New(rand.NewPCG(1, uint64(i)))}
				// Long recipes are cut off at every second step here, and at all of them by internal/recipebench.
				stride := 1 + len(s.Recipe.Steps)/7
				for step := i % stride; step < len(s.Recipe.Steps); step += stride {
					turns.cutOff(t, s, step)
				}
			})
			if psql != "" {
				t.Run("script", func(t *testing.T) { asScript(t, s, psql, i%2 == 0) })
			}
		})
	}
}

// refused wants a case of a later version to be refused.
func refused(t *testing.T, d *Databases, c Case) {
	says, err := Refused(t.Context(), d, c, options())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("refused: %s", says)
}

func underLoad(t *testing.T, s *Stand) {
	r, err := s.Trial(t.Context(), func(address string, observe func(execute.Event)) error {
		return s.Resume(t.Context(), address, observe)
	})
	if err != nil {
		t.Fatal(err)
	}
	report(t, r)
	t.Logf("%d requests, longest %s, p99 %s; took %s, %d tries more", r.Requests, r.Longest, r.P99, r.Took, r.Tries)
}

// report fails the test for all that a trial must not show.
func report(t *testing.T, r Result) {
	t.Helper()
	if len(r.Failed) > 0 {
		t.Errorf("%d of %d requests failed, the first: %s", len(r.Failed), r.Requests, r.Failed[0])
	}
	if r.Requests < 20 {
		t.Errorf("only %d requests were sent: this was no load", r.Requests)
	}
	for _, l := range r.Schema {
		t.Errorf("schema: %s", l)
	}
	for _, l := range r.Rows {
		t.Errorf("rows: %s", l)
	}
}
