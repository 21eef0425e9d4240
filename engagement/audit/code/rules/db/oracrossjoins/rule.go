// Package oracrossjoins finds OR over columns of joined tables under DISTINCT.
package oracrossjoins

import (
	"fmt"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Rule is db.or-across-joins.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "db.or-across-joins",
		Title:   "OR over several joined tables, sorted out by DISTINCT",
		Summary: "A query joins two or more tables of many rows each, accepts a row when any of them matches, and removes the repetitions with DISTINCT.",
		Why: "No index serves a condition that may be met on either of two other tables: the database joins first and filters afterwards. Two joins to many rows each multiply: a row with a members and b invitations comes out a x b times, " +
			"and DISTINCT sorts or hashes all of that, with every column, to give back each row once.",
		Cost:     "R x a x b rows joined and sorted -> the matching rows (a, b: rows of each joined table for one row)",
		Fix:      "Ask for the ids by each condition on its own and take their UNION, or use EXISTS for each branch.",
		Wrong:    "The joined tables hold one or two rows for each row. Joins to a single row (a foreign key) are not counted.",
		Category: "or-across-joins",
		Examples: []rule.Example{{Lang: "python",
			Before: "Project.objects.filter(Q(members__user=u) | Q(invites__email=u.email)).distinct()",
			After:  "Project.objects.filter(Q(Exists(members_of(u))) | Q(Exists(invites_of(u))))"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Proof:    "EXPLAIN (ANALYZE) shows no node that returns more rows than the result, and no Unique or HashAggregate on top.",
		Refs: []report.Reference{
			{Title: "Django: spanning multi-valued relationships", URL: "https://docs.djangoproject.com/en/stable/topics/db/queries/#spanning-multi-valued-relationships"},
			{Title: "PostgreSQL: combining queries", URL: "https://www.postgresql.org/docs/current/queries-union.html"},
		},
		Langs: []string{"python", "sql"},
	},
	Project: func(p *rule.Pass) {
		for _, f := range p.Files {
			if f.Tree == nil || f.Role != project.App {
				continue
			}
			if f.Lang == "python" && p.Flow != nil && p.Flow.Index != nil {
				django(p, f)
			}
			for n := range f.Tree.Root().Descendants(syntax.String) {
				if text := n.Str(); len(text) > 60 && strings.Contains(strings.ToLower(text), "distinct") && sqlquery.LooksLikeSQL(text) {
					st := sqlquery.Analyze(text)
					st.Walk(func(s *sqlquery.Statement) { sql(p, f, n, s) })
				}
			}
		}
	},
}

// sql looks at one level of a statement.
func sql(p *rule.Pass, f *project.File, n syntax.Ref, s *sqlquery.Statement) {
	if !s.Distinct || len(s.Tables) < 3 || len(s.Aggregates) > 0 {
		return
	}
	tables := map[string]bool{}
	for _, x := range s.Filters {
		if !x.Or || x.Table == "" || x.Having {
			continue
		}
		ref := s.Table(x.Table)
		if ref == nil || ref.Join == "" {
			continue
		}
		tables[strings.ToLower(ref.Name)] = true
	}
	if len(tables) < 2 {
		return
	}
	if t, _ := p.Table(s.Tables[0].Name, f.Path); t == nil {
		return
	}
	found(p, f, n, s.Tables[0].Name, names(tables))
}

// django looks for filter(Q(a__x=..) | Q(b__y=..)).distinct() where a and b are relations to many rows.
func django(p *rule.Pass, f *project.File) {
	for c := range f.Tree.Root().Descendants(syntax.Call) {
		if c.Str() != "distinct" || !c.Receiver().Ok() {
			continue
		}
		for _, step := range c.Chain() {
			if step.Str() != "filter" && step.Str() != "exclude" || step.Kind() != syntax.Call {
				continue
			}
			m := modelOf(p, f, step)
			if m == nil {
				continue
			}
			for a := range step.All(syntax.Arg) {
				if a.Kind() != syntax.Binary || a.Str() != "|" {
					continue
				}
				relations := map[string]bool{}
				for q := range a.Descendants(syntax.Call) {
					if q.Str() != "Q" {
						continue
					}
					for pair := range q.All(syntax.Arg) {
						if first := manyOf(p, m, pair.Str()); pair.Kind() == syntax.Pair && first != "" {
							relations[first] = true
						}
					}
				}
				if len(relations) >= 2 {
					found(p, f, step, m.Name, names(relations))
				}
			}
		}
	}
}

// modelOf is the model whose rows a step of a query asks for.
func modelOf(p *rule.Pass, f *project.File, step syntax.Ref) *flow.Model {
	for _, r := range p.Flow.Queries {
		for _, s := range r.Sites {
			if s.File == f && r.Model != nil && (step.Inside(s.Node) || s.Node.Inside(step)) {
				return r.Model
			}
		}
	}
	return nil
}

// manyOf is the first relation to many rows on the path of a look-up ("members__user__id"), "" when
// there is none.
func manyOf(p *rule.Pass, m *flow.Model, lookup string) string {
	path := ""
	for _, word := range strings.Split(lookup, "__") {
		rel := p.Flow.Index.Relation(m, word)
		if rel == nil {
			return ""
		}
		path = flow.JoinPath(path, word)
		if rel.Kind.Many() {
			return path
		}
		if m = p.Flow.Index.Model(rel.Target, rel.File); m == nil {
			return ""
		}
	}
	return ""
}

func names(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func found(p *rule.Pass, f *project.File, n syntax.Ref, subject string, over []string) {
	list := "`" + strings.Join(over, "`, `") + "`"
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("%s is joined with %d tables for an OR", subject, len(over)),
		Claim:   fmt.Sprintf("The query of `%s` accepts a row when any of %s matches: it joins them all, multiplies their rows, and sorts the repetitions out again with DISTINCT.", subject, list),
		Primary: rule.At(f, n, ""), Subject: subject + " " + strings.Join(over, " "), Evidence: 1, Confidence: 0.65,
		Fix: report.Fix{
			Summary:   "Use EXISTS for each branch, or the UNION of the ids of each branch.",
			Behaviour: "The result is the same; no row comes twice, so DISTINCT is not needed.",
		},
	})
}
