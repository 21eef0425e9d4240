// Package k8sprobes finds workloads that receive requests before they can answer.
package k8sprobes

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.k8s-probes.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "ops.k8s-probes",
		Title:   "Service without a readiness probe",
		Summary: "A container that serves a port in a Deployment or StatefulSet has no readiness probe.",
		Why: "Without a readiness probe a pod is ready the moment its process exists. Every rollout, scale-up and node move then sends requests to pods that still boot: the client gets refused connections for the length of the boot, " +
			"and a rolling update goes on to kill the old pods because the new ones count as ready. A broken release replaces all healthy pods without stopping.",
		Cost:     "deploys x boot time x requests per second of one pod, as errors",
		Fix:      "Probe the cheapest path that is true only when the process can answer: warmed up, with its own listeners open.",
		Wrong:    "Nothing sends requests to the port. Workers without ports, jobs, DaemonSets, metrics ports and containers that a template may add fields to are not reported.",
		Category: "k8s-no-readiness",
		Examples: []rule.Example{{Lang: "yaml",
			Before: "ports:\n- containerPort: 3000",
			After:  "ports:\n- containerPort: 3000\nreadinessProbe:\n  httpGet:\n    path: /ready\n    port: 3000\n  periodSeconds: 5"}},
		Severity: report.High,
		Effort:   report.OneLine,
		Cliff:    "A release that can not boot replaces every working pod, and each rollout drops requests.",
		Proof:    "Roll out while a client asks ten times a second: no request fails.",
		Refs: []report.Reference{
			{Title: "Kubernetes: configure liveness, readiness and startup probes", URL: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/"},
			{Title: "Kubernetes: pod lifecycle, container probes", URL: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes"},
		},
		Langs: []string{"yaml"},
	},
	Project: func(p *rule.Pass) {
		for _, o := range deploy.Objects(p.Project) {
			c := o.Serves()
			if c == nil || c.Readiness != nil || c.Templated || readyElsewhere(o) {
				continue
			}
			check(p, o, c)
		}
	},
}

// readyElsewhere reports a pod of which another container holds traffic back.
func readyElsewhere(o deploy.Object) bool {
	for i := range o.Pod.Containers {
		if o.Pod.Containers[i].Readiness != nil {
			return true
		}
	}
	return o.Pod.Templated || len(o.Node.Get("spec", "template", "spec", "readinessGates").List()) > 0
}

func check(p *rule.Pass, o deploy.Object, c *config.Container) {
	http, from := "", ""
	if c.Liveness != nil && c.Liveness.Type == "httpGet" {
		http, from = c.Liveness.Path, "the path of its liveness probe"
	} else if path, at := deploy.HealthPath(p.Project, o.File); path != "" {
		http, from = path, "a path that "+at.Path+" serves"
	}
	behaviour := "A new pod gets requests only when the probe succeeds, and none while it fails; a rollout waits for that."
	if http == "" {
		behaviour += " The patch asks whether the port accepts connections, since no health path is known: better than nothing, and weaker than a request."
	} else {
		behaviour += " The patch asks " + from + "; check that it needs no header of a proxy."
	}
	confidence := 0.85
	if deploy.EngineOf(c.Image) != nil {
		confidence = 0.6
	}
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("%s `%s` has no readiness probe", o.Kind, o.Name),
		Claim:   fmt.Sprintf("Container `%s` of %s `%s` serves a port and has no readiness probe: it gets requests as soon as its process exists.", c.Name, o.Kind, o.Name),
		Primary: deploy.At(o.File, deploy.ProbePlace(c, c.Liveness), o.Name, ""),
		Subject: "readinessProbe of " + c.Name, Evidence: 1, Confidence: deploy.Confidence(o.File, confidence),
		Fix:   report.Fix{Summary: "Add a readiness probe.", Behaviour: behaviour},
		Edits: deploy.AddProbe(deploy.LinesOf(o.File), c, "readinessProbe", http, "periodSeconds: 5", "timeoutSeconds: 2"),
	})
}
