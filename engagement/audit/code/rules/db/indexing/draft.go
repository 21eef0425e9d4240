package indexing

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Draft is a finding about a wanted index with all that does not depend on the rule: the place of the
// query with the most traffic, the column, evidence, severity, cause and fix. The claim is given the place of the first query
// ("orders#index (app/...:12)"). ok is false when the schema's file is not in the project.
func Draft(p *rule.Pass, w Wanted, kind string, claim func(where string) string) (f rule.Finding, event string, ok bool) {
	t, columns := w.Ask.Table, w.Ask.Names()
	place := columns[0]
	if c := w.On; c != "" {
		place = c
	}
	at, ok := ColumnPlace(p, t, place)
	if !ok || len(w.Queries) == 0 {
		return rule.Finding{}, "", false
	}
	list := strings.Join(columns, ", ")
	q := w.Queries[0]
	f = rule.Finding{
		Primary:    q.Place("the query"),
		Secondary:  []rule.Place{at},
		Subject:    t.Name + "." + list,
		Table:      t.Name,
		Columns:    columns,
		Cause:      TableCause(kind, w.Ask.DB, t),
		Together:   "%d look-ups of " + t.Name + " without an index",
		Evidence:   1,
		Confidence: w.Confidence,
		Fix:        w.Ask.Fix(p),
	}
	where := fmt.Sprintf("%s:%d", q.File.Path, q.Node.Line())
	event = Event(q)
	if q.Entry != "" {
		f.Evidence = 2
		where = q.Entry + " (" + where + ")"
	}
	f.Severity = Severity(p, t, event)
	f.Claim = claim(where)
	for i, q := range w.Queries {
		if i > 0 && i < 4 {
			f.Secondary = append(f.Secondary, q.Place("also here"))
		}
	}
	return f, event, true
}

// AtQuery is a finding about a query itself, on a growing table.
func AtQuery(p *rule.Pass, q *Query, title, claim string) rule.Finding {
	f := rule.Finding{
		Title: title, Claim: claim, Primary: q.Place("the query"), Subject: q.Table.Name + " " + title,
		Table: q.Table.Name, Evidence: 1, Confidence: 0.75,
	}
	event := Event(q)
	if q.Entry != "" {
		f.Evidence = 2
	}
	if pl, ok := Place(p, q.Table.Place, q.Table.Name, "the table"); ok {
		f.Secondary = append(f.Secondary, pl)
	}
	f.Cost = p.Cost.Scan(q.Table.Name, event)
	return f
}

// Once keeps one query for each place and table, one that an entry point reaches where there is one.
func Once(list []*Query) []*Query {
	type key struct {
		node  syntax.Ref
		table *schema.Table
	}
	at := map[key]int{}
	var out []*Query
	for _, q := range list {
		k := key{q.Node, q.Table}
		if i, ok := at[k]; ok {
			if out[i].Entry == "" {
				out[i] = q
			}
			continue
		}
		at[k] = len(out)
		out = append(out, q)
	}
	return out
}

// Audited lists the queries on growing tables of the schemas that rules about indexes look at.
func Audited(p *rule.Pass) []*Query {
	dbs := audited(p)
	var out []*Query
	for _, q := range Queries(p) {
		if usable(p, dbs, q) {
			out = append(out, q)
		}
	}
	return out
}

// Narrowed reports whether something else than the condition on a column finds the rows: a unique
// index or an index on another condition.
func Narrowed(q *Query) bool { return unique(q) || Served(q) }
