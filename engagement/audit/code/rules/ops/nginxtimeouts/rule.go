// Package nginxtimeouts finds nginx proxies that wait for their upstream longer than anybody would.
package nginxtimeouts

import (
	"fmt"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.nginx-timeouts.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "ops.nginx-timeouts",
		Title:   "Proxy waits for its upstream without a sensible bound",
		Summary: "An ordinary nginx location waits ten minutes or longer for its upstream, or states no timeouts at all and so has 60 seconds for connecting, sending and reading.",
		Why: "A proxied request holds a connection on both sides, and a worker of the application, for as long as the proxy waits. When the application stalls, requests pile up behind it until connections run out; with a short bound they fail while there is still room. " +
			"60 seconds to *connect* hides a dead backend for a minute, although `proxy_next_upstream` could have tried the next one.",
		Cost:     "requests per second x timeout connections held during a stall",
		Fix:      "Connect within a second or two, read within what the slowest sensible page needs; give uploads, downloads and streams their own location.",
		Wrong:    "The location serves streams or large transfers. WebSocket locations and those that turn buffering off are not reported; locations that only keep nginx's defaults go to the appendix.",
		Category: "nginx-timeouts",
		Examples: []rule.Example{{Lang: "nginx", Before: "proxy_pass http://app;\nproxy_read_timeout 3600;", After: "proxy_pass http://app;\nproxy_connect_timeout 2s;\nproxy_read_timeout 60s;"}},
		Severity: report.Low,
		Effort:   report.OneLine,
		Cliff:    "A stalled backend fills the proxy's connections.",
		Proof:    "Stop the backend with SIGSTOP: the proxy answers 504 within the stated time.",
		Refs:     []report.Reference{{Title: "nginx: proxy_read_timeout", URL: "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout"}},
		Langs:    []string{"nginx"},
	},
	Project: func(p *rule.Pass) {
		for _, x := range deploy.Proxies(p.Project) {
			if x.Upgrades() || streams(x) {
				continue
			}
			check(p, x)
		}
	},
}

func streams(x deploy.Proxy) bool {
	for _, name := range []string{"proxy_buffering", "proxy_request_buffering"} {
		if d := x.Nginx.Effective(x.Parents, name); d.Arg(0) == "off" {
			return true
		}
	}
	size := x.Nginx.Effective(x.Parents, "client_max_body_size")
	return size.Arg(0) == "0" || strings.HasSuffix(strings.ToLower(size.Arg(0)), "g")
}

const long = 10 * time.Minute

func check(p *rule.Pass, x deploy.Proxy) {
	read := x.Nginx.Effective(x.Parents, "proxy_read_timeout")
	if read != nil {
		d, ok := config.Setting{Value: read.Arg(0)}.Duration(time.Second)
		if !ok || d < long {
			return
		}
		l := deploy.LinesOf(x.File)
		var edits []patch.Edit
		if read.Span.Start == read.Span.End {
			edits = []patch.Edit{l.Replace(read.Span.Start, read.Span.End, l.Indent(read.Span.Start)+"proxy_read_timeout 60s;")}
		}
		p.Report(rule.Finding{
			Title:   "Proxy waits " + read.Arg(0) + " for an answer",
			Claim:   fmt.Sprintf("`proxy_pass %s` waits %s for its upstream: during a stall every request holds a connection that long.", x.Pass.Arg(0), d),
			Primary: deploy.At(x.File, read.Span, x.Pass.Arg(0), ""), Subject: "proxy_read_timeout " + x.Pass.Arg(0), Evidence: 1, Confidence: deploy.Confidence(x.File, 0.5), Cause: "long:" + x.File.Path,
			Fix:   report.Fix{Summary: "Wait a minute, and give slow paths a location of their own.", Behaviour: "Requests that take longer than a minute without a byte fail with 504."},
			Edits: edits,
		})
		return
	}
	if x.Nginx.Effective(x.Parents, "proxy_connect_timeout") != nil || x.Nginx.HasInclude(x.Parents) {
		return
	}
	l := deploy.LinesOf(x.File)
	in := l.Indent(x.Pass.Span.Start)
	p.Report(rule.Finding{
		Title:   "Proxy keeps nginx's timeouts of a minute",
		Claim:   fmt.Sprintf("`proxy_pass %s` states no timeouts: nginx waits 60 seconds to connect, and 60 between two reads.", x.Pass.Arg(0)),
		Primary: deploy.At(x.File, x.Pass.Span, x.Pass.Arg(0), ""), Subject: "timeouts " + x.Pass.Arg(0), Evidence: 1, Confidence: deploy.Confidence(x.File, 0.4), Cause: "default:" + x.File.Path,
		Fix:   report.Fix{Summary: "State what this location waits.", Behaviour: "A backend that does not accept within two seconds counts as failed."},
		Edits: []patch.Edit{l.InsertAfter(x.Pass.Span.End, in+"proxy_connect_timeout 2s;", in+"proxy_send_timeout 60s;", in+"proxy_read_timeout 60s;")},
	})
}
