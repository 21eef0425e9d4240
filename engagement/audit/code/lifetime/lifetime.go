// Package lifetime tells what becomes of a value that has to be closed: whether the function that
// opened it closes it on every path, gives it away, or drops it.
//
// It looks at one function at a time and at names, not at aliases: a value that is returned, stored,
// captured by something that outlives the function, or handed to a function that could close it counts
// as given away. That errs on the side of silence.
package lifetime

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Fate is what happens to the value.
type Fate uint8

// Fates.
const (
	Given     Fate = iota // returned, stored or passed on: somebody else's to close
	Always                // closed on every path
	Sometimes             // closed at the end, but a path leaves before: see Exit
	Never                 // not closed anywhere in the function
)

// Value describes what to follow.
type Value struct {
	Open   syntax.Ref // the assignment, or the With or If initialiser that holds it
	Name   string     // dotted name of the variable
	Close  []string   // methods that close it
	Part   string     // "Body" when it is name.Part that is closed and passed around
	Errors []string   // names of error variables assigned together with it
	// Borrows reports whether a call uses an argument without keeping or closing it.
	Borrows func(call syntax.Ref) bool
}

// Result is the fate and the nodes that decided it.
type Result struct {
	Fate  Fate
	Close syntax.Ref // the first close that is not deferred
	Exit  syntax.Ref // the return or throw that leaves the value open
	Uses  []syntax.Ref
}

// Of follows a value through the function it was opened in.
func Of(v Value) Result {
	fn := v.Open.Enclosing(syntax.Func, syntax.Lambda)
	if !fn.Ok() {
		fn = v.Open.T.Root()
	}
	w := walker{v: v, fn: fn}
	if named(fn.Child(syntax.TypeRole).Str(), v.Name) {
		return Result{Fate: Given} // a named result: a bare return gives it away
	}
	var exits []syntax.Ref
	fn.Walk(func(n syntax.Ref) bool {
		if w.given {
			return false
		}
		if n.Start() < v.Open.Start() && n.End() <= v.Open.Start() {
			w.deferredEarlier(n)
			return false
		}
		switch n.Kind() {
		case syntax.Return, syntax.Throw:
			if n.Start() > v.Open.Start() && nearest(n) == fn {
				exits = append(exits, n)
			}
		case syntax.Name, syntax.Member:
			if n.Dotted() == v.Name && !(n.Role() == syntax.Target && n.Parent() == v.Open) && n.Start() >= v.Open.Start() {
				w.use(n)
				return false
			}
		case syntax.Call: // a call of the value itself: cancel()
			if n.Str() == v.Name && !n.Receiver().Ok() {
				w.closed(n)
			}
		}
		return true
	})
	r := Result{Close: w.close, Uses: w.uses}
	switch {
	case w.given:
		r.Fate = Given
	case w.always:
		r.Fate = Always
	case !w.close.Ok():
		r.Fate = Never
	default:
		r.Fate = Always
		for _, e := range exits {
			if e.Start() < w.close.Start() && !w.failed(e) && !w.closedBefore(e) {
				r.Fate, r.Exit = Sometimes, e
				break
			}
		}
	}
	return r
}

// named reports whether a result list of Go names the variable.
func named(results, name string) bool {
	if !strings.HasPrefix(results, "(") {
		return false
	}
	for _, part := range strings.Split(strings.Trim(results, "()"), ",") {
		if fields := strings.Fields(part); len(fields) > 1 && fields[0] == name {
			return true
		}
	}
	return false
}

type walker struct {
	v             Value
	fn            syntax.Ref
	given, always bool
	close         syntax.Ref
	closes        []syntax.Ref
	uses          []syntax.Ref
}

func nearest(n syntax.Ref) syntax.Ref {
	if f := n.Enclosing(syntax.Func, syntax.Lambda); f.Ok() {
		return f
	}
	return n.T.Root()
}

var handsOut = map[string]bool{"cursor": true, "makefile": true, "session": true, "connect": true, "open": true, "getInputStream": true, "getOutputStream": true, "getChannel": true,
	"createStatement": true, "prepareStatement": true, "executeQuery": true, "stream": true, "Conn": true, "open_sftp": true}

// deferredEarlier notices a deferred closure that stands before the open and closes what will be in
// the variable by then.
func (w *walker) deferredEarlier(n syntax.Ref) {
	if n.Kind() != syntax.Defer {
		return
	}
	for c := range n.Descendants(syntax.Call) {
		for _, name := range w.v.Close {
			if c.Str() == name && strings.HasPrefix(c.Receiver().Dotted()+".", w.v.Name+".") && n.Child(syntax.Value).Child(syntax.Callee).Kind() == syntax.Lambda {
				w.always = true
			}
		}
	}
}

// use judges one mention of the value.
func (w *walker) use(n syntax.Ref) {
	w.uses = append(w.uses, n)
	w.captured(n)
	p := n.Parent()
	if w.v.Part != "" {
		if p.Kind() == syntax.Member && p.Str() == w.v.Part && n.Role() == syntax.Receiver {
			n, p = p, p.Parent()
		} else if n.Role() == syntax.Receiver && p.Is(syntax.Member, syntax.Call) {
			return // another field, or a method
		}
	}
	switch p.Kind() {
	case syntax.Call:
		if n.Role() == syntax.Receiver {
			for _, c := range w.v.Close {
				if p.Str() == c {
					w.closed(p)
					return
				}
			}
			// What a method hands out may hold the value and be returned: connection.cursor().
			if p.Parent().Kind() == syntax.Return && handsOut[p.Str()] {
				w.given = true
			}
			return
		}
		if n.Role() == syntax.Arg {
			name := strings.ToLower(p.Str())
			if strings.Contains(name, "close") || strings.Contains(name, "drain") || strings.Contains(name, "cleanup") {
				w.closed(p)
				return
			}
			if w.v.Borrows != nil && w.v.Borrows(p) {
				return
			}
			w.given = true
		}
	case syntax.Binary:
		switch p.Str() {
		case "==", "!=", "<", ">", "&&", "||", "is", "is not", "in", "instanceof", "===", "!==":
			return
		}
		w.given = w.given || p.Str() == "<-" || n.Role() != syntax.Left
	case syntax.If, syntax.While:
	case syntax.For:
		// Iterating a file or rows reads it.
	case syntax.Member, syntax.Index:
		if n.Role() != syntax.Receiver {
			w.given = true
		}
	case syntax.Unary:
		w.given = w.given || p.Str() == "&" || p.Str() == "*"
	case syntax.Assign:
		if n.Role() == syntax.Target {
			if v := p.Child(syntax.Value); v.Kind() == syntax.Nil || w.declares(p) {
				return
			}
			return // assigned anew: the fate of the second value is its own
		}
		if t := p.Child(syntax.Target); t.Str() == "_" {
			return
		}
		w.given = true
	case syntax.With:
		w.always = true
	case syntax.Block, syntax.File:
	case syntax.Defer, syntax.Go, syntax.Return, syntax.Await, syntax.Pair, syntax.List, syntax.Map, syntax.Lambda, syntax.Splat, syntax.Throw:
		w.given = true
	default:
		w.given = true
	}
}

// captured notices a goroutine that uses the value: it may live longer than the function.
func (w *walker) captured(n syntax.Ref) {
	g := n.Enclosing(syntax.Go)
	if nearest(n) != w.fn && g.Ok() && g.Inside(w.fn) {
		w.given = true
	}
}

func (w *walker) declares(assign syntax.Ref) bool { return assign == w.v.Open }

// closed judges one close: deferred, in a finally, or in the flow.
func (w *walker) closed(call syntax.Ref) {
	for p := call.Parent(); p.Ok() && p != w.fn; p = p.Parent() {
		if p.Kind() == syntax.Defer || p.Role() == syntax.Finally {
			w.always = true
			return
		}
		if p.Kind() == syntax.Lambda || p.Kind() == syntax.Func {
			// A closure that closes: a cleanup that somebody calls.
			w.always = true
			return
		}
	}
	w.closes = append(w.closes, call)
	if !w.close.Ok() || call.Start() > w.close.Start() && w.close.Parent().Kind() != syntax.Block {
		w.close = call
	}
	if call.Start() > w.close.Start() && depth(call) <= depth(w.close) {
		w.close = call
	}
}

func depth(n syntax.Ref) int {
	d := 0
	for p := n.Parent(); p.Ok(); p = p.Parent() {
		d++
	}
	return d
}

// failed reports whether an exit belongs to the check of the open itself: there is nothing to close.
func (w *walker) failed(exit syntax.Ref) bool {
	for p := exit.Parent(); p.Ok() && p != w.fn; p = p.Parent() {
		if p.Kind() == syntax.Catch {
			return p.Start() > w.v.Open.End() && inside(w.v.Open, p.Parent())
		}
		if p.Kind() != syntax.If {
			continue
		}
		cond := p.Child(syntax.Cond)
		mentions := false
		for n := range cond.Descendants(syntax.Name) {
			for _, e := range w.v.Errors {
				mentions = mentions || n.Str() == e
			}
			mentions = mentions || n.Dotted() == w.v.Name && strings.Contains("== === !", cond.Str())
		}
		if !mentions {
			continue
		}
		if p.Child(syntax.Init).Ok() && p.Child(syntax.Init) != w.v.Open {
			continue // if err := other(); err != nil
		}
		if !w.reassigned(p) {
			return true
		}
	}
	return false
}

func inside(n, ancestor syntax.Ref) bool { return n.Inside(ancestor) }

// reassigned reports whether one of the error variables is set again between the open and a check.
func (w *walker) reassigned(check syntax.Ref) bool {
	for a := range w.fn.Descendants(syntax.Assign) {
		if a.Start() <= w.v.Open.Start() || a.Start() >= check.Start() || a == w.v.Open {
			continue
		}
		for t := range a.All(syntax.Target) {
			for _, e := range w.v.Errors {
				if t.Str() == e {
					return true
				}
			}
		}
	}
	return false
}

// closedBefore reports whether an exit's own block closes the value first.
func (w *walker) closedBefore(exit syntax.Ref) bool {
	for _, c := range w.closes {
		if c.Start() < exit.Start() {
			for b := exit.Parent(); b.Ok() && b != w.fn; b = b.Parent() {
				if c.Inside(b) && b.Start() > w.v.Open.End() {
					return true
				}
			}
		}
		if c.Inside(exit) {
			return true
		}
	}
	return false
}
