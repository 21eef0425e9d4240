// Package oracrosscolumns finds OR over different columns of which not all are indexed.
package oracrosscolumns

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Rule is db.or-across-columns.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.or-across-columns",
		Title:    "OR over columns without an index on each",
		Summary:  "A query on a growing table is narrowed only by an OR over different columns, and at least one of them leads no index.",
		Why:      "One index can not serve a = x OR b = y. The database can combine one index for each branch, but a single branch without an index makes it read the whole table, and then the indexes of the other branches help nothing.",
		Cost:     "N x B / S + T + q -> k x d + T + q for k branches",
		Fix:      "Index each column, or write two queries joined by UNION, each with its own index.",
		Wrong:    "The table stays tiny, or a condition beside the OR narrows it. When every branch has an index nothing is reported.",
		Category: "or-across-columns",
		Examples: []rule.Example{{Lang: "sql",
			Before: "SELECT * FROM messages WHERE sender_id = $1 OR recipient_id = $1",
			After:  "CREATE INDEX CONCURRENTLY ... ON messages (sender_id);\nCREATE INDEX CONCURRENTLY ... ON messages (recipient_id);"}},
		Severity: report.Medium,
		Effort:   report.Migration,
		Proof:    "EXPLAIN shows a BitmapOr of index scans, or one index scan under each branch of the UNION.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: Combining multiple indexes", URL: "https://www.postgresql.org/docs/current/indexes-bitmap-scans.html"},
			{Title: "MySQL: Index merge optimization", URL: "https://dev.mysql.com/doc/refman/8.0/en/index-merge-optimization.html"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: func(p *rule.Pass) {
		for _, q := range indexing.Once(indexing.Audited(p)) {
			if q.SQL == nil || !q.SQL.OrAcrossColumns || q.SQL.Dynamic || indexing.Narrowed(q) || len(q.SQL.Tables) > 1 {
				continue
			}
			bare, all := branches(q)
			if len(bare) == 0 || len(all) < 2 {
				continue
			}
			f := indexing.AtQuery(p, q, fmt.Sprintf("%s: OR over %s", q.Table.Name, strings.Join(all, ", ")),
				fmt.Sprintf("The query on `%s` is narrowed only by an OR over `%s`, and `%s` leads no index: the whole table is read, whatever indexes the others have.", q.Table.Name, strings.Join(all, "`, `"), strings.Join(bare, "`, `")))
			f.Columns = bare
			f.WrongIf = fmt.Sprintf("`%s` stays below a thousand rows.", q.Table.Name)
			f.Fix = report.Fix{Summary: fmt.Sprintf("Index `%s`, or split the query by UNION.", strings.Join(bare, "`, `")), Behaviour: "UNION removes duplicate rows; UNION ALL does not. Each new index costs its share of every write."}
			p.Report(f)
		}
	},
}

// branches returns the selective columns compared under the OR, and those of them that lead no index.
// Nothing is returned when one branch is not a plain comparison.
func branches(q *indexing.Query) (bare, all []string) {
	seen := map[string]bool{}
	for _, c := range q.Conditions {
		if !c.Or || seen[c.Column.Name] {
			continue
		}
		seen[c.Column.Name] = true
		if c.Func != "" || c.Op != sqlquery.Eq && c.Op != sqlquery.In || indexing.Selective(q.Table, c.Column) < 2 {
			return nil, nil
		}
		all = append(all, c.Column.Name)
		if len(q.Table.IndexesLeading(c.Column.Name)) == 0 && len(q.Table.PartialIndexesLeading(c.Column.Name)) == 0 {
			bare = append(bare, c.Column.Name)
		}
	}
	return bare, all
}
