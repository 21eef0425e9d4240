// Package servernotimeout finds servers that let a client hold a connection without a limit.
package servernotimeout

import (
	"fmt"
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rewrite"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is net.server-no-timeout.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "net.server-no-timeout",
		Title:    "Server without timeouts",
		Summary:  "A Go server has no limit for reading a request, or a Node server or worker has its own limit switched off.",
		Why:      "The zero value of each timeout of http.Server means none: a client that sends its headers one byte a minute keeps a connection, a goroutine and a file descriptor for as long as it likes. A few thousand of them from one laptop use up the descriptors of the process. The same is true of a Node server whose limits are set to 0 and of a worker that is never stopped.",
		Cost:     "s slow clients hold s descriptors; the process stops accepting at its limit L",
		Fix:      "Set ReadHeaderTimeout and IdleTimeout (and ReadTimeout and WriteTimeout where no response streams). Keep Node's defaults.",
		Wrong:    "Only a trusted proxy that buffers requests can reach the port. Then the limit of the proxy holds, and this is a second line.",
		Category: "server-no-timeout",
		Examples: []rule.Example{{Lang: "go",
			Before: "srv := &http.Server{Addr: \":8080\", Handler: mux}",
			After:  "srv := &http.Server{Addr: \":8080\", Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "A handful of slow clients take every file descriptor; the server accepts nobody else.",
		Proof:    "Open a connection with nc, send half a header and wait: the server must close it.",
		LangRefs: map[string][]report.Reference{
			"go":         {{Title: "Go: http.Server", URL: "https://pkg.go.dev/net/http#Server"}},
			"typescript": {{Title: "Node: server.requestTimeout", URL: "https://nodejs.org/api/http.html#serverrequesttimeout"}},
			"python":     {{Title: "Gunicorn: timeout", URL: "https://docs.gunicorn.org/en/stable/settings.html#timeout"}},
		},
		Langs: []string{"go", "typescript", "python"},
	},
	File: check,
}

func check(p *rule.Pass, f *project.File) {
	if f.Role != project.App && f.Role != project.Config && f.Role != project.Script {
		return
	}
	switch client.Language(f.Lang) {
	case "go":
		if f.Role == project.App {
			goServers(p, f)
		}
	case "typescript":
		nodeServers(p, f)
	case "python":
		if strings.Contains(path.Base(f.Path), "gunicorn") {
			gunicorn(p, f)
		}
	}
}

func goServers(p *rule.Pass, f *project.File) {
	var names *client.Names
	for n := range f.Tree.Root().Descendants(syntax.Call) {
		if !strings.HasSuffix(n.Str(), "Server") && !strings.HasPrefix(n.Str(), "ListenAndServe") {
			continue
		}
		if names == nil {
			names = client.NamesOf(f)
		}
		switch callee := names.Callee(n); callee {
		case "net/http.Server":
			if !n.Has(syntax.FlagNew) || n.Keyword("ReadHeaderTimeout").Ok() || n.Keyword("ReadTimeout").Ok() || later(n) {
				continue
			}
			out := finding(p, f, n, "http.Server", "This `http.Server` sets neither ReadHeaderTimeout nor ReadTimeout: a client that never ends its request keeps the connection for ever.")
			if e, ok := rewrite.Argument(f, n, "ReadHeaderTimeout: 10 * time.Second"); ok {
				if imp, ok, needed := rewrite.GoImport(f, "time"); ok {
					out.Edits = []patch.Edit{e}
					if needed {
						out.Edits = append(out.Edits, imp)
					}
					out.Fix.Behaviour = "A client that has not sent its headers after ten seconds is disconnected; idle connections close after the same time. Bodies and responses are not limited."
				}
			}
			p.Report(out)
		case "net/http.ListenAndServe", "net/http.ListenAndServeTLS":
			p.Report(finding(p, f, n, n.Str(), fmt.Sprintf("`http.%s` serves with no timeouts at all: a client that never ends its request keeps the connection for ever.", n.Str())))
		}
	}
}

// later reports whether a timeout is set on a server after its literal.
func later(n syntax.Ref) bool {
	scope := n.Enclosing(syntax.Func)
	if !scope.Ok() {
		scope = n.T.Root()
	}
	for a := range scope.Descendants(syntax.Assign) {
		for t := range a.All(syntax.Target) {
			if t.Str() == "ReadHeaderTimeout" || t.Str() == "ReadTimeout" {
				return true
			}
		}
	}
	return false
}

func finding(p *rule.Pass, f *project.File, n syntax.Ref, subject, claim string) rule.Finding {
	return rule.Finding{
		Claim:      claim,
		Primary:    rule.At(f, n, "no limit"),
		Subject:    subject,
		Cause:      "server-no-timeout",
		Evidence:   1,
		Confidence: 0.7,
		Fix:        report.Fix{Summary: "Set ReadHeaderTimeout and IdleTimeout on an http.Server of your own."},
		WrongIf:    "A proxy in front buffers requests and is the only one that reaches the port.",
	}
}

func nodeServers(p *rule.Pass, f *project.File) {
	for a := range f.Tree.Root().Descendants(syntax.Assign) {
		t, v := a.Child(syntax.Target), a.Child(syntax.Value)
		if t.Kind() != syntax.Member || v.Kind() != syntax.Number || v.Str() != "0" {
			continue
		}
		if t.Str() != "requestTimeout" && t.Str() != "headersTimeout" || !strings.Contains(strings.ToLower(t.Receiver().Dotted()), "server") {
			continue
		}
		out := finding(p, f, a, t.Str(), fmt.Sprintf("`%s = 0` switches off Node's limit for slow requests: a client that never ends its request keeps the socket for ever.", t.Dotted()))
		text := "300_000"
		if t.Str() == "headersTimeout" {
			text = "60_000"
		}
		out.Fix.Summary = "Keep Node's default, or give a finite limit."
		out.Edits = []patch.Edit{rewrite.Replace(f, v, text)}
		out.Fix.Behaviour = "A request that is not complete after Node's default time is answered with 408."
		p.Report(out)
	}
}

func gunicorn(p *rule.Pass, f *project.File) {
	for a := range f.Tree.Root().Descendants(syntax.Assign) {
		v := a.Child(syntax.Value)
		if a.Child(syntax.Target).Dotted() != "timeout" || v.Kind() != syntax.Number || v.Str() != "0" || a.Enclosing(syntax.Func).Ok() {
			continue
		}
		out := finding(p, f, a, "gunicorn timeout", "`timeout = 0` tells Gunicorn never to restart a worker that hangs: each stuck request takes a worker away until the next deployment.")
		out.Cause = ""
		out.Fix.Summary = "Set a timeout above the slowest request that is still useful."
		out.Edits = []patch.Edit{rewrite.Replace(f, v, "60")}
		out.Fix.Behaviour = "A sync worker that is silent for 60 s is killed and its request lost."
		p.Report(out)
	}
}
