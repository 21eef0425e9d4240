// Package unbatchedscan finds loops that load a whole growing table into memory to walk it once.
package unbatchedscan

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/oneoff"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.unbatched-scan.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.unbatched-scan",
		Title:    "Whole table loaded to walk it",
		Summary:  "A loop walks the rows of a query that nothing bounds, and all of them are loaded first.",
		Why:      "The driver reads the whole result and the ORM builds an object for each row before the first turn of the loop. Memory grows with the table: the job that ran for a year is killed one night, half done, and again on each retry. The statement also stays open, or its snapshot does, for as long as the loop runs.",
		Cost:     "R x B -> k x B; R rows, B bytes of one object, k rows of a batch",
		Fix:      "Walk the rows in batches by key: find_each in Rails, iterator() in Django, lazyById in Laravel.",
		Wrong:    "The rows are few by nature, or their order matters (batches go by primary key). Queries with a limit, with an order, with an equality on a key, a list of keys or a condition that picks, loops that keep every row in a list, and loops in views are not reported; seeds, installers and demo data stand in the appendix.",
		Category: "unbatched-scan",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "Dependency.where(unresolved_name: name).each do |dependency|",
			After:  "Dependency.where(unresolved_name: name).find_each do |dependency|"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "out of memory once the table outgrows the worker",
		Proof:    "The peak memory of the job no longer grows with the table.",
		Refs: []report.Reference{
			{Title: "Active Record Query Interface: retrieving multiple objects in batches", URL: "https://guides.rubyonrails.org/active_record_querying.html#retrieving-multiple-objects-in-batches"},
			{Title: "Django: iterator()", URL: "https://docs.djangoproject.com/en/stable/ref/models/querysets/#iterator"},
			{Title: "Laravel: streaming results lazily", URL: "https://laravel.com/docs/queries#streaming-results-lazily"},
		},
		Langs: []string{"ruby", "python", "php"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	seen := map[syntax.Ref]bool{}
	for _, r := range p.Flow.Queries {
		if !unbounded(p, r) {
			continue
		}
		for _, s := range r.Sites {
			if s.File == nil || s.File.Tree == nil || n1.Quiet(s.File) || s.File.Role == project.Template || strings.Contains(s.File.Path, "/views/") && s.File.Lang != "python" || strings.Contains(s.File.Path, "/helpers/") {
				continue
			}
			l, ok := loopOver(s.Node, s.File.Lang)
			if !ok || seen[l.node] || !works(l.body) || listing.Collected(l.node) {
				continue
			}
			seen[l.node] = true
			found(p, r, s, l)
			break
		}
	}
}

// unbounded reports whether nothing in the query keeps it small.
func unbounded(p *rule.Pass, r *flow.Root) bool {
	if r.Model == nil || r.Kind != flow.QueryRoot || r.Single || r.Limit > 0 || r.Paged || r.Dynamic || r.Owner != nil || len(r.Orders) > 0 || len(r.Select) > 0 || r.Distinct {
		return false
	}
	switch r.Terminal {
	case "", "get", "all", "each":
	default:
		return false
	}
	if !grows(r.Model) || listing.Kept(p, r.Model) || listing.Bounded(r) {
		return false
	}
	t, _ := p.Table(r.Model.Table, r.Model.File.Path)
	for _, f := range r.Filters {
		col := f.Column[strings.LastIndexByte(f.Column, '.')+1:]
		if f.Op != "=" {
			continue
		}
		if col == "id" || col == "pk" || strings.HasSuffix(col, "_id") || strings.HasSuffix(col, "_ids") {
			return false
		}
		if r.Model.Relations[col] != nil {
			return false
		}
		if t != nil {
			for _, ix := range t.Indexes {
				if ix.Unique && len(ix.Columns) == 1 && ix.Columns[0].Name == col {
					return false
				}
			}
		}
	}
	return true
}

// grows reports whether rows of the model come with use: they belong to rows of others.
func grows(m *flow.Model) bool {
	for _, rel := range m.Relations {
		if rel.Kind == flow.BelongsTo {
			return true
		}
	}
	return false
}

type loop struct {
	node, body, over syntax.Ref
	word             syntax.Ref // the call to each, when there is one
}

// loopOver returns the loop that walks an expression and does nothing else with it.
func loopOver(n syntax.Ref, lang string) (loop, bool) {
	p := n.Parent()
	switch {
	case lang == "ruby" && p.Kind() == syntax.Call && p.Str() == "each" && n.Role() == syntax.Receiver && p.Child(syntax.BlockArg).Ok():
		if p.Role() != syntax.Stmt && p.Role() != syntax.Body && p.Parent().Kind() != syntax.File {
			return loop{}, false // its value is used
		}
		return loop{node: p, body: p.Child(syntax.BlockArg), over: n, word: p}, true
	case lang == "python" && p.Kind() == syntax.For && n.Role() == syntax.Iter && !p.Has(syntax.FlagComprehension):
		return loop{node: p, body: p.Child(syntax.Body), over: n}, true
	case lang == "php" && p.Kind() == syntax.For && n.Role() == syntax.Iter:
		return loop{node: p, body: p.Child(syntax.Body), over: n}, true
	case lang == "php" && p.Kind() == syntax.Call && p.Str() == "each" && n.Role() == syntax.Receiver && p.Role() == syntax.Stmt:
		return loop{node: p, body: p.Block(), over: n, word: p}, true
	}
	return loop{}, false
}

// works reports whether a loop's body does something for each row beside collecting values.
func works(body syntax.Ref) bool {
	for c := range body.Descendants(syntax.Call, syntax.Assign) {
		if c.Kind() == syntax.Call && !collects[c.Str()] {
			return true
		}
		if c.Kind() == syntax.Assign && c.Child(syntax.Target).Kind() == syntax.Member {
			return true
		}
	}
	return false
}

var collects = map[string]bool{"append": true, "push": true, "<<": true, "add": true, "print": true, "puts": true, "str": true, "to_s": true, "int": true, "id": true, "name": true, "": true}

// crowd is the number of rows from which holding all of them as objects threatens a worker: some hundred
// megabytes.
const crowd = 50_000

func found(p *rule.Pass, r *flow.Root, s flow.Site, l loop) {
	f := rule.Finding{
		Title:      listing.Title(s.File, l.node, "all rows of "+r.Model.Name+" are loaded to walk them"),
		Claim:      fmt.Sprintf("The loop loads every matching row of `%s` into memory before its first turn, and nothing bounds them.", r.Model.Name),
		Primary:    rule.At(s.File, l.over, "the query"),
		Subject:    r.Model.Name,
		Table:      r.Model.Table,
		Cause:      "unbatched-scan:" + r.Model.Framework,
		Evidence:   1,
		Confidence: 0.75,
	}
	f.Secondary = []rule.Place{rule.At(s.File, l.node, "the loop")}
	event := "run"
	if r.Entry != "" {
		f.Evidence = 2
	}
	rows := p.Cost.TableRows(r.Model.Table)
	if rows.Value < crowd || oneoff.IsCommand(s.File) { // somebody watches it, or it can be started again
		f.Severity = report.Low
	}
	if oneoff.Runs(s.File, l.node) {
		f.Confidence = oneoff.Confidence
	}
	fix, edit := "", patch.Edit{Path: s.File.Path}
	off := int(l.over.End())
	switch {
	case s.File.Lang == "ruby":
		fix = "find_each"
		text := s.File.Text(l.over.End(), l.word.End())
		if i := strings.Index(text, "each"); i >= 0 {
			edit.Start, edit.End, edit.New = off+i, off+i+len("each"), "find_each"
		}
	case s.File.Lang == "python" && r.Model.Framework == "django":
		fix = "iterator()"
		if len(r.Eager) == 0 && l.over.Kind() == syntax.Call {
			edit.Start, edit.End, edit.New = off, off, ".iterator()"
		}
	case s.File.Lang == "python":
		fix = "yield_per"
	case s.File.Lang == "php":
		fix = "lazyById()"
		if l.over.Kind() == syntax.Call && (l.over.Str() == "get" || l.over.Str() == "all") && !l.over.Child(syntax.Arg).Ok() {
			text := s.File.NodeText(l.over)
			if i := strings.LastIndex(text, l.over.Str()); i >= 0 {
				edit.Start, edit.End, edit.New = int(l.over.Start())+i, int(l.over.Start())+i+len(l.over.Str()), "lazyById"
			}
		}
	}
	if edit.End > 0 {
		f.Edits = []patch.Edit{edit}
	}
	f.Cost = listing.Memory(p, rows, rate.ORMRowBytes, event)
	f.Fix.Summary = "Walk the rows in batches with `" + fix + "`."
	f.Fix.Behaviour = "Rows come in batches, ordered by primary key where the tool batches by it; rows that others add meanwhile may be met."
	p.Report(f)
}
