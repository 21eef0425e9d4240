package recipetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/execute"
)

// named returns a case.
func named(t *testing.T, major int, name string) Case {
	t.Helper()
	for _, c := range Cases(major) {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("there is no case %q", name)
	return Case{}
}

// TestLongReader holds a lock on the table for longer than the lock timeout: the recipe must give up, come again and
// get through, say who is in its way, and make no request wait for longer than its timeout.
func TestLongReader(t *testing.T) {
	t.Parallel()
	d, major := databases(t)
	s, err := Prepare(t.Context(), d, named(t, major, "not null"), options())
	if err != nil {
		t.Fatal(err)
	}
	var says []string
	r, err := s.Trial(t.Context(), func(address string, observe func(execute.Event)) error {
		release, err := Hold(t.Context(), address, 700*time.Millisecond)
		if err != nil {
			return err
		}
		defer release()
		runner, err := s.Runner(address, func(e execute.Event) {
			observe(e)
			if e.What == execute.Refused {
				says = append(says, e.Says)
			}
		})
		if err != nil {
			return err
		}
		return runner.Run(t.Context(), s.Recipe)
	})
	if err != nil {
		t.Fatal(err)
	}
	report(t, r)
	if r.Tries < 2 {
		t.Errorf("the lock was refused %d times although a reader held it for seven timeouts", r.Tries)
	}
	if len(says) == 0 || !strings.Contains(says[0], "idle in transaction") {
		t.Errorf("%q does not name the transaction in the way", says)
	}
}

// TestLadderEnds holds the lock for longer than all tries: the run must end with a sentence and leave nothing open.
func TestLadderEnds(t *testing.T) {
	t.Parallel()
	d, major := databases(t)
	o := options()
	o.Ladder = rewrite.Ladder{{Tries: 3, LockTimeout: 20 * time.Millisecond, Sleep: 10 * time.Millisecond}}
	s, err := Prepare(t.Context(), d, named(t, major, "check"), o)
	if err != nil {
		t.Fatal(err)
	}
	address, err := s.Copy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Back(address)
	release, err := Hold(t.Context(), address, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Resume(t.Context(), address, nil)
	release()
	if err == nil || !strings.Contains(err.Error(), "3 tries") {
		t.Errorf("the run ended with %v", err)
	}
	if err := s.Resume(t.Context(), address, nil); err != nil {
		t.Errorf("run again when the reader was gone: %v", err)
	}
}

// TestPreflight has data that forbid the change: the run must say so and change nothing.
func TestPreflight(t *testing.T) {
	t.Parallel()
	d, major := databases(t)
	for name, c := range map[string]struct {
		spoil string
		of    string
	}{
		"null":      {"UPDATE orders SET customer = NULL WHERE id = 7", "not null"},
		"broken":    {"UPDATE orders SET amount = -1 WHERE id = 7", "check"},
		"orphan":    {"UPDATE orders SET customer = 77 WHERE id = 7", "foreign key"},
		"duplicate": {"UPDATE orders SET id = 7 WHERE id = 8", "primary key not null"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Prepare(t.Context(), d, named(t, major, c.of), options())
			if err != nil {
				t.Fatal(err)
			}
			address, err := s.Copy(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Back(address)
			if err := run(t.Context(), address, c.spoil); err != nil {
				t.Fatal(err)
			}
			var v *execute.Violation
			if err := s.Resume(t.Context(), address, nil); !errors.As(err, &v) {
				t.Errorf("the run ended with %v", err)
			}
			got, err := Snapshot(t.Context(), address, true)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range Difference(s.First, got) {
				t.Errorf("something was changed: %s", l)
			}
		})
	}
}

// TestCancel ends the context of a run in the middle of a backfill, and resumes it.
func TestCancel(t *testing.T) {
	t.Parallel()
	d, _ := databases(t)
	o := options()
	o.Batch = time.Millisecond // many small batches
	s, err := Prepare(t.Context(), d, Case{Name: "cancel", Change: rewrite.BackfillColumn{Table: table("orders"), Set: "note = 'x'", Where: "note <> 'x'"}}, o)
	if err != nil {
		t.Fatal(err)
	}
	address, err := s.Copy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Back(address)
	ctx, cancel := context.WithCancel(t.Context())
	runner, err := s.Runner(address, func(e execute.Event) {
		if e.What == execute.Batch {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.Run(ctx, s.Recipe); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("the run ended with %v", err)
	}
	if err := s.Resume(t.Context(), address, nil); err != nil {
		t.Fatal(err)
	}
	differ, err := s.Still(t.Context(), address, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range differ {
		t.Error(l)
	}
}
