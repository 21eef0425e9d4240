package trigger

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// convention reads decorators, annotations and signatures of a function and its class.
func convention(f *project.File, fn syntax.Ref) Kind {
	for n := fn; n.Ok(); n = n.Enclosing(syntax.Func, syntax.Class) {
		for d := range n.All(syntax.Decorator) {
			if k := decorated(d); k != Unknown {
				return k
			}
		}
		if n.Kind() == syntax.Class {
			for s := range n.All(syntax.Super) {
				name := strings.ToLower(s.Str())
				switch {
				case strings.HasSuffix(name, "jobrunner"), strings.HasSuffix(name, "applicationjob"), strings.HasSuffix(name, "shouldqueue"):
					return Job
				case strings.HasSuffix(name, "basecommand"):
					return Command
				}
			}
			for c := range n.Descendants(syntax.Call) {
				if c.Str() == "include" && strings.HasPrefix(c.Arg(0).Dotted(), "Sidekiq::") {
					return Job
				}
			}
		}
	}
	if fn.Kind() == syntax.Func && f.Lang == "go" {
		for p := range fn.All(syntax.ParamRole) {
			if strings.HasSuffix(p.Child(syntax.TypeRole).Str(), "http.ResponseWriter") {
				return Request
			}
		}
	}
	return Unknown
}

func decorated(d syntax.Ref) Kind {
	name := d.Str()
	if name == "" {
		for n := range d.Descendants(syntax.Call, syntax.Member, syntax.Name) {
			if name = n.Str(); name != "" {
				break
			}
		}
	}
	switch name[strings.LastIndex(name, ".")+1:] {
	case "RestController", "Controller", "GetMapping", "PostMapping", "PutMapping", "DeleteMapping", "PatchMapping", "RequestMapping", "Path", "route", "api_view", "action", "Get", "Post", "Put", "Delete", "Resolver", "Query", "Mutation":
		return Request
	case "shared_task", "task", "job", "KafkaListener", "RabbitListener", "JmsListener", "Processor", "Process", "OnQueueEvent", "actor":
		return Job
	case "Scheduled", "Cron", "Interval", "periodic_task", "system_job":
		return Schedule
	case "PostConstruct", "Bean":
		return Boot
	case "command":
		return Command
	}
	return Unknown
}

// folders that frameworks and habit give a meaning; the last that matches wins.
var folders = map[string]Kind{
	"controllers": Request, "controller": Request, "middleware": Request, "middlewares": Request, "handlers": Request, "routes": Request, "routers": Request, "resolvers": Request, "views": Request, "viewsets": Request, "servlets": Request,
	"jobs": Job, "workers": Job, "sidekiq": Job, "listeners": Job, "consumers": Job, "queues": Job,
	"install": Boot, "installer": Boot, "upgrade": Boot, "migration": Boot, "migrations": Boot, "bootstrap": Boot,
	"scripts": Command, "cli": Command, "ctl": Command, "cmdline": Command, "console": Command, "devtools": Command, "scaffolding": Command, "generators": Command, "examples": Command,
}

// byPath tells by role, folder and file name.
func byPath(p *project.Project, f *project.File) Kind {
	switch f.Role {
	case project.Script, project.Seed, project.Migration:
		return Command
	}
	if f.Lang == "go" && oneShot(p, path.Dir(f.Path)) || invoked(p, f) {
		return Command
	}
	kind, above := Unknown, ""
	for _, d := range strings.Split(strings.ToLower(path.Dir(f.Path)), "/") {
		if k := folders[d]; k != Unknown {
			kind = k
		}
		if strings.HasPrefix(d, "cli-") || strings.HasSuffix(d, "-cli") {
			kind = Command
		}
		if d == "commands" && (above == "management" || above == "console") {
			kind = Command
		}
		above = d
	}
	if kind != Unknown {
		return kind
	}
	switch base := strings.ToLower(path.Base(f.Path)); {
	case base == "tasks.py", strings.HasSuffix(base, "_job.rb"), strings.HasSuffix(base, "_worker.rb"):
		return Job
	case base == "views.py", base == "viewsets.py", strings.HasSuffix(base, "_controller.rb"), strings.HasSuffix(base, "controller.php"):
		return Request
	}
	return Unknown
}

// oneShot reports whether a folder of commands of Go holds one that ends: nothing in it listens,
// waits for a signal or turns for ever.
func oneShot(p *project.Project, dir string) bool {
	if !strings.HasPrefix(dir, "cmd/") && !strings.Contains(dir, "/cmd/") && !strings.HasPrefix(dir, "tools/") {
		return false
	}
	main := false
	for _, f := range p.Files {
		if path.Dir(f.Path) != dir || f.Lang != "go" || f.Tree == nil || f.Role == project.Test {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.Func, syntax.Call, syntax.For, syntax.While) {
			switch n.Kind() {
			case syntax.Func:
				main = main || n.Str() == "main"
			case syntax.While:
				if !n.Child(syntax.Cond).Ok() {
					return false
				}
			case syntax.For:
				if !n.Child(syntax.Cond).Ok() && !n.Child(syntax.Iter).Ok() {
					return false
				}
			case syntax.Call:
				low := strings.ToLower(n.Str())
				if strings.HasPrefix(low, "serve") || strings.HasPrefix(low, "listen") || strings.Contains(low, "signal") || low == "notify" || low == "notifycontext" || low == "newserver" {
					return false
				}
			}
		}
	}
	return main
}

// invoked reports whether a script of package.json runs the file and no script that starts a service
// does.
func invoked(p *project.Project, f *project.File) bool {
	if family(f.Lang) != "typescript" {
		return false
	}
	for d := path.Dir(f.Path); ; d = path.Dir(d) {
		m := p.File(path.Join(d, "package.json"))
		if m != nil {
			var doc struct {
				Scripts map[string]string `json:"scripts"`
			}
			if json.Unmarshal(m.Source(), &doc) != nil {
				return false
			}
			found := false
			for name, text := range doc.Scripts {
				if !strings.Contains(text, strings.TrimPrefix(strings.TrimPrefix(f.Path, d), "/")) {
					continue
				}
				first, _, _ := strings.Cut(name, ":")
				switch first {
				case "start", "serve", "server", "worker", "prod", "production":
					return false
				}
				found = true
			}
			return found
		}
		if d == "." || d == "/" {
			return false
		}
	}
}
