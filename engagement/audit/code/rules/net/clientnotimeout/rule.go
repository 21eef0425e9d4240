// Package clientnotimeout finds calls of other machines that nothing bounds in time.
package clientnotimeout

import (
	"fmt"
	"path"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is net.client-no-timeout.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "net.client-no-timeout",
		Title:    "Network call without a timeout",
		Summary:  "A client of an HTTP service, database, search engine, cache or socket waits for its peer without a limit, or with one of a minute and more that nobody chose.",
		Why:      "A peer that refuses a connection is harmless; one that accepts it and stays silent is not. Without a timeout each call to it keeps a thread, a job slot, a file descriptor and often a database connection until the peer answers or the process restarts. With n workers and c calls a second the whole pool waits after n / c seconds, and requests that never needed the peer fail with it.",
		Cost:     "O -> t for each call while the peer is silent; O how long the peer stays silent or the library's own limit, t the timeout. The pool is empty after n / c seconds (n workers, c calls a second)",
		Fix:      "Set a connect and a total timeout where the client is made: a few seconds more than the slowest answer that is still useful. Then decide what a timed-out call does: fail, retry with a budget, or answer without it.",
		Wrong:    "A caller passes the timeout in through options that the audit can not see, a proxy in front of the peer bounds the wait, or the call streams for hours on purpose. Calls whose options come from a parameter, and libraries for which the project sets a default for all calls, are not reported.",
		Category: "client-no-timeout",
		Examples: []rule.Example{
			{Lang: "python", Before: "requests.post(url, json=event)", After: "requests.post(url, json=event, timeout=(3, 10))"},
			{Lang: "typescript", Before: "await fetch(url, { method: \"POST\", body })", After: "await fetch(url, { method: \"POST\", body, signal: AbortSignal.timeout(10_000) })"},
			{Lang: "go", Before: "client := &http.Client{}", After: "client := &http.Client{Timeout: 10 * time.Second}"},
		},
		Severity: report.High,
		Effort:   report.OneLine,
		Cliff:    "One silent peer takes every worker that calls it; the pool runs dry and the application stops.",
		Proof:    "Point the client at a listener that accepts and never answers (nc -l 8080): the call must fail after the timeout.",
		Refs: []report.Reference{
			{Title: "Requests: timeouts", URL: "https://requests.readthedocs.io/en/latest/user/advanced/#timeouts"},
			{Title: "Ruby: Net::HTTP#read_timeout", URL: "https://docs.ruby-lang.org/en/master/Net/HTTP.html"},
			{Title: "Go: http.Client", URL: "https://pkg.go.dev/net/http#Client"},
			{Title: "MDN: AbortSignal.timeout", URL: "https://developer.mozilla.org/en-US/docs/Web/API/AbortSignal/timeout_static"},
			{Title: "Guzzle: request options", URL: "https://docs.guzzlephp.org/en/stable/request-options.html#timeout"},
		},
		Langs: []string{"ruby", "python", "typescript", "php", "java", "go"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	facts := client.Find(p.Project)
	sites := append([]*client.Site{}, facts.Sites...)
	zeros := facts.Zeros()
	seen := map[string]bool{}
	for _, s := range zeros {
		seen[fmt.Sprint(s.Path, s.Node.ID)] = true
	}
	sites = append(sites, zeros...)
	sort.SliceStable(sites, func(i, j int) bool {
		if sites[i].Path != sites[j].Path {
			return sites[i].Path < sites[j].Path
		}
		return sites[i].Node.Start() < sites[j].Node.Start()
	})
	for _, s := range sites {
		f := p.File(s.Path)
		switch {
		case s.State == client.Bounded || s.State == client.Unknown:
			continue
		case s.State == client.Unset && s.Spec.Safe:
			continue
		case s.State == client.Infinite && s.Value.Parent() != s.Node && seen[fmt.Sprint(s.Path, s.Value.Parent().ID)]:
			continue // the setter itself is reported
		case s.State == client.Unset && facts.Defaults[s.Spec.Library] != "":
			continue
		case s.Spec.Library == "requests" && facts.Defaults["requests session"] != "" && s.Node.Receiver().Dotted() != "requests":
			continue // an adapter or session class of the project bounds it
		case s.Spec.Lang == "typescript" && !facts.Server[s.Path]:
			continue
		}
		p.Report(finding(p, f, s))
	}
}

func finding(p *rule.Pass, f *project.File, s *client.Site) rule.Finding {
	spec := s.Spec
	call := name(s)
	out := rule.Finding{
		Title:      fmt.Sprintf("%s without a timeout", spec.Library),
		Primary:    rule.At(f, s.Node, "waits here"),
		Subject:    subject(s, call),
		Cause:      "no-timeout:" + spec.Library,
		Evidence:   1,
		Confidence: 0.85,
		Severity:   report.High,
		Fix:        report.Fix{Summary: summary(s)},
		WrongIf:    "The options of this call are completed elsewhere, or a proxy in between bounds the wait.",
	}
	switch {
	case s.State == client.Infinite:
		out.Title = fmt.Sprintf("%s is told to wait for ever", displayed(spec, call))
		out.Claim = fmt.Sprintf("`%s` switches the timeout off: %s means no limit, so a silent peer holds this caller until the process restarts.", call, literal(f, s))
		out.Cause = ""
		out.Primary.Note = "timeout switched off"
		out.WrongIf = "The call streams on purpose and something else (a keep-alive, a watchdog) ends it when the peer is gone."
	case s.Node.Kind() == syntax.Assign:
		out.Claim = fmt.Sprintf("The settings name a mail server (`%s`) and no EMAIL_TIMEOUT: the SMTP client waits %s for a server that accepts and stays silent.", call, spec.Wait)
	case spec.Default:
		out.Severity = report.Medium
		out.Confidence = 0.7
		out.Claim = fmt.Sprintf("`%s` sets no timeout: it waits %s.", call, spec.Wait)
	case spec.Factory:
		out.Claim = fmt.Sprintf("`%s` makes a client without a timeout: when the %s accepts and stays silent, everything that uses it waits %s.", call, peer(spec.Kind), spec.Wait)
	default:
		out.Claim = fmt.Sprintf("`%s` sets no timeout: when the %s accepts and stays silent, the caller waits %s.", call, peer(spec.Kind), spec.Wait)
	}
	if spec.Lang == "go" && spec.Library == "http.Client" && s.State == client.Unset && cancellable(f) {
		out.Confidence = 0.55
		out.Severity = report.Medium
		out.WrongIf = "Every request made with this client carries a context with a deadline."
	}
	if minor(f) {
		out.Severity = report.Low
		out.Confidence = 0.4
	}
	if spec.Library == "cassandra-driver" {
		out.Severity, out.Confidence = report.Low, min(out.Confidence, 0.55)
	}
	out.Cost = p.Cost.Hold(wait(spec), []report.Input{cost.Assume("t", 30_000, "ms", "the timeout of the patch; choose it from the peer's p99")}, "call to a silent peer")
	if edits, ok := edits(f, s); ok {
		out.Edits = edits
		out.Fix.Behaviour = "A call that takes longer than the timeout now fails with the library's timeout error, where it used to wait; callers that do not handle it will raise."
	}
	return out
}

// subject names a call independently of its line.
func subject(s *client.Site, call string) string {
	if s.Variable != "" {
		return call + " -> " + s.Variable
	}
	return call
}

func displayed(spec *client.Spec, call string) string {
	if spec.Library == "explicit zero" {
		return "`" + call + "`"
	}
	return spec.Library
}

// name writes the call as the reader sees it, without its arguments.
func name(s *client.Site) string {
	n := s.Node
	if n.Kind() == syntax.Assign {
		return n.Child(syntax.Target).Dotted()
	}
	if r := n.Receiver(); r.Ok() {
		d := r.Dotted()
		if d == "" {
			d = "…"
		}
		if s.Spec.Lang == "php" {
			return d + "->" + n.Str()
		}
		return d + "." + n.Str()
	}
	if n.Has(syntax.FlagNew) && s.Spec.Lang != "go" && s.Spec.Lang != "python" {
		return "new " + n.Str()
	}
	return n.Str()
}

func literal(f *project.File, s *client.Site) string {
	if !s.Value.Ok() {
		return "the value"
	}
	t := strings.TrimSpace(f.NodeText(s.Value))
	if t == "" || len(t) > 20 {
		return "the value"
	}
	return "`" + t + "`"
}

func summary(s *client.Site) string {
	if s.State == client.Infinite {
		return "Give the call a finite timeout: longer than the longest answer that is meant to come, with a reconnect when it passes."
	}
	if s.Spec.Factory {
		return "Set connect and total timeouts where this client is made, so that every user of it is bounded."
	}
	return "Pass a timeout to the call, or send all calls of " + s.Spec.Library + " through one client of the project that has one."
}

func peer(k client.Kind) string {
	switch k {
	case client.HTTP, client.Socket:
		return "other side"
	case client.Mail:
		return "mail server"
	case client.Directory:
		return "directory server"
	case client.Search:
		return "search engine"
	case client.Cache:
		return "cache"
	case client.Broker:
		return "broker"
	}
	return "database"
}

// wait is how long a call to a silent peer takes now.
func wait(spec *client.Spec) []report.Input {
	if spec.Default {
		ms := 60_000.0
		if strings.Contains(spec.Wait, "300 s") {
			ms = 300_000
		}
		return []report.Input{{Name: "O", Value: ms, Unit: "ms", Origin: report.Published, Detail: "the default of " + spec.Library + ": " + spec.Wait}}
	}
	return []report.Input{cost.Assume("O", 600_000, "ms", "how long the peer stays silent; nothing else ends the wait")}
}

// cancellable reports whether a Go file gives requests a context, which may carry a deadline.
func cancellable(f *project.File) bool {
	for _, s := range f.Tree.Strings {
		switch s {
		case "NewRequestWithContext", "WithContext", "WithTimeout", "WithDeadline":
			return true
		}
	}
	return false
}

// minor reports whether a file is run by a person who can stop it.
func minor(f *project.File) bool {
	switch f.Role {
	case project.Script, project.Seed, project.Migration:
		return true
	}
	for _, d := range strings.Split(path.Dir(f.Path), "/") {
		if strings.HasPrefix(d, "cli-") || strings.HasSuffix(d, "-cli") {
			return true
		}
		switch d {
		case "cli", "scripts", "ctl", "cmdline", "console", "devtools", "scaffolding", "generators", "examples":
			return true
		}
	}
	return false
}
