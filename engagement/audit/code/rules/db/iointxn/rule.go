// Package iointxn finds calls of other machines inside database transactions.
package iointxn

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/txn"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.io-in-txn.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.io-in-txn",
		Title:    "Network call inside a database transaction",
		Summary:  "A transaction stays open while the program waits for another machine: an HTTP service, a mail server, a search engine.",
		Why:      "A transaction holds a connection of the pool and the locks of every row that it wrote until it ends. Inside it a remote call adds the other machine's time to that, and on a bad day its timeout. With c such requests a second and an answer after w seconds, c times w connections are taken; when that reaches the size of the pool every request of the application waits, also those that never needed the other machine. What was sent can not be taken back when the transaction rolls back.",
		Cost:     "w + T -> T per transaction: connection and row locks are held for the remote call's time w besides the statements' own",
		Fix:      "Do the call before the transaction and write its result inside, or after the commit; where both must happen, write the intent to an outbox table and let a worker do the call.",
		Wrong:    "The call decides whether the transaction commits and nothing else can tell, or the transaction is opened and written only after the call although it stands in the block. Calls in error handlers and those put off until the commit are not reported.",
		Category: "io-in-transaction",
		Examples: []rule.Example{{Lang: "typescript",
			Before: "await prisma.$transaction(async (tx) => {\n  const user = await tx.user.create({ data });\n  await fetch(webhook, { method: \"POST\" });\n});",
			After:  "const user = await prisma.$transaction((tx) => tx.user.create({ data }));\nawait fetch(webhook, { method: \"POST\" });"}},
		Severity: report.High,
		Effort:   report.OneFile,
		Cliff:    "The other machine slows down, every transaction that waits for it keeps its connection, the pool runs dry and the whole application stops.",
		Proof:    "Let the remote call take 10 s in a test and look at the oldest transaction (pg_stat_activity.xact_start): it must not grow.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: explicit locking", URL: "https://www.postgresql.org/docs/current/explicit-locking.html"},
			{Title: "Prisma: interactive transactions, avoid network requests", URL: "https://www.prisma.io/docs/orm/prisma-client/queries/transactions#interactive-transactions"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: check,
}

// remoteTime is assumed for one call of another machine.
const remoteTime = 200

func check(p *rule.Pass) {
	var remote *txn.Remote
	for _, f := range p.Files {
		if f.Tree == nil || n1.Quiet(f) || f.Role == project.Script {
			continue
		}
		regions := txn.Regions(f)
		if len(regions) == 0 {
			continue
		}
		if remote == nil {
			remote = txn.NewRemote(p.Project, p.Flow.Index)
		}
		seen := map[syntax.Ref]bool{}
		for _, r := range regions {
			if r.Callback.Ok() && txn.AfterCommit(r.Callback.Str()) == "" && r.Callback.Str() == "before_validation" {
				continue // runs before the first statement of the transaction
			}
			for _, h := range txn.Search(p.Flow.Index, r, remote.Does) {
				if !seen[h.Call] {
					seen[h.Call] = true
					report1(p, r, h)
				}
			}
		}
	}
}

func report1(p *rule.Pass, r txn.Region, h txn.Hit) {
	w := cost.Assume("w", remoteTime, "ms", "time of the remote call on a normal day; on a bad one it is the timeout")
	f := rule.Finding{
		Title:      listing.Title(h.File, h.Call, h.What+" inside a transaction"),
		Claim:      fmt.Sprintf("Inside %s the program waits for %s: the connection and the locks of all rows written so far are held until it answers.", r.What, h.What),
		Primary:    rule.At(h.File, h.Call, "waits for another machine"),
		Secondary:  []rule.Place{rule.At(r.File, r.Node, "the transaction")},
		Subject:    h.What,
		Evidence:   1,
		Confidence: 0.8,
		Fix:        report.Fix{Summary: "Move the call before the transaction or behind its commit.", Behaviour: "The call no longer happens when the transaction rolls back, and the transaction no longer fails when the call does."},
		Cost:       p.Cost.Hold([]report.Input{w, p.Cost.RTT()}, []report.Input{p.Cost.RTT()}, "transaction"),
	}
	if h.Inner != h.Call {
		f.Secondary = append(f.Secondary, rule.At(h.At, h.Inner, "the call"))
		f.Confidence = 0.75
	}
	if r.Callback.Ok() {
		f.Secondary = append(f.Secondary, rule.At(r.File, r.Callback, "the callback"))
		f.Cause = "io-in-callback" // one convention: callbacks of rows talk to nobody before the commit
	}
	p.Report(f)
}
