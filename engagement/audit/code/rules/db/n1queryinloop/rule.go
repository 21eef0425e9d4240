// Package n1queryinloop finds explicit queries that run once per element of a loop.
package n1queryinloop

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.n1-query-in-loop.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.n1-query-in-loop",
		Title:    "Query inside a loop",
		Summary:  "A query runs once for each element of a loop, in its body or in a function that the body calls.",
		Why:      "Each turn pays a round trip and a statement for a handful of rows. The database sees thousands of tiny statements, the request holds its connection for all of them, and the time is the number of elements times the distance to the database: eager loading does not help, because the query is written out.",
		Cost:     "R x (T + q) -> T + q; R elements, T round trip, q cost of a small statement",
		Fix:      "Collect the keys first, ask once with IN (or a join), and look the rows up in a map inside the loop.",
		Wrong:    "The loop turns only a few times, ends at the first hit, or takes locks row by row on purpose. Loops over at most three literals, cached bodies and tests are not reported.",
		Category: "n-plus-1",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "ids.each { |id| names << User.find(id).name }",
			After:  "names = User.where(id: ids).pluck(:name)"}},
		Severity: report.High,
		Effort:   report.OneFile,
		Proof:    "Count the statements of one call before and after: it must no longer grow with the number of elements.",
		Refs: []report.Reference{
			{Title: "Use The Index, Luke: nested loops and the N+1 problem", URL: "https://use-the-index-luke.com/sql/join/nested-loops-join-n1-problem"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "java", "go", "erb", "haml", "slim", "jinja", "blade"},
	},
	Project: n1.Report,
}
