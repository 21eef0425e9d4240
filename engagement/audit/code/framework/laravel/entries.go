package laravel

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Entries evaluates controller actions, Livewire components, jobs, listeners, commands and mails.
func (fw *Framework) Entries(in *flow.Interp) {
	var classes []*flow.Class
	for _, list := range fw.ix.Classes {
		for _, c := range list {
			if c.File.Lang == "php" && c.File.Role == project.App || c.File.Lang == "php" && c.File.Role == project.Script {
				if !c.Module && !c.Node.Has(syntax.FlagInterface) && c.Model == nil {
					classes = append(classes, c)
				}
			}
		}
	}
	sort.Slice(classes, func(i, j int) bool {
		if classes[i].File.Path != classes[j].File.Path {
			return classes[i].File.Path < classes[j].File.Path
		}
		return classes[i].Node.Start() < classes[j].Node.Start()
	})
	for _, c := range classes {
		switch {
		case strings.HasSuffix(c.Name, "Controller"):
			for _, n := range fw.public(c) {
				fw.run(in, c, n, c.Name+"@"+n, "request", nil)
			}
		case strings.Contains(c.File.Path, "Livewire/") && fw.extends(c, "Component"):
			before := []string{"boot", "mount"}
			for _, n := range fw.public(c) {
				if n != "mount" && n != "boot" && !decorated(c.Methods[n], "Computed") {
					fw.run(in, c, n, c.Name+"@"+n, "request", before)
				}
			}
			if c.Methods["render"] == nil && c.Methods["mount"] != nil {
				fw.run(in, c, "mount", c.Name+"@mount", "request", nil)
			}
		case c.Methods["handle"] != nil && fw.extends(c, "ShouldQueue", "Dispatchable") || strings.Contains(c.File.Path, "/Jobs/"):
			fw.run(in, c, "handle", "job "+c.Name, "job", nil)
		case fw.extends(c, "Command"):
			fw.run(in, c, "handle", "task "+c.Name, "task", nil)
		case fw.extends(c, "Mailable"):
			for _, n := range []string{"build", "content"} {
				fw.run(in, c, n, "mail "+c.Name, "mail", nil)
			}
		}
	}
	fw.kernel(in)
}

// public lists the methods of a class that a request may reach.
func (fw *Framework) public(c *flow.Class) []string {
	var out []string
	for n, m := range c.Methods {
		if m.Node.Has(syntax.FlagPrivate) || n == "__construct" || strings.HasPrefix(n, "__") && n != "__invoke" {
			continue
		}
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// run evaluates a method as an entry point, after others of the same object. Rows that the router
// binds to parameters are queries for one row.
func (fw *Framework) run(in *flow.Interp, c *flow.Class, word, name, kind string, before []string) {
	m := c.Methods[word]
	if m == nil {
		return
	}
	e := flow.EntryPoint{Name: name, Kind: kind, Site: flow.Site{File: m.File, Node: m.Node}}
	if kind == "job" || kind == "task" {
		if e.Period = fw.period(c); e.Period > 0 {
			e.Class = flow.EntryTask // a command that the schedule starts
		} else if flow.Classify(&e); kind == "task" && e.Class == flow.EntryTask {
			e.Class = flow.EntryCommand
		}
	}
	in.AddEntry(e)
	in.Entry(name, m.File, func() {
		in.Frame().Self = flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{}}
		if k := fw.ix.LookupMethod(c, "__construct", false); k != nil {
			in.InvokeOwn(k, fw.bound(in, k))
		}
		for _, b := range before {
			if x := fw.ix.LookupMethod(c, b, false); x != nil {
				in.InvokeOwn(x, fw.bound(in, x))
			}
		}
		out := in.InvokeOwn(m, fw.bound(in, m))
		if kind == "request" {
			fw.serializeAll(in, out, m.Node)
		}
	})
}

// bound is the call that the container makes of a method.
func (fw *Framework) bound(in *flow.Interp, m *flow.Method) *flow.Call {
	c := &flow.Call{Node: m.Node, Name: m.Name}
	for _, p := range m.Params() {
		v, _ := fw.TypeValue(in, p.Child(syntax.TypeRole).Str(), m.File)
		if v.Kind == flow.Record && v.Model != nil {
			v.Root = in.NewQuery(v.Model, p)
			v.Root.Single, v.Root.Terminal = true, "find"
			v.Root.Sites = []flow.Site{{File: m.File, Node: p, Note: "bound to the route"}}
			v.Root.Filters = []flow.Filter{{Column: "id", Op: "=", Site: v.Root.Site()}}
		}
		c.Args = append(c.Args, v)
		c.ArgRefs = append(c.ArgRefs, p)
	}
	return c
}

// kernel evaluates closures of route files: Route::get('/x', function () { ... }).
func (fw *Framework) kernel(in *flow.Interp) {
	for _, f := range fw.ix.Project.Files {
		if f.Lang != "php" || f.Tree == nil || f.Role != project.App || !strings.Contains("/"+f.Path, "/routes/") {
			continue
		}
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			verb := c.Str()
			if flow.LastSegment(c.Receiver().Str()) != "Route" || c.Arg(0).Kind() != syntax.String {
				continue
			}
			switch verb {
			case "get", "post", "put", "patch", "delete", "any":
			default:
				continue
			}
			l := c.Arg(1)
			if l.Kind() != syntax.Lambda {
				continue
			}
			m := &flow.Method{Name: "closure", File: f, Node: l}
			name := strings.ToUpper(verb) + " /" + strings.TrimPrefix(c.Arg(0).Str(), "/")
			in.AddEntry(flow.EntryPoint{Name: name, Kind: "request", Site: flow.Site{File: f, Node: l}})
			in.Entry(name, f, func() { in.InvokeOwn(m, fw.bound(in, m)) })
		}
	}
}
