// Package nginxkeepalive finds nginx proxies that connect anew for every request.
package nginxkeepalive

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.nginx-keepalive.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "ops.nginx-keepalive",
		Title:   "Proxy connects to its upstream for every request",
		Summary: "An nginx upstream that requests are proxied to has no `keepalive`, or has one that the location defeats by speaking HTTP/1.0 or sending `Connection: close`.",
		Why: "Without `keepalive` nginx opens a TCP connection to the application for each request and closes it afterwards. That is one round trip more for each request, a socket in TIME_WAIT for a minute, and at a few hundred requests a second no free local port. " +
			"With `keepalive` alone nothing changes on releases that still proxy with HTTP/1.0 by default: the location must say 1.1 and clear the Connection header.",
		Cost:     "one round trip per request -> none",
		Fix:      "Set `keepalive` in the upstream, and `proxy_http_version 1.1` with an empty Connection header in the location.",
		Wrong:    "The upstream is a UNIX socket, or the locations upgrade to WebSocket. Configurations that include other files inside the upstream are not reported.",
		Category: "nginx-keepalive",
		Examples: []rule.Example{{Lang: "nginx",
			Before: "upstream app {\n  server web:3000;\n}",
			After:  "upstream app {\n  server web:3000;\n  keepalive 32;\n}"}},
		Severity: report.Low,
		Effort:   report.OneLine,
		Proof:    "`ss -tn state time-wait dport = :3000 | wc -l` on the proxy stays near zero under load.",
		Refs: []report.Reference{
			{Title: "nginx: upstream keepalive", URL: "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive"},
		},
		Langs: []string{"nginx"},
	},
	Project: func(p *rule.Pass) {
		seen := map[*config.Directive]bool{}
		for _, x := range deploy.Proxies(p.Project) {
			u := x.Upstream()
			if u == nil || x.Upgrades() || len(u.Children("include")) > 0 || local(u) || seen[u] {
				continue
			}
			keepalive := u.Child("keepalive")
			version := x.Nginx.Effective(x.Parents, "proxy_http_version")
			header, set := x.Header("Connection")
			defeated := version.Arg(0) != "1.1" && version.Arg(0) != "2" || !set || header != ""
			if keepalive != nil && !defeated {
				continue
			}
			seen[u] = true
			check(p, x, u, keepalive, version, set)
		}
	},
}

func local(u *config.Directive) bool {
	for _, s := range u.Children("server") {
		if strings.HasPrefix(s.Arg(0), "unix:") {
			return true
		}
	}
	return len(u.Children("server")) == 0
}

func check(p *rule.Pass, x deploy.Proxy, u, keepalive, version *config.Directive, set bool) {
	claim := fmt.Sprintf("Upstream `%s` has no `keepalive`: nginx opens a connection to it for every request.", u.Arg(0))
	confidence, primary := 0.7, u
	if keepalive != nil {
		claim = fmt.Sprintf("Upstream `%s` keeps connections, but this location does not clear the Connection header over HTTP/1.1, so that each is closed after one request.", u.Arg(0))
		confidence, primary = 0.6, x.Pass
	}
	t := p.Cost.Rate("T", rate.TCPRoundTripZone)
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("nginx connects to `%s` for every request", u.Arg(0)),
		Claim:   claim,
		Primary: deploy.At(x.File, primary.Span, u.Arg(0), ""), Subject: "upstream " + u.Arg(0), Evidence: 1, Confidence: deploy.Confidence(x.File, confidence),
		Cost:  &report.Cost{Now: t.Value, Fixed: 0, Unit: "ms", Event: "request", Formula: "T -> 0", Inputs: []report.Input{t}},
		Fix:   report.Fix{Summary: "Keep idle connections to the upstream.", Behaviour: "nginx holds up to 32 idle connections for each worker process; the application's idle timeout must be longer than nginx's (60 seconds), or a request may meet a connection that is just being closed."},
		Edits: edits(x, u, keepalive, version, set),
	})
}

func edits(x deploy.Proxy, u, keepalive, version *config.Directive, set bool) []patch.Edit {
	l := deploy.LinesOf(x.File)
	loc := x.Location()
	if loc == nil || loc.Name != "location" && loc.Name != "server" || u.Span.Start == u.Span.End || loc.Span.Start == loc.Span.End {
		return nil
	}
	var out []patch.Edit
	if keepalive == nil {
		servers := u.Children("server")
		last := servers[len(servers)-1].Span
		out = append(out, l.InsertAfter(last.End, l.Indent(last.Start)+"keepalive 32;"))
	}
	var lines []string
	in := l.Indent(x.Pass.Span.Start)
	if version == nil {
		lines = append(lines, in+"proxy_http_version 1.1;")
	} else if version.Arg(0) == "1.0" {
		return nil
	}
	if !set {
		// One proxy_set_header here would end the inheritance of all those outside.
		if len(loc.Children("proxy_set_header")) == 0 && x.Nginx.Effective(x.Parents, "proxy_set_header") != nil {
			return nil
		}
		lines = append(lines, in+`proxy_set_header Connection "";`)
	}
	if len(lines) > 0 {
		out = append(out, l.InsertAfter(x.Pass.Span.End, lines...))
	}
	return out
}
