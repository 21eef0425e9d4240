package client

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// ByDefault reports whether the timeout of a bounded call holds for callers that ask for none: it is a
// constant, a setting, or an option with a default. A limit that only an argument of the function
// brings is one on request.
func (s *Site) ByDefault() bool {
	fn, _ := Function(s.Node)
	if s.State != Bounded || !fn.Ok() {
		return s.State == Bounded
	}
	if !s.Value.Ok() || s.Value == s.Node {
		return !onRequest(s.Node, fn)
	}
	d := standing{fn: fn, seen: map[string]bool{}}
	return d.of(s.Value) && !onRequest(s.Value, fn)
}

// standing follows a value back to what a function has without its caller.
type standing struct {
	fn   syntax.Ref
	seen map[string]bool
}

func (d *standing) of(v syntax.Ref) bool {
	switch v.Kind() {
	case syntax.Invalid, syntax.Nil, syntax.Bool, syntax.Splat:
		return false
	case syntax.Number, syntax.String:
		return true
	case syntax.Binary:
		switch v.Str() {
		case "||", "??", "or":
			return d.of(v.Child(syntax.Left)) || d.of(v.Child(syntax.Right))
		}
		return d.of(v.Child(syntax.Left)) && d.of(v.Child(syntax.Right))
	case syntax.If:
		return d.of(v.Child(syntax.Body)) && d.of(v.Child(syntax.Else))
	case syntax.Name, syntax.Member:
		return d.named(v.Dotted())
	case syntax.Call:
		if v.Str() == "AbortController" {
			return d.timer(v)
		}
		// A value with a second one for want of it: kwargs.get("timeout", 10), min(given, 30).
		args := 0
		for a := range v.All(syntax.Arg) {
			args++
			if d.of(a) {
				return true
			}
		}
		return args == 0 && (!v.Receiver().Ok() || d.of(v.Receiver()))
	case syntax.Pair:
		return d.of(v.Child(syntax.Value))
	}
	for c := range v.Children() {
		if d.of(c) {
			return true
		}
	}
	return false
}

// named follows a variable, or what the caller handed in. A name from outside the function is a
// constant or a setting of the project.
func (d *standing) named(name string) bool {
	root, _, _ := strings.Cut(strings.ReplaceAll(name, "?", ""), ".")
	if root == "" || d.seen[root] {
		return false
	}
	d.seen[root] = true
	found := false
	for a := range d.fn.Descendants(syntax.Assign) {
		for t := range a.All(syntax.Target) {
			if t.Kind() == syntax.Map || t.Kind() == syntax.List {
				v, mine := unpacked(t, root)
				found = found || mine
				if mine && v.Ok() && d.of(v) {
					return true
				}
				continue
			}
			if t.Dotted() != root {
				continue
			}
			found = true
			if d.of(a.Child(syntax.Value)) && (!onRequest(a, d.fn) || completes(a, root)) {
				return true
			}
		}
	}
	for p := range d.fn.All(syntax.ParamRole) {
		if p.Str() == root {
			return d.of(p.Child(syntax.Value))
		}
		if v, mine := unpacked(p.Child(syntax.Target), root); mine {
			return v.Ok() && d.of(v)
		}
	}
	return !found
}

// timer looks for the timer that ends an AbortController made in the function.
func (d *standing) timer(made syntax.Ref) bool {
	if onRequest(made, d.fn) {
		return false
	}
	for c := range d.fn.Descendants(syntax.Call) {
		if c.Str() != "setTimeout" || onRequest(c, d.fn) {
			continue
		}
		for x := range c.Arg(0).Descendants(syntax.Call, syntax.Member) {
			if x.Str() == "abort" {
				return d.of(c.Arg(1))
			}
		}
		if c.Arg(0).Str() == "abort" {
			return d.of(c.Arg(1))
		}
	}
	return false
}

// unpacked returns the default of a name in a destructuring pattern.
func unpacked(pattern syntax.Ref, name string) (value syntax.Ref, found bool) {
	for e := range pattern.Children() {
		switch e.Kind() {
		case syntax.Pair:
			if e.Child(syntax.Value).Dotted() == name {
				return e.Child(syntax.Else), true
			}
		case syntax.Splat:
			if e.Child(syntax.Value).Dotted() == name {
				return syntax.Ref{}, true
			}
		}
	}
	return syntax.Ref{}, false
}

// onRequest reports whether a node runs only under a condition on a parameter of the function.
func onRequest(n, fn syntax.Ref) bool {
	given := parameters(fn)
	for c, p := n, n.Parent(); p.Ok() && c != fn; c, p = p, p.Parent() {
		cond := syntax.Ref{}
		switch {
		case p.Kind() == syntax.If && c.Role() != syntax.Cond:
			cond = p.Child(syntax.Cond)
		case p.Kind() == syntax.Binary && (p.Str() == "&&" || p.Str() == "and") && c.Role() == syntax.Right:
			cond = p.Child(syntax.Left)
		}
		if !cond.Ok() {
			continue
		}
		if cond.Kind() == syntax.Name && slices.Contains(given, cond.Str()) {
			return true
		}
		for x := range cond.Descendants(syntax.Name) {
			if slices.Contains(given, x.Str()) {
				return true
			}
		}
	}
	return false
}

// completes reports an assignment that fills in what the caller left out: if timeout is None: timeout = 5.
func completes(assign syntax.Ref, name string) bool {
	for c, p := assign, assign.Parent(); p.Ok() && p.Kind() != syntax.Func; c, p = p, p.Parent() {
		if p.Kind() != syntax.If || c.Role() == syntax.Cond {
			continue
		}
		cond := p.Child(syntax.Cond)
		if cond.Dotted() == name {
			return c.Role() == syntax.Else
		}
		for x := range cond.Descendants(syntax.Name) {
			if x.Str() == name {
				return true
			}
		}
	}
	return false
}

// parameters are the names that a caller fills, those unpacked from a parameter included.
func parameters(fn syntax.Ref) []string {
	var out []string
	add := func(pattern syntax.Ref) {
		for e := range pattern.Children() {
			if name := e.Child(syntax.Value).Dotted(); name != "" && !e.Child(syntax.Else).Ok() {
				out = append(out, name)
			}
		}
	}
	for p := range fn.All(syntax.ParamRole) {
		if p.Str() != "" && (!p.Child(syntax.Value).Ok() || p.Child(syntax.Value).Is(syntax.Nil, syntax.Map)) {
			out = append(out, p.Str())
		}
		add(p.Child(syntax.Target))
	}
	for a := range fn.Descendants(syntax.Assign) {
		v := a.Child(syntax.Value)
		if v.Kind() == syntax.Binary {
			v = v.Child(syntax.Left)
		}
		root, _, _ := strings.Cut(v.Dotted(), ".")
		if t := a.Child(syntax.Target); t.Kind() == syntax.Map && slices.Contains(out, root) {
			add(t)
		}
	}
	return out
}
