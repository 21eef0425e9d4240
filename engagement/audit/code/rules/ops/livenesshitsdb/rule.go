// Package livenesshitsdb finds liveness probes that ask a database.
package livenesshitsdb

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.liveness-hits-db.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "ops.liveness-hits-db",
		Title:    "Liveness probe asks a dependency",
		Summary:  "The path of a Kubernetes liveness probe is answered by code that queries the database or pings another service.",
		Why:      "A liveness probe answers one question: would a restart help? When the database stumbles for a minute, every pod fails its liveness probe at once and the whole fleet is restarted into a database that is trying to recover, with cold caches and a storm of new connections. A short incident becomes a long one.",
		Cost:     "one blip of the database -> restart of every pod",
		Fix:      "Answer liveness without leaving the process; ask dependencies in the readiness probe only.",
		Wrong:    "The query is of a database inside the pod.",
		Category: "k8s-liveness-dependency",
		Examples: []rule.Example{{Lang: "ruby", Before: "def live\n  ActiveRecord::Base.connection.select_value(\"SELECT 1\")\n  head :ok\nend", After: "def live\n  head :ok\nend"}},
		Severity: report.High,
		Effort:   report.OneFile,
		Cliff:    "A short stall of the database restarts the whole fleet.",
		Proof:    "Stop the database of a test cluster for two minutes: pods leave rotation and none restarts.",
		Refs:     []report.Reference{{Title: "Kubernetes: liveness, readiness and startup probes", URL: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/"}},
		Langs:    []string{"yaml", "ruby", "python", "typescript", "go", "php"},
	},
	Project: func(p *rule.Pass) {
		done := map[syntax.Ref]bool{}
		for _, o := range deploy.Objects(p.Project) {
			if o.Pod == nil {
				continue
			}
			for i := range o.Pod.Containers {
				c := &o.Pod.Containers[i]
				if c.Liveness == nil || c.Liveness.Type != "httpGet" || len(c.Liveness.Path) < 2 {
					continue
				}
				for _, h := range handlers(p.Project, c.Liveness.Path) {
					if n := dependency(h.body); n.Ok() && !done[n] {
						done[n] = true
						check(p, o, c, h, n)
					}
				}
			}
		}
	},
}

// handler is code that answers a path.
type handler struct {
	file *project.File
	body syntax.Ref
	path string
}

// handlers finds what answers a path: the function or closure given where the path is registered, or
// the controller's action that a Rails route names.
func handlers(p *project.Project, path string) []handler {
	path = strings.TrimSuffix(path, "/")
	var out []handler
	for _, f := range p.Files {
		if f.Tree == nil || f.Role != project.App || !holds(f, path) {
			continue
		}
		for s := range f.Tree.Root().Descendants(syntax.String) {
			if strings.Trim(s.Str(), "/^$") != strings.Trim(path, "/") {
				continue
			}
			call := s.Parent()
			if call.Kind() == syntax.Pair {
				call = call.Parent()
				if call.Kind() == syntax.Map {
					call = call.Parent()
				}
			}
			if call.Kind() != syntax.Call {
				continue
			}
			if fn := call.Parent(); call.Role() == syntax.Decorator && fn.Kind() == syntax.Func {
				out = append(out, handler{f, fn, path})
				continue
			}
			for _, a := range call.Args() {
				switch a.Kind() {
				case syntax.Lambda:
					out = append(out, handler{f, a, path})
				case syntax.Name, syntax.Member:
					out = append(out, named(p, f, a.Str(), path)...)
				case syntax.Pair:
					if a.Str() == "to" || a.Child(syntax.Key).Str() == "to" || a.Child(syntax.Value).Kind() == syntax.String && strings.Contains(a.Child(syntax.Value).Str(), "#") {
						out = append(out, action(p, a.Child(syntax.Value).Str(), path)...)
					}
				}
			}
			if f.Lang == "ruby" {
				out = append(out, action(p, call.Keyword("to").Str(), path)...)
			}
		}
	}
	return out
}

func holds(f *project.File, path string) bool {
	want := strings.Trim(path, "/")
	for _, s := range f.Tree.Strings {
		if len(s) <= len(path)+4 && strings.Trim(s, "/^$") == want {
			return true
		}
	}
	return false
}

func named(p *project.Project, from *project.File, name, path string) []handler {
	var out []handler
	dir := from.Path[:strings.LastIndex("/"+from.Path, "/")]
	for _, f := range p.Files {
		if f.Tree == nil || f.Lang != from.Lang || f.Role != project.App {
			continue
		}
		if f != from && !(f.Lang == "go" || f.Lang == "python") || !strings.HasPrefix(f.Path, dir) {
			continue
		}
		for fn := range f.Tree.Root().Descendants(syntax.Func) {
			if fn.Str() == name {
				out = append(out, handler{f, fn, path})
			}
		}
	}
	return out
}

// action resolves "health#live" to the method of the controller.
func action(p *project.Project, to, path string) []handler {
	controller, method, ok := strings.Cut(to, "#")
	if !ok {
		return nil
	}
	for _, f := range p.Files {
		if f.Tree == nil || f.Lang != "ruby" || !strings.HasSuffix(f.Path, "controllers/"+controller+"_controller.rb") {
			continue
		}
		for fn := range f.Tree.Root().Descendants(syntax.Func) {
			if fn.Str() == method {
				return []handler{{f, fn, path}}
			}
		}
	}
	return nil
}

var (
	trivial = regexp.MustCompile(`(?i)^\s*select\s+(1|now\(\)|true)\b`)
	pinged  = regexp.MustCompile(`(?i)(^|[._@])(db|database|pool|redis|rdb|conn|connection|prisma|pg|sql|mongo|cache|client)\w*$`)
)

// dependency finds a question to another system in a handler.
func dependency(body syntax.Ref) syntax.Ref {
	found := syntax.Ref{}
	for c := range body.Descendants(syntax.Call) {
		receiver := c.Receiver().Dotted()
		if receiver == "" {
			receiver = c.Receiver().Str()
		}
		switch c.Str() {
		case "ping", "Ping", "PingContext", "authenticate", "ensure_connection":
			if pinged.MatchString(receiver) {
				return c
			}
		case "select_value", "$queryRaw", "$queryRawUnsafe":
			return c
		}
		for _, a := range c.Args() {
			if a.Kind() == syntax.String && trivial.MatchString(a.Str()) {
				return c
			}
		}
	}
	return found
}

func check(p *rule.Pass, o deploy.Object, c *config.Container, h handler, n syntax.Ref) {
	p.Report(rule.Finding{
		Title:     fmt.Sprintf("Liveness of `%s` depends on another system", o.Name),
		Claim:     fmt.Sprintf("The liveness probe of %s `%s` asks `%s`, and its handler calls `%s`: when that system stumbles, every pod is restarted.", o.Kind, o.Name, h.path, n.Str()),
		Primary:   rule.At(h.file, n, ""),
		Secondary: []rule.Place{deploy.At(o.File, c.Liveness.Span, o.Name, "the probe")},
		Subject:   h.path, Evidence: 2, Confidence: deploy.Confidence(o.File, 0.85),
		Fix: report.Fix{Summary: "Answer liveness without leaving the process; keep the question for readiness.", Behaviour: "Pods stay up while a dependency is away; readiness takes them out of rotation."},
	})
}
