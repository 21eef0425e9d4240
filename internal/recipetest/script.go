package recipetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/script"
)

// inPsql runs a text in psql as a user runs a file, with the variables given set, and returns what it said and its status.
func inPsql(ctx context.Context, psql, address, text string, variables ...string) (out string, status int, err error) {
	file, err := os.CreateTemp("", "napkin-*.sql")
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.WriteString(text)
	if failed := file.Close(); err == nil {
		err = failed
	}
	if err != nil {
		return "", 0, err
	}
	args := []string{"-X", "-f", file.Name()}
	for _, v := range variables {
		args = append(args, "-v", v+"=done")
	}
	cmd := exec.CommandContext(ctx, psql, append(args, address)...)
	said, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || ctx.Err() != nil {
		return string(said), 0, err
	}
	return string(said), cmd.ProcessState.ExitCode(), nil
}

// Script runs the recipe in psql, as one script or as the plain files of its steps one after the other, and compares
// the result with that of the plain statement. The script must stop before each step that people do, and running it
// again must change nothing.
func (s *Stand) Script(ctx context.Context, psql string, one bool) (differ []string, err error) {
	address, err := s.Copy(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Back(address)
	if one {
		err = s.script(ctx, psql, address)
	} else {
		err = s.files(ctx, psql, address)
	}
	if err != nil {
		return nil, err
	}
	return s.Still(ctx, address, false)
}

func (s *Stand) script(ctx context.Context, psql, address string) error {
	text, err := script.Psql(s.Recipe, "")
	if err != nil {
		return err
	}
	var done []string
	for _, step := range s.Recipe.Steps {
		if step.Kind != rewrite.Deploy && step.Kind != rewrite.Tool {
			continue
		}
		variable := "step_" + script.Slug(step.ID)
		out, status, err := inPsql(ctx, psql, address, text, done...)
		if err != nil {
			return err
		}
		if status != 3 || !strings.Contains(out, "with -v "+variable+"=done") {
			return fmt.Errorf("it did not stop before the step %q: status %d, %s", step.ID, status, out)
		}
		done = append(done, variable)
	}
	for range 2 {
		out, status, err := inPsql(ctx, psql, address, text, done...)
		if err != nil {
			return err
		}
		if status != 0 {
			return fmt.Errorf("status %d: %s\n%s", status, out, text)
		}
	}
	return nil
}

func (s *Stand) files(ctx context.Context, psql, address string) error {
	files, err := script.Files(s.Recipe, script.Plain, script.Numbered(1), "")
	if err != nil {
		return err
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name, ".sql") {
			continue
		}
		out, status, err := inPsql(ctx, psql, address, "\\set ON_ERROR_STOP on\n"+f.Content)
		if err != nil {
			return err
		}
		if status != 0 {
			return fmt.Errorf("%s: status %d: %s\n%s", f.Name, status, out, f.Content)
		}
	}
	return nil
}
