// Package noidempotency finds retried jobs that move money without a key.
package noidempotency

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is job.no-idempotency.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "job.no-idempotency",
		Title:    "Retried job moves money without an idempotency key",
		Summary:  "A background job charges, refunds or pays out through a payment client without an idempotency key and without asking under a lock whether that was done.",
		Why:      "Queues deliver at least once. A job that refunds and then fails on the next line (a lost connection, a deploy) is run again from the start and refunds again: each retry is a payment.",
		Cost:     "retries x amount",
		Fix:      "Send an idempotency key made of the record and the operation, and store the state under a lock before and after.",
		Wrong:    "The client makes the key by itself from its arguments. Jobs that name an idempotency key, take a lock, or return early on a state are not reported.",
		Category: "job-no-idempotency",
		Examples: []rule.Example{{Lang: "ruby", Before: "gateway.refund(ref, amount)\npayment.increment!(:refunded)", After: "payment.with_lock do\n  next if payment.refunded?\n  gateway.refund(ref, amount, idempotency_key: \"refund-#{payment.id}\")\n  payment.update!(state: \"refunded\")\nend"}},
		Severity: report.High,
		Effort:   report.OneFile,
		Cliff:    "A crash between two lines pays twice.",
		Proof:    "Kill the worker right after the call: the second run changes nothing at the provider.",
		Refs: []report.Reference{
			{Title: "Sidekiq: make your jobs idempotent", URL: "https://github.com/sidekiq/sidekiq/wiki/Best-Practices"},
			{Title: "Stripe: idempotent requests", URL: "https://docs.stripe.com/api/idempotent_requests"},
		},
		Langs: []string{"ruby", "php", "python"},
	},
	File: check,
}

var (
	money  = regexp.MustCompile(`^(charge|refund|capture|payout|transfer|create_charge|create_refund|charge_card|pay)!?$`)
	client = regexp.MustCompile(`(?i)(payment|gateway|stripe|braintree|adyen|paypal|razorpay|mollie)`)
	guard  = regexp.MustCompile(`(?i)(idempoten|with_lock|lock!|lockForUpdate|select_for_update|advisory|request_id|already_)`)
)

func check(p *rule.Pass, f *project.File) {
	if f.Role != project.App {
		return
	}
	for fn := range f.Tree.Root().Descendants(syntax.Func) {
		if !job(fn, f) {
			continue
		}
		text := f.NodeText(fn)
		if guard.MatchString(text) || returnsEarly(fn) {
			continue
		}
		for c := range fn.Child(syntax.Body).Descendants(syntax.Call) {
			if !money.MatchString(c.Str()) || !c.Receiver().Ok() || !client.MatchString(f.NodeText(c.Receiver())) {
				continue
			}
			p.Report(rule.Finding{
				Title:   fmt.Sprintf("Job may %s twice", strings.TrimSuffix(c.Str(), "!")),
				Claim:   fmt.Sprintf("The job calls `%s` without an idempotency key and without asking whether it was done: a second run pays again.", c.Str()),
				Primary: rule.At(f, c, ""), Subject: c.Str(), Evidence: 1, Confidence: 0.75,
				Fix: report.Fix{Summary: "Send an idempotency key, and keep the state under a lock.", Behaviour: "A second run finds the state and does nothing."},
			})
			break
		}
	}
}

// job reports the function that a queue runs.
func job(fn syntax.Ref, f *project.File) bool {
	class := fn.Enclosing(syntax.Class)
	switch f.Lang {
	case "ruby":
		return fn.Str() == "perform" && class.Ok()
	case "php":
		if fn.Str() != "handle" {
			return false
		}
		for s := range class.All(syntax.Super) {
			if strings.HasSuffix(s.Str(), "ShouldQueue") {
				return true
			}
		}
	case "python":
		for d := range fn.All(syntax.Decorator) {
			if d.Str() == "shared_task" || d.Str() == "task" {
				return true
			}
		}
	}
	return false
}

// returnsEarly reports a return under a condition: the job looks at a state first.
func returnsEarly(fn syntax.Ref) bool {
	for r := range fn.Child(syntax.Body).Descendants(syntax.Return, syntax.Break) {
		if r.Enclosing(syntax.If).Inside(fn) && r.Enclosing(syntax.If).Ok() {
			return true
		}
	}
	return false
}
