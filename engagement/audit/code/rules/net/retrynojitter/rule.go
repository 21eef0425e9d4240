// Package retrynojitter finds retries that all callers make at the same moment.
package retrynojitter

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/rewrite"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/net/retry"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is net.retry-no-jitter.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "net.retry-no-jitter",
		Title:    "Retry after a fixed pause",
		Summary:  "A failed network call is tried again after a pause that is the same for every caller.",
		Why:      "Callers that failed together wait the same time and come back together: the peer sees nothing, then all of them at once, and fails again. A random part of the pause spreads them over it.",
		Cost:     "peak of c callers in one moment -> c / w per second; w the width of the random part",
		Fix:      "Let the pause grow with each try and take a random part of it.",
		Wrong:    "There is a single caller.",
		Category: "retry-no-jitter",
		Examples: []rule.Example{{Lang: "python", Before: "time.sleep(5)", After: "time.sleep(random.uniform(2.5, 7.5))"}},
		Severity: report.Low,
		Effort:   report.OneLine,
		Proof:    "Stop the peer under load and plot its requests per second when it comes back.",
		Refs: []report.Reference{
			{Title: "Exponential backoff and jitter", URL: "https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/"},
		},
		Langs: []string{"ruby", "python", "typescript", "php", "java", "go"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	for _, l := range retry.Loops(p.Project) {
		if !l.Wait.Ok() || !l.Fixed {
			continue
		}
		out := rule.Finding{
			Claim:      fmt.Sprintf("Every caller of `%s` waits exactly `%s` before it tries again: those that failed together return together.", l.Call, l.File.NodeText(l.Wait)),
			Primary:    rule.At(l.File, l.Wait, "the same pause for all"),
			Subject:    l.Call,
			Cause:      "retry-fixed-pause",
			Evidence:   1,
			Confidence: 0.6,
			Fix:        report.Fix{Summary: "Take a random part of the pause, and let it grow with each try."},
		}
		if n := l.Wait.Arg(0); l.File.Lang == "ruby" {
			t := l.File.NodeText(n)
			out.Edits = []patch.Edit{rewrite.Replace(l.File, n, t+" * rand(0.5..1.5)")}
			out.Fix.Behaviour = "The pause varies between half and one and a half times what it was."
		}
		p.Report(out)
	}
}
