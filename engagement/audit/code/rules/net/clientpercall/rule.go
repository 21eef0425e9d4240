// Package clientpercall finds clients with a connection pool that are made for one call and dropped.
package clientpercall

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/lifetime"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is net.client-per-call.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "net.client-per-call",
		Title:    "Client with a connection pool made for each call",
		Summary:  "A function makes a client that holds a pool of connections, uses it and drops it.",
		Why:      "The pool is the point of such a client: a connection that is open already saves the handshakes of TCP and TLS and the login. Made in the function, it connects anew each time, and what it opened stays open until it idles out: under load sockets in TIME_WAIT and logins of the server run out.",
		Cost:     "h -> 0 for each call; h the handshake of TCP and TLS",
		Fix:      "Make the client once (a package variable, a singleton, the application's container) and share it: these clients are safe for concurrent use.",
		Wrong:    "The function runs once, or each call needs other credentials. Clients that are returned, stored or made in constructors and start-up code are not reported.",
		Category: "client-per-call",
		Examples: []rule.Example{{Lang: "go",
			Before: "client := &http.Client{Transport: &http.Transport{TLSClientConfig: cfg}}\nresp, err := client.Do(req)",
			After:  "var client = &http.Client{Transport: &http.Transport{TLSClientConfig: cfg}}\n\nresp, err := client.Do(req)"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Proof:    "Count new connections (ss -s, or the server's connection rate) per call before and after.",
		LangRefs: map[string][]report.Reference{
			"go":         {{Title: "Go: clients and transports should be created once and reused", URL: "https://pkg.go.dev/net/http#hdr-Clients_and_Transports"}},
			"typescript": {{Title: "Prisma: connection management", URL: "https://www.prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections"}},
		},
		Langs: []string{"go", "typescript", "python", "java", "ruby"},
	},
	Project: check,
}

var starts = regexp.MustCompile(`(?i)^(main|init|setup|configure|new.*|create.*|make.*|build.*|get.*client|get.*redis|get.*pool|connect.*|constructor|initialize|__init__|run|serve|start.*|bootstrap|register.*|provide.*|client|connection)$`)

func check(p *rule.Pass) {
	facts := client.Find(p.Project)
	for _, s := range facts.Sites {
		f := p.File(s.Path)
		if !s.Spec.Pool || f.Role != project.App || s.Spec.Lang == "typescript" && !facts.Server[s.Path] {
			continue
		}
		local(p, f, s.Node, s.Statement, s.Variable, s.Spec.Library)
	}
	for _, f := range p.Files {
		if f.Lang != "go" || f.Tree == nil || f.Role != project.App {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.Call) {
			if n.Str() != "http.Transport" || !n.Has(syntax.FlagNew) || n.Keyword("DisableKeepAlives").Ok() {
				continue
			}
			// http.Client{Transport: &http.Transport{}}: the client is what is dropped.
			holder := n.Parent()
			for holder.Is(syntax.Unary, syntax.Pair) {
				holder = holder.Parent()
			}
			a := holder
			if holder.Kind() == syntax.Call && holder.Str() == "http.Client" {
				a = holder.Parent()
				if a.Kind() == syntax.Unary {
					a = a.Parent()
				}
			} else {
				continue
			}
			if a.Kind() == syntax.Assign {
				local(p, f, n, a, a.Child(syntax.Target).Dotted(), "http.Transport")
			}
		}
	}
}

// local reports a client that a function makes, uses and drops.
func local(p *rule.Pass, f *project.File, n, assign syntax.Ref, variable, library string) {
	fn := n.Enclosing(syntax.Func)
	if !fn.Ok() || assign.Kind() != syntax.Assign || variable == "" || strings.ContainsAny(variable, ".@$") || assign.Str() == "||=" || starts.MatchString(fn.Str()) {
		return
	}
	for d := range fn.All(syntax.Decorator) {
		switch d.Str() {
		case "Bean", "Provides", "lru_cache", "cache", "cached_property", "fixture", "Produces", "command":
			return
		}
	}
	r := lifetime.Of(lifetime.Value{Open: assign, Name: variable, Close: []string{"close", "Close", "disconnect", "quit", "$disconnect", "end"}})
	if r.Fate == lifetime.Given || !used(r.Uses) {
		return
	}
	for x := range fn.Descendants(syntax.Other) {
		if strings.HasPrefix(x.Str(), "global") {
			return
		}
	}
	confidence := 0.65
	for m := range n.Descendants(syntax.Member, syntax.Name) {
		if s := strings.ToLower(m.Str()); strings.Contains(s, "configuration") || strings.Contains(s, "credential") {
			confidence = 0.45 // each caller connects to a place of its own
		}
	}
	t := p.Cost.Rate("h", rate.TLSHandshake)
	p.Report(rule.Finding{
		Title:      library + " is made for each call",
		Claim:      fmt.Sprintf("`%s` makes a client of %s with a connection pool of its own for each call, and drops it at the end: every call connects anew.", fn.Str(), library),
		Primary:    rule.At(f, n, "made in the function"),
		Subject:    fn.Str() + " " + library,
		Cause:      "client-per-call:" + library,
		Evidence:   1,
		Confidence: confidence,
		Cost:       p.Cost.Hold([]report.Input{t}, nil, "call"),
		Fix:        report.Fix{Summary: "Make the client once and share it between calls."},
		WrongIf:    "The function runs once, or each call needs other credentials.",
	})
}

// used reports whether a method of the client is called.
func used(uses []syntax.Ref) bool {
	for _, u := range uses {
		if u.Role() == syntax.Receiver {
			return true
		}
	}
	return false
}
