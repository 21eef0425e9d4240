// Package notimeout finds background jobs that wait for other systems and may run for ever.
package notimeout

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is job.no-timeout.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "job.no-timeout",
		Title:   "Job that calls other systems has no timeout of its own",
		Summary: "A queued job fetches something remote, directly or through the project's own functions, and states no time after which it is given up: a Laravel job without `$timeout`, a Celery task without a time limit.",
		Why: "A worker is a slot. A job that waits for a slow server holds its slot for as long as the worker lets it: Celery has no limit by default, and Laravel applies the worker's (60 seconds for queue:work, Horizon's `timeout` otherwise) " +
			"to all jobs alike, the quick and the slow. When one remote host hangs, its jobs fill all slots and everything else in the queue stands still. " +
			"A job that outlives `retry_after` or the visibility timeout is given to a second worker while the first still runs.",
		Cost:     "slots / arrival rate: the time until no worker is free",
		Fix:      "State the time that the job may take, below the queue's retry_after or visibility timeout, and bound each remote call more tightly.",
		Wrong:    "Every remote call on the way has a timeout and their number is bounded. Jobs with a timeout, a deadline (`retryUntil`), a limit of the project or nothing remote in reach are not reported.",
		Category: "job-no-timeout",
		Examples: []rule.Example{{Lang: "php",
			Before: "class FetchAvatar implements ShouldQueue\n{\n    public $tries = 3;",
			After:  "class FetchAvatar implements ShouldQueue\n{\n    public $timeout = 60;\n    public $tries = 3;"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "One hanging remote host occupies every worker.",
		Proof:    "Point the job at a host that accepts and never answers: it fails after the stated time and the worker takes the next job.",
		LangRefs: map[string][]report.Reference{
			"php":    {{Title: "Laravel: queues, timeouts", URL: "https://laravel.com/docs/queues#timeout"}},
			"python": {{Title: "Celery: time limits", URL: "https://docs.celeryq.dev/en/stable/userguide/workers.html#time-limits"}},
		},
		Langs: []string{"php", "python"},
	},
	Project: func(p *rule.Pass) {
		limited := celeryLimit(p.Project)
		for _, f := range p.Files {
			if f.Tree == nil || f.Role != project.App {
				continue
			}
			switch f.Lang {
			case "php":
				laravel(p, f)
			case "python":
				if !limited {
					celery(p, f)
				}
			}
		}
	},
}

func laravel(p *rule.Pass, f *project.File) {
	for class := range f.Tree.Root().Descendants(syntax.Class) {
		if !queued(class) {
			continue
		}
		handle, body := syntax.Ref{}, class.Child(syntax.Body)
		stated := false
		var tries syntax.Ref
		for m := range body.Children() {
			switch {
			case m.Kind() == syntax.Func && m.Str() == "handle":
				handle = m
			case m.Kind() == syntax.Func && (m.Str() == "timeout" || m.Str() == "retryUntil"),
				m.Kind() == syntax.Field && m.Str() == "timeout":
				stated = true
			case m.Kind() == syntax.Field && m.Str() == "tries":
				tries = m
			}
		}
		if stated || !handle.Ok() || inherits(p, class, f) {
			continue
		}
		call, at, via := remote(p, f, handle, 3)
		if !call.Ok() {
			continue
		}
		place := handle
		if tries.Ok() {
			place = tries
		}
		reach := "calls `" + describe(call) + "`"
		secondary := []rule.Place{rule.At(at, call, "the remote call")}
		if via != "" {
			reach = "reaches `" + describe(call) + "` through " + via
		}
		p.Report(rule.Finding{
			Title:     fmt.Sprintf("Job `%s` has no timeout", class.Str()),
			Claim:     fmt.Sprintf("The queued job `%s` %s and states no `$timeout`: how long it may hold its worker is decided by a default for all jobs (60 seconds for queue:work, Horizon's own otherwise).", class.Str(), reach),
			Primary:   rule.At(f, place, ""),
			Secondary: secondary, Subject: class.Str(), Evidence: 2, Confidence: 0.65, Cause: "laravel:" + path.Dir(f.Path),
			Fix: report.Fix{Summary: "State `$timeout` in the job, below `retry_after` of config/queue.php.",
				Behaviour: "The worker kills the job after 60 seconds and counts it as failed; a job that needs longer needs a larger figure, and a larger retry_after (90 seconds by default)."},
			Edits: property(f, class, tries),
		})
	}
}

func queued(class syntax.Ref) bool {
	for s := range class.All(syntax.Super) {
		if s.Str() == "ShouldQueue" || strings.HasSuffix(s.Str(), `\ShouldQueue`) || s.Str() == "ShouldQueueAfterCommit" {
			return true
		}
	}
	return false
}

// inherits reports a base class of the project that states the timeout.
func inherits(p *rule.Pass, class syntax.Ref, f *project.File) bool {
	for s := range class.All(syntax.Super) {
		if c := classOf(p, s.Str(), f); c != nil && c.Node != class {
			if _, ok := c.Fields["timeout"]; ok {
				return true
			}
		}
	}
	return false
}

func classOf(p *rule.Pass, name string, from *project.File) *flow.Class {
	if p.Flow == nil || p.Flow.Index == nil || name == "" {
		return nil
	}
	return p.Flow.Index.Class(name, from)
}

func describe(call syntax.Ref) string {
	if chain := call.Chain(); len(chain) > 1 && chain[0].Str() != "" {
		return chain[0].Str() + "::" + call.Str()
	}
	return call.Str()
}

var (
	httpFacade = regexp.MustCompile(`^(\\?Illuminate\\Support\\Facades\\)?Http$|^(Zttp\\)?Zttp$`)
	httpVerb   = map[string]bool{"get": true, "post": true, "put": true, "patch": true, "delete": true, "head": true, "send": true, "request": true, "pool": true}
	httpClient = regexp.MustCompile(`(?i)(guzzle|httpClient|http_client)`)
)

// remote finds a remote call in a function or, up to depth calls away, in functions of the project
// that it calls by name. via names the function that holds it, "" for the function itself.
func remote(p *rule.Pass, f *project.File, fn syntax.Ref, depth int) (call syntax.Ref, at *project.File, via string) {
	return search(p, f, fn, depth, map[syntax.Ref]bool{})
}

func search(p *rule.Pass, f *project.File, fn syntax.Ref, depth int, seen map[syntax.Ref]bool) (syntax.Ref, *project.File, string) {
	if seen[fn] {
		return syntax.Ref{}, nil, ""
	}
	seen[fn] = true
	for c := range fn.Child(syntax.Body).Descendants(syntax.Call) {
		if f.Lang == "php" && phpRemote(c) || f.Lang == "python" && pythonRemote(c) {
			return c, f, ""
		}
	}
	if depth == 0 {
		return syntax.Ref{}, nil, ""
	}
	for c := range fn.Child(syntax.Body).Descendants(syntax.Call) {
		m, name := target(p, f, fn, c)
		if m == nil {
			continue
		}
		if call, at, via := search(p, m.File, m.Node, depth-1, seen); call.Ok() {
			if via != "" {
				name += ", " + via
			} else {
				name = "`" + name + "`"
			}
			return call, at, name
		}
	}
	return syntax.Ref{}, nil, ""
}

func phpRemote(c syntax.Ref) bool {
	switch c.Str() {
	case "curl_exec", "curl_multi_exec":
		return !c.Receiver().Ok()
	}
	if !httpVerb[c.Str()] {
		return false
	}
	for _, n := range c.Chain() {
		switch {
		case n.Kind() == syntax.Name && httpFacade.MatchString(n.Str()), n.Has(syntax.FlagNew) && httpClient.MatchString(n.Str()),
			n.Kind() == syntax.Name && httpClient.MatchString(n.Str()):
			return true
		}
	}
	return false
}

func pythonRemote(c syntax.Ref) bool {
	r := c.Receiver()
	if r.Kind() != syntax.Name {
		return false
	}
	return (r.Str() == "requests" || r.Str() == "httpx" || r.Str() == "urllib3") && httpVerb[c.Str()]
}

// target resolves a call to a method of the project by the class that it names.
func target(p *rule.Pass, f *project.File, fn, c syntax.Ref) (*flow.Method, string) {
	if p.Flow == nil || p.Flow.Index == nil {
		return nil, ""
	}
	r := c.Receiver()
	switch {
	case r.Kind() == syntax.Self:
		if class := classOf(p, fn.Enclosing(syntax.Class).Str(), f); class != nil {
			return lookup(p, class, c.Str()), c.Str()
		}
	case r.Kind() == syntax.Name && (c.Has(syntax.FlagStatic) || f.Lang == "python"), r.Has(syntax.FlagNew):
		if class := classOf(p, r.Str(), f); class != nil {
			return lookup(p, class, c.Str()), class.Name + "::" + c.Str()
		}
	case !r.Ok() && f.Lang == "python":
		if list := p.Flow.Index.Functions[c.Str()]; len(list) == 1 {
			return list[0], c.Str()
		}
	}
	return nil, ""
}

func lookup(p *rule.Pass, class *flow.Class, name string) *flow.Method {
	if m := p.Flow.Index.LookupMethod(class, name, true); m != nil {
		return m
	}
	return p.Flow.Index.LookupMethod(class, name, false)
}

// property inserts the timeout in front of $tries, or as the first member of the class.
func property(f *project.File, class, tries syntax.Ref) []patch.Edit {
	src := f.Source()
	at, indent := -1, "    "
	if tries.Ok() {
		indent = leading(src, lineStart(src, int(tries.Start())))
		at = afterLine(src, int(tries.End()))
	} else {
		body := class.Child(syntax.Body)
		for i := int(body.Start()); i < int(body.End()) && i < len(src); i++ {
			if src[i] == '{' {
				at = afterLine(src, i)
				break
			}
		}
	}
	if at < 0 {
		return nil
	}
	return []patch.Edit{{Path: f.Path, Start: at, End: at, New: indent + "public $timeout = 60;\n"}}
}

func lineStart(src []byte, at int) int {
	for at > 0 && src[at-1] != '\n' {
		at--
	}
	return at
}

func afterLine(src []byte, at int) int {
	for at < len(src) && src[at] != '\n' {
		at++
	}
	if at == len(src) {
		return -1
	}
	return at + 1
}

func leading(src []byte, at int) string {
	end := at
	for end < len(src) && (src[end] == ' ' || src[end] == '\t') {
		end++
	}
	return string(src[at:end])
}

var celeryKeys = []string{"task_time_limit", "task_soft_time_limit", "CELERY_TASK_TIME_LIMIT", "CELERY_TASK_SOFT_TIME_LIMIT", "CELERYD_TASK_TIME_LIMIT", "CELERYD_TASK_SOFT_TIME_LIMIT", "time_limit", "soft_time_limit"}

// celeryLimit reports a limit that holds for all tasks: a setting, or an option of the worker.
func celeryLimit(p *project.Project) bool {
	for _, f := range p.Files {
		if f.Tree != nil && f.Lang == "python" {
			for _, s := range f.Tree.Strings {
				for _, k := range celeryKeys[:6] {
					if s == k {
						return true
					}
				}
			}
		}
		if f.Doc == nil {
			continue
		}
		if d := f.Doc.Dockerfile(); d != nil && d.Final() != nil {
			for _, in := range d.Final().Instructions {
				if strings.Contains(in.Text, "--time-limit") || strings.Contains(in.Text, "--soft-time-limit") {
					return true
				}
			}
		}
		if s := f.Doc.Settings(); s != nil {
			for _, it := range s.All {
				if strings.Contains(it.Value, "--time-limit") || strings.Contains(it.Value, "--soft-time-limit") {
					return true
				}
			}
		}
		for _, proc := range f.Doc.Procfile() {
			if strings.Contains(proc.Command, "time-limit") {
				return true
			}
		}
	}
	return false
}

func celery(p *rule.Pass, f *project.File) {
	for fn := range f.Tree.Root().Descendants(syntax.Func) {
		task := syntax.Ref{}
		for d := range fn.All(syntax.Decorator) {
			name := d.Str()
			if name == "shared_task" || (name == "task" && regexp.MustCompile(`(?i)(celery|^app$)`).MatchString(d.Receiver().Str())) {
				task = d
			}
		}
		if !task.Ok() || task.Keyword("time_limit").Ok() || task.Keyword("soft_time_limit").Ok() {
			continue
		}
		call, at, via := remote(p, f, fn, 2)
		if !call.Ok() || call.Keyword("timeout").Ok() {
			continue
		}
		reach := "calls `" + strings.ReplaceAll(describe(call), "::", ".") + "`"
		if via != "" {
			reach += " through " + via
		}
		p.Report(rule.Finding{
			Title:     fmt.Sprintf("Task `%s` has no time limit", fn.Str()),
			Claim:     fmt.Sprintf("The Celery task `%s` %s without a timeout, and neither the task nor the project sets a time limit: Celery has none by default.", fn.Str(), reach),
			Primary:   rule.At(f, task, ""),
			Secondary: []rule.Place{rule.At(at, call, "the remote call")}, Subject: fn.Str(), Evidence: 2, Confidence: 0.7, Cause: "celery",
			Fix: report.Fix{Summary: "Set `task_time_limit` and `task_soft_time_limit` for all tasks, and larger ones where a task needs them.",
				Behaviour: "A task that passes the soft limit gets SoftTimeLimitExceeded; one that passes the hard limit is killed with its worker process."},
		})
	}
}
