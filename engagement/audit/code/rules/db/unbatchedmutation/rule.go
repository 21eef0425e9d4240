// Package unbatchedmutation finds retention jobs that delete or update all old rows in one statement.
package unbatchedmutation

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Rule is db.unbatched-mutation.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.unbatched-mutation",
		Title:    "All old rows deleted or updated in one statement",
		Summary:  "A DELETE or UPDATE is bounded by nothing but a point in time, and no other key narrows it.",
		Why:      "The statement runs in one transaction for as long as the backlog is large: every row it touched stays locked, vacuum can not clean behind it, replicas apply it as one piece and fall behind, and a cancel rolls all of it back. It is quick for months and then meets the first large backlog.",
		Cost:     "N / D seconds in one transaction; N rows that match, D rows deleted a second",
		Fix:      "Delete in batches of a few thousand by primary key, each in a transaction of its own, until none is left; for append-only tables drop partitions instead.",
		Wrong:    "The table is small, or the job runs so often that few rows match. Statements that also name an owner, an id or a limit are not reported.",
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
	File: check,
}

// aged matches the columns that retention goes by.
var aged = regexp.MustCompile(`(?i)(?:_at|_on|_date|_time|timestamp|created|updated|expires?|expiry|expired|logged|date|time|seen|since|At)$`)

func check(p *rule.Pass, f *project.File) {
	if f.Tree == nil || f.Role == project.Seed || f.Role == project.Migration {
		return
	}
	for n := range f.Tree.Root().Descendants(syntax.Call, syntax.String) {
		if n.Kind() == syntax.String {
			statement(p, f, n)
			continue
		}
		chain(p, f, n)
	}
}

// statement looks at SQL in a string.
func statement(p *rule.Pass, f *project.File, n syntax.Ref) {
	s := strings.ToUpper(n.Str())
	if !strings.Contains(s, "DELETE FROM") || !sqlquery.LooksLikeSQL(n.Str()) || n.Enclosing(syntax.Call).Kind() != syntax.Call {
		return
	}
	st := sqlquery.Analyze(n.Str())
	if st.Kind != sqlquery.Delete || st.HasLimit || len(st.Subqueries) > 0 || len(st.Tables) != 1 || st.Dynamic || !onlyAge(st.Filters) {
		return
	}
	emit(p, f, n, st.Tables[0].Name, "")
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
var terminals = map[string]bool{"delete_all": true, "destroy_all": true, "delete": true, "deleteMany": true, "update_all": true}

func chain(p *rule.Pass, f *project.File, n syntax.Ref) {
	if !terminals[n.Str()] || !n.Receiver().Ok() {
		return
	}
	switch {
	case n.Str() == "deleteMany":
		where := n.Arg(0).Keyword("where")
		if where.Kind() != syntax.Map || !prismaAge(where) {
			return
		}
		emit(p, f, n, n.Receiver().Str(), "")
		return
	case n.Str() == "delete" && f.Lang == "ruby":
		return // one row
	case n.Str() == "delete" && len(n.Args()) > 0:
		return
	}
	age, model := false, ""
	links := n.Chain()
	for _, l := range links[:len(links)-1] {
		switch l.Str() {
		case "limit", "in_batches", "find_in_batches", "take", "chunk", "chunkById", "first", "last", "lazy", "iterator", "each_batch", "onlyTrashed":
			return
		}
		if l.Kind() == syntax.Name {
			model = l.Str()
			continue
		}
		if l.Kind() != syntax.Call {
			continue
		}
		switch l.Str() {
		case "where", "filter", "exclude", "whereDate", "whereNot":
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
	emit(p, f, n, model, text)
}

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

func emit(p *rule.Pass, f *project.File, n syntax.Ref, table, batches string) {
	rows, d := p.Cost.TableRows(strings.ToLower(table)), p.Cost.Rate("D", rate.PostgresDeleteRows)
	out := rule.Finding{
		Title:      "All old rows of " + table + " in one statement",
		Claim:      "The statement takes every row of `" + table + "` up to a point in time in one transaction, however many there are.",
		Primary:    rule.At(f, n, "the statement"),
		Subject:    table,
		Cause:      "file:" + f.Path,
		Evidence:   1,
		Confidence: 0.7,
		Cost: &report.Cost{Now: rows.Value / d.Value * 1000, Fixed: 5000 / d.Value * 1000, Unit: "ms", Event: "run", Formula: "N / D -> b / D",
			Inputs: []report.Input{rows, d, {Name: "b", Value: 5000, Unit: "rows", Origin: report.Assumed, Detail: "rows of a batch, the size that the patch writes"}}},
		Fix: report.Fix{Summary: "Work in batches of a few thousand rows, each in a transaction of its own.",
			Behaviour: "The rows go in many short transactions: an interruption leaves the rest for the next run."},
	}
	if f.Role == project.Script {
		out.Confidence = 0.5
	}
	if batches != "" {
		out.Edits = insertBehind(f, n.Receiver(), batches)
	}
	p.Report(out)
}
