// Package stampede finds hot cache entries that all processes recompute at once.
package stampede

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is cache.stampede.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "cache.stampede",
		Title:   "Shared cache entry that everybody recomputes at once",
		Summary: "An entry with one key for all users expires, and its block asks the database for the whole of a table.",
		Why: "The moment such an entry expires, every request that comes before the first is done finds nothing and starts the same query: with f requests a second and a query of s seconds, f x s of them run together. " +
			"They slow each other down, which lets more come in. The cache was put there because the query is expensive, so this is when it hurts.",
		Cost:     "f x s copies of the query at each expiry -> 1 (f requests a second, s seconds of the query)",
		Fix:      "Let one process refresh while the others use the old value: `race_condition_ttl` in Rails, `Cache::flexible` in Laravel, a lock elsewhere.",
		Wrong:    "Few requests come while the query runs, or it takes milliseconds. Keys that hold an id, entries that never expire and blocks without a query over a whole table are not reported.",
		Category: "cache-stampede",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "Rails.cache.fetch(\"stats\", expires_in: 5.minutes) { Order.group(:status).count }",
			After:  "Rails.cache.fetch(\"stats\", expires_in: 5.minutes, race_condition_ttl: 10.seconds) { Order.group(:status).count }"}},
		Severity: report.Low,
		Effort:   report.OneLine,
		Cliff:    "At peak traffic the expiry of one key takes the database down.",
		Proof:    "Under load the number of the query's calls (pg_stat_statements) grows by one for each expiry.",
		LangRefs: map[string][]report.Reference{
			"ruby": {{Title: "Rails: Cache::Store#fetch, race_condition_ttl", URL: "https://api.rubyonrails.org/classes/ActiveSupport/Cache/Store.html#method-i-fetch"}},
			"php":  {{Title: "Laravel: stale while revalidate", URL: "https://laravel.com/docs/cache#swr"}},
		},
		Langs: []string{"ruby", "php"},
	},
	File: func(p *rule.Pass, f *project.File) {
		if f.Tree == nil || f.Role != project.App && f.Role != project.Template || p.Flow == nil {
			return
		}
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			switch {
			case c.Str() == "fetch" && c.Receiver().Dotted() == "Rails.cache":
				if c.Keyword("race_condition_ttl").Ok() || !c.Keyword("expires_in").Ok() || !shared(c.Arg(0)) {
					continue
				}
				at := int(c.Keyword("expires_in").End())
				check(p, f, c, c.Child(syntax.BlockArg), "Add `race_condition_ttl`: one process recomputes while the others get the old value for ten seconds more.",
					[]patch.Edit{{Path: f.Path, Start: at, End: at, New: ", race_condition_ttl: 10.seconds"}})
			case c.Str() == "remember" && strings.HasSuffix(c.Receiver().Str(), "Cache") && c.Receiver().Kind() == syntax.Name:
				if shared(c.Arg(0)) {
					check(p, f, c, c.Block(), "Use `Cache::flexible` (Laravel 11.23): the old value is served while one process recomputes.", nil)
				}
			}
		}
	},
}

// shared reports a key that is the same for everybody.
func shared(key syntax.Ref) bool {
	switch key.Kind() {
	case syntax.String:
		return !key.Has(syntax.FlagInterp)
	case syntax.List:
		for e := range key.All(syntax.Elem) {
			if !shared(e) {
				return false
			}
		}
		return true
	}
	return false
}

func check(p *rule.Pass, f *project.File, c, block syntax.Ref, fix string, edits []patch.Edit) {
	q := expensive(p, f, block)
	if q == nil {
		return
	}
	key := f.NodeText(c.Arg(0))
	confidence := 0.55
	if strings.Contains(strings.ToLower(f.Path+key), "admin") || strings.Contains(f.Path, "Console/") {
		confidence = 0.35 // few come at once
	}
	evidence := 1
	if q.Entry != "" {
		evidence = 2
	}
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("All requests recompute %s when it expires", key),
		Claim:   fmt.Sprintf("The entry %s is one for everybody, and its block asks for the whole of `%s`: at each expiry every request that comes before the first is done starts the same query.", key, q.Model.Table),
		Primary: rule.LineAt(f, c.Line(), c.Line(), c.Symbol(), ""), Subject: key, Table: q.Model.Table, Evidence: evidence, Confidence: confidence, Cause: "stampede:" + f.Lang,
		Cost:  p.Cost.Scan(q.Model.Table, "expiry"),
		Fix:   report.Fix{Summary: fix, Behaviour: "Readers may see a value that is some seconds older than today's limit while it is recomputed."},
		Edits: edits,
	})
}

// expensive finds a query below the block that reads a table that grows: an aggregate, or a list
// without a limit.
func expensive(p *rule.Pass, f *project.File, block syntax.Ref) *flow.Root {
	if !block.Ok() {
		return nil
	}
	for _, q := range p.Flow.Queries {
		at := q.Site()
		if at.File != f || !at.Node.Inside(block) || q.Model == nil || q.Single || q.Limit > 0 && len(q.Orders) == 0 || q.Owner != nil {
			continue
		}
		switch q.Terminal {
		case "count", "sum", "average", "avg", "maximum", "minimum", "max", "min", "size", "group":
		default:
			if q.Limit > 0 || q.Paged {
				continue
			}
		}
		if t, _ := p.Table(q.Model.Table, f.Path); t != nil && indexing.Grows(p, t) {
			return q
		}
	}
	return nil
}
