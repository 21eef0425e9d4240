// Package orderrandom finds rows picked by sorting a whole table at random.
package orderrandom

import (
	"fmt"
	"regexp"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.order-random.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.order-random",
		Title:    "Rows picked by sorting at random",
		Summary:  "A query on a growing table is sorted by random() to pick some rows.",
		Why:      "Every row gets a random number and takes part in the sort, to keep a handful. No index can help, and the time grows with the table.",
		Cost:     "N x B / S + N / K + T + q -> d + T + q",
		Fix:      "Pick random keys (an offset between the smallest and the largest id, then the next row), keep a random column with an index, or use TABLESAMPLE where an approximate sample is enough.",
		Wrong:    "The table, or what other conditions leave of it, stays small.",
		Category: "order-random",
		Examples: []rule.Example{{Lang: "sql",
			Before: "SELECT * FROM quotes ORDER BY random() LIMIT 1",
			After:  "SELECT * FROM quotes WHERE id >= (SELECT floor(random() * max(id)) FROM quotes) ORDER BY id LIMIT 1"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Proof:    "EXPLAIN shows no Sort over the whole table.",
		Refs:     []report.Reference{{Title: "PostgreSQL: TABLESAMPLE", URL: "https://www.postgresql.org/docs/current/sql-select.html#SQL-FROM"}},
		Langs:    []string{"ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: func(p *rule.Pass) {
		seen := map[syntax.Ref]bool{}
		for _, q := range indexing.Audited(p) {
			if seen[q.Node] || indexing.Narrowed(q) || !random(q) {
				continue
			}
			seen[q.Node] = true
			f := indexing.AtQuery(p, q, fmt.Sprintf("%s is sorted at random", q.Table.Name),
				fmt.Sprintf("The query sorts `%s` by a random number to pick rows: the whole table is read and sorted each time.", q.Table.Name))
			f.WrongIf = fmt.Sprintf("`%s`, or what the other conditions leave of it, stays below a thousand rows.", q.Table.Name)
			event := f.Cost.Event
			f.Cost = p.Cost.ScanAndSort(q.Table.Name, p.Cost.TableRows(q.Table.Name), event)
			f.Fix = report.Fix{Summary: "Pick random keys and look them up, or sample.", Behaviour: "Keys with gaps before them are picked more often; a sample by blocks returns neighbours together."}
			p.Report(f)
		}
	},
}

var (
	randomCall = regexp.MustCompile(`(?i)^\s*(random|rand|newid|dbms_random\.value)\s*\(\s*\)`)
	sorting    = map[string]bool{"order": true, "reorder": true, "order_by": true, "orderBy": true, "orderByRaw": true, "sql": true}
)

// random reports whether a query is sorted by a random number, in SQL or in an ORM's words.
func random(q *indexing.Query) bool {
	if q.SQL != nil {
		return q.SQL.OrderRandom
	}
	chain := q.Node
	for i := 0; chain.Ok() && i < 24; i++ {
		switch name := chain.Str(); {
		case chain.Kind() == syntax.Call && name == "inRandomOrder":
			return true
		case chain.Kind() == syntax.Call && sorting[name]:
			for _, a := range chain.Args() {
				for s := range a.Descendants(syntax.String) {
					if randomCall.MatchString(s.Str()) {
						return true
					}
				}
				if a.Kind() == syntax.String && (randomCall.MatchString(a.Str()) || name == "order_by" && a.Str() == "?") {
					return true
				}
			}
		}
		chain = chain.Receiver()
	}
	return false
}
