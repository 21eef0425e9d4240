package recipetest

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/rewrite/script"
)

// Script runs the recipe in psql, as one script or as the plain files of its steps one after the other, and compares
// the result with that of the plain statement.
func (s *Stand) Script(ctx context.Context, psql string, one bool) (differ []string, err error) {
	texts := []string{script.One(s.Recipe)}
	if !one {
		files, err := script.Files(s.Recipe, script.Plain, 1)
		if err != nil {
			return nil, err
		}
		texts = nil
		for _, f := range files {
			if strings.HasSuffix(f.Name, ".sql") {
				texts = append(texts, f.Content)
			}
		}
	}
	address, err := s.Copy(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Back(address)
	for _, text := range texts {
		cmd := exec.CommandContext(ctx, psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", address)
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%w: %s\n%s", err, out, text)
		}
	}
	return s.Still(ctx, address, false)
}
