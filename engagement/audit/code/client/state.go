package client

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// state finds out what bounds a call.
func (s *scan) state(site *Site) (State, syntax.Ref) {
	n, spec := site.Node, site.Spec
	if len(spec.Options) == 0 && spec.Position == 0 {
		if wrapped(n) {
			return Bounded, n
		}
		return Unset, syntax.Ref{}
	}
	given := func(v syntax.Ref) (State, syntax.Ref) {
		if infinite(v, s.lang) {
			return Infinite, v
		}
		return Bounded, v
	}
	if spec.Position > 0 {
		if v := n.Arg(spec.Position - 1); v.Ok() {
			return given(v)
		}
	}
	unseen := false
	i := 0
	for a := range n.All(syntax.Arg) {
		switch a.Kind() {
		case syntax.Pair:
			if s.option(spec, a.Str()) {
				return given(a.Child(syntax.Value))
			}
			if v := s.within(spec, a.Child(syntax.Value), 0); v.Ok() {
				return given(v)
			}
			continue
		case syntax.Map, syntax.List:
			if v := s.within(spec, a, 0); v.Ok() {
				return given(v)
			}
			for sp := range a.Descendants(syntax.Splat) {
				st, v := s.follow(spec, sp.Child(syntax.Value))
				if st == Bounded || st == Infinite {
					return st, v
				}
				unseen = unseen || st == Unknown
			}
		case syntax.Splat:
			st, v := s.follow(spec, a.Child(syntax.Value))
			if st == Bounded || st == Infinite {
				return st, v
			}
			unseen = unseen || st == Unknown
		case syntax.Lambda:
		default:
			if spec.OptionsAt == i+1 || s.lang == "ruby" && i > 0 && a.Is(syntax.Name, syntax.Call) && len(spec.Options) > 0 && spec.Factory {
				st, v := s.follow(spec, a)
				if st == Bounded || st == Infinite {
					return st, v
				}
				if spec.OptionsAt == i+1 {
					unseen = unseen || st == Unknown
				}
			}
			// Functional options and configuration objects name the timeout in a call.
			if a.Is(syntax.Call) {
				if v := s.within(spec, a, 0); v.Ok() {
					return given(v)
				}
				for c := range a.Descendants(syntax.Call) {
					if s.option(spec, c.Str()) {
						return Bounded, c
					}
				}
			}
		}
		i++
	}
	if v := s.chained(spec, n); v.Ok() {
		return given(v)
	}
	if v := s.configured(site); v.Ok() {
		return given(v)
	}
	if wrapped(n) {
		return Bounded, n
	}
	if unseen {
		return Unknown, syntax.Ref{}
	}
	return Unset, syntax.Ref{}
}

// option reports whether a name is one of the library's timeouts.
func (s *scan) option(spec *Spec, name string) bool {
	if name == "" {
		return false
	}
	name = normal(name)
	for _, o := range spec.Options {
		if o == name {
			return true
		}
	}
	return false
}

// key is the name of a pair: its literal, or the last name of a constant.
func key(p syntax.Ref) string {
	if p.Str() != "" {
		return p.Str()
	}
	return p.Child(syntax.Key).Str()
}

// within looks for an option in nested maps of a value.
func (s *scan) within(spec *Spec, v syntax.Ref, depth int) syntax.Ref {
	if depth > 3 || !v.Is(syntax.Map, syntax.List, syntax.Pair, syntax.Call) {
		return syntax.Ref{}
	}
	for c := range v.Children() {
		if c.Kind() == syntax.Pair {
			if s.option(spec, key(c)) {
				return c.Child(syntax.Value)
			}
			if w := s.within(spec, c.Child(syntax.Value), depth+1); w.Ok() {
				return w
			}
		} else if c.Is(syntax.Map) || c.Kind() == syntax.Call && c.Role() == syntax.Receiver {
			if w := s.within(spec, c, depth+1); w.Ok() {
				return w
			}
		}
	}
	return syntax.Ref{}
}

// follow looks through a variable that holds options.
func (s *scan) follow(spec *Spec, v syntax.Ref) (State, syntax.Ref) {
	for v.Kind() == syntax.Call && v.Receiver().Ok() {
		switch v.Str() {
		case "compact", "dup", "merge", "freeze", "to_h", "symbolize_keys", "deep_symbolize_keys", "except", "slice", "copy":
			if w := s.within(spec, v, 0); w.Ok() {
				return Bounded, w
			}
			v = v.Receiver()
			continue
		}
		break
	}
	if v.Kind() == syntax.Map {
		if w := s.within(spec, v, 0); w.Ok() {
			return Bounded, w
		}
		for sp := range v.All(syntax.Elem) {
			if sp.Kind() == syntax.Splat {
				return s.follow(spec, sp.Child(syntax.Value))
			}
		}
		return Unset, syntax.Ref{}
	}
	// A choice between literals, or a literal that a condition adds.
	if v.Kind() == syntax.If && v.Has(syntax.FlagExpr) {
		state, value := s.follow(spec, v.Child(syntax.Body))
		if other := v.Child(syntax.Else); state == Unset && other.Ok() {
			return s.follow(spec, other)
		}
		return state, value
	}
	if v.Kind() == syntax.Binary && (v.Str() == "&&" || v.Str() == "||" || v.Str() == "??") && v.Child(syntax.Right).Kind() == syntax.Map {
		return s.follow(spec, v.Child(syntax.Right))
	}
	d := v.Dotted()
	if d == "" {
		return Unknown, syntax.Ref{}
	}
	if v.Is(syntax.String, syntax.Number) {
		return Unset, syntax.Ref{}
	}
	scope := v.Enclosing(syntax.Func)
	if !scope.Ok() {
		scope = v.T.Root()
	}
	state, value := s.assigned(spec, scope, d)
	if state == Unknown && scope.Kind() == syntax.Func {
		for p := range scope.All(syntax.ParamRole) {
			if p.Str() == d {
				return Unknown, syntax.Ref{}
			}
		}
		return s.assigned(spec, v.T.Root(), d)
	}
	return state, value
}

// assigned reads what a scope puts under a name: a literal, keys set one by one, setdefault, update.
func (s *scan) assigned(spec *Spec, scope syntax.Ref, name string) (State, syntax.Ref) {
	state, value := Unknown, syntax.Ref{}
	found := func(v syntax.Ref) {
		state, value = Bounded, v
		if infinite(v, s.lang) {
			state = Infinite
		}
	}
	opaque := false
	for n := range scope.Descendants(syntax.Assign, syntax.Call) {
		if state == Bounded {
			break
		}
		if n.Kind() == syntax.Call {
			if n.Receiver().Dotted() != name {
				continue
			}
			switch n.Str() {
			case "setdefault", "put", "set", "store", "[]=":
				if s.option(spec, n.Arg(0).Str()) {
					found(n.Arg(1))
				}
			case "update", "merge!", "reverse_merge!":
				if v := s.within(spec, n, 0); v.Ok() {
					found(v)
				} else if state == Unknown || !n.Arg(0).Is(syntax.Map) && n.Arg(0).Ok() {
					opaque = true
				}
			}
			continue
		}
		v := n.Child(syntax.Value)
		for t := range n.All(syntax.Target) {
			switch {
			case t.Kind() == syntax.Index && t.Receiver().Dotted() == name && s.option(spec, t.Arg(0).Str()):
				found(v)
			case t.Kind() == syntax.Member && t.Receiver().Dotted() == name && s.option(spec, t.Str()):
				found(v)
			case t.Dotted() == name && n.Str() != "||=":
				for v.Kind() == syntax.Binary && (v.Str() == "||" || v.Str() == "??") {
					v = v.Child(syntax.Right)
				}
				if w := s.within(spec, v, 0); w.Ok() {
					found(w)
				} else if v.Is(syntax.Map, syntax.List) || v.Kind() == syntax.Call && v.Str() == "dict" {
					splat := false
					for range v.Descendants(syntax.Splat) {
						splat = true
					}
					if state == Unknown && !splat {
						state = Unset
					}
					opaque = opaque || splat
				} else {
					opaque = true
				}
			}
		}
	}
	if opaque && state == Unset {
		return Unknown, syntax.Ref{}
	}
	return state, value
}

// chained looks along the method chain: HTTP.timeout(3).get(u), client.setTimeout(...), and into the
// block or callback of the call.
func (s *scan) chained(spec *Spec, n syntax.Ref) syntax.Ref {
	hit := func(c syntax.Ref) syntax.Ref {
		if c.Kind() == syntax.Call && (s.option(spec, c.Str()) || strings.HasPrefix(normal(c.Str()), "set") && s.option(spec, normal(c.Str())[3:])) {
			if v := c.Arg(0); v.Ok() {
				return v
			}
			return c
		}
		return syntax.Ref{}
	}
	for r := n.Receiver(); r.Ok(); r = r.Receiver() {
		if v := hit(r); v.Ok() {
			return v
		}
	}
	for c, p := n, n.Parent(); p.Is(syntax.Call, syntax.Member) && c.Role() == syntax.Receiver; c, p = p, p.Parent() {
		if v := hit(p); v.Ok() {
			return v
		}
	}
	for _, b := range []syntax.Ref{n.Block()} {
		for x := range b.Descendants(syntax.Assign, syntax.Call, syntax.Pair) {
			switch x.Kind() {
			case syntax.Assign:
				t := x.Child(syntax.Target)
				if s.option(spec, t.Str()) || t.Kind() == syntax.Index && s.option(spec, t.Arg(0).Str()) {
					return x.Child(syntax.Value)
				}
			case syntax.Pair:
				if s.option(spec, key(x)) {
					return x.Child(syntax.Value)
				}
			default:
				if v := hit(x); v.Ok() {
					return v
				}
			}
		}
	}
	return syntax.Ref{}
}

// configured looks for what the function does with the client afterwards; of a client kept in a
// member, what the whole class does.
func (s *scan) configured(site *Site) syntax.Ref {
	subject := site.Variable
	if !site.Spec.Factory && site.Spec.Lang != "go" {
		// The result of a request is an answer: what counts is the client that it is sent with.
		if subject = site.Node.Receiver().Dotted(); subject == "" || s.names.TypeOf(site.Node.Receiver()) == "" {
			return syntax.Ref{}
		}
	}
	scope := site.Node.Enclosing(syntax.Func)
	if !scope.Ok() || strings.ContainsAny(subject, ".@") {
		if c := site.Node.Enclosing(syntax.Class); c.Ok() {
			scope = c
		} else if !scope.Ok() {
			scope = site.Node.T.Root()
		}
	}
	spec := site.Spec
	if spec.Reactive {
		// The pipeline that a request goes through can end it, anywhere in the class.
		for x := range site.Node.Enclosing(syntax.Class).Descendants(syntax.Call) {
			if x.Str() == "timeout" && x.Receiver().Ok() && x.Arg(0).Ok() {
				return x.Arg(0)
			}
		}
	}
	receives := func(r syntax.Ref) bool {
		root := r
		for root.Receiver().Ok() {
			root = root.Receiver()
		}
		d := root.Dotted()
		// The variable of the client, or something made from it: a name that is not told apart.
		return subject == "" || d == "" || d == subject || r.Dotted() == subject || strings.HasPrefix(r.Dotted()+".", subject+".") || d == "self" || "self."+d == subject || scope.Kind() == syntax.Func && (spec.Lang == "go" || spec.Lang == "python")
	}
	for x := range scope.Descendants(syntax.Assign, syntax.Call) {
		if x.Inside(site.Node) {
			continue
		}
		if x.Kind() == syntax.Assign {
			t := x.Child(syntax.Target)
			if t.Is(syntax.Member, syntax.Call) && s.option(spec, t.Str()) && receives(t.Receiver()) {
				return x.Child(syntax.Value)
			}
			if t.Kind() == syntax.Index && s.option(spec, t.Arg(0).Str()) && receives(t.Receiver().Receiver()) && t.Receiver().Receiver().Ok() {
				return x.Child(syntax.Value)
			}
			continue
		}
		if spec.Lang == "php" && strings.HasPrefix(x.Str(), "curl_setopt") || x.Str() == "ldap_set_option" {
			if d := x.Arg(0).Dotted(); d != subject && subject != "" {
				continue
			}
			if s.option(spec, x.Arg(1).Str()) {
				return x.Arg(2)
			}
			if v := s.within(spec, x, 0); v.Ok() {
				return v
			}
			if a := x.Arg(1); a.Kind() == syntax.Name && x.Str() == "curl_setopt_array" {
				if st, v := s.follow(spec, a); st != Unset {
					if v.Ok() {
						return v
					}
					return x
				}
			}
			continue
		}
		if x.Receiver().Ok() || spec.Lang == "php" {
			name := x.Str()
			if s.option(spec, name) || strings.HasPrefix(normal(name), "set") && s.option(spec, normal(name)[3:]) {
				if !x.Receiver().Ok() || receives(x.Receiver()) {
					if v := x.Arg(0); v.Ok() {
						return v
					}
					return x
				}
			}
		}
	}
	return syntax.Ref{}
}

// wrapped reports whether a construct around the call ends it in time: Ruby's Timeout, Python's
// timeout contexts and wait_for, a race against a timer.
func wrapped(n syntax.Ref) bool {
	for p := n.Parent(); p.Ok() && !p.Is(syntax.Func, syntax.File); p = p.Parent() {
		switch p.Kind() {
		case syntax.Call:
			name := normal(p.Str())
			if strings.Contains(name, "timeout") && !strings.HasPrefix(name, "settimeout") || name == "waitfor" || name == "race" || strings.Contains(name, "deadline") {
				return true
			}
		case syntax.With:
			for v := range p.All(syntax.Value) {
				for c := range v.Descendants(syntax.Call) {
					name := normal(c.Str())
					if strings.Contains(name, "timeout") || name == "failafter" || name == "moveonafter" || name == "timelimit" {
						return true
					}
				}
			}
		}
	}
	return false
}
