package dockerhealthcheck

import (
	"os"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
)

// TestShared: an image that a worker runs as well gets no check; its web service does, or nothing.
func TestShared(t *testing.T) {
	read := func(names ...string) map[string]string {
		files := map[string]string{}
		for _, name := range names {
			b, err := os.ReadFile("testdata/shared/" + name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(b)
		}
		return files
	}
	compose := read("Dockerfile", "app.py", "compose.yml")
	procfile := read("Dockerfile", "app.py")
	procfile["Procfile"] = "web: gunicorn app:app\nworker: celery -A app worker\n"
	queue := read("Dockerfile", "app.py")
	queue["shop/mail.py"] = "from celery import shared_task\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		patch string // the file that is patched, "" for none
	}{{"compose", compose, "compose.yml"}, {"procfile", procfile, ""}, {"a queue in the code", queue, ""}, {"the service alone", read("Dockerfile", "app.py"), "Dockerfile"}} {
		t.Run(c.name, func(t *testing.T) {
			p := load.FromFiles(c.files)
			found := rule.NewPass(p, prepare.Run(t.Context(), p), &cost.Model{}, Rule).Run()
			if len(found) != 1 {
				t.Fatalf("%d findings, want one", len(found))
			}
			got := ""
			for _, e := range found[0].Edits {
				got = e.Path
				if e.Path == "compose.yml" && !strings.Contains(e.New, "    healthcheck:\n      test: [\"CMD\", \"python\", \"-c\"") {
					t.Errorf("edit %q", e.New)
				}
			}
			if got != c.patch {
				t.Errorf("patched %q, want %q; fix %q", got, c.patch, found[0].Fix.Summary)
			}
		})
	}
}
