// Package unbatchedmutation finds retention jobs that delete or update all old rows in one statement.
package unbatchedmutation

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/callers"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/oneoff"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Rule is db.unbatched-mutation.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.unbatched-mutation",
		Title:    "Old rows deleted or updated in one statement",
		Summary:  "A DELETE or UPDATE is bounded by nothing but a point in time, and no other key narrows it.",
		Why:      "The statement runs in one transaction for as long as the backlog is large: every row it touched stays locked, vacuum can not clean behind it, replicas apply it as one piece and fall behind, and a cancel rolls all of it back. It is quick for months and then meets the first large backlog. Django loads every row before it deletes a queryset as soon as a delete signal has a receiver or other rows hang on the model: then the backlog is held in memory, too.",
		Cost:     "N / D seconds in one transaction; N rows that match, D rows deleted a second. By a schedule N is what one period brings; the first run, or the one after a stop, meets all",
		Fix:      "Delete in batches of a few thousand by primary key, each in a transaction of its own, until none is left; for append-only tables drop partitions instead.",
		Wrong:    "The table is small, or the job runs so often that few rows match. Statements that also name an owner, an id or a limit are not reported, nor are lists that people keep by hand; what a schedule starts is of low severity.",
		Category: "unbatched-mutation",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "Event.where(\"created_at < ?\", 90.days.ago).delete_all",
			After:  "Event.where(\"created_at < ?\", 90.days.ago).in_batches(of: 5_000).delete_all"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "The first large backlog locks the table's old rows for minutes and holds replicas back.",
		Proof:    "The longest transaction of the job in pg_stat_activity, and replica lag while it runs.",
		Refs: []report.Reference{
			{Title: "Active Record: in_batches", URL: "https://api.rubyonrails.org/classes/ActiveRecord/Batches.html#method-i-in_batches"},
			{Title: "PostgreSQL: table partitioning", URL: "https://www.postgresql.org/docs/current/ddl-partitioning.html"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "go", "java"},
	},
	Project: func(p *rule.Pass) {
		c := &collector{Pass: p}
		for _, f := range p.Files {
			switch f.Role {
			case project.Test, project.Generated, project.Vendored, project.Docs, project.Seed, project.Migration:
				continue
			}
			if f.Tree != nil && langs[f.Lang] {
				check(c, f)
			}
		}
		c.report()
	},
}

var langs = map[string]bool{"ruby": true, "python": true, "php": true, "typescript": true, "tsx": true, "javascript": true, "go": true, "java": true}

// collector gathers the findings of all files, so that a job which purges many tables is one thing to
// change, and so are a job and a command that purge the same one.
type collector struct {
	*rule.Pass
	found []rule.Finding
}

// report folds what shares a file or a table, over any number of steps.
func (c *collector) report() {
	parent := map[string]string{}
	var root func(string) string
	root = func(k string) string {
		if p, ok := parent[k]; ok && p != k {
			return root(p)
		}
		return k
	}
	for _, f := range c.found {
		a, b := root("file:"+f.Primary.File.Path), root("table:"+f.Table)
		parent[max(a, b)] = min(a, b) // the name does not depend on the order
	}
	for _, f := range c.found {
		f.Cause = root("table:" + f.Table)
		c.Report(f)
	}
}

// aged matches the columns that retention goes by.
var aged = regexp.MustCompile(`(?i)(?:_at|_on|_date|_time|timestamp|created|updated|expires?|expiry|expired|logged|date|time|seen|since|At)$`)

func check(p *collector, f *project.File) {
	for n := range f.Tree.Root().Descendants(syntax.Call, syntax.String) {
		if n.Kind() == syntax.String {
			statement(p, f, n)
			continue
		}
		chain(p, f, n)
	}
}

// statement looks at SQL in a string.
func statement(p *collector, f *project.File, n syntax.Ref) {
	s := strings.ToUpper(n.Str())
	if !strings.Contains(s, "DELETE FROM") || !sqlquery.LooksLikeSQL(n.Str()) || n.Enclosing(syntax.Call).Kind() != syntax.Call {
		return
	}
	st := sqlquery.Analyze(n.Str())
	if st.Kind != sqlquery.Delete || st.HasLimit || len(st.Subqueries) > 0 || len(st.Tables) != 1 || st.Dynamic || !onlyAge(st.Filters) {
		return
	}
	emit(p, f, n, st.Tables[0].Name, "DELETE", "")
}

// onlyAge reports whether the only narrowing condition is an upper bound on a time.
func onlyAge(filters []sqlquery.Filter) bool {
	age := false
	for _, x := range filters {
		switch {
		case x.Op == sqlquery.Range && aged.MatchString(x.Column):
			age = true
		case x.Op == sqlquery.IsNull || x.Op == sqlquery.NotNull || x.Op == sqlquery.Truth || x.Op == sqlquery.Ne:
		case x.Op == sqlquery.Eq && x.Value == sqlquery.Literal: // a status: narrows little
		default:
			return false
		}
	}
	return age
}

// terminals of the ORMs that delete or update all rows of a query at once.
var terminals = map[string]bool{"delete_all": true, "destroy_all": true, "delete": true, "_raw_delete": true, "deleteMany": true, "update_all": true}

func chain(p *collector, f *project.File, n syntax.Ref) {
	if !terminals[n.Str()] || !n.Receiver().Ok() {
		return
	}
	switch {
	case n.Str() == "deleteMany":
		where := n.Arg(0).Keyword("where")
		if where.Kind() != syntax.Map || !prismaAge(where) {
			return
		}
		emit(p, f, n, n.Receiver().Str(), n.Str(), "")
		return
	case n.Str() == "delete" && f.Lang == "ruby":
		return // one row
	case n.Str() == "delete" && len(n.Args()) > 0:
		return
	}
	age, model := false, ""
	for _, l := range statements(n) {
		switch l.Str() {
		case "limit", "in_batches", "find_in_batches", "take", "chunk", "chunkById", "first", "last", "lazy", "iterator", "each_batch", "onlyTrashed":
			return
		}
		if l.Kind() == syntax.Name {
			if model == "" || l.Str()[0] >= 'A' && l.Str()[0] <= 'Z' {
				model = l.Str()
			}
			continue
		}
		if l.Kind() != syntax.Call {
			continue
		}
		switch l.Str() {
		case "exclude": // takes some out
		case "where", "filter", "whereDate", "whereNot":
			a, ok := ageOf(l)
			if !ok {
				return
			}
			age = age || a
		case "all", "unscoped", "query", "withTrashed", "order", "orderBy", "not", "newQuery", "objects", "using", "_raw_delete", "whereNull", "whereNotNull":
		default:
			return // a relation, a scope, something that may narrow it
		}
	}
	if !age || model == "" || model[0] < 'A' || model[0] > 'Z' {
		return
	}
	text := ""
	if f.Lang == "ruby" && (n.Str() == "delete_all" || n.Str() == "destroy_all" || n.Str() == "update_all") {
		text = ".in_batches(of: 5_000)"
	}
	emit(p, f, n, model, n.Str(), text)
}

// statements are the links of the chain in front of a terminal, and of the assignments that made the
// variable it stands on, in the order in which they run: qs = X.objects.filter(...), qs = qs.exclude(...),
// qs.delete().
func statements(n syntax.Ref) []syntax.Ref {
	links := n.Chain()
	links = links[:len(links)-1]
	if len(links) == 0 || links[0].Kind() != syntax.Name || links[0].Str() == "" || upper(links[0].Str()) {
		return links
	}
	name := links[0].Str()
	fn := n.Enclosing(syntax.Func, syntax.File)
	var made []syntax.Ref
	for a := range fn.Descendants(syntax.Assign) {
		if a.Start() > n.Start() || a.Child(syntax.Target).Str() != name || a.Child(syntax.Target).Kind() != syntax.Name || a.Child(syntax.Value).Kind() != syntax.Call {
			continue
		}
		chain := a.Child(syntax.Value).Chain()
		if len(chain) == 0 || chain[0].Kind() != syntax.Name {
			return nil
		}
		if chain[0].Str() != name { // made anew
			made = nil
		}
		made = append(made, chain...)
	}
	return append(made, links[1:]...)
}

func upper(name string) bool { return name[0] >= 'A' && name[0] <= 'Z' }

// ageOf reads one condition: age tells that it bounds a time from above, ok that nothing in it narrows
// the rows otherwise.
func ageOf(call syntax.Ref) (age, ok bool) {
	args := call.Args()
	if len(args) == 0 {
		return false, true
	}
	if first := args[0]; first.Kind() == syntax.String && !first.Has(syntax.FlagSymbol) {
		if len(args) >= 2 && args[1].Kind() == syntax.String && strings.HasPrefix(args[1].Str(), "<") { // Laravel: where('created_at', '<', $x)
			return aged.MatchString(first.Str()), aged.MatchString(first.Str())
		}
		st := sqlquery.AnalyzeWhere(first.Str())
		if len(st.Filters) == 0 {
			return false, false
		}
		return onlyAge(st.Filters), onlyAge(st.Filters)
	}
	for _, a := range args {
		if a.Kind() != syntax.Pair {
			return false, false
		}
		name, lookup, has := strings.Cut(a.Str(), "__")
		v := a.Child(syntax.Value)
		switch {
		case has && (lookup == "lt" || lookup == "lte") && aged.MatchString(name):
			age = true
		case aged.MatchString(a.Str()) && v.Kind() == syntax.Binary && strings.HasPrefix(v.Str(), ".."):
			age = true
		case v.Is(syntax.Bool, syntax.Nil):
		default:
			return false, false
		}
	}
	return age, true
}

func prismaAge(where syntax.Ref) bool {
	age := false
	for pair := range where.Children() {
		v := pair.Child(syntax.Value)
		switch {
		case v.Kind() == syntax.Map && aged.MatchString(pair.Str()) && (v.Keyword("lt").Ok() || v.Keyword("lte").Ok()):
			age = true
		case v.Is(syntax.Bool, syntax.Nil, syntax.String):
		default:
			return false
		}
	}
	return age
}

// batch is how many rows a patch deletes at a time.
const batch = 5000

func emit(p *collector, f *project.File, n syntax.Ref, name, verb, batches string) {
	var m *flow.Model
	table := name
	if p.Flow != nil && p.Flow.Index != nil {
		if m = p.Flow.Index.Model(name, f); m == nil {
			m = p.Flow.Index.Model(strings.ToUpper(name[:1])+name[1:], f)
		}
	}
	if m != nil && m.Table != "" {
		table = m.Table
	}
	if m != nil && listing.Kept(p.Pass, m) || !p.Grows(table) {
		return
	}
	changed := "deleted"
	if strings.HasPrefix(strings.ToLower(verb), "update") {
		changed = "updated"
	}
	title := fmt.Sprintf("old rows of `%s` are %s in one statement", table, changed)
	claim := fmt.Sprintf("The statement takes every row of `%s` up to a point in time, in one transaction, however many there are.", table)
	rows, b := p.Cost.TableRows(table), report.Input{Name: "b", Value: batch, Unit: "rows", Origin: report.Assumed, Detail: "rows of a batch"}
	out := rule.Finding{
		Primary:    rule.At(f, n, "the statement"),
		Subject:    name,
		Table:      table,
		Evidence:   1,
		Confidence: 0.7,
		Fix: report.Fix{Summary: "Work in batches of a few thousand rows, each in a transaction of its own.",
			Behaviour: "The rows go in many short transactions: an interruption leaves the rest for the next run."},
	}
	each := scheduled(p.Project, f, n) || callers.Any(p.Pass, n.Enclosing(syntax.Func), 3, func(at *project.File, call syntax.Ref) bool { return scheduled(p.Project, at, call) })
	if each {
		out.Severity = report.Low
		out.Cliff = "The first run, or the one after a long stop, meets the whole backlog at once."
		rows.Value, rows.Detail = rows.Value/periods, fmt.Sprintf("what one period brings, assumed as 1/%d of the %g rows of %s; give the table with --rows %s=N", periods, rows.Value, table, table)
	}
	why := ""
	if verb == "delete" && f.Lang == "python" {
		why = collects(p.Pass, m)
	}
	if why != "" {
		title = fmt.Sprintf("every old row of `%s` is loaded to be deleted", table)
		claim = fmt.Sprintf("Django loads every row of `%s` up to a point in time before it deletes them, because %s: all of them are in memory at once.", table, why)
		rows.Name = "R"
		out.Cost = p.Cost.Memory(rows, batch, rate.ORMRowBytes, "run")
		out.Fix.Summary = "Delete slices of a few thousand keys, each in a transaction of its own, until none is left."
	} else {
		d := p.Cost.Rate("D", rate.PostgresDeleteRows)
		out.Cost = &report.Cost{Now: rows.Value / d.Value * 1000, Fixed: min(batch, rows.Value) / d.Value * 1000, Unit: "ms", Event: "run", Formula: "N / D -> b / D", Inputs: []report.Input{rows, d, b}}
	}
	if each {
		claim += " A schedule starts it: the rows of one period, except in the first run."
	}
	out.Title, out.Claim = listing.Title(f, n, title), claim
	if oneoff.Runs(f, n) {
		out.Confidence = oneoff.Confidence
	}
	if batches != "" {
		at := int(n.Receiver().End())
		out.Edits = []patch.Edit{{Path: f.Path, Start: at, End: at, New: batches}}
	} else {
		out.Effort = report.OneFile
	}
	p.found = append(p.found, out)
}
