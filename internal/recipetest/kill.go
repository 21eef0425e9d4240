package recipetest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/execute"
)

// Terminate runs the recipe and ends its session on the server a moment after the step has begun; it returns whether
// the run was cut off, or had finished before.
func (s *Stand) Terminate(ctx context.Context, address string, step int, delay time.Duration, observe func(execute.Event)) (bool, error) {
	ended := make(chan error, 1)
	started := false
	runner, err := s.Runner(address, func(e execute.Event) {
		if observe != nil {
			observe(e)
		}
		if e.What != execute.Started || e.Step != step || started {
			return
		}
		started = true
		go func() {
			pause(ctx, delay)
			ended <- run(ctx, address, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'napkin recipe' AND datname = current_database()")
		}()
	})
	if err != nil {
		return false, err
	}
	ranInto := runner.Run(ctx, s.Recipe)
	if started {
		if err := <-ended; err != nil {
			return false, err
		}
	}
	if ranInto != nil && !strings.Contains(ranInto.Error(), "terminating connection") && !strings.Contains(ranInto.Error(), "conn closed") && !strings.Contains(ranInto.Error(), "EOF") && !strings.Contains(ranInto.Error(), "connection reset") {
		return false, ranInto
	}
	return ranInto != nil, nil
}

// childVariable, when set, makes a program that calls [Child] run a recipe and nothing else.
const childVariable = "RECIPETEST_CHILD"

// Child runs the recipe that a parent has given to this process, if it has: a call at the start of main or
// TestMain. It returns whether it did.
func Child() (bool, error) {
	address := os.Getenv(childVariable)
	if address == "" {
		return false, nil
	}
	var recipe rewrite.Recipe
	if err := json.NewDecoder(os.Stdin).Decode(&recipe); err != nil {
		return true, fmt.Errorf("read the recipe: %w", err)
	}
	s := &Stand{Recipe: recipe}
	runner, err := s.Runner(address, func(e execute.Event) {
		if e.What == execute.Started {
			_, _ = fmt.Fprintf(os.Stdout, "started %d\n", e.Step)
		}
	})
	if err != nil {
		return true, err
	}
	return true, runner.Run(context.Background(), recipe)
}

// Kill runs the recipe in a process of its own, which it kills (SIGKILL) a moment after the step has begun. It returns
// whether the process was killed, or had finished before.
func (s *Stand) Kill(ctx context.Context, address string, step int, delay time.Duration) (bool, error) {
	program, err := os.Executable()
	if err != nil {
		return false, err
	}
	recipe, err := json.Marshal(s.Recipe)
	if err != nil {
		return false, err
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), childVariable+"="+address)
	cmd.Stdin = strings.NewReader(string(recipe))
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := cmd.Start(); err != nil {
		return false, err
	}
	killed := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == fmt.Sprintf("started %d", step) {
			pause(ctx, delay)
			killed = cmd.Process.Kill() == nil
			break
		}
	}
	_, _ = io.Copy(io.Discard, out)
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); killed && errors.As(err, &exit) && exit.ExitCode() == -1 {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("the process of the recipe: %w: %s", err, complaint.String())
	}
	return false, nil
}

// Resume finishes a recipe that was cut off.
func (s *Stand) Resume(ctx context.Context, address string, observe func(execute.Event)) error {
	runner, err := s.Runner(address, observe)
	if err != nil {
		return err
	}
	return runner.Run(ctx, s.Recipe)
}

// Undo takes a recipe back that was cut off, and returns whether the point of no return allowed it.
func (s *Stand) Undo(ctx context.Context, address string) (bool, error) {
	runner, err := s.Runner(address, nil)
	if err != nil {
		return false, err
	}
	next, err := runner.State(ctx, s.Recipe)
	if err != nil {
		return false, err
	}
	for _, step := range s.Recipe.Steps[:next] {
		if step.NoReturn {
			return false, nil
		}
	}
	return true, runner.Undo(ctx, s.Recipe)
}

// Still compares a database that saw no load with what the case has before (after an undo) or after.
func (s *Stand) Still(ctx context.Context, address string, undone bool) ([]string, error) {
	schema, rows := s.Last, s.Rows
	if undone {
		schema, rows = s.First, s.Start
	}
	got, err := Snapshot(ctx, address, !s.Moves)
	if err != nil {
		return nil, err
	}
	gotRows, err := Checksums(ctx, address, s.Skip...)
	if err != nil {
		return nil, err
	}
	differ := Difference(schema, got)
	if !undone {
		differ = s.beyond(differ)
	}
	return append(differ, Difference(rows, gotRows)...), nil
}

// Moment returns a delay from nothing to a few milliseconds, so that cuts fall before, inside and after
// what a step does.
func Moment(random *rand.Rand) time.Duration {
	return time.Duration(random.Float64() * random.Float64() * float64(8*time.Millisecond))
}
