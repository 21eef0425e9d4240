package n1

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// limiters are calls that bound a list by their number.
var limiters = map[string]bool{
	"paginate": true, "simplePaginate": true, "cursorPaginate": true, "fastPaginate": true, "take": true, "limit": true, "first": true, "per": true, "per_page": true,
	"page_size": true, "setMaxResults": true, "Limit": true, "slice": true, "array_slice": true, "forPage": true, "sample": true, "last": true, "top": true,
}

// chained finds a literal bound on the chain of calls around a query.
func (x *facts) chained(s flow.Site) (int, flow.Site) {
	n := s.Node
	for up := n.Parent(); up.Is(syntax.Call, syntax.Member) && up.Receiver() == n; n, up = up, up.Parent() {
	}
	for _, c := range n.Chain() {
		if v := x.bound(s.File, c); v > 0 {
			return v, flow.Site{File: s.File, Node: c}
		}
	}
	return 0, flow.Site{}
}

// bound is the number by which a call bounds its rows, 0 for none.
func (x *facts) bound(f *project.File, c syntax.Ref) int {
	switch {
	case c.Kind() == syntax.Call && limiters[c.Str()]:
		for _, name := range []string{"per_page", "perPage", "limit", "take", "first"} {
			if v := x.number(f, c.Keyword(name)); v > 0 {
				return v
			}
		}
		args := c.Args()
		if len(args) == 0 {
			return 0
		}
		return x.number(f, args[len(args)-1])
	case c.Kind() == syntax.Call:
		for _, name := range []string{"take", "limit", "first"} {
			if v := x.number(f, c.Keyword(name)); v > 0 {
				return v
			}
		}
	case c.Kind() == syntax.Index: // rows[:20]
		if a := c.Child(syntax.Arg); a.Kind() == syntax.Other && a.Str() == "slice" {
			if from := a.Child(syntax.Left); !from.Ok() || from.Str() == "0" {
				return x.number(f, a.Child(syntax.Right))
			}
		}
	}
	return 0
}

// number is the value of a literal or of a constant of the file or class.
func (x *facts) number(f *project.File, n syntax.Ref) int {
	switch n.Kind() {
	case syntax.Number:
		v, err := strconv.Atoi(strings.ReplaceAll(n.Str(), "_", ""))
		if err == nil && v > 0 {
			return v
		}
	case syntax.Name:
		if k, ok := x.flow.Index.Constants[f][n.Str()]; ok && k.Kind() == syntax.Number {
			return x.number(f, k)
		}
	case syntax.Member:
		if c := x.flow.Index.Class(n.Enclosing(syntax.Class).Str(), f); c != nil && n.Receiver().Is(syntax.Self, syntax.Name) {
			if k := c.Fields[n.Str()].Child(syntax.Value); k.Kind() == syntax.Number {
				return x.number(f, k)
			}
		}
	}
	return 0
}

// stated finds the number of turns where the loop's function states it: a slice of what is walked, or
// a test of its length that ends the function.
func (x *facts) stated(f *project.File, loop syntax.Ref) (int, flow.Site) {
	iter := loop.Child(syntax.Iter)
	if loop.Kind() == syntax.Call {
		iter = loop.Receiver()
	}
	if !iter.Ok() {
		return 0, flow.Site{}
	}
	for _, c := range iter.Chain() {
		if v := x.bound(f, c); v > 0 {
			return v, flow.Site{File: f, Node: c}
		}
	}
	name := iter.Dotted()
	if name == "" {
		return 0, flow.Site{}
	}
	fn := loop.Enclosing(syntax.Func, syntax.Lambda)
	if !fn.Ok() {
		return 0, flow.Site{}
	}
	for n := range fn.Descendants(syntax.If, syntax.Assign) {
		if n.Start() > loop.Start() {
			break
		}
		switch n.Kind() {
		case syntax.If:
			if v := x.cap(f, n, name); v > 0 {
				return v, flow.Site{File: f, Node: n.Child(syntax.Cond)}
			}
		case syntax.Assign: // rows = rows[:100]
			if n.Child(syntax.Target).Dotted() == name {
				for _, c := range n.Child(syntax.Value).Chain() {
					if c.Kind() == syntax.Index {
						if v := x.bound(f, c); v > 0 {
							return v, flow.Site{File: f, Node: c}
						}
					}
				}
			}
		}
	}
	return 0, flow.Site{}
}

// cap reads if len(list) > 100 { return or raise }.
func (x *facts) cap(f *project.File, n syntax.Ref, name string) int {
	cond := n.Child(syntax.Cond)
	if cond.Kind() != syntax.Binary || cond.Str() != ">" && cond.Str() != ">=" {
		return 0
	}
	l := cond.Child(syntax.Left)
	of := l.Receiver().Dotted()
	switch l.Str() {
	case "len", "count", "sizeof":
		if a := l.Arg(0); a.Ok() {
			of = a.Dotted()
		}
	case "length", "size":
	default:
		return 0
	}
	if of != name {
		return 0
	}
	for range n.Child(syntax.Body).Descendants(syntax.Return, syntax.Throw) {
		return x.number(f, cond.Child(syntax.Right))
	}
	return 0
}

// defaults are page sizes that a project configures once.
type defaults struct {
	size int
	at   flow.Site
}

// pageWords are the settings that hold a default page size.
var pageWords = map[string]bool{"PAGE_SIZE": true, "default_per_page": true, "per_page": true, "paginates_per": true, "DEFAULT_PAGE_SIZE": true}

// pageDefaults looks for the page size of a project's paginator in its configuration.
func pageDefaults(p *project.Project) defaults {
	var d defaults
	for _, f := range p.Files {
		if f.Tree == nil || Quiet(f) || d.size > 0 || !setting(f.Path) {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.Assign, syntax.Pair) {
			name, value := n.Child(syntax.Target).Str(), n.Child(syntax.Value)
			if n.Kind() == syntax.Pair {
				name = n.Str()
			}
			if !pageWords[name] || value.Kind() != syntax.Number {
				continue
			}
			if v, err := strconv.Atoi(value.Str()); err == nil && v > 0 {
				d = defaults{v, flow.Site{File: f, Node: n}}
				break
			}
		}
	}
	return d
}

// setting reports a file of configuration.
func setting(path string) bool {
	return strings.Contains(path, "settings") || strings.Contains(path, "config/initializers") || strings.Contains(path, "/config.") || strings.HasPrefix(path, "config/")
}

// pageSize is the page of a model's lists: its own, or the project's.
func (x *facts) pageSize(m *flow.Model) (int, flow.Site) {
	if m != nil && m.Node.Ok() {
		for n := range m.Node.Descendants(syntax.Call, syntax.Field, syntax.Assign) {
			var v int
			switch {
			case n.Kind() == syntax.Call && n.Str() == "paginates_per":
				v = x.number(m.File, n.Arg(0))
			case n.Kind() == syntax.Field && n.Str() == "perPage":
				v = x.number(m.File, n.Child(syntax.Value))
			case n.Kind() == syntax.Assign && n.Child(syntax.Target).Str() == "per_page":
				v = x.number(m.File, n.Child(syntax.Value))
			}
			if v > 0 {
				return v, flow.Site{File: m.File, Node: n}
			}
		}
	}
	return x.pages.size, x.pages.at
}
