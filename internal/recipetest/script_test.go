package recipetest

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/rewrite/script"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// TestScript runs each recipe as a script in psql, and as the plain files of its steps one after the other.
func TestScript(t *testing.T) {
	p := testserver.PostgresFor(t)
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed (it comes with PostgreSQL)")
	}
	o := options()
	o.Rows = 2500 // more than two batches
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			s, err := Prepare(t.Context(), p.URL, c, o)
			if err != nil {
				t.Fatal(err)
			}
			files, err := script.Files(s.Recipe, script.Plain, 1)
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for _, f := range files {
				if strings.HasSuffix(f.Name, ".sql") {
					texts = append(texts, f.Content)
				}
			}
			for name, scripts := range map[string][]string{"one": {script.One(s.Recipe)}, "files": texts} {
				address, err := s.Copy(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, text := range scripts {
					cmd := exec.CommandContext(t.Context(), psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", address)
					cmd.Stdin = strings.NewReader(text)
					if out, err := cmd.CombinedOutput(); err != nil {
						t.Fatalf("%s: %v: %s\n%s", name, err, out, text)
					}
				}
				differ, err := s.Still(t.Context(), address, false)
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range differ {
					t.Errorf("%s: %s", name, l)
				}
			}
			if err := s.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
