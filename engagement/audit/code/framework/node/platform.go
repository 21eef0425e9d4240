package node

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Platform knows what the data layers share: services that a class is given, methods written as
// arrow functions, transactions with a callback, and the entry points of the web frameworks.
type Platform struct{ ix *flow.Index }

// NewPlatform returns the framework.
func NewPlatform() *Platform { return &Platform{} }

// Name returns "node".
func (*Platform) Name() string { return "node" }

// Index adds the functions that CommonJS modules export one by one: exports.f = async () => {...}.
// The platform has no models.
func (fw *Platform) Index(ix *flow.Index) {
	fw.ix = ix
	for _, f := range ix.Project.Files {
		if !readable(f) {
			continue
		}
		for c := range f.Tree.Root().Children() {
			t, v := c.Child(syntax.Target), c.Child(syntax.Value)
			if c.Kind() == syntax.Assign && t.Kind() == syntax.Member && v.Is(syntax.Lambda, syntax.Func) {
				ix.Functions[t.Str()] = append(ix.Functions[t.Str()], &flow.Method{Name: t.Str(), File: f, Node: v})
			}
		}
	}
}

// Call resolves fields of objects by their declared types, and methods that are arrow functions.
func (fw *Platform) Call(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if !script(in.File()) {
		return flow.Value{}, false
	}
	if !c.HasRecv {
		if (c.Name == "$transaction" || c.Name == "withTransaction" || c.Name == "runInTransaction") && c.Block.Kind == flow.FuncValue && fw.ix.Functions[c.Name] != nil {
			// A wrapper that runs its callback in a transaction.
			return in.CallLambda(c.Block), true
		}
		return flow.Value{}, false
	}
	if f := c.Recv.Fields[c.Name]; c.Recv.Kind == flow.Container && f.Kind == flow.FuncValue && c.Node.Kind() == syntax.Call {
		return in.CallLambda(f, c.Args...), true // an object of functions
	}
	if c.Recv.Kind != flow.Object || c.Recv.Class == nil {
		return flow.Value{}, false
	}
	if _, ok := c.Recv.Fields["@"+c.Name]; ok || fw.ix.LookupMethod(c.Recv.Class, c.Name, false) != nil {
		return flow.Value{}, false
	}
	field := fw.field(c.Recv.Class, c.Name, 0)
	if !field.Ok() {
		return flow.Value{}, false
	}
	if v := field.Child(syntax.Value); v.Kind() == syntax.Lambda && c.Node.Kind() == syntax.Call {
		m := &flow.Method{Name: c.Name, Class: c.Recv.Class, File: c.Recv.Class.File, Node: v}
		return in.Invoke(m, c.Recv, c), true
	}
	if c.Node.Kind() == syntax.Member {
		if v, ok := fw.TypeValue(in, field.Child(syntax.TypeRole).Str(), c.Recv.Class.File); ok {
			return v, true
		}
	}
	return flow.Value{}, false
}

// field finds a declared field, also on super classes.
func (fw *Platform) field(c *flow.Class, name string, depth int) syntax.Ref {
	if c == nil || depth > 6 {
		return syntax.Ref{}
	}
	if f, ok := c.Fields[name]; ok {
		return f
	}
	for _, s := range c.Super {
		if f := fw.field(fw.ix.Class(s, c.File), name, depth+1); f.Ok() {
			return f
		}
	}
	return syntax.Ref{}
}

// TypeValue returns an object of a class of the project. Interfaces of data and models say nothing.
func (fw *Platform) TypeValue(in *flow.Interp, typ string, from *project.File) (flow.Value, bool) {
	if from == nil || !script(from) {
		return flow.Value{}, false
	}
	typ = strings.TrimSpace(typ)
	if typ == "" || strings.ContainsAny(typ, "<|&{[( ") || typ[0] < 'A' || typ[0] > 'Z' {
		return flow.Value{}, false
	}
	c := fw.ix.Class(typ, from)
	if c == nil || c.Model != nil || c.Node.Has(syntax.FlagInterface) || len(c.Methods) == 0 || !script(c.File) {
		return flow.Value{}, false
	}
	return flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{}}, true
}
