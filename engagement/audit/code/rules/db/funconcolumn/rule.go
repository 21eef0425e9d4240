// Package funconcolumn finds functions of time around a searched column where a range would do.
package funconcolumn

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.func-on-column.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.func-on-column",
		Title:    "Function around a time column hides it from its index",
		Summary:  "A query compares date(column), extract(year from column) or the like, where a range of the plain column says the same.",
		Why:      "The index on the column is sorted by the time itself; the function's result is not in it. Every row is read and the function is called for each. date(timestamptz) can not even be indexed in PostgreSQL, because it depends on the session's time zone.",
		Cost:     "N x B / S + T + q -> d + T + q",
		Fix:      "Compare the column with the bounds: created_at >= '2024-05-01' AND created_at < '2024-05-02'.",
		Wrong:    "The table stays tiny, another index narrows the query, or an expression index holds the function.",
		Category: "func-on-column",
		Examples: []rule.Example{{Lang: "sql",
			Before: "SELECT count(*) FROM orders WHERE date(created_at) = $1",
			After:  "SELECT count(*) FROM orders WHERE created_at >= $1 AND created_at < $1 + interval '1 day'"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Proof:    "EXPLAIN shows an index scan with both bounds as its condition.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: Indexes on expressions", URL: "https://www.postgresql.org/docs/current/indexes-expressional.html"},
			{Title: "Use The Index, Luke: Dates", URL: "https://use-the-index-luke.com/sql/where-clause/obfuscation/dates"},
		},
		Langs: []string{"sql", "ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: func(p *rule.Pass) {
		for _, w := range indexing.Wrapped(p, indexing.Ranged) {
			t, expr := w.Ask.Table, w.Ask.Names()[0]
			indexed := len(t.IndexesLeading(w.On)) > 0
			for _, q := range indexing.Once(w.Queries) {
				claim := fmt.Sprintf("`%s` hides `%s.%s` from every index: each query reads the whole table and calls the function for each row.", expr, t.Name, w.On)
				if indexed {
					claim = fmt.Sprintf("`%s` hides `%s.%s` from the index that it has: each query reads the whole table and calls the function for each row.", expr, t.Name, w.On)
				}
				f := indexing.AtQuery(p, q, fmt.Sprintf("%s is compared instead of %s.%s", expr, t.Name, w.On), claim)
				f.Columns = []string{w.On}
				f.Cause = indexing.Cause("func-on-column", w.Ask.DB)
				f.WrongIf = fmt.Sprintf("`%s` stays below a thousand rows.", t.Name)
				f.Fix = report.Fix{
					Summary:   fmt.Sprintf("Compare `%s` with the beginning and the end of the stretch of time.", w.On),
					Behaviour: "The bounds are computed by the application: in which time zone a day begins becomes visible and must be the one that the function used.",
				}
				if !indexed {
					f.Fix.Summary += fmt.Sprintf(" Then index `%s.%s`.", t.Name, w.On)
				}
				p.Report(f)
			}
		}
	},
}
