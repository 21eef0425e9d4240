// Package unboundedload finds queries that load every matching row of a growing table into memory.
package unboundedload

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

// Rule is db.unbounded-load.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.unbounded-load",
		Title:    "Query without a limit on a growing table",
		Summary:  "A query loads every row of a growing table, or every row since some moment, into memory at once.",
		Why:      "The query is as fast as the table is small. Rows are read, sent, parsed and turned into objects all together, so memory and time grow with the table's age: on the day on which the result no longer fits, the process is killed in the middle of the request, starts again and gets the same request. A reader that was away and asks for everything since then gets the longest list when the system is already behind.",
		Cost:     "R x B -> k x B; R rows of the result, B bytes of one row as an object, k rows of one page",
		Fix:      "Bound the query: a page with a key to go on from (WHERE id > last ORDER BY id LIMIT k), or a stream in batches where all rows are needed.",
		Wrong:    "The table is small by its nature, or old rows are deleted so that it stays small. Tables without a time of creation and an owner, queries narrowed to one owner or one window of time, lists of keys and queries whose conditions are put together at run time are not reported.",
		Category: "unbounded-load",
		Examples: []rule.Example{{Lang: "typescript",
			Before: "await prisma.event.findMany({ where: { runId, createdAt: { gt: since } }, orderBy: { createdAt: \"asc\" } })",
			After:  "await prisma.event.findMany({ where: { runId, createdAt: { gt: since } }, orderBy: { createdAt: \"asc\" }, take: 1000 })"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Cliff:    "The result outgrows the memory of the process; every retry loads it again.",
		Proof:    "Run it against a table with 10 times the rows of today and look at the peak memory: it must not change.",
		Refs: []report.Reference{
			{Title: "Prisma: pagination", URL: "https://www.prisma.io/docs/orm/prisma-client/queries/pagination"},
			{Title: "Use The Index, Luke: paging through results", URL: "https://use-the-index-luke.com/sql/partial-results/fetch-next-page"},
			{Title: "Laravel: chunking results", URL: "https://laravel.com/docs/eloquent#chunking-results"},
		},
		Langs: []string{"typescript", "php"},
	},
	Project: check,
}

// crowd is the number of rows from which holding all of them as objects threatens a process: some
// hundred megabytes.
const crowd = 50_000

func check(p *rule.Pass) {
	seen := map[syntax.Ref]bool{}
	for _, r := range p.Flow.Queries {
		if !listing.Lists(r) {
			continue
		}
		at := r.Sites[len(r.Sites)-1] // where it was written
		if seen[at.Node] || n1.Quiet(at.File) || at.File.Role == project.Script {
			continue
		}
		seen[at.Node] = true
		if p.Cost.TableRows(r.Model.Table).Value < crowd || listing.Bounded(r) {
			continue
		}
		if grouped(at.Node) || counted(at.Node) {
			continue
		}
		t, grows := listing.Grows(p, r)
		if !grows {
			continue
		}
		shape, column := listing.ShapeOf(r, t)
		var claim string
		confidence := 0.75
		switch {
		case shape == listing.Since:
			claim = fmt.Sprintf("The query loads all rows of `%s` behind a moment of `%s`, and nothing bounds how many that are.", t.Name, column)
		case shape == listing.Whole && len(r.Filters) == 0 && !slim(r):
			claim = fmt.Sprintf("The query loads the whole table `%s` into memory.", t.Name)
		default:
			continue
		}
		f := rule.Finding{
			Title:      title(at, t.Name, shape),
			Claim:      claim,
			Primary:    rule.At(at.File, at.Node, "the query"),
			Subject:    t.Name,
			Table:      t.Name,
			Evidence:   1,
			Confidence: confidence,
			Fix:        report.Fix{Summary: "Bound the query and go on from the last row.", Behaviour: "At most 1,000 rows come back at a time: a caller that needs more must ask again from the last one."},
		}
		if r.Entry != "" {
			f.Evidence = 2
		}
		if oneoff.IsCommand(at.File) { // somebody watches it
			f.Severity = report.Low
		}
		if oneoff.Runs(at.File, at.Node) {
			f.Confidence = oneoff.Confidence
		}
		rows := p.Cost.TableRows(t.Name)
		rows.Name = "R"
		f.Cost = listing.Memory(p, rows, rate.ORMRowBytes, listing.Event(r.Entry))
		// An export that reads table after table is one thing to change.
		f.Cause = "unbounded-load:" + at.File.Path + "#" + at.Node.Symbol()
		bound(r, at, &f)
		p.Report(f)
	}
}

// title says where the rows are loaded.
func title(at flow.Site, table string, shape listing.Shape) string {
	if shape == listing.Since {
		return listing.Title(at.File, at.Node, "rows of `"+table+"` are loaded without a limit")
	}
	return listing.Title(at.File, at.Node, "all rows of `"+table+"` are loaded")
}

// counted reports a result of which only the number of rows is read: another query should be asked,
// but its size is no matter of a limit.
func counted(n syntax.Ref) bool {
	a := n.Parent()
	for a.Is(syntax.Await) {
		a = a.Parent()
	}
	name := a.Child(syntax.Target).Str()
	fn := n.Enclosing(syntax.Func, syntax.Lambda)
	if a.Kind() != syntax.Assign || name == "" || !fn.Ok() {
		return false
	}
	uses := 0
	for x := range fn.Descendants(syntax.Name) {
		if x.Str() != name || x.Role() == syntax.Target {
			continue
		}
		uses++
		switch c := x.Parent(); {
		case x.Role() == syntax.Arg && (c.Str() == "count" || c.Str() == "sizeof" || c.Str() == "empty"):
		case x.Role() == syntax.Receiver && (c.Str() == "count" || c.Str() == "isEmpty" || c.Str() == "isNotEmpty" || c.Str() == "length"):
		default:
			return false
		}
	}
	return uses > 0
}

// grouped reports whether a chain asks for figures instead of rows.
func grouped(n syntax.Ref) bool {
	for ; n.Ok(); n = n.Receiver() {
		switch n.Str() {
		case "selectRaw", "groupBy", "groupByRaw", "group", "having", "havingRaw", "selectSub", "select":
			return true
		}
	}
	return false
}

// slim reports whether only a key or two of each row are loaded.
func slim(r *flow.Root) bool { return len(r.Select) > 0 && len(r.Select) <= 2 }

// bound adds the limit to the options of a finder. Only where the rows come in a stated order does a
// page have a next one.
func bound(r *flow.Root, at flow.Site, f *rule.Finding) {
	if len(r.Orders) == 0 || r.Orders[0].Column == "" {
		return
	}
	word := ""
	switch {
	case r.Model.Framework == "prisma" && r.Terminal == "findMany", r.Model.Framework == "typeorm" && r.Terminal == "find":
		word = "take"
	case r.Model.Framework == "sequelize" && r.Terminal == "findAll", r.Model.Framework == "drizzle" && r.Terminal == "findMany":
		word = "limit"
	default:
		return
	}
	opt := at.Node.Arg(0)
	var last syntax.Ref
	for c := range opt.Children() {
		last = c
	}
	if opt.Kind() != syntax.Map || !last.Ok() {
		return
	}
	text := ", " + word + ": 1000"
	if opt.Line() != last.Line() { // one option a line
		src := at.File.Source()
		line := int(last.Start())
		for line > 0 && src[line-1] != '\n' {
			line--
		}
		indent := line
		for indent < int(last.Start()) && (src[indent] == ' ' || src[indent] == '\t') {
			indent++
		}
		text = ",\n" + string(src[line:indent]) + word + ": 1000"
	}
	f.Fix.Summary = "Add `" + word + ": 1000` and go on from the last row."
	f.Edits = []patch.Edit{{Path: at.File.Path, Start: int(last.End()), End: int(last.End()), New: text}}
}
