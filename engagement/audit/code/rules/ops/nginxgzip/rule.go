// Package nginxgzip finds nginx servers that send text uncompressed.
package nginxgzip

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.nginx-gzip.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "ops.nginx-gzip",
		Title:    "Text is sent uncompressed",
		Summary:  "A whole nginx configuration serves files or proxies pages without gzip, or turns gzip on for HTML alone.",
		Why:      "JSON, JavaScript and CSS compress to a fifth. `gzip on` compresses text/html only: everything else needs gzip_types. The difference is the time on the wire for every client that is far away, and egress that is paid by the gigabyte.",
		Cost:     "bytes x (1 - 1/5) per answer",
		Fix:      "Turn gzip on with the types that are text.",
		Wrong:    "A CDN or another proxy in front compresses, or the files are compressed at build time (gzip_static). Fragments that a larger configuration includes are not reported.",
		Category: "nginx-gzip",
		Examples: []rule.Example{{Lang: "nginx", Before: "gzip on;", After: "gzip on;\ngzip_types text/css application/javascript application/json image/svg+xml;"}},
		Severity: report.Low,
		Effort:   report.OneLine,
		Proof:    "`curl -sI -H 'Accept-Encoding: gzip' URL/app.js` shows Content-Encoding: gzip.",
		Refs:     []report.Reference{{Title: "nginx: gzip module", URL: "https://nginx.org/en/docs/http/ngx_http_gzip_module.html"}},
		Langs:    []string{"nginx"},
	},
	Project: func(p *rule.Pass) {
		for _, f := range deploy.Files(p.Project, config.KindNginx) {
			if n := f.Doc.Nginx(); n != nil {
				check(p, f, n)
			}
		}
	},
}

const types = "gzip_types text/plain text/css text/xml application/json application/javascript application/xml image/svg+xml;"

func check(p *rule.Pass, f *project.File, n *config.Nginx) {
	on := n.Find("gzip")
	for _, name := range []string{"gzip_types", "gzip_static", "brotli", "zstd"} {
		if len(n.Find(name)) > 0 {
			return
		}
	}
	l := deploy.LinesOf(f)
	fix := report.Fix{Summary: "Compress text.", Behaviour: "nginx spends CPU time on compressing; answers that were compressed carry a weak ETag."}
	for _, g := range on {
		if g.Arg(0) == "on" {
			p.Report(rule.Finding{
				Title:   "gzip compresses HTML alone",
				Claim:   "`gzip on` without `gzip_types` compresses text/html only: scripts, styles and JSON are sent as they are.",
				Primary: deploy.At(f, g.Span, "", ""), Subject: "gzip_types", Cause: "types", Evidence: 1, Confidence: deploy.Confidence(f, 0.65), Fix: fix,
				Edits: []patch.Edit{l.InsertAfter(g.Span.End, l.Indent(g.Span.Start)+types)},
			})
			return
		}
	}
	http := n.Find("http")
	if len(on) > 0 || len(http) != 1 || http[0].Span.Start == http[0].Span.End || foreign(http[0]) || !serves(n) {
		return
	}
	p.Report(rule.Finding{
		Title:   "nginx sends text uncompressed",
		Claim:   "This configuration serves text and never turns gzip on, which is off by default.",
		Primary: rule.LineAt(f, http[0].Span.Start, http[0].Span.Start, "", ""), Subject: "gzip", Cause: "off", Evidence: 1, Confidence: deploy.Confidence(f, 0.55), Fix: fix,
		Edits: []patch.Edit{l.InsertAfter(http[0].Span.Start, l.Indent(http[0].Span.Start)+"    gzip on;", l.Indent(http[0].Span.Start)+"    "+types)},
	})
}

// foreign reports includes in which the directives may stand; lists of types hold none.
func foreign(http *config.Directive) bool {
	for _, i := range http.Children("include") {
		if !endsIn(i.Arg(0), "mime.types") {
			return true
		}
	}
	return false
}

func endsIn(s, end string) bool { return len(s) >= len(end) && s[len(s)-len(end):] == end }

func serves(n *config.Nginx) bool {
	return len(n.Find("root"))+len(n.Find("alias"))+len(n.Find("proxy_pass")) > 0
}
