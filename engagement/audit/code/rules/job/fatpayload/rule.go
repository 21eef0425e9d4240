// Package fatpayload finds jobs that carry whole objects through the queue.
package fatpayload

import (
	"fmt"
	"regexp"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is job.fat-payload.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "job.fat-payload",
		Title:    "Job carries a serialised record instead of its id",
		Summary:  "A job is enqueued with a record turned into a hash or JSON (`as_json`, `attributes`, `model_to_dict`, `serializer.data`).",
		Why:      "The queue holds the whole record for each job, so a backlog of a million jobs is gigabytes of Redis instead of megabytes; and the job works on the state of the moment it was enqueued, which it may write back over newer data when it runs hours later.",
		Cost:     "jobs waiting x bytes of a record -> jobs waiting x bytes of an id",
		Fix:      "Pass the id and load the record in the job.",
		Wrong:    "The job must see the state of that moment, or the record is deleted meanwhile.",
		Category: "job-fat-payload",
		Examples: []rule.Example{{Lang: "ruby", Before: "IndexProductJob.perform_later(product.as_json)", After: "IndexProductJob.perform_later(product.id)"}},
		Severity: report.Low,
		Effort:   report.OneFile,
		Proof:    "The mean size of a job in the queue falls to that of an id.",
		Refs:     []report.Reference{{Title: "Sidekiq: best practices, make job parameters small and simple", URL: "https://github.com/sidekiq/sidekiq/wiki/Best-Practices"}},
		Langs:    []string{"ruby", "python"},
	},
	File: func(p *rule.Pass, f *project.File) {
		if f.Role != project.App && f.Role != project.Script {
			return
		}
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			if !enqueues(f.Lang, c) {
				continue
			}
			for _, a := range c.Args() {
				v := a
				if a.Kind() == syntax.Pair {
					v = a.Child(syntax.Value)
				}
				if how := whole(f.Lang, v); how != "" {
					p.Report(rule.Finding{
						Title:   fmt.Sprintf("`%s` gets a whole record", c.Receiver().Str()),
						Claim:   fmt.Sprintf("`%s.%s` is given `%s`: the queue holds the record, and the job works on a copy of it.", c.Receiver().Str(), c.Str(), how),
						Primary: rule.At(f, c, ""), Subject: c.Receiver().Str(), Evidence: 1, Confidence: 0.65,
						Fix: report.Fix{Summary: "Pass the id.", Behaviour: "The job sees the record as it is when it runs, and must accept that it is gone."},
					})
					break
				}
			}
		}
	},
}

var jobName = regexp.MustCompile(`(Job|Worker)$|^[A-Z]`)

func enqueues(lang string, c syntax.Ref) bool {
	switch c.Str() {
	case "perform_later", "perform_async", "perform_in", "perform_at", "enqueue":
		return lang == "ruby" && c.Receiver().Ok() && jobName.MatchString(c.Receiver().Str())
	case "delay", "apply_async":
		return lang == "python" && c.Receiver().Kind() == syntax.Name
	}
	return false
}

func whole(lang string, n syntax.Ref) string {
	switch {
	case lang == "ruby" && n.Kind() == syntax.Call && n.Receiver().Ok() && !n.Child(syntax.Arg).Ok():
		switch n.Str() {
		case "as_json", "to_json", "attributes", "serializable_hash":
			return n.Receiver().Str() + "." + n.Str()
		}
	case lang == "python" && n.Kind() == syntax.Call:
		switch n.Str() {
		case "model_to_dict", "model_dump":
			return n.Str()
		}
	case lang == "python" && n.Kind() == syntax.Member && n.Str() == "data" && regexp.MustCompile(`(?i)serializer`).MatchString(n.Receiver().Str()):
		return n.Receiver().Str() + ".data"
	}
	return ""
}
