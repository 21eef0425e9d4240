// Package infiniteretry finds jobs that are retried for ever.
package infiniteretry

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is job.infinite-retry.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "job.infinite-retry",
		Title:    "Job is retried without end",
		Summary:  "A job states that it is retried any number of times: ActiveJob `attempts: :unlimited`, Celery `max_retries=None`, Laravel `$tries = 0`.",
		Why:      "A job that can never succeed (a deleted record, a message nobody can parse) comes back for ever. Such poison collects: after a year the workers spend their time on jobs that failed a thousand times, and errors that matter drown in theirs.",
		Cost:     "poison jobs x retries per day",
		Fix:      "End after a bounded number of tries with growing pauses, and keep the dead ones where somebody looks.",
		Wrong:    "The job stops itself by age, or retries only on an error that is sure to pass. A Laravel job with `retryUntil` is not reported.",
		Category: "job-infinite-retry",
		Examples: []rule.Example{{Lang: "ruby", Before: "retry_on Net::ReadTimeout, attempts: :unlimited", After: "retry_on Net::ReadTimeout, wait: :polynomially_longer, attempts: 10"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "Poison jobs collect until they fill the workers.",
		Proof:    "Enqueue a job that always fails: it ends in the dead set.",
		LangRefs: map[string][]report.Reference{
			"ruby":   {{Title: "Rails: retry_on", URL: "https://api.rubyonrails.org/classes/ActiveJob/Exceptions/ClassMethods.html#method-i-retry_on"}},
			"python": {{Title: "Celery: Task.max_retries", URL: "https://docs.celeryq.dev/en/stable/reference/celery.app.task.html#celery.app.task.Task.max_retries"}},
			"php":    {{Title: "Laravel: max job attempts", URL: "https://laravel.com/docs/queues#max-job-attempts-and-timeout"}},
		},
		Langs: []string{"ruby", "python", "php"},
	},
	File: func(p *rule.Pass, f *project.File) {
		if f.Role != project.App {
			return
		}
		switch f.Lang {
		case "ruby":
			for c := range f.Tree.Root().Descendants(syntax.Call) {
				if c.Str() == "retry_on" && c.Keyword("attempts").Str() == "unlimited" {
					report1(p, f, c, "`retry_on` with `attempts: :unlimited`")
				}
			}
		case "python":
			for fn := range f.Tree.Root().Descendants(syntax.Func) {
				for d := range fn.All(syntax.Decorator) {
					if (d.Str() == "shared_task" || d.Str() == "task") && d.Keyword("max_retries").Kind() == syntax.Nil && d.Keyword("max_retries").Ok() {
						report1(p, f, d, "`max_retries=None`")
					}
				}
			}
		case "php":
			laravel(p, f)
		}
	},
}

func laravel(p *rule.Pass, f *project.File) {
	for class := range f.Tree.Root().Descendants(syntax.Class) {
		queued, bounded := false, false
		for s := range class.All(syntax.Super) {
			queued = queued || strings.HasSuffix(s.Str(), "ShouldQueue")
		}
		var tries syntax.Ref
		for m := range class.Child(syntax.Body).Children() {
			switch {
			case m.Kind() == syntax.Field && m.Str() == "tries":
				tries = m
			case m.Str() == "retryUntil", m.Str() == "maxExceptions":
				bounded = true
			}
		}
		if queued && !bounded && tries.Ok() && tries.Child(syntax.Value).Str() == "0" {
			report1(p, f, tries, "`$tries = 0`")
		}
	}
}

func report1(p *rule.Pass, f *project.File, at syntax.Ref, how string) {
	p.Report(rule.Finding{
		Title:   "Job is retried without end",
		Claim:   fmt.Sprintf("%s: a job that can never succeed comes back for ever.", how),
		Primary: rule.At(f, at, ""), Subject: how, Evidence: 1, Confidence: 0.7,
		Fix: report.Fix{Summary: "Bound the tries.", Behaviour: "After the last try the job is dead and somebody must look at it."},
	})
}
