package flow

import (
	"slices"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// NewIndex collects the classes and functions of a project, of some families of languages ("python",
// "typescript") or of all. Frameworks add models afterwards.
func NewIndex(p *project.Project, families ...string) *Index {
	ix := &Index{
		Project:   p,
		Classes:   map[string][]*Class{},
		Functions: map[string][]*Method{},
		Models:    map[string]*Model{},
		ByTable:   map[string]*Model{},
		Constants: map[*project.File]map[string]syntax.Ref{},
		merged:    map[string]*Class{},
	}
	for _, f := range p.Files {
		if f.Tree == nil || f.Role == project.Test || f.Role == project.Vendored || f.Role == project.Generated {
			continue
		}
		if f.Role == project.Migration && family(f.Lang) == "ruby" {
			continue // migrations run once, and declare models of the same names as the application's
		}
		if len(families) > 0 && !slices.Contains(families, family(f.Lang)) {
			continue
		}
		ix.collect(f, f.Tree.Root(), nil)
	}
	return ix
}

func (ix *Index) collect(f *project.File, n syntax.Ref, owner *Class) {
	for c := range n.Children() {
		switch c.Kind() {
		case syntax.Class:
			ix.Collect(f, c, owner)
		case syntax.Func:
			ix.addFunc(f, c, owner)
		case syntax.Field:
			if owner != nil {
				owner.Fields[c.Str()] = c
			} else {
				ix.addConstant(f, c.Str(), c.Child(syntax.Value))
			}
		case syntax.Assign:
			if t := c.Child(syntax.Target); t.Kind() == syntax.Name {
				v := c.Child(syntax.Value)
				if v.Kind() == syntax.Lambda && owner == nil {
					ix.Functions[t.Str()] = append(ix.Functions[t.Str()], &Method{Name: t.Str(), File: f, Node: v})
				}
				if owner == nil {
					ix.addConstant(f, t.Str(), v)
				}
			}
			ix.collect(f, c, owner) // module.exports = class ..., $x = new class ...
		case syntax.Block, syntax.If, syntax.Try, syntax.Other, syntax.Return:
			ix.collect(f, c, owner)
		case syntax.Call, syntax.Lambda, syntax.Pair, syntax.Map:
			// Rails concerns put methods into included do ... end and class_methods do ... end.
			if f.Lang == "ruby" && c.Kind() == syntax.Call && owner != nil {
				if b := c.Child(syntax.BlockArg); b.Ok() && (c.Str() == "included" || c.Str() == "class_methods") {
					ix.collectConcern(f, b, owner, c.Str() == "class_methods")
				}
			}
		}
	}
}

func (ix *Index) collectConcern(f *project.File, block syntax.Ref, owner *Class, static bool) {
	body := block.Child(syntax.Body)
	for c := range body.Children() {
		if c.Kind() == syntax.Func {
			m := &Method{Name: c.Str(), Class: owner, File: f, Node: c, Static: static || c.Has(syntax.FlagStatic)}
			if m.Static {
				owner.Static[m.Name] = m
			} else {
				owner.Methods[m.Name] = m
			}
		}
	}
}

// Collect adds a class and what is declared inside it.
func (ix *Index) Collect(f *project.File, n syntax.Ref, owner *Class) {
	name := n.Str()
	sep := "."
	if family(f.Lang) == "ruby" {
		sep = "::"
	}
	if owner != nil && name != "" {
		name = owner.Name + sep + name
	}
	key := family(f.Lang) + " " + name
	// Ruby reopens classes across the files of an application; elsewhere equal names are different classes.
	switch family(f.Lang) {
	case "ruby":
		key = ix.Project.Application(f.Path) + "\x00" + key
	case "go":
		key = dir(f.Path) + " " + name
	default:
		key = f.Path + " " + name
	}
	c := ix.class(key, name, f, n)
	c.Module = n.Has(syntax.FlagModule)
	for s := range n.All(syntax.Super) {
		if d := typeName(s); d != "" {
			c.Super = append(c.Super, d)
			if c.File != f {
				c.File, c.Node = f, n // the part with the super class is the main one
			}
		}
	}
	body := n.Child(syntax.Body)
	if !body.Ok() {
		body = n
	}
	for m := range body.Children() {
		if m.Kind() == syntax.Call && !m.Receiver().Ok() && (m.Str() == "include" || m.Str() == "prepend" || m.Str() == "extend" || m.Str() == "use") {
			for _, a := range m.Args() {
				if d := a.Dotted(); d != "" {
					c.Mixins = append(c.Mixins, d)
				}
			}
		}
	}
	ix.collect(f, body, c)
}

// typeName returns the name in a super class expression: Name, Member chain, Call (Migration[7.0],
// models.Model(...)), Index or Type.
func typeName(n syntax.Ref) string {
	switch n.Kind() {
	case syntax.Type, syntax.Name:
		s := n.Str()
		for i, r := range s {
			if r == '<' || r == '[' {
				return s[:i]
			}
		}
		return s
	case syntax.Index:
		return typeName(n.Receiver())
	case syntax.Call:
		if n.Receiver().Ok() {
			return ""
		}
		return n.Str()
	}
	return n.Dotted()
}

func (ix *Index) addFunc(f *project.File, n syntax.Ref, owner *Class) {
	m := &Method{Name: n.Str(), Class: owner, File: f, Node: n, Static: n.Has(syntax.FlagStatic)}
	for d := range n.All(syntax.Decorator) {
		if name := d.Dotted(); name == "staticmethod" || name == "classmethod" || (d.Kind() == syntax.Call && (d.Str() == "staticmethod" || d.Str() == "classmethod")) {
			m.Static = true
		}
	}
	if owner == nil {
		if recv := goReceiver(n); recv != "" {
			if c := ix.goClass(f, recv); c != nil {
				m.Class = c
				c.Methods[m.Name] = m
				return
			}
		}
		ix.Functions[m.Name] = append(ix.Functions[m.Name], m)
		return
	}
	if f.Lang == "java" {
		if owner.Overloads == nil {
			owner.Overloads = map[string][]*Method{}
		}
		owner.Overloads[m.Name] = append(owner.Overloads[m.Name], m)
	}
	if m.Static {
		owner.Static[m.Name] = m
		return
	}
	owner.Methods[m.Name] = m
}

// overload picks the method of a name that takes as many arguments as a call passes.
func overload(m *Method, c *Call) *Method {
	if m.Class == nil || len(m.Class.Overloads[m.Name]) < 2 || c.Node.Kind() != syntax.Call {
		return m
	}
	for _, o := range m.Class.Overloads[m.Name] {
		if o == m && len(o.Params()) == len(c.Args) {
			return m
		}
	}
	for _, o := range m.Class.Overloads[m.Name] {
		if len(o.Params()) == len(c.Args) {
			return o
		}
	}
	return m
}

func goReceiver(n syntax.Ref) string {
	for p := range n.All(syntax.ParamRole) {
		if p.Has(syntax.FlagReceiver) {
			t := p.Child(syntax.TypeRole).Str()
			for len(t) > 0 && t[0] == '*' {
				t = t[1:]
			}
			for i, r := range t {
				if r == '[' {
					return t[:i]
				}
			}
			return t
		}
	}
	return ""
}

// goClass finds or makes the class of a Go receiver type: methods and the type may stand in
// different files of one folder.
func (ix *Index) goClass(f *project.File, name string) *Class {
	return ix.class(dir(f.Path)+" "+name, name, f, f.Tree.Root())
}

// class returns the class of a merge key, made on first sight.
func (ix *Index) class(key, name string, f *project.File, n syntax.Ref) *Class {
	c := ix.merged[key]
	if c == nil {
		c = &Class{Name: name, File: f, Node: n, Methods: map[string]*Method{}, Static: map[string]*Method{}, Fields: map[string]syntax.Ref{}}
		ix.merged[key] = c
		seg := LastSegment(name)
		ix.Classes[seg] = append(ix.Classes[seg], c)
	}
	return c
}

func dir(p string) string {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i] == '/' {
			return p[:i]
		}
	}
	return ""
}

func (ix *Index) addConstant(f *project.File, name string, v syntax.Ref) {
	m := ix.Constants[f]
	if m == nil {
		m = map[string]syntax.Ref{}
		ix.Constants[f] = m
	}
	m[name] = v
}

// AddModel registers a model under its class.
func (ix *Index) AddModel(m *Model) {
	if m.Relations == nil {
		m.Relations = map[string]*Relation{}
	}
	if m.Scopes == nil {
		m.Scopes = map[string]*Method{}
	}
	if m.Delegates == nil {
		m.Delegates = map[string]string{}
	}
	if m.Class != nil {
		m.Class.Model = m
	}
	ix.Models[m.Name] = m
	if seg := LastSegment(m.Name); ix.Models[seg] == nil {
		ix.Models[seg] = m
	}
	if m.Table != "" && ix.ByTable[m.Table] == nil {
		ix.ByTable[m.Table] = m
	}
	if key := ix.ofApplication(m.Name, m.File); key != m.Name {
		ix.Models[key] = m
	}
	if key := ix.ofApplication(m.Table, m.File); m.Table != "" && key != m.Table {
		ix.ByTable[key] = m
	}
}

// ofApplication is the key of a name that an application of several has for itself; it is the name in
// the application at the root of the tree.
func (ix *Index) ofApplication(name string, f *project.File) string {
	if f == nil {
		return name
	}
	if app := ix.Project.Application(f.Path); app != "" {
		return app + "\x00" + name
	}
	return name
}

// TableModel returns the model of a table as seen from a file: the one of the file's application, else
// the first that was added. from may be nil.
func (ix *Index) TableModel(table string, from *project.File) *Model {
	if m := ix.ByTable[ix.ofApplication(table, from)]; m != nil {
		return m
	}
	return ix.ByTable[table]
}
