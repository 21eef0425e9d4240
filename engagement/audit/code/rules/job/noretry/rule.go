// Package noretry finds jobs that are lost with their first failure.
package noretry

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is job.no-retry.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "job.no-retry",
		Title:   "Job that calls others is lost with its first failure",
		Summary: "A BullMQ queue without attempts, or a Celery task that calls a remote service and has no retry.",
		Why: "A remote call fails now and then: a restart, a timeout, a 503. In a request the caller tries again; in a job nobody does. BullMQ makes one attempt unless the job or the queue says otherwise, and a Celery task that raises is marked failed and gone. " +
			"What it should have done (a mail, a webhook, an import) is then missing, without a trace besides a log line.",
		Cost:     "p of the jobs lost -> p^n (p: share of calls that fail, n attempts)",
		Fix:      "State a few attempts with growing waits, and make the job safe to run twice.",
		Wrong:    "Each run is replaced by the next (a poll, a refresh), or the code that enqueues tries again. Sidekiq (25 attempts) and Laravel (failed_jobs keeps the job) have defaults and are not reported; tasks that handle the error themselves are not either.",
		Category: "job-no-retry",
		Examples: []rule.Example{{Lang: "python",
			Before: "@shared_task\ndef push(url, body):\n    requests.post(url, json=body, timeout=5)",
			After:  "@shared_task(autoretry_for=(requests.RequestException,), retry_backoff=True, max_retries=5)\ndef push(url, body):\n    requests.post(url, json=body, timeout=5).raise_for_status()"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Proof:    "Let the remote side answer 503 once: the job succeeds on its second attempt.",
		LangRefs: map[string][]report.Reference{
			"typescript": {{Title: "BullMQ: retrying failing jobs", URL: "https://docs.bullmq.io/guide/retrying-failing-jobs"}},
			"python":     {{Title: "Celery: automatic retry for known exceptions", URL: "https://docs.celeryq.dev/en/stable/userguide/tasks.html#automatic-retry-for-known-exceptions"}},
		},
		Langs: []string{"python", "typescript"},
	},
	Project: func(p *rule.Pass) {
		attempts := map[string]bool{} // folders in which a job states its attempts
		for _, f := range p.Files {
			if f.Tree == nil || f.Role != project.App {
				continue
			}
			if script(f) && states(f) {
				attempts[top(f.Path)] = true
			}
		}
		for _, f := range p.Files {
			switch {
			case f.Tree == nil || f.Role != project.App:
			case f.Lang == "python":
				celery(p, f)
			case script(f) && !attempts[top(f.Path)]:
				bullmq(p, f)
			}
		}
	},
}

func script(f *project.File) bool {
	return f.Lang == "typescript" || f.Lang == "javascript" || f.Lang == "tsx"
}

// top is the application's folder within a repository of many.
func top(name string) string {
	parts := strings.SplitN(name, "/", 3)
	if len(parts) > 2 && (parts[0] == "apps" || parts[0] == "packages" || parts[0] == "services") {
		return parts[0] + "/" + parts[1]
	}
	return ""
}

// states reports a file that hands attempts to a job of BullMQ.
func states(f *project.File) bool {
	for pair := range f.Tree.Root().Descendants(syntax.Pair) {
		if pair.Str() == "attempts" || pair.Str() == "defaultJobOptions" {
			return true
		}
	}
	return false
}

func bullmq(p *rule.Pass, f *project.File) {
	imports := false
	for i := range f.Tree.Root().Descendants(syntax.Import) {
		imports = imports || i.Str() == "bullmq" || i.Str() == "bull"
	}
	if !imports {
		return
	}
	for c := range f.Tree.Root().Descendants(syntax.Call) {
		if c.Str() != "Queue" && c.Str() != "Bull" || !c.Has(syntax.FlagNew) || c.Arg(0).Kind() != syntax.String {
			continue
		}
		opt := c.Arg(1)
		var edits []patch.Edit
		switch opt.Kind() {
		case syntax.Map:
			if opt.Child(syntax.Elem).Kind() == syntax.Splat {
				continue
			}
			edits = []patch.Edit{{Path: f.Path, Start: int(opt.Start()) + 1, End: int(opt.Start()) + 1, New: ` defaultJobOptions: { attempts: 3, backoff: { type: "exponential", delay: 1000 } },`}}
		case syntax.Invalid:
			at := int(c.Arg(0).End())
			edits = []patch.Edit{{Path: f.Path, Start: at, End: at, New: `, { defaultJobOptions: { attempts: 3, backoff: { type: "exponential", delay: 1000 } } }`}}
		default:
			continue // options that are made elsewhere
		}
		p.Report(rule.Finding{
			Title:   fmt.Sprintf("Jobs of queue `%s` get one attempt", c.Arg(0).Str()),
			Claim:   fmt.Sprintf("The queue `%s` states no attempts and no job of the application does: BullMQ tries once, and a job that meets one failed call is lost.", c.Arg(0).Str()),
			Primary: rule.At(f, c, ""), Subject: c.Arg(0).Str(), Evidence: 1, Confidence: 0.7, Cause: "bullmq-one-attempt:" + top(f.Path),
			Fix:   report.Fix{Summary: "Give the queue default attempts with a growing wait.", Behaviour: "A failed job runs again after 1 and 2 seconds: it must be safe to run twice."},
			Edits: edits,
		})
	}
}

var remoteModules = map[string]bool{"requests": true, "httpx": true, "urllib.request": true, "aiohttp": true}

func celery(p *rule.Pass, f *project.File) {
	modules := map[string]bool{}
	for i := range f.Tree.Root().Descendants(syntax.Import) {
		if remoteModules[i.Str()] {
			modules[strings.Split(i.Str(), ".")[0]] = true
		}
		for a := range i.All(syntax.Arg) {
			if remoteModules[a.Str()] {
				modules[a.Str()] = true
			}
		}
	}
	if len(modules) == 0 {
		return
	}
	for fn := range f.Tree.Root().Descendants(syntax.Func) {
		task := syntax.Ref{}
		for d := range fn.All(syntax.Decorator) {
			if d.Str() == "task" || d.Str() == "shared_task" {
				task = d
			}
		}
		if !task.Ok() || task.Keyword("autoretry_for").Ok() || task.Keyword("base").Ok() || task.Keyword("max_retries").Ok() {
			continue
		}
		call := remoteCall(fn, modules)
		if !call.Ok() {
			continue
		}
		p.Report(rule.Finding{
			Title:   fmt.Sprintf("Task `%s` is lost when its call fails", fn.Str()),
			Claim:   fmt.Sprintf("The Celery task `%s` calls `%s` without a retry and without handling its failure: one failed call and its work is gone.", fn.Str(), call.Receiver().Str()+"."+call.Str()),
			Primary: rule.At(f, task, ""), Secondary: []rule.Place{rule.At(f, call, "the remote call")},
			Subject: fn.Str(), Evidence: 1, Confidence: 0.65, Cause: "celery-no-retry",
			Fix: report.Fix{Summary: "Retry on the client's errors, with a growing wait and a last attempt.", Behaviour: "The task may run more than once: it must be safe to."},
		})
	}
}

// remoteCall finds a call of a client module that no try stands around, in a task that does not ask for
// its own retry.
func remoteCall(fn syntax.Ref, modules map[string]bool) syntax.Ref {
	var out syntax.Ref
	for c := range fn.Child(syntax.Body).Descendants(syntax.Call) {
		if c.Str() == "retry" && c.Receiver().Ok() {
			return syntax.Ref{}
		}
		r := c.Receiver()
		if out.Ok() || r.Kind() != syntax.Name || !modules[r.Str()] {
			continue
		}
		switch c.Str() {
		case "get", "post", "put", "patch", "delete", "request", "head", "urlopen":
		default:
			continue
		}
		if try := c.Enclosing(syntax.Try); try.Ok() && try.Inside(fn) {
			continue
		}
		out = c
	}
	return out
}
