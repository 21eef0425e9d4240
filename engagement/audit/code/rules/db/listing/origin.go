// Package listing tells where a list in a program comes from, and whether anything bounds it.
//
// From the expression of a list it goes back over variables, map and filter, the results of the
// project's own functions and the arguments of their callers to the query that loaded the rows. It
// reads syntax and the flow engine's queries, follows a bounded number of steps, and says nothing
// where a step can not be told. It reports nothing; the rules do.
package listing

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/txn"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Origin is a query whose rows a list is made of.
type Origin struct {
	Root *flow.Root
	// Steps are the places on the way from the list to the query.
	Steps []flow.Site
}

// Tracer finds origins in one project.
type Tracer struct {
	p       *rule.Pass
	queries map[syntax.Ref]*flow.Root
	// written are the queries by the place in a function where they begin, one for each of its callers.
	written map[syntax.Ref][]*flow.Root
	callers map[string][]flow.Site // calls by name, filled on first use
}

// NewTracer prepares a tracer.
func NewTracer(p *rule.Pass) *Tracer {
	t := &Tracer{p: p, queries: map[syntax.Ref]*flow.Root{}, written: map[syntax.Ref][]*flow.Root{}}
	for _, r := range p.Flow.Queries {
		if s := r.Site(); s.Node.Ok() && t.queries[s.Node] == nil {
			t.queries[s.Node] = r
		}
		if s := r.Sites; len(s) > 1 {
			at := s[len(s)-1].Node
			t.written[at] = append(t.written[at], r)
		}
	}
	return t
}

const maxSteps = 8

// passing are the methods that make a list of the same length or shorter, element by element.
var passing = map[string]bool{
	"map": true, "filter": true, "flatMap": true, "slice": false, "reverse": true, "sort": true, "from": true, "values": true, "concat": true, "flat": true, "toSorted": true,
	"collect": true, "pluck": true, "ids": true, "uniq": true, "compact": true, "to_a": true, "select": true, "reject": true, "flat_map": true, "filter_map": true, "sort_by": true, "all": true, "toArray": true, "toList": true, "stream": true, "unique": true, "keys": true,
}

// Of returns the queries that a list may come from.
func (t *Tracer) Of(f *project.File, n syntax.Ref) []Origin {
	var out []Origin
	t.trace(f, n, "", nil, map[syntax.Ref]bool{}, &out)
	return out
}

func (t *Tracer) trace(f *project.File, n syntax.Ref, key string, steps []flow.Site, seen map[syntax.Ref]bool, out *[]Origin) {
	if !n.Ok() || len(steps) > maxSteps || seen[n] || len(*out) > 8 {
		return
	}
	seen[n] = true
	if r := t.queries[n]; r != nil && key == "" {
		*out = append(*out, Origin{Root: r, Steps: steps})
		return
	}
	if list := t.written[n]; len(list) > 0 && key == "" {
		// A query that a function returns is what the callers make of it: only the one that was met on
		// the way here counts.
		for _, r := range list {
			if met(r, steps) {
				*out = append(*out, Origin{Root: r, Steps: steps})
				return
			}
		}
		return
	}
	at := append(append([]flow.Site(nil), steps...), flow.Site{File: f, Node: n})
	switch n.Kind() {
	case syntax.Await, syntax.Splat:
		t.trace(f, n.Child(syntax.Value), key, steps, seen, out)
	case syntax.List: // [...rows]
		for c := range n.Children() {
			if c.Kind() == syntax.Splat {
				t.trace(f, c, "", steps, seen, out)
			}
		}
	case syntax.Map: // the object that a function takes or returns
		for c := range n.Children() {
			if c.Kind() == syntax.Pair && c.Str() == key {
				t.trace(f, c.Child(syntax.Value), "", steps, seen, out)
			}
		}
	case syntax.For:
		if n.Has(syntax.FlagComprehension) && !n.Child(syntax.Cond).Ok() {
			t.trace(f, n.Child(syntax.Iter), "", steps, seen, out)
		}
	case syntax.Member:
		if key == "" && n.Receiver().Kind() == syntax.Name { // params.rows
			t.trace(f, n.Receiver(), n.Str(), steps, seen, out)
		}
	case syntax.Name:
		t.variable(f, n, key, at, seen, out)
	case syntax.Call:
		switch {
		case n.Has(syntax.FlagNew) && n.Str() == "Set", n.Str() == "from" && n.Receiver().Str() == "Array", !n.Receiver().Ok() && (n.Str() == "list" || n.Str() == "set" || n.Str() == "sorted"):
			t.trace(f, n.Arg(0), key, steps, seen, out)
		case passing[n.Str()] && n.Receiver().Ok():
			t.trace(f, n.Receiver(), key, steps, seen, out)
		default:
			if m := txn.Resolve(t.p.Flow.Index, f, n); m != nil {
				t.returned(m, key, at, seen, out)
			}
		}
	}
}

// met reports whether a query was refined at one of the steps.
func met(r *flow.Root, steps []flow.Site) bool {
	for _, step := range steps {
		for _, s := range r.Sites {
			if s.File == step.File && (s.Node == step.Node || s.Node.Inside(step.Node) || step.Node.Inside(s.Node)) {
				return true
			}
		}
	}
	return false
}

// returned follows what a function of the project returns.
func (t *Tracer) returned(m *flow.Method, key string, steps []flow.Site, seen map[syntax.Ref]bool, out *[]Origin) {
	body := m.Node.Child(syntax.Body)
	if m.Node.Kind() == syntax.Lambda && body.Kind() != syntax.Block {
		t.trace(m.File, body, key, steps, seen, out)
		return
	}
	for r := range body.Descendants(syntax.Return) {
		if r.Enclosing(syntax.Func, syntax.Lambda) == m.Node {
			t.trace(m.File, r.Child(syntax.Value), key, steps, seen, out)
		}
	}
}

// variable follows a name to its only assignment in the function, or to the function's callers.
func (t *Tracer) variable(f *project.File, n syntax.Ref, key string, steps []flow.Site, seen map[syntax.Ref]bool, out *[]Origin) {
	name := n.Str()
	for fn := n.Enclosing(syntax.Func, syntax.Lambda, syntax.File); fn.Ok(); fn = fn.Enclosing(syntax.Func, syntax.Lambda, syntax.File) {
		var found, value syntax.Ref
		found, value, inner, times := binding(fn, name, n)
		if times > 1 {
			return
		}
		if found.Ok() {
			if inner != "" && key != "" {
				return
			}
			t.trace(f, value, inner+key, steps, seen, out)
			return
		}
		if fn.Kind() == syntax.File {
			return
		}
		i := -1
		for p := range fn.All(syntax.ParamRole) {
			i++
			if p.Str() == name {
				t.arguments(f, fn, i, key, steps, seen, out)
				return
			}
			for pair := range p.Child(syntax.Target).Children() { // ({ rows }) => ...
				if pair.Kind() == syntax.Pair && pair.Child(syntax.Value).Str() == name && key == "" {
					t.arguments(f, fn, i, pair.Str(), steps, seen, out)
					return
				}
			}
		}
	}
}

// binding finds the assignments of a name in a function. inner is the key by which it is taken out of
// the value; times counts the assignments.
func binding(fn syntax.Ref, name string, use syntax.Ref) (found, value syntax.Ref, inner string, times int) {
	fn.Walk(func(c syntax.Ref) bool {
		if c != fn && c.Is(syntax.Func, syntax.Lambda, syntax.Class) && !use.Inside(c) {
			return false
		}
		if c.Kind() == syntax.For && !c.Has(syntax.FlagComprehension) {
			for target := range c.All(syntax.Target) {
				for x := range target.Descendants(syntax.Name) {
					if x.Str() == name {
						times += 2 // one element of something
					}
				}
			}
		}
		if c.Kind() != syntax.Assign {
			return true
		}
		n := 0
		for target := range c.All(syntax.Target) {
			switch {
			case target.Kind() == syntax.Name && target.Str() == name:
				if n == 0 {
					found, value, inner = c, c.Child(syntax.Value), ""
				}
				times++
			case target.Kind() == syntax.Map:
				for pair := range target.Children() {
					if pair.Kind() == syntax.Pair && pair.Child(syntax.Value).Str() == name {
						found, value, inner = c, c.Child(syntax.Value), pair.Str()
						times++
					}
				}
			}
			n++
		}
		return true
	})
	return found, value, inner, times
}

// arguments follows a parameter to what the callers of the function pass.
func (t *Tracer) arguments(f *project.File, fn syntax.Ref, i int, key string, steps []flow.Site, seen map[syntax.Ref]bool, out *[]Origin) {
	name := fn.Str()
	if fn.Kind() == syntax.Lambda {
		if p := fn.Parent(); p.Kind() == syntax.Assign {
			name = p.Child(syntax.Target).Str()
		}
	}
	if name == "" {
		return
	}
	if t.callers == nil {
		t.callers = map[string][]flow.Site{}
		for _, file := range t.p.Files {
			if file.Tree == nil || file.Role == project.Test || file.Role == project.Vendored || file.Role == project.Generated {
				continue
			}
			for c := range file.Tree.Root().Descendants(syntax.Call) {
				if c.Child(syntax.Arg).Ok() {
					t.callers[c.Str()] = append(t.callers[c.Str()], flow.Site{File: file, Node: c})
				}
			}
		}
	}
	// A function that was entered by its call gets the arguments of that call and of no other.
	for k := len(steps) - 1; k >= 0; k-- {
		if s := steps[k]; s.Node.Kind() == syntax.Call && s.Node.Str() == name {
			t.trace(s.File, argument(s.Node, fn, i), key, steps[:k:k], seen, out)
			return
		}
	}
	sites := t.callers[name]
	if len(sites) > 40 { // a common name
		return
	}
	for _, s := range sites {
		if m := txn.Resolve(t.p.Flow.Index, s.File, s.Node); m == nil || m.Node != fn {
			continue
		}
		t.trace(s.File, argument(s.Node, fn, i), key, append(append([]flow.Site(nil), steps...), s), seen, out)
	}
}

// argument is what a call passes for the i-th parameter of a function.
func argument(call, fn syntax.Ref, i int) syntax.Ref {
	var params []syntax.Ref
	for p := range fn.All(syntax.ParamRole) {
		params = append(params, p)
	}
	if v := call.Keyword(params[i].Str()); v.Ok() {
		return v
	}
	if first := params[0].Str(); (first == "self" || first == "cls") && call.Receiver().Ok() {
		i--
	}
	if a := call.Arg(i); i >= 0 && a.Kind() != syntax.Pair {
		return a
	}
	return syntax.Ref{}
}
