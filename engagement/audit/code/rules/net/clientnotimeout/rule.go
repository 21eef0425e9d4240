// Package clientnotimeout finds calls of other machines that nothing bounds in time.
package clientnotimeout

import (
	"fmt"
	"sort"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is net.client-no-timeout.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "net.client-no-timeout",
		Title:    "Network call without a timeout",
		Summary:  "A client of an HTTP service, database, search engine, cache or socket waits for its peer without a limit, or with one of a minute and more that nobody chose.",
		Why:      "A peer that refuses a connection is harmless; one that accepts it and stays silent is not. Without a timeout each call to it keeps a thread, a job slot, a file descriptor and often a database connection until the peer answers or the process restarts. With n workers and c calls a second the whole pool waits after n / c seconds, and requests that never needed the peer fail with it. An event loop and goroutines do not run dry; there the waiting calls pile up with what they hold.",
		Cost:     "no average: the pool is empty n / c seconds after the peer fell silent (n workers, c calls a second), and stays so",
		Fix:      "Set a connect and a total timeout where the client is made: a few seconds more than the slowest answer that is still useful. Then decide what a timed-out call does: fail, retry with a budget, or answer without it.",
		Wrong:    "A caller passes the timeout in through options that the audit can not see, a proxy in front of the peer bounds the wait, or the call streams for hours on purpose. Calls whose options come from a parameter, libraries for which the project sets a default for all calls, clients of Go whose requests all carry a context of their caller or with a deadline, code of browsers and functions that nothing uses are not reported.",
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
		LangRefs: map[string][]report.Reference{
			"python":     {{Title: "Requests: timeouts", URL: "https://requests.readthedocs.io/en/latest/user/advanced/#timeouts"}},
			"ruby":       {{Title: "Ruby: Net::HTTP#read_timeout", URL: "https://docs.ruby-lang.org/en/master/Net/HTTP.html"}},
			"go":         {{Title: "Go: http.Client", URL: "https://pkg.go.dev/net/http#Client"}},
			"typescript": {{Title: "MDN: AbortSignal.timeout", URL: "https://developer.mozilla.org/en-US/docs/Web/API/AbortSignal/timeout_static"}},
			"php":        {{Title: "Guzzle: request options", URL: "https://docs.guzzlephp.org/en/stable/request-options.html#timeout"}},
			"java":       {{Title: "Spring Boot: REST clients", URL: "https://docs.spring.io/spring-boot/reference/io/rest-client.html"}},
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
	var found []waits
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
		case s.Spec.Lang == "typescript" && (!facts.Server[s.Path] || facts.Dead(f, s.Node)):
			continue
		}
		found = append(found, waits{f, s, situate(p, f, s)})
	}
	serious := map[string]bool{}
	for _, w := range found {
		if !w.at.minor() {
			serious[w.site.Spec.Lang+w.site.Spec.FamilyName()] = true
		}
	}
	for _, w := range found {
		out := finding(p, facts, w.file, w.site, w.at)
		if w.at.minor() && !serious[w.site.Spec.Lang+w.site.Spec.FamilyName()] {
			out.Confidence = min(out.Confidence, 0.4) // a command alone is no finding of its own
		}
		p.Report(out)
	}
}

// waits is a call that nothing bounds, and what stands around it.
type waits struct {
	file *project.File
	site *client.Site
	at   situation
}
