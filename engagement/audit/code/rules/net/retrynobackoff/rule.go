// Package retrynobackoff finds network calls that are tried again at once.
package retrynobackoff

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/rewrite"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/net/retry"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is net.retry-no-backoff.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "net.retry-no-backoff",
		Title:    "Retry without a pause",
		Summary:  "A failed network call is tried again at once.",
		Why:      "A call fails because its peer is overloaded or down, and a retry at once asks it again when it can least answer: n tries in a few milliseconds make n times the load, from every caller together. The tries are over before the peer had a second to recover.",
		Cost:     "load x (1 + n); n tries",
		Fix:      "Wait before each try, twice as long each time, up to a cap, with a random part; and stop after few tries.",
		Wrong:    "The error is one that a second try answers at once (a stale connection of a pool). One such retry is fine.",
		Category: "retry-no-backoff",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "rescue Net::ReadTimeout\n  retry if (tries += 1) < 5",
			After:  "rescue Net::ReadTimeout\n  if (tries += 1) < 5\n    sleep((0.2 * 2**tries) * rand(0.5..1.0))\n    retry\n  end"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "A short failure of a peer becomes a long one: its callers hold it down.",
		Proof:    "Stop the peer and count the attempts per second.",
		Refs: []report.Reference{
			{Title: "Exponential backoff and jitter", URL: "https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/"},
		},
		Langs: []string{"ruby", "python", "typescript", "php", "java", "go"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	for _, l := range retry.Loops(p.Project) {
		if l.Wait.Ok() {
			continue
		}
		c := p.Cost.Calls("tls.handshake", cost.Assume("R", 5, "rows", "tries of one failing call"), 1, "failing call")
		out := rule.Finding{
			Claim:      fmt.Sprintf("A failure of `%s` is tried again at once, with no pause in between.", l.Call),
			Primary:    rule.At(l.File, l.Again, "again, at once"),
			Secondary:  []rule.Place{rule.LineAt(l.File, l.Node.Line(), l.Node.Line(), l.Node.Symbol(), "tries")},
			Subject:    l.Call,
			Evidence:   1,
			Confidence: 0.65,
			Cost:       c,
			Fix:        report.Fix{Summary: "Wait before each try, longer each time, with a random part."},
		}
		if l.File.Lang == "ruby" && l.Again.Kind() == syntax.Break && l.Again.Parent().Kind() == syntax.Block {
			if e, ok := rewrite.Before(l.File, l.Again, "sleep(rand(0.5..1.5))"); ok {
				out.Edits = []patch.Edit{e}
				out.Fix.Behaviour = "Each try waits about a second, which the caller sees as a slower failure. Let the pause grow with the number of the try where there are more than two."
			}
		}
		p.Report(out)
	}
}
