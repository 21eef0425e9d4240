// Package keepaliveorder finds servers that close idle connections before their load balancer does.
package keepaliveorder

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.keepalive-order.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "ops.keepalive-order",
		Title:    "Server closes idle connections before its load balancer",
		Summary:  "A Go, Node or Puma server states an idle timeout that is shorter than the one of the load balancer or proxy that the same project configures in front of it.",
		Why:      "The load balancer keeps connections to the server and reuses them. When the server's idle timeout is the shorter one, it may close a connection in the very moment in which the balancer sends the next request on it: the client gets a 502 that no log of the server shows. It is rare, spread evenly, and gone when anybody looks.",
		Cost:     "requests on connections that were idle for just that long, as 502",
		Fix:      "Let the side that opens the connection close it: a server timeout a few seconds longer than the balancer's.",
		Wrong:    "Something else stands between the two. Only stated timeouts are compared, never defaults of the server.",
		Category: "keepalive-order",
		Examples: []rule.Example{{Lang: "typescript", Before: "server.keepAliveTimeout = 5_000; // the ALB keeps 60 s", After: "server.keepAliveTimeout = 65_000;\nserver.headersTimeout = 66_000;"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Proof:    "The balancer's count of 502 without an answer of the target falls to zero.",
		Refs: []report.Reference{
			{Title: "AWS: HTTP 502 errors of an Application Load Balancer", URL: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues"},
			{Title: "nginx: upstream keepalive_timeout", URL: "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive_timeout"},
		},
		Langs: []string{"go", "typescript", "ruby", "terraform", "nginx"},
	},
	Project: func(p *rule.Pass) {
		front, place := balancer(p.Project)
		if front == 0 {
			return
		}
		for _, f := range p.Files {
			if f.Tree != nil && (f.Role == project.App || strings.HasSuffix(f.Path, "config/puma.rb")) {
				server(p, f, front, place)
			}
		}
	},
}

// balancer is the idle timeout, in seconds, of what stands in front, and where that is said.
func balancer(p *project.Project) (int, rule.Place) {
	for _, f := range deploy.Files(p, config.KindTerraform) {
		for _, kind := range []string{"aws_lb", "aws_alb"} {
			for _, b := range f.Doc.Terraform().Resources(kind) {
				if t := b.Attr("load_balancer_type"); t != nil && t.Text != "application" {
					continue
				}
				a := b.Attr("idle_timeout")
				if a == nil {
					return 60, deploy.At(f, config.Span{Start: b.Span.Start, End: b.Span.Start}, b.Address(), "keeps idle connections for 60 seconds, its default")
				}
				if v, ok := a.Int(); ok {
					return v, deploy.At(f, a.Span, b.Address(), "the load balancer's idle timeout")
				}
			}
		}
	}
	for _, x := range deploy.Proxies(p) {
		u := x.Upstream()
		if u.Child("keepalive") == nil {
			continue
		}
		d := u.Child("keepalive_timeout")
		if d == nil {
			return 60, deploy.At(x.File, u.Child("keepalive").Span, u.Arg(0), "keeps idle connections for 60 seconds, nginx's default")
		}
		if v, err := strconv.Atoi(strings.TrimSuffix(d.Arg(0), "s")); err == nil {
			return v, deploy.At(x.File, d.Span, u.Arg(0), "the proxy's idle timeout")
		}
	}
	return 0, rule.Place{}
}

func server(p *rule.Pass, f *project.File, front int, place rule.Place) {
	switch f.Lang {
	case "go":
		for n := range f.Tree.Root().Descendants(syntax.Pair) {
			if n.Str() != "IdleTimeout" || !strings.Contains(f.NodeText(n.Parent()), "Addr") && !strings.Contains(f.NodeText(n.Parent().Parent()), "http.Server") {
				continue
			}
			v := n.Child(syntax.Value)
			if m := goSeconds.FindStringSubmatch(f.NodeText(v)); m != nil {
				secs, err := strconv.Atoi(m[1])
				if err == nil {
					compare(p, f, v, secs, front, place, strconv.Itoa(front+5)+" * time.Second")
				}
			}
		}
	case "typescript", "javascript":
		for a := range f.Tree.Root().Descendants(syntax.Assign) {
			if t := a.Child(syntax.Target); t.Kind() == syntax.Member && t.Str() == "keepAliveTimeout" {
				v := a.Child(syntax.Value)
				if ms, err := strconv.Atoi(strings.ReplaceAll(v.Str(), "_", "")); err == nil && v.Kind() == syntax.Number && ms > 0 {
					compare(p, f, v, ms/1000, front, place, strconv.Itoa((front+5)*1000))
				}
			}
		}
	case "ruby":
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			if c.Str() == "persistent_timeout" && !c.Receiver().Ok() {
				v := c.Arg(0)
				if secs, err := strconv.Atoi(v.Str()); err == nil && v.Kind() == syntax.Number {
					compare(p, f, v, secs, front, place, strconv.Itoa(front+5))
				}
			}
		}
	}
}

var goSeconds = regexp.MustCompile(`^(\d+) ?\* ?time\.Second$`)

func compare(p *rule.Pass, f *project.File, v syntax.Ref, secs, front int, place rule.Place, fixed string) {
	if secs == 0 || secs > front {
		return
	}
	p.Report(rule.Finding{
		Title:     fmt.Sprintf("Idle timeout of %d s is below the balancer's %d s", secs, front),
		Claim:     fmt.Sprintf("The server closes idle connections after %d seconds, what stands in front keeps them for %d: requests that meet the close end in 502.", secs, front),
		Primary:   rule.At(f, v, ""),
		Secondary: []rule.Place{place}, Subject: "idle timeout", Evidence: 1, Confidence: 0.65,
		Fix:   report.Fix{Summary: fmt.Sprintf("Keep idle connections for %d seconds.", front+5), Behaviour: "Idle connections stay open longer and hold a file descriptor each. In Node raise headersTimeout above it as well."},
		Edits: []patch.Edit{{Path: f.Path, Start: int(v.Start()), End: int(v.End()), New: fixed}},
	})
}
