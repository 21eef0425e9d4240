package unbatchedmutation

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/oneoff"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// periods is how many runs a schedule is assumed to make in the time that rows are kept: each meets
// this part of the table.
const periods = 100

// scheduled reports whether the code around a node runs by a schedule: it is a job, task or command by
// its place or decorators, or a schedule of the project names its class.
func scheduled(p *project.Project, f *project.File, n syntax.Ref) bool {
	fn, class := n.Enclosing(syntax.Func), n.Enclosing(syntax.Class)
	if named(p)[class.Str()] && class.Str() != "" || oneoff.IsCommand(f) {
		return true
	}
	for _, owner := range []syntax.Ref{fn, class} {
		for d := range owner.All(syntax.Decorator) {
			if jobWord(d.Str()) {
				return true
			}
		}
	}
	names := strings.Split(f.Path, "/")
	names[len(names)-1], _, _ = strings.Cut(names[len(names)-1], ".")
	names = append(names, class.Str())
	for s := range class.All(syntax.Super) {
		names = append(names, flow.LastSegment(s.Str()))
	}
	for _, name := range names {
		if jobWord(name) {
			return true
		}
	}
	for _, w := range cardinality.Words(fn.Str()) {
		switch w {
		case "daily", "hourly", "nightly", "periodic", "cron", "scheduled":
			return true
		}
	}
	return false
}

// jobWord reports a name of which one word says that it runs in the background.
func jobWord(name string) bool {
	for _, w := range cardinality.Words(name) {
		switch w {
		case "job", "jobs", "task", "tasks", "worker", "workers", "cron", "crons", "crontab", "scheduled", "scheduler", "schedule", "periodic", "ttl", "housekeeping":
			return true
		}
	}
	return false
}

type scheduleKey struct{}

// named are the classes that the project's schedules name: Schedule::job(X::class, ...), and
// $schedule->job(new X)->daily().
func named(p *project.Project) map[string]bool {
	return p.Derive(scheduleKey{}, func() any {
		out := map[string]bool{}
		for _, f := range p.Files {
			if f.Lang != "php" || f.Tree == nil || f.Role == project.Test {
				continue
			}
			for c := range f.Tree.Root().Descendants(syntax.Call) {
				if (c.Str() == "job" || c.Str() == "command" || c.Str() == "call") && strings.HasSuffix(strings.ToLower(c.Receiver().Str()), "schedule") {
					for x := range c.Arg(0).Descendants(syntax.Name, syntax.Member, syntax.Call) {
						name := x.Str()
						if name == "class" {
							name = x.Receiver().Str()
						}
						out[flow.LastSegment(name)] = true
					}
				}
			}
		}
		return out
	}).(map[string]bool)
}
