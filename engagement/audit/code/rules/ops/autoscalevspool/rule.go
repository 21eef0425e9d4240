// Package autoscalevspool finds autoscalers that can outgrow the database's connections.
package autoscalevspool

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/pooloversubscribed"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.autoscale-vs-pool.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "ops.autoscale-vs-pool",
		Title:    "Autoscaler can outgrow max_connections",
		Summary:  "The largest number of replicas of a HorizontalPodAutoscaler, times processes, times pool, is more than the max_connections that the project sets for its database.",
		Why:      "Autoscaling answers load with more processes, and each brings its pool. The scale-out that should save the day ends at \"too many clients already\": the new pods can not connect, fail their readiness, and the old ones lose connections that they release. It happens only at the peak, so no quiet week shows it.",
		Cost:     "maxReplicas x processes x pool against max_connections",
		Fix:      "Put a pooler in transaction mode between, or let maxReplicas x processes x pool stay below max_connections with room for jobs and operators.",
		Wrong:    "A managed pooler stands between. Projects that name a pooler are not reported; fleets that exceed the limit without scaling have db.pool-oversubscribed.",
		Category: "pool-autoscale",
		Examples: []rule.Example{{Lang: "yaml", Before: "maxReplicas: 20   # x 4 processes x 5 connections = 400 > 200", After: "maxReplicas: 8    # 160"}},
		Severity: report.High,
		Effort:   report.OneFile,
		Cliff:    "The scale-out at the peak is refused by the database.",
		Proof:    "Scale a test cluster to maxReplicas: every pod becomes ready, and pg_stat_activity stays below max_connections.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: max_connections", URL: "https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-MAX-CONNECTIONS"},
			{Title: "Kubernetes: horizontal pod autoscaling", URL: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"},
		},
		Langs: []string{"yaml", "ruby", "terraform"},
	},
	Project: func(p *rule.Pass) { pooloversubscribed.Fleets(p, true) },
}
