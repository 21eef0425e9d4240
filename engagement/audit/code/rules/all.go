// Package rules is the catalogue: the one list of all rules of the audit.
package rules

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/aggregateperrow"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1nested"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1queryinloop"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1relation"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/rowwriteloop"
)

// All lists the rules, ordered by id.
var All = []*rule.Rule{
	aggregateperrow.Rule,
	n1nested.Rule,
	n1queryinloop.Rule,
	n1relation.Rule,
	rowwriteloop.Rule,
}
