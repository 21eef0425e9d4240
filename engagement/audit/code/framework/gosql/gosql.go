// Package gosql tells the flow engine how Go programs ask databases: queries built with squirrel, GORM,
// bun, beego's orm and xorm, HTTP and gRPC handlers as entry points, and the types of parameters,
// fields, composite literals and results, so that a call of a store through a field or an interface
// leads to the method that runs the query.
//
// Go's mappers load nothing behind the program's back, so the models have no relations; what counts
// are queries in loops and the conditions of queries. An interface is followed when a single type of
// the project implements it. Statements written as SQL are the work of package rawsql.
package gosql

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Framework implements flow.Framework and flow.Typer.
type Framework struct {
	ix      *flow.Index
	imports map[*project.File]map[string]string // package name -> import path
	impls   map[*flow.Class]*flow.Class         // the only implementation of an interface, nil for none
	structs []*flow.Class                       // classes of Go that have methods
	tables  map[string]*flow.Model
	handles map[string]*flow.Class // stand for library types: *gorm.DB and the like
}

// New returns the framework.
func New() *Framework {
	fw := &Framework{imports: map[*project.File]map[string]string{}, impls: map[*flow.Class]*flow.Class{}, tables: map[string]*flow.Model{}, handles: map[string]*flow.Class{}}
	for _, n := range []string{"gorm", "bun", "xorm", "beego"} {
		fw.handles[n] = &flow.Class{Name: n + " handle", Methods: map[string]*flow.Method{}, Static: map[string]*flow.Method{}, Fields: map[string]syntax.Ref{}}
	}
	return fw
}

// Name returns "gosql".
func (*Framework) Name() string { return "gosql" }

// Index lists the types that may implement interfaces.
func (fw *Framework) Index(ix *flow.Index) {
	fw.ix = ix
	for _, list := range ix.Classes {
		for _, c := range list {
			if c.File.Lang == "go" && len(c.Methods) > 0 && !c.Node.Has(syntax.FlagInterface) {
				fw.structs = append(fw.structs, c)
			}
		}
	}
}

// importsOf returns the packages that a file imports by the name they have there.
func (fw *Framework) importsOf(f *project.File) map[string]string {
	if m, ok := fw.imports[f]; ok {
		return m
	}
	m := map[string]string{}
	fw.imports[f] = m
	if f == nil || f.Tree == nil {
		return m
	}
	for n := range f.Tree.Root().Children() {
		fw.addImport(m, n)
	}
	return m
}

func (fw *Framework) addImport(m map[string]string, n syntax.Ref) {
	if n.Kind() != syntax.Import {
		if n.Is(syntax.Block, syntax.Other) {
			for c := range n.Children() {
				fw.addImport(m, c)
			}
		}
		return
	}
	name := path.Base(n.Str())
	if len(name) > 1 && name[0] == 'v' && name[1] >= '0' && name[1] <= '9' { // .../v5
		name = path.Base(path.Dir(n.Str()))
	}
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		name = name[i+1:]
	}
	if a := n.Child(syntax.Arg); a.Kind() == syntax.Pair {
		name = a.Str()
	}
	m[name] = n.Str()
}

func (fw *Framework) importing(f *project.File, parts ...string) bool {
	for _, p := range fw.importsOf(f) {
		for _, s := range parts {
			if strings.Contains(p, s) {
				return true
			}
		}
	}
	return false
}

// inPackage counts the trailing segments that a folder shares with an import path; 0 when the folder
// is not that package.
func inPackage(dir, imp string) int {
	a, b := strings.Split(dir, "/"), strings.Split(imp, "/")
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// class resolves a type name as a file writes it.
func (fw *Framework) class(name string, from *project.File) *flow.Class {
	pkg, last, qualified := strings.Cut(name, ".")
	if !qualified {
		last = pkg
	}
	var best *flow.Class
	score := 0
	for _, c := range fw.ix.Classes[last] {
		if c.File.Lang != "go" {
			continue
		}
		d := path.Dir(c.File.Path)
		switch {
		case !qualified && d == path.Dir(from.Path):
			return c
		case qualified:
			imp := fw.importsOf(from)[pkg]
			if imp == "" {
				continue
			}
			if s := inPackage(d, imp); s > score {
				best, score = c, s
			}
		}
	}
	return best
}

// implementation is the single type that has all methods of an interface.
func (fw *Framework) implementation(c *flow.Class) *flow.Class {
	if impl, ok := fw.impls[c]; ok {
		return impl
	}
	fw.impls[c] = nil
	if len(c.Methods) == 0 {
		return nil
	}
	var found *flow.Class
	for _, s := range fw.structs {
		if strings.Contains(s.File.Path, "mock") || strings.Contains(s.File.Path, "fake") || strings.Contains(strings.ToLower(s.Name), "mock") || strings.Contains(strings.ToLower(s.Name), "fake") {
			continue
		}
		all := true
		for name := range c.Methods {
			if s.Methods[name] == nil {
				all = false
				break
			}
		}
		if !all {
			continue
		}
		if found != nil {
			return nil
		}
		found = s
	}
	fw.impls[c] = found
	return found
}

var scalars = map[string]bool{
	"string": true, "int": true, "int8": true, "int16": true, "int32": true, "int64": true, "uint": true, "uint8": true, "uint16": true, "uint32": true, "uint64": true, "bool": true, "byte": true, "rune": true,
	"float32": true, "float64": true, "error": true, "any": true, "interface{}": true,
}

// handleTypes are the types of libraries through which queries are asked.
var handleTypes = map[string]string{
	"gorm.DB": "gorm", "bun.DB": "bun", "bun.IDB": "bun", "bun.Tx": "bun", "xorm.Engine": "xorm", "xorm.Session": "xorm", "xorm.EngineGroup": "xorm", "xorm.Interface": "xorm", "orm.Ormer": "beego", "orm.QuerySeter": "beego", "orm.TxOrmer": "beego",
}

// TypeValue returns what a declared type of Go stands for.
func (fw *Framework) TypeValue(in *flow.Interp, typ string, from *project.File) (flow.Value, bool) {
	if from == nil || from.Lang != "go" {
		return flow.Value{}, false
	}
	return fw.typed(typ, from, 0), true
}

func (fw *Framework) typed(typ string, from *project.File, depth int) flow.Value {
	typ = strings.TrimSpace(typ)
	if depth > 4 || typ == "" {
		return flow.Value{}
	}
	if typ[0] == '(' { // several results: the first one counts
		typ = strings.Trim(typ, "()")
		first := typ
		level := 0
		for i, r := range typ {
			switch r {
			case '[', '(', '{':
				level++
			case ']', ')', '}':
				level--
			}
			if r == ',' && level == 0 {
				first = typ[:i]
				break
			}
		}
		if i := strings.IndexByte(first, ' '); i > 0 && !strings.HasPrefix(first, "map[") && !strings.HasPrefix(first, "func") && !strings.HasPrefix(first, "chan") { // a named result
			first = first[i+1:]
		}
		return fw.typed(first, from, depth+1)
	}
	typ = strings.TrimLeft(typ, "*&")
	switch {
	case strings.HasPrefix(typ, "[]"):
		e := fw.typed(typ[2:], from, depth+1)
		return flow.Value{Kind: flow.Container, Elem: &e}
	case strings.HasPrefix(typ, "..."):
		e := fw.typed(typ[3:], from, depth+1)
		return flow.Value{Kind: flow.Container, Elem: &e}
	case strings.HasPrefix(typ, "map["):
		e := flow.Value{}
		if i := strings.IndexByte(typ, ']'); i > 0 {
			e = fw.typed(typ[i+1:], from, depth+1)
		}
		return flow.Value{Kind: flow.Container, Pairs: true, Elem: &e}
	case scalars[typ]:
		return flow.Value{Kind: flow.Scalar}
	}
	if i := strings.IndexByte(typ, '['); i > 0 { // generics
		typ = typ[:i]
	}
	if h := handleTypes[typ]; h != "" {
		return fw.handle(h)
	}
	c := fw.class(typ, from)
	if c == nil {
		return flow.Value{}
	}
	return flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{}}
}

func (fw *Framework) handle(kind string) flow.Value {
	return flow.Value{Kind: flow.Object, Class: fw.handles[kind], Fields: map[string]flow.Value{}}
}

// Call interprets Go's selectors and the query builders.
func (fw *Framework) Call(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	f := in.File()
	if f.Lang != "go" {
		return flow.Value{}, false
	}
	if c.Node.Kind() == syntax.Name {
		return fw.receiver(in, c.Name)
	}
	if !c.HasRecv {
		if c.Node.Has(syntax.FlagNew) {
			return fw.composite(in, c), true
		}
		return flow.Value{}, false
	}
	if c.Node.Kind() == syntax.Member {
		if c.Recv.Kind == flow.Object {
			return fw.field(c, c.Recv.Class, 0), true
		}
		return flow.Value{}, false
	}
	if v, ok := fw.built(in, c); ok {
		return v, true
	}
	switch c.Recv.Kind {
	case flow.Unknown:
		if r := c.Node.Receiver(); r.Kind() == syntax.Name {
			if imp := fw.importsOf(f)[r.Str()]; imp != "" {
				if m := fw.function(c.Name, imp); m != nil {
					return in.Invoke(m, flow.Value{}, c), true
				}
			}
		}
	case flow.Object:
		if cl := c.Recv.Class; cl != nil && cl.Node.Ok() {
			if m := fw.method(cl, c.Name, 0); m != nil {
				if m.Class != cl {
					return in.Invoke(m, flow.Value{Kind: flow.Object, Class: m.Class, Fields: map[string]flow.Value{}}, c), true
				}
				return in.Invoke(m, c.Recv, c), true
			}
			return flow.Value{}, true
		}
	}
	return flow.Value{}, false
}

// receiver is the value of the variable that a method's receiver has.
func (fw *Framework) receiver(in *flow.Interp, name string) (flow.Value, bool) {
	fn := in.Frame().Fn
	if fn == nil {
		return flow.Value{}, false
	}
	for p := range fn.Node.All(syntax.ParamRole) {
		if p.Has(syntax.FlagReceiver) && p.Str() == name {
			return in.Frame().Self, true
		}
	}
	return flow.Value{}, false
}

// composite is a literal T{field: value}.
func (fw *Framework) composite(in *flow.Interp, c *flow.Call) flow.Value {
	cl := fw.class(strings.TrimLeft(c.Name, "*&"), in.File())
	if cl == nil {
		return flow.Value{}
	}
	v := flow.Value{Kind: flow.Object, Class: cl, Fields: map[string]flow.Value{}}
	for k, x := range c.Named {
		if x.Kind == flow.Object {
			v.Fields["@"+k] = x
		}
	}
	return v
}

// field reads a field of a struct, through embedded structs as well.
func (fw *Framework) field(c *flow.Call, cl *flow.Class, depth int) flow.Value {
	if v, ok := c.Recv.Fields["@"+c.Name]; ok && v.Kind != flow.Unknown {
		return v
	}
	if cl == nil || depth > 3 {
		return flow.Value{}
	}
	if f, ok := cl.Fields[c.Name]; ok {
		return fw.typed(f.Child(syntax.TypeRole).Str(), cl.File, 0)
	}
	for _, s := range cl.Super {
		b := fw.class(strings.TrimLeft(s, "*"), cl.File)
		if flow.LastSegment(s) == c.Name {
			return fw.typed(s, cl.File, 0)
		}
		if b != nil && b != cl {
			if v := fw.field(c, b, depth+1); v.Kind != flow.Unknown {
				return v
			}
		}
	}
	return flow.Value{}
}

// method finds a method with a body: of the type, of what it embeds, or of the only implementation.
func (fw *Framework) method(cl *flow.Class, name string, depth int) *flow.Method {
	if cl == nil || depth > 4 {
		return nil
	}
	if cl.Node.Has(syntax.FlagInterface) {
		if cl = fw.implementation(cl); cl == nil {
			return nil
		}
	}
	if m := cl.Methods[name]; m != nil && m.Node.Child(syntax.Body).Ok() {
		return m
	}
	for _, s := range cl.Super {
		if b := fw.class(strings.TrimLeft(s, "*"), cl.File); b != nil && b != cl {
			if m := fw.method(b, name, depth+1); m != nil {
				return m
			}
		}
	}
	return nil
}

// function finds a function of an imported package of the project.
func (fw *Framework) function(name, imp string) *flow.Method {
	var best *flow.Method
	score := 0
	for _, m := range fw.ix.Functions[name] {
		if m.File.Lang != "go" {
			continue
		}
		d := path.Dir(m.File.Path)
		if s := inPackage(d, imp); s > score && (s > 1 || !strings.Contains(d, "/")) {
			best, score = m, s
		}
	}
	return best
}
