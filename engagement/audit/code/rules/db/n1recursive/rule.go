// Package n1recursive finds trees that are read from the database one node at a time.
package n1recursive

import (
	"fmt"
	"regexp"
	"sort"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Rule is db.n1-recursive.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.n1-recursive",
		Title:    "Tree read one node at a time",
		Summary:  "A function asks for the children of a row and calls itself for each child: one statement for every node of the tree.",
		Why:      "Eager loading helps one level only; a tree of n nodes costs n statements in sequence, because each level must be known before the next is asked for. Menus, comment threads and category trees grow with the business, and so does the request.",
		Cost:     "n x (T + q) -> d x (T + q) level by level, or one statement with a recursive query; n nodes, d levels",
		Fix:      "Read the tree in one recursive query (WITH RECURSIVE), or all nodes of the tree by a root id, or level by level with IN, and link children to parents in memory.",
		Wrong:    "The tree is one or two levels deep by design, or all of it is in memory already.",
		Category: "n-plus-1",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "def descendants\n  children.flat_map { |c| [c] + c.descendants }\nend",
			After:  "def descendants\n  by_parent = Category.where(root_id: root_id).group_by(&:parent_id)\n  ...\nend"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Proof:    "Count the statements of one call on a tree of known size: it must not be the number of nodes.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: WITH RECURSIVE", URL: "https://www.postgresql.org/docs/current/queries-with.html#QUERIES-WITH-RECURSIVE"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: check,
}

// up matches the columns that lead from a node to its parent.
var up = regexp.MustCompile(`(?i)(?:^|_|\.)parent(?:_?id)?$|parentId$`)

func check(p *rule.Pass) {
	queries := parentQueries(p.Flow)
	for _, f := range p.Files {
		if f.Tree == nil || n1.Quiet(f) {
			continue
		}
		for fn := range f.Tree.Root().Descendants(syntax.Func) {
			again := recursion(fn)
			if !again.Ok() {
				continue
			}
			at, how := childrenAsked(p, f, fn, queries)
			if !at.Ok() {
				continue
			}
			nodes := cost.Assume("n", 200, "nodes", "nodes of one tree")
			c := p.Cost.PerRow(nodes, 1, 1, "call")
			p.Report(rule.Finding{
				Title:      "Tree read one node at a time: " + fn.Str(),
				Claim:      fmt.Sprintf("`%s` asks for %s and calls itself for each: every node of the tree is a statement of its own.", fn.Str(), how),
				Primary:    rule.At(f, at, "the children of one node"),
				Secondary:  []rule.Place{rule.At(f, again, "calls itself")},
				Subject:    fn.Symbol(),
				Evidence:   1,
				Confidence: 0.7,
				Cost:       c,
				Fix:        report.Fix{Summary: "Read the whole tree in one recursive query or level by level, and link it in memory."},
			})
		}
	}
}

// recursion returns the call by which a function calls itself inside a loop.
func recursion(fn syntax.Ref) syntax.Ref {
	name := fn.Str()
	if name == "" {
		return syntax.Ref{}
	}
	for c := range fn.Descendants(syntax.Call) {
		if c.Str() != name || c.Receiver().Dotted() == "super" {
			continue
		}
		loop := c.Enclosing(syntax.For, syntax.Lambda, syntax.While)
		if loop.Ok() && loop.Inside(fn) {
			return c
		}
	}
	return syntax.Ref{}
}

// parentQueries returns the places of queries that look for rows by their parent, by file.
func parentQueries(r *flow.Result) map[*project.File][]flow.Site {
	out := map[*project.File][]flow.Site{}
	for _, q := range r.Queries {
		for _, x := range q.Filters {
			if x.Op == "=" && up.MatchString(x.Column) {
				for _, s := range q.Sites {
					out[s.File] = append(out[s.File], s)
				}
				break
			}
		}
	}
	for _, list := range out {
		sort.Slice(list, func(i, j int) bool { return list[i].Node.Start() < list[j].Node.Start() })
	}
	return out
}

// childrenAsked finds where the function asks for children: a relation of the model to itself, or a
// query by parent.
func childrenAsked(p *rule.Pass, f *project.File, fn syntax.Ref, queries map[*project.File][]flow.Site) (syntax.Ref, string) {
	for _, s := range queries[f] {
		if s.Node.Inside(fn) {
			return s.Node, "the rows below one parent"
		}
	}
	for n := range fn.Descendants(syntax.String) {
		if !sqlquery.LooksLikeSQL(n.Str()) {
			continue
		}
		st := sqlquery.Analyze(n.Str())
		for _, x := range st.Filters {
			if x.Op == sqlquery.Eq && up.MatchString(x.Column) && st.Kind == sqlquery.Select {
				return n, "the rows below one parent"
			}
		}
	}
	class := fn.Enclosing(syntax.Class)
	if !class.Ok() {
		return syntax.Ref{}, ""
	}
	m := p.Flow.Index.Model(class.Str(), f)
	if m == nil {
		return syntax.Ref{}, ""
	}
	for n := range fn.Descendants(syntax.Call, syntax.Member) {
		rel := p.Flow.Index.Relation(m, n.Str())
		if rel == nil || rel.Kind != flow.HasMany || p.Flow.Index.Model(rel.Target, rel.File) != m {
			continue
		}
		if r := n.Receiver(); !r.Ok() || r.Kind() == syntax.Self || r.Dotted() == "self" {
			return n, "its `" + rel.Name + "`"
		}
	}
	return syntax.Ref{}, ""
}
