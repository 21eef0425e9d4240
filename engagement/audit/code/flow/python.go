package flow

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// pythonImport is what an import binds a name to.
type pythonImport struct {
	module string // slash-separated, without the file's extension: "shop/orders/models"
	name   string // "" for the module itself
}

// pythonImports reads the imports of a Python file, once.
func (ix *Index) pythonImports(f *project.File) map[string]pythonImport {
	if f == nil || f.Lang != "python" || f.Tree == nil {
		return nil
	}
	if m, ok := ix.python[f]; ok {
		return m
	}
	m := map[string]pythonImport{}
	for n := range f.Tree.Root().Descendants(syntax.Import) {
		module := pythonModule(f.Path, n.Str())
		bound := false
		for a := range n.All(syntax.Arg) {
			bound = true
			local, name := a.Str(), a.Str()
			if a.Kind() == syntax.Pair {
				name = a.Child(syntax.Value).Str()
			}
			switch {
			case name == "*" && a.Kind() == syntax.Pair:
				m[local] = pythonImport{module: module}
			case name != "*":
				m[local] = pythonImport{module: module, name: name}
			}
		}
		if !bound && module != "" {
			first, _, _ := strings.Cut(n.Str(), ".")
			m[first] = pythonImport{module: strings.ReplaceAll(first, ".", "/")}
		}
	}
	if ix.python == nil {
		ix.python = map[*project.File]map[string]pythonImport{}
	}
	ix.python[f] = m
	return m
}

// pythonModule turns "a.b" or "..a.b", as written in a file, into a path.
func pythonModule(from, module string) string {
	rest := strings.TrimLeft(module, ".")
	p := strings.ReplaceAll(rest, ".", "/")
	if up := len(module) - len(rest); up > 0 {
		d := dir(from)
		for ; up > 1; up-- {
			d = dir(d)
		}
		if d != "" && p != "" {
			return d + "/" + p
		}
		return d + p
	}
	return p
}

// inModule reports whether a file is the module or lies in the package of that path.
func inModule(file, module string) bool {
	if module == "" {
		return false
	}
	stem := strings.TrimSuffix(strings.TrimSuffix(file, ".py"), "/__init__")
	for from := 0; ; {
		i := strings.Index(stem[from:], module)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(module)
		if (i == 0 || stem[i-1] == '/') && (end == len(stem) || stem[end] == '/') {
			return true
		}
		from = i + 1
	}
}

// moduleMember resolves module.Name: a class, a function or a constant of an imported module.
func (in *Interp) moduleMember(c *Call) (Value, bool) {
	base := c.Node.Receiver().Dotted()
	if base == "" || strings.HasPrefix(base, "self") {
		return Value{}, false
	}
	first, rest, _ := strings.Cut(base, ".")
	if _, local := in.frame.scope.get(first); local {
		return Value{}, false
	}
	imp, ok := in.Index.pythonImports(in.frame.File)[first]
	if !ok {
		return Value{}, false
	}
	module := imp.module
	for _, part := range []string{imp.name, strings.ReplaceAll(rest, ".", "/")} {
		if part != "" {
			module += "/" + part
		}
	}
	if cl := in.classIn(c.Name, module); cl != nil {
		v := Value{Kind: ClassRef, Class: cl, Model: cl.Model, File: cl.File}
		if c.Node.Kind() == syntax.Call {
			return in.construct(v, c), true
		}
		return v, true
	}
	var best *Method
	for _, m := range in.Index.Functions[c.Name] {
		if inModule(m.File.Path, module) && (best == nil || in.nearer(m.File, best.File)) {
			best = m
		}
	}
	switch {
	case best == nil:
		return Value{}, false
	case c.Node.Kind() == syntax.Call:
		return in.Invoke(best, Value{}, c), true
	}
	return Value{Kind: FuncValue, Node: best.Node, File: best.File}, true
}

// pythonModuleOf returns the module path that a name of a Python file was imported from, "" when it
// was not imported.
func (ix *Index) pythonModuleOf(name string, from *project.File) string {
	if from == nil || from.Lang != "python" {
		return ""
	}
	first, rest, _ := strings.Cut(name, ".")
	i, ok := ix.pythonImports(from)[first]
	switch {
	case !ok:
		return ""
	case rest != "" && i.name != "": // models.User behind "from . import models"
		return i.module + "/" + i.name
	}
	return i.module
}

// classIn finds a class by name whose file belongs to a module.
func (in *Interp) classIn(name, module string) *Class {
	var best *Class
	for _, cl := range in.Index.Classes[name] {
		if cl.File.Lang != "python" || cl.Name != name || !inModule(cl.File.Path, module) {
			continue
		}
		if best == nil || in.nearer(cl.File, best.File) || !in.nearer(best.File, cl.File) && len(cl.File.Path) < len(best.File.Path) {
			best = cl
		}
	}
	return best
}

// nearer reports whether a file belongs to a nearer application than another does, as seen from the
// file that is evaluated.
func (in *Interp) nearer(a, b *project.File) bool {
	p, from := in.Index.Project, in.frame.File.Path
	return p.Nearness(from, a.Path) > p.Nearness(from, b.Path)
}

// pythonBuiltin interprets the functions of the language that pass rows on or walk them.
func (in *Interp) pythonBuiltin(c *Call) (Value, bool) {
	if len(c.Args) == 0 {
		return Value{}, false
	}
	v := c.Args[0]
	rows := v.Kind == Many || v.Kind == Container
	switch c.Name {
	case "list", "tuple", "set", "frozenset", "reversed", "iter", "deque", "OrderedSet":
		if rows {
			in.Use(v, c.Node)
			v.Loaded = v.Loaded || v.Kind == Many
			v.Node = syntax.Ref{}
			return v, true
		}
	case "sorted":
		if rows {
			in.Use(v, c.Node)
			in.keyFunction(c, v)
			v.Loaded = v.Loaded || v.Kind == Many
			return v, true
		}
	case "enumerate":
		if rows {
			in.Use(v, c.Node)
			e := in.Element(v, nil)
			return Value{Kind: Container, Pairs: true, Elem: &e}, true
		}
	case "len", "bool", "any", "all", "sum", "str", "repr":
		if rows {
			in.Use(v, c.Node)
		}
		return Value{Kind: Scalar}, true
	case "max", "min", "next":
		if rows {
			in.Use(v, c.Node)
			in.keyFunction(c, v)
			return in.Element(v, nil), true
		}
	case "map", "filter":
		if len(c.Args) > 1 && v.Kind == FuncValue {
			list := c.Args[1]
			l := in.startLoop(list, in.Site(c.Node, "loop"), c.ArgRefs[1])
			out := in.CallLambda(v, in.Element(list, l))
			in.endLoop(l)
			if c.Name == "filter" {
				list.Loaded = list.Loaded || list.Kind == Many
				return list, true
			}
			return Value{Kind: Container, Elem: settled(out, l)}, true
		}
	case "chain", "cast":
		if rows {
			return v, true
		}
		if c.Name == "cast" && len(c.Args) > 1 {
			return c.Args[1], true
		}
	case "getattr":
		if len(c.ArgRefs) > 1 && c.ArgRefs[1].Kind() == syntax.String && !c.ArgRefs[1].Has(syntax.FlagInterp) {
			return in.access(v, c.ArgRefs[1].Str(), c.Node), true
		}
		return Value{}, true
	case "type":
		if v.Class != nil {
			return Value{Kind: ClassRef, Class: v.Class, Model: v.Class.Model}, true
		}
		if v.Model != nil && v.Kind == Record {
			return Value{Kind: ClassRef, Class: v.Model.Class, Model: v.Model}, true
		}
	}
	return Value{}, false
}

func (in *Interp) keyFunction(c *Call, v Value) {
	if f, ok := c.Named["key"]; ok && f.Kind == FuncValue {
		l := in.startLoop(v, in.Site(c.Node, "loop"), syntax.Ref{})
		in.CallLambda(f, in.Element(v, l))
		in.endLoop(l)
	}
}

// settled is a value as it is seen after the loop l: no longer one of many turns.
func settled(v Value, l *Loop) *Value {
	if l != nil && v.Loop == l {
		v.PerRow, v.Loop = false, nil
	}
	return &v
}

// pythonSuper evaluates super().name(...) on the current object: the method of a base class, else
// what a framework says its own base class does (with Call.Super set).
func (in *Interp) pythonSuper(c *Call) Value {
	fr := in.frame
	c.Recv, c.HasRecv, c.Super = fr.Self, true, true
	if fr.Self.Kind == Object {
		c.Recv.Fields = fr.Ivars
	}
	in.evalArgs(c)
	if fr.Fn != nil && fr.Fn.Class != nil {
		for _, s := range fr.Fn.Class.Super {
			base := in.Index.Class(s, fr.Fn.Class.File)
			if base == nil || base == fr.Fn.Class {
				continue
			}
			for _, static := range []bool{false, true} {
				if m := in.Index.LookupMethod(base, c.Name, static); m != nil && m != fr.Fn {
					return in.Invoke(m, c.Recv, c)
				}
			}
		}
	}
	for _, fw := range in.Frameworks {
		if v, ok := fw.Call(in, c); ok {
			return v
		}
	}
	return Value{}
}

// LookupField finds a class-level declaration on a class and its bases.
func (ix *Index) LookupField(c *Class, name string) (syntax.Ref, *Class) {
	for depth := 0; c != nil && depth < 8; depth++ {
		if f, ok := c.Fields[name]; ok {
			return f, c
		}
		var next *Class
		for _, s := range c.Super {
			b := ix.Class(s, c.File)
			if b == nil || b == c {
				continue
			}
			if f, owner := ix.LookupField(b, name); owner != nil {
				return f, owner
			}
		}
		c = next
	}
	return syntax.Ref{}, nil
}

// FieldValue evaluates a class-level declaration in the file it stands in.
func (in *Interp) FieldValue(c *Class, name string) (Value, bool) {
	f, owner := in.Index.LookupField(c, name)
	if owner == nil {
		return Value{}, false
	}
	v := f.Child(syntax.Value)
	if !v.Ok() || in.frame.depth >= maxDepth {
		return Value{}, false
	}
	var out Value
	in.InFile(owner.File, Value{Kind: ClassRef, Class: owner, Model: owner.Model}, func() { out = in.Eval(v) })
	return out, true
}

// InFile evaluates f with another file and object at hand, inside the current loops.
func (in *Interp) InFile(file *project.File, self Value, f func()) {
	fr := in.frame
	sub := &Frame{Fn: fr.Fn, File: file, Self: self, Ivars: map[string]Value{}, Loops: fr.Loops, scope: newScope(nil), unit: in.reach(file, syntax.Ref{}), depth: fr.depth + 1, memoed: fr.memoed}
	if self.Kind == Object {
		for k, v := range self.Fields {
			sub.Ivars[k] = v
		}
	}
	in.frame = sub
	f()
	in.frame = fr
	fr.found(sub.loads)
	for _, e := range sub.effects {
		in.export(e)
	}
}

// Text makes a literal value of a string that no source states, such as the name of an action.
func Text(s string) Value {
	b := syntax.NewBuilder("", nil)
	b.Leaf(syntax.String, syntax.Stmt, s, 0, 0)
	return Value{Kind: Literal, Node: b.Finish().At(1)}
}

// truth decides a condition over literals: parameters with known values, self.action == "list".
func (in *Interp) truth(n syntax.Ref) (value, known bool) {
	switch n.Kind() {
	case syntax.Bool:
		return n.Str() == "true", true
	case syntax.Name:
		if v, ok := in.frame.scope.get(n.Str()); ok && v.Kind == Literal && in.fixed(n) {
			switch v.Node.Kind() {
			case syntax.Bool:
				return v.Node.Str() == "true", true
			case syntax.Nil:
				return false, true
			}
		}
	case syntax.Member, syntax.Call:
		if n.Str() == "bool" && len(n.Args()) == 1 {
			return in.truth(n.Arg(0))
		}
		return in.stored(n)
	case syntax.Unary:
		if n.Str() == "!" {
			v, ok := in.truth(n.Child(syntax.Value))
			return !v, ok
		}
	case syntax.Binary:
		l, r := n.Child(syntax.Left), n.Child(syntax.Right)
		switch n.Str() {
		case "&&":
			a, ok := in.truth(l)
			b, ok2 := in.truth(r)
			switch {
			case ok && !a, ok2 && !b:
				return false, true
			case ok && ok2:
				return true, true
			}
		case "||":
			a, ok := in.truth(l)
			b, ok2 := in.truth(r)
			switch {
			case ok && a, ok2 && b:
				return true, true
			case ok && ok2:
				return false, true
			}
		case "===", "!==", "is", "is not":
			eq, ok := in.compared(n.Str(), l, r)
			return eq == (n.Str() == "===" || n.Str() == "is"), ok
		case "==", "!=", "in", "not in":
			if eq, ok := in.compared(n.Str(), l, r); ok {
				return eq == (n.Str() == "=="), true
			}
			s, ok := in.ivarText(l)
			if !ok {
				return false, false
			}
			eq := false
			switch {
			case r.Kind() == syntax.String:
				eq = r.Str() == s
			case r.Kind() == syntax.List:
				for e := range r.Children() {
					if e.Kind() != syntax.String {
						return false, false
					}
					eq = eq || e.Str() == s
				}
			default:
				return false, false
			}
			if n.Str() == "!=" || n.Str() == "not in" {
				return !eq, true
			}
			return eq, true
		}
	}
	return false, false
}

// ivarText is the known text of an attribute of the current object.
func (in *Interp) ivarText(n syntax.Ref) (string, bool) {
	if n.Kind() != syntax.Member || n.Receiver().Kind() != syntax.Self {
		return "", false
	}
	v, ok := in.frame.Ivars["@"+n.Str()]
	if !ok || v.Kind != Literal || v.Node.Kind() != syntax.String {
		return "", false
	}
	return v.Node.Str(), true
}

// isProperty reports whether a Python method is read without a call.
func isProperty(m *Method) bool {
	for d := range m.Node.All(syntax.Decorator) {
		name := d.Str()
		if strings.HasSuffix(name, "property") || name == "attribute" || name == "expression" || name == "getter" {
			return true
		}
	}
	return false
}

// slice reads a part of a list: rows stay rows, a query gets a bound.
func (in *Interp) slice(v Value, n, s syntax.Ref) Value {
	in.Eval(s)
	switch v.Kind {
	case Many:
		if v.Loaded || v.Root == nil || v.Path != "" {
			return v
		}
		q, r := in.Refine(v, n)
		stop := s.Child(syntax.Right)
		switch {
		case stop.Kind() == syntax.Number && !s.Child(syntax.Left).Ok():
			r.Limit = number(stop.Str())
		case stop.Ok():
			r.Paged = true
		}
		return q
	case Container:
		return v
	}
	return Value{}
}

func number(s string) int {
	n := 0
	for _, c := range strings.ReplaceAll(s, "_", "") {
		if c < '0' || c > '9' || n > 1e8 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// AggregateRelation records that a number or a truth is asked of a relation of a row: in memory where
// the relation was loaded, else by a query.
func (in *Interp) AggregateRelation(v Value, site Site) {
	if v.Root == nil {
		return
	}
	q := &Root{Kind: QueryRoot, Model: v.Model, Sites: []Site{site}, Terminal: "count"}
	in.emit(Effect{Kind: Aggregate, Root: v.Root, Path: v.Path, Rel: v.Via, Query: q, Site: site, PerRow: v.PerRow, Loop: v.Loop, Cached: true})
}

// Include evaluates a template inside another: it sees the names of its includer and the locals.
func (in *Interp) Include(f *project.File, locals map[string]Value) {
	fr := in.frame
	if fr.depth >= maxDepth+6 {
		return
	}
	sub := &Frame{Fn: fr.Fn, File: f, Self: fr.Self, Ivars: fr.Ivars, Loops: fr.Loops, scope: newScope(fr.scope), unit: in.reach(f, syntax.Ref{}), depth: fr.depth + 1, memoed: fr.memoed}
	for k, v := range locals {
		sub.scope.declare(k, v)
	}
	in.frame = sub
	in.Eval(f.Tree.Root())
	in.frame = fr
	fr.found(sub.loads)
	fr.effects = append(fr.effects, sub.effects...)
}

// guardedBody evaluates the body of a condition. A condition on the kind of the current row spares
// the other rows; one that picks a single value of the loop variable runs its body once, not per row.
func (in *Interp) guardedBody(n syntax.Ref) Value {
	fr := in.frame
	cond, body := n.Child(syntax.Cond), n.Child(syntax.Body)
	if cond.Kind() != syntax.Binary || (cond.Str() != "==" && cond.Str() != "in") {
		return in.branchOf(cond, body)
	}
	left, right := cond.Child(syntax.Left), cond.Child(syntax.Right)
	if left.Kind() == syntax.Member && left.Receiver().Kind() == syntax.Self && fr.Self.Kind == Record && constant(right) {
		fr.guarded++
		v := in.branchOf(cond, body)
		fr.guarded--
		return v
	}
	if loops := fr.Loops; len(loops) > 0 && cond.Str() == "==" && right.Kind() == syntax.String && left.Kind() == syntax.Name {
		l := loops[len(loops)-1]
		if l.Site.Node.Kind() == syntax.For && l.Site.Node.Child(syntax.Target).Str() == left.Str() {
			fr.Loops = loops[: len(loops)-1 : len(loops)-1]
			v := in.branchOf(cond, body)
			fr.Loops = loops
			return v
		}
	}
	return in.branchOf(cond, body)
}

// constant reports whether an expression is a literal, a list of them or a named constant.
func constant(n syntax.Ref) bool {
	switch n.Kind() {
	case syntax.String, syntax.Number:
		return true
	case syntax.Name, syntax.Member:
		last := n.Str()
		return last != "" && strings.ToUpper(last) == last || startsUpper(n.Dotted())
	case syntax.List:
		for c := range n.Children() {
			if !constant(c) {
				return false
			}
		}
		return true
	}
	return false
}

// Constant returns the module-level value of a name as a Python file sees it, with the file that it
// stands in: its own, or the one that it was imported from.
func (ix *Index) Constant(f *project.File, name string) (syntax.Ref, *project.File) {
	if v, ok := ix.Constants[f][name]; ok {
		return v, f
	}
	i, ok := ix.pythonImports(f)[name]
	if !ok || i.name == "" {
		return syntax.Ref{}, nil
	}
	var best *project.File
	for g, names := range ix.Constants {
		if _, ok := names[i.name]; ok && inModule(g.Path, i.module) && (best == nil || len(g.Path) < len(best.Path) || len(g.Path) == len(best.Path) && g.Path < best.Path) {
			best = g
		}
	}
	if best == nil {
		return syntax.Ref{}, nil
	}
	return ix.Constants[best][i.name], best
}
