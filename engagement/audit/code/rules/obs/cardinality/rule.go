// Package cardinality finds metrics with a label of unbounded values.
package cardinality

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is obs.cardinality.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "obs.cardinality",
		Title:    "Metric labelled with an unbounded value",
		Summary:  "A Prometheus, OpenTelemetry or StatsD metric has a label such as user_id, email, session_id or request_id.",
		Why:      "Each combination of label values is a time series of its own. A label with a value per user or request makes as many series as there are users or requests: the process holds them all until it restarts, each scrape grows, and the metrics server runs out of memory or the bill out of bounds.",
		Cost:     "series = product of the values of all labels; about 3 kB each in a Prometheus server",
		Fix:      "Drop the label; put the id into logs and traces. Label with what has few values: route, status, plan.",
		Wrong:    "The ids are few and fixed (your own tenants). Labels whose value is a constant or a property of a long-lived object (the configured target of a probe) are not reported; where the value is not seen, a label such as url is listed among the patterns without proof.",
		Category: "observability-cardinality",
		Examples: []rule.Example{{Lang: "python", Before: "Counter(\"orders\", \"Orders\", [\"user_id\"])", After: "Counter(\"orders\", \"Orders\", [\"plan\"])"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "The process and the metrics server grow with every new value of the label.",
		Proof:    "The number of series of the metric, `count(METRIC)`, stays the same for a day.",
		Refs:     []report.Reference{{Title: "Prometheus: instrumentation, do not overuse labels", URL: "https://prometheus.io/docs/practices/instrumentation/#do-not-overuse-labels"}},
		Langs:    []string{"ruby", "python", "typescript", "java", "go", "php"},
	},
	File: check,
}

var unbounded = map[string]bool{"userid": true, "email": true, "useremail": true, "sessionid": true, "requestid": true, "traceid": true, "spanid": true, "orderid": true, "customerid": true,
	"ip": true, "ipaddress": true, "clientip": true, "runid": true, "messageid": true, "uuid": true, "token": true, "url": true, "rawpath": true}

// ambiguous are labels that are unbounded on the side that is asked and few on the side that asks: the
// address of a configured peer. Their value has to be seen.
var ambiguous = map[string]bool{"url": true, "ip": true, "ipaddress": true, "uuid": true, "token": true, "runid": true}

func norm(s string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(s))
}

var (
	constructor = regexp.MustCompile(`^(Counter|Gauge|Histogram|Summary|NewCounterVec|NewGaugeVec|NewHistogramVec|NewSummaryVec)$`)
	library     = regexp.MustCompile(`(?i)(prometheus|prom-client|micrometer)`)
	statsd      = regexp.MustCompile(`(?i)(statsd|dogstatsd)`)
	statsdVerb  = map[string]bool{"increment": true, "gauge": true, "histogram": true, "distribution": true, "timing": true, "measure": true, "incr": true, "count": true}
)

func check(p *rule.Pass, f *project.File) {
	if f.Role != project.App {
		return
	}
	uses := false
	for i := range f.Tree.Root().Descendants(syntax.Import) {
		uses = uses || library.MatchString(i.Str())
	}
	for c := range f.Tree.Root().Descendants(syntax.Call) {
		var label syntax.Ref
		switch {
		case uses && constructor.MatchString(c.Str()[strings.LastIndex(c.Str(), ".")+1:]):
			label = declared(c)
		case statsdVerb[c.Str()] && statsd.MatchString(c.Receiver().Str()):
			label = tagged(c.Keyword("tags"))
		case uses && f.Lang == "java" && (c.Str() == "tag" || c.Str() == "counter" || c.Str() == "timer"):
			for i, a := range c.Args() {
				if a.Kind() == syntax.String && unbounded[norm(a.Str())] && (c.Str() == "tag") == (i == 0) {
					label = a
				}
			}
		}
		if !label.Ok() {
			continue
		}
		name := strings.SplitN(label.Str(), ":", 2)[0]
		metric := ""
		if c.Arg(0).Kind() == syntax.String {
			metric = c.Arg(0).Str()
		}
		v := valueOf(p.Project, f, c, label)
		if v.source == few {
			continue
		}
		out := rule.Finding{
			Title:   fmt.Sprintf("Metric labelled with `%s`", name),
			Claim:   fmt.Sprintf("A metric%s has the label `%s`: each value is a time series that stays.", quoted(metric), name),
			Primary: rule.At(f, label, ""), Subject: name + " " + metric, Evidence: 1, Confidence: 0.75, Cause: "label:" + norm(name) + ":" + path.Dir(f.Path),
			Fix: report.Fix{Summary: "Drop the label, and put the value into logs or traces.", Behaviour: "Dashboards and alerts that group by it must change."},
		}
		switch {
		case v.source == many:
			out.Claim = fmt.Sprintf("A metric%s has the label `%s`, and line %d of %s gives it `%s`: each value is a time series that stays.", quoted(metric), name, v.node.Line(), path.Base(v.file.Path), v.text())
			out.Secondary = []rule.Place{rule.At(v.file, v.node, "the value")}
		case ambiguous[norm(name)]:
			out.Evidence, out.Confidence = 0, 0.4
			out.WrongIf = "The values are those of a list in the configuration."
		}
		p.Report(out)
	}
}

func quoted(metric string) string {
	if metric == "" {
		return ""
	}
	return " `" + metric + "`"
}

// declared finds an unbounded name in the list of labels of a metric.
func declared(c syntax.Ref) syntax.Ref {
	for l := range c.Descendants(syntax.List) {
		for e := range l.Children() {
			if e.Kind() == syntax.String && unbounded[norm(e.Str())] {
				return e
			}
		}
	}
	return syntax.Ref{}
}

// tagged finds "user_id:#{...}" or a key of a hash among StatsD tags.
func tagged(tags syntax.Ref) syntax.Ref {
	for s := range tags.Descendants(syntax.String, syntax.Pair) {
		name, _, ok := strings.Cut(s.Str(), ":")
		if unbounded[norm(name)] && (ok && s.Has(syntax.FlagInterp) || s.Kind() == syntax.Pair) {
			return s
		}
	}
	return syntax.Ref{}
}
