// Package loadforids finds rows that are loaded as objects only to read one column of them.
package loadforids

import (
	"fmt"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.load-for-ids.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.load-for-ids",
		Title:    "Whole rows loaded for one column",
		Summary:  "A query loads whole rows and builds objects of them, and all that is read is their id or one other column.",
		Why:      "The database reads and sends every column, wide texts and documents included, and the program builds an object with change tracking for each row, which costs many times what the value itself does. An index could have answered the query alone when only its column were asked for.",
		Cost:     "R x B -> R x v; R rows, B bytes of a row as an object, v bytes of the value",
		Fix:      "Ask for the column: pluck, values_list, select.",
		Wrong:    "The objects are used elsewhere, or the attribute is computed by the model and no column. Only chains whose rows go nowhere else are reported, and only for columns of the table.",
		Category: "over-fetch",
		Examples: []rule.Example{
			{Lang: "ruby", Before: "Post.where(draft: true).map(&:id)", After: "Post.where(draft: true).pluck(:id)"},
			{Lang: "python", Before: "ids = [p.id for p in Post.objects.filter(draft=True)]", After: "ids = list(Post.objects.filter(draft=True).values_list(\"id\", flat=True))"},
			{Lang: "typescript", Before: "const posts = await prisma.post.findMany({ where: { draft: true } });\nreturn posts.map((p) => p.id);", After: "const posts = await prisma.post.findMany({ where: { draft: true }, select: { id: true } });\nreturn posts.map((p) => p.id);"}},
		Severity: report.Low,
		Effort:   report.OneLine,
		Proof:    "Look at the statement: it must name the column instead of *.",
		Refs: []report.Reference{
			{Title: "Rails: pluck", URL: "https://api.rubyonrails.org/classes/ActiveRecord/Calculations.html#method-i-pluck"},
			{Title: "Django: values_list", URL: "https://docs.djangoproject.com/en/stable/ref/models/querysets/#values-list"},
			{Title: "Prisma: select fields", URL: "https://www.prisma.io/docs/orm/prisma-client/queries/select-fields"},
		},
		Langs: []string{"ruby", "python", "php", "typescript"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	prisma(p)
	for _, f := range p.Files {
		if f.Tree == nil || n1.Quiet(f) || f.Role == project.Script {
			continue
		}
		switch f.Lang {
		case "ruby":
			mapped(p, f)
		case "python":
			comprehended(p, f)
		case "php":
			plucked(p, f)
		}
	}
}

// column reports whether an attribute of a model is a column of its table.
func column(p *rule.Pass, m *flow.Model, name string, f *project.File) bool {
	if m == nil || m.Table == "" {
		return false
	}
	t, _ := p.Table(m.Table, f.Path)
	return t != nil && (t.Column(name) != nil || t.Column(m.Columns[name]) != nil)
}

func say(p *rule.Pass, f *project.File, n syntax.Ref, m *flow.Model, col, fix string, edits ...patch.Edit) {
	if listing.Kept(p, m) {
		return
	}
	c := p.Cost.Memory(p.Cost.Loop(0, "", m.Table, false), 0, rate.ORMRowBytes, "call")
	p.Report(rule.Finding{
		Title:      listing.Title(f, n, fmt.Sprintf("rows of %s are loaded for `%s` alone", m.Name, col)),
		Claim:      fmt.Sprintf("Whole rows of `%s` are loaded and turned into objects, and only `%s` of them is read.", m.Name, col),
		Primary:    rule.At(f, n, "loads the rows"),
		Subject:    m.Name + "." + col,
		Table:      m.Table,
		Evidence:   1,
		Confidence: 0.85,
		Cause:      "load-for-column:" + m.Framework,
		Fix:        report.Fix{Summary: fix, Behaviour: "The same values come back. No objects are built: callbacks of loading a row do not run."},
		Edits:      edits,
		Cost:       c,
	})
}

var rubyQueries = map[string]bool{"where": true, "all": true, "joins": true, "order": true, "limit": true, "not": true, "distinct": true, "left_joins": true, "merge": true}

// mapped finds Model.where(...).map(&:id).
func mapped(p *rule.Pass, f *project.File) {
	for c := range f.Tree.Root().Descendants(syntax.Call) {
		if c.Str() != "map" && c.Str() != "collect" {
			continue
		}
		b := c.Child(syntax.BlockArg)
		if !b.Has(syntax.FlagBlockPass) {
			continue
		}
		col := b.Child(syntax.Body).Str()
		recv := c.Receiver()
		if recv.Kind() != syntax.Call || !rubyQueries[recv.Str()] {
			continue
		}
		chain := recv.Chain()
		root := chain[0]
		if root.Kind() != syntax.Name || root.Str() == "" || root.Str()[0] < 'A' || root.Str()[0] > 'Z' {
			continue
		}
		plain := true
		for _, s := range chain[1:] {
			plain = plain && rubyQueries[s.Str()] && !s.Child(syntax.BlockArg).Ok()
		}
		cls := p.Flow.Index.Class(root.Str(), f)
		if !plain || cls == nil || cls.Model == nil || !column(p, cls.Model, col, f) {
			continue
		}
		if cls.Model.Class != nil && p.Flow.Index.LookupMethod(cls.Model.Class, col, false) != nil {
			continue // the model answers it itself
		}
		start := recv.End()
		say(p, f, c, cls.Model, col, "Use `pluck(:"+col+")`.",
			patch.Edit{Path: f.Path, Start: int(start), End: int(c.End()), New: ".pluck(:" + col + ")"})
	}
}

// comprehended finds [x.id for x in Model.objects.filter(...)].
func comprehended(p *rule.Pass, f *project.File) {
	for c := range f.Tree.Root().Descendants(syntax.For) {
		if !c.Has(syntax.FlagComprehension) || c.Child(syntax.Cond).Ok() || f.Text(c.Start(), c.Start()+1) != "[" {
			continue
		}
		target, body, iter := c.Child(syntax.Target), c.Child(syntax.Body), c.Child(syntax.Iter)
		if target.Kind() != syntax.Name || body.Kind() != syntax.Member || body.Receiver().Kind() != syntax.Name || body.Receiver().Str() != target.Str() || iter.Kind() != syntax.Call {
			continue
		}
		m := manager(p, f, iter)
		col := body.Str()
		if m == nil || col != "pk" && !column(p, m, col, f) {
			continue
		}
		say(p, f, c, m, col, "Use `values_list(\""+col+"\", flat=True)`.",
			patch.Edit{Path: f.Path, Start: int(c.Start()), End: int(iter.Start()), New: "list("},
			patch.Edit{Path: f.Path, Start: int(iter.End()), End: int(c.End()), New: ".values_list(\"" + col + "\", flat=True))"})
	}
}

// manager is the model of Model.objects.filter(...), nil for any other chain.
func manager(p *rule.Pass, f *project.File, chain syntax.Ref) *flow.Model {
	for n := chain; n.Ok(); n = n.Receiver() {
		switch n.Str() {
		case "objects":
			cls := p.Flow.Index.Class(n.Receiver().Str(), f)
			if n.Receiver().Kind() != syntax.Name || cls == nil || cls.Model == nil || cls.Model.Framework != "django" {
				return nil
			}
			return cls.Model
		case "filter", "exclude", "all", "order_by", "distinct":
		default:
			return nil
		}
	}
	return nil
}

// plucked finds Model::where(...)->get()->pluck('id').
func plucked(p *rule.Pass, f *project.File) {
	for c := range f.Tree.Root().Descendants(syntax.Call) {
		get := c.Receiver()
		if c.Str() != "pluck" || c.Arg(0).Kind() != syntax.String || get.Kind() != syntax.Call || get.Str() != "get" || get.Child(syntax.Arg).Ok() || !get.Receiver().Ok() {
			continue
		}
		root := get
		eager := false
		for root.Receiver().Ok() {
			root = root.Receiver()
			eager = eager || root.Str() == "with"
		}
		cls := p.Flow.Index.Class(root.Str(), f)
		col := c.Arg(0).Str()
		if root.Kind() != syntax.Name || eager || cls == nil || cls.Model == nil || !column(p, cls.Model, col, f) {
			continue
		}
		say(p, f, c, cls.Model, col, "Pluck in the query.", patch.Edit{Path: f.Path, Start: int(get.Receiver().End()), End: int(get.End()), New: ""})
	}
}

// prisma finds const rows = await prisma.x.findMany(...) of which only rows.map((r) => r.id) is used.
func prisma(p *rule.Pass) {
	seen := map[syntax.Ref]bool{}
	for _, r := range p.Flow.Queries {
		if r.Model == nil || r.Model.Framework != "prisma" || r.Terminal != "findMany" || len(r.Eager) > 0 || len(r.Select) > 0 {
			continue
		}
		at := r.Sites[len(r.Sites)-1]
		opt := at.Node.Arg(0)
		if seen[at.Node] || n1.Quiet(at.File) || opt.Ok() && opt.Kind() != syntax.Map || spread(opt) {
			continue
		}
		seen[at.Node] = true
		a := at.Node.Parent().Parent()
		name := a.Child(syntax.Target)
		if at.Node.Parent().Kind() != syntax.Await || a.Kind() != syntax.Assign || name.Kind() != syntax.Name {
			continue
		}
		cols := columnsRead(a, name.Str())
		if len(cols) == 0 || len(cols) > 2 || len(cols) >= len(r.Model.Columns) {
			continue
		}
		known := true
		for _, c := range cols {
			known = known && r.Model.Columns[c] != ""
		}
		if !known {
			continue
		}
		text := "select: { " + strings.Join(cols, ": true, ") + ": true }"
		var edit patch.Edit
		var last syntax.Ref
		for x := range opt.Children() {
			last = x
		}
		switch {
		case last.Ok():
			edit = patch.Edit{Path: at.File.Path, Start: int(last.End()), End: int(last.End()), New: ", " + text}
		case opt.Ok():
			edit = patch.Edit{Path: at.File.Path, Start: int(opt.Start()), End: int(opt.End()), New: "{ " + text + " }"}
		default:
			edit = patch.Edit{Path: at.File.Path, Start: int(at.Node.End()) - 1, End: int(at.Node.End()) - 1, New: "{ " + text + " }"}
		}
		say(p, at.File, at.Node, r.Model, strings.Join(cols, ", "), "Add `"+text+"`.", edit)
	}
}

func spread(opt syntax.Ref) bool {
	for c := range opt.Children() {
		if c.Kind() != syntax.Pair || c.Str() == "select" || c.Str() == "include" || c.Str() == "omit" {
			return true
		}
	}
	return false
}

// columnsRead returns the attributes read of a list's elements when every use of the variable is
// rows.map((r) => r.x) or rows.length; nil otherwise.
func columnsRead(assign syntax.Ref, name string) []string {
	fn := assign.Enclosing(syntax.Func, syntax.Lambda)
	if !fn.Ok() {
		return nil
	}
	set := map[string]bool{}
	for n := range fn.Child(syntax.Body).Descendants(syntax.Name) {
		if n.Str() != name || n.Role() == syntax.Target && n.Parent() == assign {
			continue
		}
		use := n.Parent()
		switch {
		case use.Kind() == syntax.Member && use.Str() == "length" && n.Role() == syntax.Receiver:
		case use.Kind() == syntax.Call && use.Str() == "map" && n.Role() == syntax.Receiver:
			l := use.Arg(0)
			param, body := l.Child(syntax.ParamRole), l.Child(syntax.Body)
			if l.Kind() != syntax.Lambda || body.Kind() != syntax.Member || body.Receiver().Kind() != syntax.Name || body.Receiver().Str() != param.Str() || param.Str() == "" {
				return nil
			}
			set[body.Str()] = true
		default:
			return nil
		}
	}
	out := make([]string, 0, len(set))
	for c := range set {
		out = append(out, c)
	}
	sort.Strings(out)
	return out
}
