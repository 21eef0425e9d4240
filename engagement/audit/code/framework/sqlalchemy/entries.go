package sqlalchemy

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// inSight tells how a file names a model: by the class, when it defines or imports it, or through a
// module that it imports.
func (fw *Framework) inSight(f *project.File, m *flow.Model) (string, bool) {
	if m == nil || m.Class == nil {
		return "", false
	}
	if m.File == f {
		return m.Name, true
	}
	if module, _ := fw.ix.Imported(f, m.Name); module != "" {
		return m.Name, true
	}
	if _, name := fw.ix.Imported(f, "models"); name != "" {
		return "models." + m.Name, true
	}
	return "", false
}

// imports reports whether a file imports a function by its plain name.
func (fw *Framework) imports(f *project.File, name string) bool {
	module, _ := fw.ix.Imported(f, name)
	return module != ""
}

var verbs = map[string]bool{"get": true, "post": true, "put": true, "patch": true, "delete": true, "head": true}

// Entries evaluates request handlers, tasks and commands.
func (fw *Framework) Entries(in *flow.Interp) {
	if len(fw.info) == 0 {
		return
	}
	for _, f := range fw.ix.Project.Files {
		if f.Tree == nil || f.Lang != "python" || f.Role == project.Test {
			continue
		}
		for _, c := range fw.byFile[f] {
			if fw.resource(c, 0) {
				fw.handlers(in, c)
			}
		}
		for n := range f.Tree.Root().Children() {
			if n.Kind() == syntax.Func {
				fw.function(in, f, n)
			}
		}
	}
}

// resource reports whether a class answers requests by methods named after verbs.
func (fw *Framework) resource(c *flow.Class, depth int) bool {
	if c == nil || depth > 6 {
		return false
	}
	for _, s := range c.Super {
		switch last := flow.LastSegment(s); {
		case last == "Resource" || last == "MethodView" || last == "RequestHandler" || last == "HTTPEndpoint":
			return true
		}
		if b := fw.ix.Class(s, c.File); b != nil && b != c && fw.resource(b, depth+1) {
			return true
		}
	}
	return false
}

func (fw *Framework) handlers(in *flow.Interp, c *flow.Class) {
	var names []string
	for n := range c.Methods {
		if verbs[n] {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	for _, n := range names {
		m := c.Methods[n]
		in.AddEntry(flow.EntryPoint{Name: c.Name + "." + n, Kind: "request", Site: flow.Site{File: m.File, Node: m.Node}})
		in.Entry(c.Name+"."+n, m.File, func() {
			self := flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{}}
			in.Frame().Self = self
			in.Invoke(m, self, &flow.Call{Node: m.Node, Name: n})
		})
	}
}

// function evaluates a decorated function: a route, a task, a command.
func (fw *Framework) function(in *flow.Interp, f *project.File, n syntax.Ref) {
	kind, name := "", ""
	var response syntax.Ref
	for d := range n.All(syntax.Decorator) {
		if d.Kind() == syntax.Call && d.Receiver().Ok() && (d.Str() == "route" || verbs[d.Str()] && d.Arg(0).Kind() == syntax.String) {
			kind, name = "request", n.Str()
			if p := d.Arg(0); p.Kind() == syntax.String {
				name = strings.ToUpper(strings.Replace(d.Str(), "route", "", 1)) + " " + p.Str()
				name = strings.TrimSpace(name)
			}
			response = d.Keyword("response_model")
		}
		switch d.Str() {
		case "task", "shared_task", "job", "actor", "periodic_task", "scheduled_job":
			kind, name = "job", "task "+n.Str()
		case "command":
			kind, name = "task", "command "+n.Str()
		}
	}
	if kind == "" {
		return
	}
	m := &flow.Method{Name: n.Str(), File: f, Node: n}
	in.AddEntry(flow.EntryPoint{Name: name, Kind: kind, Site: flow.Site{File: f, Node: n}})
	in.Entry(name, f, func() {
		v := in.Invoke(m, flow.Value{}, &flow.Call{Node: n, Name: n.Str()})
		typ := ""
		if response.Ok() {
			typ = innerType(f.NodeText(response))
		} else if t := n.Child(syntax.TypeRole); t.Ok() {
			typ = innerType(t.Str())
		}
		if c := fw.ix.Class(typ, f); typ != "" && c != nil && fw.kindOf(c, 0) == dataClass {
			fw.respond(in, c, v, n)
		}
	})
}

// respond evaluates what turning rows into a response model reads: each field whose type is another
// model of data is a relationship of the row.
func (fw *Framework) respond(in *flow.Interp, c *flow.Class, v flow.Value, at syntax.Ref) {
	switch v.Kind {
	case flow.Many, flow.Container:
		l := in.StartLoop(v, in.Site(at, "serializes each row"), at)
		fw.data(in, c, in.Element(v, l), at)
		in.EndLoop(l)
	case flow.Record:
		fw.data(in, c, v, at)
	}
}

const maxNesting = 5

func (fw *Framework) data(in *flow.Interp, c *flow.Class, rec flow.Value, at syntax.Ref) {
	if rec.Kind != flow.Record || rec.Model == nil || fw.depth >= maxNesting {
		return
	}
	fw.depth++
	defer func() { fw.depth-- }()
	for cl, depth := c, 0; cl != nil && depth < 6; depth++ {
		in.InFile(cl.File, flow.Value{}, func() {
			for n := range cl.Node.Child(syntax.Body).Children() {
				if n.Kind() != syntax.Field {
					continue
				}
				rel := fw.ix.Relation(rec.Model, n.Str())
				if rel == nil {
					if m := fw.ix.LookupMethod(rec.Model.Class, n.Str(), false); m != nil {
						in.Invoke(m, rec, &flow.Call{Node: n, Name: n.Str()})
					}
					continue
				}
				x := in.Relate(rec, rel, n)
				in.Use(x, n)
				if next := fw.ix.Class(innerType(n.Child(syntax.TypeRole).Str()), cl.File); next != nil && fw.kindOf(next, 0) == dataClass {
					fw.respond(in, next, x, n)
				}
			}
		})
		if len(cl.Super) == 0 {
			return
		}
		next := fw.ix.Class(cl.Super[0], cl.File)
		if next == cl {
			return
		}
		cl = next
	}
}

// dump evaluates marshmallow's dump: nested fields and attributes of each row.
func (fw *Framework) dump(in *flow.Interp, c *flow.Class, v flow.Value, at syntax.Ref) {
	switch v.Kind {
	case flow.Many, flow.Container:
		l := in.StartLoop(v, in.Site(at, "serializes each row"), at)
		fw.fields(in, c, in.Element(v, l), at)
		in.EndLoop(l)
	case flow.Record:
		fw.fields(in, c, v, at)
	}
}

func (fw *Framework) fields(in *flow.Interp, c *flow.Class, rec flow.Value, at syntax.Ref) {
	if c == nil || rec.Kind != flow.Record || rec.Model == nil || fw.depth >= maxNesting {
		return
	}
	fw.depth++
	defer func() { fw.depth-- }()
	in.InFile(c.File, flow.Value{Kind: flow.Object, Class: c}, func() {
		for n := range c.Node.Child(syntax.Body).Children() {
			call := n.Child(syntax.Value)
			if n.Kind() != syntax.Field || call.Kind() != syntax.Call || call.Keyword("load_only").Str() == "true" {
				continue
			}
			attr := n.Str()
			if k := call.Keyword("attribute"); k.Kind() == syntax.String {
				attr = k.Str()
			}
			switch call.Str() {
			case "Method", "Function":
				if m := c.Methods[call.Arg(0).Str()]; m != nil {
					in.Invoke(m, flow.Value{Kind: flow.Object, Class: c}, &flow.Call{Node: call, Name: m.Name, Args: []flow.Value{rec}, ArgRefs: []syntax.Ref{call}})
				}
				continue
			}
			x := rec
			for _, seg := range strings.Split(attr, ".") {
				if x.Kind == flow.Record {
					x = in.Dispatch(&flow.Call{Node: call, Name: seg, Recv: x, HasRecv: true})
				}
			}
			inner := call
			if call.Str() == "List" && call.Arg(0).Kind() == syntax.Call {
				inner = call.Arg(0)
			}
			if inner.Str() != "Nested" && !strings.HasSuffix(inner.Str(), "Related") {
				continue
			}
			target := inner.Arg(0)
			name := target.Str()
			if target.Kind() == syntax.Lambda {
				name = target.Child(syntax.Body).Str()
			}
			if next := fw.ix.Class(name, c.File); next != nil {
				fw.dump(in, next, x, call)
			} else {
				in.Use(x, call)
			}
		}
	})
	for _, s := range c.Super {
		if b := fw.ix.Class(s, c.File); b != nil && b != c && fw.kindOf(b, 0) == schemaClass {
			fw.fields(in, b, rec, at)
		}
	}
}
