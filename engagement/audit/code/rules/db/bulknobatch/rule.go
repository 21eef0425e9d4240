// Package bulknobatch finds bulk writes of lists that nothing bounds, without a batch size.
package bulknobatch

import (
	"fmt"

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

// Rule is db.bulk-no-batch.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.bulk-no-batch",
		Title:    "Bulk write without a batch size",
		Summary:  "A bulk write sends one statement for all rows of an unbounded list.",
		Why:      "The list becomes one statement: its text is built beside the list, sent, parsed and planned as a whole. A bulk update names each row in a CASE expression, which the database compares row by row, so the time grows with the square of the list. Past 65,535 bind variables the statement fails, and the locks of all rows are held until the last one is written.",
		Cost:     "R x B -> k x B of one statement: R rows of the list, B bytes of a row, k rows of a batch. The list itself stays in memory; locks of R rows are held together instead of k",
		Fix:      "Give a batch size of some hundred to a thousand rows.",
		Wrong:    "The list is bounded where the audit can not see it. Only lists that are built from all rows of an unbounded query of a table that grows are reported; lists of keys, lists that are flushed at a size, parameters whose callers can not be told and rows that the same run takes out of the query are not.",
		Category: "bulk-no-batch",
		Examples: []rule.Example{{Lang: "python",
			Before: "orders = list(Order.objects.filter(paid=True))\nfor o in orders:\n    o.total = total(o)\nOrder.objects.bulk_update(orders, [\"total\"])",
			After:  "Order.objects.bulk_update(orders, [\"total\"], batch_size=1000)"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "The statement fails once the list passes the limit of bind variables or of memory, and then always.",
		Proof:    "Run it with 100,000 rows and look at the statements: each must stay of one size.",
		Refs: []report.Reference{
			{Title: "Django: bulk_update", URL: "https://docs.djangoproject.com/en/stable/ref/models/querysets/#bulk-update"},
			{Title: "Django: bulk_create", URL: "https://docs.djangoproject.com/en/stable/ref/models/querysets/#bulk-create"},
			{Title: "PostgreSQL: limits", URL: "https://www.postgresql.org/docs/current/limits.html"},
		},
		Langs: []string{"python", "typescript"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	var t *listing.Tracer
	for _, f := range p.Files {
		if f.Tree == nil || n1.Quiet(f) {
			continue
		}
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			list := bulk(f, c)
			if !list.Ok() {
				continue
			}
			if t == nil {
				t = listing.NewTracer(p)
			}
			if from, ok := unbounded(p, t, f, c, list); ok {
				report1(p, f, c, from)
			}
		}
	}
}

// bulk returns the list that a call writes at once without a batch size.
func bulk(f *project.File, c syntax.Ref) syntax.Ref {
	switch f.Lang {
	case "python":
		if (c.Str() == "bulk_create" || c.Str() == "bulk_update") && c.Receiver().Ok() && !c.Keyword("batch_size").Ok() {
			if c.Str() == "bulk_create" && c.Arg(1).Ok() || c.Str() == "bulk_update" && c.Arg(2).Ok() { // given by position
				return syntax.Ref{}
			}
			for a := range c.All(syntax.Arg) {
				if a.Kind() == syntax.Splat {
					return syntax.Ref{}
				}
			}
			if k := c.Keyword("objs"); k.Ok() {
				return k
			}
			return c.Arg(0)
		}
	case "typescript", "tsx", "javascript":
		if c.Str() == "bulkCreate" && c.Receiver().Ok() && !c.Keyword("batchSize").Ok() || c.Str() == "insertMany" {
			return c.Arg(0)
		}
	}
	return syntax.Ref{}
}

// unbounded finds the query whose rows the list is made of: by the expression itself, or by a loop that
// appends to it.
func unbounded(p *rule.Pass, t *listing.Tracer, f *project.File, c, list syntax.Ref) (*flow.Root, bool) {
	for _, o := range t.Of(f, list) {
		if whole(o.Root) {
			return o.Root, true
		}
	}
	fn := c.Enclosing(syntax.Func, syntax.Lambda, syntax.File)
	if list.Kind() != syntax.Name {
		return nil, false
	}
	for loop := range fn.Descendants(syntax.For) {
		if loop.Has(syntax.FlagComprehension) || c.Inside(loop) { // written in the loop: the list is one turn's
			continue
		}
		appends := false
		for a := range loop.Child(syntax.Body).Descendants(syntax.Call) {
			if (a.Str() == "append" || a.Str() == "push" || a.Str() == "extend") && a.Receiver().Kind() == syntax.Name && a.Receiver().Str() == list.Str() {
				appends = true
			}
			if a.Str() == c.Str() || a.Str() == "clear" { // flushed in between
				return nil, false
			}
		}
		if flushed(loop, list.Str()) {
			return nil, false
		}
		if !appends {
			continue
		}
		for _, o := range t.Of(f, loop.Child(syntax.Iter)) {
			if whole(o.Root) {
				return o.Root, true
			}
		}
	}
	return nil, false
}

// flushed reports a loop that starts the list anew, or looks how long it has become.
func flushed(loop syntax.Ref, list string) bool {
	for n := range loop.Child(syntax.Body).Descendants(syntax.Assign, syntax.Binary) {
		switch n.Kind() {
		case syntax.Assign:
			if t := n.Child(syntax.Target); t.Kind() == syntax.Name && t.Str() == list {
				return true
			}
		case syntax.Binary:
			for side := range n.Children() {
				if side.Str() == "len" && side.Arg(0).Str() == list || side.Str() == "length" && side.Receiver().Str() == list {
					return true
				}
			}
		}
	}
	return false
}

// whole reports whether a query returns all rows of a table that match, without a bound.
func whole(r *flow.Root) bool {
	if r == nil || r.Model == nil || r.Model.Table == "" || r.Single || r.Limit > 0 || r.Owner != nil || r.Dynamic || writes[r.Terminal] || listing.Bounded(r) {
		return false
	}
	for _, f := range r.Filters {
		if f.Op == "=" && !small(f.Column) { // the rows of one owner
			return false
		}
	}
	return !r.Paged || r.Terminal == "iterator"
}

// writes are terminals whose rows are those that were written: they say nothing of where these come from.
var writes = map[string]bool{"bulk_create": true, "bulk_update": true, "bulkCreate": true, "insertMany": true, "createMany": true, "createManyAndReturn": true, "create": true}

// small reports whether a column has few values, so that equality leaves many rows.
func small(column string) bool {
	for _, s := range []string{"status", "state", "type", "kind", "active", "enabled", "deleted", "published"} {
		if len(column) >= len(s) && column[len(column)-len(s):] == s {
			return true
		}
	}
	return false
}

func report1(p *rule.Pass, f *project.File, c syntax.Ref, from *flow.Root) {
	if listing.Kept(p, from.Model) {
		return
	}
	site := from.Sites[0]
	written := target(p, f, c, from)
	find := rule.Finding{
		Title:      listing.Title(f, c, fmt.Sprintf("one %s for all rows of %s", c.Str(), from.Model.Name)),
		Claim:      fmt.Sprintf("`%s` writes %s in one statement, for a list that holds every row of `%s` that the query finds.", c.Str(), written, from.Model.Name),
		Primary:    rule.At(f, c, "the bulk write"),
		Secondary:  []rule.Place{rule.At(site.File, site.Node, "where the rows come from")},
		Subject:    from.Model.Name,
		Table:      from.Model.Table,
		Evidence:   1,
		Confidence: 0.75,
		Fix:        report.Fix{Summary: "Write in batches of 1,000.", Behaviour: "Several statements instead of one; they are still one transaction where the framework opens one for the call."},
	}
	if oneoff.Runs(f, c) {
		find.Confidence = oneoff.Confidence
	}
	rows := p.Cost.TableRows(from.Model.Table)
	rows.Name = "R"
	find.Cost = listing.Memory(p, rows, rate.PostgresRowBytes, "run")
	switch f.Lang {
	case "python":
		var last syntax.Ref
		for a := range c.All(syntax.Arg) {
			last = a
		}
		find.Fix.Summary = "Add `batch_size=1000`."
		find.Edits = []patch.Edit{{Path: f.Path, Start: int(last.End()), End: int(last.End()), New: ", batch_size=1000"}}
	}
	p.Report(find)
}

// target names the rows that a call writes: those of the model that it is called on, where that is told.
func target(p *rule.Pass, f *project.File, c syntax.Ref, from *flow.Root) string {
	root := c.Receiver()
	for root.Receiver().Ok() {
		root = root.Receiver()
	}
	if m := p.Flow.Index.Model(root.Str(), f); m != nil && m.Name == root.Str() {
		return "`" + m.Name + "`"
	}
	if c.Str() == "bulk_update" {
		return "`" + from.Model.Name + "`"
	}
	return "the rows"
}
