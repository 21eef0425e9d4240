package client

import (
	"go/token"
	"iter"
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Use is one request that is sent through a client made elsewhere.
type Use struct {
	File  *project.File
	Node  syntax.Ref
	State State // whether the request itself is bounded
}

// requests follows the clients of net/http to the requests that are sent through them: in Go a request
// carries its own deadline in its context, and a client without a timeout is then no fault.
type requests struct {
	p *project.Project
}

// settle decides the sites of net/http of a project by the requests.
func (r requests) settle(sites []*Site) {
	for _, s := range sites {
		if s.Spec.Lang != "go" || s.State != Unset || s.Spec.Family != goHTTP {
			continue
		}
		f := r.p.File(s.Path)
		switch {
		case s.Spec.Factory:
			s.Uses = r.uses(f, s.Node)
			var bounded, open int
			for _, u := range s.Uses {
				switch u.State {
				case Bounded:
					bounded++
				case Unset:
					open++
				}
			}
			switch {
			case open > 0:
			case bounded > 0:
				s.State = Bounded
			default:
				s.Hinted = true // what is sent through it, if anything, is not seen
			}
		case s.Node.Str() == "Do":
			s.State = r.request(f, s.Node, s.Node.Arg(0), 0)
			if s.State == Unknown {
				s.State, s.Hinted = Unset, true
			}
		}
	}
}

// carrier is a name that holds a client: in one function, in one package, or everywhere.
type carrier struct {
	name  string
	dir   string     // "" for an exported name
	scope syntax.Ref // no node outside of functions
}

const maxCarriers = 16

// uses returns the requests that are sent through the client that a literal makes.
func (r requests) uses(f *project.File, literal syntax.Ref) []Use {
	var list []carrier
	known := map[carrier]bool{}
	add := func(at *project.File, name string, scope syntax.Ref) {
		c := carrier{name: name, scope: scope}
		if !scope.Ok() && !token.IsExported(name) {
			c.dir = path.Dir(at.Path)
		}
		if name != "" && name != "_" && !known[c] && len(list) < maxCarriers {
			known[c] = true
			list = append(list, c)
		}
	}
	r.spread(f, literal, add)
	var out []Use
	for i := 0; i < len(list); i++ {
		c := list[i]
		for _, g := range r.p.Files {
			if g.Lang != "go" || g.Tree == nil || g.Role == project.Test || c.dir != "" && path.Dir(g.Path) != c.dir || c.scope.Ok() && c.scope.T != g.Tree || !g.Tree.Holds(c.name) {
				continue
			}
			for k := range g.Tree.Nodes {
				n := g.Tree.At(syntax.NodeID(k))
				if !n.Is(syntax.Name, syntax.Member, syntax.Call) || n.Str() != c.name || n.Role() == syntax.Target || c.scope.Ok() && !n.Inside(c.scope) {
					continue
				}
				if up := n.Parent(); up.Kind() == syntax.Call && n.Role() == syntax.Receiver {
					switch up.Str() {
					case "Do":
						out = append(out, Use{g, up, r.request(g, up, up.Arg(0), 0)})
					case "Get", "Post", "PostForm", "Head":
						out = append(out, Use{g, up, Unset})
					}
					continue
				}
				r.spread(g, n, add)
			}
		}
	}
	return out
}

// spread names what a value is put into: a variable, a field, the function that returns it.
func (r requests) spread(f *project.File, n syntax.Ref, add func(*project.File, string, syntax.Ref)) {
	for c, p := n, n.Parent(); p.Ok(); c, p = p, p.Parent() {
		switch p.Kind() {
		case syntax.Unary:
			continue
		case syntax.Assign:
			if c.Role() != syntax.Value {
				return
			}
			t := p.Child(syntax.Target)
			scope := syntax.Ref{}
			if t.Kind() == syntax.Name && (p.Str() == ":=" || p.Enclosing(syntax.Func).Ok() && declares(p.Enclosing(syntax.Func), t.Str())) {
				scope = p.Enclosing(syntax.Func)
			}
			if t.Is(syntax.Name, syntax.Member) {
				add(f, t.Str(), scope)
			}
		case syntax.Pair:
			add(f, key(p), syntax.Ref{})
		case syntax.Field:
			add(f, p.Str(), syntax.Ref{})
		case syntax.Return:
			if fn := p.Enclosing(syntax.Func, syntax.Lambda); fn.Kind() == syntax.Func {
				add(f, fn.Str(), syntax.Ref{})
			}
		}
		return
	}
}

// declares reports whether a function declares a variable of a name.
func declares(fn syntax.Ref, name string) bool {
	for a := range fn.Descendants(syntax.Assign) {
		if a.Str() == ":=" || a.Child(syntax.TypeRole).Ok() {
			for t := range a.All(syntax.Target) {
				if t.Kind() == syntax.Name && t.Str() == name {
					return true
				}
			}
		}
	}
	return false
}

const maxRequestDepth = 3

// request says whether a request that is handed to at is bounded by its context.
func (r requests) request(f *project.File, at, req syntax.Ref, depth int) State {
	for req.Kind() == syntax.Unary {
		req = req.Child(syntax.Value)
	}
	if req.Kind() == syntax.Call {
		return r.made(f, at, req, depth)
	}
	name := req.Dotted()
	fn := outermost(at)
	if name == "" || !fn.Ok() {
		return Unknown
	}
	state, found := Unknown, false
	for a := range assigned(fn, name, at) {
		if v := a.Child(syntax.Value); v.Kind() == syntax.Call {
			state, found = r.made(f, a, v, depth), true
		}
	}
	if found {
		return state
	}
	for i, p := range params(fn) {
		if p.Str() == name {
			return r.callers(f, fn, i, depth)
		}
	}
	return Unknown
}

// assigned yields the assignments to a name in a function up to a place, in the order of the source.
func assigned(fn syntax.Ref, name string, at syntax.Ref) iter.Seq[syntax.Ref] {
	return func(yield func(syntax.Ref) bool) {
		for a := range fn.Descendants(syntax.Assign) {
			if a.Child(syntax.Target).Dotted() == name && a.Start() <= at.Start() && !yield(a) {
				return
			}
		}
	}
}

// made reads the call that makes a request.
func (r requests) made(f *project.File, at, call syntax.Ref, depth int) State {
	switch call.Str() {
	case "NewRequest":
		if call.Receiver().Dotted() == "http" {
			return Unset
		}
	case "NewRequestWithContext", "WithContext":
		return deadline(at, call.Arg(0), 0)
	case "Clone":
		if call.Arg(0).Ok() {
			return deadline(at, call.Arg(0), 0)
		}
	}
	for _, a := range call.Args() {
		if d := a.Dotted(); d == "ctx" || strings.HasSuffix(d, ".ctx") || strings.HasSuffix(strings.ToLower(d), "context") {
			return deadline(at, a, 0)
		}
	}
	if depth >= maxRequestDepth {
		return Unknown
	}
	// A function of the package that makes the request.
	for _, g := range r.p.Files {
		if g.Lang != "go" || g.Tree == nil || path.Dir(g.Path) != path.Dir(f.Path) || g.Role == project.Test || !g.Tree.Holds(call.Str()) {
			continue
		}
		for fn := range g.Tree.Root().Descendants(syntax.Func) {
			if fn.Str() != call.Str() {
				continue
			}
			for c := range fn.Descendants(syntax.Call) {
				if c.Str() == "NewRequest" || c.Str() == "NewRequestWithContext" {
					return r.made(g, c, c, depth+1)
				}
			}
		}
	}
	return Unknown
}

// callers joins what the callers of a function hand in at a position.
func (r requests) callers(f *project.File, fn syntax.Ref, position, depth int) State {
	if depth >= maxRequestDepth || fn.Str() == "" {
		return Unknown
	}
	joined, any := Bounded, false
	for _, g := range r.p.Files {
		if g.Lang != "go" || g.Tree == nil || g.Role == project.Test || !token.IsExported(fn.Str()) && path.Dir(g.Path) != path.Dir(f.Path) || !g.Tree.Holds(fn.Str()) {
			continue
		}
		for c := range g.Tree.Root().Descendants(syntax.Call) {
			if c.Str() != fn.Str() || !c.Arg(position).Ok() || c.Inside(fn) {
				continue
			}
			any = true
			switch r.request(g, c, c.Arg(position), depth+1) {
			case Unset:
				return Unset
			case Unknown:
				joined = Unknown
			}
		}
	}
	if !any {
		return Unknown
	}
	return joined
}

// deadline says whether a context ends: it was given a deadline, or comes from a caller, who decides.
func deadline(at, ctx syntax.Ref, depth int) State {
	if depth > 4 {
		return Unknown
	}
	if ctx.Kind() == syntax.Call {
		switch ctx.Str() {
		case "Background", "TODO":
			return Unset
		case "WithTimeout", "WithDeadline", "WithTimeoutCause", "WithDeadlineCause", "Context":
			return Bounded
		case "WithCancel", "WithValue", "WithCancelCause", "WithoutCancel":
			return deadline(at, ctx.Arg(0), depth+1)
		}
		return Unknown
	}
	name := ctx.Dotted()
	fn := outermost(at)
	if name == "" || !fn.Ok() {
		return Unknown
	}
	state, found := Unknown, false
	for a := range assigned(fn, name, at) {
		v := a.Child(syntax.Value)
		if v.Kind() == syntax.Call && v.Arg(0).Dotted() == name && state != Bounded && (v.Str() == "WithCancel" || v.Str() == "WithValue") && found {
			continue // derived from itself
		}
		if s := deadlineOf(at, v, name, depth); s != Unknown {
			state, found = s, true
		}
	}
	if found {
		return state
	}
	for n := ctx.Enclosing(syntax.Func, syntax.Lambda); n.Ok(); n = n.Enclosing(syntax.Func, syntax.Lambda) {
		for p := range n.All(syntax.ParamRole) {
			if p.Str() == name {
				return Bounded
			}
		}
	}
	return Unknown
}

// deadlineOf is deadline for a value that may be derived from the context of the same name.
func deadlineOf(at, v syntax.Ref, name string, depth int) State {
	if v.Kind() == syntax.Call && (v.Str() == "WithCancel" || v.Str() == "WithValue" || v.Str() == "WithCancelCause") && v.Arg(0).Dotted() == name {
		return Unknown
	}
	return deadline(at, v, depth+1)
}

// outermost returns the declared function around a node.
func outermost(n syntax.Ref) syntax.Ref { return n.Enclosing(syntax.Func) }

// params returns the parameters of a function without its receiver.
func params(fn syntax.Ref) []syntax.Ref {
	var out []syntax.Ref
	for p := range fn.All(syntax.ParamRole) {
		if !p.Has(syntax.FlagReceiver) {
			out = append(out, p)
		}
	}
	return out
}
