package flow

import (
	"slices"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func sortedKeys(m map[string]Value) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// call evaluates a Call or Member node: its receiver, its arguments, then its meaning.
func (in *Interp) call(n syntax.Ref) Value {
	c := in.newCall(n, n.Str())
	defer in.free(c)
	if callee := n.Child(syntax.Callee); callee.Ok() {
		f := in.Eval(callee)
		in.evalArgs(c)
		if f.Kind == FuncValue {
			return in.CallLambda(f, c.Args...)
		}
		return Value{}
	}
	if r := n.Receiver(); r.Ok() {
		if r.Kind() == syntax.Call && r.Str() == "super" && !r.Receiver().Ok() && in.frame.File.Lang == "python" {
			return in.pythonSuper(c)
		}
		c.Recv, c.HasRecv = in.Eval(r), true
		if r.Kind() == syntax.Self && c.Recv.Kind == Object && (in.frame.File.Lang == "python" || family(in.frame.File.Lang) == "php") {
			c.Recv.Fields = in.frame.Ivars
		}
	}
	in.evalArgs(c)
	if adders[c.Name] && c.Recv.Kind == Container && len(c.Args) > 0 {
		in.collect(n.Receiver(), c.Args[len(c.Args)-1])
	}
	return cut(c, in.dispatch(c))
}

// newCall returns an empty call at a node.
func (in *Interp) newCall(n syntax.Ref, name string) *Call {
	if last := len(in.calls) - 1; last >= 0 {
		c := in.calls[last]
		in.calls = in.calls[:last]
		c.Node, c.Name = n, name
		return c
	}
	return &Call{Node: n, Name: name}
}

// free takes a call back for another use.
func (in *Interp) free(c *Call) {
	*c = Call{}
	in.calls = append(in.calls, c)
}

func (in *Interp) evalArgs(c *Call) {
	n := 0
	for a := range c.Node.All(syntax.Arg) {
		if a.Kind() != syntax.Pair {
			n++
		}
	}
	if n > 0 {
		c.Args, c.ArgRefs = make([]Value, 0, n), make([]syntax.Ref, 0, n)
	}
	for a := range c.Node.All(syntax.Arg) {
		switch a.Kind() {
		case syntax.Pair:
			if c.Named == nil {
				c.Named = map[string]Value{}
			}
			c.Named[a.Str()] = in.Eval(a.Child(syntax.Value))
			continue
		case syntax.Lambda:
			v := in.Eval(a)
			if c.Block.Kind == Unknown {
				c.Block = v
			}
			c.Args = append(c.Args, v)
		default:
			c.Args = append(c.Args, in.Eval(a))
		}
		c.ArgRefs = append(c.ArgRefs, a)
	}
	if b := c.Node.Child(syntax.BlockArg); b.Ok() {
		c.Block = in.Eval(b)
	}
}

// Dispatch interprets a call built by a framework.
func (in *Interp) Dispatch(c *Call) Value { return in.dispatch(c) }

func (in *Interp) dispatch(c *Call) Value {
	fr := in.frame
	// A template's locals are set by its renderer: inside it they look like calls.
	if !c.HasRecv && len(c.Args) == 0 && c.Block.Kind == Unknown && family(fr.File.Lang) == "ruby" {
		if v, ok := fr.scope.get(c.Name); ok && v.Kind != FuncValue {
			return v
		}
	}
	// A chain on one query is written in one place: derived roots move their first site outwards.
	for _, fw := range in.Frameworks {
		if v, ok := fw.Call(in, c); ok {
			return v
		}
	}
	if c.HasRecv {
		switch c.Recv.Kind {
		case Record:
			if v, ok := in.recordCall(c, c.Recv); ok {
				return v
			}
		case ClassRef:
			if m := in.Index.LookupMethod(c.Recv.Class, c.Name, true); m != nil {
				return in.Invoke(m, c.Recv, c)
			}
			if c.Node.Has(syntax.FlagNew) || c.Name == "new" {
				return in.construct(c.Recv, c)
			}
			if c.Recv.Model != nil {
				if s := in.Index.ScopeOf(c.Recv.Model, c.Name); s != nil {
					return in.Invoke(s, c.Recv, c)
				}
			}
			if m := in.Index.LookupMethod(c.Recv.Class, c.Name, false); m != nil && family(fr.File.Lang) != "ruby" {
				return in.Invoke(m, c.Recv, c)
			}
		case Object:
			if v, ok := c.Recv.Fields["@"+c.Name]; ok {
				return v
			}
			if m := in.Index.LookupMethod(c.Recv.Class, c.Name, false); m != nil {
				if in.unread(c, m) {
					return Value{Kind: FuncValue, Node: m.Node, File: m.File}
				}
				return in.Invoke(m, c.Recv, c)
			}
			if fr.File.Lang == "python" && c.Node.Kind() == syntax.Member {
				if v, ok := in.FieldValue(c.Recv.Class, c.Name); ok {
					return v
				}
			}
			if m := in.Index.LookupMethod(c.Recv.Class, c.Name, true); m != nil {
				return in.Invoke(m, c.Recv, c)
			}
		case Many:
			if m := in.manyMethod(c); m != nil {
				return in.Invoke(m, c.Recv, c)
			}
		case FuncValue:
			if c.Name == "call" || c.Name == "()" || c.Name == "()." || c.Name == "invoke" {
				return in.CallLambda(c.Recv, c.Args...)
			}
		case Container:
			if v, ok := c.Recv.Fields[c.Name]; ok {
				return v
			}
			if fr.File.Lang == "python" && len(c.Args) > 0 {
				switch c.Name {
				case "extend":
					in.Use(c.Args[0], c.Node)
					in.collect(c.Node.Receiver(), in.Element(c.Args[0], nil))
				case "get", "pop":
					if v, ok := c.Recv.Fields[c.ArgRefs[0].Str()]; ok && c.ArgRefs[0].Kind() == syntax.String {
						return v
					}
				}
			}
		case Unknown:
			if fr.File.Lang == "python" {
				if v, ok := in.moduleMember(c); ok {
					return v
				}
			}
		}
		if c.Node.Receiver().Kind() == syntax.Self {
			if v, ok := fr.Ivars["@"+c.Name]; ok && c.Node.Kind() == syntax.Member {
				return v
			}
		}
		if v, ok := in.iterate(c); ok {
			return v
		}
		in.runBlock(c)
		return Value{}
	}
	// No receiver: a constructor, a lambda variable, a method of self, a free function.
	if c.Node.Has(syntax.FlagNew) {
		if cl := in.Index.Class(c.Name, fr.File); cl != nil {
			return in.construct(Value{Kind: ClassRef, Class: cl, Model: cl.Model}, c)
		}
		return Value{}
	}
	if v, ok := fr.scope.get(c.Name); ok && v.Kind == FuncValue {
		if v.Node.Kind() == syntax.Func && v.env == nil && v.File != nil { // a function of a module, passed by name
			return in.Invoke(&Method{Name: v.Node.Str(), File: v.File, Node: v.Node}, Value{}, c)
		}
		return in.CallLambda(v, c.Args...)
	}
	if c.Name == "yield" {
		if fr.Block.Kind == FuncValue {
			return in.CallLambda(fr.Block, c.Args...)
		}
		return Value{}
	}
	if family(fr.File.Lang) == "ruby" {
		if v, ok := in.implicitSelf(c); ok {
			return v
		}
	}
	if fr.File.Lang == "python" {
		if startsUpper(c.Name) {
			if cl := in.Index.Class(c.Name, fr.File); cl != nil {
				return in.construct(Value{Kind: ClassRef, Class: cl, Model: cl.Model}, c)
			}
		}
		if v, ok := in.pythonBuiltin(c); ok {
			return v
		}
	}
	if m := in.function(c.Name); m != nil {
		return in.Invoke(m, Value{}, c)
	}
	if c.Name == "super" {
		return in.super(c)
	}
	if v, ok := in.iterate(c); ok {
		return v
	}
	in.runBlock(c)
	return Value{}
}

// manyMethod finds a project's own method on a list of rows: a scope or a class method of the model.
func (in *Interp) manyMethod(c *Call) *Method {
	m := c.Recv.Model
	if m == nil || c.Recv.Loaded {
		return nil
	}
	if s := in.Index.ScopeOf(m, c.Name); s != nil {
		return s
	}
	if m.Class != nil && family(in.frame.File.Lang) == "ruby" {
		return in.Index.LookupMethod(m.Class, c.Name, true)
	}
	return nil
}

// recordCall reads a relation, a delegated attribute or calls a method of the model.
func (in *Interp) recordCall(c *Call, rec Value) (Value, bool) {
	if rec.Model == nil {
		if rec.Model = in.polymorphic(rec, c.Name); rec.Model == nil {
			return Value{}, false
		}
	}
	if rel := in.Index.Relation(rec.Model, c.Name); rel != nil {
		return in.Relate(rec, rel, c.Node), true
	}
	if rec.Model.Class != nil {
		if m := in.Index.LookupMethod(rec.Model.Class, c.Name, false); m != nil {
			if in.unread(c, m) {
				return Value{}, true
			}
			return in.Invoke(m, rec, c), true
		}
	}
	if to := in.Index.Delegate(rec.Model, c.Name); to != "" {
		key := memoKey{c.Node, "delegate " + rec.Model.Name + "." + c.Name}
		if in.busy[key] { // two models that forward one word to each other
			return Value{}, true
		}
		in.busy[key] = true
		defer delete(in.busy, key)
		target := in.access(rec, to, c.Node)
		if target.Kind == Record || target.Kind == Many {
			d := *c
			d.Recv = target
			return in.dispatch(&d), true
		}
		return Value{}, true
	}
	return Value{}, false
}

// implicitSelf tries a receiverless Ruby call on self, then as a helper function of the project.
func (in *Interp) implicitSelf(c *Call) (Value, bool) {
	fr := in.frame
	d := *c
	d.Recv, d.HasRecv = fr.Self, true
	switch fr.Self.Kind {
	case Record:
		if v, ok := in.recordCall(&d, fr.Self); ok {
			return v, true
		}
		for _, fw := range in.Frameworks {
			if v, ok := fw.Call(in, &d); ok {
				return v, true
			}
		}
	case ClassRef, Many:
		class := fr.Self.Class
		if class == nil && fr.Self.Model != nil { // a class method called on a query
			class = fr.Self.Model.Class
		}
		if class != nil {
			if m := in.Index.LookupMethod(class, c.Name, true); m != nil {
				return in.Invoke(m, fr.Self, c), true
			}
		}
		if fr.Self.Model != nil {
			if s := in.Index.ScopeOf(fr.Self.Model, c.Name); s != nil {
				return in.Invoke(s, fr.Self, c), true
			}
			for _, fw := range in.Frameworks {
				if v, ok := fw.Call(in, &d); ok {
					return v, true
				}
			}
		}
	case Object:
		if m := in.Index.LookupMethod(fr.Self.Class, c.Name, false); m != nil {
			return in.invokeShared(m, c), true
		}
		if v, ok := fr.Ivars["@"+c.Name]; ok && len(c.Args) == 0 { // attr_reader
			return v, true
		}
	}
	if fr.Fn != nil && fr.Fn.Class != nil && fr.Self.Kind == Unknown {
		if m := in.Index.LookupMethod(fr.Fn.Class, c.Name, fr.Fn.Static); m != nil && m != fr.Fn {
			return in.Invoke(m, fr.Self, c), true
		}
	}
	return Value{}, false
}

// function resolves a free function by name: as the file imports it, else same file, then same
// folder, then the only one of the nearest application.
func (in *Interp) function(name string) *Method {
	if m := in.Index.importedFunction(in.frame.File, name); m != nil {
		return m
	}
	list := in.Index.Functions[name]
	if len(list) == 0 {
		return nil
	}
	f := in.frame.File
	var best *Method
	n, nearest := 0, 0
	for _, m := range list {
		if m.File == f {
			return m
		}
		if !sameFamily(m.File.Lang, f.Lang) {
			continue
		}
		switch near := in.Index.Project.Nearness(f.Path, m.File.Path); {
		case near < nearest:
			continue
		case near > nearest:
			n, nearest, best = 0, near, nil
		}
		n++
		if best == nil || commonPrefix(m.File.Path, f.Path) > commonPrefix(best.File.Path, f.Path) {
			best = m
		}
	}
	if n == 1 || (best != nil && dir(best.File.Path) == dir(f.Path)) {
		return best
	}
	return nil
}

func (in *Interp) super(c *Call) Value {
	fr := in.frame
	if fr.Fn == nil || fr.Fn.Class == nil {
		return Value{}
	}
	for _, s := range fr.Fn.Class.Super {
		if m := in.Index.LookupMethod(in.Index.Class(s, fr.Fn.Class.File), fr.Fn.Name, fr.Fn.Static); m != nil {
			return in.Invoke(m, fr.Self, c)
		}
	}
	return Value{}
}

func (in *Interp) construct(cls Value, c *Call) Value {
	v := Value{Kind: Object, Class: cls.Class, Fields: map[string]Value{}}
	if cls.Model != nil {
		v.Kind, v.Model = Record, cls.Model // a new row: no root, nothing to load
		return v
	}
	if cls.Class == nil {
		return v
	}
	for _, name := range []string{"initialize", "__init__", "constructor", "__construct", LastSegment(cls.Class.Name)} {
		if m := in.Index.LookupMethod(cls.Class, name, false); m != nil && in.frame.depth < maxDepth {
			ivars := in.constructor(m, v, c)
			for k, x := range ivars {
				v.Fields[k] = x
			}
			break
		}
	}
	return v
}

// constructor evaluates an initializer with the actual arguments to learn the object's fields.
func (in *Interp) constructor(m *Method, self Value, c *Call) map[string]Value {
	fr := &Frame{Fn: m, File: m.File, Self: self, Ivars: map[string]Value{}, scope: newScope(nil), unit: in.reach(m.File, m.Node), depth: in.frame.depth + 1}
	outer := in.frame
	in.frame = fr
	in.bindParams(m, c)
	in.Eval(m.Node.Child(syntax.Body))
	in.frame = outer
	outer.found(fr.loads)
	return fr.Ivars
}

func (in *Interp) bindParams(m *Method, c *Call) {
	fr := in.frame
	i := 0
	for _, p := range m.Params() {
		name := p.Str()
		if v, ok := c.Named[name]; ok {
			fr.scope.declare(name, v)
			continue
		}
		if i < len(c.Args) {
			fr.scope.declare(name, c.Args[i])
			if c.Args[i].Kind == Unknown {
				fr.scope.declare(name, in.typed(p))
			}
			i++
			continue
		}
		if t := in.typed(p); t.Kind != Unknown {
			fr.scope.declare(name, t)
			continue
		}
		fr.scope.declare(name, Value{})
		if d := p.Child(syntax.Value); d.Ok() && d.Is(syntax.Call, syntax.Name, syntax.String, syntax.Bool, syntax.Nil) {
			fr.scope.declare(name, in.Eval(d))
		}
	}
}

// unread reports whether a Python method is named without being called or being a property.
func (in *Interp) unread(c *Call, m *Method) bool {
	return in.frame.File.Lang == "python" && c.Node.Kind() == syntax.Member && c.Node.Str() == c.Name && !isProperty(m)
}

// typed returns the value of a declared type.
func (in *Interp) typed(p syntax.Ref) Value {
	t := p.Child(syntax.TypeRole)
	if !t.Ok() {
		return Value{}
	}
	return in.TypeValue(t.Str())
}

// TypeValue returns the value that a type text stands for, by the frameworks' knowledge of it.
func (in *Interp) TypeValue(typ string) Value {
	for _, t := range in.typers {
		if v, ok := t.TypeValue(in, typ, in.frame.File); ok {
			return v
		}
	}
	return Value{}
}

// invokeShared evaluates a method of the same object in place, sharing its instance variables: the
// way a controller action calls its private methods.
func (in *Interp) invokeShared(m *Method, c *Call) Value {
	m = overload(m, c)
	fr := in.frame
	key := memoKey{m.Node, "shared"}
	if fr.depth >= maxDepth || in.busy[key] {
		return Value{}
	}
	in.busy[key] = true
	defer delete(in.busy, key)
	sub := &Frame{Fn: m, File: m.File, Self: fr.Self, Ivars: fr.Ivars, Block: c.Block, Loops: fr.Loops, scope: newScope(nil), unit: in.reach(m.File, m.Node), depth: fr.depth + 1, memoed: fr.memoed}
	sub.shared = &callContext{method: m, call: c, frame: fr}
	in.frame = sub
	in.bindParams(m, c)
	last := in.Eval(m.Node.Child(syntax.Body))
	in.frame = fr
	fr.found(sub.loads)
	fr.effects = slices.Grow(fr.effects, len(sub.effects))
	for _, e := range sub.effects {
		in.depend(&e, *sub.shared)
		fr.effects = append(fr.effects, e)
	}
	if sub.hasRet {
		return prefer(sub.ret, last)
	}
	return last
}

// InvokeOwn calls a method of the current object with arguments; both share the instance variables.
func (in *Interp) InvokeOwn(m *Method, c *Call) Value { return in.invokeShared(m, c) }

// Variable returns the value of a variable of the function being evaluated.
func (in *Interp) Variable(name string) (Value, bool) { return in.frame.scope.get(name) }

// Rebind gives a variable another value: a method has changed the object that it holds.
func (in *Interp) Rebind(name string, v Value) { in.frame.scope.set(name, v) }

// InvokeShared is invokeShared for frameworks: it runs a callback in the current object.
func (in *Interp) InvokeShared(m *Method) Value { return in.invokeShared(m, &Call{Node: m.Node}) }

// Invoke calls a method of the project and replays its summary on the actual values.
func (in *Interp) Invoke(m *Method, self Value, c *Call) Value {
	fr := in.frame
	m = overload(m, c)
	if fr.depth >= maxDepth {
		in.cuts++
		return Value{}
	}
	in.callers[m]++
	u := in.reach(m.File, m.Node)
	key := memoKey{m.Node, argumentsKey(self, c)}
	s := in.memo[key]
	if s != nil && s.cut && fr.depth < s.depth {
		s = nil // seen from far below an entry, where not all of it was followed
	}
	if s != nil && c.Block.Kind != FuncValue && in.entry != "" && s.entry != in.entry {
		s.entry = in.entry
		for _, i := range s.loads {
			in.met(i)
		}
	}
	var held map[int]Value                     // actual values behind named arguments and fields of objects
	if s == nil || c.Block.Kind == FuncValue { // a block closes over the caller: never shared
		if in.busy[key] {
			return Value{}
		}
		var symSelf Value
		var sym *Call
		symSelf, sym, held = symbolicCall(self, c)
		in.busy[key] = true
		cuts := in.cuts
		s = in.summarize(m, symSelf, sym, u)
		s.entry = in.entry
		s.cut, s.depth = in.cuts != cuts, fr.depth
		delete(in.busy, key)
		if in.quota >= 0 { // what an entry had no work left for is looked at again
			in.memo[key] = s
		}
	}
	fr.found(s.loads)
	actual := func(p int) (Value, bool) {
		switch {
		case p == -1:
			return self, true
		case p >= firstNamed:
			if held == nil {
				_, _, held = symbolicCall(self, c)
			}
			v, ok := held[p]
			return v, ok
		case p < len(c.Args):
			return c.Args[p], true
		}
		return Value{}, false
	}
	site := in.Site(c.Node, "called here")
	ctx := callContext{method: m, call: c, frame: fr}
	for _, e := range s.effects {
		in.replay(e, actual, site, ctx)
	}
	return in.rebase(s.ret, actual, site)
}

// argumentsKey tells apart the calls of a function whose summaries may differ.
func argumentsKey(self Value, c *Call) string {
	var sb strings.Builder
	keyOf(self, &sb, 0)
	for _, a := range c.Args {
		keyOf(a, &sb, 0)
	}
	if len(c.Named) > 0 {
		for _, k := range sortedKeys(c.Named) {
			sb.WriteString(k)
			keyOf(c.Named[k], &sb, 0)
		}
	}
	if c.Block.Kind == FuncValue {
		sb.WriteString("b")
	}
	return sb.String()
}

// symbolicCall gives the rows of the arguments of a call roots of their own. held are the actual values
// behind named arguments and the fields of objects.
func symbolicCall(self Value, c *Call) (symSelf Value, sym *Call, held map[int]Value) {
	held = map[int]Value{}
	symSelf = symbolic(self, -1, held)
	sym = &Call{Node: c.Node, Name: c.Name, Block: c.Block, ArgRefs: c.ArgRefs}
	for i, a := range c.Args {
		sym.Args = append(sym.Args, symbolic(a, i, held))
	}
	if len(c.Named) > 0 {
		sym.Named = make(map[string]Value, len(c.Named))
		for j, k := range sortedKeys(c.Named) {
			sym.Named[k] = symbolic(c.Named[k], firstNamed+j, held)
			held[firstNamed+j] = c.Named[k]
		}
	}
	return symSelf, sym, held
}

func (in *Interp) summarize(m *Method, self Value, c *Call, u *unit) *summary {
	outer := in.frame
	fr := &Frame{Fn: m, File: m.File, Self: self, Ivars: map[string]Value{}, Block: c.Block, scope: newScope(nil), unit: u, depth: outer.depth + 1}
	if self.Kind == Object {
		for k, v := range self.Fields {
			fr.Ivars[k] = v
		}
	}
	if m.Node.Kind() == syntax.Lambda && self.Kind != Unknown {
		fr.Self = self
	}
	in.frame = fr
	in.bindParams(m, c)
	last := in.Eval(m.Node.Child(syntax.Body))
	in.frame = outer
	ret := last
	if fr.hasRet {
		ret = fr.ret
		if family(m.File.Lang) == "ruby" || m.Node.Kind() == syntax.Lambda {
			ret = prefer(fr.ret, last)
		}
	} else if family(m.File.Lang) != "ruby" && m.Node.Child(syntax.Body).Kind() == syntax.Block {
		ret = Value{}
	}
	if ret.Kind == Unknown {
		if t := m.Node.Child(syntax.TypeRole); t.Ok() {
			in.frame = fr
			ret = in.TypeValue(t.Str())
			in.frame = outer
		}
	}
	return &summary{effects: fr.effects, loads: fr.loads, ret: ret}
}

// found notes the loads that a callee holds.
func (fr *Frame) found(loads []int) {
	if room := maxEffects - len(fr.loads); room > 0 {
		fr.loads = append(fr.loads, loads[:min(room, len(loads))]...)
	}
}

// Numbers of symbolic roots beside those of positional arguments (0 and up) and self (-1).
const (
	firstNamed = 1000 // named arguments, in the order of their names
	firstField = 2000 // rows held by the fields of objects, in the order met
)

// symbolic replaces the root of a value by a parameter root. Rows that an object holds get numbers of
// their own, under which held remembers the actual value.
func symbolic(v Value, param int, held map[int]Value) Value {
	return symbolicAt(v, param, held, 0)
}

func symbolicAt(v Value, param int, held map[int]Value, depth int) Value {
	switch v.Kind {
	case Record, Many:
		if v.Root == nil {
			return v
		}
		r := &Root{Kind: ParamRoot, Param: param, Model: v.Model}
		if v.Via != nil && v.Via.Kind == HasMany {
			r.Rel = v.Via
		}
		v.Root, v.Path, v.PerRow, v.Loop = r, "", false, nil
	case Container:
		if v.Elem != nil {
			e := symbolicAt(*v.Elem, param, held, depth)
			v.Elem = &e
		}
		v.Fields = nil
	case Object:
		if len(v.Fields) == 0 {
			break
		}
		f := make(map[string]Value, len(v.Fields))
		if depth < keyDepth {
			for _, k := range sortedKeys(v.Fields) {
				p := firstField + len(held)
				held[p] = v.Fields[k]
				f[k] = symbolicAt(v.Fields[k], p, held, depth+1)
			}
		}
		v.Fields = f
	}
	return v
}

// CallLambda evaluates a lambda with arguments in the environment it was made in.
func (in *Interp) CallLambda(f Value, args ...Value) Value {
	fr := in.frame
	if f.Kind != FuncValue || fr.depth >= maxDepth {
		return Value{}
	}
	key := memoKey{f.Node, "lambda"}
	if in.busy[key] {
		return Value{}
	}
	in.busy[key] = true
	defer delete(in.busy, key)
	if f.File != fr.File {
		in.reach(f.File, syntax.Ref{})
	}
	oldScope, oldFile, oldRet, oldHas := fr.scope, fr.File, fr.ret, fr.hasRet
	fr.scope, fr.File, fr.hasRet = newScope(f.env), f.File, false
	fr.depth++
	i := 0
	for p := range f.Node.All(syntax.ParamRole) {
		v := Value{}
		if i < len(args) {
			v = args[i]
		}
		if v.Kind == Unknown {
			v = in.typed(p)
		}
		if d := p.Child(syntax.Value); i >= len(args) && v.Kind == Unknown && d.Is(syntax.Bool, syntax.Nil) {
			v = in.Eval(d)
		}
		switch {
		case p.Str() != "":
			fr.scope.declare(p.Str(), v)
		default: // a pattern
			for t := range p.Children() {
				in.bind(t, v)
			}
		}
		i++
	}
	if i == 0 && len(args) > 0 { // Ruby's it and _1
		fr.scope.declare("it", args[0])
		fr.scope.declare("_1", args[0])
	}
	v := in.Eval(f.Node.Child(syntax.Body))
	if fr.hasRet && f.Node.Child(syntax.Body).Kind() == syntax.Block {
		v = prefer(fr.ret, v)
	}
	fr.depth--
	fr.scope, fr.File, fr.ret, fr.hasRet = oldScope, oldFile, oldRet, oldHas
	return v
}

// runBlock evaluates the block and lambda arguments of a call of which nothing is known.
func (in *Interp) runBlock(c *Call) {
	if borders[c.Name] {
		return
	}
	if c.Block.Kind == FuncValue {
		in.CallLambda(c.Block)
	}
	for _, a := range c.Args {
		if a.Kind == FuncValue && a.Node != c.Block.Node && (a.Node.Kind() != syntax.Func || a.env != nil || runners[c.Name]) {
			in.CallLambda(a)
		}
	}
}

// Template evaluates a template file in the current object: it shares instance variables and loops,
// and sees the locals.
func (in *Interp) Template(f *project.File, locals map[string]Value) {
	fr := in.frame
	if fr.depth >= maxDepth+6 {
		return
	}
	sub := &Frame{Fn: fr.Fn, File: f, Self: fr.Self, Ivars: fr.Ivars, Loops: fr.Loops, scope: newScope(nil), unit: in.reach(f, syntax.Ref{}), depth: fr.depth, memoed: fr.memoed}
	for k, v := range locals {
		sub.scope.declare(k, v)
	}
	in.frame = sub
	in.Eval(f.Tree.Root())
	in.frame = fr
	fr.found(sub.loads)
	fr.effects = append(fr.effects, sub.effects...)
}

// Memoized evaluates f as the body of a cache: queries inside do not count per row.
func (in *Interp) Memoized(f func() Value) Value {
	in.frame.memoed++
	v := f()
	in.frame.memoed--
	return v
}

// WithIvar evaluates f while the current object has an instance variable.
func (in *Interp) WithIvar(name string, v Value, f func()) {
	old, had := in.frame.Ivars[name]
	in.frame.Ivars[name] = v
	f()
	if had {
		in.frame.Ivars[name] = old
	} else {
		delete(in.frame.Ivars, name)
	}
}

// Iterate evaluates a call that runs a block for each element of its receiver.
func (in *Interp) Iterate(c *Call) Value {
	v, _ := in.iterate(c)
	return v
}

// StartLoop opens a loop over a value; see EndLoop. The returned loop is nil when it is too short to
// matter.
func (in *Interp) StartLoop(over Value, site Site, iter syntax.Ref) *Loop {
	return in.startLoop(over, site, iter)
}

// EndLoop closes a loop of StartLoop.
func (in *Interp) EndLoop(l *Loop) { in.endLoop(l) }

// Write records that one row is written.
func (in *Interp) Write(rec Value, at syntax.Ref) {
	e := Effect{Kind: Write, Site: in.Site(at, "writes a row")}
	q := &Root{Kind: QueryRoot, Model: rec.Model, Sites: []Site{in.Site(at, "write")}}
	e.Query = q
	if rec.Root != nil {
		e.Root, e.Path, e.PerRow, e.Loop = rec.Root, rec.Path, rec.PerRow, rec.Loop
	}
	in.start(&e)
	if !e.PerRow {
		in.perTurn(&e, nil)
	}
	in.emit(e)
}
