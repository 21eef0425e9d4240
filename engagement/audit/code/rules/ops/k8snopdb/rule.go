// Package k8snopdb finds replicated services without a disruption budget.
package k8snopdb

import (
	"fmt"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.k8s-no-pdb.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "ops.k8s-no-pdb",
		Title:    "Replicated service without a PodDisruptionBudget",
		Summary:  "A Deployment or StatefulSet with two or more serving pods has no PodDisruptionBudget.",
		Why:      "Draining nodes (upgrades, autoscaler scale-down, spot reclaim) evicts pods as fast as it can unless a budget says how many must stay. All replicas on the drained nodes go at once, and the rest carries the load or falls over.",
		Cost:     "drains x share of pods that go together",
		Fix:      "Allow one pod to be away at a time.",
		Wrong:    "The budget is made elsewhere (a chart of the platform, an operator). Workloads with one replica, workers and files for development are not reported.",
		Category: "k8s-no-pdb",
		Examples: []rule.Example{{Lang: "yaml", Before: "kind: Deployment\nspec:\n  replicas: 3",
			After: "kind: PodDisruptionBudget\nspec:\n  maxUnavailable: 1\n  selector:\n    matchLabels: {app: web}"}},
		Severity: report.Low,
		Effort:   report.OneFile,
		Cliff:    "One node drain may take all pods at once.",
		Proof:    "`kubectl drain` of a node with two of the pods evicts them one after the other.",
		Refs: []report.Reference{
			{Title: "Kubernetes: specifying a disruption budget", URL: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/"},
		},
		Langs: []string{"yaml"},
	},
	Project: func(p *rule.Pass) {
		objects := deploy.Objects(p.Project)
		for _, o := range objects {
			c := o.Serves()
			if c == nil || budgeted(objects, o) {
				continue
			}
			if n := replicas(objects, o); n >= 2 {
				check(p, o, n)
			}
		}
	},
}

// replicas is the number of pods that are known to run, 0 when it is not.
func replicas(objects []deploy.Object, o deploy.Object) int {
	for _, h := range objects {
		if h.ScaleTarget != "" && h.ScaleTarget == o.Name && h.MinReplicas != nil {
			return *h.MinReplicas
		}
	}
	if o.Replicas != nil {
		return *o.Replicas
	}
	return 0
}

func budgeted(objects []deploy.Object, o deploy.Object) bool {
	for _, b := range objects {
		if b.Kind != "PodDisruptionBudget" {
			continue
		}
		if deploy.Matches(b.Selector, o.Pod.Labels) || len(b.Selector) == 0 {
			return true
		}
		for _, v := range b.Selector {
			if strings.Contains(v, "{{") || strings.Contains(v, "<%") {
				return true // a template decides what it selects
			}
		}
	}
	return false
}

func check(p *rule.Pass, o deploy.Object, n int) {
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("%s `%s` has no PodDisruptionBudget", o.Kind, o.Name),
		Claim:   fmt.Sprintf("%s `%s` runs %d pods and no budget selects them: draining nodes may evict all of them at once.", o.Kind, o.Name, n),
		Primary: deploy.At(o.File, place(o), o.Name, ""),
		Subject: "budget", Evidence: 1, Confidence: deploy.Confidence(o.File, 0.65), Cause: "k8s-no-pdb",
		Fix:   report.Fix{Summary: "Add a budget that lets one pod be away at a time.", Behaviour: "Drains take longer: they wait for a replacement of each evicted pod."},
		Edits: edits(o),
	})
}

func place(o deploy.Object) config.Span {
	if o.ReplicasSpan.Start == 0 {
		return config.Span{Start: o.Span.Start, End: o.Span.Start}
	}
	return o.ReplicasSpan
}

// edits adds the budget as a document of the same file.
func edits(o deploy.Object) []patch.Edit {
	if len(o.Selector) == 0 || !plain(o.Name) || o.Name == "" {
		return nil
	}
	lines := []string{"---", "apiVersion: policy/v1", "kind: PodDisruptionBudget", "metadata:", "  name: " + o.Name}
	if o.Namespace != "" {
		if !plain(o.Namespace) {
			return nil
		}
		lines = append(lines, "  namespace: "+o.Namespace)
	}
	lines = append(lines, "spec:", "  maxUnavailable: 1", "  selector:", "    matchLabels:")
	keys := make([]string, 0, len(o.Selector))
	for k, v := range o.Selector {
		if !plain(v) {
			return nil
		}
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		lines = append(lines, "      "+k+": "+o.Selector[k])
	}
	l := deploy.LinesOf(o.File)
	return []patch.Edit{l.InsertAfter(o.File.Lines, lines...)}
}

func plain(s string) bool { return !strings.ContainsAny(s, "{}<>%\"'#:$") }
