// Package nometrics finds services that expose no metrics at all.
package nometrics

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is obs.no-metrics.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "obs.no-metrics",
		Title:   "Service that measures nothing",
		Summary: "A project that answers requests and is deployed from its repository has no library, import, setting or agent for metrics or traces.",
		Why: "Without a rate, an error share and a latency for each endpoint the first report of an outage comes from a user, and the second question, since when, has no answer. " +
			"The other findings of an audit can not be ranked by what they cost either: how often each path runs is not known.",
		Cost:     "time to notice: minutes of a user's patience -> one scrape interval",
		Fix:      "Count requests by route and status, and keep their latency as a histogram; the same for jobs and for calls to others.",
		Wrong:    "The platform injects an agent, or the load balancer's metrics are enough. One finding for a project, in the appendix unless it is deployed to a cluster from here.",
		Category: "observability-no-metrics",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "# Gemfile without any instrumentation",
			After:  "gem \"yabeda-rails\"\ngem \"yabeda-sidekiq\"\ngem \"yabeda-prometheus\""}},
		Severity: report.Low,
		Effort:   report.OneFile,
		Proof:    "A dashboard shows requests, errors and the 99th percentile by route for the last hour.",
		Refs: []report.Reference{
			{Title: "Google SRE book: the four golden signals", URL: "https://sre.google/sre-book/monitoring-distributed-systems/"},
			{Title: "OpenTelemetry: instrumentation", URL: "https://opentelemetry.io/docs/concepts/instrumentation/"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: func(p *rule.Pass) {
		at, entries := serves(p)
		if at == nil || measured(p.Project) {
			return
		}
		confidence := 0.4
		if len(deploy.Files(p.Project, config.KindKubernetes)) > 0 {
			confidence = 0.5
		}
		p.Report(rule.Finding{
			Title:   "Nothing is measured",
			Claim:   fmt.Sprintf("The project answers requests (%d entry points were found) and names no library, setting or agent for metrics or traces.", entries),
			Primary: rule.LineAt(at, 1, 1, "", "the first file that serves requests"), Subject: "metrics", Evidence: 1, Confidence: confidence,
			Fix: report.Fix{Summary: "Expose rate, errors and latency by route, and the depth and age of each queue.", Behaviour: "A counter and a histogram for each route cost microseconds a request."},
		})
	},
}

// serves is a file that answers requests, and how many entry points there are.
func serves(p *rule.Pass) (*project.File, int) {
	if p.Flow == nil {
		return nil, 0
	}
	var first *flow.EntryPoint
	n := 0
	for i := range p.Flow.Entries {
		e := &p.Flow.Entries[i]
		if e.Kind != "request" || e.Site.File == nil || e.Site.File.Role != project.App {
			continue
		}
		n++
		if first == nil {
			first = e
		}
	}
	if n < 20 {
		return nil, 0 // an example, a library, or a service too small to say
	}
	return first.Site.File, n
}

// A tool is known by its name; two need a look around it.
var (
	toolNames = syntax.NewWords("prometheus", "prom-client", "opentelemetry", "datadog", "ddtrace", "dd-trace", "newrelic",
		"new-relic", "new_relic", "statsd", "appsignal", "scout_apm", "skylight", "micrometer", "actuator", "yabeda", "honeycomb",
		"elastic-apm", "elasticapm", "instana", "dynatrace", "rpm_contrib", "appoptics", "librato", "telegraf", "influxdb",
		"opencensus", "laravel/pulse", "laravel/telescope", "laravel/horizon", "traces_sample_rate", "tracessamplerate", "expvar",
		"armon/go-metrics", "rcrowley/go-metrics", "applicationinsights", "application-insights", "application_insights", "graphite")
	toolHints = syntax.NewWords("otel", "sentry")
	toolSigns = regexp.MustCompile(`(?i)\botel|sentry.*(traces|performance)`)
)

func namesTool(s string) bool {
	return toolNames.In(s) || toolHints.In(s) && toolSigns.MatchString(s)
}

// measured reports any trace of metrics in dependencies, imports, settings and deployment.
func measured(p *project.Project) bool {
	for _, f := range p.Files {
		switch f.Role {
		case project.Test, project.Docs, project.Vendored, project.Generated:
			continue
		}
		base := path.Base(f.Path)
		switch {
		case base == "Gemfile" || base == "Gemfile.lock" || strings.HasSuffix(base, ".gemspec"):
			if namesTool(string(f.Source())) {
				return true
			}
		case f.Doc != nil:
			for _, d := range f.Doc.Dependencies() {
				if !d.Dev && namesTool(d.Name) {
					return true
				}
			}
			if len(f.Doc.Dependencies()) == 0 && f.Size < 1<<20 && namesTool(string(f.Source())) {
				return true
			}
		case f.Tree != nil:
			for n := range f.Tree.Root().Descendants(syntax.Import) {
				if namesTool(n.Str()) {
					return true
				}
			}
			for _, s := range f.Tree.Strings {
				if s == "/metrics" || strings.Contains(s, "traces_sample_rate") || strings.Contains(s, "tracesSampleRate") {
					return true
				}
			}
		}
	}
	return false
}
