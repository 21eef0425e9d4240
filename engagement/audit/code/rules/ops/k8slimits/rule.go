// Package k8slimits finds workloads without resource requests and limits.
package k8slimits

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.k8s-limits.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "ops.k8s-limits",
		Title:   "Workload without resource requests and limits",
		Summary: "A container of a workload or a CronJob states neither what it needs nor the memory at which it is stopped.",
		Why: "Without requests the scheduler counts the pod as free and packs nodes until they run out of memory; without a memory limit one leaking pod takes the node and its neighbours with it. " +
			"Such pods are of class BestEffort: they are the first to be evicted, and an autoscaler has no utilisation to compute.",
		Cost:     "one eviction or node out of memory -> all pods of the node restart",
		Fix:      "Request what the container uses at the 95th percentile (CPU and memory) and limit memory above its peak. A CPU limit is a choice, not a need.",
		Wrong:    "A LimitRange of the namespace sets defaults: a project that has one is not reported, nor are containers that a template may add fields to.",
		Category: "k8s-no-limits",
		Examples: []rule.Example{{Lang: "yaml",
			Before: "- name: web\n  image: shop/web:1",
			After:  "- name: web\n  image: shop/web:1\n  resources:\n    requests: {cpu: 500m, memory: 512Mi}\n    limits: {memory: 1Gi}"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Cliff:    "One leaking pod takes down its node.",
		Proof:    "`kubectl get pod -o jsonpath='{.status.qosClass}'` no longer says BestEffort; requests follow `kubectl top pod` within a factor of two.",
		Refs: []report.Reference{
			{Title: "Kubernetes: resource management for pods and containers", URL: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"},
			{Title: "Kubernetes: pod quality of service classes", URL: "https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/"},
		},
		Langs: []string{"yaml"},
	},
	Project: func(p *rule.Pass) {
		objects := deploy.Objects(p.Project)
		for _, o := range objects {
			if o.Kind == "LimitRange" {
				return
			}
		}
		for _, o := range objects {
			if o.Pod == nil || o.Pod.Templated || (!o.Workload() && o.Kind != "CronJob") {
				continue
			}
			for i := range o.Pod.Containers {
				c := &o.Pod.Containers[i]
				if !c.Templated && !c.Node.Has("resources") {
					check(p, o, c)
				}
			}
		}
	},
}

func check(p *rule.Pass, o deploy.Object, c *config.Container) {
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("%s `%s` states no resources", o.Kind, o.Name),
		Claim:   fmt.Sprintf("Container `%s` of %s `%s` has neither requests nor limits: it is scheduled as if it needed nothing and evicted first.", c.Name, o.Kind, o.Name),
		Primary: rule.LineAt(o.File, c.Span.Start, c.Span.Start+1, o.Name, ""),
		Subject: "resources of " + c.Name, Evidence: 1, Confidence: deploy.Confidence(o.File, 0.8), Cause: "k8s-limits",
		Fix: report.Fix{Summary: "Measure the container for a day and state requests and a memory limit.", Behaviour: "A container that passes its memory limit is killed and restarted instead of starving its node."},
	})
}
