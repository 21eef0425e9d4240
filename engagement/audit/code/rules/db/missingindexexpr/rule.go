// Package missingindexexpr finds conditions on a function of a column that no expression index serves.
package missingindexexpr

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is db.missing-index-expr.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.missing-index-expr",
		Title:    "Function of a column searched without an index",
		Summary:  "A query compares lower(column), host(column), column->>'key' or the like, and no index holds that expression.",
		Why:      "An index on the plain column is sorted by the plain value: it can not find lower(email) = 'x'. The database reads every row and calls the function for each, although an index seems to be there.",
		Cost:     "N x B / S + N / U + T + q -> d + T + q; U calls of the function a second",
		Fix:      "Create an index on the expression, or store the value in the searched form (citext, a generated column).",
		Wrong:    "The table stays tiny. Columns of type citext, expressions that an index or an indexed generated column holds, and queries that another index narrows are not reported.",
		Category: "missing-index",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "User.where(\"lower(email) = ?\", email.downcase).first",
			After:  "add_index :users, \"lower(email)\", unique: true, algorithm: :concurrently"}},
		Severity: report.High,
		Effort:   report.Migration,
		Proof:    "EXPLAIN shows an index scan with the expression as its condition.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: Indexes on expressions", URL: "https://www.postgresql.org/docs/current/indexes-expressional.html"},
			{Title: "MySQL: Functional key parts", URL: "https://dev.mysql.com/doc/refman/8.0/en/create-index.html#create-index-functional-key-parts"},
		},
		Langs: []string{"sql", "ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: func(p *rule.Pass) {
		indexing.Report(p, indexing.Writer(p, "expressions", 5), func(report func(indexing.Ask, rule.Finding)) {
			for _, w := range indexing.Wrapped(p, indexing.Stable) {
				if w.Ask.DB.Schema.Dialect == schema.MySQL {
					w.Confidence = 0.55 // a collation without case makes lower() needless: which of the two, a person decides
				}
				t, expr := w.Ask.Table, w.Ask.Names()[0]
				f, event, ok := indexing.Draft(p, w, "expression-unindexed", func(where string) string {
					return fmt.Sprintf("%s compares `%s` of `%s`, and no index holds this expression: each such query reads the whole table.", where, expr, t.Name)
				})
				if !ok {
					continue
				}
				f.Title = fmt.Sprintf("%s of %s is searched without an index", expr, t.Name)
				f.WrongIf = fmt.Sprintf("`%s` stays below a thousand rows.", t.Name)
				f.Columns = []string{w.On}
				f.Cost = p.Cost.ScanFunction(t.Name, event)
				report(w.Ask, f)
			}
		})
	},
}
