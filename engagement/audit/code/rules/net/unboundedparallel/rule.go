// Package unboundedparallel finds work on all rows of an unbounded query that is started at once.
package unboundedparallel

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/txn"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is net.unbounded-parallel.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "net.unbounded-parallel",
		Title:    "One call per row, all at once",
		Summary:  "Promise.all or gather starts a network call or query for each row of a query that has no limit.",
		Why:      "Everything is started before anything is finished: as many requests, sockets and buffers as there are rows. The pool of database connections has ten places, so the rest wait in memory until their acquire timeout fails them; the other machine sees a burst that looks like an attack and answers with refusals; and the first failure rejects the whole while the other calls go on unheard.",
		Cost:     "R x b -> k x b; R rows, b bytes of one call in flight, k calls at a time",
		Fix:      "Bound the calls in flight: work through the rows in batches of ten or so, or use a limiter (p-limit, a semaphore). Where the calls are queries, one query with IN does it all.",
		Wrong:    "The table has a handful of rows, or the callee bounds its calls itself. Lists from pages, limits and literals are not reported.",
		Category: "unbounded-parallel",
		Examples: []rule.Example{{Lang: "typescript",
			Before: "const users = await prisma.user.findMany();\nawait Promise.all(users.map((u) => fetch(u.webhook)));",
			After:  "const limit = pLimit(10);\nawait Promise.all(users.map((u) => limit(() => fetch(u.webhook))));"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "The list outgrows the connection pool or the other machine's limit, and all calls fail together.",
		Proof:    "Count the calls in flight with 10,000 rows: the number must not pass the limit.",
		Refs: []report.Reference{
			{Title: "MDN: Promise.all", URL: "https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/Promise/all"},
			{Title: "Prisma: connection pool", URL: "https://www.prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections/connection-pool"},
		},
		Langs: []string{"typescript"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	var t *listing.Tracer
	var remote *txn.Remote
	queries := map[syntax.Ref]*flow.Root{}
	for _, r := range p.Flow.Queries {
		queries[r.Sites[len(r.Sites)-1].Node] = r
	}
	for _, f := range p.Files {
		if f.Tree == nil || n1.Quiet(f) || f.Lang != "typescript" && f.Lang != "javascript" && f.Lang != "tsx" {
			continue
		}
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			m := c.Arg(0)
			if c.Receiver().Str() != "Promise" || c.Str() != "all" && c.Str() != "allSettled" || m.Kind() != syntax.Call || m.Str() != "map" || m.Arg(0).Kind() != syntax.Lambda {
				continue
			}
			if t == nil {
				t, remote = listing.NewTracer(p), txn.NewRemote(p.Project, p.Flow.Index)
			}
			from := source(p, t, f, m.Receiver())
			if from == nil {
				continue
			}
			hits := txn.Search(p.Flow.Index, txn.Region{File: f, Node: m, Body: m.Arg(0).Child(syntax.Body)}, func(file *project.File, x syntax.Ref) string {
				if r := queries[x]; r != nil && r.Model != nil {
					return "a query of " + r.Model.Name
				}
				return remote.Does(file, x)
			})
			if len(hits) > 0 {
				report1(p, f, c, from, hits[0])
			}
		}
	}
}

// source is the unbounded query that a list comes from.
func source(p *rule.Pass, t *listing.Tracer, f *project.File, list syntax.Ref) *flow.Root {
	for _, o := range t.Of(f, list) {
		if !listing.Lists(o.Root) {
			continue
		}
		if table, grows := listing.Grows(p, o.Root); grows {
			if shape, _ := listing.ShapeOf(o.Root, table); shape != listing.Narrow {
				return o.Root
			}
		}
	}
	return nil
}

func report1(p *rule.Pass, f *project.File, c syntax.Ref, from *flow.Root, h txn.Hit) {
	site := from.Sites[len(from.Sites)-1]
	find := rule.Finding{
		Title:      "All at once for every row of " + from.Model.Name,
		Claim:      fmt.Sprintf("For each row of `%s` that the query finds, %s is started at once: nothing bounds the rows nor the calls in flight.", from.Model.Name, h.What),
		Primary:    rule.At(f, c, "starts all calls"),
		Secondary:  []rule.Place{rule.At(site.File, site.Node, "the query without a limit"), rule.At(h.At, h.Inner, "the call")},
		Subject:    from.Model.Name,
		Table:      from.Model.Table,
		Evidence:   1,
		Confidence: 0.75,
		Fix:        report.Fix{Summary: "Bound the calls in flight.", Behaviour: "The calls take longer in total and fail one by one."},
	}
	if f.Role == project.Script {
		find.Confidence = 0.5
	}
	rows := p.Cost.Loop(0, "", from.Model.Table, false)
	rows.Name = "R"
	find.Cost = p.Cost.Memory(rows, 10, rate.ORMRowBytes, "call")
	p.Report(find)
}
