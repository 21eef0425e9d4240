package recipetest

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/rewrite/script"
)

// asScript runs a recipe in psql, as one script or as the plain files of its steps one after the other.
func asScript(t *testing.T, s *Stand, psql string, one bool) {
	texts := []string{script.One(s.Recipe)}
	if !one {
		files, err := script.Files(s.Recipe, script.Plain, 1)
		if err != nil {
			t.Fatal(err)
		}
		texts = nil
		for _, f := range files {
			if strings.HasSuffix(f.Name, ".sql") {
				texts = append(texts, f.Content)
			}
		}
	}
	address, err := s.Copy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		cmd := exec.CommandContext(t.Context(), psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", address)
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s\n%s", err, out, text)
		}
	}
	differ, err := s.Still(t.Context(), address, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range differ {
		t.Error(l)
	}
}
