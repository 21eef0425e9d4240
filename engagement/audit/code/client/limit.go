package client

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Limit is the time after which the runner of background jobs kills a job, and with it a call that
// waits.
type Limit struct {
	Runner  string
	Seconds float64
	Where   string // "path:line", or that it is the runner's default
}

// JobLimits returns the limits of the job runners of a project by language.
func JobLimits(p *project.Project) map[string]Limit {
	return p.Derive(limitKey{}, func() any { return jobLimits(p) }).(map[string]Limit)
}

type limitKey struct{}

func jobLimits(p *project.Project) map[string]Limit {
	out := map[string]Limit{}
	rq, celery, laravel := false, false, false
	for _, f := range p.Files {
		if f.Tree == nil || f.Role == project.Test {
			continue
		}
		for _, s := range f.Tree.Strings {
			switch {
			case f.Lang == "python" && (s == "rq" || s == "django_rq" || strings.HasPrefix(s, "rq.")):
				rq = true
			case f.Lang == "python" && s == "celery":
				celery = true
			case f.Lang == "php" && strings.HasSuffix(s, "ShouldQueue"):
				laravel = true
			}
		}
	}
	switch {
	case rq:
		out["python"] = setting(p, Limit{"RQ", 180, "the default of RQ"}, "RQ_DEFAULT_TIMEOUT", "DEFAULT_TIMEOUT")
	case celery:
		if l := setting(p, Limit{Runner: "Celery"}, "CELERY_TASK_TIME_LIMIT", "CELERYD_TASK_TIME_LIMIT", "task_time_limit"); l.Seconds > 0 {
			out["python"] = l
		}
	}
	if laravel {
		out["php"] = Limit{"queue worker", 60, "the default of queue:work --timeout"}
	}
	return out
}

// setting looks for a number of seconds that settings put under one of the names.
func setting(p *project.Project, l Limit, names ...string) Limit {
	for _, name := range names {
		for _, f := range p.Files {
			if f.Lang != "python" || f.Tree == nil || f.Role != project.App && f.Role != project.Config || !f.Tree.Holds(name) {
				continue
			}
			for n := range f.Tree.Root().Descendants(syntax.Assign, syntax.Pair) {
				found := n.Kind() == syntax.Pair && key(n) == name
				if n.Kind() == syntax.Assign {
					d := n.Child(syntax.Target).Dotted()
					found = d == name || strings.HasSuffix(d, "."+name)
				}
				if !found {
					continue
				}
				if v, ok := seconds(n.Child(syntax.Value)); ok {
					return Limit{l.Runner, v, fmt.Sprintf("%s at %s:%d", name, f.Path, n.Line())}
				}
			}
		}
	}
	return l
}

// seconds reads a literal, or the default that a look-up of a setting ends with.
func seconds(v syntax.Ref) (float64, bool) {
	switch v.Kind() {
	case syntax.Number:
		n, err := strconv.ParseFloat(strings.ReplaceAll(v.Str(), "_", ""), 64)
		return n, err == nil && n > 0
	case syntax.Binary:
		l, lok := seconds(v.Child(syntax.Left))
		r, rok := seconds(v.Child(syntax.Right))
		return l * r, v.Str() == "*" && lok && rok
	case syntax.Call:
		if args := v.Args(); len(args) > 0 {
			last := args[len(args)-1]
			if last.Kind() == syntax.Pair {
				last = last.Child(syntax.Value)
			}
			return seconds(last)
		}
	}
	return 0, false
}
