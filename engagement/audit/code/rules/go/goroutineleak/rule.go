// Package goroutineleak finds goroutines of Go that wait for ever to send their result.
package goroutineleak

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/lifetime"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is go.goroutine-leak.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "go.goroutine-leak",
		Title:    "Goroutine that waits for ever to send",
		Summary:  "A goroutine sends its result on an unbuffered channel, and the receiver may have left by another case of its select or by a return.",
		Why:      "A send on an unbuffered channel waits for a receiver. When the receiver took the timeout instead, nobody ever comes: the goroutine and everything that it holds stay for the life of the process, one for each timeout, most of them exactly when the peer is slow.",
		Cost:     "at least 2 KiB, and all that the goroutine holds, for each call that timed out",
		Fix:      "Give the channel room for the result: make(chan T, 1). Or let the goroutine select on the context, too.",
		Wrong:    "Somebody drains the channel later. Sends inside of a select, buffered channels, and channels that are handed to others are not reported.",
		Category: "goroutine-leak",
		Examples: []rule.Example{{Lang: "go",
			Before: "done := make(chan error)\ngo func() { done <- work() }()\nselect {\ncase err := <-done:\n\treturn err\ncase <-ctx.Done():\n\treturn ctx.Err()\n}",
			After:  "done := make(chan error, 1)\ngo func() { done <- work() }()\nselect {\ncase err := <-done:\n\treturn err\ncase <-ctx.Done():\n\treturn ctx.Err()\n}"}},
		Severity: report.High,
		Effort:   report.OneLine,
		Cliff:    "Goroutines pile up while a peer is slow, until the process is out of memory.",
		Proof:    "runtime.NumGoroutine() before and after a thousand timeouts.",
		Refs:     []report.Reference{{Title: "Go: channel sends", URL: "https://go.dev/ref/spec#Send_statements"}},
		Langs:    []string{"go"},
	},
	File: check,
}

func check(p *rule.Pass, f *project.File) {
	if f.Role != project.App {
		return
	}
	for a := range f.Tree.Root().Descendants(syntax.Assign) {
		v := a.Child(syntax.Value)
		if v.Str() != "make" || v.Arg(1).Ok() || !strings.HasPrefix(v.Arg(0).Str(), "chan ") {
			continue
		}
		name := a.Child(syntax.Target).Str()
		fn := a.Enclosing(syntax.Func, syntax.Lambda)
		if a.Child(syntax.Target).Kind() != syntax.Name || !fn.Ok() {
			continue
		}
		send, sends, ok := sending(fn, a, name)
		if !ok {
			continue
		}
		exit := leaves(fn, send, name)
		if !exit.Ok() {
			continue
		}
		out := rule.Finding{
			Claim:      fmt.Sprintf("The goroutine sends on `%s`, which has no buffer; when line %d leaves first, nobody receives and the goroutine waits for ever.", name, exit.Line()),
			Primary:    rule.At(f, send, "waits for a receiver"),
			Secondary:  []rule.Place{rule.At(f, a, "no buffer"), rule.At(f, exit, "the receiver may leave here")},
			Subject:    name,
			Evidence:   1,
			Confidence: 0.8,
			Cost:       lifetime.Lost("goroutines", "timeout"),
			Fix:        report.Fix{Summary: fmt.Sprintf("Give `%s` a buffer for every value that is sent.", name)},
		}
		if sends == 1 && !send.Enclosing(syntax.For, syntax.While).Inside(fn) {
			at := int(v.Arg(0).End())
			out.Edits = []patch.Edit{{Path: f.Path, Start: at, End: at, New: ", 1"}}
			out.Fix.Behaviour = "The goroutine ends when its work is done, whether somebody waits or not."
		} else if sends > 1 && !looped(fn, send, name) {
			at := int(v.Arg(0).End())
			out.Edits = []patch.Edit{{Path: f.Path, Start: at, End: at, New: fmt.Sprintf(", %d", sends)}}
			out.Fix.Behaviour = "The goroutines end when their work is done, whether somebody waits or not."
		}
		p.Report(out)
	}
}

// sending returns the first send in a goroutine of the function and how many there are. It is false
// when the channel goes elsewhere, or is sent on in a select.
func sending(fn, decl syntax.Ref, name string) (first syntax.Ref, n int, ok bool) {
	for r := range fn.Descendants(syntax.Name) {
		if r.Str() != name || r.Inside(decl) {
			continue
		}
		p := r.Parent()
		switch {
		case p.Kind() == syntax.Binary && p.Str() == "<-" && r.Role() == syntax.Left:
			if c := p.Parent(); c.Kind() == syntax.Case && p.Role() == syntax.Cond {
				return first, 0, false
			}
			if !inGoroutine(p, fn) {
				return first, 0, false
			}
			n++
			if !first.Ok() {
				first = p
			}
		case p.Kind() == syntax.Unary && p.Str() == "<-":
		case p.Kind() == syntax.Call && p.Str() == "close" && r.Role() == syntax.Arg:
		default:
			return first, 0, false // ranged over, returned, passed on
		}
	}
	return first, n, first.Ok()
}

func inGoroutine(n, fn syntax.Ref) bool {
	g := n.Enclosing(syntax.Go)
	return g.Ok() && g.Inside(fn)
}

// leaves returns the exit of a select that receives from the channel by another case, if there is one
// and nothing else receives.
func leaves(fn, send syntax.Ref, name string) syntax.Ref {
	var exit syntax.Ref
	for r := range fn.Descendants(syntax.Unary) {
		if r.Str() != "<-" || r.Child(syntax.Value).Str() != name || r.Inside(send.Enclosing(syntax.Go)) {
			continue
		}
		c := r.Enclosing(syntax.Case)
		if !c.Ok() || !inCond(r, c) {
			return syntax.Ref{} // a plain receive somewhere
		}
		for other := range c.Parent().All(syntax.CaseRole) {
			if other == c {
				continue
			}
			for x := range other.Child(syntax.Body).Descendants(syntax.Return) {
				if !x.Enclosing(syntax.Lambda).Inside(other) || !x.Enclosing(syntax.Lambda).Ok() {
					exit = x
				}
			}
		}
	}
	// A deferred or late drain.
	for d := range fn.Descendants(syntax.Defer) {
		for u := range d.Descendants(syntax.Unary) {
			if u.Str() == "<-" && u.Child(syntax.Value).Str() == name {
				return syntax.Ref{}
			}
		}
	}
	return exit
}

func inCond(n, c syntax.Ref) bool {
	for q := n; q.Ok() && q != c; q = q.Parent() {
		if q.Parent() == c {
			return q.Role() == syntax.Cond
		}
	}
	return false
}

func looped(fn, send syntax.Ref, name string) bool {
	for b := range fn.Descendants(syntax.Binary) {
		if b.Str() == "<-" && b.Child(syntax.Left).Str() == name {
			if l := b.Enclosing(syntax.For, syntax.While); l.Ok() && l.Inside(fn) {
				return true
			}
		}
	}
	return false
}
