package deploy

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
)

func TestImage(t *testing.T) {
	for in, want := range map[string]string{
		"postgres": "postgres", "docker.io/library/postgres:16-alpine": "postgres", "localhost:5000/Shop/Web:1": "web",
		"mysql@sha256:abc": "mysql", "${IMAGE:-redis:7}": "redis",
	} {
		if got := Image(in); got != want {
			t.Errorf("Image(%q) = %q, want %q", in, got, want)
		}
	}
	if EngineOf("pgvector/pgvector:pg16") == nil || EngineOf("shop/postgres-exporter") != nil {
		t.Error("an engine is told by the image's own name")
	}
}

func TestRehearsal(t *testing.T) {
	for path, want := range map[string]bool{
		"docker-compose.yml": false, "docker-compose.dev.yml": true, "deploy/production.yaml": false, "compose-local.yaml": true,
		"docker/docker-compose-monolith-mysql.yml": false, "examples/k8s/web.yaml": true, "apps/device/Dockerfile": false,
	} {
		if got := Rehearsal(&project.File{Path: path}); got != want {
			t.Errorf("Rehearsal(%s) = %v", path, got)
		}
	}
}

func TestWorker(t *testing.T) {
	for command, want := range map[string]bool{
		"bundle exec sidekiq -C x.yml": true, "celery -A app worker": true, "php artisan queue:work": true,
		"puma --config x": false, "gunicorn --workers 4 app": false, "node server.js": false,
	} {
		if got := Worker(command); got != want {
			t.Errorf("Worker(%q) = %v", command, got)
		}
	}
}

func TestLines(t *testing.T) {
	src := "a:\n  - b: 1\n    c: 2\nd: 3"
	l := LinesOf(project.NewFile("x.yml", "yaml", project.Config, []byte(src)))
	if got := l.Indent(2); got != "    " {
		t.Errorf("the indent behind a dash is %q", got)
	}
	for name, c := range map[string]struct {
		edit patch.Edit
		want string
	}{
		"after a line":      {l.InsertAfter(2, "    x: 1"), "a:\n  - b: 1\n    x: 1\n    c: 2\nd: 3"},
		"after the last":    {l.InsertAfter(4, "e: 4"), "a:\n  - b: 1\n    c: 2\nd: 3\ne: 4"},
		"before a line":     {l.InsertBefore(1, "z: 0"), "z: 0\na:\n  - b: 1\n    c: 2\nd: 3"},
		"replace the last":  {l.Replace(4, 4, "d: 4"), "a:\n  - b: 1\n    c: 2\nd: 4"},
		"replace and keep":  {l.Replace(2, 3, "  - q: 1"), "a:\n  - q: 1\nd: 3"},
		"delete whole line": {l.Delete(2, 2), "a:\n    c: 2\nd: 3"},
	} {
		got, err := patch.Apply([]byte(src), []patch.Edit{c.edit})
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
