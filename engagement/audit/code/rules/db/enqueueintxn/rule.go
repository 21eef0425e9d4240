// Package enqueueintxn finds work that is enqueued before the transaction which it depends on has
// committed.
package enqueueintxn

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/txn"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.enqueue-in-txn.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.enqueue-in-txn",
		Title:    "Job enqueued before the transaction commits",
		Summary:  "A job or message is handed to a queue inside a database transaction, although the queue does not take part in it.",
		Why:      "The queue sees the job at once, the database shows the rows only after the commit. A free worker starts within a millisecond, does not find the row or reads its old state, and fails or silently does nothing; the busier the database, the longer the commit takes and the more often it happens. When the transaction rolls back the job runs all the same, for rows that never existed. Meanwhile the transaction waits for the queue with its locks held.",
		Cost:     "H -> 0 per transaction: the time that locks and connection wait for the queue. The race is lost whenever a worker starts before the commit",
		Fix:      "Enqueue after the commit: behind the block, or with the hook of the framework (after_commit, on_commit, afterCommit). Where the job must never be lost, write it to an outbox table in the same transaction.",
		Wrong:    "The queue stores its jobs in the same database and takes part in the transaction, the job starts with a delay, or the framework is set to wait for the commit. Calls that are handed the transaction, delayed jobs, transactions that only read or stand on a replica, and projects with such a queue or setting are not reported.",
		Category: "enqueue-in-transaction",
		Examples: []rule.Example{
			{Lang: "python", Before: "with transaction.atomic():\n    order.save()\n    send_receipt.delay(order.pk)", After: "with transaction.atomic():\n    order.save()\n    transaction.on_commit(lambda: send_receipt.delay(order.pk))"},
			{Lang: "ruby", Before: "after_create :send_receipt", After: "after_create_commit :send_receipt"},
			{Lang: "php", Before: "DB::transaction(function () use ($order) {\n    $order->save();\n    SendReceipt::dispatch($order);\n});", After: "DB::transaction(function () use ($order) {\n    $order->save();\n    SendReceipt::dispatch($order)->afterCommit();\n});"},
		},
		Severity: report.High,
		Effort:   report.OneLine,
		Cliff:    "Under load commits slow down, workers win the race more often, and jobs fail or are lost without a trace.",
		Proof:    "Sleep before the commit in a test with a real worker: the job must not start before the rows are visible.",
		Refs: []report.Reference{
			{Title: "Rails guide: transaction callbacks", URL: "https://guides.rubyonrails.org/active_record_callbacks.html#transaction-callbacks"},
			{Title: "Django: performing actions after commit", URL: "https://docs.djangoproject.com/en/stable/topics/db/transactions/#performing-actions-after-commit"},
			{Title: "Laravel: jobs and database transactions", URL: "https://laravel.com/docs/queues#jobs-and-database-transactions"},
			{Title: "Sidekiq: problems and troubleshooting, cannot find record", URL: "https://github.com/sidekiq/sidekiq/wiki/Problems-and-Troubleshooting#cannot-find-modelname-with-id12345"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "java"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	queues := txn.NewQueues(p.Project, p.Flow.Index)
	for _, f := range p.Files {
		if f.Tree == nil || n1.Quiet(f) || f.Role == project.Script {
			continue
		}
		seen := map[syntax.Ref]bool{}
		for _, r := range txn.Regions(f) {
			if r.Replica() || r.Reads(func(c syntax.Ref) bool { return queues.Does(f, c) != "" }) {
				continue // it writes no row that the job could miss
			}
			for _, h := range txn.Search(p.Flow.Index, r, queues.Does) {
				if !seen[h.Call] {
					seen[h.Call] = true
					report1(p, r, h)
				}
			}
		}
	}
}

func report1(p *rule.Pass, r txn.Region, h txn.Hit) {
	f := rule.Finding{
		Title:      listing.Title(h.File, h.Call, h.What+" before the commit"),
		Claim:      fmt.Sprintf("`%s` hands work to a queue inside %s: a worker can start before the transaction has committed, and does so too when it rolls back.", h.What, r.What),
		Primary:    rule.At(h.File, h.Call, "enqueues"),
		Secondary:  []rule.Place{rule.At(r.File, r.Node, "the transaction")},
		Subject:    h.What,
		Evidence:   1,
		Confidence: 0.8,
		Fix:        report.Fix{Summary: "Enqueue after the commit.", Behaviour: "The job starts after the rows are visible, and not at all when the transaction rolls back."},
		Cost:       p.Cost.Hold([]report.Input{p.Cost.Rate("Q", rate.TCPRoundTrip)}, nil, "transaction"),
	}
	if h.Inner != h.Call {
		f.Secondary = append(f.Secondary, rule.At(h.At, h.Inner, "the queue"))
	}
	if r.Callback.Ok() {
		f.Secondary = append(f.Secondary, rule.At(r.File, r.Callback, "the callback"))
	}
	switch h.File.Lang { // one setting of the queue ends all of them
	case "php":
		f.Cause = "enqueue-before-commit:laravel"
	case "ruby":
		f.Cause = "enqueue-before-commit:ruby"
	}
	fix(p, r, h, &f)
	p.Report(f)
}

func fix(p *rule.Pass, r txn.Region, h txn.Hit, f *rule.Finding) {
	switch h.File.Lang {
	case "php":
		if h.Inner == h.Call {
			f.Fix.Summary = "Add `->afterCommit()`."
			f.Edits = []patch.Edit{insert(h.File, h.Call.End(), "->afterCommit()")}
		}
	case "ruby":
		callback(r, h, f)
	case "python":
		onCommit(r, h, f)
	case "typescript", "tsx", "javascript":
		handOn(p, r, h, f)
	}
}

func insert(f *project.File, at uint32, text string) patch.Edit {
	return patch.Edit{Path: f.Path, Start: int(at), End: int(at), New: text}
}

// callback turns after_create :x into after_create_commit :x when x does nothing else.
func callback(r txn.Region, h txn.Hit, f *rule.Finding) {
	after := txn.AfterCommit(r.Callback.Str())
	if !r.Callback.Ok() || after == "" || statements(r.Body) != 1 || len(r.Callback.Args()) > 1 && r.Callback.Arg(1).Ok() {
		return
	}
	for c := range r.Callback.Parent().Children() { // the same method behind two commits would run once
		if c != r.Callback && c.Kind() == syntax.Call && strings.HasSuffix(c.Str(), "_commit") && c.Arg(0).Str() == r.Callback.Arg(0).Str() {
			return
		}
	}
	start := r.Callback.Start()
	f.Fix.Summary = "Use `" + after + "`."
	f.Edits = []patch.Edit{{Path: r.File.Path, Start: int(start), End: int(start) + len(r.Callback.Str()), New: after}}
}

func statements(body syntax.Ref) int {
	n := 0
	for range body.Children() {
		n++
	}
	return n
}

// onCommit wraps a statement x.delay(...) into transaction.on_commit. Inside a loop the lambda would
// see the last value of the loop's variable.
func onCommit(r txn.Region, h txn.Hit, f *rule.Finding) {
	if h.Inner != h.Call || h.Call.Role() != syntax.Stmt {
		return
	}
	for n := h.Call.Parent(); n.Ok() && !n.Is(syntax.Func, syntax.Lambda); n = n.Parent() {
		if n.Is(syntax.For, syntax.While) {
			return
		}
	}
	if !strings.Contains(r.What, "transaction.atomic") {
		return // transaction is not a name of this file
	}
	end := ")"
	if r.Using != "" { // without it the hook is one of the default database, which is in no transaction here
		end = ", using=" + r.Using + ")"
	}
	f.Fix.Summary = "Wrap it in `transaction.on_commit`."
	f.Edits = []patch.Edit{insert(h.File, h.Call.Start(), "transaction.on_commit(lambda: "), insert(h.File, h.Call.End(), end)}
}

// handOn passes the transaction to a function that takes it and was not given it.
func handOn(p *rule.Pass, r txn.Region, h txn.Hit, f *rule.Finding) {
	m := txn.Resolve(p.Flow.Index, h.File, h.Call)
	if r.Handle == "" || m == nil || h.Inner == h.Call {
		return
	}
	args := h.Call.Args()
	for i, param := range m.Params() {
		if i != len(args) || i == 0 || !takesTransaction(param) {
			continue
		}
		if !txn.Passes(h.Inner, param.Str()) {
			return
		}
		f.Fix.Summary = fmt.Sprintf("Pass `%s`: the queue can take part in the transaction.", r.Handle)
		f.Edits = []patch.Edit{insert(h.File, args[i-1].End(), ", "+r.Handle)}
		f.Evidence, f.Confidence = 1, 0.9
		return
	}
}

func takesTransaction(param syntax.Ref) bool {
	t := strings.ToLower(param.Child(syntax.TypeRole).Str())
	switch strings.ToLower(param.Str()) {
	case "tx", "trx", "transaction", "manager", "t":
		return true
	}
	return strings.Contains(t, "transaction")
}
