// Package missingindexsort finds sorted lists that no index holds in their order.
package missingindexsort

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.missing-index-sort.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "db.missing-index-sort",
		Title:   "Sorted list without an index",
		Summary: "A list takes the first rows in an order that no index of the table holds behind the columns that the list fixes.",
		Why: "A page of 50 rows needs 50 rows, if an index holds them in order. Without it the database reads every row that matches, sorts them and throws all but a page away, for each page and each visitor. " +
			"For a list of one owner an index on the owner alone still reads and sorts all of that owner's rows, which hurts with the largest ones.",
		Cost:     "N x B / S + M / K + T + q -> d + T + q; N rows read, M rows sorted, K rows sorted a second",
		Fix:      "Create an index on the columns that the list fixes, followed by its sort keys in their directions.",
		Wrong:    "The table, or the largest owner's part of it, stays small. Lists without a limit, sorts by expressions, and orders that a unique or partial index already gives are not reported.",
		Category: "missing-index",
		Examples: []rule.Example{{Lang: "sql",
			Before: "SELECT * FROM runs WHERE project_id = $1 ORDER BY created_at DESC LIMIT 50; -- index (project_id)",
			After:  "CREATE INDEX CONCURRENTLY index_runs_on_project_id_and_created_at ON runs (project_id, created_at DESC);"}},
		Severity: report.Medium,
		Effort:   report.Migration,
		Proof:    "EXPLAIN of the query shows an index scan under the limit and no Sort node.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: Indexes and ORDER BY", URL: "https://www.postgresql.org/docs/current/indexes-ordering.html"},
			{Title: "MySQL: ORDER BY optimization", URL: "https://dev.mysql.com/doc/refman/8.0/en/order-by-optimization.html"},
		},
		Langs: []string{"sql", "ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: func(p *rule.Pass) {
		indexing.Report(p, indexing.Writer(p, "sorted_lists", 4), func(report func(indexing.Ask, rule.Finding)) {
			for _, w := range indexing.Sorts(p) {
				if f, ok := finding(p, w); ok {
					report(w.Ask, f)
				}
			}
		})
	},
}

func finding(p *rule.Pass, w indexing.Wanted) (rule.Finding, bool) {
	t, columns := w.Ask.Table, w.Ask.Names()
	q := w.Queries[0]
	f, event, ok := indexing.Draft(p, w, "sort-unindexed", func(where string) string {
		if w.Tenant {
			return fmt.Sprintf("%s lists rows of `%s` for one `%s` in the order of %s; an index finds them but not in that order, so that each page reads and sorts all of them.", where, t.Name, columns[0], order(q))
		}
		return fmt.Sprintf("%s lists rows of `%s` in the order of %s, and no index holds that order: each page reads and sorts the whole table.", where, t.Name, order(q))
	})
	if !ok {
		return rule.Finding{}, false
	}
	f.Title = fmt.Sprintf("%s is listed by (%s) without an index", t.Name, strings.Join(columns, ", "))
	f.Together = "%d lists of " + t.Name + " sorted without an index"
	f.WrongIf = fmt.Sprintf("`%s` stays below a thousand rows.", t.Name)
	rows := p.Cost.TableRows(t.Name)
	if w.Tenant {
		// One habit: all such lists of the schema are one finding.
		f.Severity, f.Cause, f.Together = report.Medium, indexing.Cause("sort-owner", w.Ask.DB), "%d lists of one owner's rows sorted without an index"
		f.WrongIf = fmt.Sprintf("the rows of `%s` with one `%s` stay few.", t.Name, columns[0])
		share := cost.Assume("M", min(w.Share, rows.Value), "rows", "rows of "+t.Name+" with one "+columns[0]+": a hundredth of the table")
		share.Detail += "; give the size of the table with --rows " + t.Name + "=N"
		f.Cost = p.Cost.SortOnly(share, event)
	} else {
		if f.Severity == report.High {
			f.Severity = report.Medium
		}
		f.Cost = p.Cost.ScanAndSort(t.Name, rows, event)
	}
	return f, true
}

func order(q *indexing.Query) string {
	keys := make([]string, len(q.Order))
	for i, k := range q.Order {
		keys[i] = "`" + k.Name + "`"
		if k.Desc {
			keys[i] += " descending"
		}
	}
	return strings.Join(keys, ", ")
}
