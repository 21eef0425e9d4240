// Package uncachedcount finds site-wide counts that run on every page view.
package uncachedcount

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/existence"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Rule is db.uncached-count.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.uncached-count",
		Title:    "Site-wide count on every request",
		Summary:  "A request counts all rows of a table, or all distinct values of a column, and the number is the same for everybody.",
		Why:      "Databases with row versions keep no row count: COUNT(*) reads an index or the table from end to end, COUNT of distinct values sorts or hashes all of it. The number on the front page costs a scan for each visitor, grows with the table, and throws useful pages out of the buffer cache while it does.",
		Cost:     "N x B / S for each request -> once in a cache period",
		Fix:      "Cache the number for minutes or hours, keep a counter, or show the planner's estimate.",
		Wrong:    "The table is small, or the number must be exact now. Counts of one owner's rows, counts compared with zero, and counts inside a cache block are not reported.",
		Category: "uncached-expensive-query",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "def self.total_count\n  count_by_sql \"SELECT COUNT(*) FROM (SELECT DISTINCT gem_id FROM versions) AS v\"\nend",
			After:  "def self.total_count\n  Rails.cache.fetch(\"gem/total_count\", expires_in: 6.hours) do\n    count_by_sql \"SELECT COUNT(*) FROM (SELECT DISTINCT gem_id FROM versions) AS v\"\n  end\nend"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Proof:    "The statement's calls in pg_stat_statements no longer grow with the requests.",
		Refs: []report.Reference{
			{Title: "Rails guides: low-level caching", URL: "https://guides.rubyonrails.org/caching_with_rails.html#low-level-caching"},
			{Title: "Django: the low-level cache API", URL: "https://docs.djangoproject.com/en/stable/topics/cache/#the-low-level-cache-api"},
		},
		Langs: []string{"ruby", "python", "php", "erb", "haml", "slim", "blade"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	kinds := map[string]string{}
	for _, e := range p.Flow.Entries {
		kinds[e.Name] = e.Kind
	}
	seen := map[syntax.Ref]bool{}
	for _, r := range p.Flow.Queries {
		if r.Model == nil || r.Owner != nil || kinds[r.Entry] != "request" || rare(r.Entry) {
			continue
		}
		if r.Terminal != "count" && r.Terminal != "count_by_sql" {
			continue
		}
		s, ok := existence.Site(r)
		if !ok || seen[s.Node] || n1.Quiet(s.File) || cached(s.Node) {
			continue
		}
		if _, tested := existence.Count(s.Node, s.File.Lang); tested || strings.Contains(strings.ToLower(s.File.Path), "admin") {
			continue
		}
		whole, distinct := everything(p, r, s)
		if !whole {
			continue
		}
		seen[s.Node] = true
		what := "All rows of `" + r.Model.Name + "` are counted"
		if distinct {
			what = "All distinct values of `" + r.Model.Name + "` are counted"
		}
		f := rule.Finding{
			Title:      r.Entry + ": all " + r.Model.Name + " are counted on each request",
			Claim:      fmt.Sprintf("%s on each request to %s, and the number is the same for everybody.", what, r.Entry),
			Primary:    rule.At(s.File, s.Node, "the count"),
			Subject:    r.Model.Name,
			Table:      r.Model.Table,
			Evidence:   2,
			Confidence: 0.7,
			Fix:        report.Fix{Summary: "Cache the number, keep a counter, or show an estimate.", Behaviour: "The number may be older than the last change by the time it is cached for."},
			Cost:       p.Cost.Scan(r.Model.Table, "request"),
		}
		if distinct {
			f.Severity, f.Confidence = report.High, 0.85
		}
		for _, o := range r.Sites {
			if o.Node != s.Node && len(f.Secondary) < 6 {
				f.Secondary = append(f.Secondary, rule.At(o.File, o.Node, "part of the query"))
			}
		}
		p.Report(f)
	}
}

// rare reports an entry point that few people use, or that changes something: a count on its way is
// not what each visitor waits for.
func rare(entry string) bool {
	lower := strings.ToLower(entry)
	if strings.Contains(lower, "admin") || strings.HasPrefix(lower, "mod/") || strings.Contains(lower, "moderation") {
		return true
	}
	switch lower[strings.LastIndexAny(lower, "#.@")+1:] {
	case "create", "update", "destroy", "delete", "store":
		return true
	}
	return false
}

// everything reports whether a count looks at a whole growing table: no condition, or only conditions
// on flags that most rows meet.
func everything(p *rule.Pass, r *flow.Root, s flow.Site) (whole, distinct bool) {
	if r.Dynamic || r.Limit > 0 {
		return false, false
	}
	if r.Terminal == "count_by_sql" {
		sql := s.Node.Arg(0)
		if sql.Kind() != syntax.String || sql.Has(syntax.FlagInterp) || strings.Contains(sql.Str(), "?") {
			return false, false
		}
		upper := strings.ToUpper(sql.Str())
		if !strings.Contains(upper, "COUNT(") && !strings.Contains(upper, "COUNT (") {
			return false, false
		}
		st := sqlquery.Analyze(sql.Str())
		for _, f := range st.Filters {
			if strings.HasSuffix(f.Column, "_id") && f.Op == "=" {
				return false, false
			}
		}
		return true, strings.Contains(upper, "DISTINCT")
	}
	belongs := false
	for _, rel := range r.Model.Relations {
		belongs = belongs || rel.Kind == flow.BelongsTo
	}
	if !belongs && !r.Distinct {
		return false, false
	}
	t, _ := p.Table(r.Model.Table, r.Model.File.Path)
	for _, f := range r.Filters {
		col := f.Column[strings.LastIndexByte(f.Column, '.')+1:]
		if t == nil || t.Column(col) == nil || t.Column(col).Type.Name != "boolean" {
			return false, false
		}
	}
	return true, r.Distinct
}

// cached reports whether the query stands inside a cache's block or in a memoised assignment.
func cached(n syntax.Ref) bool {
	for p := n.Parent(); p.Ok() && !p.Is(syntax.Func, syntax.Class); p = p.Parent() {
		switch p.Kind() {
		case syntax.Call:
			switch p.Str() {
			case "fetch", "cache", "remember", "rememberForever", "get_or_set", "flexible", "cached":
				return true
			}
		case syntax.Assign:
			if p.Str() == "||=" {
				return true
			}
		}
	}
	f := n.Enclosing(syntax.Func)
	for d := range f.All(syntax.Decorator) {
		if strings.Contains(d.Str(), "cache") || strings.Contains(d.Str(), "memoize") {
			return true
		}
	}
	return false
}
