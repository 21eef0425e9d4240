// Package k8ssinglereplica finds services that run as one pod.
package k8ssinglereplica

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.k8s-single-replica.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "ops.k8s-single-replica",
		Title:   "Service runs as a single pod",
		Summary: "A Deployment that serves requests has one replica and no autoscaler.",
		Why: "Draining a node, a crash or an out-of-memory kill takes the only pod away; until another is scheduled, pulled and booted the service is down. " +
			"Node upgrades do this to every pod some time every few weeks.",
		Cost:     "restarts x (scheduling + image pull + boot) of downtime",
		Fix:      "Run two, spread over nodes, and give them a disruption budget.",
		Wrong:    "The program must be alone (a leader, a volume of one node), or a minute of downtime costs nothing. Databases, pods with a volume claim, `strategy: Recreate`, workers and files for staging, development and tests are not reported.",
		Category: "k8s-single-replica",
		Examples: []rule.Example{{Lang: "yaml", Before: "spec:\n  replicas: 1", After: "spec:\n  replicas: 2"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "Every restart is an outage.",
		Proof:    "`kubectl delete pod` of one pod while a client asks ten times a second: no request fails.",
		Refs: []report.Reference{
			{Title: "Kubernetes: disruptions", URL: "https://kubernetes.io/docs/concepts/workloads/pods/disruptions/"},
		},
		Langs: []string{"yaml"},
	},
	Project: func(p *rule.Pass) {
		objects := deploy.Objects(p.Project)
		for _, o := range objects {
			c := o.Serves()
			if c == nil || (o.Kind != "Deployment" && o.Kind != "Rollout") || stateful(o, c) || scaled(objects, o) {
				continue
			}
			if o.Replicas == nil || *o.Replicas != 1 || o.Node.Get("spec", "replicas").Templated {
				continue
			}
			check(p, o)
		}
	},
}

func stateful(o deploy.Object, c *config.Container) bool {
	if deploy.EngineOf(c.Image) != nil {
		return true
	}
	switch deploy.Image(c.Image) {
	case "redis", "valkey", "rabbitmq", "elasticsearch", "opensearch", "clickhouse", "clickhouse-server", "minio", "nats", "kafka", "zookeeper", "etcd", "memcached", "registry":
		return true
	}
	if o.Node.Get("spec", "strategy", "type").Text() == "Recreate" {
		return true
	}
	for _, v := range o.Node.Get("spec", "template", "spec", "volumes").List() {
		if v.Has("persistentVolumeClaim") || v.Has("hostPath") || v.Has("ephemeral") {
			return true
		}
	}
	return false
}

func scaled(objects []deploy.Object, o deploy.Object) bool {
	for _, h := range objects {
		if h.ScaleTarget != "" && h.ScaleTarget == o.Name {
			return true
		}
	}
	return false
}

func check(p *rule.Pass, o deploy.Object) {
	l := deploy.LinesOf(o.File)
	var edits []patch.Edit
	field := o.Node.Get("spec").Field("replicas")
	if field != nil && l.Block(*field) && field.Span.Start == field.Span.End {
		edits = []patch.Edit{l.Replace(field.Span.Start, field.Span.End, l.Indent(field.Span.Start)+"replicas: 2")}
	}
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("Service `%s` runs as one pod", o.Name),
		Claim:   fmt.Sprintf("%s `%s` serves a port with one replica and no autoscaler: every restart of that pod is an outage.", o.Kind, o.Name),
		Primary: deploy.At(o.File, o.ReplicasSpan, o.Name, ""),
		Subject: "replicas", Evidence: 1, Confidence: deploy.Confidence(o.File, 0.65), Cause: "k8s-single-replica",
		Fix:   report.Fix{Summary: "Run two replicas.", Behaviour: "Two processes run at once: state in memory or on local disk is no longer shared, and the database sees twice the connections."},
		Edits: edits,
	})
}
