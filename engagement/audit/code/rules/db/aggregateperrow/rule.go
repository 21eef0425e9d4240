// Package aggregateperrow finds counts, sums and existence questions asked once per row.
package aggregateperrow

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.aggregate-per-row.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.aggregate-per-row",
		Title:    "Count, sum or exists asked once per row",
		Summary:  "A loop asks the database for an aggregate over a relation of each row; preloading the relation does not end it.",
		Why:      "count, sum and exists are statements of their own even on a preloaded relation, so a list of R rows sends R of them. Each also scans the rows it counts.",
		Cost:     "R x (T + q + agg) -> T + q; R rows, T round trip, q cost of a small statement",
		Fix:      "Group once (SELECT key, COUNT(*) ... GROUP BY key), keep a counter column, or read the size of the loaded relation.",
		Wrong:    "A counter cache answers it, or the row is one of very few.",
		Category: "n-plus-1",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "@posts.each { |post| post.comments.count }",
			After:  "counts = Comment.where(post: @posts).group(:post_id).count\n@posts.each { |post| counts[post.id] }"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Proof:    "Count the statements of one request before and after: it must no longer depend on the number of rows.",
		Refs: []report.Reference{
			{Title: "Active Record associations: counter_cache", URL: "https://guides.rubyonrails.org/association_basics.html#counter-cache"},
			{Title: "Django aggregation", URL: "https://docs.djangoproject.com/en/stable/topics/db/aggregation/"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "java", "go", "erb", "haml", "slim", "jinja", "blade"},
	},
	Project: n1.Report,
}
