package django

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// handlers are the methods of a view that answer requests.
var handlers = map[string]bool{
	"get": true, "post": true, "put": true, "patch": true, "delete": true, "list": true, "retrieve": true, "create": true, "update": true, "partial_update": true, "destroy": true,
}

// lists and details are the library's views that read without code of their own.
var (
	lists   = map[string]string{"ListModelMixin": "list", "ModelViewSet": "list", "ReadOnlyModelViewSet": "list", "ListAPIView": "list", "ListCreateAPIView": "list"}
	details = map[string]bool{"RetrieveModelMixin": true, "ModelViewSet": true, "ReadOnlyModelViewSet": true, "RetrieveAPIView": true, "RetrieveUpdateAPIView": true, "RetrieveUpdateDestroyAPIView": true, "RetrieveDestroyAPIView": true}
	pages   = map[string]bool{"ListView": true, "ArchiveIndexView": true, "SingleTableView": true, "FilterView": true, "MultipleObjectMixin": true}
	single  = map[string]bool{"DetailView": true, "UpdateView": true, "DeleteView": true, "SingleObjectMixin": true}
)

// Entries evaluates views, tasks, commands, the admin and resolvers.
func (fw *Framework) Entries(in *flow.Interp) {
	if len(fw.info) == 0 {
		return
	}
	for _, f := range fw.ix.Project.Files {
		if f.Tree == nil || f.Lang != "python" || f.Role == project.Test {
			continue
		}
		for _, c := range fw.byFile[f] {
			switch fw.kindOf(c, 0) {
			case viewClass:
				fw.view(in, c)
			case adminClass:
				fw.admin(in, c)
			case commandClass:
				fw.command(in, c)
			case grapheneClass:
				fw.resolvers(in, c)
			}
			fw.mutation(in, c)
		}
		fw.functions(in, f)
	}
}

// inherits reports whether a class has one of the named library classes among its bases, at any depth.
func (fw *Framework) inherits(c *flow.Class, names func(string) bool, depth int) bool {
	if c == nil || depth > 8 {
		return false
	}
	for _, s := range c.Super {
		if names(flow.LastSegment(s)) {
			return true
		}
		if b := fw.ix.Class(s, c.File); b != nil && b != c && fw.inherits(b, names, depth+1) {
			return true
		}
	}
	return false
}

func self(c *flow.Class, action string) flow.Value {
	return flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{"@action": flow.Text(action)}}
}

func (fw *Framework) entry(in *flow.Interp, name, kind string, f *project.File, at syntax.Ref, run func()) {
	e := flow.EntryPoint{Name: name, Kind: kind, Site: flow.Site{File: f, Node: at}}
	if kind == "job" {
		if e.Period = fw.decoratedPeriod(at, f); e.Period == 0 {
			e.Period = fw.periods()[at.Str()]
		}
	}
	in.AddEntry(e)
	in.Entry(name, f, run)
}

// view evaluates the handlers of a view class, written and inherited from the library.
func (fw *Framework) view(in *flow.Interp, c *flow.Class) {
	var names []string
	for name, m := range c.Methods {
		if handlers[name] || decorated(m.Node, "action", "list_route", "detail_route") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		m := c.Methods[name]
		fw.entry(in, c.Name+"."+name, "request", m.File, m.Node, func() {
			s := self(c, name)
			in.Frame().Self = s
			in.Invoke(m, s, &flow.Call{Node: m.Node, Name: name})
		})
	}
	has := func(name string) bool { return fw.ix.LookupMethod(c, name, false) != nil }
	at := c.Node
	if f, owner := fw.ix.LookupField(c, "queryset"); owner == c {
		at = f.Child(syntax.Value)
	}
	configured := func() bool {
		_, a := fw.ix.LookupField(c, "serializer_class")
		return a != nil || has("get_serializer_class")
	}
	rows := func() bool {
		_, a := fw.ix.LookupField(c, "queryset")
		_, b := fw.ix.LookupField(c, "model")
		return a != nil || b != nil || has("get_queryset")
	}
	if !rows() {
		return
	}
	if configured() {
		if !has("list") && fw.inherits(c, func(s string) bool { return lists[s] != "" }, 0) {
			fw.entry(in, c.Name+".list", "request", c.File, c.Node, func() {
				s := self(c, "list")
				in.Frame().Self = s
				fw.respond(in, s, "list", at)
			})
		}
		if !has("retrieve") && fw.inherits(c, func(s string) bool { return details[s] }, 0) {
			fw.entry(in, c.Name+".retrieve", "request", c.File, c.Node, func() {
				s := self(c, "retrieve")
				in.Frame().Self = s
				fw.respond(in, s, "retrieve", at)
			})
		}
	}
	switch {
	case fw.inherits(c, func(s string) bool { return pages[s] }, 0):
		fw.templated(in, c, at, true)
	case fw.inherits(c, func(s string) bool { return single[s] }, 0):
		fw.templated(in, c, at, false)
	}
}

// templated evaluates a class-based view with a template: its rows or row, its context and its template.
func (fw *Framework) templated(in *flow.Interp, c *flow.Class, at syntax.Ref, many bool) {
	fw.entry(in, c.Name, "request", c.File, c.Node, func() {
		s := self(c, "")
		in.Frame().Self = s
		rows := fw.viewQueryset(in, s, at)
		if rows.Kind != flow.Many || !fw.mine(rows) {
			return
		}
		locals := map[string]flow.Value{}
		name := ""
		if rows.Root != nil && rows.Root.Model != nil {
			name = strings.ToLower(flow.LastSegment(rows.Root.Model.Name))
		}
		if many {
			if _, owner := fw.ix.LookupField(c, "paginate_by"); owner != nil {
				rows = fw.page(in, rows, at)
			}
			s.Fields["@object_list"] = rows
			locals["object_list"], locals["page_obj"], locals[name+"_list"] = rows, rows, rows
		} else if rows.Path == "" && rows.Root != nil {
			q, r := in.Refine(rows, at)
			r.Single = true
			row := in.Element(q, nil)
			s.Fields["@object"] = row
			locals["object"], locals[name] = row, row
			rows = row
		}
		if f, owner := fw.ix.LookupField(c, "context_object_name"); owner != nil {
			locals[f.Child(syntax.Value).Str()] = rows
		}
		ctx := in.Dispatch(&flow.Call{Node: at, Name: "get_context_data", Recv: s, HasRecv: true})
		for k, v := range ctx.Fields {
			locals[k] = v
		}
		locals["view"] = s
		tmpl := ""
		if f, owner := fw.ix.LookupField(c, "template_name"); owner != nil {
			tmpl = f.Child(syntax.Value).Str()
		} else if i := fw.infoOf(rows.Model); i != nil {
			suffix := "_detail"
			if many {
				suffix = "_list"
			}
			tmpl = i.app + "/" + name + suffix + ".html"
		}
		fw.template(in, tmpl, locals, false)
	})
}

// decorated reports whether a function bears one of the decorators, called or not.
func decorated(fn syntax.Ref, names ...string) bool {
	for d := range fn.All(syntax.Decorator) {
		for _, n := range names {
			if d.Str() == n {
				return true
			}
		}
	}
	return false
}

// functions evaluates view functions and tasks of a file.
func (fw *Framework) functions(in *flow.Interp, f *project.File) {
	for n := range f.Tree.Root().Children() {
		if n.Kind() != syntax.Func {
			continue
		}
		m := &flow.Method{Name: n.Str(), File: f, Node: n}
		first := n.Child(syntax.ParamRole).Str()
		switch {
		case scheduled(n) && n.Str() != "":
			fw.entry(in, "task "+n.Str(), "job", f, n, func() { in.Invoke(m, flow.Value{}, &flow.Call{Node: n, Name: n.Str()}) })
		case decorated(n, "shared_task", "task", "periodic_task", "job", "actor", "db_task", "db_periodic_task"):
			fw.entry(in, "task "+n.Str(), "job", f, n, func() { in.Invoke(m, flow.Value{}, &flow.Call{Node: n, Name: n.Str()}) })
		case decorated(n, "receiver"):
			fw.entry(in, "signal "+n.Str(), "job", f, n, func() { in.Invoke(m, flow.Value{}, &flow.Call{Node: n, Name: n.Str()}) })
		case decorated(n, "api_view", "require_GET", "require_POST", "require_http_methods", "login_required") && first == "request",
			first == "request" && (strings.Contains(f.Path, "views") || strings.Contains(f.Path, "api")):
			fw.entry(in, n.Str(), "request", f, n, func() { in.Invoke(m, flow.Value{}, &flow.Call{Node: n, Name: n.Str()}) })
		}
	}
}

// scheduled reports a function whose decorator states an interval.
func scheduled(fn syntax.Ref) bool {
	for d := range fn.All(syntax.Decorator) {
		if d.Kind() == syntax.Call && (strings.HasSuffix(d.Str(), "job") || strings.HasSuffix(d.Str(), "task")) && (d.Keyword("interval").Ok() || d.Keyword("run_every").Ok()) {
			return true
		}
	}
	return false
}

// mutators are the methods by which GraphQL libraries run a mutation.
var mutators = []string{"perform_mutation", "mutate_and_get_payload", "mutate"}

// mutation evaluates a mutation of a GraphQL schema: a class that runs one itself.
func (fw *Framework) mutation(in *flow.Interp, c *flow.Class) {
	for _, name := range mutators {
		m, self := c.Static[name], flow.Value{Kind: flow.ClassRef, Class: c}
		if m == nil {
			m, self = c.Methods[name], flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{}}
		}
		if m == nil {
			continue
		}
		fw.entry(in, "mutation "+c.Name, "request", m.File, m.Node, func() {
			in.Frame().Self = self
			in.Invoke(m, self, &flow.Call{Node: m.Node, Name: name})
		})
		return
	}
}

// command evaluates a management command.
func (fw *Framework) command(in *flow.Interp, c *flow.Class) {
	for _, name := range []string{"handle", "handle_noargs"} {
		if m := c.Methods[name]; m != nil {
			fw.entry(in, "command "+strings.TrimSuffix(c.File.Path[strings.LastIndexByte(c.File.Path, '/')+1:], ".py"), "task", m.File, m.Node, func() {
				s := self(c, "")
				in.Frame().Self = s
				in.Invoke(m, s, &flow.Call{Node: m.Node, Name: name})
			})
		}
	}
}

// admin evaluates the change list of a model admin: the columns of each row of a page. Django joins
// the keys among list_display by itself when no list_select_related is set; keys that may be null are
// not among those it follows.
func (fw *Framework) admin(in *flow.Interp, c *flow.Class) {
	m := fw.adminModel(c)
	display, owner := fw.ix.LookupField(c, "list_display")
	if m == nil || owner != c {
		return
	}
	at := display
	fw.entry(in, "admin "+c.Name, "request", c.File, c.Node, func() {
		s := self(c, "changelist")
		in.Frame().Self = s
		rows := flow.Value{Kind: flow.Many, Model: m}
		if gq := c.Methods["get_queryset"]; gq != nil {
			if v := fw.viewQueryset(in, s, at); v.Kind == flow.Many {
				rows = v
			}
		}
		q, r := in.Refine(rows, at)
		r.Paged, r.Limit = true, 100
		if f, o := fw.ix.LookupField(c, "list_per_page"); o != nil && f.Child(syntax.Value).Kind() == syntax.Number {
			r.Limit = atoi(f.Child(syntax.Value).Str())
		}
		names := fw.names(display.Child(syntax.Value), c, 0)
		if f, o := fw.ix.LookupField(c, "list_select_related"); o != nil {
			v := f.Child(syntax.Value)
			if v.Str() == "true" {
				fw.followAll(r, m, "", 0)
			}
			for _, n := range fw.names(v, o, 0) {
				fw.addPath(r, n.Str())
			}
		} else {
			for _, n := range names {
				if rel := m.Relations[n.Str()]; rel != nil && rel.Kind == flow.BelongsTo {
					fw.followAll(r, m, "", 0)
					break
				}
			}
		}
		l := in.StartLoop(q, in.Site(at, "one row of the list"), at)
		row := in.Element(q, l)
		for _, n := range names {
			if own := fw.ix.LookupMethod(c, n.Str(), false); own != nil {
				in.Invoke(own, s, &flow.Call{Node: n, Name: n.Str(), Args: []flow.Value{row}, ArgRefs: []syntax.Ref{n}})
				continue
			}
			if n.Str() == "__str__" {
				fw.str(in, row, n)
				continue
			}
			v := fw.attribute(in, row, n.Str(), n)
			if rel := m.Relations[n.Str()]; rel != nil && v.Kind == flow.Record {
				fw.str(in, v, n)
			}
		}
		in.EndLoop(l)
	})
}

func atoi(s string) int {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' || n > 1e6 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// adminModel finds the model that an admin class is registered for.
func (fw *Framework) adminModel(c *flow.Class) *flow.Model {
	for d := range c.Node.All(syntax.Decorator) {
		if d.Str() == "register" {
			return fw.ix.Model(d.Arg(0).Dotted(), c.File)
		}
	}
	for call := range c.File.Tree.Root().Descendants(syntax.Call) {
		if call.Str() == "register" && call.Arg(1).Str() == c.Name {
			return fw.ix.Model(call.Arg(0).Dotted(), c.File)
		}
	}
	return nil
}

// resolvers evaluates the root fields of a Graphene schema that return rows, and for each row the
// resolvers of its type. What a loader answers is unknown here and stays silent.
func (fw *Framework) resolvers(in *flow.Interp, c *flow.Class) {
	for _, f := range ownFields(c) {
		m := c.Methods["resolve_"+f.name]
		if m == nil {
			m = c.Static["resolve_"+f.name]
		}
		if m == nil {
			continue
		}
		target := fw.listed(f.call, c.File)
		if target == nil {
			continue
		}
		fw.entry(in, "query "+f.name, "request", m.File, m.Node, func() {
			rows := in.Invoke(m, flow.Value{}, &flow.Call{Node: m.Node, Name: m.Name})
			if rows.Kind != flow.Many || !fw.mine(rows) || rows.Root == nil || rows.Path != "" {
				return
			}
			l := in.StartLoop(rows, in.Site(m.Node, "resolves each row"), m.Node)
			row := in.Element(rows, l)
			names := make([]string, 0, len(target.Methods))
			for n := range target.Methods {
				names = append(names, n)
			}
			sort.Strings(names)
			for _, n := range names {
				if strings.HasPrefix(n, "resolve_") {
					in.Invoke(target.Methods[n], row, &flow.Call{Node: target.Methods[n].Node, Name: n, Args: []flow.Value{row}})
				}
			}
			in.EndLoop(l)
		})
	}
}

// listed returns the type of a field that is a list of objects.
func (fw *Framework) listed(call syntax.Ref, from *project.File) *flow.Class {
	switch call.Str() {
	case "List", "DjangoListField", "DjangoConnectionField", "DjangoFilterConnectionField", "NonNull", "ConnectionField":
	default:
		return nil
	}
	a := call.Arg(0)
	if a.Kind() == syntax.Call {
		if a.Str() == "NonNull" {
			a = a.Arg(0)
		} else {
			return fw.listed(a, from)
		}
	}
	if a.Kind() == syntax.Lambda {
		a = a.Child(syntax.Body)
	}
	c := fw.ix.Class(a.Dotted(), from)
	if c == nil || fw.kindOf(c, 0) != grapheneClass {
		return nil
	}
	return c
}
