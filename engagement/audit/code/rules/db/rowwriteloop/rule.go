// Package rowwriteloop finds rows written one statement at a time.
package rowwriteloop

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.row-write-loop.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.row-write-loop",
		Title:    "Rows written one statement at a time",
		Summary:  "A loop saves, updates, inserts or deletes one row in each turn.",
		Why:      "Each turn pays a round trip, a statement and, outside of a transaction, a commit that waits for the disk. A thousand rows cost a thousand commits where one statement with a thousand rows costs one.",
		Cost:     "R x (T + q + F) -> T + q + F + R / W; R rows, T round trip, q statement, F durable commit, W rows per second of a bulk write",
		Fix:      "Write in bulk (insert_all, bulk_create, update ... from values, createMany, COPY), in batches of about a thousand; at the least put the loop into one transaction.",
		Wrong:    "Something of each row is needed that a bulk write skips. Models that run code of their own when a row is written (callbacks, signals, observers, trees) and rows whose new id is used in their turn get the advice of one transaction only, and none when there is one; set writes, writes behind which the loop ends and handlers of errors are not reported.",
		Category: "write-in-loop",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "items.each { |i| LineItem.create!(order: order, sku: i.sku) }",
			After:  "LineItem.insert_all!(items.map { |i| { order_id: order.id, sku: i.sku } })"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Proof:    "Count statements and commits of one call before and after.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: populating a database", URL: "https://www.postgresql.org/docs/current/populate.html"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: n1.Report,
}
