// Package inunbounded finds IN lists that are as long as the result of an unbounded query.
package inunbounded

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/oneoff"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.in-unbounded.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.in-unbounded",
		Title:    "IN list of unbounded length",
		Summary:  "The values of an IN list are the rows of another query that nothing bounds, so the list grows with the table.",
		Why:      "Each value of the list is a bind variable of the statement: a PostgreSQL or MySQL statement takes at most 65,535 of them, Prisma 32,767, SQLite 32,766, Oracle 1,000 in a list. One row more and the statement fails, every time, for the customer with the most data. Well before that parsing and planning grow with the list, and the ids travel from the database to the program and back for nothing.",
		Cost:     "R x b -> 0 per call: R values of the list, b bytes of each in both directions; the statement fails at the product's limit",
		Fix:      "Let the database make the list: a subquery or a join. Where the program needs the rows in between, do the work in batches of some thousand.",
		Wrong:    "The list can not grow, because something outside of the code bounds the rows. Lists that come from a page, a limit or a request, and reads that the client cuts into pieces by itself (Prisma), are not reported.",
		Category: "unbounded-in-list",
		Examples: []rule.Example{
			{Lang: "ruby", Before: "Comment.where(post_id: Post.where(draft: true).pluck(:id))", After: "Comment.where(post_id: Post.where(draft: true).select(:id))"},
			{Lang: "typescript", Before: "await prisma.media.deleteMany({ where: { id: { in: files.map((f) => f.id) } } });", After: "for (let i = 0; i < files.length; i += 10_000) {\n  const batch = files.slice(i, i + 10_000);\n  await prisma.media.deleteMany({ where: { id: { in: batch.map((f) => f.id) } } });\n}"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "The statement fails once the list passes the limit of bind variables, and then always.",
		Proof:    "Run it with 70,000 rows behind the list.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: limits", URL: "https://www.postgresql.org/docs/current/limits.html"},
			{Title: "SQLite: limits", URL: "https://www.sqlite.org/limits.html#max_variable_number"},
			{Title: "RuboCop Rails: PluckInWhere", URL: "https://docs.rubocop.org/rubocop-rails/cops_rails.html#railspluckinwhere"},
		},
		Langs: []string{"typescript", "ruby", "python"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	scripts(p)
	for _, f := range p.Files {
		if f.Tree == nil || n1.Quiet(f) {
			continue
		}
		switch f.Lang {
		case "ruby":
			plucked(p, f)
		case "python":
			listed(p, f)
		}
	}
}

// scripts looks at the IN conditions of TypeScript's data layers: where does the list come from?
func scripts(p *rule.Pass) {
	var tracer *listing.Tracer
	seen := map[syntax.Ref]bool{}
	for _, r := range p.Flow.Queries {
		if r.Model == nil || n1.Quiet(r.Site().File) {
			continue
		}
		switch r.Model.Framework {
		case "prisma":
			// The client cuts the lists of reads into pieces itself, and those of writes not.
			if !strings.HasSuffix(r.Terminal, "Many") && r.Terminal != "updateManyAndReturn" || r.Terminal == "findMany" || r.Terminal == "createMany" {
				continue
			}
		case "typeorm", "drizzle", "knex":
		default:
			continue // Sequelize writes the values into the text of the statement
		}
		for _, c := range r.Filters {
			if c.Op != "in" || seen[c.Site.Node] || !c.Site.Node.Ok() {
				continue
			}
			seen[c.Site.Node] = true
			list := listOf(c.Site.Node)
			if !list.Ok() || list.Kind() == syntax.List && !list.Child(syntax.Elem).Is(syntax.Splat) {
				continue
			}
			if tracer == nil {
				tracer = listing.NewTracer(p)
			}
			for _, o := range tracer.Of(c.Site.File, list) {
				if o.Root == r || !listing.Lists(o.Root) {
					continue
				}
				t, grows := listing.Grows(p, o.Root)
				if !grows {
					continue
				}
				if shape, _ := listing.ShapeOf(o.Root, t); shape == listing.Narrow {
					continue
				}
				report1(p, r, c, list, o)
				break
			}
		}
	}
}

// listOf is the expression of the values in id: { in: ids }, In(ids), inArray(t.id, ids), whereIn("id", ids).
func listOf(n syntax.Ref) syntax.Ref {
	switch n.Kind() {
	case syntax.Pair:
		v := n.Child(syntax.Value)
		switch v.Kind() {
		case syntax.Map:
			return v.Keyword("in")
		case syntax.Call:
			return v.Arg(0)
		}
		return v
	case syntax.Call:
		return n.Arg(1)
	}
	return syntax.Ref{}
}

func report1(p *rule.Pass, r *flow.Root, c flow.Filter, list syntax.Ref, o listing.Origin) {
	at := r.Sites[len(r.Sites)-1]
	from := o.Root.Sites[len(o.Root.Sites)-1]
	f := rule.Finding{
		Title:      listing.Title(at.File, at.Node, fmt.Sprintf("unbounded IN list on `%s.%s`", r.Model.Table, c.Column)),
		Claim:      fmt.Sprintf("The IN list on `%s.%s` holds a value for each row of `%s` that %s:%d returns, and that query has no limit.", r.Model.Table, c.Column, o.Root.Model.Table, from.File.Path, from.Node.Line()),
		Primary:    rule.At(at.File, at.Node, "the statement with the list"),
		Secondary:  []rule.Place{rule.At(from.File, from.Node, "the query without a limit")},
		Subject:    r.Model.Table + "." + c.Column,
		Table:      r.Model.Table,
		Columns:    []string{c.Column},
		Evidence:   1,
		Confidence: 0.8,
		Fix:        report.Fix{Summary: "Work in batches of 10,000.", Behaviour: "The rows are handled in several statements: a failure in between leaves the earlier batches done."},
		Cost:       p.Cost.Hold([]report.Input{cost.Assume("R x b", 2, "ms", "sending and parsing the list, some 50,000 values; the statement fails above 65,535 values")}, nil, "call"),
	}
	for _, s := range o.Steps {
		if len(f.Secondary) < 8 {
			f.Secondary = append(f.Secondary, rule.At(s.File, s.Node, "where the list comes from"))
		}
	}
	batches(at, list, &f)
	p.Report(f)
}

// batches wraps a statement of its own, whose result nobody reads, into a loop over slices of the list.
func batches(at flow.Site, list syntax.Ref, f *rule.Finding) {
	base := list
	for base.Kind() == syntax.Call && base.Str() == "map" {
		base = base.Receiver()
	}
	if base.Kind() != syntax.Name {
		return
	}
	stmt := at.Node
	for stmt.Parent().Is(syntax.Await) {
		stmt = stmt.Parent()
	}
	if stmt.Role() != syntax.Stmt || !stmt.Is(syntax.Await) || !stmt.Parent().Is(syntax.Block) {
		return
	}
	fn := stmt.Enclosing(syntax.Func, syntax.Lambda)
	for n := range fn.Descendants(syntax.Name) {
		if n.Str() == "batch" || n.Str() == "start" {
			return
		}
	}
	uses := 0
	for n := range stmt.Descendants(syntax.Name) {
		if n.Str() == base.Str() {
			uses++
		}
	}
	if uses != 1 {
		return
	}
	src := at.File.Source()
	line := int(stmt.Start())
	for line > 0 && src[line-1] != '\n' {
		line--
	}
	indent := string(src[line:stmt.Start()])
	if strings.TrimSpace(indent) != "" {
		return
	}
	end := int(stmt.End())
	if end < len(src) && src[end] == ';' {
		end++
	}
	body := string(src[stmt.Start():base.Start()]) + "batch" + string(src[base.End():end])
	body = strings.ReplaceAll(body, "\n", "\n  ")
	text := "for (let start = 0; start < " + base.Str() + ".length; start += 10_000) {\n" +
		indent + "  const batch = " + base.Str() + ".slice(start, start + 10_000);\n" +
		indent + "  " + body + "\n" + indent + "}"
	f.Edits = []patch.Edit{{Path: at.File.Path, Start: int(stmt.Start()), End: end, New: text}}
}

// plucked finds Model.where(x_id: Other.where(...).pluck(:id)).
func plucked(p *rule.Pass, f *project.File) {
	for c := range f.Tree.Root().Descendants(syntax.Call) {
		if c.Str() != "where" && c.Str() != "not" && c.Str() != "rewhere" {
			continue
		}
		for a := range c.All(syntax.Arg) {
			v := a.Child(syntax.Value)
			if a.Kind() != syntax.Pair || v.Kind() != syntax.Call || v.Str() != "pluck" && v.Str() != "ids" {
				continue
			}
			m := model(p, f, v.Receiver())
			if m == nil || v.Str() == "pluck" && (!v.Arg(0).Has(syntax.FlagSymbol) || v.Arg(1).Ok()) || limited(v) {
				continue
			}
			list(p, f, c, v, m, a.Str(), func(find *rule.Finding) {
				word := "pluck"
				text := "select"
				if v.Str() == "ids" {
					word, text = "ids", "select(:id)"
				}
				start := nameAt(f, v, word)
				if start > 0 {
					find.Edits = []patch.Edit{{Path: f.Path, Start: start, End: start + len(word), New: text}}
				}
			})
		}
	}
}

// nameAt is the offset of a method's name behind its receiver, 0 when it can not be told.
func nameAt(f *project.File, c syntax.Ref, word string) int {
	from := c.Receiver().End()
	i := strings.Index(f.Text(from, c.End()), word)
	if i < 0 {
		return 0
	}
	return int(from) + i
}

// model is the model that a chain of query methods starts at.
func model(p *rule.Pass, f *project.File, chain syntax.Ref) *flow.Model {
	root := chain
	for root.Receiver().Ok() {
		root = root.Receiver()
	}
	if root.Kind() != syntax.Name || root.Str() == "" || root.Str()[0] < 'A' || root.Str()[0] > 'Z' {
		return nil
	}
	if cls := p.Flow.Index.Class(root.Str(), f); cls != nil {
		return cls.Model
	}
	return nil
}

// limited reports whether a chain says how many rows it takes.
func limited(c syntax.Ref) bool {
	for n := c; n.Ok(); n = n.Receiver() {
		switch n.Str() {
		case "limit", "first", "last", "take", "page", "paginate", "per", "offset", "distinct", "group", "includes", "eager_load", "find_in_batches", "in_batches":
			return true
		}
		if n.Kind() == syntax.Index { // qs[:10]
			return true
		}
	}
	return false
}

// listed finds filter(x__in=list(Other.objects.filter(...).values_list("id", flat=True))).
func listed(p *rule.Pass, f *project.File) {
	for c := range f.Tree.Root().Descendants(syntax.Call) {
		if c.Str() != "filter" && c.Str() != "exclude" && c.Str() != "get" {
			continue
		}
		for a := range c.All(syntax.Arg) {
			v := a.Child(syntax.Value)
			if a.Kind() != syntax.Pair || !strings.HasSuffix(a.Str(), "__in") || v.Kind() != syntax.Call || v.Receiver().Ok() || v.Str() != "list" && v.Str() != "set" {
				continue
			}
			qs := v.Arg(0)
			if qs.Kind() != syntax.Call || qs.Str() != "values_list" && qs.Str() != "values" || !isTrue(qs.Keyword("flat")) || limited(qs) {
				continue
			}
			m := model(p, f, qs)
			if m == nil {
				continue
			}
			list(p, f, c, v, m, strings.TrimSuffix(a.Str(), "__in"), func(find *rule.Finding) {
				find.Edits = []patch.Edit{
					{Path: f.Path, Start: int(v.Start()), End: int(qs.Start()), New: ""},
					{Path: f.Path, Start: int(qs.End()), End: int(v.End()), New: ""},
				}
			})
		}
	}
}

func isTrue(n syntax.Ref) bool { return n.Kind() == syntax.Bool && strings.EqualFold(n.Str(), "true") }

func list(p *rule.Pass, f *project.File, c, v syntax.Ref, m *flow.Model, column string, edit func(*rule.Finding)) {
	if listing.Kept(p, m) {
		return
	}
	find := rule.Finding{
		Title:      listing.Title(f, v, "keys of "+m.Name+" are loaded for an IN list"),
		Claim:      fmt.Sprintf("The keys of all matching rows of `%s` are loaded into the program only to be sent back as the IN list on `%s`: a subquery does it in the database.", m.Name, column),
		Primary:    rule.At(f, v, "loads the list"),
		Secondary:  []rule.Place{rule.At(f, c, "sends it back")},
		Subject:    m.Name + " in " + column,
		Table:      m.Table,
		Evidence:   1,
		Confidence: 0.85,
		Fix:        report.Fix{Summary: "Pass the query itself: it becomes a subquery.", Behaviour: "One statement instead of two. Both read the same moment of the database."},
		Cost:       p.Cost.Hold([]report.Input{p.Cost.RTT(), p.Cost.Statement()}, nil, "call"),
	}
	if oneoff.Runs(f, v) {
		find.Confidence = oneoff.Confidence
	}
	edit(&find)
	p.Report(find)
}
