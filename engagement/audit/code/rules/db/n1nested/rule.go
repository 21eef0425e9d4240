// Package n1nested finds eager loads that stop one level short of what is read.
package n1nested

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.n1-nested.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.n1-nested",
		Title:    "Eager load stops one level short",
		Summary:  "A query preloads a relation, but each row reads a relation of that relation which is not preloaded.",
		Why:      "Somebody removed an N+1 here and stopped one level early: the first level comes in one statement, the second again once per row. It is easy to miss in review because the query does have an eager load.",
		Cost:     "R x (T + q) -> T + q; R rows, T round trip, q cost of a small statement",
		Fix:      "Extend the eager load by the nested path.",
		Wrong:    "The nested relation is loaded by the relation's own declaration or by a default; those are known and not reported.",
		Category: "n-plus-1",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "Order.includes(:customer).each { |o| o.customer.account.name }",
			After:  "Order.includes(customer: :account).each { |o| o.customer.account.name }"}},
		Severity: report.High,
		Effort:   report.OneLine,
		Proof:    "Count the statements of one request before and after: it must no longer depend on the number of rows.",
		Refs: []report.Reference{
			{Title: "Active Record Query Interface: nested associations hash", URL: "https://guides.rubyonrails.org/active_record_querying.html#nested-associations-hash"},
			{Title: "Django: prefetch_related", URL: "https://docs.djangoproject.com/en/stable/ref/models/querysets/#prefetch-related"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "java", "go", "erb", "haml", "slim", "jinja", "blade"},
	},
	Project: n1.Report,
}
