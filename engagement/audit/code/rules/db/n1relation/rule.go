// Package n1relation finds relations that are loaded once per row because the query did not load them.
package n1relation

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.n1-relation.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.n1-relation",
		Title:    "Relation loaded once per row",
		Summary:  "Rows of a query are walked and a relation of each row is read, but the query does not load that relation.",
		Why:      "An ORM loads a relation on first touch. In a loop, a view or a serializer that is one statement and one round trip for every row: a page of 50 rows that shows two relations sends 101 statements instead of 3. The time grows with the page and with the distance to the database, and each statement takes a connection of the pool while it runs.",
		Cost:     "R x (T + q) -> T + q for each relation; R rows, T round trip, q cost of a small statement",
		Fix:      "Preload the relation where the query is built (includes, select_related or prefetch_related, with, joinedload, include, EntityGraph), so that all rows come with one more statement.",
		Wrong:    "The rows are few (three or fewer), the relation is loaded by other means (a cache, a loader, an identity map), or the touch is behind a condition that is rarely true. Relations covered by an eager load, a default scope, the relation's own declaration or the way the row was reached are not reported.",
		Category: "n-plus-1",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "@orders = Order.recent.limit(50)\n# view\n<% @orders.each do |order| %>\n  <%= order.customer.name %>\n<% end %>",
			After:  "@orders = Order.recent.limit(50).includes(:customer)"}},
		Severity: report.High,
		Effort:   report.OneLine,
		Proof:    "Count the statements of one request before and after (log, APM, or a test that asserts the count): it must no longer depend on the number of rows.",
		Refs: []report.Reference{
			{Title: "Active Record Query Interface: eager loading associations", URL: "https://guides.rubyonrails.org/active_record_querying.html#eager-loading-associations"},
			{Title: "Django: select_related and prefetch_related", URL: "https://docs.djangoproject.com/en/stable/ref/models/querysets/#select-related"},
			{Title: "Laravel: eager loading", URL: "https://laravel.com/docs/eloquent-relationships#eager-loading"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "java", "go", "erb", "haml", "slim", "jinja", "blade"},
	},
	Project: n1.Report,
}
