package trigger_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/engagement/audit/code/trigger"
)

func TestOf(t *testing.T) {
	names := map[trigger.Kind]string{trigger.Unknown: "unknown", trigger.Command: "command", trigger.Boot: "boot", trigger.Schedule: "schedule", trigger.Job: "job", trigger.Request: "request"}
	for _, c := range []struct {
		name  string
		files map[string]string // the first call of mark() is asked about
		want  string
	}{
		{"a handler of Go", map[string]string{"a.go": "package a\nfunc h(w http.ResponseWriter, r *http.Request) { mark() }\n"}, "request"},
		{"called by a handler", map[string]string{"a.go": "package a\nfunc h(w http.ResponseWriter, r *http.Request) { one() }\nfunc one() { two() }\nfunc two() { mark() }\n"}, "request"},
		{"a lower-case name of another package", map[string]string{"a/a.go": "package a\nfunc one() { mark() }\n", "b/b.go": "package b\nfunc h(w http.ResponseWriter, r *http.Request) { one() }\n"}, "unknown"},
		{"a name that many bear", map[string]string{"A.java": "class A { void go() { mark(); } }\n", "B.java": "class B { void go() { } }\n", "C.java": "class C { void go() { } }\n", "D.java": "@RestController\nclass D { void h() { x.go(); } }\n"}, "unknown"},
		{"annotated class", map[string]string{"A.java": "@RestController\nclass A { void f() { mark(); } }\n"}, "request"},
		{"after construction", map[string]string{"A.java": "class A { @PostConstruct void f() { mark(); } }\n"}, "boot"},
		{"a timer of Spring", map[string]string{"A.java": "class A { @Scheduled(fixedRate = 5) void f() { mark(); } }\n"}, "schedule"},
		{"a lambda on a timer", map[string]string{"A.java": "class A { Runnable look = () -> { mark(); }; void start() { s.scheduleAtFixedRate(look, 0, 1, HOURS); } }\n"}, "schedule"},
		{"a timer and a request", map[string]string{"A.java": "class A { @Scheduled void f() { one(); } void one() { mark(); } }\n", "B.java": "@RestController\nclass B { void g() { a.one(); } }\n"}, "request"},
		{"a timer and something else", map[string]string{"A.java": "class A { @Scheduled void f() { one(); } void one() { mark(); } }\n", "B.java": "class B { void g() { a.one(); } }\n"}, "unknown"},
		{"a task of Celery", map[string]string{"a.py": "@app.task\ndef f():\n    mark()\n"}, "job"},
		{"a job class", map[string]string{"a.py": "class A(JobRunner):\n    def run(self):\n        mark()\n"}, "job"},
		{"a management command", map[string]string{"shop/management/commands/tidy.py": "def f():\n    mark()\n"}, "command"},
		{"commands of a domain", map[string]string{"app/commands/pay.py": "def f():\n    mark()\n"}, "unknown"},
		{"a controller of Rails", map[string]string{"app/controllers/a_controller.rb": "class A\n  def show\n    mark()\n  end\nend\n"}, "request"},
		{"a worker of Sidekiq", map[string]string{"app/a.rb": "class A\n  include Sidekiq::Worker\n  def perform\n    mark()\n  end\nend\n"}, "job"},
		{"an example", map[string]string{"api/examples/a.ts": "const main = async () => { mark(); };\nmain();\n"}, "command"},
		{"a command of Go that ends", map[string]string{"cmd/x/main.go": "package main\nfunc main() { mark() }\n"}, "command"},
		{"a service of Go", map[string]string{"cmd/x/main.go": "package main\nfunc main() { mark(); s.Serve(l) }\n"}, "unknown"},
		{"a script of package.json", map[string]string{"icons.js": "mark();\n", "package.json": "{\"scripts\": {\"build:icons\": \"node icons.js\"}}"}, "command"},
		{"the script that starts", map[string]string{"main.js": "mark();\n", "package.json": "{\"scripts\": {\"start\": \"node main.js\", \"dev\": \"nodemon main.js\"}}"}, "unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := load.FromFiles(c.files)
			for _, f := range p.Files {
				if f.Tree == nil {
					continue
				}
				for n := range f.Tree.Root().Descendants(syntax.Call) {
					if n.Str() == "mark" {
						if got := names[trigger.Of(p, nil, f, n)]; got != c.want {
							t.Errorf("started by %s, want %s", got, c.want)
						}
						return
					}
				}
			}
			t.Fatal("no call of mark")
		})
	}
}
