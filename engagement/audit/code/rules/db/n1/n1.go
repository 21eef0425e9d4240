// Package n1 turns the flow engine's loads into findings for the N+1 family of rules.
package n1

import (
	"fmt"
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Quiet reports whether nothing should be said about code in the file: tests, seeds and one-off
// migrations run once.
func Quiet(f *project.File) bool {
	switch f.Role {
	case project.Test, project.Seed, project.Migration, project.Vendored, project.Generated, project.Docs:
		return true
	}
	return false
}

// Relations reports groups of relations that a query should have loaded. keep chooses the touches
// that belong to the rule; a group without any is not reported.
func Relations(p *rule.Pass, keep func(*flow.Group) bool) {
	for _, g := range p.Flow.RelationGroups() {
		if Quiet(g.Site.File) || !keep(g) {
			continue
		}
		report1(p, g)
	}
}

func report1(p *rule.Pass, g *flow.Group) {
	model := "row"
	table := ""
	if g.Root.Model != nil {
		model, table = g.Root.Model.Name, g.Root.Model.Table
	}
	paths := g.Paths()
	f := rule.Finding{
		Title:      fmt.Sprintf("%s: %s loaded once per row", model, list(paths, 3)),
		Primary:    rule.At(g.Site.File, g.Site.Node, "the query"),
		Subject:    model,
		Parts:      paths,
		Table:      table,
		Evidence:   1,
		Confidence: 0.85,
	}
	limit, limitAt := 0, ""
	if g.Root.Limit > 0 {
		limit, limitAt = g.Root.Limit, fmt.Sprintf("limit in the query, %s:%d", g.Site.File.Path, g.Site.Node.Line())
	}
	statements := 0.0
	loops := map[syntax.Ref]bool{}
	for _, t := range g.Touches {
		statements++
		for i, l := range t.Loads {
			if i >= 3 {
				break
			}
			pl := rule.At(l.Site.File, l.Site.Node, fmt.Sprintf("reads `%s`", t.Path))
			f.Secondary = append(f.Secondary, pl)
			for _, tr := range l.Trace {
				if !tr.Node.Inside(g.Site.Node) && len(f.Secondary) < 24 {
					f.Secondary = append(f.Secondary, rule.At(tr.File, tr.Node, "on the way to it"))
				}
			}
			if l.Loop != nil && !loops[l.Loop.Site.Node] {
				loops[l.Loop.Site.Node] = true
				f.Secondary = append(f.Secondary, rule.At(l.Loop.Site.File, l.Loop.Site.Node, "the loop"))
			}
			if g.Root.Single && l.Rel != nil && i == 0 && g.Root.Limit == 0 {
				limit = 0
			}
		}
	}
	f.Cause = cause(p, g)
	for _, s := range g.Sites[1:] {
		if len(f.Secondary) < 48 {
			f.Secondary = append(f.Secondary, rule.At(s.File, s.Node, "part of the query"))
		}
	}
	if len(g.Entries) > 0 {
		f.Evidence = 2
	}
	if g.Site.File.Role == project.Script {
		f.Confidence = 0.5
	}
	var where string
	if len(g.Entries) > 0 {
		where = " in " + list(g.Entries, 2)
	}
	f.Claim = fmt.Sprintf("The query for `%s` does not load %s, and each row reads %s%s: %d more %s for every row.",
		model, list(quote(paths), 4), pronoun(len(paths)), where, len(g.Touches), statementWord(len(g.Touches)))
	if f.Evidence == 2 {
		event := "request"
		if strings.HasPrefix(g.Entries[0], "task ") || strings.HasPrefix(g.Entries[0], "search ") || strings.HasPrefix(g.Entries[0], "mail ") || strings.HasPrefix(g.Entries[0], "job ") {
			event = "run"
		}
		f.Cost = p.Cost.PerRow(p.Cost.Loop(limit, limitAt, table, g.Root.Paged), statements, statements, event)
	} else {
		f.Cost = p.Cost.PerRow(p.Cost.Loop(limit, limitAt, table, g.Root.Paged), statements, statements, "call")
	}
	fix(p, g, paths, &f)
	p.Report(f)
}

// cause names the relation that the group's rows have in common with others: queries of one model that
// all forget one relation are one habit, and a default or a scope can end them together.
func cause(p *rule.Pass, g *flow.Group) string {
	t := g.Touches[0]
	owner := ""
	if t.Rel != nil && t.Rel.File != nil {
		owner = t.Rel.File.Path
	}
	name := t.Path
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	return "relation:" + owner + "#" + name
}

// fix writes the preloading call where the framework can and the place allows it.
func fix(p *rule.Pass, g *flow.Group, paths []string, f *rule.Finding) {
	f.Fix.Summary = "Load " + list(quote(paths), 6) + " together with the rows."
	f.Fix.Behaviour = "One more statement for each relation and query instead of one for each row; the rows of the relations are held in memory together."
	w, ok := p.Flow.Framework(g.Root.Model).(flow.EagerWriter)
	if !ok {
		return
	}
	root := g.Root
	if root.Single {
		return // the relation of one row: where to preload is for a person to see
	}
	text, ok := w.EagerCall(root, paths)
	if !ok {
		return
	}
	f.Fix.Summary = "Add `" + strings.TrimPrefix(strings.TrimPrefix(text, "."), "->") + "` to the query."
	at := g.Site.Node
	if !proven(p, g) {
		return // what is returned here may be no relation: a person must find the place
	}
	// Preloading belongs before the call that runs the query.
	for runs[at.Str()] && at.Receiver().Ok() {
		at = at.Receiver()
	}
	if g.Site.File.Lang == "php" && at.Kind() != syntax.Call {
		return // a class: with() would have to be a static call
	}
	if !at.Is(syntax.Call, syntax.Member, syntax.Name) || g.Site.File.Tree == nil {
		return
	}
	if at.Kind() == syntax.Call && at.Child(syntax.BlockArg).Ok() {
		return
	}
	off := int(at.End())
	src := g.Site.File.Source()
	if off > len(src) || off == 0 {
		return
	}
	f.Edits = []patch.Edit{{Path: g.Site.File.Path, Start: off, End: off, New: text}}
}

// proven reports whether the text at the group's site is known to be a query of the group's model: it
// begins at the model's class, or at a relation, and not at a parameter (which other callers fill with
// other models) or at a call of which only the result is known.
func proven(p *rule.Pass, g *flow.Group) bool {
	n := g.Site.Node
	chain := n.Chain()
	root := chain[0]
	if root.Kind() == syntax.Name && root.Str() != "" && root.Str()[0] >= 'A' && root.Str()[0] <= 'Z' {
		m := p.Flow.Index.Model(root.Str(), g.Site.File)
		if m == nil {
			return false
		}
		if g.Site.Note == "query" {
			return true
		}
		// A call of the application's own: only a scope is sure to give a relation back.
		return p.Flow.Index.ScopeOf(m, n.Str()) != nil
	}
	if g.Site.Note != "query" {
		return false
	}
	if root.Kind() == syntax.Name {
		for fn := n.Enclosing(syntax.Func, syntax.Lambda); fn.Ok(); fn = fn.Enclosing(syntax.Func, syntax.Lambda) {
			for prm := range fn.All(syntax.ParamRole) {
				if prm.Str() == root.Str() {
					return false
				}
			}
		}
	}
	return true
}

// runs are the calls at the end of a chain behind which nothing can be preloaded any more.
var runs = map[string]bool{
	"find_each": true, "find_in_batches": true, "in_batches": true, "each": true, "to_a": true, "load": true,
	"get": true, "paginate": true, "simplePaginate": true, "cursorPaginate": true, "chunk": true, "chunkById": true, "cursor": true,
	"lazy": true, "lazyById": true, "eachById": true, "iterator": true, "fetchAll": true, "getResultList": true,
}

// Queries reports loads that are queries of their own: preloading does not end them.
func Queries(p *rule.Pass, kinds map[flow.EffectKind]bool, what func(l flow.Load) (title, claim, fixText string)) {
	type key struct {
		site syntax.Ref
		kind flow.EffectKind
	}
	seen := map[key]*rule.Finding{}
	var order []*rule.Finding
	for _, l := range p.Flow.Loads {
		if !kinds[l.Kind] || Quiet(l.Site.File) {
			continue
		}
		if l.Loop != nil && Quiet(l.Loop.Site.File) {
			continue
		}
		k := key{l.Site.Node, l.Kind}
		f := seen[k]
		if f == nil {
			title, claim, fixText := what(l)
			if title == "" {
				continue
			}
			f = &rule.Finding{
				Title: title, Claim: claim,
				Primary:    rule.At(l.Site.File, l.Site.Node, l.Site.Note),
				Subject:    subject(l),
				Evidence:   1,
				Confidence: 0.75,
				Fix:        report.Fix{Summary: fixText},
				Cause:      "folder:" + path.Dir(l.Site.File.Path),
			}
			if l.Site.File.Role == project.Script {
				f.Confidence = 0.45
			}
			if l.Loop != nil && !l.Loop.Over.Known() {
				// What is walked may be three rows or a configuration; a write there is the weakest claim.
				f.Confidence -= 0.2
				if l.Kind == flow.Write {
					f.Confidence -= 0.1
				}
			}
			table, limit, at := "", 0, ""
			if l.Root != nil && l.Root.Model != nil {
				table = l.Root.Model.Table
				if l.Root.Limit > 0 {
					limit, at = l.Root.Limit, "limit of the query that is walked"
				}
			}
			event := "call"
			if l.Entry != "" {
				f.Evidence, event = 2, "request"
			}
			rows := p.Cost.Loop(limit, at, table, false)
			if l.Kind == flow.Write {
				f.Cost = p.Cost.Writes(rows, event)
			} else {
				f.Cost = p.Cost.PerRow(rows, 1, 1, event)
			}
			seen[k] = f
			order = append(order, f)
		}
		if l.Loop != nil && len(f.Secondary) < 16 {
			f.Secondary = append(f.Secondary, rule.At(l.Loop.Site.File, l.Loop.Site.Node, "the loop"))
		}
		for _, tr := range l.Trace {
			if len(f.Secondary) < 16 {
				f.Secondary = append(f.Secondary, rule.At(tr.File, tr.Node, "called from here"))
			}
		}
		rows := l.Root
		if rows == nil && l.Loop != nil {
			rows = l.Loop.Over.Root
		}
		if rows != nil {
			for i, s := range rows.Sites {
				if i < 2 && len(f.Secondary) < 20 {
					f.Secondary = append(f.Secondary, rule.At(s.File, s.Node, "the rows come from here"))
				}
			}
		}
	}
	for _, f := range order {
		p.Report(*f)
	}
}

func subject(l flow.Load) string {
	if l.Query != nil && l.Query.Model != nil {
		return l.Query.Model.Name + " " + l.Path
	}
	return l.Path
}

// Titled appends the model that a load asks to a title, where it is known.
func Titled(title, model string) string {
	if model == "" {
		return title
	}
	return title + ": " + model
}

// ModelOf names the model that a load asks.
func ModelOf(l flow.Load) string {
	if l.Query != nil && l.Query.Model != nil {
		return l.Query.Model.Name
	}
	if l.Rel != nil && l.Rel.Target != "" {
		return l.Rel.Target
	}
	return ""
}

func quote(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = "`" + s + "`"
	}
	return out
}

func pronoun(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// list joins at most n words.
func list(words []string, n int) string {
	if len(words) > n {
		return strings.Join(words[:n], ", ") + fmt.Sprintf(" and %d more", len(words)-n)
	}
	if len(words) > 1 {
		return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
	}
	return strings.Join(words, "")
}

func statementWord(n int) string {
	if n == 1 {
		return "statement"
	}
	return "statements"
}
