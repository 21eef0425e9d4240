package flow

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// selfName stands for the current object among the names that an expression depends on.
const selfName = "self"

// origins tells, for one function, from which expressions each name takes its value. It is
// flow-insensitive: a name depends on everything that is ever put into it.
type origins struct {
	from   map[string][]syntax.Ref
	params map[string]bool
}

// originsOf reads the assignments of a function once.
func (in *Interp) originsOf(fn syntax.Ref) *origins {
	if o, ok := in.origins[fn]; ok {
		return o
	}
	o := &origins{from: map[string][]syntax.Ref{}, params: map[string]bool{}}
	for p := range fn.All(syntax.ParamRole) {
		for _, name := range parameterNames(p) {
			o.params[name] = true
		}
	}
	add := func(target, value syntax.Ref) {
		for _, name := range bound(target) {
			o.from[name] = append(o.from[name], value)
		}
	}
	for n := range fn.Descendants(syntax.Assign, syntax.For, syntax.Call) {
		switch n.Kind() {
		case syntax.Assign:
			for t := range n.All(syntax.Target) {
				add(t, n.Child(syntax.Value))
			}
		case syntax.For:
			for t := range n.All(syntax.Target) {
				add(t, n.Child(syntax.Iter))
			}
		case syntax.Call:
			if adders[n.Str()] {
				for _, a := range n.Args() {
					add(n.Receiver(), a)
				}
			}
			if l := n.Block(); l.Ok() { // what a block is given comes from what it is called on
				for p := range l.All(syntax.ParamRole) {
					for _, name := range parameterNames(p) {
						o.from[name] = append(o.from[name], n.Receiver())
						for _, a := range n.Args() {
							if a != l {
								o.from[name] = append(o.from[name], a)
							}
						}
					}
				}
			}
		}
	}
	if in.origins == nil {
		in.origins = map[syntax.Ref]*origins{}
	}
	in.origins[fn] = o
	return o
}

// parameterNames lists the names that a parameter binds: its own, or those of its pattern.
func parameterNames(p syntax.Ref) []string {
	if p.Str() != "" {
		return []string{p.Str()}
	}
	var out []string
	for c := range p.Children() {
		if c.Role() != syntax.TypeRole && c.Role() != syntax.Decorator {
			out = append(out, bound(c)...)
		}
	}
	return out
}

// bound lists the names that an assignment to a target changes: the variable itself, the variables of a
// pattern, the variable whose field or element is set.
func bound(t syntax.Ref) []string {
	switch t.Kind() {
	case syntax.Name, syntax.Param, syntax.Field:
		return []string{t.Str()}
	case syntax.Member:
		if t.Receiver().Kind() == syntax.Self {
			return []string{"@" + t.Str()}
		}
		return bound(t.Receiver())
	case syntax.Index, syntax.Call:
		return bound(t.Receiver())
	case syntax.List, syntax.Map, syntax.Pair, syntax.Splat, syntax.Assign:
		var out []string
		for c := range t.Children() {
			if c.Role() != syntax.Key {
				out = append(out, bound(c)...)
			}
		}
		return out
	}
	return nil
}

// namesIn adds the names that an expression reads to a set.
func namesIn(n syntax.Ref, set map[string]bool) {
	if !n.Ok() {
		return
	}
	n.Walk(func(x syntax.Ref) bool {
		switch x.Kind() {
		case syntax.Name:
			set[strings.TrimPrefix(x.Str(), "$")] = true
		case syntax.Self:
			set[selfName] = true
		case syntax.Member:
			if x.Receiver().Kind() == syntax.Self {
				set["@"+x.Str()] = true
				set[selfName] = true
				return false
			}
		case syntax.Call:
			if !x.Receiver().Ok() && x.Has(syntax.FlagNoArgs) { // Ruby: a method of the object, or a block's parameter
				set[x.Str()] = true
				set[selfName] = true
			}
		}
		return true
	})
}

// reach returns every name that the expressions depend on inside a function.
func (o *origins) reach(exprs []syntax.Ref) map[string]bool {
	set := map[string]bool{}
	for _, x := range exprs {
		namesIn(x, set)
	}
	todo := make([]string, 0, len(set))
	for name := range set {
		todo = append(todo, name)
	}
	for len(todo) > 0 && len(set) < maxNames {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		next := map[string]bool{}
		for _, x := range o.from[name] {
			namesIn(x, next)
		}
		for k := range next {
			if !set[k] {
				set[k] = true
				todo = append(todo, k)
			}
		}
	}
	return set
}

// maxNames bounds how many names a dependency is followed through.
const maxNames = 200

// unsteady are the first words of calls whose answer changes from one call to the next.
var unsteady = map[string]bool{
	"next": true, "pop": true, "shift": true, "poll": true, "take": true, "random": true, "rand": true, "uuid": true, "uuid4": true, "nextval": true, "generate": true,
	"acquire": true, "claim": true, "reserve": true, "dequeue": true, "fetch": true, "read": true, "nanoid": true, "now": true, "increment": true, "sequence": true,
}

// changes reports an expression with a call that does not answer the same twice.
func changes(n syntax.Ref) bool {
	if n.Kind() == syntax.Call && unsteady[firstWord(n.Str())] {
		return true
	}
	for c := range n.Descendants(syntax.Call) {
		if unsteady[firstWord(c.Str())] {
			return true
		}
	}
	return false
}

// varies reports whether what the expressions ask for may differ between two turns of a loop. Unknown
// things vary.
func (in *Interp) varies(l *Loop, fn syntax.Ref, exprs []syntax.Ref) bool {
	if len(exprs) == 0 {
		return false
	}
	loop := l.Site.Node
	for _, x := range exprs {
		if changes(x) {
			return true
		}
	}
	set := in.originsOf(fn).reach(exprs)
	if len(set) >= maxNames {
		return true
	}
	turning := map[string]bool{}
	for t := range loop.All(syntax.Target) {
		for _, name := range bound(t) {
			turning[name] = true
		}
	}
	body := loop.Child(syntax.Body)
	if loop.Kind() == syntax.Call {
		b := loop.Block()
		if !b.Ok() || b.Has(syntax.FlagBlockPass) {
			return true
		}
		body = b
		for p := range b.All(syntax.ParamRole) {
			for _, name := range parameterNames(p) {
				turning[name] = true
			}
		}
		if len(turning) == 0 { // Ruby's it and _1, Kotlin's it
			turning["it"], turning["_1"] = true, true
		}
	} else if !loop.Is(syntax.For, syntax.While) {
		return true
	}
	if len(turning) == 0 && !l.Repeat && loop.Kind() != syntax.While {
		return true
	}
	for name := range set {
		if turning[name] {
			return true
		}
	}
	// A name that the body sets from itself, or by a call that never answers the same, varies as well.
	for a := range body.Descendants(syntax.Assign) {
		touched := false
		for t := range a.All(syntax.Target) {
			for _, name := range bound(t) {
				touched = touched || set[name]
			}
		}
		if !touched {
			continue
		}
		if l.Repeat || a.Str() != "=" && a.Str() != ":=" && a.Str() != "" {
			return true
		}
		value := map[string]bool{}
		namesIn(a.Child(syntax.Value), value)
		for t := range a.All(syntax.Target) {
			for _, name := range bound(t) {
				if value[name] || t.Is(syntax.Index, syntax.Member) {
					return true
				}
			}
		}
		if changes(a) {
			return true
		}
	}
	if l.Repeat { // an index that only the head of the loop moves
		for name := range set {
			for a := range loop.Descendants(syntax.Assign, syntax.Unary) {
				for _, n := range bound(a.Child(syntax.Target)) {
					if n == name {
						return true
					}
				}
				if a.Kind() == syntax.Unary && a.Child(syntax.Value).Str() == name {
					return true
				}
			}
		}
	}
	return false
}

// callContext is one call on its way into a frame: enough to know which expressions of the caller stand
// behind the parameters of the callee.
type callContext struct {
	method *Method
	call   *Call
	frame  *Frame
}

// arguments returns the caller's expressions for parameters of the callee. ok is false when one of them
// can not be told.
func (c callContext) arguments(deps []string) (exprs []syntax.Ref, ok bool) {
	if c.call == nil || len(c.call.ArgRefs) < len(c.call.Args) {
		return nil, false
	}
	params := c.method.Params()
	if len(c.call.ArgRefs) > len(params) {
		return nil, false // a rest parameter takes several
	}
	named := 0
	for a := range c.call.Node.All(syntax.Arg) {
		switch a.Kind() {
		case syntax.Splat:
			return nil, false
		case syntax.Pair:
			named++
		}
	}
	for _, p := range params {
		if p.Str() != "" && named > 0 && c.call.Node.Keyword(p.Str()).Ok() {
			named--
		}
	}
	if named > 0 && len(deps) > 0 {
		return nil, false // keywords that no parameter names: one takes them all
	}
	for _, dep := range deps {
		if dep == selfName || strings.HasPrefix(dep, "@") {
			switch r := c.call.Node.Receiver(); {
			case r.Ok():
				exprs = append(exprs, r)
			case c.call.HasRecv:
				return nil, false
			default:
				return nil, false // the object that both share: its state may change
			}
			continue
		}
		found := false
		for i, p := range params {
			if !contains(parameterNames(p), dep) {
				continue
			}
			found = true
			if k := c.call.Node.Keyword(dep); k.Ok() {
				exprs = append(exprs, k)
			} else if i < len(c.call.ArgRefs) {
				if c.call.ArgRefs[i].Is(syntax.Splat, syntax.Lambda) {
					return nil, false
				}
				a := c.call.ArgRefs[i]
				if p.Str() == "" && a.Kind() == syntax.Map { // f({ id, team }) and ({ id, team }) => ...
					if k := a.Keyword(dep); k.Ok() {
						a = k
					}
				}
				exprs = append(exprs, a)
			}
		}
		if !found {
			return nil, false
		}
	}
	return exprs, true
}

// dependKey and depended keep what an effect of a callee depends on in the caller: every effect of the
// callee with the same dependencies has the same answer.
type dependKey struct {
	call   syntax.Ref
	method *Method
	deps   string
}

type depended struct {
	exprs []syntax.Ref
	deps  []string
	ok    bool
}

// variesKey keeps an answer of varies.
type variesKey struct {
	loop, at syntax.Ref
	deps     string
}

// parametersOf reduces expressions to the parameters of the function that they depend on.
// ok is false when one of them is a variable of a function around this one, or comes from a call that
// does not answer the same twice.
func (in *Interp) parametersOf(fn syntax.Ref, exprs []syntax.Ref) (deps []string, ok bool) {
	o := in.originsOf(fn)
	var around *origins
	if outer := fn.Enclosing(syntax.Func, syntax.Lambda); outer.Ok() {
		around = in.originsOf(outer)
	}
	for _, x := range exprs {
		if changes(x) {
			return nil, false
		}
	}
	for name := range o.reach(exprs) {
		for _, x := range o.from[name] {
			if changes(x) {
				return nil, false
			}
		}
		switch {
		case o.params[name] || name == selfName:
			deps = append(deps, name)
		case around != nil && len(o.from[name]) == 0 && (around.params[name] || len(around.from[name]) > 0):
			return nil, false
		}
	}
	sort.Strings(deps)
	return deps, true
}
