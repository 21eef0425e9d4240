// Package retry finds loops that try a network call again, for the rules about how they wait.
package retry

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Loop is one retried call.
type Loop struct {
	File  *project.File
	Node  syntax.Ref // the loop, or the catch that holds Ruby's retry
	Again syntax.Ref // what sends the code back
	Call  string     // the library that is called, or the exceptions that are retried
	Wait  syntax.Ref // the call that waits; no node when nothing does
	Fixed bool       // the wait is a constant
}

var (
	network  = regexp.MustCompile(`(?i)(timeout|connection|net::|faraday|errno|openuri|http|socket|redis|serviceunavailable|servererror|requestexception|network|deadlock)`)
	attempts = regexp.MustCompile(`(?i)(attempt|retr(y|ies)|tries)`)
	waits    = regexp.MustCompile(`(?i)^(sleep|usleep|delay|wait|settimeout|backoff.*|pause|asleep|sleep_for|timeout|nanosleep|.*backoff|wait_for.*|setinterval|after|randomsleep|jitter.*)$`)
)

// Loops finds the loops of all application files.
func Loops(p *project.Project) []Loop {
	facts := client.Find(p)
	calls := map[string][]*client.Site{}
	for _, s := range facts.Sites {
		if s.Spec.Kind == client.HTTP && !s.Spec.Factory {
			calls[s.Path] = append(calls[s.Path], s)
		}
	}
	var out []Loop
	for _, f := range p.Files {
		if f.Tree == nil || f.Role != project.App {
			continue
		}
		if f.Lang == "ruby" {
			out = append(out, rubyRetries(f)...)
		}
		for _, s := range calls[f.Path] {
			if l, ok := loop(f, s); ok {
				out = append(out, l)
			}
		}
	}
	return out
}

// rubyRetries finds rescue clauses of network errors that end in retry.
func rubyRetries(f *project.File) []Loop {
	var out []Loop
	for b := range f.Tree.Root().Descendants(syntax.Break) {
		if b.Str() != "retry" {
			continue
		}
		c := b.Enclosing(syntax.Catch)
		if !c.Ok() || !network.MatchString(c.Str()) {
			continue
		}
		l := Loop{File: f, Node: c, Again: b, Call: c.Str()}
		l.Wait, l.Fixed = waiting(c)
		out = append(out, l)
	}
	return out
}

// loop finds the loop of attempts around a call, whose failure is caught inside of it.
func loop(f *project.File, s *client.Site) (Loop, bool) {
	n := s.Node
	l := n.Enclosing(syntax.While, syntax.For)
	try := n.Enclosing(syntax.Try)
	if !l.Ok() || !try.Ok() || !try.Inside(l) || n.Enclosing(syntax.Func, syntax.Lambda).Inside(l) && n.Enclosing(syntax.Func, syntax.Lambda).Ok() {
		return Loop{}, false
	}
	named := false
	for c := range l.Children() {
		if c.Role() == syntax.Body {
			continue
		}
		for m := range c.Descendants(syntax.Name, syntax.Member) {
			named = named || attempts.MatchString(m.Str())
		}
	}
	if !named {
		return Loop{}, false
	}
	for c := range try.All(syntax.CatchRole) {
		out := Loop{File: f, Node: l, Again: c, Call: s.Spec.Library}
		out.Wait, out.Fixed = waiting(l)
		return out, true
	}
	return Loop{}, false
}

// waiting finds the call that waits before the next try. Fixed means a literal, every time the same.
func waiting(scope syntax.Ref) (syntax.Ref, bool) {
	for c := range scope.Descendants(syntax.Call) {
		if !waits.MatchString(c.Str()) {
			continue
		}
		if c.Str() == "timeout" && c.Receiver().Ok() && !strings.Contains(c.Receiver().Str(), "ime") {
			continue
		}
		arg := c.Arg(0)
		if arg.Kind() == syntax.Lambda {
			arg = c.Arg(1)
		}
		return c, arg.Kind() == syntax.Number
	}
	return syntax.Ref{}, false
}
