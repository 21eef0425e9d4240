// Package missingindexfilter finds columns that queries search by equality and no index serves.
package missingindexfilter

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/uniquenessnoindex"
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
			claimed := uniquenessnoindex.Claimed(p)
			for _, w := range indexing.Filters(p) {
				if names := w.Ask.Names(); len(names) == 1 && claimed[strings.ToLower(w.Ask.Table.Name+"."+names[0])] {
					continue
				}
				if f, ok := finding(p, w); ok {
					report(w.Ask, f)
				}
			}
		})
	},
}

func finding(p *rule.Pass, w indexing.Wanted) (rule.Finding, bool) {
	t, columns := w.Ask.Table, w.Ask.Names()
	list := strings.Join(columns, ", ")
	f, event, ok := indexing.Draft(p, w, "filter-unindexed", func(where string) string {
		switch {
		case w.Lost != nil:
			return fmt.Sprintf("`%s` is still searched by (%s) in %s, but the index that served it, `%s`, was dropped (%s:%d), and no other does.", t.Name, list, where, w.Lost.Index.Name, w.Lost.Place.Path, w.Lost.Place.Line)
		case w.Span:
			return fmt.Sprintf("%s takes the rows of `%s` in a stretch of `%s`, and no index holds that column: each such query reads the whole table.", where, t.Name, columns[len(columns)-1])
		case w.Poll:
			return fmt.Sprintf("%s takes the next rows of `%s` by (%s), and no index has them in that order: each poll reads and sorts the whole table.", where, t.Name, list)
		}
		return fmt.Sprintf("%s searches `%s` by `%s`, and no index begins with a column that narrows the search: each such query reads the whole table.", where, t.Name, list)
	})
	if !ok {
		return rule.Finding{}, false
	}
	f.Title = fmt.Sprintf("%s (%s) is searched without an index", t.Name, list)
	f.WrongIf = fmt.Sprintf("`%s` stays below a thousand rows, or most of its rows share the value.", t.Name)
	if w.Lost != nil {
		if pl, ok := indexing.Place(p, w.Lost.Place, t.Name, "the index was dropped here"); ok {
			f.Secondary = append([]rule.Place{pl}, f.Secondary...)
		}
	}
	if w.Poll {
		event = "poll"
		f.Severity = indexing.Severity(p, t, event)
	}
	f.Cost = p.Cost.Scan(t.Name, event)
	return f, true
}
