package rails

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Entries evaluates controller actions with their callbacks and views, search indexing, and
// maintenance tasks.
func (fw *Framework) Entries(in *flow.Interp) {
	sort.Slice(fw.actors, func(i, j int) bool {
		if fw.actors[i].File.Path != fw.actors[j].File.Path {
			return fw.actors[i].File.Path < fw.actors[j].File.Path
		}
		return fw.actors[i].Name < fw.actors[j].Name
	})
	for _, c := range fw.actors {
		switch {
		case c.File.Role == project.Test:
		case strings.HasSuffix(c.Name, "Controller") && !c.Module:
			fw.controller(in, c)
		case strings.HasSuffix(c.Name, "Mailer") && !c.Module:
			fw.mailer(in, c)
		case c.Model != nil:
			fw.search(in, c)
		case c.Methods["perform"] != nil && !c.Module && works(c):
			fw.job(in, c)
		}
		fw.task(in, c)
	}
}

// callback is one before_action of a controller.
type callback struct {
	method       string
	only, except map[string]bool
	file         *project.File
}

func (fw *Framework) callbacks(c *flow.Class, depth int) []callback {
	if c == nil || depth > 6 {
		return nil
	}
	var out []callback
	for _, s := range c.Super {
		out = append(out, fw.callbacks(fw.ix.Class(s, c.File), depth+1)...)
	}
	read := func(f *project.File, body syntax.Ref) {
		for call := range body.Children() {
			if call.Kind() != syntax.Call || call.Receiver().Ok() {
				continue
			}
			switch call.Str() {
			case "before_action", "before_filter", "prepend_before_action", "around_action":
			default:
				continue
			}
			cb := callback{file: f, only: names(call.Keyword("only")), except: names(call.Keyword("except"))}
			for _, a := range call.Args() {
				if a.Kind() == syntax.String {
					x := cb
					x.method = a.Str()
					out = append(out, x)
				}
			}
		}
	}
	for _, mixin := range c.Mixins {
		if mc := fw.ix.Class(mixin, c.File); mc != nil && mc.File.Lang == "ruby" {
			for call := range mc.Node.Child(syntax.Body).Children() {
				if call.Kind() == syntax.Call && call.Str() == "included" {
					read(mc.File, call.Child(syntax.BlockArg).Child(syntax.Body))
				}
			}
		}
	}
	read(c.File, c.Node.Child(syntax.Body))
	return out
}

func names(n syntax.Ref) map[string]bool {
	if !n.Ok() {
		return nil
	}
	out := map[string]bool{}
	for s := range n.Descendants(syntax.String) {
		out[s.Str()] = true
	}
	return out
}

func (fw *Framework) controller(in *flow.Interp, c *flow.Class) {
	cbs := fw.callbacks(c, 0)
	actions := make([]string, 0, len(c.Methods))
	for name, m := range c.Methods {
		if m.File.Role == project.Test || m.Node.Has(syntax.FlagPrivate) {
			continue
		}
		actions = append(actions, name)
	}
	// An action without a method is still an action when it has a view.
	for _, d := range fw.controllerDirs(c)[:1] {
		for _, a := range []string{"index", "show", "new", "edit"} {
			if c.Methods[a] == nil && fw.view(d+"/"+a, c.File) != nil && fw.ix.LookupMethod(c, a, false) != nil {
				actions = append(actions, a)
			}
		}
	}
	sort.Strings(actions)
	dir := fw.controllerDirs(c)[0]
	for _, name := range actions {
		m := c.Methods[name]
		if m == nil {
			m = fw.ix.LookupMethod(c, name, false)
		}
		entry := dir + "#" + name
		in.AddEntry(flow.EntryPoint{Name: entry, Kind: "request", Site: flow.Site{File: m.File, Node: m.Node}})
		in.Entry(entry, m.File, func() {
			in.Frame().Self = flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{}}
			for _, cb := range cbs {
				if (cb.only != nil && !cb.only[name]) || cb.except[name] {
					continue
				}
				if cm := fw.ix.LookupMethod(c, cb.method, false); cm != nil {
					in.InvokeShared(cm)
				}
			}
			in.InvokeShared(m)
			for _, d := range fw.controllerDirs(c) {
				if f := fw.view(d+"/"+name, c.File); f != nil {
					fw.template(in, f, nil)
					break
				}
			}
		})
	}
}

func (fw *Framework) mailer(in *flow.Interp, c *flow.Class) {
	list := make([]string, 0, len(c.Methods))
	for name, m := range c.Methods {
		if !m.Node.Has(syntax.FlagPrivate) {
			list = append(list, name)
		}
	}
	sort.Strings(list)
	for _, name := range list {
		m := c.Methods[name]
		in.AddEntry(flow.EntryPoint{Name: "mail " + c.Name + "#" + name, Kind: "mail", Site: flow.Site{File: m.File, Node: m.Node}})
		in.Entry("mail "+c.Name+"#"+name, m.File, func() {
			in.Frame().Self = flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{}}
			in.InvokeShared(m)
			if f := fw.view(Underscore(c.Name)+"/"+name, c.File); f != nil {
				fw.template(in, f, nil)
			}
		})
	}
}

// works reports a class of a queue: ActiveJob by its base class, Sidekiq and the like by what it includes.
func works(c *flow.Class) bool {
	for _, s := range append(append([]string(nil), c.Super...), c.Mixins...) {
		switch flow.LastSegment(s) {
		case "ApplicationJob", "Base", "BaseJob", "Worker", "Job", "ApplicationWorker", "BaseWorker":
			return true
		}
	}
	return strings.HasSuffix(c.Name, "Job") || strings.HasSuffix(c.Name, "Worker")
}

// job evaluates what a queue runs.
func (fw *Framework) job(in *flow.Interp, c *flow.Class) {
	m := c.Methods["perform"]
	name := "job " + c.Name
	in.AddEntry(flow.EntryPoint{Name: name, Kind: "job", Site: flow.Site{File: m.File, Node: m.Node}})
	in.Entry(name, m.File, func() {
		in.Frame().Self = flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{}}
		in.InvokeShared(m)
	})
}

// search evaluates what a search engine's bulk import reads of each row.
func (fw *Framework) search(in *flow.Interp, c *flow.Class) {
	for _, name := range []string{"search_data", "as_indexed_json"} {
		m := fw.ix.LookupMethod(c, name, false)
		if m == nil {
			continue
		}
		at := fw.searchDeclaration(c, m)
		in.AddEntry(flow.EntryPoint{Name: "search import of " + c.Name, Kind: "task", Site: at})
		in.Entry("search import of "+c.Name, at.File, func() {
			rows := flow.Value{Kind: flow.Many, Model: c.Model, Root: in.NewQuery(c.Model, at.Node)}
			if s := fw.ix.ScopeOf(c.Model, "search_import"); s != nil {
				rows = in.Invoke(s, flow.Value{Kind: flow.ClassRef, Class: c, Model: c.Model}, &flow.Call{Node: at.Node, Name: "search_import"})
			}
			if rows.Root != nil {
				rows.Root.Paged = true
			}
			l := in.StartLoop(rows, at, at.Node)
			in.Invoke(m, in.Element(rows, l), &flow.Call{Node: at.Node, Name: name})
			in.EndLoop(l)
		})
	}
}

// searchDeclaration is the place that makes the model searchable.
func (fw *Framework) searchDeclaration(c *flow.Class, m *flow.Method) flow.Site {
	for _, f := range []*project.File{m.File, c.File} {
		if f.Tree == nil {
			continue
		}
		for call := range f.Tree.Root().Descendants(syntax.Call) {
			if call.Str() == "searchkick" && !call.Receiver().Ok() {
				return flow.Site{File: f, Node: call, Note: "bulk import"}
			}
		}
	}
	return flow.Site{File: m.File, Node: m.Node, Note: "bulk import"}
}

// task links collection and process of a maintenance task: process runs for each row.
func (fw *Framework) task(in *flow.Interp, c *flow.Class) {
	coll, proc := c.Methods["collection"], c.Methods["process"]
	if coll == nil || proc == nil || coll.File.Lang != "ruby" {
		return
	}
	in.AddEntry(flow.EntryPoint{Name: "task " + c.Name, Kind: "task", Site: flow.Site{File: coll.File, Node: coll.Node}})
	in.Entry("task "+c.Name, coll.File, func() {
		self := flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{}}
		in.Frame().Self = self
		rows := in.InvokeShared(coll)
		if rows.Kind != flow.Many {
			return
		}
		if rows.Root != nil {
			rows.Root.Paged = true
		}
		l := in.StartLoop(rows, flow.Site{File: coll.File, Node: coll.Node, Note: "collection"}, coll.Node)
		in.Invoke(proc, self, &flow.Call{Node: coll.Node, Name: "process", Args: []flow.Value{in.Element(rows, l)}})
		in.EndLoop(l)
	})
}
