// Package shutdown finds services that die in the middle of requests when they are told to stop.
package shutdown

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.shutdown.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "ops.shutdown",
		Title:   "Service does not stop cleanly",
		Summary: "A shell stands between the container's stop signal and the process (shell form of CMD or ENTRYPOINT without exec), or a Go server listens without ever being shut down.",
		Why: "On every deploy the engine sends SIGTERM to process 1 and kills the container after a grace period. A shell as process 1 does not pass the signal on, so the server never hears it, goes on accepting, and is killed with its requests and jobs half done. " +
			"A Go program that does not handle SIGTERM ends at once: what is in flight is cut off.",
		Cost:     "deploys x pods x requests in flight, as errors; and the whole grace period for each pod",
		Fix:      "Use the exec form, or `exec` in front of the last command; in Go wait for the signal and call Server.Shutdown with a deadline.",
		Wrong:    "The shell replaces itself (bash and dash 0.5.11 or newer do for a single simple command), an init handles signals (`--init`, tini), or another part of the program shuts the server down.",
		Category: "docker-shutdown",
		Examples: []rule.Example{
			{Lang: "dockerfile", Before: "CMD bundle exec puma -C config/puma.rb", After: "CMD [\"bundle\", \"exec\", \"puma\", \"-C\", \"config/puma.rb\"]"},
			{Lang: "go", Before: "log.Fatal(srv.ListenAndServe())", After: "go srv.ListenAndServe()\n<-ctx.Done()\nsrv.Shutdown(drain)"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "Every deploy cuts off the requests and jobs in flight.",
		Proof:    "`docker stop` returns within a second instead of ten, and the log shows the shutdown of the server.",
		Refs: []report.Reference{
			{Title: "Kubernetes: termination of pods", URL: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination"},
		},
		LangRefs: map[string][]report.Reference{
			"dockerfile": {{Title: "Dockerfile reference: shell and exec form", URL: "https://docs.docker.com/reference/dockerfile/#shell-and-exec-form"}},
			"go":         {{Title: "Go: http.Server.Shutdown", URL: "https://pkg.go.dev/net/http#Server.Shutdown"}},
		},
		Langs: []string{"dockerfile", "go"},
	},
	Project: func(p *rule.Pass) {
		for _, f := range deploy.Files(p.Project, config.KindDockerfile) {
			image(p, f)
		}
		servers(p)
	},
}

var init1 = regexp.MustCompile(`(?i)\b(tini|dumb-init|s6-svscan|catatonit|supervisord|runit|/init)\b`)

func image(p *rule.Pass, f *project.File) {
	d := f.Doc.Dockerfile()
	final := d.Final()
	if final == nil {
		return
	}
	entry, cmd := d.Effective(final, "ENTRYPOINT"), d.Effective(final, "CMD")
	in := entry
	if in == nil {
		in = cmd
	} else if init1.MatchString(in.Script()) {
		return
	}
	if in == nil || in.IsExec() || in.Text == "" || in.Span.Start < final.Span.Start || in.Span.End > final.Span.End || len(in.Heredocs) > 0 {
		return
	}
	text := strings.TrimSpace(in.Text)
	last, prefix := lastCommand(text)
	if strings.HasPrefix(last, "exec ") || init1.MatchString(text) || oneShot.MatchString(last) || strings.ContainsAny(last, "|<>()`") {
		return
	}
	compound := prefix != "" || strings.ContainsAny(text, ";&|")
	confidence, how := 0.5, "unless the shell happens to replace itself"
	if compound {
		confidence, how = 0.75, "since the line is more than one command"
	}
	l := deploy.LinesOf(f)
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("%s in shell form keeps the stop signal from the process", in.Keyword),
		Claim:   fmt.Sprintf("`%s %s` is run by `/bin/sh -c`: the shell is process 1 and does not pass SIGTERM on, %s.", in.Keyword, short(text), how),
		Primary: deploy.At(f, in.Span, "", ""), Subject: in.Keyword, Evidence: 1, Confidence: deploy.Confidence(f, confidence), Cause: "shell form",
		Fix: report.Fix{Summary: "Make the program process 1: the exec form, or `exec` in front of the last command.",
			Behaviour: "The program gets SIGTERM and must end by itself within the grace period; the exec form does not expand variables."},
		Edits: []patch.Edit{l.Replace(in.Span.Start, in.Span.End, in.Keyword+" "+rewrite(text, prefix, last, compound))},
	})
}

var oneShot = regexp.MustCompile(`^(/bin/)?(ba)?sh$|^(echo|true|sleep|tail|ls|cat)\b|\b(test|tests|lint|build|migrate)$`)

// lastCommand splits a line of shell at its last && or ;.
func lastCommand(text string) (last, prefix string) {
	i := max(strings.LastIndex(text, "&&"), strings.LastIndex(text, ";"))
	if i < 0 {
		return text, ""
	}
	end := i + 1
	if strings.HasPrefix(text[i:], "&&") {
		end++
	}
	rest := text[end:]
	last = strings.TrimSpace(rest)
	return last, text[:len(text)-len(strings.TrimLeft(rest, " \t"))]
}

var assignment = regexp.MustCompile(`^[A-Za-z_]\w*=`)

func rewrite(text, prefix, last string, compound bool) string {
	if compound || strings.ContainsAny(last, "$\"'*?~\\&") || assignment.MatchString(last) {
		if assignment.MatchString(last) {
			return prefix + "exec env " + last
		}
		return prefix + "exec " + last
	}
	var words []string
	for _, w := range strings.Fields(last) {
		b, err := json.Marshal(w)
		if err != nil {
			return "exec " + text
		}
		words = append(words, string(b))
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func short(s string) string {
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}

// servers looks at Go programs: a main package that listens, of which nothing shuts a server down.
func servers(p *rule.Pass) {
	byDir := map[string][]*project.File{}
	for _, f := range p.Files {
		if f.Lang == "go" && f.Tree != nil && f.Role == project.App {
			byDir[path.Dir(f.Path)] = append(byDir[path.Dir(f.Path)], f)
		}
	}
	for _, f := range p.Files {
		files := byDir[path.Dir(f.Path)]
		if f.Lang != "go" || len(files) == 0 || files[0] != f || !isMain(files) {
			continue
		}
		var listen syntax.Ref
		var at *project.File
		handled := false
		for _, g := range files {
			for c := range g.Tree.Root().Descendants(syntax.Call) {
				switch c.Str() {
				case "Shutdown", "GracefulStop", "Notify", "NotifyContext":
					handled = true
				case "ListenAndServe", "ListenAndServeTLS":
					if !listen.Ok() && !aside(c) {
						listen, at = c, g
					}
				}
			}
		}
		if !listen.Ok() || handled {
			continue
		}
		p.Report(rule.Finding{
			Title:   "HTTP server ends without draining",
			Claim:   fmt.Sprintf("`%s` listens, and nothing in the program handles SIGTERM: a deploy ends the process with its requests half answered.", path.Dir(f.Path)),
			Primary: rule.At(at, listen, ""), Subject: "listen", Evidence: 1, Confidence: 0.65, Effort: report.OneFile,
			Fix: report.Fix{Summary: "Wait for SIGTERM with signal.NotifyContext, then call Server.Shutdown with a deadline below the grace period.",
				Behaviour: "The process lives on until the requests in flight are answered, or the deadline passes."},
		})
	}
}

func isMain(files []*project.File) bool {
	for _, f := range files {
		for c := range f.Tree.Root().Children() {
			if c.Kind() == syntax.Func && c.Str() == "main" {
				return true
			}
		}
	}
	return false
}

var asideWord = regexp.MustCompile(`(?i)(metric|pprof|debug|prom|admin|health)`)

// aside reports servers for metrics and profiles, whose requests nobody misses.
func aside(c syntax.Ref) bool {
	if c.Enclosing(syntax.Go).Ok() {
		return true
	}
	found := false
	c.Walk(func(n syntax.Ref) bool {
		found = found || asideWord.MatchString(n.Str())
		return true
	})
	return found
}
