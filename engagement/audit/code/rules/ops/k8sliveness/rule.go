// Package k8sliveness finds workloads that nothing restarts when they hang.
package k8sliveness

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.k8s-liveness.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "ops.k8s-liveness",
		Title:    "Service without a liveness probe",
		Summary:  "A container that serves a port in a Deployment or StatefulSet has no liveness probe.",
		Why:      "A process that deadlocked or lost its accept loop still exists, so nothing restarts it. Readiness takes it out of rotation, for ever: the service runs on fewer and fewer pods, and with one pod it is down until somebody deletes it.",
		Cost:     "time until somebody notices -> period x failure threshold",
		Fix:      "Probe the process alone, never its database: accepting a connection on the port is enough for most servers. Give it more failures than readiness has.",
		Wrong:    "The process exits by itself when it can not go on. Workers, jobs, DaemonSets, metrics ports and containers that a template may add fields to are not reported.",
		Category: "k8s-no-liveness",
		Examples: []rule.Example{{Lang: "yaml",
			Before: "ports:\n- containerPort: 3000\nreadinessProbe:\n  httpGet: {path: /ready, port: 3000}",
			After:  "ports:\n- containerPort: 3000\nreadinessProbe:\n  httpGet: {path: /ready, port: 3000}\nlivenessProbe:\n  tcpSocket: {port: 3000}\n  periodSeconds: 10\n  failureThreshold: 6"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "A hung pod stays until somebody deletes it.",
		Proof:    "`kubectl exec POD -- kill -STOP 1`: the pod is restarted within period x threshold.",
		Refs: []report.Reference{
			{Title: "Kubernetes: liveness, readiness and startup probes", URL: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/"},
		},
		Langs: []string{"yaml"},
	},
	Project: func(p *rule.Pass) {
		for _, o := range deploy.Objects(p.Project) {
			c := o.Serves()
			if c == nil || c.Liveness != nil || c.Templated || o.Pod.Templated {
				continue
			}
			check(p, o, c)
		}
	},
}

func check(p *rule.Pass, o deploy.Object, c *config.Container) {
	confidence := 0.7
	if deploy.EngineOf(c.Image) != nil {
		confidence = 0.45
	}
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("%s `%s` has no liveness probe", o.Kind, o.Name),
		Claim:   fmt.Sprintf("Container `%s` of %s `%s` serves a port and has no liveness probe: when it hangs, nothing restarts it.", c.Name, o.Kind, o.Name),
		Primary: deploy.At(o.File, deploy.ProbePlace(c, c.Readiness), o.Name, ""),
		Subject: "livenessProbe of " + c.Name, Evidence: 1, Confidence: deploy.Confidence(o.File, confidence),
		Fix: report.Fix{Summary: "Add a liveness probe that asks the process alone.",
			Behaviour: "A container whose port refuses connections for a minute is restarted. A boot that takes longer needs a startup probe first."},
		Edits: deploy.AddProbe(deploy.LinesOf(o.File), c, "livenessProbe", "", "initialDelaySeconds: 30", "periodSeconds: 10", "timeoutSeconds: 5", "failureThreshold: 6"),
	})
}
