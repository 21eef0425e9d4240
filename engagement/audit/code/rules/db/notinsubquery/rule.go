// Package notinsubquery finds NOT IN with a subquery.
package notinsubquery

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is db.not-in-subquery.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.not-in-subquery",
		Title:    "NOT IN with a subquery",
		Summary:  "A query on a growing table leaves out rows by NOT IN (SELECT ...).",
		Why:      "NOT IN must answer NULL as soon as the subquery gives one NULL, so that PostgreSQL can not plan it as an anti-join: it hashes the subquery if that fits into work_mem, and otherwise scans its result once for every row. The plan flips from milliseconds to hours when the subquery outgrows the memory. And with one NULL in it the query finds nothing at all.",
		Cost:     "N x M row comparisons once the subquery does not fit into work_mem",
		Fix:      "Write NOT EXISTS (SELECT 1 ... WHERE inner.key = outer.key).",
		Wrong:    "The subquery is bounded to few rows and its column is NOT NULL.",
		Category: "not-in-subquery",
		Examples: []rule.Example{{Lang: "sql",
			Before: "DELETE FROM blobs WHERE id NOT IN (SELECT blob_id FROM attachments)",
			After:  "DELETE FROM blobs b WHERE NOT EXISTS (SELECT 1 FROM attachments a WHERE a.blob_id = b.id)"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "The plan changes from a hashed to a plain subplan when the subquery's result outgrows work_mem; the run time then grows with the product of both tables.",
		Proof:    "EXPLAIN shows an anti join and no SubPlan.",
		Refs:     []report.Reference{{Title: "PostgreSQL wiki: Don't use NOT IN", URL: "https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_NOT_IN"}},
		Langs:    []string{"ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: func(p *rule.Pass) {
		for _, q := range indexing.Once(indexing.Audited(p)) {
			if q.SQL == nil || !q.SQL.NotInSubquery || q.DB.Schema.Dialect == schema.MySQL {
				continue // MySQL 8.0.17 plans both as an anti-join
			}
			f := indexing.AtQuery(p, q, q.Table.Name+": NOT IN with a subquery",
				fmt.Sprintf("The query on `%s` leaves out rows by NOT IN (SELECT ...): the subquery is hashed only while it fits into work_mem, then it is scanned for each row, and one NULL in it empties the result.", q.Table.Name))
			f.WrongIf = "The subquery gives few rows, and never a NULL."
			f.Fix = report.Fix{Summary: "Write NOT EXISTS with a condition between the two tables.", Behaviour: "Rows are found also when the subquery gives a NULL, where NOT IN found none."}
			p.Report(f)
		}
	},
}
