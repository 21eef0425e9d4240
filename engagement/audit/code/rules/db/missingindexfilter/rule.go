// Package missingindexfilter finds columns that queries search by equality and no index serves.
package missingindexfilter

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.missing-index-filter.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.missing-index-filter",
		Title:    "Searched column without an index",
		Summary:  "A query finds rows of a growing table by the value of a column, and no index begins with any column that the query fixes.",
		Why:      "Without an index the database reads every row of the table to find a few. The time grows with the table, each such query takes a core for its duration, and the pages it reads push others out of the cache. A queue that polls by status does it many times a second.",
		Cost:     "N x B / S + T + q -> d + T + q; N rows of the table, B bytes a row, S scan rate, d index descent",
		Fix:      "Create an index that begins with the most selective of the columns that the query fixes.",
		Wrong:    "The table stays tiny, or the value is so common that an index would not be used. Flags and states alone are reported only where a query takes the next rows in a state; tables that look like hand-kept lists, and queries of which a condition is not understood, are not reported.",
		Category: "missing-index",
		Examples: []rule.Example{{Lang: "php",
			Before: "Profile::where('remote_url', $url)->first();",
			After:  "$table->index('remote_url');"}},
		Severity: report.High,
		Effort:   report.Migration,
		Proof:    "EXPLAIN of the query shows an index scan; the table's count of sequential scans (pg_stat_user_tables.seq_scan) stops growing.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: Indexes", URL: "https://www.postgresql.org/docs/current/indexes-intro.html"},
			{Title: "MySQL: How MySQL uses indexes", URL: "https://dev.mysql.com/doc/refman/8.0/en/mysql-indexes.html"},
		},
		Langs: []string{"sql", "ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: func(p *rule.Pass) {
		indexing.Report(p, indexing.Writer(p, "searched_columns", 3), func(report func(indexing.Ask, rule.Finding)) {
			for _, w := range indexing.Filters(p) {
				if f, ok := finding(p, w); ok {
					report(w.Ask, f)
				}
			}
		})
	},
}

func finding(p *rule.Pass, w indexing.Wanted) (rule.Finding, bool) {
	t, columns := w.Ask.Table, w.Ask.Names()
	at, ok := indexing.ColumnPlace(p, t, columns[0])
	if !ok {
		return rule.Finding{}, false
	}
	q := w.Queries[0]
	list := strings.Join(columns, ", ")
	f := rule.Finding{
		Title:      fmt.Sprintf("%s (%s) is searched without an index", t.Name, list),
		Primary:    at,
		Subject:    t.Name + "." + list,
		Table:      t.Name,
		Columns:    columns,
		Cause:      indexing.Cause("filter-unindexed", w.Ask.DB),
		Evidence:   1,
		Confidence: w.Confidence,
		Fix:        w.Ask.Fix(),
		WrongIf:    fmt.Sprintf("`%s` stays below a thousand rows, or most of its rows share the value.", t.Name),
	}
	where := fmt.Sprintf("%s:%d", q.File.Path, q.Node.Line())
	event := "query"
	if q.Entry != "" {
		f.Evidence = 2
		where = q.Entry + " (" + where + ")"
		event = indexing.Event(q.Entry)
	}
	switch {
	case w.Lost != nil:
		f.Claim = fmt.Sprintf("`%s` is still searched by (%s) in %s, but the index that served it, `%s`, was dropped (%s:%d), and no other does.", t.Name, list, where, w.Lost.Index.Name, w.Lost.Place.Path, w.Lost.Place.Line)
		if pl, ok := indexing.Place(p, w.Lost.Place, t.Name, "the index was dropped here"); ok {
			f.Primary, f.Secondary = pl, append(f.Secondary, at)
		}
	case w.Span:
		f.Claim = fmt.Sprintf("%s takes the rows of `%s` in a stretch of `%s`, and no index holds that column: each such query reads the whole table.", where, t.Name, columns[len(columns)-1])
	case w.Poll:
		f.Claim = fmt.Sprintf("%s takes the next rows of `%s` by (%s), and no index has them in that order: each poll reads and sorts the whole table.", where, t.Name, list)
		event = "poll"
	default:
		f.Claim = fmt.Sprintf("%s searches `%s` by `%s`, and no index begins with a column that narrows the search: each such query reads the whole table.", where, t.Name, list)
	}
	for i, q := range w.Queries {
		if i < 4 {
			f.Secondary = append(f.Secondary, q.Place("the query"))
		}
	}
	f.Cost = p.Cost.Scan(t.Name, event)
	return f, true
}
