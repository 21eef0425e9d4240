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

// Terminate runs the recipe and ends its session on the server while the step is at work: something holds the step up
// (a lock, a snapshot, or the end of its first batch), or, where nothing can, just before its first statement. It
// returns whether the run was cut off.
func (s *Stand) Terminate(ctx context.Context, address string, step int, delay time.Duration, observe func(execute.Event)) (bool, error) {
	ended := make(chan error, 1)
	started := false
	end := func() error {
		return run(ctx, address, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'napkin recipe' AND datname = current_database()")
	}
	batches := s.Recipe.Steps[step].Kind == rewrite.Batches
	runner, err := s.Runner(address, func(e execute.Event) {
		if observe != nil {
			observe(e)
		}
		if started || e.Step != step || e.What != execute.Started && e.What != execute.Batch || batches && e.What == execute.Started {
			return
		}
		started = true
		release, held := s.obstruct(ctx, address, step)
		if !held || batches {
			release()
			ended <- end()
			return
		}
		go func() {
			pause(ctx, delay)
			err := end()
			release()
			ended <- err
		}()
	})
	if err != nil {
		return false, err
	}
	cutOff := runner.Run(ctx, s.Recipe)
	if started {
		if err := <-ended; err != nil {
			return false, err
		}
	}
	if cutOff != nil && !lost(cutOff) {
		return false, cutOff
	}
	return cutOff != nil, nil
}

// lost returns whether an error is the loss of the session.
func lost(err error) bool {
	for _, s := range []string{"terminating connection", "conn closed", "EOF", "connection reset", "broken pipe"} {
		if strings.Contains(err.Error(), s) {
			return true
		}
	}
	return false
}

// obstruct holds a step up: by a transaction that has read the tables that the step locks exclusively, or whose index it
// builds (which waits for old snapshots at its end), or by a lock that stops changes of the schema only. It returns false
// where the step has no lock to wait for.
func (s *Stand) obstruct(ctx context.Context, address string, step int) (release func(), held bool) {
	of := s.Recipe.Steps[step]
	sql := []string{"BEGIN ISOLATION LEVEL REPEATABLE READ"}
	reads, writes := of.Blocks()
	for _, l := range of.Locks {
		if reads || writes || strings.Contains(strings.Join(of.SQL, ";"), "CONCURRENTLY") {
			sql = append(sql, "SELECT count(*) FROM "+l.Table.String())
			if !reads {
				sql = append(sql, "LOCK TABLE "+l.Table.String()+" IN ROW EXCLUSIVE MODE")
			}
		} else {
			sql = append(sql, "LOCK TABLE "+l.Table.String()+" IN SHARE UPDATE EXCLUSIVE MODE")
		}
	}
	conn, err := connect(ctx, address)
	if err != nil || len(of.Locks) == 0 {
		return func() {}, false
	}
	release = func() { _ = conn.Close(context.WithoutCancel(ctx)) }
	if _, err := conn.PgConn().Exec(ctx, strings.Join(sql, ";")).ReadAll(); err != nil {
		return release, false // the table is not there under this name
	}
	return release, true
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
	in := bufio.NewReader(os.Stdin)
	text, err := in.ReadBytes('\n')
	if err != nil {
		return true, fmt.Errorf("read the recipe: %w", err)
	}
	var recipe rewrite.Recipe
	if err := json.Unmarshal(text, &recipe); err != nil {
		return true, fmt.Errorf("read the recipe: %w", err)
	}
	s := &Stand{Recipe: recipe}
	runner, err := s.Runner(address, func(e execute.Event) {
		if e.What == execute.Started || e.What == execute.Batch {
			_, _ = fmt.Fprintf(os.Stdout, "%s %d\n", e.What, e.Step)
			_, _ = in.ReadString('\n') // the parent lets it go on
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
	in, err := cmd.StdinPipe()
	if err != nil {
		return false, err
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := cmd.Start(); err != nil {
		return false, err
	}
	_, err = in.Write(append(recipe, '\n'))
	killed := false
	for lines := bufio.NewScanner(out); err == nil && !killed && lines.Scan(); {
		if lines.Text() != fmt.Sprintf("started %d", step) {
			_, err = io.WriteString(in, "go\n")
			continue
		}
		release, held := s.obstruct(ctx, address, step)
		if held { // else it is killed before it goes on
			_, err = io.WriteString(in, "go\n")
			pause(ctx, delay)
		}
		killed = cmd.Process.Kill() == nil
		release()
	}
	_, _ = io.Copy(io.Discard, out)
	err = errors.Join(err, cmd.Wait())
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
	err = runner.Undo(ctx, s.Recipe)
	if past := (*execute.PastReturn)(nil); errors.As(err, &past) {
		return false, nil
	}
	return err == nil, err
}

// Cut is what came of a run that was cut off without load.
type Cut struct {
	Off    bool     // false: the step was over before anything could end it
	Undone bool     // it was taken back; else it was resumed
	Differ []string // from the first state or from that after the plain statement
}

// CutOff runs the recipe in a database of its own, cuts it off at a step by ending its session or killing its process,
// and resumes it, or takes it back where undo is set and no point of no return forbids it.
func (s *Stand) CutOff(ctx context.Context, step int, kill, undo bool, delay time.Duration) (c Cut, err error) {
	address, err := s.Copy(ctx)
	if err != nil {
		return c, err
	}
	defer s.Back(address)
	if kill {
		c.Off, err = s.Kill(ctx, address, step, delay)
	} else {
		c.Off, err = s.Terminate(ctx, address, step, delay, nil)
	}
	if err != nil {
		return c, err
	}
	if undo {
		if c.Undone, err = s.Undo(ctx, address); err != nil {
			return c, fmt.Errorf("taken back: %w", err)
		}
	}
	if !c.Undone {
		if err := s.Resume(ctx, address, nil); err != nil {
			return c, fmt.Errorf("resumed: %w", err)
		}
	}
	c.Differ, err = s.Still(ctx, address, c.Undone)
	return c, err
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

// Moment returns a delay of some milliseconds, in which a step runs into what holds it up.
func Moment(random *rand.Rand) time.Duration {
	return time.Duration((2 + 20*random.Float64()) * float64(time.Millisecond))
}
