// Package rules is the catalogue: the one list of all rules of the audit.
package rules

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/aggregateperrow"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1nested"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1queryinloop"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1relation"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/rowwriteloop"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/job/cronoverlap"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/net/clientnotimeout"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/composedepends"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/dockercache"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/dockerhealthcheck"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/k8slimits"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/k8sliveness"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/k8snopdb"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/k8sprobes"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/k8ssinglereplica"
)

// All lists the rules, ordered by id.
var All = []*rule.Rule{
	aggregateperrow.Rule,
	n1nested.Rule,
	n1queryinloop.Rule,
	n1relation.Rule,
	rowwriteloop.Rule,
	cronoverlap.Rule,
	clientnotimeout.Rule,
	composedepends.Rule,
	dockercache.Rule,
	dockerhealthcheck.Rule,
	k8slimits.Rule,
	k8sliveness.Rule,
	k8snopdb.Rule,
	k8sprobes.Rule,
	k8ssinglereplica.Rule,
}
