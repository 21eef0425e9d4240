// Package ctxleak finds contexts, tickers and timers of Go that are never released.
package ctxleak

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/lifetime"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rewrite"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is go.ctx-leak.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "go.ctx-leak",
		Title:    "Context, ticker or timer not released",
		Summary:  "The cancel function of a context is dropped or not called on some path, or (before Go 1.23) a ticker is not stopped and time.After is made anew in each turn of a loop.",
		Why:      "A context with a deadline keeps a timer and its place in the parent's list until it is cancelled; one without a deadline keeps it for as long as the parent lives, which for a server is for ever. Before Go 1.23 a ticker that is not stopped is never collected, and each time.After lives until it fires: in a busy loop with a timeout of minutes that is a queue of minutes.",
		Cost:     "about 300 B and one timer for each call until the deadline, or for ever",
		Fix:      "defer cancel() behind the call; defer ticker.Stop(); one timer with Reset in place of time.After in a loop.",
		Wrong:    "The cancel function is called by somebody it was given to. What is returned, stored or passed on is not reported; modules that ask for Go 1.23 or newer are not asked about tickers and time.After.",
		Category: "goroutine-leak",
		Examples: []rule.Example{{Lang: "go",
			Before: "ctx, _ = context.WithTimeout(ctx, time.Second)",
			After:  "ctx, cancel := context.WithTimeout(ctx, time.Second)\ndefer cancel()"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Proof:    "Compare a heap profile after ten thousand calls: context.WithCancel and time.newTimer must not grow.",
		Refs: []report.Reference{
			{Title: "Go: context.WithCancel", URL: "https://pkg.go.dev/context#WithCancel"},
			{Title: "Go 1.23: timer changes", URL: "https://go.dev/doc/go1.23#timer-changes"},
		},
		Langs: []string{"go"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	modern := map[string]bool{}
	for _, f := range p.Files {
		if path.Base(f.Path) == "go.mod" {
			modern[path.Dir(f.Path)] = newTimers(f.Source())
		}
	}
	for _, f := range p.Files {
		if f.Lang != "go" || f.Tree == nil || f.Role != project.App {
			continue
		}
		for a := range f.Tree.Root().Descendants(syntax.Assign) {
			contexts(p, f, a)
		}
		if fresh(modern, path.Dir(f.Path)) {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.Assign, syntax.Call) {
			tickers(p, f, n)
		}
	}
}

var directive = regexp.MustCompile(`(?m)^go\s+1\.(\d+)`)

// newTimers reports whether a go.mod asks for a Go in which timers are collected.
func newTimers(src []byte) bool {
	m := directive.FindSubmatch(src)
	if m == nil {
		return false
	}
	minor, err := strconv.Atoi(string(m[1]))
	return err == nil && minor >= 23
}

func fresh(modern map[string]bool, dir string) bool {
	for {
		if v, ok := modern[dir]; ok {
			return v
		}
		if dir == "." {
			return false
		}
		dir = path.Dir(dir)
	}
}

func contexts(p *rule.Pass, f *project.File, a syntax.Ref) {
	call := a.Child(syntax.Value)
	if call.Receiver().Dotted() != "context" || !strings.HasPrefix(call.Str(), "With") || call.Str() == "WithValue" || call.Str() == "WithoutCancel" {
		return
	}
	var targets []string
	for t := range a.All(syntax.Target) {
		targets = append(targets, t.Dotted())
	}
	if len(targets) != 2 || strings.Contains(targets[1], ".") || !a.Enclosing(syntax.Func).Ok() {
		return
	}
	out := rule.Finding{
		Primary:    rule.At(f, a, "cancel is made here"),
		Subject:    "context." + call.Str() + " " + targets[1],
		Evidence:   1,
		Confidence: 0.8,
		Cost:       lifetime.Lost("contexts", "call"),
		Fix:        report.Fix{Summary: "Call the cancel function on every path, best with a defer."},
	}
	if targets[1] == "_" {
		out.Title = "The cancel function of a context is dropped"
		out.Claim = fmt.Sprintf("`context.%s` gives a cancel function and it is thrown away: what the context holds is released at its deadline or its parent's end at the earliest.", call.Str())
		p.Report(out)
		return
	}
	r := lifetime.Of(lifetime.Value{Open: a, Name: targets[1]})
	switch r.Fate {
	case lifetime.Never:
		if len(r.Uses) > 0 {
			return
		}
		out.Title = "A context is never cancelled"
		out.Claim = fmt.Sprintf("`%s` is never called.", targets[1])
	case lifetime.Sometimes:
		out.Title = "A context is not cancelled on an early return"
		out.Claim = fmt.Sprintf("`%s` is called at line %d, but line %d leaves before that.", targets[1], r.Close.Line(), r.Exit.Line())
		out.Severity, out.Confidence = report.Low, 0.6
	default:
		return
	}
	if loop := a.Enclosing(syntax.For, syntax.While); !loop.Ok() || !loop.Inside(a.Enclosing(syntax.Func, syntax.Lambda)) {
		if e, ok := rewrite.After(f, a, "defer "+targets[1]+"()"); ok && a.Parent().Kind() == syntax.Block {
			out.Edits = []patch.Edit{e}
			out.Fix.Behaviour = "The context ends when the function returns; work that was started with it and is meant to go on must get a context of its own."
		}
	}
	p.Report(out)
}

func tickers(p *rule.Pass, f *project.File, n syntax.Ref) {
	if n.Kind() == syntax.Call {
		if n.Str() != "After" || n.Receiver().Dotted() != "time" {
			return
		}
		c := n.Enclosing(syntax.Case)
		loop := n.Enclosing(syntax.For, syntax.While)
		if !c.Ok() || !n.Inside(c.Child(syntax.Cond)) || !loop.Ok() || !loop.Inside(n.Enclosing(syntax.Func, syntax.Lambda)) {
			return
		}
		// One or two turns make no queue: the select must have another case that goes on.
		going := 0
		for range c.Parent().All(syntax.CaseRole) {
			going++
		}
		if going < 2 || seconds(n.Arg(0)) {
			return
		}
		p.Report(rule.Finding{
			Title:      "A timer is made in each turn of a loop",
			Claim:      "`time.After` makes a new timer in each turn; before Go 1.23 each stays until it fires, also when another case was taken.",
			Primary:    rule.At(f, n, "one timer each turn"),
			Subject:    "time.After",
			Cause:      "time-after-in-loop",
			Evidence:   1,
			Confidence: 0.55,
			Severity:   report.Low,
			Cost:       lifetime.Lost("timers", "turn"),
			Fix:        report.Fix{Summary: "Make one time.NewTimer before the loop and Reset it, or build with Go 1.23 or newer."},
		})
		return
	}
	call := n.Child(syntax.Value)
	if call.Str() != "NewTicker" || call.Receiver().Dotted() != "time" || !n.Enclosing(syntax.Func).Ok() {
		return
	}
	name := n.Child(syntax.Target).Dotted()
	if name == "" || name == "_" || strings.Contains(name, ".") || n.Enclosing(syntax.Func).Str() == "main" {
		return
	}
	if r := lifetime.Of(lifetime.Value{Open: n, Name: name, Close: []string{"Stop"}, Part: "C"}); r.Fate == lifetime.Never && returns(n) {
		out := rule.Finding{
			Title:      "A ticker is never stopped",
			Claim:      fmt.Sprintf("`%s` is not stopped when the function returns; before Go 1.23 it ticks for ever.", name),
			Primary:    rule.At(f, n, "ticker made here"),
			Subject:    "time.NewTicker " + name,
			Evidence:   1,
			Confidence: 0.7,
			Severity:   report.Low,
			Cost:       lifetime.Lost("tickers", "call"),
			Fix:        report.Fix{Summary: "defer " + name + ".Stop()", Behaviour: "The ticker stops when the function returns."},
		}
		if e, ok := rewrite.After(f, n, "defer "+name+".Stop()"); ok && n.Parent().Kind() == syntax.Block {
			out.Edits = []patch.Edit{e}
		}
		p.Report(out)
	}
}

// seconds reports whether a duration is too short to queue up.
func seconds(d syntax.Ref) bool {
	for m := range d.Descendants(syntax.Member) {
		if m.Str() == "Millisecond" || m.Str() == "Microsecond" || m.Str() == "Second" {
			return true
		}
	}
	return false
}

// returns reports whether the function that holds a node can end.
func returns(n syntax.Ref) bool {
	fn := n.Enclosing(syntax.Func, syntax.Lambda)
	for r := range fn.Descendants(syntax.Return) {
		if r.Start() > n.Start() && r.Enclosing(syntax.Func, syntax.Lambda) == fn {
			return true
		}
	}
	return false
}
